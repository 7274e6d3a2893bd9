/** IFLA_AF_SPEC and IFLA_PROTINFO: what address families add to a link. */
import {
  array,
  asym,
  bits,
  byFamily,
  bytes,
  ip6,
  many,
  nest,
  structOf,
  u8,
  u16,
  u32,
  u64,
  words,
} from '../codec/leaf.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type Type, type UnknownAttr } from '../codec/type.js';
import { AF, BR_STATE, BRIDGE_FLAGS, BRIDGE_MODE, BRIDGE_VLAN_INFO } from './constants.js';
import { type Devconf4, type Devconf4In, devconf4, devconf4In } from './devconf4.js';
import { type Devconf6, devconf6, type Icmp6Stats, icmp6Stats } from './devconf6.js';
import { type BridgeSlaveData, type BridgeSlaveDataIn, bridgeSlave } from './kinds/bridge_slave.js';

const inet = () => ({
  /** Comes out whole; what goes in changes the settings it names. */
  conf: attr(
    1,
    asym<Devconf4, Devconf4In>(structOf<Devconf4>(devconf4), nest<Devconf4, Devconf4In>('IPV4_DEVCONF', devconf4In)),
  ),
});
export interface InetLink extends Out<typeof inet> {}
export interface InetLinkIn extends In<typeof inet> {}

/** Times in milliseconds, except `tstamp`: hundredths of a second since boot. */
const cacheinfo = struct(
  (r) => ({
    maxReasmLen: r.u32(0),
    tstamp: r.u32(4),
    reachableTime: r.u32(8),
    retransTime: r.u32(12),
  }),
  16,
);

const inet6Table = () => ({
  /** IF_RA_* and IF_READY bits of the kernel. */
  flags: attr(1, u32),
  conf: attr(2, structOf<Devconf6>(devconf6)),
  /** Counters by place, which depends on the kernel's version: `inet6Stats` has their names. */
  stats: attr(3, array(u64)),
  mcast: attr(4, bytes),
  cacheinfo: attr(5, structOf(cacheinfo)),
  icmp6stats: attr(6, structOf<Icmp6Stats>(icmp6Stats)),
  /** Lower 64 bits of the addresses that the link gives itself; `::` for none. */
  token: attr(7, ip6),
  /** How the link-local address is made. `stable_secret` needs the sysctl of that name first. */
  addrGenMode: attr(8, words(u8, { eui64: 0, none: 1, stable_secret: 2, random: 3 })),
  /** MTU that the last router advertisement told; comes out only. */
  raMtu: attr(9, u32),
});
export interface Inet6Link extends Out<typeof inet6Table> {}
export interface Inet6LinkIn extends In<typeof inet6Table> {}
const inet6 = nest<Inet6Link, Inet6LinkIn>('IFLA_INET6', inet6Table);

const mctp = () => ({
  net: attr(1, u32),
  /** Linux 6.15. */
  physBinding: attr(2, u8),
});
export interface MctpLink extends Out<typeof mctp> {}
export interface MctpLinkIn extends In<typeof mctp> {}

const families = () => ({
  inet: attr(2, nest<InetLink, InetLinkIn>('IFLA_INET', inet)),
  inet6: attr(10, inet6),
  mctp: attr(45, nest<MctpLink, MctpLinkIn>('IFLA_MCTP', mctp)),
});

/** struct bridge_vlan_info; `flags` are BRIDGE_VLAN_INFO_* bits. */
export const vlanInfo = struct((r) => ({ flags: r.u16(0), vid: r.u16(2) }), 4, { flags: BRIDGE_VLAN_INFO });

/** A VLAN of a bridge port, and its flags as input takes them. */
export interface BridgeVlanIn {
  flags?: number | keyof typeof BRIDGE_VLAN_INFO | readonly (keyof typeof BRIDGE_VLAN_INFO)[] | undefined;
  vid?: number | undefined;
}
export interface BridgeVlan extends ReturnType<typeof vlanInfo.make> {}

const vlanTunnel = () => ({
  id: attr(1, u32),
  vid: attr(2, u16),
  /** BRIDGE_VLAN_INFO_* bits, of which ranges mean something. */
  flags: attr(3, bits(u16, BRIDGE_VLAN_INFO)),
});
export interface BridgeVlanTunnel extends Out<typeof vlanTunnel> {}
export interface BridgeVlanTunnelIn extends In<typeof vlanTunnel> {}

const mstEntry = () => ({
  /** 1 to 4094; 0 is that of all VLANs that are in no other. */
  msti: attr(1, u16),
  state: attr(2, words(u8, BR_STATE)),
});
/** State of a port in one spanning tree. */
export interface BridgeMstEntry extends Out<typeof mstEntry> {}
export interface BridgeMstEntryIn extends In<typeof mstEntry> {}
const mst = () => ({
  entry: attr(1, many(nest<BridgeMstEntry, BridgeMstEntryIn>('IFLA_BRIDGE_MST_ENTRY', mstEntry))),
});
export interface BridgeMst extends Out<typeof mst> {}
export interface BridgeMstIn extends In<typeof mst> {}

const ofBridge = () => ({
  /** BRIDGE_FLAGS_* bits: whom a request addresses. */
  flags: attr(0, bits(u16, BRIDGE_FLAGS)),
  /** BRIDGE_MODE_*: how an adapter forwards between its functions. */
  mode: attr(1, words(u16, BRIDGE_MODE)),
  vlanInfo: attr(2, many(structOf(vlanInfo) as Type<BridgeVlan, BridgeVlanIn>)),
  vlanTunnelInfo: attr(3, many(nest<BridgeVlanTunnel, BridgeVlanTunnelIn>('IFLA_BRIDGE_VLAN_TUNNEL', vlanTunnel))),
  mrp: attr(4, bytes),
  cfm: attr(5, bytes),
  /** State in each spanning tree of a bridge with `mst_enable` (Linux 5.18). */
  mst: attr(6, nest<BridgeMst, BridgeMstIn>('IFLA_BRIDGE_MST', mst)),
});

/** By family in link messages (`inet`, `inet6`, `mctp`); of bridge ports in messages of family 7. */
export interface AfSpec extends Out<typeof families>, Out<typeof ofBridge> {
  unknown?: UnknownAttr[];
}
export interface AfSpecIn extends In<typeof families>, In<typeof ofBridge> {
  unknown?: UnknownAttr[] | undefined;
}

export const afSpec = byFamily<AfSpec, AfSpecIn>(
  { [AF.bridge]: nest('IFLA_BRIDGE', ofBridge) },
  nest<AfSpec, AfSpecIn>('AF', families),
);

/** Of the bridge port in messages of family 7, of IPv6 in those of family 10. */
export interface ProtInfo extends BridgeSlaveData, Inet6Link {
  unknown?: UnknownAttr[];
}
export interface ProtInfoIn extends BridgeSlaveDataIn, Inet6LinkIn {
  unknown?: UnknownAttr[] | undefined;
}

export const protInfo = byFamily<ProtInfo, ProtInfoIn>(
  { [AF.bridge]: bridgeSlave, [AF.inet6]: inet6 },
  nest<ProtInfo, ProtInfoIn>('IFLA_PROTINFO', {}),
);
