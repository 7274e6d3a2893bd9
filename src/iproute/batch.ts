/** Changes of IPRoute, many at a time. */
import { InputError } from '../codec/errors.js';
import { isRec } from '../codec/write.js';
import { type BatchOptions, type BatchOutcome, MessageBatch } from '../netlink/batch.js';
import { type AddrChange, type AddrRow, type AddrSpec, addrRequest } from './addr.js';
import { type AddrLabelChange, type AddrLabelRow, type AddrLabelSpec, addrLabelChangeRequest } from './addrlabel.js';
import { type BrportSpec, brportRequest } from './brport.js';
import type { FdbRow } from './fdb.js';
import { type FdbChange, type FdbFlush, type FdbSpec, fdbFlushRequest, fdbRequest } from './fdb-request.js';
import { type LinkArgument, type LinkChange, type LinkSpec, linkRequest } from './link-request.js';
import type { MdbRow } from './mdb.js';
import {
  type MdbChange,
  type MdbFlush,
  type MdbSelector,
  type MdbSpec,
  mdbFlushRequest,
  mdbRequest,
} from './mdb-request.js';
import type { NeighbourRow } from './neigh.js';
import { type NeighbourChange, type NeighbourSpec, neighRequest } from './neigh-request.js';
import {
  type NexthopChange,
  type NexthopRow,
  type NexthopSelector,
  type NexthopSpec,
  nexthopRequest,
} from './nexthop.js';
import { type NsidSpec, nsidRequest } from './nsid.js';
import { type NtableSpec, ntableRequest } from './ntable.js';
import { type RouteChange, type RouteSpec, routeRequest } from './route.js';
import type { RuleRow } from './rule.js';
import { type RuleChange, type RuleSpec, ruleRequest } from './rule-request.js';
import { type StatsSpec, statsSetRequest } from './stats.js';
import { type VlanFilterChange, type VlanFilterSpec, vlanFilterRequest } from './vlan-filter.js';
import { type VlanGlobalSpec, vlanGlobalRequest } from './vlan-global.js';
import { type VlanChange, type VlanSelector, type VlanSpec, vlanRequest } from './vlandb.js';
import { type VniChange, type VniSpec, vniRequest } from './vni.js';

/**
 * Collects changes to send them together. Each is checked when it is added: bad input throws there, and nothing is sent
 * before `commit`. Names of links may be those of links that are made earlier in the batch.
 */
export class Batch extends MessageBatch {
  override commit(options?: BatchOptions): Promise<BatchOutcome> {
    for (const key of ['echo', 'onInterrupted'])
      if (isRec(options) && options[key] !== undefined)
        return Promise.reject(new InputError('ERR_UNKNOWN_KEY', `options.${key}`, 'is no option of a batch'));
    return super.commit(options);
  }

  link<C extends LinkChange>(cmd: C, spec: LinkArgument<C>): this {
    return this.add(linkRequest(cmd, spec as LinkSpec));
  }

  addr(cmd: AddrChange, spec: AddrSpec | AddrRow): this {
    return this.add(addrRequest(cmd, spec as AddrSpec));
  }

  route(cmd: RouteChange, spec: RouteSpec): this {
    return this.add(routeRequest(cmd, spec));
  }

  neigh(cmd: NeighbourChange, spec: NeighbourSpec | NeighbourRow): this {
    return this.add(neighRequest(cmd, spec as NeighbourSpec));
  }

  fdb<C extends FdbChange | 'flush'>(cmd: C, spec: C extends FdbChange ? FdbSpec | FdbRow : FdbFlush): this {
    return this.add(cmd === 'flush' ? fdbFlushRequest(spec as FdbFlush) : fdbRequest(cmd, spec as FdbSpec));
  }

  addrlabel(cmd: AddrLabelChange, spec: AddrLabelSpec | AddrLabelRow): this {
    return this.add(addrLabelChangeRequest(cmd, spec as AddrLabelSpec));
  }

  ntable(cmd: 'set' | 'change', spec: NtableSpec): this {
    return this.add(ntableRequest(cmd, spec));
  }

  stats(cmd: 'set', spec: StatsSpec): this {
    return this.add(statsSetRequest(cmd, spec));
  }

  vni(cmd: VniChange, spec: VniSpec): this {
    return this.add(vniRequest(cmd, spec));
  }

  rule(cmd: RuleChange, spec: RuleSpec | RuleRow): this {
    return this.add(ruleRequest(cmd, spec as RuleSpec));
  }

  nsid(cmd: 'set', spec: NsidSpec): this {
    return this.add(nsidRequest(cmd, spec));
  }

  nexthop(cmd: 'add' | 'replace', spec: NexthopSpec): this;
  nexthop(cmd: 'del', spec: Pick<NexthopSelector, 'id'>): this;
  nexthop(cmd: NexthopChange, row: NexthopRow): this;
  nexthop(cmd: NexthopChange, spec: NexthopSpec | NexthopSelector | NexthopRow): this {
    return this.add(nexthopRequest(cmd, spec as NexthopSpec));
  }

  brport(cmd: 'set', spec: BrportSpec): this {
    return this.add(brportRequest(cmd, spec));
  }

  vlanFilter(cmd: VlanFilterChange, spec: VlanFilterSpec): this {
    return this.add(vlanFilterRequest(cmd, spec));
  }

  vlandb(cmd: 'add' | 'set', spec: VlanSpec): this;
  vlandb(cmd: 'del', spec: VlanSelector): this;
  vlandb(cmd: VlanChange, spec: VlanSpec | VlanSelector): this {
    return this.add(vlanRequest(cmd, spec));
  }

  vlanGlobal(cmd: 'set', spec: VlanGlobalSpec): this {
    return this.add(vlanGlobalRequest(cmd, spec));
  }

  mdb(cmd: 'add' | 'replace', spec: MdbSpec): this;
  mdb(cmd: 'del', spec: MdbSelector): this;
  mdb(cmd: MdbChange, row: MdbRow): this;
  mdb(cmd: 'flush', spec: MdbFlush): this;
  mdb(cmd: MdbChange | 'flush', spec: MdbSpec | MdbSelector | MdbRow | MdbFlush): this {
    return this.add(cmd === 'flush' ? mdbFlushRequest(spec as MdbFlush) : mdbRequest(cmd, spec as MdbSpec));
  }
}
