/** IPv4 addresses: the routes that come and go with them. */

import { Refusal } from './errno.js';
import { be32, maskOf } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import { AF_INET, GROUP, RTM, RTN, RTPROT_KERNEL, SCOPE, TABLE } from './numbers.js';
import { addRoute4, dropRoutesOf, type Hop4, magicDelete, type Route4, reviveHops, sourceGone } from './route4.js';
import { type Cause, type Fill, NOBODY, u32Bytes } from './wire.js';

export const IFA_F = { SECONDARY: 1, NODAD: 2, TENTATIVE: 0x40, PERMANENT: 0x80, NOPREFIXROUTE: 0x200 } as const;
export const FOREVER = 0xffffffff;

export interface Address4 {
  link: Link;
  local: number;
  /** The peer's, or the same. */
  address: number;
  length: number;
  broadcast: number | undefined;
  label: string;
  scope: number;
  flags: number;
  preferred: number;
  valid: number;
  metric: number;
  proto: number;
}

const sameNet = (a: Address4, address: number): boolean => ((a.address ^ address) & maskOf(a.length)) === 0;

export const fill4 =
  (a: Address4): Fill =>
  (m) => {
    m.head([1, AF_INET], [1, a.length], [1, a.flags & 0xff], [1, a.scope], [4, a.link.index]);
    m.bytes(1, be32(a.address));
    m.bytes(2, be32(a.local));
    if (a.broadcast !== undefined) m.bytes(4, be32(a.broadcast));
    m.str(3, a.label);
    if (a.proto !== 0) m.u8(11, a.proto);
    m.u32(8, a.flags);
    if (a.metric !== 0) m.u32(9, a.metric);
    m.bytes(6, [...u32Bytes(a.preferred), ...u32Bytes(a.valid), 0, 0, 0, 0, 0, 0, 0, 0]);
  };

const of = (link: Link): Address4[] => {
  let list = link.ns.addresses4.get(link.index);
  if (list === undefined) {
    list = [];
    link.ns.addresses4.set(link.index, list);
  }
  return list;
};

/** A route of the kernel's own. */
function magic(a: Address4, type: number, dst: number, length: number, source: Address4, metric: number): void {
  const { link } = a;
  const table = type === RTN.UNICAST ? TABLE.MAIN : TABLE.LOCAL;
  const scope = type === RTN.LOCAL ? SCOPE.HOST : SCOPE.LINK;
  const hop: Hop4 = {
    link,
    gateway: undefined,
    weight: 0,
    flags: 0,
    scope: scope === SCOPE.HOST ? SCOPE.NOWHERE : SCOPE.HOST,
  };
  own(link.ns, {
    table,
    dst,
    length,
    tos: 0,
    type,
    protocol: RTPROT_KERNEL,
    scope,
    priority: metric,
    source: source.local,
    metrics: undefined,
    hops: [hop],
    several: false,
    flags: 0,
    nexthop: undefined,
  });
}

