/** All scenes. */
import type { Scene } from '../scene.js';
import { addresses } from './addresses.js';
import { bridges } from './bridges.js';
import { bridgesUp } from './bridges-up.js';
import { linkErrors } from './link-errors.js';
import { links } from './links.js';
import { namespaces } from './namespaces.js';
import { neighbours } from './neighbours.js';
import { nexthops } from './nexthops.js';
import { quirks } from './quirks.js';
import { routes4 } from './routes4.js';
import { routes6 } from './routes6.js';
import { rules } from './rules.js';

export const scenes: readonly Scene[] = [
  links,
  linkErrors,
  bridges,
  bridgesUp,
  addresses,
  routes4,
  routes6,
  rules,
  neighbours,
  nexthops,
  namespaces,
  quirks,
];
