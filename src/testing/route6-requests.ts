/** Requests about IPv6 routes. */
import { LITTLE } from '../codec/bytes.js';
import { isLocal6 } from './address6.js';
import type { Context } from './context.js';
import { E, refuse } from './errno.js';
import { check6 } from './gateway.js';
import { prefix6 } from './inet.js';
import { linkFor } from './links-of.js';
import { NOWHERE, routeByRules } from './lookup.js';
import { AF_INET6, GROUP, NLM, RTA, RTM, RTN, TABLE } from './numbers.js';
import { addRoute6, deleteRoute6, fillRoute6, type Hop6, hopsOf6, lookup6, type Route6 } from './route6.js';
import { checkObject, metricsOf } from './said.js';
import { Attrs, bytesOf, hexOf, viewOf } from './wire.js';

const ANY = '0'.repeat(32);
/** IP6_RT_PRIO_USER. */
const USER_METRIC = 1024;

const hexIn = (attrs: Attrs, type: number): string | undefined => {
  const data = attrs.get(type);
  if (data === undefined) return undefined;
  if (data.length < 16) refuse(E.INVAL, 'Invalid IPv6 address', attrs.at(type));
  return hexOf(data);
};

function place(c: Context): { attrs: Attrs; table: number; dst: string; length: number } {
  const attrs = c.request.attrs(12);
  const length = c.request.h8(1);
  if (length > 128) refuse(E.INVAL, 'Invalid prefix length');
  const table = attrs.u32(RTA.TABLE) ?? c.request.h8(4);
  return { attrs, length, dst: prefix6(hexIn(attrs, RTA.DST) ?? ANY, length), table: table === 0 ? TABLE.MAIN : table };
}

function hopOf(c: Context, attrs: Attrs, oif: number, flags: number, weight: number): Hop6 {
  let link = oif === 0 ? undefined : linkFor(c.ns, oif);
  const gateway = hexIn(attrs, RTA.GATEWAY);
  if (gateway !== undefined) link = check6(c.ns, gateway, link);
  if (link === undefined) refuse(E.NODEV);
  if (!link!.up) refuse(E.NETDOWN, 'Nexthop device is not up');
  return { link, gateway, weight, flags };
}

/** Routes that lead nowhere lead to lo here. */
function hopsFor(c: Context, attrs: Attrs, type: number): Hop6[] {
  if (NOWHERE.has(type)) return [{ link: c.ns.link(1), gateway: undefined, weight: 0, flags: 0 }];
  const several = attrs.get(RTA.MULTIPATH);
  if (several === undefined || several.length === 0) return [hopOf(c, attrs, attrs.u32(RTA.OIF) ?? 0, 0, 0)];
  c.request.setFlags((c.request.flags & ~(NLM.EXCL | NLM.REPLACE)) | NLM.CREATE);
  const view = viewOf(several);
  const hops: Hop6[] = [];
  for (let p = 0; p + 8 <= several.length; ) {
    const length = view.getUint16(p, LITTLE);
    if (length < 8 || p + length > several.length)
      refuse(E.INVAL, 'Invalid nexthop configuration - extra data after nexthop');
    const inner = new Attrs(several.subarray(p + 8, p + length), 0);
    hops.push(hopOf(c, inner, view.getUint32(p + 4, LITTLE), several[p + 2]! & 4, several[p + 3]!));
    p += (length + 3) & ~3;
  }
  return hops;
}

