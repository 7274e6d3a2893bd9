/** IPRoute: links, addresses, routes, events. */
import { InputError, show } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import type { Viewed } from '../codec/view.js';
import type { DumpOptions } from '../netlink/dump.js';
import { ENODEV } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import { IPRSocket } from '../netlink/iprsocket.js';
import { NETLINK_ROUTE } from '../netlink/options.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { SocketOptions } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { type Addr, ifaddrmsg } from '../rtnl/ifaddrmsg.js';
import { ifinfmsg, type Link } from '../rtnl/ifinfmsg.js';
import { ROUTE_COLUMNS, type Route, type RouteColumns, rtmsg } from '../rtnl/rtmsg.js';
import { type AddrChange, type AddrFilter, type AddrSpec, addrRequest, addrTable } from './addr.js';
import { Batch } from './batch.js';
import { dumpArray, dumpColumns, dumpStream, viewStream } from './dumps.js';
import {
  closeAll,
  type LinkArgument,
  type LinkChange,
  type LinkFilter,
  type LinkSelector,
  type LinkSpec,
  linkGetRequest,
  linkRequest,
  linkTable,
  type Opened,
} from './link.js';
import { knownMessage } from './messages.js';
import { checkMonitor, type GroupName, groupNumber, Monitor, type MonitorOptions } from './monitor.js';
import {
  exactly,
  inMain,
  type RouteChange,
  type RouteFilter,
  type RouteSelector,
  type RouteSpec,
  routeGetRequest,
  routeRequest,
  routeTable,
} from './route.js';
import { assertDefined, badCommand, flushFilter } from './select.js';

export interface IPRouteOptions extends SocketOptions {
  /** Multicast groups to join on the main socket, for `get()`; `monitor()` has a socket of its own. */
  groups?: readonly (GroupName | number)[] | undefined;
}

export interface WriteOptions extends RequestOptions {
  /** Have the kernel send the object as it is then (NLM_F_ECHO). Default: for `link('add')`. */
  echo?: boolean | undefined;
}

/** What reading gives: the kernel's object, and what could not be decoded of it. */
export type LinkRow = Link & MessageExtras;
export type AddrRow = Addr & MessageExtras;
export type RouteRow = Route & MessageExtras;

