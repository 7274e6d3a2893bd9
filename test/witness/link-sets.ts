/** Links of each kind with every option that differs from the default, once as we say it and once as `ip` says it. */
import type { LinkSet } from './link-set.js';
import { bridgeSet, bridgeVlanSet, slaveSet, vethSet } from './link-sets-bridge.js';
import {
  bondSet,
  gtpSet,
  hsrSet,
  ipvlanSet,
  macsecSet,
  macvtapSet,
  netkitSet,
  plainSet,
  vlanSet,
  vrfSet,
} from './link-sets-kinds.js';
import { newSet } from './link-sets-new.js';
import { ifbSet, macvlanSet, tunSet, vxlanSet } from './link-sets-other.js';
import { geneveSet, greSet, ip6greSet, ipsecSet, iptunSet } from './link-sets-tunnels.js';

export const linkSets: readonly LinkSet[] = [
  vethSet,
  bridgeSet,
  bridgeVlanSet,
  slaveSet,
  vxlanSet,
  macvlanSet,
  ifbSet,
  tunSet,
  macvtapSet,
  bondSet,
  vlanSet,
  vrfSet,
  ipvlanSet,
  macsecSet,
  netkitSet,
  hsrSet,
  gtpSet,
  plainSet,
  geneveSet,
  greSet,
  ip6greSet,
  iptunSet,
  ipsecSet,
  newSet,
];
