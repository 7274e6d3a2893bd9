/** Requests about IPv4 routes. */
import { LITTLE } from '../codec/bytes.js';
import { isLocal } from './address4.js';
import type { Context } from './context.js';
import { E, refuse } from './errno.js';
import { check4 } from './gateway.js';
import { be32, fromBe32, maskOf } from './inet.js';
import type { Link } from './link.js';
import { linkFor } from './links-of.js';
import { NOWHERE, routeByRules } from './lookup.js';
import { AF_INET, GROUP, NLM, RTA, RTM, RTM_F_CLONED, RTN, RTNH, SCOPE, TABLE } from './numbers.js';
import { addRoute4, fillRoute4, type Hop4, hopsOf, lookup4, type Route4, removeRoute4 } from './route4.js';
import { checkDsfield, checkObject, metricsOf, saysHops } from './said.js';
import { Attrs, hexOf, viewOf } from './wire.js';

/** What a request says of a route. */
interface Said {
  table: number;
  dst: number;
  length: number;
  tos: number;
  scope: number;
  type: number;
  protocol: number;
  attrs: Attrs;
}

function read(c: Context): Said {
  const { request } = c;
  const attrs = request.attrs(12);
  checkDsfield(request.h8(3));
  const length = request.h8(1);
  const data = attrs.get(RTA.DST);
  const dst = data === undefined ? 0 : fromBe32(data);
  if (length > 32) refuse(E.INVAL, 'Invalid prefix length');
  if ((dst & ~maskOf(length)) !== 0) refuse(E.INVAL, 'Invalid prefix for given prefix length');
  return {
    table: attrs.u32(RTA.TABLE) ?? request.h8(4),
    dst,
    length,
    tos: request.h8(3),
    scope: request.h8(6),
    type: request.h8(7),
    protocol: request.h8(5),
    attrs,
  };
}

/** The gateway that attributes name: of IPv4 a number, of IPv6 digits. */
function gatewayIn(attrs: Attrs): number | string | undefined {
  const gateway = attrs.get(RTA.GATEWAY);
  if (gateway !== undefined) return fromBe32(gateway) || undefined;
  const via = attrs.get(RTA.VIA);
  if (via === undefined) return undefined;
  return via.length === 6 ? fromBe32(via.subarray(2)) : hexOf(via.subarray(2));
}

function hopOf(c: Context, attrs: Attrs, oif: number, flags: number, weight: number, scope: number): Hop4 {
  const link = oif === 0 ? undefined : linkFor(c.ns, oif);
  const gateway = gatewayIn(attrs);
  if (gateway === undefined) {
    if (link === undefined) refuse(E.NODEV);
    if (!link!.up) refuse(E.NETDOWN, 'Device for nexthop is not up');
    return { link, gateway, weight, flags, scope: scope === SCOPE.HOST ? SCOPE.NOWHERE : SCOPE.HOST };
  }
  if (scope >= SCOPE.LINK) refuse(E.INVAL, 'Nexthop has invalid scope');
  const over =
    typeof gateway === 'number' ? check4(c.ns, gateway, link, (flags & RTNH.ONLINK) !== 0) : (link ?? refuse(E.NODEV));
  return { link: over, gateway, weight, flags, scope: SCOPE.LINK };
}

/** struct rtnexthop after the other, each with attributes. */
function multipath(data: Uint8Array): { flags: number; weight: number; oif: number; attrs: Attrs }[] {
  const view = viewOf(data);
  const list: { flags: number; weight: number; oif: number; attrs: Attrs }[] = [];
  for (let p = 0; p + 8 <= data.length; ) {
    const length = view.getUint16(p, LITTLE);
    if (length < 8 || p + length > data.length)
      refuse(E.INVAL, 'Invalid nexthop configuration - extra data after nexthop');
    const attrs = new Attrs(data.subarray(p + 8, p + length), 0);
    list.push({ flags: data[p + 2]!, weight: data[p + 3]!, oif: view.getUint32(p + 4, LITTLE), attrs });
    p += (length + 3) & ~3;
  }
  return list;
}

function hopsFor(c: Context, said: Said): Hop4[] {
  const { attrs, scope, type } = said;
  if (NOWHERE.has(type)) return [];
  const several = attrs.get(RTA.MULTIPATH);
  if (several !== undefined)
    return multipath(several).map((h) => hopOf(c, h.attrs, h.oif, h.flags & RTNH.ONLINK, h.weight, scope));
  return [hopOf(c, attrs, attrs.u32(RTA.OIF) ?? 0, c.request.h32(8) & RTNH.ONLINK, 0, scope)];
}

