/** Next hop objects and their groups. */

import { LITTLE } from '../codec/bytes.js';
import type { Context, Dump, Handlers } from './context.js';
import { E, refuse } from './errno.js';
import { check4, check6 } from './gateway.js';
import { fromBe32 } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import { AF_INET, AF_INET6, GROUP, NLM, RTM, SCOPE } from './numbers.js';
import { allRoutes4, fillRoute4, type Hop4, nexthopGone4 } from './route4.js';
import { allRoutes6, fillRoute6, type Hop6, nexthopGone6 } from './route6.js';
import { type Attrs, type Cause, type Fill, hexOf, u32Bytes, viewOf } from './wire.js';

const NHA = {
  ID: 1,
  GROUP: 2,
  GROUP_TYPE: 3,
  BLACKHOLE: 4,
  OIF: 5,
  GATEWAY: 6,
  ENCAP: 8,
  GROUPS: 9,
  MASTER: 10,
  FDB: 11,
  OP_FLAGS: 14,
} as const;
/** NHA_OP_FLAG_RESP_GRP_RESVD_0: the kernel understands weights of 16 bits. */
const WIDE_WEIGHTS = 0x80000000;

interface Member {
  nexthop: Nexthop;
  /** As on the wire: less one, low byte and high byte. */
  weight: number;
}

export class Nexthop {
  constructor(
    readonly id: number,
    readonly family: number,
    readonly protocol: number,
    readonly blackhole: boolean,
    readonly link: Link | undefined,
    readonly gateway: Uint8Array | undefined,
    readonly flags: number,
    public members: Member[] | undefined,
    /** Whether it is for forwarding entries, not for routes. */
    readonly entries = false,
  ) {}

  get scope(): number {
    if (this.blackhole || this.members !== undefined) return 0;
    return this.gateway === undefined && this.family === AF_INET ? SCOPE.HOST : SCOPE.LINK;
  }

  /** What it is to IPv4 routes. */
  hops4(): Hop4[] {
    return this.#each((n, weight) => {
      const gateway =
        n.gateway === undefined ? undefined : n.gateway.length === 4 ? fromBe32(n.gateway) : hexOf(n.gateway);
      return { link: n.link, gateway, weight, flags: n.flags, scope: n.scope };
    });
  }

  hops6(): Hop6[] {
    return this.#each((n, weight) => ({
      link: n.link,
      gateway: n.gateway === undefined ? undefined : hexOf(n.gateway),
      weight,
      flags: n.flags,
    }));
  }

  #each<T>(make: (n: Nexthop, weight: number) => T): T[] {
    return this.members?.map(({ nexthop, weight }) => make(nexthop, weight & 0xff)) ?? [make(this, 0)];
  }

  readonly fill: Fill = (m) => {
    m.head(
      [1, this.members === undefined ? this.family : 0],
      [1, this.scope],
      [1, this.protocol],
      [1, 0],
      [4, this.flags],
    );
    m.u32(NHA.ID, this.id);
    if (this.members !== undefined) {
      m.u16(NHA.GROUP_TYPE, 0);
      if (this.entries) m.bytes(NHA.FDB, []);
      m.bytes(
        NHA.GROUP,
        this.members.flatMap(({ nexthop, weight }) => [...u32Bytes(nexthop.id), weight & 0xff, weight >> 8, 0, 0]),
      );
      m.u32(NHA.OP_FLAGS, WIDE_WEIGHTS);
      return;
    }
    if (this.blackhole) {
      m.bytes(NHA.BLACKHOLE, []);
      return;
    }
    if (this.entries) m.bytes(NHA.FDB, []);
    if (this.link !== undefined) m.u32(NHA.OIF, this.link.index);
    if (this.gateway !== undefined) m.bytes(NHA.GATEWAY, this.gateway);
  };
}

const tell = (ns: Namespace, n: Nexthop, type: number, flags: number, cause: Cause): void =>
  ns.notify(GROUP.nexthop, type, flags, cause, n.fill);

