/** Waiting until an object is there, or gone: by events, not by asking again and again. */
import { InputError, show } from '../codec/errors.js';
import { now } from '../netlink/clock.js';
import type { DumpOptions } from '../netlink/dump.js';
import { TimeoutError } from '../netlink/errors.js';
import { checkTimeout } from '../netlink/pending.js';
import type { AddrFilter, AddrRow, AddrVerbs } from './addr.js';
import { RouteSocket } from './base.js';
import type { Brport, BrportFilter, BrportVerbs } from './brport.js';
import type { FdbRow, FdbVerbs } from './fdb.js';
import type { FdbFilter } from './fdb-request.js';
import type { LinkRow, LinkVerbs } from './link.js';
import type { LinkFilter } from './link-request.js';
import type { MdbFilter, MdbRow, MdbVerbs } from './mdb.js';
import type { GroupName, Monitor, MonitorOptions } from './monitor.js';
import type { NeighbourRow, NeighVerbs } from './neigh.js';
import type { NeighbourFilter } from './neigh-request.js';
import type { NexthopFilter, NexthopRow, NexthopVerbs } from './nexthop.js';
import type { RouteFilter, RouteRow, RouteVerbs } from './route.js';
import type { RuleRow, RuleVerbs } from './rule.js';
import type { RuleFilter } from './rule-request.js';
import { badCommand } from './select.js';
import type { VlanFilterFilter, VlanFilterRow, VlanFilterVerbs } from './vlan-filter.js';
import type { VlandbVerbs, VlanFilter, VlanRow } from './vlandb.js';

/** What can be waited for: what selects it, and what comes of it. */
export interface Pollable {
  link: { filter: LinkFilter; row: LinkRow };
  addr: { filter: AddrFilter; row: AddrRow };
  route: { filter: RouteFilter; row: RouteRow };
  neigh: { filter: NeighbourFilter; row: NeighbourRow };
  fdb: { filter: FdbFilter; row: FdbRow };
  rule: { filter: RuleFilter; row: RuleRow };
  nexthop: { filter: NexthopFilter; row: NexthopRow };
  brport: { filter: BrportFilter; row: Brport };
  mdb: { filter: MdbFilter; row: MdbRow };
  vlandb: { filter: VlanFilter; row: VlanRow };
  vlanFilter: { filter: VlanFilterFilter; row: VlanFilterRow };
}

export interface PollOptions {
  /** Milliseconds to wait at most (10,000). */
  timeout?: number | undefined;
  /** Ends the waiting; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

interface Reader
  extends LinkVerbs,
    AddrVerbs,
    RouteVerbs,
    NeighVerbs,
    FdbVerbs,
    RuleVerbs,
    NexthopVerbs,
    BrportVerbs,
    MdbVerbs,
    VlandbVerbs,
    VlanFilterVerbs {
  monitor(options: MonitorOptions): Monitor;
}

interface Watch {
  /** Groups in which changes are announced. */
  groups: readonly GroupName[];
  list(ipr: Reader, filter: never, options: DumpOptions): Promise<object[]>;
}

const WATCHES: { readonly [K in keyof Pollable]: Watch } = {
  link: { groups: ['link'], list: (ipr, filter, options) => ipr.getLinks(filter, options) },
  addr: {
    groups: ['ipv4-ifaddr', 'ipv6-ifaddr', 'link'],
    list: (ipr, filter, options) => ipr.getAddr(filter, options),
  },
  // Routes of IPv4 go with their link without a word of their own.
  route: {
    groups: ['ipv4-route', 'ipv6-route', 'mpls-route', 'link'],
    list: (ipr, filter, options) => ipr.getRoutes(filter, options),
  },
  neigh: { groups: ['neigh', 'link'], list: (ipr, filter, options) => ipr.getNeighbours(filter, options) },
  fdb: { groups: ['neigh', 'link'], list: (ipr, filter, options) => ipr.getFdb(filter, options) },
  rule: { groups: ['ipv4-rule', 'ipv6-rule'], list: (ipr, filter, options) => ipr.getRules(filter, options) },
  nexthop: { groups: ['nexthop', 'link'], list: (ipr, filter, options) => ipr.getNexthops(filter, options) },
  brport: { groups: ['link'], list: (ipr, filter, options) => ipr.getBrports(filter, options) },
  mdb: { groups: ['mdb', 'link'], list: (ipr, filter, options) => ipr.getMdb(filter, options) },
  vlandb: { groups: ['brvlan', 'link'], list: (ipr, filter, options) => ipr.getVlans(filter, options) },
  vlanFilter: { groups: ['link'], list: (ipr, filter, options) => ipr.vlanFilter('dump', filter, options) },
};

