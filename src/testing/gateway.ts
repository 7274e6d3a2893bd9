/** Whether a gateway can be reached, and over which link. */
import { isLocal } from './address4.js';
import { isLocal6 } from './address6.js';
import { E, refuse } from './errno.js';
import { isLinkLocal } from './inet.js';
import type { Link } from './link.js';
import type { Namespace } from './namespace.js';
import { RTN, SCOPE, TABLE } from './numbers.js';
import { hopsOf, lookup4 } from './route4.js';
import { hopsOf6, lookup6 } from './route6.js';

/** The link over which an IPv4 gateway is reached. Throws a Refusal. */
export function check4(ns: Namespace, gateway: number, link: Link | undefined, onlink: boolean): Link {
  if (onlink) {
    if (link === undefined) refuse(E.NODEV, 'Nexthop device required for onlink');
    if (!link!.up) refuse(E.NETDOWN, 'Nexthop device is not up');
    return link!;
  }
  const bad = (): never => refuse(E.NETUNREACH, 'Nexthop has invalid gateway');
  const route = lookup4(ns, TABLE.LOCAL, gateway) ?? lookup4(ns, TABLE.MAIN, gateway) ?? bad();
  // The gateway must be nearer than what it leads to: on a link, or this machine.
  if (route.scope < SCOPE.LINK || (route.type !== RTN.UNICAST && route.type !== RTN.LOCAL)) bad();
  const over = hopsOf(route)[0]?.link ?? bad();
  if (link !== undefined && over !== link) bad();
  if (!over.up) refuse(E.NETDOWN, 'Nexthop device is not up');
  if (route.type === RTN.LOCAL && !isLocal(ns, gateway)) bad();
  return over;
}

/** The same for IPv6. */
export function check6(ns: Namespace, gateway: string, link: Link | undefined): Link {
  if (isLocal6(ns, gateway)) refuse(E.INVAL, 'Gateway can not be a local address');
  if (isLinkLocal(gateway)) return link ?? refuse(E.INVAL, 'Egress device not specified');
  const route = lookup6(ns, TABLE.MAIN, gateway) ?? refuse(E.HOSTUNREACH);
  const hop = hopsOf6(route).find(({ link: over }) => link === undefined || over === link);
  if (hop?.link === undefined || hop.gateway !== undefined || route.type !== RTN.UNICAST) refuse(E.HOSTUNREACH);
  return hop!.link!;
}
