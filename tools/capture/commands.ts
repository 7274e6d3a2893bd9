import type { Scene } from './scene.js';
import { addrScenes } from './scenes/addrs.js';
import { encapScenes } from './scenes/encaps.js';
import { errorScenes } from './scenes/errors.js';
import { genlScenes } from './scenes/genl.js';
import { basicKindScenes } from './scenes/kinds-basic.js';
import { tunnelKindScenes } from './scenes/kinds-tunnels.js';
import { bridgeScenes } from './scenes/links-bridge.js';
import { kindScenes } from './scenes/links-kinds.js';
import { topLevelScenes } from './scenes/links-top.js';
import { vxlanScenes } from './scenes/links-vxlan.js';
import { mdbScenes } from './scenes/mdb.js';
import { neighbourScenes } from './scenes/neighbours.js';
import { nexthopScenes } from './scenes/nexthops.js';
import { nsidScenes } from './scenes/nsids.js';
import { otherScenes } from './scenes/others.js';
import { routeScenes } from './scenes/routes.js';
import { lookupScenes } from './scenes/routes-get.js';
import { ruleScenes } from './scenes/rules.js';
import { vlanScenes } from './scenes/vlans.js';

/** Every command that is captured. To add one, add one line to a scene. */
export const scenes: Scene[] = [
  ...topLevelScenes,
  ...kindScenes,
  ...bridgeScenes,
  ...vxlanScenes,
  ...basicKindScenes,
  ...tunnelKindScenes,
  ...addrScenes,
  ...routeScenes,
  ...lookupScenes,
  ...ruleScenes,
  ...neighbourScenes,
  ...otherScenes,
  ...nsidScenes,
  ...encapScenes,
  ...nexthopScenes,
  ...mdbScenes,
  ...vlanScenes,
  ...errorScenes,
  ...genlScenes,
];
