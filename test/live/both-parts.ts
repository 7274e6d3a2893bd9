/** All that runs on both kernels. */
import type { Part } from './both.js';
import { links } from './both-links.js';
import { nexthops } from './both-nexthops.js';
import { refusals } from './both-refusals.js';
import { routes } from './both-routes.js';

export const parts: readonly Part[] = [...links, ...routes, ...nexthops, ...refusals];