const DEFAULT_TIMEOUT = 10_000;
/** Milliseconds after which the table is read without an event: counters and timers are not announced. */
const RECHECK = 1000;

export abstract class PollVerbs extends RouteSocket {
  /**
   * Waits until an object matches, and resolves to it: at once when there is one. The table is read again when the
   * kernel announces a change, and once a second. Rejects with TimeoutError.
   */
  async poll<K extends keyof Pollable>(
    what: K,
    filter: Pollable[K]['filter'],
    options?: PollOptions,
  ): Promise<Pollable[K]['row']> {
    return watched(
      this as unknown as Reader,
      what,
      filter,
      options,
      ([first]) => first as Pollable[K]['row'] | undefined,
    );
  }

  /** Waits until no object matches. */
  async pollGone<K extends keyof Pollable>(
    what: K,
    filter: Pollable[K]['filter'],
    options?: PollOptions,
  ): Promise<void> {
    await watched(this as unknown as Reader, what, filter, options, (rows) => (rows.length === 0 ? true : undefined));
  }
}

/** Reads the table until `done` gives something. */
async function watched<T>(
  ipr: Reader,
  what: keyof Pollable,
  filter: unknown,
  options: PollOptions = {},
  done: (rows: never[]) => T | undefined,
): Promise<T> {
  if (!Object.hasOwn(WATCHES, what)) throw badCommand(what, Object.keys(WATCHES));
  const { timeout = DEFAULT_TIMEOUT, signal } = check(options);
  signal?.throwIfAborted();
  const { groups, list } = WATCHES[what];
  const end = now() + timeout;
  // The events first, then the table: nothing falls between the two.
  const stop = new AbortController();
  const monitor = ipr.monitor({ groups, signal: stop.signal });
  const batches = monitor.batches();
  let next: Promise<unknown> | undefined;
  try {
    for (;;) {
      const left = end - now();
      const found = done((await list(ipr, filter as never, { ...(signal && { signal }) })) as never[]);
      if (found !== undefined) return found;
      if (left <= 0) throw new TimeoutError(`poll ${what}`, timeout, 'match');
      next ??= batches.next();
      if (await first(next, Math.min(left, RECHECK), signal)) next = undefined;
    }
  } finally {
    stop.abort();
    // What was waited for last is of no interest any more.
    next?.catch(() => {});
  }
}

/** Waits for a promise or for some milliseconds; resolves to whether the promise was first. */
function first(promise: Promise<unknown>, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const over = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => over(() => reject(signal!.reason));
    const timer = setTimeout(() => over(() => resolve(false)), ms);
    signal?.addEventListener('abort', abort, { once: true });
    promise.then(
      () => over(() => resolve(true)),
      (error: unknown) => over(() => reject(error)),
    );
  });
}

function check(options: PollOptions): PollOptions {
  if (typeof options !== 'object' || options === null)
    throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
  for (const key of Object.keys(options))
    if (key !== 'timeout' && key !== 'signal')
      throw new InputError('ERR_UNKNOWN_KEY', `options.${key}`, 'unknown key: timeout, signal');
  const { timeout, signal } = options;
  if (timeout !== undefined) checkTimeout(timeout);
  if (timeout === 0) throw new InputError('ERR_OUT_OF_RANGE', 'timeout', 'a poll has an end');
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InputError('ERR_INVALID_VALUE', 'signal', `expected an AbortSignal, got ${show(signal)}`);
  return options;
}
