/** `linkinfo.info_data` of `ip -j -d link`: geneve and the tunnels over IP. */
import type { LinkRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { hex, type Names, when, yes } from './words.js';

type Info = NonNullable<LinkRow['linkinfo']>;
type Payload<K extends keyof Info> = NonNullable<Info[K]>;

export const geneve = (o: Payload<'geneve'>, names: Names): Mapped => ({
  external: yes(o.collectMetadata),
  id: o.id,
  remote: o.remote === '0.0.0.0' ? undefined : o.remote,
  remote6: o.remote6 === '::' ? undefined : o.remote6,
  local: when(o.local, names.ip('7.2')),
  local6: when(o.local6, names.ip('7.2')),
  ttl: when(o.ttl, !o.ttlInherit),
  tos: o.tos === 0 ? undefined : hex(o.tos),
  df: o.df,
  label: o.label === 0 ? undefined : hex(o.label),
  port: o.port,
  udp_csum: o.udpCsum,
  udp_zero_csum6_tx: o.udpZeroCsum6Tx,
  udp_zero_csum6_rx: o.udpZeroCsum6Rx,
  inner_proto_inherit: when(yes(o.innerProtoInherit), names.ip('5.18')),
});

const link = (index: number | undefined, names: Names): string | undefined => (index ? names.name(index) : undefined);
/** No address is any address. */
const anyOr = (address: string | undefined): string =>
  address === undefined || address === '0.0.0.0' || address === '::' ? 'any' : address;
const nonZero = (value: number | undefined): string | undefined => (value ? hex(value) : undefined);
/** Keys are printed as addresses. */
const dotted = (key: number | undefined): string | undefined =>
  key === undefined ? undefined : [24, 16, 8, 0].map((by) => (key >>> by) & 255).join('.');

interface Outer {
  encapType?: string | number;
  encapFlags?: number;
  encapSport?: number;
  encapDport?: number;
}

/** UDP around the tunnel. */
function outer(o: Outer): Mapped {
  const { encapType, encapFlags = 0, encapSport, encapDport } = o;
  if (encapType === undefined || encapType === 'none') return undefined;
  return {
    type: encapType,
    sport: encapSport ?? 0,
    dport: encapDport ?? 0,
    csum: (encapFlags & 1) !== 0,
    csum6: (encapFlags & 2) !== 0,
    remcsum: (encapFlags & 4) !== 0,
  };
}

const GRE_CSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQ = 0x1000;

/** Keys, flags and ERSPAN, which gre has over IPv4 and IPv6. */
function greParts(o: Payload<'gre'> | Payload<'ip6gre'>): Record<string, Mapped> {
  const [i, out] = [o.iflags ?? 0, o.oflags ?? 0];
  return {
    ikey: when(dotted(o.ikey), (i & GRE_KEY) !== 0),
    okey: when(dotted(o.okey), (out & GRE_KEY) !== 0),
    iseq: yes((i & GRE_SEQ) !== 0),
    oseq: yes((out & GRE_SEQ) !== 0),
    icsum: yes((i & GRE_CSUM) !== 0),
    ocsum: yes((out & GRE_CSUM) !== 0),
    erspan_index: o.erspanIndex,
    erspan_ver: o.erspanVer,
    erspan_dir: o.erspanDir,
    erspan_hwid: hex(o.erspanHwid),
    encap: outer(o as Outer),
  };
}

export const gre = (o: Payload<'gre'>, names: Names): Mapped => ({
  external: yes(o.collectMetadata),
  remote: anyOr(o.remote),
  local: anyOr(o.local),
  link: link(o.link, names),
  ttl: o.ttl ?? 0,
  tos: nonZero(o.tos),
  pmtudisc: o.pmtudisc,
  ignore_df: yes(o.ignoreDf),
  fwmark: nonZero(o.fwmark),
  ...greParts(o),
});

const padded = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;
const IGN_ENCAP_LIMIT = 0x1;
const USE_ORIG_TCLASS = 0x2;
const USE_ORIG_FLOWLABEL = 0x4;
const USE_ORIG_FWMARK = 0x20;

/** The parts of an IPv6 header that ip6gre and ip6tnl set. */
function header6(o: Payload<'ip6gre'> | Payload<'ip6tnl'>): Record<string, Mapped> {
  const flags = o.flags ?? 0;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const flowinfo = o.flowinfo ?? 0;
  const there = o.flowinfo !== undefined;
  return {
    ip6_tnl_f_ign_encap_limit: yes(has(IGN_ENCAP_LIMIT)),
    encap_limit: when(o.encapLimit, !has(IGN_ENCAP_LIMIT)),
    ip6_tnl_f_use_orig_tclass: yes(has(USE_ORIG_TCLASS)),
    tclass: when(padded((flowinfo >>> 20) & 255, 2), there && !has(USE_ORIG_TCLASS)),
    ip6_tnl_f_use_orig_flowlabel: yes(has(USE_ORIG_FLOWLABEL)),
    flowlabel: when(padded(flowinfo & 0xfffff, 5), there && !has(USE_ORIG_FLOWLABEL)),
    ip6_tnl_f_rcv_dscp_copy: yes(has(0x10)),
    ip6_tnl_f_mip6_dev: yes(has(0x8)),
    ip6_tnl_f_allow_local_remote: yes(has(0x40)),
    ip6_tnl_f_use_orig_fwmark: yes(has(USE_ORIG_FWMARK)),
    fwmark: when(nonZero(o.fwmark), !has(USE_ORIG_FWMARK)),
  };
}

export const ip6gre = (o: Payload<'ip6gre'>, names: Names): Mapped => ({
  external: yes(o.collectMetadata),
  remote: anyOr(o.remote),
  local: anyOr(o.local),
  link: link(o.link, names),
  ttl: o.ttl ?? 0,
  ...header6(o),
  ...greParts(o),
});

/** By IPPROTO number. */
const PROTO4: Readonly<Record<number, string>> = { 0: 'any', 4: 'ipip', 137: 'mplsip' };
const PROTO_SIT: Readonly<Record<number, string>> = { 0: 'any', 4: 'ipip', 41: 'ip6ip', 137: 'mplsip' };
const PROTO6: Readonly<Record<number, string>> = { 0: 'any', 4: 'ipip6', 41: 'ip6ip6', 137: 'mplsip6' };

function iptun(o: Payload<'ipip'>, names: Names): Record<string, Mapped> {
  return {
    external: yes(o.collectMetadata),
    remote: anyOr(o.remote),
    local: anyOr(o.local),
    link: link(o.link, names),
    ttl: o.ttl ?? 0,
    tos: nonZero(o.tos),
    pmtudisc: o.pmtudisc ?? false,
    fwmark: nonZero(o.fwmark),
    encap: outer(o as Outer),
  };
}

export const ipip = (o: Payload<'ipip'>, names: Names): Mapped => ({
  proto: o.proto === undefined ? undefined : PROTO4[o.proto],
  ...iptun(o, names),
});
const has6rd = (o: Payload<'sit'>): boolean => (o['6rdPrefixlen'] ?? 0) !== 0;
const hasRelay = (o: Payload<'sit'>): boolean => has6rd(o) && (o['6rdRelayPrefixlen'] ?? 0) !== 0;
export const sit = (o: Payload<'sit'>, names: Names): Mapped => ({
  proto: o.proto === undefined ? undefined : PROTO_SIT[o.proto],
  ...iptun(o, names),
  isatap: yes(((o.flags ?? 0) & 1) !== 0),
  prefix: when(o['6rdPrefix'], has6rd(o)),
  prefixlen: when(o['6rdPrefixlen'], has6rd(o)),
  relay_prefix: when(o['6rdRelayPrefix'], hasRelay(o)),
  relay_prefixlen: when(o['6rdRelayPrefixlen'], hasRelay(o)),
});
export const ip6tnl = (o: Payload<'ip6tnl'>, names: Names): Mapped => ({
  external: yes(o.collectMetadata),
  proto: o.proto === undefined ? undefined : PROTO6[o.proto],
  remote: anyOr(o.remote),
  local: anyOr(o.local),
  link: link(o.link, names),
  ttl: o.ttl ?? 0,
  ...header6(o),
  encap: outer(o as Outer),
});

export const vti = (o: Payload<'vti'> | Payload<'vti6'>, names: Names): Mapped => ({
  remote: anyOr(o.remote),
  local: anyOr(o.local),
  link: link(o.link, names),
  ikey: dotted(o.ikey || undefined),
  okey: dotted(o.okey || undefined),
  fwmark: nonZero(o.fwmark),
});

export const xfrm = (o: Payload<'xfrm'>): Mapped => ({
  external: yes(o.collectMetadata),
  if_id: nonZero(o.ifId),
});
