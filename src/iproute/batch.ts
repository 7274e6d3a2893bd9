/** Changes of IPRoute, many at a time. */
import { MessageBatch } from '../netlink/batch.js';
import { type AddrChange, type AddrSpec, addrRequest } from './addr.js';
import { type LinkArgument, type LinkChange, linkRequest } from './link-request.js';
import { type NexthopChange, type NexthopSelector, type NexthopSpec, nexthopRequest } from './nexthop.js';
import { type RouteChange, type RouteSpec, routeRequest } from './route.js';

/**
 * Collects changes to send them together. Each is checked when it is added: bad input throws there, and nothing is sent
 * before `commit`. Names of links may be those of links that are made earlier in the batch.
 */
export class Batch extends MessageBatch {
  link<C extends LinkChange>(cmd: C, spec: LinkArgument<C>): this {
    return this.add(linkRequest(cmd, spec));
  }

  addr(cmd: AddrChange, spec: AddrSpec): this {
    return this.add(addrRequest(cmd, spec));
  }

  route(cmd: RouteChange, spec: RouteSpec): this {
    return this.add(routeRequest(cmd, spec));
  }

  nexthop(cmd: 'add' | 'replace', spec: NexthopSpec): this;
  nexthop(cmd: 'del', spec: Pick<NexthopSelector, 'id'>): this;
  nexthop(cmd: NexthopChange, spec: NexthopSpec | NexthopSelector): this {
    return this.add(nexthopRequest(cmd, spec));
  }
}
