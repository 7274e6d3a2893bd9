/** Neighbours, and whom one answers for (proxies). */
import type { Context, Dump, Handlers } from './context.js';
import { E, refuse } from './errno.js';
import { addFdb, deleteFdb, dumpFdb, getFdb } from './fdb.js';
import { fromBe32 } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import { AF_BRIDGE, AF_INET, AF_INET6, GROUP, NLM, RTM, RTN, TABLE } from './numbers.js';
import { lookup4 } from './route4.js';
import { type Attrs, type Cause, type Fill, NOBODY, same } from './wire.js';

export interface Neighbour {
  link: Link;
  family: number;
  dst: Uint8Array;
  lladdr: Uint8Array | undefined;
  state: number;
  flags: number;
  protocol: number;
}

const NUD = { INCOMPLETE: 1, FAILED: 0x20, NONE: 0 } as const;
/** States in which the address of the link layer is known. */
const VALID = 0xde;
const NTF = { PROXY: 8 } as const;
const NDA = { DST: 1, LLADDR: 2, CACHEINFO: 3, PROBES: 4, MASTER: 9, IFINDEX: 8, PROTOCOL: 12 } as const;

/** What the address is to routing; before there is a table of local routes all are broadcasts. */
function typeOf(n: Neighbour): number {
  if (n.family === AF_INET6) return n.dst[0] === 0xff ? RTN.MULTICAST : RTN.UNICAST;
  if (n.dst[0]! >= 224 && n.dst[0]! < 240) return RTN.MULTICAST;
  const { ns } = n.link;
  if (!ns.routes4.has(TABLE.LOCAL)) return RTN.BROADCAST;
  return lookup4(ns, TABLE.LOCAL, fromBe32(n.dst))?.type ?? RTN.UNICAST;
}

const fill =
  (n: Neighbour): Fill =>
  (m) => {
    m.head([1, n.family], [1, 0], [2, 0], [4, n.link.index], [2, n.state], [1, n.flags], [1, typeOf(n)]);
    m.bytes(NDA.DST, n.dst);
    if (n.state & VALID && n.lladdr !== undefined) m.bytes(NDA.LLADDR, n.lladdr);
    m.u32(NDA.PROBES, 0);
    m.bytes(NDA.CACHEINFO, new Uint8Array(16));
    if (n.protocol !== 0) m.u8(NDA.PROTOCOL, n.protocol);
  };

const fillProxy =
  (n: Neighbour): Fill =>
  (m) => {
    m.head([1, n.family], [1, 0], [2, 0], [4, n.link.index], [2, 0], [1, n.flags | NTF.PROXY], [1, RTN.UNICAST]);
    m.bytes(NDA.DST, n.dst);
    if (n.protocol !== 0) m.u8(NDA.PROTOCOL, n.protocol);
  };

const tell = (ns: Namespace, n: Neighbour, type: number, cause: Cause = NOBODY): void =>
  ns.notify(GROUP.neigh, type, 0, { seq: 0, port: cause.port }, fill(n));

/** A link that goes down forgets its neighbours. */
export function linkWithoutNeighbours(link: Link, family: number): void {
  const { ns } = link;
  const gone = ns.neighbours.filter((n) => n.link === link && n.family === family);
  ns.neighbours = ns.neighbours.filter((n) => !gone.includes(n));
  ns.proxies = ns.proxies.filter((n) => !(n.link === link && n.family === family));
  for (const n of gone) tell(ns, n, RTM.DELNEIGH);
}

function familyOf(c: Context): number {
  const family = c.request.h8(0);
  return family === AF_INET || family === AF_INET6 ? family : refuse(E.OPNOTSUPP);
}

function dstOf(attrs: Attrs, family: number): Uint8Array {
  const dst = attrs.get(NDA.DST) ?? refuse(E.INVAL, 'Network address not specified');
  if (dst.length < (family === AF_INET ? 4 : 16)) refuse(E.INVAL, 'Invalid network address', attrs.at(NDA.DST));
  return dst.slice();
}

const find = (list: readonly Neighbour[], link: Link | undefined, dst: Uint8Array): Neighbour | undefined =>
  list.find((n) => n.link === link && same(n.dst, dst));

