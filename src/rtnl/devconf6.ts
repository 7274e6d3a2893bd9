/** Settings and counters of a link's IPv6: the sysctls of net.ipv6.conf, and the statistics of linux/snmp.h. */
import { structOfEqual } from '../codec/struct.js';

/** DEVCONF_* of linux/ipv6.h; times in milliseconds or seconds as their sysctl has them. */
export const devconf6 = structOfEqual('s32', (m) => ({
  forwarding: m[0],
  hoplimit: m[1],
  mtu6: m[2],
  acceptRa: m[3],
  acceptRedirects: m[4],
  autoconf: m[5],
  dadTransmits: m[6],
  rtrSolicits: m[7],
  rtrSolicitInterval: m[8],
  rtrSolicitDelay: m[9],
  useTempaddr: m[10],
  tempValidLft: m[11],
  tempPreferedLft: m[12],
  regenMaxRetry: m[13],
  maxDesyncFactor: m[14],
  maxAddresses: m[15],
  forceMldVersion: m[16],
  acceptRaDefrtr: m[17],
  acceptRaPinfo: m[18],
  acceptRaRtrPref: m[19],
  rtrProbeInterval: m[20],
  acceptRaRtInfoMaxPlen: m[21],
  proxyNdp: m[22],
  optimisticDad: m[23],
  acceptSourceRoute: m[24],
  mcForwarding: m[25],
  disableIpv6: m[26],
  acceptDad: m[27],
  forceTllao: m[28],
  ndiscNotify: m[29],
  mldv1UnsolicitedReportInterval: m[30],
  mldv2UnsolicitedReportInterval: m[31],
  suppressFragNdisc: m[32],
  acceptRaFromLocal: m[33],
  useOptimistic: m[34],
  acceptRaMtu: m[35],
  stableSecret: m[36],
  useOifAddrsOnly: m[37],
  acceptRaMinHopLimit: m[38],
  ignoreRoutesWithLinkdown: m[39],
  dropUnicastInL2Multicast: m[40],
  dropUnsolicitedNa: m[41],
  keepAddrOnDown: m[42],
  rtrSolicitMaxInterval: m[43],
  seg6Enabled: m[44],
  seg6RequireHmac: m[45],
  enhancedDad: m[46],
  addrGenMode: m[47],
  disablePolicy: m[48],
  acceptRaRtInfoMinPlen: m[49],
  ndiscTclass: m[50],
  rplSegEnabled: m[51],
  raDefrtrMetric: m[52],
  ioam6Enabled: m[53],
  ioam6Id: m[54],
  ioam6IdWide: m[55],
  ndiscEvictNocarrier: m[56],
  acceptUntrackedNa: m[57],
  /** Linux 6.7. */
  acceptRaMinLft: m[58],
  /** Linux 6.17. */
  forceForwarding: m[59],
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
export const icmp6Stats = structOfEqual('u64', (m) => ({
  /** How many counters there are, this one included. */
  num: m[0],
  inmsgs: m[1],
  inerrors: m[2],
  outmsgs: m[3],
  outerrors: m[4],
  csumerrors: m[5],
  ratelimithost: m[6],
}));
export interface Icmp6Stats extends ReturnType<typeof icmp6Stats.make> {}
