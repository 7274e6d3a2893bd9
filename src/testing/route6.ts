/** The tables of IPv6 routes, as the kernel sorts, joins, replaces, announces and forgets them. */

import { E, refuse } from './errno.js';
import { prefix6 } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import type { Nexthop } from './nexthop.js';
import { AF_INET6, GROUP, RTM, RTN, RTNH } from './numbers.js';
import type { How } from './route4.js';
import { bytesOf, type Cause, type Fill, NOBODY, type Payload, u32Bytes } from './wire.js';

export interface Hop6 {
  link: Link | undefined;
  /** 32 hexadecimal digits. */
  gateway: string | undefined;
  weight: number;
  flags: number;
  dead?: boolean;
}

export interface Route6 {
  table: number;
  dst: string;
  length: number;
  type: number;
  protocol: number;
  priority: number;
  source: string | undefined;
  metrics: Uint8Array | undefined;
  /** Several are routes of one prefix and metric that the kernel joined. */
  hops: Hop6[];
  nexthop: Nexthop | undefined;
  /** Seconds, 0: for ever. */
  expires: number;
  flags: number;
}

export const hopsOf6 = (r: Route6): readonly Hop6[] => r.nexthop?.hops6() ?? r.hops;

const shownFlags = (r: Route6, hop: Hop6): number =>
  hop.flags |
  (hop.dead ? RTNH.DEAD | RTNH.LINKDOWN : 0) |
  (hop.link?.linkDown && r.type !== RTN.LOCAL ? RTNH.LINKDOWN : 0);

function fillHops(m: Payload, r: Route6, hops: readonly Hop6[]): void {
  m.nest(9, () => {
    for (const hop of hops) {
      const p = m.w.pos;
      m.head([2, 0], [1, shownFlags(r, hop)], [1, hop.weight], [4, hop.link?.index ?? 0]);
      if (hop.gateway !== undefined) m.bytes(5, bytesOf(hop.gateway));
      m.w.u16[p >> 1] = m.w.pos - p;
    }
  });
}

/** struct rta_cacheinfo: only the lifetime is no clock. In hundredths of a second. */
export const cacheinfo = (expires: number): number[] => [
  ...new Array<number>(8).fill(0),
  ...u32Bytes(expires * 100),
  ...new Array<number>(20).fill(0),
];

export const fillRoute6 =
  (r: Route6, hops: readonly Hop6[] = hopsOf6(r)): Fill =>
  (m) => {
    const [first] = hops;
    m.head(
      [1, AF_INET6],
      [1, r.length],
      [1, 0],
      [1, 0],
      [1, r.table < 256 ? r.table : 252],
      [1, r.protocol],
      [1, 0],
      [1, r.nexthop?.blackhole ? RTN.BLACKHOLE : r.type],
      [4, r.flags | (hops.length === 1 && first !== undefined ? shownFlags(r, first) : 0)],
    );
    m.u32(15, r.table);
    if (r.length > 0) m.bytes(1, bytesOf(r.dst));
    if (r.source !== undefined) m.bytes(7, bytesOf(r.source));
    if (r.metrics !== undefined) m.bytes(8, r.metrics);
    m.u32(6, r.priority);
    if (r.nexthop !== undefined) m.u32(30, r.nexthop.id);
    if (hops.length > 1) fillHops(m, r, hops);
    else if (first !== undefined) {
      if (first.gateway !== undefined) m.bytes(5, bytesOf(first.gateway));
      if (first.link !== undefined) m.u32(4, first.link.index);
    }
    m.bytes(12, cacheinfo(r.expires));
    m.u8(20, 0);
  };

const told = (ns: Namespace, type: number, r: Route6, flags: number, cause: Cause, hops?: readonly Hop6[]): void =>
  ns.notify(GROUP.route6, type, flags, cause, fillRoute6(r, hops));

/** The order in which the kernel walks its tree: what is more exact before what holds it, else by bits. */
function order(a: Route6, b: Route6): number {
  if (a.dst === b.dst && a.length === b.length) return a.priority - b.priority;
  const length = Math.min(a.length, b.length);
  const left = prefix6(a.dst, length);
  const right = prefix6(b.dst, length);
  if (left === right) return b.length - a.length;
  return left < right ? -1 : 1;
}

const samePlace = (a: Route6, b: Route6): boolean =>
  a.dst === b.dst && a.length === b.length && a.priority === b.priority;

/** Whether the kernel would join it with others of its prefix and metric. */
const joins = (r: Route6): boolean =>
  r.nexthop === undefined &&
  r.protocol !== 2 &&
  r.hops.every(({ gateway }) => gateway !== undefined) &&
  r.hops.length > 0;

const sameHop = (a: Hop6, b: Hop6): boolean => a.link === b.link && a.gateway === b.gateway;