export function add6(c: Context): void {
  const { attrs, table, dst, length } = place(c);
  const type = c.request.h8(7) || RTN.UNICAST;
  checkObject(attrs);
  const id = attrs.u32(RTA.NH_ID);
  const nexthop =
    id === undefined ? undefined : (c.ns.nexthops.get(id) ?? refuse(E.INVAL, 'Nexthop id does not exist'));
  const v4 = nexthop?.family === 2 || nexthop?.members?.some((m) => m.nexthop.family === 2);
  if (v4) refuse(E.INVAL, 'IPv6 routes can not use an IPv4 nexthop');
  if (nexthop?.entries) refuse(E.INVAL, 'Route cannot point to a fdb nexthop');
  const metrics = metricsOf(attrs);
  const source = hexIn(attrs, RTA.PREFSRC);
  const hops = nexthop === undefined ? hopsFor(c, attrs, type) : [];
  if (source !== undefined && source !== ANY && !isLocal6(c.ns, source)) refuse(E.INVAL, 'Invalid source address');
  const route: Route6 = {
    table,
    dst,
    length,
    type,
    protocol: c.request.h8(5) || 3,
    priority: attrs.u32(RTA.PRIORITY) || USER_METRIC,
    source: source === ANY ? undefined : source,
    metrics,
    hops,
    nexthop,
    expires: 0,
    flags: 0,
  };
  const how = {
    create: c.request.has(NLM.CREATE),
    exclusive: c.request.has(NLM.EXCL),
    replace: c.request.has(NLM.REPLACE),
    append: c.request.has(NLM.APPEND),
    announce: (type: number, flags: number, told: readonly Hop6[]) =>
      c.announce(GROUP.route6, type, fillRoute6(route, told), flags),
  };
  addRoute6(c.ns, route, how, c.cause);
}

export function remove6(c: Context): void {
  const { attrs, table, dst, length } = place(c);
  const list = c.ns.routes6.get(table);
  if (list === undefined && table !== TABLE.MAIN && table !== TABLE.LOCAL) refuse(E.SRCH, 'FIB table does not exist');
  const metric = attrs.u32(RTA.PRIORITY) ?? 0;
  const protocol = c.request.h8(5);
  const oif = attrs.u32(RTA.OIF) ?? 0;
  const gateway = hexIn(attrs, RTA.GATEWAY);
  const id = attrs.u32(RTA.NH_ID);
  for (const r of list ?? []) {
    if (r.dst !== dst || r.length !== length) continue;
    if (metric !== 0 && r.priority !== metric) continue;
    if (protocol !== 0 && r.protocol !== protocol) continue;
    if (id !== undefined && r.nexthop?.id !== id) continue;
    const hop = hopsOf6(r).find(
      (h) => (oif === 0 || h.link?.index === oif) && (gateway === undefined || h.gateway === gateway),
    );
    if (hop === undefined) continue;
    deleteRoute6(c.ns, r, c.cause, gateway === undefined ? undefined : hop);
    return;
  }
  refuse(E.SRCH);
}

/** `ip route get`. */
export function get6(c: Context): void {
  const attrs = c.request.attrs(12);
  const dst = hexIn(attrs, RTA.DST) ?? ANY;
  const r = routeByRules(c.ns, AF_INET6, (table) => lookup6(c.ns, table, dst));
  const local = r.type === RTN.LOCAL;
  const [hop] = hopsOf6(r);
  const link = local ? c.ns.link(1) : hop?.link;
  const own = c.ns.addresses6.get(hop?.link?.index ?? 0) ?? [];
  const source = local ? dst : (r.source ?? (own.find(({ scope }) => scope === 0) ?? own[0])?.local);
  c.reply(RTM.NEWROUTE, (m) => {
    m.head(
      [1, AF_INET6],
      [1, 128],
      [1, 128],
      [1, 0],
      [1, r.table < 256 ? r.table : 252],
      [1, r.protocol],
      [1, 0],
      [1, r.type],
      [4, 0],
    );
    m.u32(RTA.TABLE, r.table);
    m.bytes(RTA.DST, bytesOf(dst));
    m.bytes(RTA.SRC, bytesOf(ANY));
    if (source !== undefined) m.bytes(RTA.PREFSRC, bytesOf(source));
    m.u32(RTA.PRIORITY, r.priority);
    if (hop?.gateway !== undefined) m.bytes(RTA.GATEWAY, bytesOf(hop.gateway));
    if (link !== undefined) m.u32(RTA.OIF, link.index);
    m.bytes(RTA.CACHEINFO, new Uint8Array(32));
    m.u8(RTA.PREF, 0);
  });
}
