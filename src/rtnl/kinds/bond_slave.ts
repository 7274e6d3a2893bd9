/** A port of a bond. IFLA_BOND_SLAVE_* of linux/if_link.h. */
import { lladdr, nest, s32, u8, u16, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const CHURN = { MONITOR: 0, CHURN: 1, NO_CHURN: 2 };

const table = () => ({
  state: attr(1, words(u8, { ACTIVE: 0, BACKUP: 1 })),
  miiStatus: attr(2, words(u8, { UP: 0, GOING_DOWN: 1, DOWN: 2, GOING_BACK: 3 })),
  linkFailureCount: attr(3, u32),
  /** Address before it was a port. */
  permHwaddr: attr(4, lladdr),
  queueId: attr(5, u16),
  adAggregatorId: attr(6, u16),
  /** LACP_STATE_* bits. */
  adActorOperPortState: attr(7, u8),
  /** LACP_STATE_* bits. */
  adPartnerOperPortState: attr(8, u16),
  /** Higher is preferred as the active port (Linux 6.0). */
  prio: attr(9, s32),
  /** Linux 6.18. */
  actorPortPrio: attr(10, u16),
  /** Newer than Linux 6.18. */
  adChurnActorState: attr(11, words(u8, CHURN)),
  /** Newer than Linux 6.18. */
  adChurnPartnerState: attr(12, words(u8, CHURN)),
});
export interface BondSlaveData extends Out<typeof table> {}
export interface BondSlaveDataIn extends In<typeof table> {}
export const bondSlave = nest<BondSlaveData, BondSlaveDataIn>('IFLA_BOND_SLAVE', table);
