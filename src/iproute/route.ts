/** Routes: `ip route`. */
import { InputError, show } from '../codec/errors.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import type { Viewed } from '../codec/view.js';
import { isRec } from '../codec/write.js';
import type { Writer } from '../codec/writer.js';
import type { DumpOptions } from '../netlink/dump.js';
import { ENOENT } from '../netlink/errno.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { AF, RT_SCOPE, RT_TABLE, RTN, RTPROT } from '../rtnl/constants.js';
import { type NextHopIn, ROUTE_COLUMNS, type Route, type RouteColumns, type RouteIn, rtmsg } from '../rtnl/rtmsg.js';
import { errorAsGiven, type Given } from './as-given.js';
import { RouteSocket, type WriteOptions } from './base.js';
import { dumpArray, dumpColumns, dumpStream, type TableRequest, viewStream } from './dumps.js';
import { withEncapType } from './encap.js';
import { type FileName, type NamedKey, named, realms, rtDsfield, rtProtos, rtScopes, rtTables } from './name-files.js';
import { again, assertLasting, assertSelecting, destination, exactly, isRow } from './route-select.js';
import {
  assertDefined,
  badCommand,
  flushFilter,
  indexOnly,
  matcher,
  type Predicate,
  type Wanted,
  type Where,
} from './select.js';

/** A next hop of `multipath` as input takes it. */
export interface HopSpec extends NextHopIn {
  /** Interface by name or index; another word for `ifindex`. */
  dev?: number | string | undefined;
  /** Another word for `ifindex`. */
  oif?: number | string | undefined;
  /** `hops` + 1, as `ip` counts. */
  weight?: number | undefined;
}

/** A route to be added or changed. */
export interface RouteSpec
  extends Omit<RouteIn, 'dst' | 'multipath' | 'table' | 'protocol' | 'proto' | 'scope' | 'tos'> {
  /** `a.b.c.d/len`, an address (a host), or `'default'`. */
  dst: string;
  multipath?: readonly HopSpec[] | undefined;
  table?: RouteIn['table'] | FileName<'table'> | undefined;
  protocol?: RouteIn['protocol'] | FileName<'protocol'> | undefined;
  /** Short for `protocol`. */
  proto?: RouteIn['proto'] | FileName<'protocol'> | undefined;
  scope?: RouteIn['scope'] | FileName<'scope'> | undefined;
  tos?: number | FileName<'dsfield'> | undefined;
  /** Another word for `flow`: `to` or `from/to`, by number or by the names of `rt_realms`. */
  realms?: number | string | undefined;
}

/** Which route to delete, or to look up. */
export type RouteSelector = RouteSpec;

/** Which routes to list: a predicate, or keys that must be equal. `table`, `protocol`, `type`, `oif`, `dev` and `family` are checked by the kernel. */
export type RouteFilter =
  | Predicate<Route & MessageExtras>
  | Where<
      Route,
      {
        family?: Wanted<number | keyof typeof AF>;
        table?: Wanted<number | keyof typeof RT_TABLE | FileName<'table'>>;
        protocol?: Wanted<number | keyof typeof RTPROT | FileName<'protocol'>>;
        /** Short for `protocol`. */
        proto?: number | keyof typeof RTPROT | FileName<'protocol'>;
        scope?: Wanted<number | keyof typeof RT_SCOPE | FileName<'scope'>>;
        type?: Wanted<number | keyof typeof RTN>;
        /** Index or name. */
        oif?: Wanted<number | string>;
        /** Interface of `oif`. */
        dev?: number | string;
      }
    >;

export type RouteChange = 'add' | 'set' | 'replace' | 'change' | 'append' | 'del';

const FLAGS: Readonly<Record<RouteChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  set: NLM_F_CREATE | NLM_F_REPLACE,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  change: NLM_F_REPLACE,
  append: NLM_F_CREATE | NLM_F_APPEND,
  del: 0,
};

// Places in struct rtmsg.
const FAMILY = 0;
const TABLE = 4;
const PROTOCOL = 5;
const SCOPE = 6;
const TYPE = 7;

