/** IPv6 addresses: also those that a link gives itself, and the routes that come and go with them. Duplicates are not looked for. */
import { FOREVER, IFA_F } from './address4.js';
import { LOOPBACK6, prefix6, scopeOf } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import { linkWithoutNeighbours } from './neigh.js';
import { AF_INET6, GROUP, RTM, RTN, RTPROT_KERNEL, TABLE } from './numbers.js';
import { addRoute6, deleteRoute6, findRoute6, flushRoutes6, type Hop6, type Route6 } from './route6.js';
import { bytesOf, type Fill, hexOf, NOBODY, u32Bytes } from './wire.js';

const IFAPROT_KERNEL_LO = 1;
const IFAPROT_KERNEL_LL = 3;
/** Metric of routes that the kernel makes itself. */
const IP6_RT_PRIO_ADDRCONF = 256;

export interface Address6 {
  link: Link;
  /** 32 hexadecimal digits. */
  local: string;
  peer: string | undefined;
  length: number;
  scope: number;
  flags: number;
  preferred: number;
  valid: number;
  metric: number;
  proto: number;
}

/** How far it reaches, as the kernel sorts: 14 for the whole world. */
const reach = (address: string): number => ({ 254: 1, 253: 2, 200: 5 })[scopeOf(address)] ?? 14;

export const fill6 =
  (a: Address6): Fill =>
  (m) => {
    m.head([1, AF_INET6], [1, a.length], [1, a.flags & 0xff], [1, a.scope], [4, a.link.index]);
    if (a.peer !== undefined) m.bytes(2, bytesOf(a.local));
    m.bytes(1, bytesOf(a.peer ?? a.local));
    if (a.metric !== 0) m.u32(9, a.metric);
    m.bytes(6, [...u32Bytes(a.preferred), ...u32Bytes(a.valid), 0, 0, 0, 0, 0, 0, 0, 0]);
    m.u32(8, a.flags);
    if (a.proto !== 0) m.u8(11, a.proto);
  };

const of = (link: Link): Address6[] => {
  let list = link.ns.addresses6.get(link.index);
  if (list === undefined) {
    list = [];
    link.ns.addresses6.set(link.index, list);
  }
  return list;
};

const tell = (a: Address6, type: number): void => {
  a.link.ns.changes.addresses++;
  a.link.ns.tell(GROUP.addr6, type, fill6(a));
};

function kernelRoute(link: Link, table: number, dst: string, length: number, type: number, metric: number): Route6 {
  const hop: Hop6 = { link, gateway: undefined, weight: 0, flags: 0 };
  return {
    table,
    dst,
    length,
    type,
    protocol: RTPROT_KERNEL,
    priority: metric,
    source: undefined,
    metrics: undefined,
    hops: [hop],
    nexthop: undefined,
    expires: 0,
    flags: 0,
  };
}

function prefixRoute(a: Address6, dst: string, length: number): void {
  if (!a.link.up || !a.link.ready6) return;
  const route = kernelRoute(
    a.link,
    TABLE.MAIN,
    prefix6(dst, length),
    length,
    RTN.UNICAST,
    a.metric || IP6_RT_PRIO_ADDRCONF,
  );
  route.expires = a.valid === FOREVER ? 0 : a.valid;
  addRoute6(a.link.ns, route, { create: true, exclusive: true }, NOBODY);
}

function ownRoute(a: Address6): void {
  const route = kernelRoute(a.link, TABLE.LOCAL, a.local, 128, RTN.LOCAL, 0);
  addRoute6(a.link.ns, route, { create: true, exclusive: true }, NOBODY);
}

function insert(a: Address6): void {
  const list = of(a.link);
  const at = list.findIndex((b) => reach(a.local) >= reach(b.local));
  list.splice(at < 0 ? list.length : at, 0, a);
}

