/** RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN: struct br_vlan_msg and BRIDGE_VLANDB_* of linux/if_bridge.h (Linux 5.6). */
import { bits, bool8, many, nest, skip, structOf, u8, u16, u32, u64, words } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type Type } from '../codec/type.js';
import { type BridgeVlan, type BridgeVlanIn, vlanInfo } from './afspec.js';
import { AF, BR_STATE, BRIDGE_VLANDB_DUMPF } from './constants.js';
import { type BridgeQuerier, type BridgeQuerierIn, querier } from './kinds/bridge.js';
import { routerPorts } from './mdb-router.js';

const header = struct((r) => ({ family: r.u8(0), ifindex: r.u32(4) }), 8, { family: AF });

const tunnelInfo = () => ({
  id: attr(1, u32),
  /** RTM_* of a request: RTM_SETLINK (19) adds, RTM_DELLINK (17) takes away. */
  cmd: attr(2, u32),
});
export interface VlanTunnelInfo extends Out<typeof tunnelInfo> {}
export interface VlanTunnelInfoIn extends In<typeof tunnelInfo> {}

const stats = () => ({
  rxBytes: attr(1, u64),
  rxPackets: attr(2, u64),
  txBytes: attr(3, u64),
  txPackets: attr(4, u64),
  pad: attr(5, skip),
});
export interface VlanStats extends Out<typeof stats> {}
export interface VlanStatsIn extends In<typeof stats> {}

const entry = () => ({
  info: attr(1, structOf(vlanInfo) as Type<BridgeVlan, BridgeVlanIn>),
  /** Last VLAN of a range whose first is in `info`. */
  range: attr(2, u16),
  state: attr(3, words(u8, BR_STATE)),
  tunnelInfo: attr(4, nest<VlanTunnelInfo, VlanTunnelInfoIn>('BRIDGE_VLANDB_TINFO', tunnelInfo)),
  stats: attr(5, nest<VlanStats, VlanStatsIn>('BRIDGE_VLANDB_STATS', stats)),
  /** 0 never, 1 when queried, 2 always. */
  mcastRouter: attr(6, u8),
  /** Groups of the VLAN (Linux 6.3). */
  mcastNGroups: attr(7, u32),
  /** 0: no limit (Linux 6.3). */
  mcastMaxGroups: attr(8, u32),
  /** Linux 6.4. */
  neighSuppress: attr(9, bool8),
  /** Newer than Linux 6.18. */
  neighForwardGrat: attr(10, bool8),
});
export interface VlanEntry extends Out<typeof entry> {}
export interface VlanEntryIn extends In<typeof entry> {}

const router = () => ({ router: attr(2, routerPorts) });
export interface VlanRouterPorts extends Out<typeof router> {}
export interface VlanRouterPortsIn extends In<typeof router> {}

/** Times in hundredths of a second. */
const globalOptions = () => ({
  id: attr(1, u16),
  /** Last VLAN of a range whose first is `id`. */
  range: attr(2, u16),
  mcastSnooping: attr(3, bool8),
  mcastIgmpVersion: attr(4, u8),
  mcastMldVersion: attr(5, u8),
  mcastLastMemberCnt: attr(6, u32),
  mcastStartupQueryCnt: attr(7, u32),
  mcastLastMemberIntvl: attr(8, u64),
  pad: attr(9, skip),
  mcastMembershipIntvl: attr(10, u64),
  mcastQuerierIntvl: attr(11, u64),
  mcastQueryIntvl: attr(12, u64),
  mcastQueryResponseIntvl: attr(13, u64),
  mcastStartupQueryIntvl: attr(14, u64),
  mcastQuerier: attr(15, bool8),
  mcastRouterPorts: attr(16, nest<VlanRouterPorts, VlanRouterPortsIn>('MDBA', router)),
  mcastQuerierState: attr(17, nest<BridgeQuerier, BridgeQuerierIn>('BRIDGE_QUERIER', querier)),
  /** Multiple spanning tree instance (Linux 5.18). */
  msti: attr(18, u16),
});
export interface VlanGlobalOptions extends Out<typeof globalOptions> {}
export interface VlanGlobalOptionsIn extends In<typeof globalOptions> {}

const table = () => ({
  entry: attr(1, many(nest<VlanEntry, VlanEntryIn>('BRIDGE_VLANDB_ENTRY', entry))),
  globalOptions: attr(2, many(nest<VlanGlobalOptions, VlanGlobalOptionsIn>('BRIDGE_VLANDB_GOPTS', globalOptions))),
});

/** VLANs of a bridge or of a port, or options of a bridge's VLANs. */
export interface BridgeVlans extends Out<typeof table> {
  family: number;
  /** Index of the bridge or the port. */
  ifindex: number;
}
export interface BridgeVlansIn extends In<typeof table> {
  family?: number | keyof typeof AF | undefined;
  ifindex?: number | undefined;
}

/** Messages about the VLANs of a bridge. */
export const brvlanmsg: MessageDef<BridgeVlans & MessageExtras, BridgeVlansIn> = message<BridgeVlans, BridgeVlansIn>({
  name: 'brvlanmsg',
  prefix: 'BRIDGE_VLANDB',
  header,
  table,
  types: { RTM_NEWVLAN: 112, RTM_DELVLAN: 113 },
});

const dump = () => ({
  /** BRIDGE_VLANDB_DUMPF_* bits. */
  dumpFlags: attr(1, bits(u32, BRIDGE_VLANDB_DUMPF)),
});
export interface BridgeVlansDump extends Out<typeof dump> {
  family: number;
  ifindex: number;
}
export interface BridgeVlansDumpIn extends In<typeof dump> {
  family?: number | undefined;
  ifindex?: number | undefined;
}

/** The request of a dump, whose only attribute has the number of another. */
export const brvlandump: MessageDef<BridgeVlansDump & MessageExtras, BridgeVlansDumpIn> = message<
  BridgeVlansDump,
  BridgeVlansDumpIn
>({ name: 'brvlandump', prefix: 'BRIDGE_VLANDB', header, table: dump, types: { RTM_GETVLAN: 114 } });