/** A next hop in the kernel's words. */
function hop(spec: HopSpec, i: number): NextHopIn {
  if (!isRec(spec as unknown))
    throw new InputError('ERR_INVALID_VALUE', `multipath[${i}]`, `expected a next hop, got ${show(spec)}`);
  const { dev, oif, weight, ...rest } = spec;
  const given = [dev, oif, rest.ifindex].filter((value) => value !== undefined);
  if (given.length > 1)
    throw new InputError('ERR_CONFLICT', `multipath[${i}]`, 'dev, oif and ifindex mean the same; give one');
  if (given.length === 1) rest.ifindex = given[0];
  if (typeof rest.ifindex === 'number' && rest.ifindex < 0) {
    const word = dev !== undefined ? 'dev' : oif !== undefined ? 'oif' : 'ifindex';
    throw new InputError('ERR_OUT_OF_RANGE', `multipath[${i}].${word}`, `${rest.ifindex} is no interface`);
  }
  if (weight !== undefined) {
    if (rest.hops !== undefined)
      throw new InputError('ERR_CONFLICT', `multipath[${i}].weight`, 'is hops + 1, which is given');
    if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 1 || weight > 256)
      throw new InputError('ERR_OUT_OF_RANGE', `multipath[${i}].weight`, `${show(weight)} is out of range 1..256`);
    rest.hops = weight - 1;
  }
  return withEncapType(rest, `multipath[${i}].`);
}

const NAMED: readonly NamedKey[] = [
  ['table', rtTables, RT_TABLE],
  ['protocol', rtProtos, RTPROT],
  ['proto', rtProtos, RTPROT],
  ['scope', rtScopes, RT_SCOPE],
  ['tos', rtDsfield, {}],
];

/** The words of the administrator as numbers. */
function words(spec: RouteSpec): RouteSpec {
  // Mostly there are none, and a hundred thousand routes are asked.
  const { table, protocol, proto, scope, tos } = spec;
  const text = (value: unknown) => typeof value === 'string';
  const any = text(table) || text(protocol) || text(proto) || text(scope) || text(tos);
  if (!any && spec.realms === undefined) return spec;
  const numbers = named(spec, NAMED);
  if (!Object.hasOwn(spec, 'realms')) return numbers;
  const { realms: value, ...rest } = numbers;
  if (value !== undefined && rest.flow !== undefined)
    throw new InputError('ERR_CONFLICT', 'realms', 'is another word for flow, which is given');
  return value === undefined ? rest : { ...rest, flow: realms(value) };
}

/** What the caller wrote for paths of the message. */
function wordsOf(spec: RouteSpec): Given {
  const hops: readonly HopSpec[] = Array.isArray(spec.multipath) ? spec.multipath : [];
  return [
    ...(spec.realms === undefined ? [] : ([['flow', 'realms']] as const)),
    ...hops.flatMap((hop, i) => {
      const word = ['dev', 'oif'].find((key) => (hop as Rec)[key] !== undefined);
      return word === undefined ? [] : ([[`multipath[${i}].ifindex`, `multipath[${i}].${word}`]] as const);
    }),
  ];
}

function prepared(given: RouteSpec): Rec {
  const spec = words(given);
  const { multipath } = spec;
  if (multipath === undefined) return withEncapType(spec) as unknown as Rec;
  if (!Array.isArray(multipath))
    throw new InputError('ERR_INVALID_VALUE', 'multipath', `expected an array of next hops, got ${show(multipath)}`);
  if (multipath.length === 0) throw new InputError('ERR_INVALID_VALUE', 'multipath', 'has no next hop');
  return { ...withEncapType(spec), multipath: Array.from(multipath, hop) };
}

/** Whether a route of IPv4 leads to a link directly, so that its destination is in scope `link`. */
const onLink = (spec: RouteSpec): boolean =>
  spec.gateway === undefined && spec.via === undefined && spec.nhId === undefined && spec.multipath === undefined;

/** What `ip route` assumes where nothing is said. */
function defaults(w: Writer, base: number, spec: RouteSpec, cmd: RouteChange): void {
  const { u8 } = w;
  if (u8[base + FAMILY] === 0) u8[base + FAMILY] = AF.inet;
  if (spec.table === undefined) u8[base + TABLE] = RT_TABLE.main;
  if (cmd === 'del') {
    // Routes of labels have one type and one scope, which must be said.
    if (u8[base + FAMILY] === AF.mpls) u8[base + TYPE] ||= RTN.unicast;
    else if (spec.scope === undefined) u8[base + SCOPE] = RT_SCOPE.nowhere;
    return;
  }
  if (spec.protocol === undefined && spec.proto === undefined) u8[base + PROTOCOL] = RTPROT.static;
  if (spec.type === undefined) u8[base + TYPE] = RTN.unicast;
  if (spec.scope === undefined && u8[base + FAMILY] === AF.inet) {
    const type = u8[base + TYPE];
    if (type === RTN.local || type === RTN.nat) u8[base + SCOPE] = RT_SCOPE.host;
    else if (type === RTN.broadcast || type === RTN.multicast || type === RTN.anycast) u8[base + SCOPE] = RT_SCOPE.link;
    else if (type === RTN.unicast && onLink(spec)) u8[base + SCOPE] = RT_SCOPE.link;
  }
}