function add(c: Context): void {
  if (c.request.h8(0) === AF_BRIDGE) {
    addFdb(c);
    return;
  }
  const attrs = c.request.attrs(12);
  const index = c.request.h32(4);
  const link = index === 0 ? undefined : (c.ns.link(index) ?? refuse(E.NODEV));
  const family = familyOf(c);
  const lladdr = attrs.get(NDA.LLADDR)?.slice();
  if (link !== undefined && lladdr !== undefined && lladdr.length < link.address.length)
    refuse(E.INVAL, 'Invalid link address');
  const dst = dstOf(attrs, family);
  const flags = c.request.h8(10);
  const state = c.request.h16(8);
  const protocol = attrs.u8(NDA.PROTOCOL) ?? 0;
  if (link === undefined) refuse(E.INVAL, 'Device not specified');
  const n: Neighbour = { link: link!, family, dst, lladdr, state, flags, protocol };
  if (flags & NTF.PROXY) {
    const there = find(c.ns.proxies, link, dst);
    if (there === undefined) c.ns.proxies.push({ ...n, lladdr: undefined, flags: flags & ~NTF.PROXY });
    else there.protocol = protocol;
    return;
  }
  const there = find(c.ns.neighbours, link, dst);
  if (there === undefined) {
    if (!c.request.has(NLM.CREATE)) refuse(E.NOENT);
    if (state & VALID && lladdr === undefined) refuse(E.INVAL, 'No link layer address given');
    c.ns.neighbours.push(n);
    tell(c.ns, n, RTM.NEWNEIGH, c.cause);
    return;
  }
  if (c.request.has(NLM.EXCL)) refuse(E.EXIST);
  // Without NLM_F_REPLACE an address that is known stays.
  if (lladdr !== undefined && (c.request.has(NLM.REPLACE) || there.lladdr === undefined)) there.lladdr = lladdr;
  there.state = state;
  there.flags = flags;
  if (protocol !== 0) there.protocol = protocol;
  tell(c.ns, there, RTM.NEWNEIGH, c.cause);
}

function remove(c: Context): void {
  if (c.request.h8(0) === AF_BRIDGE) {
    deleteFdb(c);
    return;
  }
  const attrs = c.request.attrs(12);
  if (!attrs.has(NDA.DST)) refuse(E.INVAL, 'Network address not specified');
  const index = c.request.h32(4);
  const link = index === 0 ? undefined : (c.ns.link(index) ?? refuse(E.NODEV));
  const dst = dstOf(attrs, familyOf(c));
  const list = c.request.h8(10) & NTF.PROXY ? c.ns.proxies : c.ns.neighbours;
  const n = find(list, link, dst) ?? refuse(E.NOENT);
  list.splice(list.indexOf(n), 1);
  if (list === c.ns.proxies) return;
  // First it is given up, which is told, then forgotten, which is told again.
  n.state = NUD.FAILED;
  tell(c.ns, n, RTM.NEWNEIGH, c.cause);
  tell(c.ns, n, RTM.DELNEIGH);
}

function get(c: Context): void {
  if (c.request.h8(0) === AF_BRIDGE) {
    getFdb(c);
    return;
  }
  const attrs = c.request.attrs(12);
  const family = c.request.h8(0);
  const index = c.request.h32(4);
  const proxy = (c.request.h8(10) & NTF.PROXY) !== 0;
  const dst = attrs.get(NDA.DST);
  if (dst === undefined) refuse(E.INVAL, 'Network address not specified');
  const link = index === 0 ? undefined : (c.ns.link(index) ?? refuse(E.NODEV, 'Unknown device ifindex'));
  if (family !== AF_INET && family !== AF_INET6)
    refuse(E.OPNOTSUPP, 'Unsupported family in header for neighbor get request');
  if (proxy)
    c.reply(
      RTM.NEWNEIGH,
      fillProxy(find(c.ns.proxies, link, dst!) ?? refuse(E.NOENT, 'Proxy neighbour entry not found')),
    );
  else c.reply(RTM.NEWNEIGH, fill(find(c.ns.neighbours, link, dst!) ?? refuse(E.NOENT, 'Neighbour entry not found')));
}

function dump(c: Context): Dump {
  const family = c.request.h8(0);
  if (family === AF_BRIDGE) return dumpFdb(c);
  const attrs = c.request.attrs(12);
  const proxy = (c.request.h8(10) & NTF.PROXY) !== 0;
  const index = (c.socket.strict ? attrs.u32(NDA.IFINDEX) : undefined) ?? 0;
  const master = (c.socket.strict ? attrs.u32(NDA.MASTER) : undefined) ?? 0;
  const wanted = ({ link, family: f }: Neighbour): boolean =>
    (family === 0 || f === family) &&
    (index === 0 || link.index === index) &&
    (master === 0 || link.master?.index === master);
  return {
    rows: () =>
      (proxy ? c.ns.proxies : c.ns.neighbours)
        .filter(wanted)
        .sort((a, b) => a.family - b.family)
        .map((n) => ({ type: RTM.NEWNEIGH, fill: proxy ? fillProxy(n) : fill(n) })),
    rowFlags: index !== 0 || master !== 0 ? NLM.FILTERED : 0,
  };
}

export const neighbourHandlers: readonly (readonly [number, Handlers])[] = [
  [RTM.NEWNEIGH, { one: add }],
  [RTM.DELNEIGH, { one: remove }],
  [RTM.GETNEIGH, { one: get, dump }],
];
