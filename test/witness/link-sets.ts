/** Links of each kind with every option that differs from the default, once as we say it and once as `ip` says it. */
import type { LinkSet } from './link-set.js';
import { bridgeSet, bridgeVlanSet, slaveSet, vethSet } from './link-sets-bridge.js';
import { newSet } from './link-sets-new.js';
import { ifbSet, macvlanSet, tunSet, vxlanSet } from './link-sets-other.js';

export const linkSets: readonly LinkSet[] = [
  vethSet,
  bridgeSet,
  bridgeVlanSet,
  slaveSet,
  vxlanSet,
  macvlanSet,
  ifbSet,
  tunSet,
  newSet,
];