/** rtnetlink: this machine's links, addresses and routes, or those of a namespace. */
export class IPRoute extends IPRSocket {
  constructor(options: IPRouteOptions = {}) {
    const groups: unknown = options?.groups ?? [];
    if (!Array.isArray(groups))
      throw new InputError('ERR_INVALID_VALUE', 'groups', `expected an array of groups, got ${show(groups)}`);
    const numbers = groups.map(groupNumber);
    super(NETLINK_ROUTE, options, knownMessage);
    try {
      if (numbers.length > 0) this.bind({ groups: numbers });
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  protected override async indexOf(name: string, options: RequestOptions | undefined): Promise<number> {
    try {
      return (await this.read(linkGetRequest({ ifname: name }), ifinfmsg, options)).index;
    } catch (error) {
      throw error instanceof NetlinkError ? nameless(error, name) : error;
    }
  }

  // Links

  /** One link, by `dev`, `index`, `ifname` or `altIfname`: a lookup in the kernel, not a dump. */
  link(cmd: 'get', spec: LinkSelector, options?: RequestOptions): Promise<LinkRow>;
  /** All links, or those that match. */
  link(cmd: 'dump' | 'show', filter?: LinkFilter, options?: DumpOptions): Promise<LinkRow[]>;
  /** Adds a link, or changes or deletes one that `dev`, `index`, `ifname` or `altIfname` selects. */
  link<C extends LinkChange>(cmd: C, spec: LinkArgument<C>, options?: WriteOptions): Promise<WriteResult<LinkRow>>;
  async link(
    cmd: LinkChange | 'get' | 'dump' | 'show',
    spec: LinkSpec | LinkFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<LinkRow> | LinkRow | LinkRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(linkGetRequest(spec as LinkSelector), ifinfmsg, options);
      case 'dump':
      case 'show':
        return this.getLinks(spec as LinkFilter, options);
      case 'add':
      case 'replace':
      case 'set':
      case 'change':
      case 'del':
      case 'property_add':
      case 'property_del': {
        const opened: Opened = [];
        try {
          const out = linkRequest(cmd, spec as LinkSpec, opened);
          const echo = options?.echo ?? cmd === 'add';
          const result = await this.write(out, options, echo ? ifinfmsg : undefined);
          // Kernels before 6.2 do not echo links.
          if (echo && result.object === undefined && cmd !== 'del')
            return { ...result, ...(await this.#added(spec as LinkSpec, options)) };
          return result;
        } finally {
          closeAll(opened);
        }
      }
      default:
        throw badCommand(cmd, [
          'add',
          'del',
          'change',
          'replace',
          'set',
          'get',
          'dump',
          'property_add',
          'property_del',
        ]);
    }
  }

  /** The link that was just added, by its name; nothing when it went to another namespace or the kernel named it. */
  async #added(spec: LinkSpec, options: RequestOptions | undefined): Promise<{ object?: LinkRow }> {
    const { ifname, index, netns, netNsFd, netNsPid } = spec;
    if (
      netns !== undefined ||
      netNsFd !== undefined ||
      netNsPid !== undefined ||
      (ifname === undefined && index === undefined)
    )
      return {};
    try {
      const get = linkGetRequest(ifname === undefined ? { index: index! } : { ifname });
      return { object: await this.read(get, ifinfmsg, options) };
    } catch {
      // It was made all the same; somebody renamed it since, or the kernel made its name of a pattern.
      return {};
    }
  }

  /** All links, or those that match. */
  async getLinks(filter?: LinkFilter, options?: DumpOptions): Promise<LinkRow[]> {
    return dumpArray(this, linkTable(filter), options);
  }

  /** The same as a stream. */
  links(filter?: LinkFilter, options?: DumpOptions): DumpStream<LinkRow> {
    return dumpStream(this, 'RTM_GETLINK', () => linkTable(filter), options);
  }

  /**
   * Indexes of the links that match, none when there is none. With only `ifname`, `altIfname` or `index` it is one
   * lookup in the kernel; a name may be an alternative one.
   */
  async linkLookup(filter: LinkFilter, options?: DumpOptions): Promise<number[]> {
    if (typeof filter !== 'function') assertDefined(filter);
    const keys = typeof filter === 'function' ? [] : Object.keys(filter);
    const [key] = keys;
    const value = key === undefined ? undefined : (filter as Rec)[key];
    if (
      keys.length === 1 &&
      (((key === 'ifname' || key === 'altIfname') && typeof value === 'string') ||
        (key === 'index' && typeof value === 'number'))
    ) {
      try {
        const { index } = await this.read(linkGetRequest(filter as LinkSelector), ifinfmsg, options);
        return [index];
      } catch (error) {
        if (error instanceof NetlinkError && error.errno === -ENODEV) return [];
        throw error;
      }
    }
    return (await this.getLinks(filter, options)).map(({ index }) => index);
  }

  // Addresses

  /** Adds, changes or deletes an address. */
  addr(cmd: AddrChange, spec: AddrSpec, options?: WriteOptions): Promise<WriteResult<AddrRow>>;
  /** All addresses, or those that match. */
  addr(cmd: 'dump' | 'show', filter?: AddrFilter, options?: DumpOptions): Promise<AddrRow[]>;
  async addr(
    cmd: AddrChange | 'dump' | 'show',
    spec: AddrSpec | AddrFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<AddrRow> | AddrRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getAddr(spec as AddrFilter, options);
      case 'add':
      case 'replace':
      case 'change':
      case 'del':
        return this.write(addrRequest(cmd, spec as AddrSpec), options, options?.echo ? ifaddrmsg : undefined);
      default:
        throw badCommand(cmd, ['add', 'del', 'change', 'replace', 'dump']);
    }
  }

  /** All addresses, or those that match. */
  async getAddr(filter?: AddrFilter, options?: DumpOptions): Promise<AddrRow[]> {
    return dumpArray(this, addrTable(filter, this.strict), options);
  }

  /** The same as a stream. */
  addrs(filter?: AddrFilter, options?: DumpOptions): DumpStream<AddrRow> {
    return dumpStream(this, 'RTM_GETADDR', () => addrTable(filter, this.strict), options);
  }

  /** Deletes the addresses that match; `{ all: true }` deletes every address. Resolves to how many. */
  async flushAddr(filter: AddrFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const rows = await this.getAddr(flushFilter(filter) as AddrFilter, options);
    // Deleting a primary address may take its secondaries along.
    return this.#flush(
      rows.length,
      (batch) => {
        for (const { index, address, local, prefixlen, family } of rows)
          batch.addr('del', {
            index,
            prefixlen,
            family,
            ...(local !== undefined && { local }),
            ...(address !== undefined && { address }),
          } as AddrSpec);
      },
      options,
      ['EADDRNOTAVAIL'],
    );
  }

