/** Settings and counters of a link's IPv6: the sysctls of net.ipv6.conf, and the statistics of linux/snmp.h. */
import { struct } from '../codec/struct.js';

/** DEVCONF_* of linux/ipv6.h; times in milliseconds or seconds as their sysctl has them. */
export const devconf6 = struct((r) => ({
  forwarding: r.s32(0),
  hoplimit: r.s32(4),
  mtu6: r.s32(8),
  acceptRa: r.s32(12),
  acceptRedirects: r.s32(16),
  autoconf: r.s32(20),
  dadTransmits: r.s32(24),
  rtrSolicits: r.s32(28),
  rtrSolicitInterval: r.s32(32),
  rtrSolicitDelay: r.s32(36),
  useTempaddr: r.s32(40),
  tempValidLft: r.s32(44),
  tempPreferedLft: r.s32(48),
  regenMaxRetry: r.s32(52),
  maxDesyncFactor: r.s32(56),
  maxAddresses: r.s32(60),
  forceMldVersion: r.s32(64),
  acceptRaDefrtr: r.s32(68),
  acceptRaPinfo: r.s32(72),
  acceptRaRtrPref: r.s32(76),
  rtrProbeInterval: r.s32(80),
  acceptRaRtInfoMaxPlen: r.s32(84),
  proxyNdp: r.s32(88),
  optimisticDad: r.s32(92),
  acceptSourceRoute: r.s32(96),
  mcForwarding: r.s32(100),
  disableIpv6: r.s32(104),
  acceptDad: r.s32(108),
  forceTllao: r.s32(112),
  ndiscNotify: r.s32(116),
  mldv1UnsolicitedReportInterval: r.s32(120),
  mldv2UnsolicitedReportInterval: r.s32(124),
  suppressFragNdisc: r.s32(128),
  acceptRaFromLocal: r.s32(132),
  useOptimistic: r.s32(136),
  acceptRaMtu: r.s32(140),
  stableSecret: r.s32(144),
  useOifAddrsOnly: r.s32(148),
  acceptRaMinHopLimit: r.s32(152),
  ignoreRoutesWithLinkdown: r.s32(156),
  dropUnicastInL2Multicast: r.s32(160),
  dropUnsolicitedNa: r.s32(164),
  keepAddrOnDown: r.s32(168),
  rtrSolicitMaxInterval: r.s32(172),
  seg6Enabled: r.s32(176),
  seg6RequireHmac: r.s32(180),
  enhancedDad: r.s32(184),
  addrGenMode: r.s32(188),
  disablePolicy: r.s32(192),
  acceptRaRtInfoMinPlen: r.s32(196),
  ndiscTclass: r.s32(200),
  rplSegEnabled: r.s32(204),
  raDefrtrMetric: r.s32(208),
  ioam6Enabled: r.s32(212),
  ioam6Id: r.s32(216),
  ioam6IdWide: r.s32(220),
  ndiscEvictNocarrier: r.s32(224),
  acceptUntrackedNa: r.s32(228),
  /** Linux 6.7. */
  acceptRaMinLft: r.s32(232),
  /** Linux 6.17. */
  forceForwarding: r.s32(236),
}));
export interface Devconf6 extends ReturnType<typeof devconf6.make> {}

/**
 * Places of the counters in `afSpec.inet6.stats` (IFLA_INET6_STATS) as Linux 6.15 and later have them: IPSTATS_MIB_* of
 * linux/snmp.h. That order is not stable: see `inet6Stats`.
 */
export const IPSTATS_MIB = {
  /** How many counters there are, this one included. */
  num: 0,
  inpkts: 1,
  inoctets: 2,
  indelivers: 3,
  noectpkts: 4,
  ect1pkts: 5,
  ect0pkts: 6,
  cepkts: 7,
  outrequests: 8,
  outpkts: 9,
  outoctets: 10,
  outforwdatagrams: 11,
  inhdrerrors: 12,
  intoobigerrors: 13,
  innoroutes: 14,
  inaddrerrors: 15,
  inunknownprotos: 16,
  intruncatedpkts: 17,
  indiscards: 18,
  outdiscards: 19,
  outnoroutes: 20,
  reasmtimeout: 21,
  reasmreqds: 22,
  reasmoks: 23,
  reasmfails: 24,
  fragoks: 25,
  fragfails: 26,
  fragcreates: 27,
  inmcastpkts: 28,
  outmcastpkts: 29,
  inbcastpkts: 30,
  outbcastpkts: 31,
  inmcastoctets: 32,
  outmcastoctets: 33,
  inbcastoctets: 34,
  outbcastoctets: 35,
  csumerrors: 36,
  reasmOverlaps: 37,
} as const;

/** The order before Linux 6.15; `outpkts` came with 6.7. */
const BEFORE_6_15: readonly (keyof typeof IPSTATS_MIB)[] = [
  'num',
  'inpkts',
  'inoctets',
  'indelivers',
  'outforwdatagrams',
  'outrequests',
  'outoctets',
  'inhdrerrors',
  'intoobigerrors',
  'innoroutes',
  'inaddrerrors',
  'inunknownprotos',
  'intruncatedpkts',
  'indiscards',
  'outdiscards',
  'outnoroutes',
  'reasmtimeout',
  'reasmreqds',
  'reasmoks',
  'reasmfails',
  'fragoks',
  'fragfails',
  'fragcreates',
  'inmcastpkts',
  'outmcastpkts',
  'inbcastpkts',
  'outbcastpkts',
  'inmcastoctets',
  'outmcastoctets',
  'inbcastoctets',
  'outbcastoctets',
  'csumerrors',
  'noectpkts',
  'ect1pkts',
  'ect0pkts',
  'cepkts',
  'reasmOverlaps',
  'outpkts',
];

/** Counters of a link's IPv6 by name; those that the kernel does not have are absent. */
export type Inet6Stats = { -readonly [K in keyof typeof IPSTATS_MIB]?: number };

/**
 * Names for the counters in `afSpec.inet6.stats`. The kernel sends them by their place, and Linux 6.15 changed the
 * places: so it takes the release of the kernel that sent them (`os.release()`, such as `'6.12.9-amd64'`).
 */
export function inet6Stats(counters: readonly number[], release: string): Inet6Stats {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  const old = Number(major) < 6 || (Number(major) === 6 && Number(minor) < 15);
  const order = old ? BEFORE_6_15 : (Object.keys(IPSTATS_MIB) as (keyof typeof IPSTATS_MIB)[]);
  const stats: Inet6Stats = {};
  for (const [i, name] of order.entries()) if (counters[i] !== undefined) stats[name] = counters[i];
  return stats;
}

/** ICMP6_MIB_* of linux/snmp.h. */
export const icmp6Stats = struct((r) => ({
  /** How many counters there are, this one included. */
  num: r.u64(0),
  inmsgs: r.u64(8),
  inerrors: r.u64(16),
  outmsgs: r.u64(24),
  outerrors: r.u64(32),
  csumerrors: r.u64(40),
  ratelimithost: r.u64(48),
}));
export interface Icmp6Stats extends ReturnType<typeof icmp6Stats.make> {}