/** Takes one away, with the routes that use it and out of its groups. `said`: to whom this is told, nobody without. */
function remove(ns: Namespace, n: Nexthop, said: { flags: number; cause: Cause } | undefined): void {
  ns.nexthops.delete(n.id);
  ns.changes.nexthops++;
  if (said !== undefined) tell(ns, n, RTM.DELNEXTHOP, said.flags, said.cause);
  nexthopGone4(ns, n);
  nexthopGone6(ns, n);
  for (const group of [...ns.nexthops.values()]) {
    if (group.members === undefined || !group.members.some(({ nexthop }) => nexthop === n)) continue;
    const rest = group.members.filter(({ nexthop }) => nexthop !== n);
    if (rest.length === 0) remove(ns, group, said);
    else {
      group.members = rest;
      if (said !== undefined) tell(ns, group, RTM.NEWNEXTHOP, said.flags, said.cause);
    }
  }
}

/** A link that goes down takes its next hops along: nobody is told of them. */
export function linkWithoutNexthops(link: Link): void {
  for (const n of [...link.ns.nexthops.values()])
    if (n.link === link && !n.blackhole && link.ns.nexthops.has(n.id)) remove(link.ns, n, undefined);
}

function members(c: Context, data: Uint8Array, entries: boolean): Member[] {
  const view = viewOf(data);
  const list: Member[] = [];
  if (data.length === 0 || data.length % 8 !== 0) refuse(E.INVAL, 'Invalid length for nexthop group attribute');
  for (let p = 0; p < data.length; p += 8) {
    const nexthop = c.ns.nexthops.get(view.getUint32(p, LITTLE)) ?? refuse(E.INVAL, 'Invalid nexthop id');
    if (nexthop.members !== undefined) refuse(E.INVAL, 'Hash-threshold group can not be a nexthop within a group');
    if (list.some((m) => m.nexthop === nexthop)) refuse(E.INVAL, 'Nexthop id can not be used twice in a group');
    if (entries && !nexthop.entries) refuse(E.INVAL, 'FDB nexthop group can only have fdb nexthops');
    if (!entries && nexthop.entries) refuse(E.INVAL, 'Non FDB nexthop group cannot have fdb nexthops');
    list.push({ nexthop, weight: view.getUint16(p + 4, LITTLE) });
  }
  return list;
}

function parse(c: Context, attrs: Attrs, id: number): Nexthop {
  const family = c.request.h8(0);
  const protocol = c.request.h8(2);
  const flags = c.request.h32(4);
  const group = attrs.get(NHA.GROUP);
  const entries = attrs.has(NHA.FDB);
  if (entries && (attrs.has(NHA.OIF) || attrs.has(NHA.BLACKHOLE) || attrs.has(NHA.ENCAP)))
    refuse(E.INVAL, 'Fdb attribute can not be used with encap, oif or blackhole');
  if (group !== undefined)
    return new Nexthop(id, 0, protocol, false, undefined, undefined, 0, members(c, group, entries), entries);
  const lo = c.ns.link(1);
  // IPv4 has it lead to lo, which must be up.
  if (attrs.has(NHA.BLACKHOLE) && family === AF_INET && !lo?.up) refuse(E.NETDOWN, 'Device for nexthop is not up');
  if (attrs.has(NHA.BLACKHOLE)) return new Nexthop(id, family, protocol, true, lo, undefined, 0, undefined);
  if (entries) {
    const gateway = attrs.get(NHA.GATEWAY)?.slice();
    return new Nexthop(id, family, protocol, false, undefined, gateway, flags, undefined, true);
  }
  const oif = attrs.u32(NHA.OIF);
  if (oif === undefined) refuse(E.INVAL, 'Device attribute required for non-blackhole and non-fdb nexthops');
  const link = c.ns.link(oif!) ?? refuse(E.INVAL, 'Invalid device index');
  if (!link.up) refuse(E.NETDOWN, 'Nexthop device is not up');
  if (!link.carrier) refuse(E.NETDOWN, 'Carrier for nexthop device is down');
  const gateway = attrs.get(NHA.GATEWAY)?.slice();
  if (gateway !== undefined && gateway.length !== (family === AF_INET ? 4 : 16)) refuse(E.INVAL, 'Invalid gateway');
  if (gateway !== undefined && family === AF_INET) check4(c.ns, fromBe32(gateway), link, (flags & 4) !== 0);
  else if (gateway !== undefined) check6(c.ns, hexOf(gateway), link);
  return new Nexthop(id, family, protocol, false, link, gateway, flags, undefined);
}

const lastId = new WeakMap<Namespace, number>();