const tableOf = (ns: Namespace, table: number): Route6[] => {
  let list = ns.routes6.get(table);
  if (list === undefined) {
    list = [];
    ns.routes6.set(table, list);
  }
  return list;
};

export interface How6 extends How {
  /** Announces by itself. */
  announce?: (type: number, flags: number, hops: readonly Hop6[]) => void;
}

/** Adds, joins or replaces a route. Throws a Refusal, unless it is the kernel's own (`cause` nobody). */
export function addRoute6(ns: Namespace, r: Route6, how: How6, cause: Cause): void {
  const own = cause === NOBODY;
  const list = tableOf(ns, r.table);
  const run = list.filter((o) => samePlace(o, r));
  const say =
    how.announce ?? ((type: number, flags: number, hops: readonly Hop6[]) => told(ns, type, r, flags, cause, hops));
  let flags = 0x200 | (how.append ? 0x800 : 0);
  if (how.replace) {
    const found = run.find((o) => joins(o) === joins(r)) ?? run[0];
    if (found !== undefined) {
      list[list.indexOf(found)] = r;
      say(RTM.NEWROUTE, 0x100, hopsOf6(r));
      return;
    }
    if (!how.create)
      refuse(
        E.NOENT,
        list.some((o) => o.dst === r.dst && o.length === r.length)
          ? undefined
          : 'Can not replace route - no match found',
      );
  }
  for (const o of run) {
    if (how.exclusive && !own) refuse(E.EXIST);
    flags &= ~0x200;
    if (o.nexthop === r.nexthop && r.hops.some((hop) => o.hops.some((h) => sameHop(h, hop)))) {
      if (own) return;
      refuse(E.EXIST);
    }
  }
  flags |= 0x400;
  const sibling = joins(r) ? run.find(joins) : undefined;
  if (sibling !== undefined) {
    const before = sibling.hops;
    sibling.hops = [...before, ...r.hops];
    // The kernel names the new one first, then those that it was joined with.
    say(RTM.NEWROUTE, flags & ~0x200, [...r.hops, ...before]);
    return;
  }
  let at = list.findIndex((o) => order(o, r) > 0);
  if (at < 0) at = list.length;
  list.splice(at, 0, r);
  // Several next hops are added one by one, so that the first was there already for the second.
  say(RTM.NEWROUTE, r.hops.length > 1 ? flags & ~0x200 : flags, hopsOf6(r));
}

export function findRoute6(
  ns: Namespace,
  table: number,
  dst: string,
  length: number,
  which: (r: Route6) => boolean,
): Route6 | undefined {
  return ns.routes6.get(table)?.find((r) => r.dst === dst && r.length === length && which(r));
}

/** Deletes a route, or one of its hops. */
export function deleteRoute6(ns: Namespace, r: Route6, cause: Cause, hop?: Hop6): void {
  if (hop !== undefined && r.hops.length > 1) {
    r.hops = r.hops.filter((h) => h !== hop);
    told(ns, RTM.DELROUTE, r, 0, cause, [hop]);
    return;
  }
  const list = tableOf(ns, r.table);
  list.splice(list.indexOf(r), 1);
  told(ns, RTM.DELROUTE, r, 0, cause);
}

/** All routes in the order of a dump. */
export function allRoutes6(ns: Namespace): Route6[] {
  const bucket = (table: number): number => table & 0xff;
  const tables = [...ns.routes6.keys()].sort((a, b) => bucket(a) - bucket(b));
  return tables.flatMap((table) => ns.routes6.get(table) ?? []);
}

/** A link that goes down takes its routes along, and each is told. Of several next hops that one is marked. */
export function flushRoutes6(link: Link): void {
  const { ns } = link;
  for (const r of allRoutes6(ns)) {
    if (r.nexthop !== undefined) continue;
    const mine = r.hops.filter((hop) => hop.link === link);
    if (mine.length === 0) continue;
    if (r.hops.some((hop) => hop.link !== link && !hop.dead)) {
      for (const hop of mine) hop.dead = true;
      continue;
    }
    for (const hop of [...r.hops]) deleteRoute6(ns, r, NOBODY, hop);
  }
}

/** The hops over a link lead somewhere again. */
export function reviveHops6(link: Link): void {
  for (const { hops } of allRoutes6(link.ns)) for (const hop of hops) if (hop.link === link) delete hop.dead;
}

/** Routes through a next hop object that is gone are told. */
export function nexthopGone6(ns: Namespace, nexthop: Nexthop): void {
  for (const r of allRoutes6(ns)) if (r.nexthop === nexthop) deleteRoute6(ns, r, NOBODY);
}

/** The route of a table that an address takes. */
export function lookup6(ns: Namespace, table: number, dst: string): Route6 | undefined {
  const fits = (ns.routes6.get(table) ?? []).filter((r) => prefix6(dst, r.length) === r.dst);
  return fits.sort((a, b) => b.length - a.length || a.priority - b.priority)[0];
}
