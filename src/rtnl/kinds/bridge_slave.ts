/** A port of a bridge. IFLA_BRPORT_* of linux/if_link.h. Times are in ticks of 1/100 s (USER_HZ). */
import { bool8, flag, ifindex, nest, skip, structOf, u8, u16, u32, u64, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { bridgeId } from './bridge.js';

const table = () => ({
  state: attr(1, words(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 })),
  priority: attr(2, u16),
  cost: attr(3, u32),
  /** Hairpin: a frame may leave by the port it came in. */
  mode: attr(4, bool8),
  /** BPDU guard. */
  guard: attr(5, bool8),
  /** Root block: the port may not become the root port. */
  protect: attr(6, bool8),
  fastLeave: attr(7, bool8),
  learning: attr(8, bool8),
  unicastFlood: attr(9, bool8),
  proxyarp: attr(10, bool8),
  learningSync: attr(11, bool8),
  proxyarpWifi: attr(12, bool8),
  rootId: attr(13, structOf(bridgeId)),
  bridgeId: attr(14, structOf(bridgeId)),
  designatedPort: attr(15, u16),
  designatedCost: attr(16, u16),
  /** Priority and number in one. */
  id: attr(17, u16),
  no: attr(18, u16),
  topologyChangeAck: attr(19, bool8),
  configPending: attr(20, bool8),
  messageAgeTimer: attr(21, u64),
  forwardDelayTimer: attr(22, u64),
  holdTimer: attr(23, u64),
  /** Forget all entries learned on the port now; input only. */
  flush: attr(24, flag),
  /** 0 never, 1 when queried, 2 always, 3 as if just queried. */
  multicastRouter: attr(25, u8),
  pad: attr(26, skip),
  mcastFlood: attr(27, bool8),
  mcastToUcast: attr(28, bool8),
  vlanTunnel: attr(29, bool8),
  bcastFlood: attr(30, bool8),
  groupFwdMask: attr(31, u16),
  neighSuppress: attr(32, bool8),
  isolated: attr(33, bool8),
  /** Index of the port that takes over; 0: none. */
  backupPort: attr(34, ifindex),
  mrpRingOpen: attr(35, bool8),
  mrpInOpen: attr(36, bool8),
  mcastEhtHostsLimit: attr(37, u32),
  mcastEhtHostsCnt: attr(38, u32),
  locked: attr(39, bool8),
  /** MAC authentication bypass (Linux 6.2). */
  mab: attr(40, bool8),
  /** Linux 6.3. */
  mcastNGroups: attr(41, u32),
  /** 0: no limit (Linux 6.3). */
  mcastMaxGroups: attr(42, u32),
  /** Linux 6.4. */
  neighVlanSuppress: attr(43, bool8),
  /** Id of the next hop for redirected frames; 0: none (Linux 6.6). */
  backupNhid: attr(44, u32),
  /** Gratuitous ARP and neighbour advertisements pass neighbour suppression (newer than Linux 6.18). */
  neighForwardGrat: attr(45, bool8),
});
export interface BridgeSlaveData extends Out<typeof table> {}
export interface BridgeSlaveDataIn extends In<typeof table> {}
export const bridgeSlave = nest<BridgeSlaveData, BridgeSlaveDataIn>('IFLA_BRPORT', table);