/** A route as the kernel has it, and what could not be decoded of it. */
export type RouteRow = Route & MessageExtras;

/** The request of a change. Throws InputError for what cannot be one. */
export function routeRequest(cmd: RouteChange, spec: RouteSpec): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'route', `expected an object, got ${show(spec)}`);
  // An absent destination is not the default route, least of all one that a program forgot to set.
  if (cmd === 'del') assertDefined(spec);
  else if (spec.dst === undefined && Object.hasOwn(spec, 'dst')) assertDefined({ dst: spec.dst });
  if (spec.dst === undefined)
    throw new InputError('ERR_MISSING_KEY', 'dst', "is needed; give 'default' for the default route");
  if (spec.dstLen === 0 && spec.dst !== 'default' && !String(spec.dst).endsWith('/0'))
    throw new InputError('ERR_CONFLICT', 'dstLen', `is 0, but dst is ${show(spec.dst)}`);
  if (cmd === 'del') {
    if (!isRow(spec)) assertSelecting(spec);
  } else assertLasting(spec);
  // A row says of a next-hop object where it leads, and of its own end in other words than a request.
  const said =
    (spec.cacheinfo !== undefined || spec.nhId !== undefined) && isRow(spec) ? again(spec, cmd === 'del') : spec;
  return new RouteChangeRequest(cmd, said, prepared(said), spec);
}

/** A class rather than an object with a function of its own: many are made. */
class RouteChangeRequest implements Outgoing {
  readonly op: string;
  readonly type: number;
  readonly flags: number;
  readonly def = rtmsg;

  constructor(
    private readonly cmd: RouteChange,
    private readonly spec: RouteSpec,
    private readonly value: Rec,
    private readonly given: RouteSpec,
  ) {
    const del = cmd === 'del';
    this.op = del ? 'RTM_DELROUTE' : 'RTM_NEWROUTE';
    this.type = del ? 25 : 24;
    this.flags = FLAGS[cmd];
  }

  put(w: Writer): void {
    const base = w.pos;
    try {
      rtmsg.write(w, this.value);
    } catch (error) {
      throw errorAsGiven(error, wordsOf(this.given));
    }
    defaults(w, base, this.spec, this.cmd);
  }
}

/** The request of a lookup: which route a packet to `dst` takes. */
export function routeGetRequest(spec: RouteSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'route', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  if (spec.dst === undefined) throw new InputError('ERR_MISSING_KEY', 'dst', 'is needed');
  const value = words(spec) as unknown as Rec;
  return { op: 'RTM_GETROUTE', type: 26, flags: 0, def: rtmsg, put: (w) => rtmsg.write(w, value) };
}

/** A filter that means the main table where it names none. */
export function inMain(filter: RouteFilter): RouteFilter {
  if (typeof filter === 'function') return (row) => row.table === RT_TABLE.main && filter(row);
  assertDefined(filter);
  return filter.table === undefined ? { table: 'main', ...filter } : filter;
}

/** The keys that a kernel with strict checks (Linux 4.20) filters by in a dump; the rest is matched here. */
const KERNEL_KEYS = new Set(['family', 'table', 'protocol', 'proto', 'type', 'oif', 'dev']);

/** The request of a list. */
export function routeTable(filter: RouteFilter = {}, strict = true): TableRequest<Route & MessageExtras> {
  const ask: Rec = {};
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    for (const [key, value] of Object.entries(named(filter, NAMED))) {
      // To the kernel 0 means any.
      const here = key !== 'family' && (!strict || value === 0 || value === 'unspec');
      if (KERNEL_KEYS.has(key) && typeof value !== 'function' && !here) ask[key] = value;
      else if (key === 'dst' && typeof value === 'string') destination(value, filter.family, ask, match);
      else if (here && (key === 'dev' || key === 'oif')) match.oif = indexOnly(key, value);
      else match[here && key === 'proto' ? 'protocol' : key] = value;
    }
  }
  return {
    // Asked for a table that nobody filled, with a family, the kernel says that there is no such table.
    out: { op: 'RTM_GETROUTE', type: 26, flags: 0, def: rtmsg, none: ENOENT, put: (w) => rtmsg.write(w, ask) },
    def: rtmsg,
    row: 24,
    wanted: typeof filter === 'function' ? filter : matcher(rtmsg, match),
  };
}

