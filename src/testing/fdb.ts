/** Forwarding entries: of bridges, of links themselves, of VXLAN links. */
import type { Context, Dump, DumpRow } from './context.js';
import { E, refuse } from './errno.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import { AF_BRIDGE, GROUP, NLM, RTM } from './numbers.js';
import { type Attrs, type Fill, same } from './wire.js';

export interface Fdb {
  link: Link;
  /** The bridge whose entry it is; none where it is the link's own. */
  master: Link | undefined;
  lladdr: Uint8Array;
  /** NUD_*. */
  state: number;
  /** VXLAN: where packets go. */
  dst: Uint8Array | undefined;
}

const NUD = { REACHABLE: 2, NOARP: 0x40, PERMANENT: 0x80 } as const;
const NTF = { SELF: 2, MASTER: 4 } as const;
const NDA = { DST: 1, LLADDR: 2, CACHEINFO: 3, VLAN: 5, MASTER: 9 } as const;
const IFLA_MASTER = 10;

const isVxlan = ({ link }: Fdb): boolean => link.kind.name === 'vxlan';

const fill =
  (entry: Fdb, state = entry.state): Fill =>
  (m) => {
    const flags = entry.master === undefined ? NTF.SELF : 0;
    const type = isVxlan(entry) && entry.master === undefined ? 1 : 0;
    m.head([1, AF_BRIDGE], [1, 0], [2, 0], [4, entry.link.index], [2, state], [1, flags], [1, type]);
    m.bytes(NDA.LLADDR, entry.lladdr);
    if (entry.dst !== undefined) m.bytes(NDA.DST, entry.dst);
    if (entry.master !== undefined) {
      m.u32(NDA.MASTER, entry.master.index);
      m.u32(15, 0);
    }
    if (entry.master !== undefined || isVxlan(entry)) m.bytes(NDA.CACHEINFO, new Uint8Array(16));
  };

const tell = (entry: Fdb, type: number): void => entry.link.ns.tell(GROUP.neigh, type, fill(entry));

/** The entry of a port's own address, or of the bridge's; with no bridge it is taken away. */
export function ownFdb(link: Link, bridge: Link | undefined): void {
  const { ns } = link;
  if (bridge === undefined) {
    flushFdb(ns, (entry) => entry.link === link && entry.master === link);
    return;
  }
  const entry: Fdb = { link, master: bridge, lladdr: link.address, state: NUD.PERMANENT, dst: undefined };
  ns.fdb.push(entry);
  tell(entry, RTM.NEWNEIGH);
}

/** Whether it runs out when nothing is heard of it. */
export const ages = ({ state }: Fdb): boolean => state === NUD.REACHABLE;

/** Takes entries away, each with a word. */
export function flushFdb(ns: Namespace, which: (entry: Fdb) => boolean): void {
  const gone = ns.fdb.filter(which);
  ns.fdb = ns.fdb.filter((entry) => !which(entry));
  for (const entry of gone.reverse()) tell(entry, RTM.DELNEIGH);
}

/** A link that cannot tell further addresses of its own hears everything. */
export function hearAll(link: Link): void {
  if (!link.up || link.unicastPromisc || !link.ns.fdb.some((e) => e.link === link && e.master === undefined)) return;
  if (link.kind.name === 'vxlan') return;
  link.unicastPromisc = true;
  link.promiscuity++;
}

/** Whose entry a request is about: `undefined` the link's own. */
function ownerOf(link: Link, flags: number): Link | undefined {
  if (flags & NTF.SELF && !(flags & NTF.MASTER)) return link.kind.name === 'bridge' ? link : undefined;
  if (link.master === undefined) refuse(E.OPNOTSUPP);
  return link.master;
}

function target(c: Context, attrs: Attrs): { link: Link; owner: Link | undefined; lladdr: Uint8Array } {
  const index = c.request.h32(4);
  if (index === 0) refuse(E.INVAL, 'invalid ifindex');
  const link = c.ns.link(index) ?? refuse(E.NODEV, 'unknown ifindex');
  const lladdr = attrs.get(NDA.LLADDR);
  if (lladdr?.length !== 6) refuse(E.INVAL, 'invalid address');
  return { link, lladdr: lladdr!.slice(), owner: ownerOf(link, c.request.h8(10)) };
}

/** The VLAN of a request, 0 without: a number of its own, and none where there are no VLANs. */
function vlanOf(attrs: Attrs): number {
  if (!attrs.has(NDA.VLAN)) return 0;
  if (attrs.get(NDA.VLAN)!.length !== 2) refuse(E.INVAL, 'invalid vlan attribute size');
  const vlan = attrs.u16(NDA.VLAN)!;
  return vlan === 0 || vlan >= 4095 ? refuse(E.INVAL, 'invalid vlan id') : vlan;
}

const find = (ns: Namespace, link: Link, owner: Link | undefined, lladdr: Uint8Array): Fdb[] =>
  ns.fdb.filter((e) => e.link === link && e.master === owner && same(e.lladdr, lladdr));