/** The address is known to be the only one of its kind. */
function confirm(a: Address6): void {
  a.flags &= ~IFA_F.TENTATIVE;
  tell(a, RTM.NEWADDR);
  ownRoute(a);
  if (a.peer !== undefined) prefixRoute(a, a.peer, 128);
}

/** Adds an address that was found to be good. */
export function addAddress6(a: Address6): void {
  insert(a);
  if (!(a.flags & IFA_F.NOPREFIXROUTE)) prefixRoute(a, a.local, a.length);
  if (a.flags & IFA_F.NODAD) {
    confirm(a);
    return;
  }
  a.flags |= IFA_F.TENTATIVE;
  tell(a, RTM.NEWADDR);
  a.link.ns.kernel.later(() => {
    if (of(a.link).includes(a)) confirm(a);
  });
}

export function deleteAddress6(a: Address6): void {
  const { ns } = a.link;
  const list = of(a.link);
  list.splice(list.indexOf(a), 1);
  tell(a, RTM.DELADDR);
  const gone = (table: number, dst: string, length: number): void => {
    const route = findRoute6(ns, table, dst, length, ({ hops }) => hops[0]?.link === a.link);
    if (route !== undefined) deleteRoute6(ns, route, NOBODY);
  };
  if (a.peer !== undefined) gone(TABLE.MAIN, a.peer, 128);
  gone(TABLE.LOCAL, a.local, 128);
  // The route of a prefix stays while another address has it, and runs out by itself where it has a lifetime.
  if (!(a.flags & IFA_F.PERMANENT) || a.flags & IFA_F.NOPREFIXROUTE) return;
  const net = prefix6(a.local, a.length);
  if (list.some((b) => b.length === a.length && prefix6(b.local, b.length) === net)) return;
  gone(TABLE.MAIN, net, a.length);
}

/** An address of which the kernel itself takes care. */
const own = (link: Link, local: string, length: number, proto: number): Address6 => ({
  link,
  local,
  peer: undefined,
  length,
  scope: scopeOf(local),
  flags: IFA_F.PERMANENT,
  preferred: FOREVER,
  valid: FOREVER,
  metric: 0,
  proto,
});

/** fe80::/64 with the EUI-64 of the link's address. */
function linkLocal(link: Link): string {
  const [a = 0, b, c, d, e, f] = link.address;
  return hexOf(Uint8Array.from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b!, c!, 0xff, 0xfe, d!, e!, f!]));
}

/** A link can carry packets: it gets what IPv6 needs. */
export function linkReady6(link: Link): void {
  if (link.ready6) return;
  link.ready6 = true;
  if (link.loopback) {
    const a = own(link, LOOPBACK6, 128, IFAPROT_KERNEL_LO);
    insert(a);
    confirm(a);
    return;
  }
  for (const a of of(link)) if (!(a.flags & IFA_F.NOPREFIXROUTE)) prefixRoute(a, a.local, a.length);
  const multicast = kernelRoute(link, TABLE.LOCAL, `ff${'0'.repeat(30)}`, 8, RTN.MULTICAST, IP6_RT_PRIO_ADDRCONF);
  addRoute6(link.ns, multicast, { create: true, exclusive: true }, NOBODY);
  const a = own(link, linkLocal(link), 64, IFAPROT_KERNEL_LL);
  prefixRoute(a, a.local, 64);
  a.flags |= IFA_F.TENTATIVE;
  insert(a);
  link.ns.kernel.later(() => {
    if (of(link).includes(a)) confirm(a);
  });
}

/** A link that goes down loses its IPv6 addresses and routes. */
export function linkDown6(link: Link): void {
  flushRoutes6(link);
  linkWithoutNeighbours(link, AF_INET6);
  const list = of(link);
  link.ready6 = false;
  for (let a = list[0]; a !== undefined; a = list[0]) {
    list.shift();
    tell(a, RTM.DELADDR);
  }
}

export const isLocal6 = (ns: Namespace, address: string): boolean =>
  [...ns.addresses6.values()].some((list) => list.some(({ local }) => local === address));
