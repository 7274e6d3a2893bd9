/** tsroute2: Linux netlink for Node.js. */
export {
  genlmsg,
  type NetlinkMessageBase,
  type NetlinkMessageClass,
  type NlaBase,
  type NlaClass,
  nla,
  nlmsg,
} from './codec/class.js';
export { addressAt, type Column, type Columns } from './codec/columns.js';
export { DecodeError, type DecodeIssue, InputError, type InputErrorCode } from './codec/errors.js';
export {
  NLM_F_ACK,
  NLM_F_APPEND,
  NLM_F_BULK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLM_F_EXCL,
  NLM_F_MATCH,
  NLM_F_MULTI,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  NLM_F_ROOT,
} from './codec/header.js';
export { be64, bitfield32, id64, s8, s16, s64 } from './codec/integers.js';
export { toJSON } from './codec/json.js';
export * from './codec/leaf.js';
export { MessageDef, type MessageExtras, type MessageSpec, message } from './codec/message.js';
export { numbered } from './codec/numbered.js';
export { type Cursor, type StructDef, struct } from './codec/struct.js';
export { type Attr, attr, type Type, type UnknownAttr } from './codec/type.js';
export type { View, Viewed } from './codec/view.js';
export {
  MPTCP,
  type MptcpAddress,
  type MptcpEndpoint,
  type MptcpEndpointAdd,
  type MptcpEndpointDel,
  type MptcpEndpointFilter,
  type MptcpEndpointSet,
  type MptcpLimits,
} from './families/mptcp.js';
export { type Ctrl, type CtrlIn, ctrlmsg, GENL_OP, nlctrl } from './genl/ctrl.js';
export {
  defineFamily,
  type GenlEvent,
  type GenlFamilyDef,
  type GenlFamilySpec,
  type GenlMessageSpec,
  type GenlMode,
  type GenlOp,
  genlEvent,
  genlGet,
  genlMessage,
  genlSet,
} from './genl/family.js';
export {
  MPTCP_EV_FLAG,
  MPTCP_FLAG,
  type Mptcp,
  type MptcpAddr,
  type MptcpAddrIn,
  type MptcpEvent,
  type MptcpIn,
  mptcp_pm,
} from './genl/mptcp.js';
export type { AttrRule, AttrRules, AttrTypeName, OpRules } from './genl/policy.js';
export type { AddrChange, AddrFilter, AddrKeys, AddrRow, AddrSpec } from './iproute/addr.js';
export type { AddrLabelChange, AddrLabelFilter, AddrLabelRow, AddrLabelSpec } from './iproute/addrlabel.js';
export type { IPRouteOptions, WriteOptions } from './iproute/base.js';
export type { Batch } from './iproute/batch.js';
export { type Brport, type BrportFilter, type BrportSelector, type BrportSpec, brportOf } from './iproute/brport.js';
export type { DeviceKeys, WithDevice } from './iproute/device.js';
export type { Ensurable, Ensured } from './iproute/ensure.js';
export type { MonitorFilter } from './iproute/event-filter.js';
export type { FdbRow } from './iproute/fdb.js';
export type { FdbChange, FdbFilter, FdbFlush, FdbKeys, FdbSelector, FdbSpec } from './iproute/fdb-request.js';
export { IPBatch, type IPBatchOptions } from './iproute/ipbatch.js';
export { IPRoute, IPRouteMixin, type IPRouteVerbs, RawIPRoute } from './iproute/iproute.js';
export type { LinkRow } from './iproute/link.js';
export type {
  LinkAdd,
  LinkArgument,
  LinkChange,
  LinkChanging,
  LinkFilter,
  LinkKeys,
  LinkKindSpec,
  LinkMaking,
  LinkSelector,
  LinkSpec,
  LinkTarget,
  PeerSpec,
} from './iproute/link-request.js';
export { type MdbFilter, type MdbRouterPort, type MdbRow, mdbRouterPorts, mdbRows } from './iproute/mdb.js';
export type { MdbChange, MdbFlush, MdbGetSelector, MdbSelector, MdbSpec } from './iproute/mdb-request.js';
export type { GroupName, Monitor, MonitorEvent, MonitorOptions } from './iproute/monitor.js';
export {
  addrProtos,
  type FileName,
  linkGroups,
  NameFile,
  type NamesInFiles,
  rtDsfield,
  rtProtos,
  rtRealms,
  rtScopes,
  rtTables,
} from './iproute/name-files.js';
export type { NeighbourRow } from './iproute/neigh.js';
export type {
  NeighbourChange,
  NeighbourFilter,
  NeighbourFlagKeys,
  NeighbourKeys,
  NeighbourSpec,
} from './iproute/neigh-request.js';
export type { NetconfFilter, NetconfRow, NetconfSelector } from './iproute/netconf.js';
export type { NexthopChange, NexthopFilter, NexthopRow, NexthopSelector, NexthopSpec } from './iproute/nexthop.js';
export type { BucketFilter, BucketSelector } from './iproute/nexthop-bucket.js';
export type { NsidFilter, NsidOf, NsidRow, NsidSelector, NsidSpec } from './iproute/nsid.js';
export type { NtableFilter, NtableRow, NtableSpec } from './iproute/ntable.js';
export type { Pollable, PollOptions } from './iproute/poll.js';
export { type ResyncOptions, type ResyncTables, resyncTable } from './iproute/resync.js';
export type { HopSpec, RouteChange, RouteFilter, RouteRow, RouteSelector, RouteSpec } from './iproute/route.js';
export type { RoutesLoaded } from './iproute/route-file.js';
export type { RuleRow } from './iproute/rule.js';
export type { NumberRange, RuleChange, RuleFilter, RuleSpec } from './iproute/rule-request.js';
export type { StatsFilter, StatsRow, StatsSelector, StatsSpec } from './iproute/stats.js';
export {
  type VlanFilterChange,
  type VlanFilterFilter,
  type VlanFilterRow,
  type VlanFilterSpec,
  type VlanInfoSpec,
  type VlanRange,
  type VlanTunnelRange,
  type VlanTunnelSpec,
  vlanFilterRow,
} from './iproute/vlan-filter.js';
export {
  type VlanGlobalFilter,
  type VlanGlobalRow,
  type VlanGlobalSpec,
  vlanGlobalRows,
} from './iproute/vlan-global.js';
export type { Vid, VlanFlags } from './iproute/vlan-ranges.js';
export {
  type VlanChange,
  type VlanFilter,
  type VlanRow,
  type VlanSelector,
  type VlanSpec,
  vlanRows,
} from './iproute/vlandb.js';
export type { VniChange, VniFilter, VniRange, VniRow, VniSpec } from './iproute/vni.js';
export type { BatchOptions, BatchOutcome } from './netlink/batch.js';
export type { DumpOptions } from './netlink/dump.js';
export {
  type AttributePolicy,
  type AttributeSource,
  BatchError,
  type BatchResult,
  ClosedError,
  DumpInterruptedError,
  NetlinkError,
  OutcomeUnknownError,
  OverrunError,
  ReaderError,
  TimeoutError,
} from './netlink/errors.js';
export type { EventStream, OverrunEvent, StrangeEvent } from './netlink/events.js';
export {
  type FamilyOptions,
  type FamilyRef,
  type FamilyRules,
  GenericNetlink,
  type GenlMonitorEvent,
  type GenlMonitorOptions,
  type OpAnswer,
} from './netlink/generic.js';
export type { GenlFamily, GenlGroupInfo, GenlOpInfo } from './netlink/genl-lookup.js';
export { IPRSocket } from './netlink/iprsocket.js';
export type { MessageHeader, NetlinkMessage } from './netlink/message.js';
export type { Mixed, SocketClass } from './netlink/mixin.js';
export { type BindOptions, type Netlink, NetlinkMixin, type RawMessage } from './netlink/netlink-mixin.js';
export type { RequestOptions, WriteResult } from './netlink/pending.js';
export type {
  NetlinkProxy,
  ProxyCallback,
  ProxyContext,
  ReceiveVerdict,
  SendVerdict,
} from './netlink/proxy.js';
export { type Resync, type Resynced, type ResyncSource, type RowChange, resync } from './netlink/resync.js';
export { NetlinkSocket } from './netlink/socket.js';
export type { SocketOptions } from './netlink/socket-options.js';
export type { DumpStream } from './netlink/stream.js';
export * as netns from './netns/index.js';
export { NetNS, type NetNSOptions } from './netns/netns.js';
export type {
  OpenvswitchData,
  OpenvswitchDataIn,
  TeamdData,
  TeamdDataIn,
  TuntapData,
  TuntapDataIn,
} from './proxies/kinds.js';
export { ProgramError } from './proxies/program.js';
export {
  brvlanmsg,
  fibmsg,
  ifaddrlblmsg,
  ifaddrmsg,
  ifinfmsg,
  ifstatsmsg,
  mdbmsg,
  ndmsg,
  ndtmsg,
  netconfmsg,
  nhmsg,
  nsidmsg,
  rtmsg,
  tunnelmsg,
} from './rtnl/classes.js';
export * from './rtnl/constants.js';
export { type Inet6Stats, IPSTATS_MIB, inet6Stats } from './rtnl/devconf6.js';
export * from './rtnl/encaps/index.js';
export type { Rule, RuleIn } from './rtnl/fibmsg.js';
export type { AddrLabel, AddrLabelIn } from './rtnl/ifaddrlblmsg.js';
export type { Addr, AddrIn } from './rtnl/ifaddrmsg.js';
export type { Link, LinkIn } from './rtnl/ifinfmsg.js';
export type { Stats } from './rtnl/ifstatsmsg.js';
export * from './rtnl/kinds/index.js';
export type { Neighbour, NeighbourIn } from './rtnl/ndmsg.js';
export type { NeighbourParms, NeighbourParmsIn, NeighbourTable, NeighbourTableIn } from './rtnl/ndtmsg.js';
export type { Netconf } from './rtnl/netconfmsg.js';
export type {
  Nexthop,
  NexthopIn,
  NexthopMember,
  NexthopMemberStats,
  NexthopResBucket,
  NexthopResGroup,
} from './rtnl/nhmsg.js';
export type { Nsid, NsidIn } from './rtnl/nsidmsg.js';
export type { NextHop, NextHopIn, Route, RouteColumns, RouteIn, RouteMetrics, RouteVia } from './rtnl/rtmsg.js';
export type { Tunnel, TunnelIn, VniEntry, VniStats } from './rtnl/tunnelmsg.js';
export type { OpenTransport, Transport, TransportOptions } from './transport/transport.js';