export function addFdb(c: Context): void {
  const attrs = c.request.attrs(12);
  const { link, lladdr, owner } = target(c, attrs);
  if (vlanOf(attrs) !== 0) {
    if (owner !== undefined) refuse(E.INVAL);
    if (link.kind.name !== 'vxlan') refuse(E.INVAL, "vlans aren't supported yet for dev_uc|mc_add()");
  }
  const state = c.request.h16(8);
  const there = find(c.ns, link, owner, lladdr);
  if (owner === undefined && link.kind.name === 'vxlan')
    addVxlan(c, link, lladdr, state, attrs.get(NDA.DST)?.slice(), there);
  else if (owner === undefined) {
    if (there.length > 0) {
      if (c.request.has(NLM.EXCL)) refuse(E.EXIST);
      return;
    }
    const entry: Fdb = { link, master: undefined, lladdr, state: NUD.PERMANENT, dst: undefined };
    c.ns.fdb.push(entry);
    c.ns.tell(GROUP.neigh, RTM.NEWNEIGH, fill(entry, state));
    hearAll(link);
  } else addToBridge(c, link, owner, lladdr, state, there[0]);
}

function addToBridge(
  c: Context,
  link: Link,
  owner: Link,
  lladdr: Uint8Array,
  state: number,
  there: Fdb | undefined,
): void {
  if (lladdr.every((b) => b === 0) || lladdr[0]! & 1) refuse(E.INVAL);
  const kept = state & NUD.PERMANENT ? NUD.PERMANENT : state & NUD.NOARP ? NUD.NOARP : NUD.REACHABLE;
  if (kept === NUD.REACHABLE && link !== owner && !(link.up && link.carrier && owner.up)) refuse(E.PERM);
  if (there !== undefined) {
    if (c.request.has(NLM.EXCL)) refuse(E.EXIST);
    there.state = kept;
    tell(there, RTM.NEWNEIGH);
    return;
  }
  if (!c.request.has(NLM.CREATE)) refuse(E.NOENT);
  const entry: Fdb = { link, master: owner, lladdr, state: kept, dst: undefined };
  c.ns.fdb.push(entry);
  tell(entry, RTM.NEWNEIGH);
}

function addVxlan(
  c: Context,
  link: Link,
  lladdr: Uint8Array,
  state: number,
  dst: Uint8Array | undefined,
  there: Fdb[],
): void {
  const several = lladdr.every((b) => b === 0) || (lladdr[0]! & 1) === 1;
  if (dst === undefined) refuse(E.OPNOTSUPP);
  if (there.length > 0) {
    if (c.request.has(NLM.EXCL)) refuse(E.EXIST);
    if (c.request.has(NLM.APPEND) && !several) refuse(E.OPNOTSUPP);
    if (there.some((e) => same(e.dst!, dst!))) return;
    if (c.request.has(NLM.REPLACE) && !several) {
      there[0]!.dst = dst;
      tell(there[0]!, RTM.NEWNEIGH);
      return;
    }
  } else if (!c.request.has(NLM.CREATE)) refuse(E.NOENT);
  const entry: Fdb = { link, master: undefined, lladdr, state, dst };
  c.ns.fdb.push(entry);
  tell(entry, RTM.NEWNEIGH);
}

export function deleteFdb(c: Context): void {
  const attrs = c.request.attrs(12);
  const { link, lladdr, owner } = target(c, attrs);
  if (vlanOf(attrs) !== 0 && owner !== undefined) refuse(E.NOENT);
  const dst = attrs.get(NDA.DST);
  const there = find(c.ns, link, owner, lladdr);
  const [entry] = dst === undefined ? there : there.filter((e) => e.dst !== undefined && same(e.dst, dst));
  if (entry === undefined) refuse(E.NOENT);
  c.ns.fdb.splice(c.ns.fdb.indexOf(entry!), 1);
  tell(entry!, RTM.DELNEIGH);
}

/** The entry of an address, of a bridge or of a port of it. */
export function getFdb(c: Context): void {
  const attrs = c.request.attrs(12);
  const lladdr = attrs.get(NDA.LLADDR);
  if (lladdr?.length !== 6) refuse(E.INVAL, lladdr === undefined ? 'Missing lookup address' : 'Invalid address');
  vlanOf(attrs);
  const index = c.request.h32(4);
  const master = attrs.u32(NDA.MASTER) ?? 0;
  if (index === 0 && master === 0) refuse(E.INVAL, 'No device specified');
  const link = c.ns.link(index || master) ?? refuse(E.NODEV, 'Unknown device ifindex');
  const bridge = link.kind.name === 'bridge' && master !== 0 ? link : (link.master ?? link);
  if (bridge.kind.name !== 'bridge' && bridge.kind.name !== 'vxlan')
    refuse(E.OPNOTSUPP, 'Fdb get operation not supported by device');
  const entry = c.ns.fdb.find(
    (e) => (e.master === bridge || (e.master === undefined && e.link === bridge)) && same(e.lladdr, lladdr!),
  );
  c.reply(RTM.NEWNEIGH, fill(entry ?? refuse(E.NOENT, 'Fdb entry not found')));
}

export function dumpFdb(c: Context): Dump {
  const attrs = c.request.attrs(12);
  // Older programs ask with the header of links.
  const asLink = c.request.attrs(16);
  const port = c.request.h32(4);
  const master = attrs.u32(NDA.MASTER) ?? asLink.u32(IFLA_MASTER) ?? 0;
  const row = (entry: Fdb): DumpRow => ({ type: RTM.NEWNEIGH, fill: fill(entry) });
  const wanted = (entry: Fdb): boolean =>
    (port === 0 || entry.link.index === port) && (master === 0 || belongs(entry, master));
  return {
    rows: () =>
      [...c.ns.fdb]
        .filter(wanted)
        .sort((a, b) => a.link.index - b.link.index)
        .map(row),
  };
}

/** Of a bridge are its own entries, and of its ports all. */
const belongs = ({ link, master }: Fdb, bridge: number): boolean =>
  master?.index === bridge || link.index === bridge || link.master?.index === bridge;
