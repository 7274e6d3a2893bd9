/** Tables of rtnetlink kept in step with the kernel: how they are read, and what their events mean. */

import { InputError, show, suggest, unknownKey } from '../codec/errors.js';
import { NLM_F_REPLACE } from '../codec/header.js';
import { isRec } from '../codec/write.js';
import { Resync, type ResyncSource, type RowChange } from '../netlink/resync.js';
import { AF, IFF, NUD } from '../rtnl/constants.js';
import type { AddrRow } from './addr.js';
import type { IPRoute } from './iproute.js';
import type { LinkRow } from './link.js';
import type { GroupName, MonitorEvent } from './monitor.js';
import type { NeighbourRow } from './neigh.js';
import type { NexthopRow } from './nexthop.js';
import type { RouteRow } from './route.js';
import type { RuleRow } from './rule.js';
import { verdict } from './select.js';

/** Tables that `resyncTable` keeps, and their rows. */
export interface ResyncTables {
  link: LinkRow;
  addr: AddrRow;
  route: RouteRow;
  rule: RuleRow;
  neigh: NeighbourRow;
  nexthop: NexthopRow;
}

export interface ResyncOptions<R> {
  /** Only rows of this address family: of addresses, routes, rules and neighbours. */
  family?: 'inet' | 'inet6' | undefined;
  /** Only rows for which this is true. It decides by the row alone. */
  where?: ((row: R) => boolean) | undefined;
  /** Receive buffer of the monitor in bytes. */
  rcvbuf?: number | undefined;
  /** Ends it; what waits rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** See ResyncSource. */
  attempts?: number | undefined;
}

type Family = 'inet' | 'inet6' | undefined;

/** One table: groups to listen to, and the rest of a ResyncSource. */
interface TableOf<R> {
  groups(family: Family): GroupName[];
  read(ipr: IPRoute, family: Family): Promise<readonly R[]>;
  exact: boolean;
  key(row: R): string;
  /** Whether the kernel tells of a row when it is made; default: of all. Others are left out. */
  told?(row: R): boolean;
  /** Keys of the row that are no part of what it says: counters, clocks, what only events have. */
  passing: readonly string[];
  /** What an event means; `rows` are those that are known. */
  change(event: Message, rows: ReadonlyMap<string, R>): RowChange<R> | undefined;
}

type Message = Extract<MonitorEvent, { type: 'message' }>;

const AF_BRIDGE = AF.bridge;

const numberOf = (family: Family): number => (family === undefined ? 0 : AF[family]);
const asked = (family: Family): { family?: 'inet' | 'inet6' } => (family === undefined ? {} : { family });

/** Names of groups of a table of both families. */
const both = (family: Family, what: 'ifaddr' | 'route' | 'rule'): GroupName[] =>
  (['inet', 'inet6'] as const)
    .filter((f) => family === undefined || family === f)
    .map((f): GroupName => `${f === 'inet' ? 'ipv4' : 'ipv6'}-${what}`);

/** The event of a link that carries nothing any more: routes and next hops over it vanish, mostly without a word. */
function linkLost(event: Message): boolean {
  if (event.op !== 'RTM_NEWLINK' && event.op !== 'RTM_DELLINK') return false;
  const { family, flags } = event.value;
  const carries = IFF.UP | IFF.LOWER_UP;
  return family !== AF_BRIDGE && (event.op === 'RTM_DELLINK' || (flags & carries) !== carries);
}

/** A new row, or one in the place of another; or one that is gone. */
const plain =
  <R>(made: string, gone: string, key: (row: R) => string) =>
  (event: Message): RowChange<R> | undefined => {
    const row = event.value as unknown as R;
    if (event.op === made) return { set: row };
    return event.op === gone ? { drop: [key(row)] } : undefined;
  };

const text = (...parts: readonly unknown[]): string => JSON.stringify(parts);

const linkKey = ({ index }: LinkRow): string => String(index);
const addrKey = ({ family, index, local, address, prefixlen }: AddrRow): string =>
  text(family, index, family === AF.inet ? [local, address, prefixlen] : (local ?? address));
const ruleKey = ({ flags: _, ...rest }: RuleRow): string => JSON.stringify(rest);
const neighKey = ({ family, ifindex, dst }: NeighbourRow): string => text(family, ifindex, dst);
const nexthopKey = ({ id }: NexthopRow): string => String(id);

/** Where a route stands; others of its place are alternatives to it. */
const placeOf = ({ family, table, dst, tos, priority = 0 }: RouteRow): string =>
  text(family, table, dst, tos, priority);

/** Gateways of one place that the kernel joins to one route of several next hops: only IPv6 does. */
const joins = ({ family, gateway, multipath, nhId }: RouteRow): boolean =>
  family === AF.inet6 && nhId === undefined && (gateway !== undefined || multipath !== undefined);

