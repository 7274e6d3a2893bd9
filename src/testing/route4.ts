/** The tables of IPv4 routes, as the kernel sorts, replaces, announces and forgets them. */

import { E, refuse } from './errno.js';
import { be32, maskOf } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import type { Nexthop } from './nexthop.js';
import { AF_INET, GROUP, RTM, RTN, RTNH, SCOPE } from './numbers.js';
import { type Cause, type Fill, hexOf, NOBODY, type Payload } from './wire.js';

export interface Hop4 {
  link: Link | undefined;
  /** IPv4 as a number, IPv6 as digits. */
  gateway: number | string | undefined;
  /** rtnh_hops: the weight less one. */
  weight: number;
  /** RTNH_F_ONLINK. */
  flags: number;
  /** Scope of what is reached through it. */
  scope: number;
  dead?: boolean;
}

export interface Route4 {
  table: number;
  dst: number;
  length: number;
  tos: number;
  type: number;
  protocol: number;
  scope: number;
  priority: number;
  source: number | undefined;
  metrics: Uint8Array | undefined;
  hops: Hop4[];
  /** Given as several next hops. */
  several: boolean;
  flags: number;
  nexthop: Nexthop | undefined;
}

export interface How {
  create?: boolean;
  exclusive?: boolean;
  replace?: boolean;
  append?: boolean;
}

/** Ours and the kernel's own: hops by what they say. */
const hopKey = ({ link, gateway, weight, flags, scope }: Hop4): string =>
  [link?.index, gateway, weight, flags, scope].join('/');

/** What makes two routes of one place the same. */
const key = (r: Route4): string =>
  [
    r.type,
    r.protocol,
    r.scope,
    r.priority,
    r.source ?? '',
    r.metrics === undefined ? '' : hexOf(r.metrics),
    r.nexthop?.id ?? r.hops.map(hopKey).join(),
  ].join(' ');

/** Hops of a route now: those of its next hop object, where it has one. */
export const hopsOf = (r: Route4): readonly Hop4[] => r.nexthop?.hops4() ?? r.hops;

const shownFlags = (hop: Hop4): number =>
  hop.flags |
  (hop.dead ? RTNH.DEAD | RTNH.LINKDOWN : 0) |
  (hop.link?.linkDown && hop.scope !== SCOPE.NOWHERE ? RTNH.LINKDOWN : 0);

function gatewayOf(m: Payload, { gateway }: Hop4): void {
  if (typeof gateway === 'number') m.bytes(5, be32(gateway));
  else if (gateway !== undefined) m.bytes(18, viaBytes(gateway));
}

/** struct rtvia. */
const viaBytes = (gateway: string): Uint8Array =>
  Uint8Array.from([10, 0, ...(gateway.match(/../g) ?? []).map((x) => Number.parseInt(x, 16))]);

export function fillHops(m: Payload, hops: readonly Hop4[]): void {
  m.nest(9, () => {
    for (const hop of hops) {
      const p = m.w.pos;
      m.head([2, 0], [1, shownFlags(hop)], [1, hop.weight], [4, hop.link?.index ?? 0]);
      gatewayOf(m, hop);
      m.w.u16[p >> 1] = m.w.pos - p;
    }
  });
}

export const fillRoute4 =
  (r: Route4): Fill =>
  (m) => {
    const hops = hopsOf(r);
    const only = hops.length === 1 ? hops[0] : undefined;
    const blackhole = r.nexthop?.blackhole === true;
    const type = blackhole ? RTN.BLACKHOLE : r.type;
    const flags = r.flags | (only === undefined ? 0 : shownFlags(only));
    m.head(
      [1, AF_INET],
      [1, r.length],
      [1, 0],
      [1, r.tos],
      [1, r.table < 256 ? r.table : 252],
      [1, r.protocol],
      [1, r.scope],
      [1, type],
      [4, flags],
    );
    m.u32(15, r.table);
    if (r.length > 0) m.bytes(1, be32(r.dst));
    if (r.priority !== 0) m.u32(6, r.priority);
    if (r.metrics !== undefined) m.bytes(8, r.metrics);
    if (r.source !== undefined) m.bytes(7, be32(r.source));
    if (r.nexthop !== undefined) m.u32(30, r.nexthop.id);
    if (hops.length > 1) fillHops(m, hops);
    else if (only !== undefined) {
      gatewayOf(m, only);
      if (only.link !== undefined) m.u32(4, only.link.index);
    }
  };

const tableOf = (ns: Namespace, table: number): Route4[] => {
  let list = ns.routes4.get(table);
  if (list === undefined) {
    list = [];
    ns.routes4.set(table, list);
  }
  return list;
};

/** Order of dumps: by prefix, longer ones of the same first, then by tos downwards and by priority. */
const order = (a: Route4, b: Route4): number =>
  a.dst - b.dst || b.length - a.length || b.tos - a.tos || a.priority - b.priority;

