/** RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL: struct tunnel_msg and VXLAN_VNIFILTER_* of linux/if_link.h (Linux 5.18). */
import { ip4, ip6, many, nest, ranged, skip, u32, u64 } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF, TUNNEL_MSG_FLAG } from './constants.js';

const header = struct((r) => ({ family: r.u8(0), flags: r.u8(1), ifindex: r.u32(4) }), 8, {
  family: AF,
  flags: TUNNEL_MSG_FLAG,
});

const stats = () => ({
  rxBytes: attr(1, u64),
  rxPkts: attr(2, u64),
  rxDrops: attr(3, u64),
  rxErrors: attr(4, u64),
  txBytes: attr(5, u64),
  txPkts: attr(6, u64),
  txDrops: attr(7, u64),
  txErrors: attr(8, u64),
  pad: attr(9, skip),
});
export interface VniStats extends Out<typeof stats> {}
export interface VniStatsIn extends In<typeof stats> {}

const vni = ranged(u32, 0, 0xffffff);
const entry = () => ({
  /** First identifier. */
  start: attr(1, vni),
  /** Last identifier; absent: there is one. */
  end: attr(2, vni),
  /** Where packets for unknown addresses go: a multicast group, or one remote. */
  group: attr(3, ip4),
  /** `group` of IPv6. */
  group6: attr(4, ip6),
  stats: attr(5, nest<VniStats, VniStatsIn>('VNIFILTER_ENTRY_STATS', stats)),
});
export interface VniEntry extends Out<typeof entry> {}
export interface VniEntryIn extends In<typeof entry> {}

const table = () => ({
  entry: attr(1, many(nest<VniEntry, VniEntryIn>('VXLAN_VNIFILTER_ENTRY', entry))),
});

export interface TunnelAttrs extends Out<typeof table> {}
export interface TunnelAttrsIn extends In<typeof table> {}

/** The identifiers that a VXLAN link takes, or some of them. */
export interface Tunnel extends TunnelAttrs {
  /** 7: bridge. */
  family: number;
  /** 1: with counters. */
  flags: number;
  /** Index of the VXLAN link. */
  ifindex: number;
}

/** As input takes it. */
export interface TunnelIn extends TunnelAttrsIn {
  family?: number | keyof typeof AF | undefined;
  flags?: number | keyof typeof TUNNEL_MSG_FLAG | undefined;
  ifindex?: number | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Messages about the identifiers of tunnels. */
export const tunnelmsg: MessageDef<Tunnel & MessageExtras, TunnelIn> = message<Tunnel, TunnelIn>({
  name: 'tunnelmsg',
  prefix: 'VXLAN_VNIFILTER',
  header,
  table,
  types: { RTM_NEWTUNNEL: 120, RTM_DELTUNNEL: 121, RTM_GETTUNNEL: 122 },
});