/** Refuses a filter that the kernel does not apply, where rows are not looked at before they are handed on. */
function byKernel(table: ReturnType<typeof routeTable>, what: string): ReturnType<typeof routeTable> {
  if (table.wanted === undefined) return table;
  const keys = 'family, table, protocol, type, oif and dev';
  const reason = `${what} are filtered by the kernel alone: by ${keys}, which it takes for any where they are 0`;
  throw new InputError('ERR_INVALID_VALUE', 'filter', reason);
}

export abstract class RouteVerbs extends RouteSocket {
  /** The route that a packet to `dst` takes. */
  route(cmd: 'get', spec: RouteSelector, options?: RequestOptions): Promise<RouteRow>;
  /** All routes of all tables, or those that match. */
  route(cmd: 'dump' | 'show', filter?: RouteFilter, options?: DumpOptions): Promise<RouteRow[]>;
  /** Adds, changes or deletes a route. */
  route(cmd: RouteChange, spec: RouteSpec, options?: WriteOptions): Promise<WriteResult<RouteRow>>;
  route(
    cmd: RouteChange | 'get' | 'dump' | 'show',
    spec: RouteSpec | RouteFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<RouteRow> | RouteRow | RouteRow[]> {
    // Not an async function, which would take as long as the rest of it.
    try {
      switch (cmd) {
        case 'get':
          return this.read(routeGetRequest(spec as RouteSelector), rtmsg, options);
        case 'dump':
        case 'show':
          return this.getRoutes(spec as RouteFilter, options);
        case 'add':
        case 'set':
        case 'replace':
        case 'change':
        case 'append':
        case 'del':
          return this.write(routeRequest(cmd, spec as RouteSpec), options, options?.echo ? rtmsg : undefined);
        default:
          throw badCommand(cmd, ['add', 'del', 'change', 'replace', 'append', 'set', 'get', 'dump']);
      }
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** All routes of all tables and families, or those that match. */
  async getRoutes(filter?: RouteFilter, options?: DumpOptions): Promise<RouteRow[]> {
    return dumpArray(this, routeTable(filter, this.strict), options);
  }

  /** The same as a stream. */
  routes(filter?: RouteFilter, options?: DumpOptions): DumpStream<RouteRow> {
    return dumpStream(this, 'RTM_GETROUTE', () => routeTable(filter, this.strict), options);
  }

  /** The same as a stream of views, which decode what is looked at. */
  routeViews(filter?: RouteFilter, options?: DumpOptions): DumpStream<Viewed<RouteRow>> {
    return viewStream(this, 'RTM_GETROUTE', () => byKernel(routeTable(filter, this.strict), 'views'), options);
  }

  /**
   * Routes as typed arrays, one element a route: family, dst, dstLen, table, protocol, scope, type, priority, gateway, oif.
   * `dst` and `gateway` have sixteen bytes a route (`addressAt` gives their text). Only the kernel's own filters apply.
   */
  async getRouteColumns(filter?: RouteFilter, options?: DumpOptions): Promise<RouteColumns> {
    const table = byKernel(routeTable(filter, this.strict), 'columns');
    return (await dumpColumns(this, table, ROUTE_COLUMNS, options)) as RouteColumns;
  }

  /** Default routes of the main table, or of `table`. */
  async getDefaultRoutes(filter: RouteFilter = {}, options?: DumpOptions): Promise<RouteRow[]> {
    const main = inMain(filter);
    if (typeof main === 'function') return this.getRoutes((row) => row.dst === 'default' && main(row), options);
    return this.getRoutes({ ...main, dst: 'default' }, options);
  }

  /**
   * Deletes the routes of the main table that match, or of another that the filter names by `table`; `{ all: true }`
   * deletes every route of the main table. Resolves to how many.
   */
  async flushRoutes(filter: RouteFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const wanted = flushFilter(filter);
    const rows = await this.getRoutes(inMain(wanted as RouteFilter), options);
    return this.flush(
      rows.map((row) => routeRequest('del', exactly(row))),
      options,
      ['ESRCH'],
    );
  }
}