/** Next hops of a route, in an order of their own: events name them in another one than reads. */
const hopsOf = ({ multipath, gateway, via, oif }: RouteRow): string[] =>
  (multipath ?? [{ gateway, via, ifindex: oif, hops: 0 }])
    .map((hop) => text(hop.gateway, hop.via, hop.ifindex, hop.hops))
    .sort();

function routeKey(row: RouteRow): string {
  const { nhId, type, scope, protocol, prefsrc, metrics, oif } = row;
  if (joins(row)) return text(placeOf(row), 'joined');
  if (row.family === AF.inet6) return text(placeOf(row), nhId ?? oif, type);
  const hops = nhId === undefined ? [type, ...hopsOf(row)] : nhId;
  return text(placeOf(row), hops, scope, protocol, prefsrc, metrics);
}

function routeChange(event: Message, rows: ReadonlyMap<string, RouteRow>): RowChange<RouteRow> | undefined {
  if (event.op === 'RTM_NEWROUTE' || event.op === 'RTM_DELROUTE') {
    const row = event.value;
    const key = routeKey(row);
    const place = placeOf(row);
    const others = (): string[] =>
      [...rows].filter(([other, r]) => other !== key && placeOf(r) === place).map(([other]) => other);
    if (event.op === 'RTM_NEWROUTE') {
      if ((event.header.flags & NLM_F_REPLACE) === 0 || (row.nhId !== undefined && rows.has(key))) return { set: row };
      // It took the place of one of them, and nobody says of which.
      const replaced = others();
      return { set: row, drop: replaced, again: replaced.length > 1 || (replaced.length > 0 && rows.has(key)) };
    }
    const known = rows.get(key);
    if (known === undefined) return others().length > 0 ? { again: true } : undefined;
    // Of several next hops one is gone.
    return text(hopsOf(known)) === text(hopsOf(row)) ? { drop: [key] } : { again: true };
  }
  // Routes that vanish, or lead elsewhere, without a word: with their link, their address or their next hop.
  const silent =
    linkLost(event) ||
    (event.op === 'RTM_DELADDR' && event.value.family === AF.inet) ||
    event.op === 'RTM_NEWNEXTHOP' ||
    event.op === 'RTM_DELNEXTHOP';
  return silent ? { again: true } : undefined;
}

/**
 * Waits until the kernel is through with what it told. It tells of a link that goes down, and of an address that goes,
 * before it takes away what goes with them, and routes are read without a lock: a read at once would find them still. A
 * lookup of a link waits for the lock that is held until they are gone.
 */
const through = (ipr: IPRoute): Promise<unknown> => ipr.linkLookup({ index: 1 });

const TABLES: { [T in keyof ResyncTables]: TableOf<ResyncTables[T]> } = {
  link: {
    groups: () => ['link'],
    read: (ipr) => ipr.getLinks(),
    exact: true,
    key: linkKey,
    passing: ['stats', 'stats64', 'afSpec', 'change', 'event'],
    change(event) {
      if (event.op !== 'RTM_NEWLINK' && event.op !== 'RTM_DELLINK') return undefined;
      // Ports of bridges tell of themselves a second time.
      if (event.value.family === AF_BRIDGE) return undefined;
      if (event.op === 'RTM_DELLINK') return { drop: [linkKey(event.value)] };
      // One end of a pair is told before it has another.
      return { set: event.value, again: event.value.linkinfo?.kind === 'veth' && event.value.link === 0 };
    },
  },
  addr: {
    groups: (family) => both(family, 'ifaddr'),
    read: (ipr, family) => ipr.getAddr(asked(family)),
    exact: true,
    key: addrKey,
    passing: ['cacheinfo'],
    change: plain('RTM_NEWADDR', 'RTM_DELADDR', addrKey),
  },
  route: {
    groups: (family) => [
      ...both(family, 'route'),
      'nexthop',
      ...(family === 'inet6' ? [] : (['link', 'ipv4-ifaddr'] as const)),
    ],
    read: async (ipr, family) => {
      await through(ipr);
      return ipr.getRoutes(asked(family));
    },
    exact: false,
    key: routeKey,
    passing: ['cacheinfo', 'flags', 'multipath', 'gateway', 'via', 'oif'],
    change: routeChange,
  },
  rule: {
    groups: (family) => both(family, 'rule'),
    read: (ipr, family) => ipr.getRules(asked(family)),
    exact: true,
    key: ruleKey,
    passing: ['flags'],
    change: plain('RTM_NEWRULE', 'RTM_DELRULE', ruleKey),
  },
  neigh: {
    groups: () => ['neigh'],
    read: (ipr, family) => ipr.getNeighbours(asked(family)),
    exact: false,
    key: neighKey,
    // Addresses that need no lookup (multicast, links without ARP): they go with a word, and come without one.
    told: ({ state }) => (state & NUD.noarp) === 0,
    passing: ['cacheinfo', 'probes'],
    change: (event) =>
      (event.value as { family?: number }).family === AF_BRIDGE
        ? undefined
        : plain<NeighbourRow>('RTM_NEWNEIGH', 'RTM_DELNEIGH', neighKey)(event),
  },
  nexthop: {
    groups: () => ['nexthop', 'link'],
    read: async (ipr) => {
      await through(ipr);
      return ipr.getNexthops();
    },
    exact: true,
    key: nexthopKey,
    passing: [],
    change: (event) =>
      linkLost(event) ? { again: true } : plain<NexthopRow>('RTM_NEWNEXTHOP', 'RTM_DELNEXTHOP', nexthopKey)(event),
  },
};

