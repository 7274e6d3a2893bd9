/** Making an object be there, or not be there, whatever others do meanwhile. */
import { aligned } from '../codec/bytes.js';
import { InputError, show } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { Writer } from '../codec/writer.js';
import { NetlinkError } from '../netlink/errors.js';
import type { RequestOptions } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { ProxiedKind } from '../proxies/index.js';
import { fibmsg } from '../rtnl/fibmsg.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { nsidmsg } from '../rtnl/nsidmsg.js';
import { type AddrSpec, addrRequest } from './addr.js';
import { RouteSocket } from './base.js';
import { dumpArray } from './dumps.js';
import { linkChanges } from './ensure-link.js';
import { assertPeer } from './ensure-peer.js';
import { assertPersists } from './ensure-tuntap.js';
import { type FdbFilter, type FdbSpec, fdbRequest, fdbTable } from './fdb-request.js';
import { type LinkAdd, type LinkSelector, linkGetRequest, linkRequest } from './link-request.js';
import { type MdbSelector, type MdbSpec, mdbRequest } from './mdb-request.js';
import { type NeighbourSpec, neighRequest } from './neigh-request.js';
import { type NexthopSelector, type NexthopSpec, nexthopRequest } from './nexthop.js';
import { nsidGetRequest } from './nsid.js';
import { type RouteSelector, type RouteSpec, routeRequest } from './route.js';
import { sameRule } from './rule-exact.js';
import { type RuleSpec, ruleRequest, ruleTable } from './rule-request.js';
import { badCommand } from './select.js';
import { type VlanFilterSpec, vlanFilterRequest } from './vlan-filter.js';

/** What can be ensured: how it is when it is there, and what selects it. */
export interface Ensurable {
  /**
   * Known by `ifname`, in the namespace of the socket. What differs is changed; a link of another kind, or a pair with
   * another peer, and a tun device with other options, is not replaced but an InputError (ERR_CONFLICT).
   */
  link: { spec: LinkAdd & { ifname: string }; selector: LinkSelector & { kind?: ProxiedKind | undefined } };
  addr: { spec: AddrSpec; selector: AddrSpec };
  route: { spec: RouteSpec; selector: RouteSelector };
  /** Known by `id`. */
  nexthop: { spec: NexthopSpec & { id: number }; selector: Pick<NexthopSelector, 'id'> };
  neigh: { spec: NeighbourSpec; selector: NeighbourSpec };
  /** A forwarding entry of which there is one for its address: `append` makes more, and is not ensured. */
  fdb: { spec: FdbSpec; selector: FdbSpec };
  /** Known by all that it says: one that says otherwise is another rule. */
  rule: { spec: RuleSpec; selector: RuleSpec };
  mdb: { spec: MdbSpec; selector: MdbSelector };
  /** The kernel does not say whether a VLAN was there: always `'updated'`. */
  vlanFilter: { spec: VlanFilterSpec; selector: VlanFilterSpec };
}

/**
 * What was done: `'added'`: it was not there; `'updated'`: it was there and was told anew what it is to be;
 * `'unchanged'`: it was there as it is to be (links and rules: of others the kernel is told anyway).
 */
export type Ensured = 'added' | 'updated' | 'unchanged';

interface Way {
  /** Undefined where `update` makes the object as well. */
  add?(spec: never): Outgoing;
  /** Brings what is there in line; undefined where there is nothing that could differ. */
  update?(spec: never): Outgoing;
  del(selector: never): Outgoing;
  /** The kernel's word for what is not there. */
  gone(error: NetlinkError): boolean;
}

const code =
  (...codes: string[]) =>
  (error: NetlinkError): boolean =>
    codes.includes(error.code);

const WAYS: { readonly [K in keyof Ensurable]: Way } = {
  link: {
    add: (spec) => linkRequest('add', spec),
    update: (spec) => linkRequest('set', spec),
    del: (selector) => linkRequest('del', selector),
    gone: code('ENODEV'),
  },
  addr: {
    add: (spec) => addrRequest('add', spec),
    update: (spec) => addrRequest('replace', spec),
    del: (selector) => addrRequest('del', selector),
    gone: code('EADDRNOTAVAIL', 'ENODEV'),
  },
  route: {
    add: (spec) => routeRequest('add', spec),
    update: (spec) => routeRequest('replace', spec),
    del: (selector) => routeRequest('del', selector),
    gone: code('ESRCH'),
  },
  nexthop: {
    add: (spec) => nexthopRequest('add', spec),
    update: (spec) => nexthopRequest('replace', spec),
    del: (selector) => nexthopRequest('del', selector),
    gone: code('ENOENT'),
  },
  neigh: {
    add: (spec) => neighRequest('add', spec),
    update: (spec) => neighRequest('replace', spec),
    del: (selector) => neighRequest('del', selector),
    gone: code('ENOENT'),
  },
  fdb: {
    add: (spec) => fdbRequest('add', spec),
    update: (spec) => fdbRequest('replace', spec),
    del: (selector) => fdbRequest('del', selector),
    gone: code('ENOENT'),
  },
  rule: {
    add: (spec) => ruleRequest('add', spec),
    del: (selector) => ruleRequest('del', selector),
    gone: code('ENOENT'),
  },
  mdb: {
    add: (spec) => mdbRequest('add', spec),
    update: (spec) => mdbRequest('replace', spec),
    del: (selector) => mdbRequest('del', selector),
    // A bridge says EINVAL, and nothing else, of what is not there.
    gone: (error) => code('ENOENT', 'ENODEV')(error) || (error.code === 'EINVAL' && error.kernelMessage === undefined),
  },
  vlanFilter: {
    update: (spec) => vlanFilterRequest('add', spec),
    del: (selector) => vlanFilterRequest('del', selector),
    gone: code('ENOENT'),
  },
};

