/** Deletions and flushes of next hops and of bridges' tables that say less than is meant: none may reach the kernel. */
import { dangerousGroups, dangerousPorts, dangerousVlans } from './bad-bridges.js';
import { dangerousNexthops } from './bad-nexthops.js';
import type { Case } from './calls.js';

export const dangerousBridge: Readonly<Record<string, Case[]>> = {
  'next hops': dangerousNexthops,
  'ports of bridges': dangerousPorts,
  'VLANs of bridges': dangerousVlans,
  'multicast groups': dangerousGroups,
};