function freeId(ns: Namespace): number {
  let id = lastId.get(ns) ?? 0;
  do id++;
  while (ns.nexthops.has(id));
  lastId.set(ns, id);
  return id;
}

function add(c: Context): void {
  const attrs = c.request.attrs(8);
  const { ns } = c;
  const given = attrs.u32(NHA.ID);
  const there = given === undefined ? undefined : ns.nexthops.get(given);
  const family = c.request.h8(0);
  if (![0, AF_INET, AF_INET6].includes(family)) refuse(E.INVAL, 'Invalid address family');
  const fresh = parse(c, attrs, given ?? freeId(ns));
  if (there !== undefined && !c.request.has(NLM.REPLACE)) refuse(E.EXIST);
  if (there === undefined && !c.request.has(NLM.CREATE)) refuse(E.NOENT);
  if (there !== undefined && there.members === undefined && fresh.members !== undefined)
    refuse(E.INVAL, 'Can not replace a nexthop with a nexthop group.');
  if (there?.members !== undefined && fresh.members === undefined)
    refuse(E.INVAL, 'Can not replace a nexthop group with a nexthop.');
  const all = [...ns.nexthops.values()].filter((n) => n !== there);
  ns.nexthops.clear();
  for (const n of [...all, fresh].sort((a, b) => a.id - b.id)) ns.nexthops.set(n.id, n);
  ns.changes.nexthops++;
  if (there !== undefined) takeOver(ns, there, fresh);
  c.announce(GROUP.nexthop, RTM.NEWNEXTHOP, fresh.fill, c.request.flags);
  if (there !== undefined) retell(c, fresh);
}

/** Groups and routes of the old one use the new one. */
function takeOver(ns: Namespace, old: Nexthop, fresh: Nexthop): void {
  for (const { members } of ns.nexthops.values())
    for (const m of members ?? []) if (m.nexthop === old) m.nexthop = fresh;
  for (const r of [...allRoutes4(ns), ...allRoutes6(ns)]) if (r.nexthop === old) r.nexthop = fresh;
}

/** Routes that lead elsewhere now are told, as they are to programs that know no next hop objects. */
function retell(c: Context, fresh: Nexthop): void {
  const uses = (n: Nexthop | undefined): boolean =>
    n === fresh || (n?.members?.some(({ nexthop }) => nexthop === fresh) ?? false);
  for (const r of allRoutes4(c.ns))
    if (uses(r.nexthop)) c.ns.notify(GROUP.route4, RTM.NEWROUTE, NLM.REPLACE, c.cause, fillRoute4(r));
  for (const r of allRoutes6(c.ns))
    if (uses(r.nexthop)) c.ns.notify(GROUP.route6, RTM.NEWROUTE, NLM.REPLACE, c.cause, fillRoute6(r));
}

const one = (c: Context): Nexthop => {
  const id = c.request.attrs(8).u32(NHA.ID);
  if (id === undefined || id === 0) refuse(E.INVAL, id === undefined ? 'Nexthop id is missing' : 'Invalid nexthop id');
  return c.ns.nexthops.get(id!) ?? refuse(E.NOENT);
};

function dump(c: Context): Dump {
  const attrs = c.request.attrs(8);
  const family = c.request.h8(0);
  const oif = attrs.u32(NHA.OIF);
  const master = attrs.u32(NHA.MASTER);
  const wanted = (n: Nexthop): boolean =>
    (!attrs.has(NHA.GROUPS) || n.members !== undefined) &&
    (oif === undefined || (n.link?.index === oif && !n.blackhole)) &&
    (master === undefined || n.link?.master?.index === master) &&
    (family === 0 || n.members !== undefined || n.family === family);
  return {
    rows: () =>
      [...c.ns.nexthops.values()].filter(wanted).map((n) => ({ type: RTM.NEWNEXTHOP, fill: n.fill, id: [n.id] })),
    marked: 'nexthops',
  };
}

export const nexthopHandlers: readonly (readonly [number, Handlers])[] = [
  [RTM.NEWNEXTHOP, { one: add }],
  [RTM.DELNEXTHOP, { one: (c) => remove(c.ns, one(c), { flags: c.request.flags, cause: c.cause }) }],
  [RTM.GETNEXTHOP, { one: (c) => c.reply(RTM.NEWNEXTHOP, one(c).fill), dump }],
];
