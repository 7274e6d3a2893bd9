/** bridge. IFLA_BR_* of linux/if_link.h. Times are in ticks of 1/100 s (USER_HZ) unless it says otherwise. */
import { be16, bool8, flag, ip4, ip6, mac, nest, skip, structOf, u8, u16, u32, u64, words } from '../../codec/leaf.js';
import { struct } from '../../codec/struct.js';
import { attr, type In, type Out, type Type } from '../../codec/type.js';
import { BR_BOOLOPT } from '../constants.js';

/** Identifier of a bridge: `ip` writes it `8000.2:0:0:0:0:1`. */
export const bridgeId = struct((r) => ({ prio: r.be16(0), addr: r.mac(2) }), 8);

/** Switches by bit (BR_BOOLOPT): the values, and which of them are meant. */
const multiBoolopt = struct((r) => ({ optval: r.u32(0), optmask: r.u32(4) }), 8, {
  optval: BR_BOOLOPT,
  optmask: BR_BOOLOPT,
});

type Boolopts = number | keyof typeof BR_BOOLOPT | readonly (keyof typeof BR_BOOLOPT)[];
/** Switches of a bridge. */
export interface BridgeBoolopt extends ReturnType<typeof multiBoolopt.make> {}
/** The same as input takes them: bits or their words. */
export interface BridgeBooloptIn {
  optval: Boolopts;
  optmask: Boolopts;
}

export const querier = () => ({
  ipAddress: attr(1, ip4),
  /** Index of the port. */
  ipPort: attr(2, u32),
  ipOtherTimer: attr(3, u64),
  pad: attr(4, skip),
  ipv6Address: attr(5, ip6),
  /** Index of the port. */
  ipv6Port: attr(6, u32),
  ipv6OtherTimer: attr(7, u64),
});
export interface BridgeQuerier extends Out<typeof querier> {}
export interface BridgeQuerierIn extends In<typeof querier> {}

const table = () => ({
  forwardDelay: attr(1, u32),
  helloTime: attr(2, u32),
  maxAge: attr(3, u32),
  ageingTime: attr(4, u32),
  /** 0 off, 1 in the kernel, 2 in user space. */
  stpState: attr(5, u32),
  priority: attr(6, u16),
  vlanFiltering: attr(7, bool8),
  vlanProtocol: attr(8, words(be16, { '802.1Q': 0x8100, '802.1ad': 0x88a8 })),
  /** Bits: group addresses 01:80:c2:00:00:0x that are forwarded. */
  groupFwdMask: attr(9, u16),
  rootId: attr(10, structOf(bridgeId)),
  bridgeId: attr(11, structOf(bridgeId)),
  /** Number of the port, not an index. */
  rootPort: attr(12, u16),
  rootPathCost: attr(13, u32),
  topologyChange: attr(14, bool8),
  topologyChangeDetected: attr(15, bool8),
  helloTimer: attr(16, u64),
  tcnTimer: attr(17, u64),
  topologyChangeTimer: attr(18, u64),
  gcTimer: attr(19, u64),
  groupAddr: attr(20, mac),
  /** Forget all learned entries now; input only. */
  fdbFlush: attr(21, flag),
  /** 0 never, 1 when queried, 2 always. */
  mcastRouter: attr(22, u8),
  mcastSnooping: attr(23, bool8),
  mcastQueryUseIfaddr: attr(24, bool8),
  mcastQuerier: attr(25, bool8),
  mcastHashElasticity: attr(26, u32),
  mcastHashMax: attr(27, u32),
  mcastLastMemberCnt: attr(28, u32),
  mcastStartupQueryCnt: attr(29, u32),
  mcastLastMemberIntvl: attr(30, u64),
  mcastMembershipIntvl: attr(31, u64),
  mcastQuerierIntvl: attr(32, u64),
  mcastQueryIntvl: attr(33, u64),
  mcastQueryResponseIntvl: attr(34, u64),
  mcastStartupQueryIntvl: attr(35, u64),
  nfCallIptables: attr(36, bool8),
  nfCallIp6tables: attr(37, bool8),
  nfCallArptables: attr(38, bool8),
  /** 0: none. */
  vlanDefaultPvid: attr(39, u16),
  pad: attr(40, skip),
  vlanStatsEnabled: attr(41, bool8),
  mcastStatsEnabled: attr(42, bool8),
  mcastIgmpVersion: attr(43, u8),
  mcastMldVersion: attr(44, u8),
  vlanStatsPerPort: attr(45, bool8),
  multiBoolopt: attr(46, structOf(multiBoolopt) as Type<BridgeBoolopt, BridgeBooloptIn>),
  mcastQuerierState: attr(47, nest<BridgeQuerier, BridgeQuerierIn>('BRIDGE_QUERIER', querier)),
  /** Learned entries now (Linux 6.7). */
  fdbNLearned: attr(48, u32),
  /** Most learned entries; 0: no limit (Linux 6.7). */
  fdbMaxLearned: attr(49, u32),
  /** Who runs the spanning tree: `auto` asks the helper /sbin/bridge-stp first (newer than Linux 6.18). */
  stpMode: attr(50, words(u32, { auto: 0, user: 1, kernel: 2 })),
});
export interface BridgeData extends Out<typeof table> {}
export interface BridgeDataIn extends In<typeof table> {}
export const bridge = nest<BridgeData, BridgeDataIn>('IFLA_BR', table);