/** A route of the kernel's own that is there already stays as it is. */
function own(ns: Namespace, route: Route4): void {
  try {
    addRoute4(ns, route, { create: true, append: true }, NOBODY);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** Routes of an address: to itself, to its prefix, to everybody there. */
function addRoutes(a: Address4): void {
  const { link } = a;
  const mask = maskOf(a.length);
  const prefix = (a.address & mask) >>> 0;
  const first =
    a.flags & IFA_F.SECONDARY
      ? of(link).find((b) => !(b.flags & IFA_F.SECONDARY) && b.length === a.length && sameNet(b, prefix))
      : a;
  if (first === undefined) return;
  magic(a, RTN.LOCAL, a.local, 32, first, 0);
  if (!link.up) return;
  if (a.broadcast !== undefined && a.broadcast !== 0xffffffff) magic(a, RTN.BROADCAST, a.broadcast, 32, first, 0);
  if (prefix >>> 24 === 0 || a.flags & IFA_F.SECONDARY || (prefix === a.local && a.length === 32)) return;
  if (!(a.flags & IFA_F.NOPREFIXROUTE))
    magic(a, link.loopback ? RTN.LOCAL : RTN.UNICAST, prefix, a.length, first, a.metric);
  if (a.length < 31) magic(a, RTN.BROADCAST, (prefix | ~mask) >>> 0, 32, first, 0);
}

/** Takes them away, as far as no other address needs them. */
function deleteRoutes(a: Address4): void {
  const { link } = a;
  const mask = maskOf(a.length);
  const any = (a.address & mask) >>> 0;
  const all = (any | ~mask) >>> 0;
  const rest = of(link);
  const secondary = (a.flags & IFA_F.SECONDARY) !== 0;
  const first = secondary
    ? rest.find((b) => !(b.flags & IFA_F.SECONDARY) && b.length === a.length && sameNet(b, any))
    : a;
  const source = first?.local;
  let subnet = false;
  if (!secondary && any >>> 24 !== 0 && (any !== a.local || a.length < 32)) {
    if (!(a.flags & IFA_F.NOPREFIXROUTE))
      magicDelete(link, link.loopback ? RTN.LOCAL : RTN.UNICAST, any, a.length, source, a.metric);
    subnet = true;
  }
  const needed = new Set<number>();
  for (const b of rest) {
    if (b.broadcast !== undefined) needed.add(b.broadcast);
    if (secondary && b === first && b.length < 31) {
      const net = (b.address & maskOf(b.length)) >>> 0;
      needed.add((net | ~maskOf(b.length)) >>> 0);
      needed.add(net);
    }
  }
  if (a.broadcast !== undefined && !needed.has(a.broadcast))
    magicDelete(link, RTN.BROADCAST, a.broadcast, 32, source, 0);
  if (subnet && a.length < 31)
    for (const b of [all, any]) if (!needed.has(b)) magicDelete(link, RTN.BROADCAST, b, 32, source, 0);
  if (rest.some(({ local }) => local === a.local)) return;
  magicDelete(link, RTN.LOCAL, a.local, 32, source, 0);
  if (!isLocal(link.ns, a.local)) sourceGone(link, a.local);
}

/** Whether any link has this address. */
export const isLocal = (ns: Namespace, local: number): boolean =>
  [...ns.addresses4.values()].some((list) => list.some((a) => a.local === local));

/** Adds an address that was found to be good. */
export function addAddress4(a: Address4, cause: Cause): void {
  const list = of(a.link);
  if (a.flags & IFA_F.SECONDARY) list.push(a);
  else {
    // Behind the last one of at least its scope, before all secondary ones.
    let at = 0;
    list.forEach((b, i) => {
      if (!(b.flags & IFA_F.SECONDARY) && a.scope <= b.scope) at = i + 1;
    });
    list.splice(at, 0, a);
  }
  a.link.ns.changes.addresses++;
  a.link.ns.notify(GROUP.addr4, RTM.NEWADDR, 0, cause, fill4(a));
  addRoutes(a);
}

/** Deletes an address, and before it the secondary ones that depend on it. */
export function deleteAddress4(a: Address4, cause: Cause): void {
  const list = of(a.link);
  const remove = (b: Address4): void => {
    list.splice(list.indexOf(b), 1);
    b.link.ns.changes.addresses++;
    b.link.ns.notify(GROUP.addr4, RTM.DELADDR, 0, cause, fill4(b));
    deleteRoutes(b);
    // Without an address the link has no IPv4, and nothing is said of its routes.
    if (list.length === 0) dropRoutesOf(b.link, true);
  };
  if (!(a.flags & IFA_F.SECONDARY))
    for (const b of [...list])
      if (b.flags & IFA_F.SECONDARY && b.length === a.length && sameNet(a, b.address)) remove(b);
  remove(a);
}

/** Labels of addresses follow the name of their link: that of the first is the name, others keep what is behind a colon. */
export function relabel(link: Link): void {
  of(link).forEach((a, i) => {
    const old = a.label.indexOf(':');
    const rest = old < 0 ? `:${i + 1}` : a.label.slice(old);
    a.label = i === 0 ? link.name : `${link.name.slice(0, 15 - rest.length)}${rest}`;
    link.ns.changes.addresses++;
    link.ns.tell(GROUP.addr4, RTM.NEWADDR, fill4(a));
  });
}

export function linkUp4(link: Link): void {
  reviveHops(link);
  if (link.loopback && of(link).length === 0) {
    const lo = 0x7f000001;
    addAddress4(
      {
        link,
        local: lo,
        address: lo,
        length: 8,
        broadcast: undefined,
        label: link.name,
        scope: SCOPE.HOST,
        flags: IFA_F.PERMANENT,
        preferred: FOREVER,
        valid: FOREVER,
        metric: 0,
        proto: 0,
      },
      NOBODY,
    );
    return;
  }
  for (const a of of(link)) addRoutes(a);
}

export function linkDown4(link: Link): void {
  dropRoutesOf(link, false);
}

export function linkGone4(link: Link): void {
  for (let a = of(link)[0]; a !== undefined; a = of(link)[0]) deleteAddress4(a, NOBODY);
  dropRoutesOf(link, true);
  link.ns.addresses4.delete(link.index);
}