const told = (ns: Namespace, type: number, r: Route4, flags: number, cause: Cause): void =>
  ns.notify(GROUP.route4, type, flags, cause, fillRoute4(r));

/** Adds or replaces a route. Throws a Refusal. */
export function addRoute4(ns: Namespace, r: Route4, how: How, cause: Cause, tell = told): void {
  const list = tableOf(ns, r.table);
  const run = list.filter((o) => order(o, r) === 0);
  const [first] = run;
  let flags = 0x200;
  if (first !== undefined) {
    if (how.exclusive) refuse(E.EXIST);
    flags = 0;
    const match = run.find((o) => key(o) === key(r));
    if (how.replace) {
      if (match !== undefined) {
        if (match === first) return;
        refuse(E.EXIST);
      }
      list[list.indexOf(first)] = r;
      tell(ns, RTM.NEWROUTE, r, 0x100, cause);
      return;
    }
    if (match !== undefined) refuse(E.EXIST);
    if (how.append) flags |= 0x800;
  }
  if (!how.create) refuse(E.NOENT);
  flags |= 0x400;
  let at = list.findIndex((o) => (how.append ? order(o, r) > 0 : order(o, r) >= 0));
  if (at < 0) at = list.length;
  list.splice(at, 0, r);
  tell(ns, RTM.NEWROUTE, r, flags, cause);
}

/** addRoute4 for the kernel's own routes, where one that is there already is no error. */
export function removeRoute4(ns: Namespace, r: Route4): void {
  const list = tableOf(ns, r.table);
  list.splice(list.indexOf(r), 1);
}

/** Deletes a route of the kernel's own, if it is there. */
export function magicDelete(
  link: Link,
  type: number,
  dst: number,
  length: number,
  source: number | undefined,
  metric: number,
): void {
  const table = type === RTN.UNICAST ? 254 : 255;
  const found = (link.ns.routes4.get(table) ?? []).find(
    (r) =>
      r.dst === (dst & maskOf(length)) >>> 0 &&
      r.length === length &&
      r.type === type &&
      r.protocol === 2 &&
      (metric === 0 || r.priority === metric) &&
      (source === undefined || r.source === source) &&
      r.hops[0]?.link === link,
  );
  if (found === undefined) return;
  removeRoute4(link.ns, found);
  told(link.ns, RTM.DELROUTE, found, 0, NOBODY);
}

/** Forgets routes without a word. */
function forget(ns: Namespace, which: (r: Route4) => boolean): void {
  for (const [table, list] of ns.routes4) {
    const rest = list.filter((r) => !which(r));
    if (rest.length < list.length) ns.routes4.set(table, rest);
  }
}

/** Routes over a link that lead nowhere any more vanish; of several next hops that one is marked. `all`: own ones too. */
export function dropRoutesOf(link: Link, all: boolean): void {
  forget(link.ns, (r) => {
    if (r.nexthop !== undefined) return false;
    for (const hop of r.hops) if (hop.link === link && (all || hop.scope !== SCOPE.NOWHERE)) hop.dead = true;
    const { hops } = r;
    return hops.length > 0 && hops.every(({ dead }) => dead);
  });
}

/** The hops over a link lead somewhere again. */
export function reviveHops(link: Link): void {
  for (const list of link.ns.routes4.values())
    for (const { hops } of list) for (const hop of hops) if (hop.link === link) delete hop.dead;
}

/** Routes that send from an address that is gone vanish, and are told (Linux 6.7). */
export function sourceGone(link: Link, source: number): void {
  const { ns } = link;
  const gone = allRoutes4(ns).filter((r) => r.source === source);
  forget(ns, (r) => gone.includes(r));
  for (const r of gone) told(ns, RTM.DELROUTE, r, 0, NOBODY);
}

/** Routes through a next hop object that is gone: nobody is told. */
export function nexthopGone4(ns: Namespace, nexthop: Nexthop): void {
  forget(ns, (r) => r.nexthop === nexthop);
}

/** All routes in the order of a dump. */
export function allRoutes4(ns: Namespace): Route4[] {
  const bucket = (table: number): number => table & 0xff;
  const tables = [...ns.routes4.keys()].sort((a, b) => bucket(a) - bucket(b));
  return tables.flatMap((table) => ns.routes4.get(table) ?? []);
}

/** The route of a table that an address takes: the longest prefix, then the lowest priority. */
export function lookup4(ns: Namespace, table: number, dst: number): Route4 | undefined {
  const fits = (ns.routes4.get(table) ?? []).filter((r) => ((r.dst ^ dst) & maskOf(r.length)) === 0 && r.tos === 0);
  return fits.sort((a, b) => b.length - a.length || a.priority - b.priority)[0];
}
