/** RTM_NEWSTATS, RTM_GETSTATS, RTM_SETSTATS: struct if_stats_msg and IFLA_STATS_* of linux/if_link.h. */
import { bool8, many, nest, skip, structOf, u8, u32 } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF, IFLA_STATS } from './constants.js';
import { linkStats64 } from './stats.js';
import { bond3ad, bridgeMcast, bridgeStp, bridgeVlan, hwStats64, mplsLink } from './xstats.js';

const header = struct((r) => ({ family: r.u8(0), ifindex: r.u32(4), filterMask: r.u32(8) }), 12, {
  family: AF,
  filterMask: IFLA_STATS,
});

const bridge = () => ({
  /** One a VLAN. */
  vlan: attr(1, many(structOf(bridgeVlan))),
  mcast: attr(2, structOf(bridgeMcast)),
  pad: attr(3, skip),
  stp: attr(4, structOf(bridgeStp)),
});
export interface BridgeXstats extends Out<typeof bridge> {}

const bond = () => ({ '3ad': attr(1, nest<Bond3adStats>('BOND_3AD_STAT', bond3ad), 'BOND_XSTATS_3AD') });
export interface Bond3adStats extends Out<typeof bond3ad> {}
export interface BondXstats extends Out<typeof bond> {}

const xstats = () => ({
  bridge: attr(1, nest<BridgeXstats>('BRIDGE_XSTATS', bridge)),
  bond: attr(2, nest<BondXstats>('BOND_XSTATS', bond)),
});
export interface LinkXstats extends Out<typeof xstats> {}

const used = () => ({
  /** Whether somebody asked for them. */
  request: attr(1, bool8),
  /** Whether the hardware counts. */
  used: attr(2, bool8),
});
export interface HwStatsUsed extends Out<typeof used> {}
const hwSInfo = () => ({
  l3Stats: attr(3, nest<HwStatsUsed>('IFLA_OFFLOAD_XSTATS_HW_S_INFO', used), 'IFLA_OFFLOAD_XSTATS_L3_STATS'),
});
export interface HwStatsInfo extends Out<typeof hwSInfo> {}
const offload = () => ({
  /** What the processor saw of what the hardware forwards. */
  cpuHit: attr(1, structOf(linkStats64)),
  /** Linux 5.18. */
  hwSInfo: attr(2, nest<HwStatsInfo>('IFLA_OFFLOAD_XSTATS', hwSInfo), 'IFLA_OFFLOAD_XSTATS_HW_S_INFO'),
  /** What the hardware routed (Linux 5.18). */
  l3Stats: attr(3, structOf(hwStats64), 'IFLA_OFFLOAD_XSTATS_L3_STATS'),
});
export interface OffloadXstats extends Out<typeof offload> {}

const mpls = () => ({ link: attr(1, structOf(mplsLink)) });
export interface MplsStats extends Out<typeof mpls> {}
const afSpec = () => ({ mpls: attr(28, nest<MplsStats>('MPLS_STATS', mpls), 'AF_MPLS') });
export interface AfSpecStats extends Out<typeof afSpec> {}

const table = () => ({
  link64: attr(1, structOf(linkStats64), 'IFLA_STATS_LINK_64'),
  /** What a master counts besides. */
  linkXstats: attr(2, nest<LinkXstats>('LINK_XSTATS_TYPE', xstats)),
  /** What a master counts of this port. */
  linkXstatsSlave: attr(3, nest<LinkXstats>('LINK_XSTATS_TYPE', xstats)),
  linkOffloadXstats: attr(4, nest<OffloadXstats>('IFLA_OFFLOAD_XSTATS', offload)),
  afSpec: attr(5, nest<AfSpecStats>('AF', afSpec)),
});

export interface StatsAttrs extends Out<typeof table> {}
export interface StatsAttrsIn extends In<typeof table> {}

/** Counters of a link. */
export interface Stats extends StatsAttrs {
  family: number;
  /** Index of the link. */
  ifindex: number;
  /** IFLA_STATS bits: which groups are here. */
  filterMask: number;
}

/** Messages with counters. */
export const ifstatsmsg: MessageDef<Stats & MessageExtras, StatsAttrsIn> = message<Stats, StatsAttrsIn>({
  name: 'ifstatsmsg',
  prefix: 'IFLA_STATS',
  header,
  table,
  types: { RTM_NEWSTATS: 92 },
});

const filters = () => ({
  linkXstats: attr(2, u32),
  linkXstatsSlave: attr(3, u32),
  /** Bits 1 << (n - 1) of IFLA_OFFLOAD_XSTATS_*: 1 cpuHit, 2 hwSInfo, 4 l3Stats. */
  linkOffloadXstats: attr(4, u32),
  afSpec: attr(5, u32),
});
export interface StatsFilters extends In<typeof filters> {}

// Requests have attributes of their own under the numbers that answers use.
const request = () => ({
  /** Which counters of a group (Linux 5.18). */
  getFilters: attr(1, nest<StatsFilters>('IFLA_STATS', filters), 'IFLA_STATS_GET_FILTERS'),
  /** Whether the hardware shall count what it routes (Linux 5.18). */
  setOffloadXstatsL3Stats: attr(2, u8, 'IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS'),
});

/** What a request for counters takes. */
export interface StatsRequest extends In<typeof request> {
  family?: number | keyof typeof AF | undefined;
  ifindex?: number | undefined;
  filterMask?: number | readonly (keyof typeof IFLA_STATS)[] | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Requests for counters. */
export const ifstatsreqmsg: MessageDef<StatsRequest & MessageExtras, StatsRequest> = message<
  StatsRequest,
  StatsRequest
>({
  name: 'ifstatsreqmsg',
  prefix: 'IFLA_STATS',
  header,
  table: request,
  types: { RTM_GETSTATS: 94, RTM_SETSTATS: 95 },
});
