/** Counters of links, by groups: `ip stats` (Linux 4.7). */
import { InputError, show, within } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import { wordOrNumber } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import { NetlinkError } from '../netlink/errors.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { IFLA_STATS } from '../rtnl/constants.js';
import { ifstatsmsg, ifstatsreqmsg, type Stats, type StatsFilters } from '../rtnl/ifstatsmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { type Device, type DeviceKeys, needDevice, putDevice, takeDevice, type WithDevice } from './device.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

interface Groups {
  /** Groups of counters: IFLA_STATS bits or words. Default: all. */
  filterMask?: number | keyof typeof IFLA_STATS | readonly (keyof typeof IFLA_STATS)[] | undefined;
  /** Which counters of a group (Linux 5.18). */
  getFilters?: StatsFilters | undefined;
}

/** Counters of one link. */
export type StatsSelector = DeviceKeys & WithDevice & Groups;

/** Which rows to list: a predicate, or keys that must be equal; `filterMask` and `getFilters` say what is in them. */
export type StatsFilter = Predicate<Stats & MessageExtras> | Where<Stats, Groups & { ifindex?: Wanted<number> }>;

/** What a link counts besides. */
export type StatsSpec = DeviceKeys &
  WithDevice & { /** Count in hardware what it routes (Linux 5.18). */ l3Stats: boolean };

/** Counters of a link as the kernel has them. */
export type StatsRow = Stats & MessageExtras;

/** Where struct if_stats_msg has the index of the interface. */
const IFINDEX = 4;
const EVERY = Object.values(IFLA_STATS).reduce((sum, bit) => sum | bit, 0);

function request(op: 'RTM_GETSTATS' | 'RTM_SETSTATS', value: Rec, device: Device | undefined): Outgoing {
  return {
    op,
    type: ifstatsreqmsg.types[op]!,
    flags: 0,
    def: ifstatsreqmsg,
    put(w) {
      const at = w.pos + IFINDEX;
      ifstatsreqmsg.write(w, value);
      putDevice(w, at, device);
    },
  };
}

function groups({ filterMask = EVERY, getFilters }: Rec): Rec {
  if (filterMask === 0) throw new InputError('ERR_INVALID_VALUE', 'filterMask', 'names no group');
  return { filterMask, ...(getFilters !== undefined && { getFilters }) };
}

function assertKeys(value: Rec, known: readonly string[]): void {
  for (const key of Object.keys(value))
    if (!known.includes(key)) throw new InputError('ERR_UNKNOWN_KEY', key, `unknown key; known: ${known.join(', ')}`);
}

/** The request of one link's counters. */
function statsGetRequest(spec: StatsSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'stats', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const value: Rec = { ...spec };
  const device = needDevice(value, 'whose counters');
  assertKeys(value, ['dev', 'filterMask', 'getFilters']);
  return request('RTM_GETSTATS', groups(value), device);
}