export function add4(c: Context): void {
  const said = read(c);
  const { attrs } = said;
  checkObject(attrs);
  if (said.type > RTN.THROW + 2) refuse(E.INVAL, 'Invalid route type');
  const id = attrs.u32(RTA.NH_ID);
  const nexthop =
    id === undefined ? undefined : (c.ns.nexthops.get(id) ?? refuse(E.INVAL, 'Nexthop id does not exist'));
  if (nexthop?.entries) refuse(E.INVAL, 'Route cannot point to a fdb nexthop');
  const metrics = metricsOf(attrs);
  if (nexthop === undefined && NOWHERE.has(said.type) && saysHops(attrs))
    refuse(E.INVAL, 'Gateway, device and multipath can not be specified for this route type');
  const source = attrs.get(RTA.PREFSRC);
  const prefsrc = source === undefined ? undefined : fromBe32(source) || undefined;
  const hops = nexthop === undefined ? hopsFor(c, said) : [];
  if (prefsrc !== undefined && !isLocal(c.ns, prefsrc) && !(said.type === RTN.LOCAL && said.dst === prefsrc))
    refuse(E.INVAL, 'Invalid prefsrc address');
  const route: Route4 = {
    table: said.table === 0 ? TABLE.MAIN : said.table,
    dst: said.dst,
    length: said.length,
    tos: said.tos,
    type: said.type,
    protocol: said.protocol,
    scope: said.scope,
    priority: attrs.u32(RTA.PRIORITY) ?? 0,
    source: prefsrc,
    metrics,
    hops,
    several: hops.length > 1,
    flags: 0,
    nexthop,
  };
  const how = {
    create: c.request.has(NLM.CREATE),
    exclusive: c.request.has(NLM.EXCL),
    replace: c.request.has(NLM.REPLACE),
    append: c.request.has(NLM.APPEND),
  };
  addRoute4(c.ns, route, how, c.cause, (_ns, type, r, flags) => c.announce(GROUP.route4, type, fillRoute4(r), flags));
}

/** Whether the hops of a route are those that a deletion names. */
function hopsMatch(c: Context, said: Said, r: Route4): boolean {
  const { attrs } = said;
  const oif = attrs.u32(RTA.OIF);
  const gateway = gatewayIn(attrs);
  const several = attrs.get(RTA.MULTIPATH);
  const hops = hopsOf(r);
  if (several !== undefined) {
    const named = multipath(several);
    return (
      named.length === hops.length &&
      named.every((h, i) => {
        const via = gatewayIn(h.attrs);
        return (h.oif === 0 || h.oif === hops[i]!.link?.index) && (via === undefined || via === hops[i]!.gateway);
      })
    );
  }
  const [first] = hops;
  return (
    (oif === undefined || oif === 0 || first?.link === c.ns.link(oif)) &&
    (gateway === undefined || first?.gateway === gateway)
  );
}

export function remove4(c: Context): void {
  const said = read(c);
  const { attrs } = said;
  const table = said.table === 0 ? TABLE.MAIN : said.table;
  const list = c.ns.routes4.get(table);
  if (list === undefined) {
    if (table === TABLE.MAIN || table === TABLE.LOCAL) refuse(E.SRCH);
    refuse(E.SRCH, 'FIB table does not exist');
  }
  const priority = attrs.u32(RTA.PRIORITY) ?? 0;
  const source = attrs.get(RTA.PREFSRC);
  const id = attrs.u32(RTA.NH_ID);
  const found = list!.find(
    (r) =>
      r.dst === said.dst &&
      r.length === said.length &&
      r.tos === said.tos &&
      (said.type === 0 || r.type === said.type) &&
      (said.scope === SCOPE.NOWHERE || r.scope === said.scope) &&
      (source === undefined || r.source === fromBe32(source)) &&
      (said.protocol === 0 || r.protocol === said.protocol) &&
      (priority === 0 || r.priority === priority) &&
      (id === undefined || r.nexthop?.id === id) &&
      hopsMatch(c, said, r),
  );
  if (found === undefined) refuse(E.SRCH);
  removeRoute4(c.ns, found!);
  c.announce(GROUP.route4, RTM.DELROUTE, fillRoute4(found!));
}

/** The address that packets to a destination have as their source. */
function sourceFor(c: Context, route: Route4, link: Link): number | undefined {
  if (route.source !== undefined) return route.source;
  const list = c.ns.addresses4.get(link.index) ?? [];
  return (list.find(({ scope }) => scope <= route.scope) ?? list[0])?.local;
}

/** `ip route get`: the way that a packet would take. */
export function get4(c: Context): void {
  const attrs = c.request.attrs(12);
  const data = attrs.get(RTA.DST);
  const dst = data === undefined ? 0 : fromBe32(data);
  const r = routeByRules(c.ns, AF_INET, (table) => lookup4(c.ns, table, dst));
  const local = r.type === RTN.LOCAL;
  const hop = hopsOf(r).find(({ dead }) => !dead);
  const link = local ? c.ns.link(1) : hop?.link;
  if (link === undefined) refuse(E.NETUNREACH);
  const source = local ? dst : sourceFor(c, r, link!);
  c.reply(RTM.NEWROUTE, (m) => {
    const RTCF_LOCAL = 0x80000000;
    m.head(
      [1, 2],
      [1, 32],
      [1, 0],
      [1, c.request.h8(3)],
      [1, TABLE.MAIN],
      [1, 0],
      [1, 0],
      [1, r.type],
      [4, RTM_F_CLONED | (local ? RTCF_LOCAL : 0)],
    );
    m.u32(RTA.TABLE, TABLE.MAIN);
    m.bytes(RTA.DST, be32(dst));
    m.u32(RTA.OIF, link!.index);
    if (source !== undefined) m.bytes(RTA.PREFSRC, be32(source));
    if (typeof hop?.gateway === 'number') m.bytes(RTA.GATEWAY, be32(hop.gateway));
    m.u32(RTA.UID, 0);
    m.bytes(RTA.CACHEINFO, new Uint8Array(32));
  });
}
