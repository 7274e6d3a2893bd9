/** Links, addresses and routes as tables. */
import { type AddrRow, IFA_F, type LinkRow, nameOf, names, type RouteRow, RT_SCOPE, RTN, RTPROT } from 'tsroute2';
import { type Cell, table } from './print.js';

/** Names of links by index. */
export type Names = ReadonlyMap<number, string>;

export const namesOf = (links: readonly LinkRow[]): Names => new Map(links.map((l) => [l.index, l.ifname ?? '?']));

/** The name of a link; its index when nobody knows it. */
export const nameAt = (known: Names, index: number | undefined): string =>
  index === undefined || index === 0 ? '' : (known.get(index) ?? `#${index}`);

/** What a link is: `vxlan 42`, `veth`; without a kind it is a device of the machine. */
export function kindOf({ linkinfo }: LinkRow): string {
  const id = linkinfo?.vxlan?.id;
  return id === undefined ? (linkinfo?.kind ?? '') : `vxlan ${id}`;
}

export function linkTable(links: readonly LinkRow[]): void {
  const known = namesOf(links);
  table(
    ['#', 'NAME', 'KIND', 'STATE', 'OPER', 'MTU', 'ADDRESS', 'MASTER'],
    links.map((l): Cell[] => [
      l.index,
      l.ifname,
      kindOf(l),
      l.state,
      String(l.operstate ?? '').toLowerCase(),
      l.mtu,
      l.address,
      nameAt(known, l.master),
    ]),
  );
}

export function addrTable(addrs: readonly AddrRow[], known: Names): void {
  table(
    ['DEV', 'ADDRESS', 'PEER', 'SCOPE', 'FLAGS'],
    addrs.map((a): Cell[] => [
      nameAt(known, a.index),
      `${a.local ?? a.address}/${a.prefixlen}`,
      a.local !== undefined && a.address !== a.local ? a.address : undefined,
      nameOf(RT_SCOPE, a.scope),
      names(IFA_F, a.flags).join(' '),
    ]),
  );
}

/** The next hops of a route: `192.0.2.2 dev v0`. */
function hops(route: RouteRow, known: Names): string {
  const via = (gateway: string | undefined, index: number | undefined): string =>
    [gateway, index === undefined ? '' : `dev ${nameAt(known, index)}`].filter(Boolean).join(' ');
  if (route.multipath === undefined) return via(route.gateway ?? route.via?.addr, route.oif);
  return route.multipath
    .map((hop) => `${via(hop.gateway ?? hop.via?.addr, hop.ifindex)} weight ${hop.hops + 1}`)
    .join(', ');
}

export function routeTable(routes: readonly RouteRow[], known: Names): void {
  table(
    ['DESTINATION', 'TYPE', 'VIA', 'SOURCE', 'PROTOCOL', 'METRIC'],
    routes.map((r): Cell[] => [
      r.dst,
      r.type === RTN.unicast ? undefined : nameOf(RTN, r.type),
      hops(r, known),
      r.prefsrc,
      nameOf(RTPROT, r.protocol),
      r.priority,
    ]),
  );
}