/** The request of a change. */
export function statsSetRequest(cmd: 'set', spec: StatsSpec): Outgoing {
  if (cmd !== 'set') throw badCommand(cmd, ['set']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'stats', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const value: Rec = { ...spec };
  const device = needDevice(value, 'whose counters');
  assertKeys(value, ['dev', 'l3Stats']);
  if (typeof value.l3Stats !== 'boolean')
    throw new InputError(
      value.l3Stats === undefined ? 'ERR_MISSING_KEY' : 'ERR_INVALID_VALUE',
      'l3Stats',
      value.l3Stats === undefined ? 'is needed' : `expected true or false, got ${show(value.l3Stats)}`,
    );
  return request('RTM_SETSTATS', { setOffloadXstatsL3Stats: value.l3Stats ? 1 : 0 }, device);
}

/** What does not fit in an answer comes in the next, as another row of the same link. */
function more(before: StatsRow, row: StatsRow): boolean {
  if (row.ifindex !== before.ifindex) return false;
  merge(before as unknown as Rec, row as unknown as Rec);
  return true;
}

function merge(into: Rec, from: Rec): void {
  for (const [key, value] of Object.entries(from)) {
    const had = into[key];
    if (Array.isArray(had) && Array.isArray(value)) into[key] = [...had, ...value];
    else if (isRec(had) && isRec(value)) merge(had, value);
    else into[key] = value;
  }
}

/** Reads one link's counters. */
type ReadOne = (out: Outgoing) => Promise<StatsRow>;

/** The request of a list. */
function statsTable(filter: StatsFilter = {}, one: ReadOne): TableRequest<StatsRow> {
  const match: Rec = {};
  let ask: Rec = { filterMask: EVERY };
  if (typeof filter !== 'function') {
    assertDefined(filter);
    const { filterMask, getFilters, ...rest } = filter as Rec;
    ask = groups({ ...(filterMask !== undefined && { filterMask }), ...(getFilters !== undefined && { getFilters }) });
    Object.assign(match, rest);
  }
  // Every link has totals, and they come first. Where a link does not fit in an answer, the kernel may go on with it in
  // the next after what it threw away (seen in 6.1 to 7.2): then they are missing, and the link is asked for alone.
  const mask = within('filterMask', () => wordOrNumber(ask.filterMask, IFLA_STATS, true)) as number;
  const asked = (mask & IFLA_STATS.link_64) !== 0;
  const whole = async (row: StatsRow): Promise<StatsRow[]> => {
    if (row.link64 === undefined)
      return one(request('RTM_GETSTATS', ask, { key: 'ifindex', value: row.ifindex })).then(
        (row) => [row],
        (error) => {
          if (error instanceof NetlinkError && error.code === 'ENODEV') return [];
          throw error;
        },
      );
    if (asked) return [row];
    const { link64: _, ...rest } = row;
    return [{ ...rest, filterMask: row.filterMask & ~IFLA_STATS.link_64 }];
  };
  return {
    out: request('RTM_GETSTATS', asked ? ask : { ...ask, filterMask: mask | IFLA_STATS.link_64 }, takeDevice({})),
    def: ifstatsmsg,
    row: 92,
    joins: more,
    mend: async (rows) => (await Promise.all(rows.map(whole))).flat(),
    wanted: typeof filter === 'function' ? filter : matcher(ifstatsmsg, match),
  };
}

export abstract class StatsVerbs extends RouteSocket {
  /** Counters of one link. */
  stats(cmd: 'get', spec: StatsSelector, options?: RequestOptions): Promise<StatsRow>;
  /** Counters of all links, or of those that match. */
  stats(cmd: 'dump' | 'show', filter?: StatsFilter, options?: DumpOptions): Promise<StatsRow[]>;
  /** Has a link count more, or less. */
  stats(cmd: 'set', spec: StatsSpec, options?: RequestOptions): Promise<WriteResult<StatsRow>>;
  async stats(
    cmd: 'get' | 'set' | 'dump' | 'show',
    spec?: StatsSelector | StatsSpec | StatsFilter,
    options?: DumpOptions,
  ): Promise<WriteResult<StatsRow> | StatsRow | StatsRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(statsGetRequest(spec as StatsSelector), ifstatsmsg, options);
      case 'set':
        assertNoEcho(options, "stats('get')");
        return this.write(statsSetRequest(cmd, spec as StatsSpec), options);
      case 'dump':
      case 'show':
        return this.getStats(spec as StatsFilter, options);
      default:
        throw badCommand(cmd, ['get', 'set', 'dump']);
    }
  }

  /** Counters of all links, or of those that match. */
  async getStats(filter?: StatsFilter, options?: DumpOptions): Promise<StatsRow[]> {
    return dumpArray(
      this,
      statsTable(filter, (out) => this.read(out, ifstatsmsg, options)),
      options,
    );
  }

  /** The same as a stream. */
  linkStats(filter?: StatsFilter, options?: DumpOptions): DumpStream<StatsRow> {
    return dumpStream(
      this,
      'RTM_GETSTATS',
      () => statsTable(filter, (out) => this.read(out, ifstatsmsg, options)),
      options,
    );
  }
}