/** Keys by which entries are listed and told apart. */
const FDB_KEYS = ['dev', 'ifindex', 'lladdr', 'dst', 'vlan', 'port', 'vni', 'srcVni', 'nhId'] as const;

/** Times that somebody else may undo what was done before this gives up. */
const TRIES = 16;
/** Routes that one selector may mean. */
const MANY = 4096;

const failed = (error: unknown, test: (error: NetlinkError) => boolean): boolean =>
  error instanceof NetlinkError && test(error);

export abstract class EnsureVerbs extends RouteSocket {
  /**
   * Makes an object be there as `spec` says, and resolves to what that took. It does not look first: it adds, and brings
   * in line what the kernel says is there already; should that be gone by then, it adds again.
   */
  async ensure<K extends keyof Ensurable>(
    what: K,
    spec: Ensurable[K]['spec'],
    options?: RequestOptions,
  ): Promise<Ensured> {
    const way = wayOf(what);
    if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', what, `expected an object, got ${show(spec)}`);
    const key = what === 'link' ? 'ifname' : what === 'nexthop' ? 'id' : undefined;
    if (key !== undefined && !(spec as Rec)[key])
      throw new InputError('ERR_MISSING_KEY', key, `is needed: it tells which ${what} is meant`);
    if (what === 'link') {
      assertHere(spec as Rec);
      assertPersists(spec as Rec);
    }
    if (what === 'rule' && (await ruleIsThere(this, spec as RuleSpec, options))) return 'unchanged';
    for (let tries = 1; ; tries++) {
      const again = (error: unknown, test: (error: NetlinkError) => boolean): void => {
        if (tries === TRIES || !failed(error, test)) throw error;
      };
      try {
        if (way.add !== undefined) {
          await this.write(way.add(spec as never), options);
          return 'added';
        }
      } catch (error) {
        again(error, code('EEXIST'));
      }
      try {
        const changes = what === 'link' ? await this.linkDifferences(spec as never, options) : spec;
        if (changes === undefined || way.update === undefined) return 'unchanged';
        await this.write(way.update(changes as never), options);
        return 'updated';
      } catch (error) {
        again(error, way.gone);
      }
    }
  }

  /** What a link that is there is to become, or undefined when it is that. */
  protected async linkDifferences(
    spec: LinkAdd & { ifname: string },
    options: RequestOptions | undefined,
  ): Promise<Rec | undefined> {
    const link = await this.read(linkGetRequest({ ifname: spec.ifname }), ifinfmsg, options);
    await assertPeer(spec, link, {
      link: (selector) => this.read(linkGetRequest(selector as LinkSelector), ifinfmsg, options),
      nsid: async (netns) => (await this.read(nsidGetRequest({ netns }), nsidmsg, options)).nsid ?? -1,
    });
    return linkChanges(spec, link, (name) => this.indexOf(name, options));
  }

  /**
   * Makes an object not be there; resolves to whether there was one: for VLANs to true in any case, since the kernel
   * does not say. A selector of routes or rules means every one that fits.
   */
  async ensureGone<K extends keyof Ensurable>(
    what: K,
    selector: Ensurable[K]['selector'],
    options?: RequestOptions,
  ): Promise<boolean> {
    const way = wayOf(what);
    for (let deleted = 0; deleted < MANY; deleted++) {
      try {
        await this.write(way.del(selector as never), options);
      } catch (error) {
        if (failed(error, way.gone)) return deleted > 0;
        throw error;
      }
      // Of a VXLAN the kernel says yes to the deletion of what is not there.
      if (what === 'fdb') return fdbIsGone(this, selector as FdbSpec, options);
      if (what !== 'route' && what !== 'rule') return true;
    }
    throw new Error(`ensureGone ${what}: ${MANY} were deleted, and there are more`);
  }
}

/** Refuses a link for another namespace: whether it is there cannot be seen from here. */
function assertHere(spec: Rec): void {
  for (const key of ['netns', 'netNsFd', 'netNsPid'])
    if (spec[key] !== undefined)
      throw new InputError('ERR_CONFLICT', key, 'is of links elsewhere; ensure it by a socket of that namespace');
}

function wayOf(what: keyof Ensurable): Way {
  if (!Object.hasOwn(WAYS, what)) throw badCommand(what, Object.keys(WAYS));
  return WAYS[what];
}

/** Whether there is a rule that says the same. Without a priority the kernel would add another one. */
async function ruleIsThere(ipr: EnsureVerbs, spec: RuleSpec, options: RequestOptions | undefined): Promise<boolean> {
  if (spec.priority !== undefined || spec.pref !== undefined) return false;
  const w = new Writer(256);
  ruleRequest('add', spec).put(w);
  const rule = fibmsg.read(aligned(w.bytes()), 0, w.pos);
  const rules = await dumpArray(ipr, ruleTable({ family: rule.family }), options);
  return rules.some((row) => sameRule(row, rule));
}

/** Deletes each entry that still fits, by all that the kernel says of it. */
async function fdbIsGone(ipr: EnsureVerbs, selector: FdbSpec, options: RequestOptions | undefined): Promise<true> {
  const filter = Object.fromEntries(FDB_KEYS.filter((key) => key in selector).map((key) => [key, selector[key]]));
  for (let tries = 0; tries < TRIES; tries++) {
    const rows = await dumpArray(ipr, fdbTable(filter as FdbFilter), options);
    if (rows.length === 0) return true;
    for (const row of rows)
      await ipr.write(fdbRequest('del', row as FdbSpec), options).catch((error: unknown) => {
        if (!failed(error, WAYS.fdb.gone)) throw error;
      });
  }
  throw new Error(`ensureGone fdb: entries of ${show(selector.lladdr)} come again`);
}