const OPTIONS = ['family', 'where', 'rcvbuf', 'signal', 'attempts'];

function check(ipr: IPRoute, table: string, options: ResyncOptions<never>): void {
  if (typeof (ipr as Partial<IPRoute> | null | undefined)?.monitor !== 'function')
    throw new InputError('ERR_INVALID_VALUE', 'ipr', `expected an IPRoute, got ${show(ipr)}`);
  const tables = Object.keys(TABLES).join(', ');
  if (table === undefined) throw new InputError('ERR_MISSING_KEY', 'table', `is needed: one of ${tables}`);
  if (typeof table !== 'string' || !Object.hasOwn(TABLES, table))
    throw new InputError(
      'ERR_INVALID_VALUE',
      'table',
      `${show(table)} is none of ${tables}${suggest(String(table), Object.keys(TABLES))}`,
    );
  if (!isRec(options as unknown))
    throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
  for (const key of Object.keys(options)) if (!OPTIONS.includes(key)) throw unknownKey(key, OPTIONS);
  const { family, where, attempts } = options;
  if (family !== undefined && family !== 'inet' && family !== 'inet6')
    throw new InputError('ERR_INVALID_VALUE', 'family', `${show(family)} is not one of inet, inet6`);
  if (where !== undefined && typeof where !== 'function')
    throw new InputError('ERR_INVALID_VALUE', 'where', `expected a function, got ${show(where)}`);
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts > 0))
    throw new InputError('ERR_INVALID_VALUE', 'attempts', `expected a number of times, got ${show(attempts)}`);
}

/** Rows that are wanted, out of what an event means for all of them. */
function wanted<R>(
  change: RowChange<R> | undefined,
  fits: (row: R) => boolean,
  key: (row: R) => string,
): RowChange<R> | undefined {
  if (change?.set === undefined || fits(change.set)) return change;
  const { set, ...rest } = change;
  return { ...rest, drop: [...(change.drop ?? []), key(set)] };
}

/**
 * A table of the kernel as a picture that stays right: the first read, then every difference, whatever is lost, changes
 * during a read, or changes without being told (routes of IPv4 that vanish with their link). It has a monitor of its own,
 * which `break`, `close()` or closing the IPRoute end. Throws InputError; errors are those of `resync`.
 *
 * Neighbours of the state `noarp` are left out: the kernel does not tell when it makes one. The states of others are only
 * as good as its events of them, which do not tell each.
 */
export function resyncTable<T extends keyof ResyncTables>(
  ipr: IPRoute,
  table: T,
  options: ResyncOptions<ResyncTables[T]> = {},
): Resync<ResyncTables[T], MonitorEvent> {
  check(ipr, table, options as ResyncOptions<never>);
  type R = ResyncTables[T];
  const { family, where, rcvbuf, signal, attempts } = options;
  const def: TableOf<R> = TABLES[table] as unknown as TableOf<R>;
  const number = numberOf(family);
  const fits = (row: R): boolean =>
    (number === 0 || !('family' in row) || row.family === number) &&
    def.told?.(row) !== false &&
    (where === undefined || verdict(where(row), 'where'));
  const steady = (row: R): string =>
    JSON.stringify([
      { ...row, ...Object.fromEntries(def.passing.map((name) => [name, undefined])) },
      table === 'route' ? hopsOf(row as RouteRow) : 0,
    ]);
  const source: ResyncSource<R, MonitorEvent> = {
    events: ipr.monitor({ groups: def.groups(family), rcvbuf, signal }),
    read: async () => (await def.read(ipr, family)).filter(fits),
    key: def.key,
    change(event, rows) {
      // What cannot be decoded may have been about a row; what has no table was not.
      if (event.type !== 'message') return event.type === 'error' ? { again: true } : undefined;
      return wanted(def.change(event, rows), fits, def.key);
    },
    same: (a, b) => steady(a) === steady(b),
    exact: def.exact,
    attempts,
  };
  return new Resync(source);
}
