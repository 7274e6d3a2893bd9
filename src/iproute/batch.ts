/** Changes of IPRoute, many at a time. */
import { MessageBatch } from '../netlink/batch.js';
import { type AddrChange, type AddrSpec, addrRequest } from './addr.js';
import { type FdbChange, type FdbFlush, type FdbSpec, fdbFlushRequest, fdbRequest } from './fdb-request.js';
import { type LinkArgument, type LinkChange, linkRequest } from './link-request.js';
import { type NeighbourChange, type NeighbourSpec, neighRequest } from './neigh-request.js';
import { type NsidSpec, nsidRequest } from './nsid.js';
import { type RouteChange, type RouteSpec, routeRequest } from './route.js';
import { type RuleChange, type RuleSpec, ruleRequest } from './rule-request.js';
import { type VniChange, type VniSpec, vniRequest } from './vni.js';

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

  neigh(cmd: NeighbourChange, spec: NeighbourSpec): this {
    return this.add(neighRequest(cmd, spec));
  }

  fdb<C extends FdbChange | 'flush'>(cmd: C, spec: C extends FdbChange ? FdbSpec : FdbFlush): this {
    return this.add(cmd === 'flush' ? fdbFlushRequest(spec as FdbFlush) : fdbRequest(cmd, spec as FdbSpec));
  }

  vni(cmd: VniChange, spec: VniSpec): this {
    return this.add(vniRequest(cmd, spec));
  }

  rule(cmd: RuleChange, spec: RuleSpec): this {
    return this.add(ruleRequest(cmd, spec));
  }

  nsid(cmd: 'set', spec: NsidSpec): this {
    return this.add(nsidRequest(cmd, spec));
  }
}
