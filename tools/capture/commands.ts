import type { Scene } from './scene.js';
import { addrScenes } from './scenes/addrs.js';
import { errorScenes } from './scenes/errors.js';
import { bridgeScenes } from './scenes/links-bridge.js';
import { kindScenes } from './scenes/links-kinds.js';
import { topLevelScenes } from './scenes/links-top.js';
import { vxlanScenes } from './scenes/links-vxlan.js';
import { mdbScenes } from './scenes/mdb.js';
import { nexthopScenes } from './scenes/nexthops.js';
import { routeScenes } from './scenes/routes.js';
import { lookupScenes } from './scenes/routes-get.js';
import { vlanScenes } from './scenes/vlans.js';

/** Every command that is captured. To add one, add one line to a scene. */
export const scenes: Scene[] = [
  ...topLevelScenes,
  ...kindScenes,
  ...bridgeScenes,
  ...vxlanScenes,
  ...addrScenes,
  ...routeScenes,
  ...lookupScenes,
  ...nexthopScenes,
  ...mdbScenes,
  ...vlanScenes,
  ...errorScenes,
];
