/** `ip -j -d route`, from our route. */
import type { NextHop, RouteRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { encapToIp } from './map-encaps.js';
import { family, hex, type Names, protocol, routeTable, routeType, scope, when, yes } from './words.js';

const INET6 = 10;

/** Prefixes of full length are printed as addresses. */
const prefix = (value: string | undefined): string | undefined => value?.replace(/(?<=\..*)\/32$|(?<=:.*)\/128$/, '');

const NEXTHOP_FLAGS: readonly (readonly [string, number])[] = [
  ['dead', 0x1],
  ['onlink', 0x4],
  ['pervasive', 0x2],
  ['offload', 0x8],
  ['trap', 0x40],
  ['linkdown', 0x10],
  ['unresolved', 0x20],
];
const ROUTE_FLAGS: readonly (readonly [string, number])[] = [
  ['notify', 0x100],
  ['rt_offload', 0x4000],
  ['rt_trap', 0x8000],
  ['rt_offload_failed', 0x20000000],
];
const MPLS = 28;
const CLONED = 0x200;
/** RTCF_* of linux/in_route.h; one of them has the number of another flag. */
const CACHE_FLAGS: readonly (readonly [string, number])[] = [
  ['local', 0x80000000],
  ['mc', 0x20000000],
  ['brd', 0x10000000],
  ['redirected', 0x40000],
  ['redirect', 0x1000000],
];
const words = (table: readonly (readonly [string, number])[], flags: number): string[] =>
  table.filter(([, bit]) => flags & bit).map(([word]) => word);

/** Realms: the source's only when there is one. */
const flow = (value: number | undefined): Mapped =>
  value === undefined ? undefined : { from: value >>> 16 ? realm(value >>> 16) : undefined, to: realm(value & 0xffff) };
const realm = (value: number): string => (value === 0 ? 'cosmos' : String(value));

function metrics(o: RouteRow): Mapped {
  const m = o.metrics;
  if (m === undefined) return undefined;
  const mapped = {
    mtu: m.mtu,
    window: m.window,
    rtt: m.rtt === undefined ? undefined : Math.floor(m.rtt / 8),
    rttvar: m.rttvar === undefined ? undefined : Math.floor(m.rttvar / 4),
    ssthresh: m.ssthresh,
    cwnd: m.cwnd,
    advmss: m.advmss,
    reordering: m.reordering,
    hoplimit: m.hoplimit,
    initcwnd: m.initcwnd,
    ecn: m.features === undefined ? undefined : m.features & 1 ? null : undefined,
    rto_min: m.rtoMin,
    initrwnd: m.initrwnd,
    quickack: m.quickack,
    congestion: m.ccAlgo,
    fastopen_no_cookie: m.fastopenNoCookie,
  };
  return [mapped];
}

function hop(o: NextHop, names: Names, labels: boolean): Mapped {
  return {
    ...encapToIp(o, names),
    gateway: o.gateway,
    to: o.newdst,
    via: o.via && { family: family(o.via.family), host: o.via.addr },
    flow: flow(o.flow),
    dev: o.ifindex === 0 ? '*' : names.name(o.ifindex),
    weight: when(o.hops + 1, !labels),
    flags: words(NEXTHOP_FLAGS, o.flags),
  };
}

/** One of two values under the same key: the later one, when there is one. Both are read. */
const overruled = (later: Mapped, value: Mapped): Mapped => later ?? value;

export interface RouteContext extends Names {
  deleted?: boolean;
}

export function routeToIp(o: RouteRow, c: RouteContext): Mapped {
  // An answer to a lookup.
  const cloned = (o.flags & CLONED) !== 0;
  const { dst, tos, ...encap } = encapToIp(o, c);
  return {
    ...encap,
    // Which of `ip -4` and `ip -6` printed it.
    family: family(o.family),
    deleted: yes(c.deleted),
    type: routeType(o.type),
    // The encapsulation's come later under the same keys.
    dst: overruled(dst, prefix(o.dst)),
    from: prefix(o.src),
    to: o.newdst,
    tos: overruled(tos, o.tos === 0 ? undefined : hex(o.tos)),
    nhid: o.nhId,
    gateway: o.gateway,
    via: o.via && { family: family(o.via.family), host: o.via.addr },
    dev: o.oif === undefined ? undefined : c.name(o.oif),
    iif: o.iif === undefined ? undefined : c.name(o.iif),
    table: when(routeTable(o.table), !cloned && o.family !== MPLS),
    protocol: when(protocol(o.protocol), !cloned),
    scope: when(scope(o.scope), !cloned),
    mark: o.mark,
    uid: o.uid,
    prefsrc: o.prefsrc,
    metric: o.priority,
    flags: [...words(NEXTHOP_FLAGS, o.flags), ...words(ROUTE_FLAGS, o.flags)],
    flow: flow(o.flow),
    metrics: metrics(o),
    nexthops: o.multipath?.map((next) => hop(next, c, o.family === MPLS)),
    pref: o.pref,
    'ttl-propogate': o.ttlPropagate,
    cache: when(words(CACHE_FLAGS, o.flags), cloned && o.family !== INET6),
    ...((o.family === INET6 || cloned) && o.cacheinfo ? cache(o.cacheinfo) : {}),
  };
}

function cache(o: NonNullable<RouteRow['cacheinfo']>): Record<string, Mapped> {
  return {
    expires: o.expires ? Math.floor(o.expires / 100) : undefined,
    error: o.error || undefined,
    users: o.clntref || undefined,
    used: o.used || undefined,
    age: when(Math.floor(o.lastuse / 100), o.lastuse !== 0),
  };
}