  // Routes

  /** Adds, changes or deletes a route. */
  route(cmd: RouteChange, spec: RouteSpec, options?: WriteOptions): Promise<WriteResult<RouteRow>>;
  /** The route that a packet to `dst` takes. */
  route(cmd: 'get', spec: RouteSelector, options?: RequestOptions): Promise<RouteRow>;
  /** All routes of all tables, or those that match. */
  route(cmd: 'dump' | 'show', filter?: RouteFilter, options?: DumpOptions): Promise<RouteRow[]>;
  async route(
    cmd: RouteChange | 'get' | 'dump' | 'show',
    spec: RouteSpec | RouteFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<RouteRow> | RouteRow | RouteRow[]> {
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

  /** Deletes the routes that match; `{ all: true }` deletes every route of the main table. Resolves to how many. */
  async flushRoutes(filter: RouteFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const wanted = flushFilter(filter);
    const rows = await this.getRoutes(inMain(wanted as RouteFilter), options);
    const fill = (batch: Batch) => {
      for (const row of rows) batch.route('del', exactly(row));
    };
    return this.#flush(rows.length, fill, options, ['ESRCH']);
  }

  /** Commits deletions, passing over what went by itself meanwhile. Resolves to how many were there. */
  async #flush(
    count: number,
    fill: (batch: Batch) => void,
    options: RequestOptions | undefined,
    gone: readonly string[],
  ): Promise<number> {
    const batch = this.batch();
    fill(batch);
    const { results } = await batch.commit({ ...options, partial: true });
    const failed = results.find(
      ({ error }) => error !== null && !(error instanceof NetlinkError && gone.includes(error.code)),
    );
    if (failed !== undefined) throw failed.error;
    return count - results.filter(({ error }) => error !== null).length;
  }

  // Many at once, and events

  /** Collects changes to send them together. */
  batch(): Batch {
    return new Batch(this);
  }

  /** A stream of events, which listens from now on. It has a socket of its own. */
  monitor(options: MonitorOptions): Monitor {
    checkMonitor(options);
    return this.listening(options.rcvbuf, (transport, forget) => new Monitor(transport, options, forget));
  }
}

/** Refuses a filter that the kernel does not apply, where rows are not looked at before they are handed on. */
function byKernel(table: ReturnType<typeof routeTable>, what: string): ReturnType<typeof routeTable> {
  if (table.wanted === undefined) return table;
  const reason = `${what} can only be filtered by the kernel: family, table, protocol, type, oif, dev`;
  throw new InputError('ERR_INVALID_VALUE', 'filter', reason);
}

/** The error of a lookup by name, with the name. */
const nameless = ({ errno, op, seq, code }: NetlinkError, name: string): Error =>
  new NetlinkError({ errno, op, seq, reason: code === 'ENODEV' ? `there is no interface ${show(name)}` : undefined });
