/** Routes in a file: the format of `ip route save`. */
import { Bytes } from '../codec/bytes.js';
import { InputError, show } from '../codec/errors.js';
import { NLM_F_CREATE, NLMSG_HDRLEN } from '../codec/header.js';
import type { Rec } from '../codec/type.js';
import { MessageBatch } from '../netlink/batch.js';
import { collect, type DumpOptions } from '../netlink/dump.js';
import { NetlinkError } from '../netlink/errors.js';
import type { RequestOptions } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import { RTM, RTM_F, RTNH_F } from '../rtnl/constants.js';
import { rtmsg } from '../rtnl/rtmsg.js';
import { RouteSocket } from './base.js';
import { startTable } from './dumps.js';
import { type RouteFilter, type RouteRow, routeTable } from './route.js';
import { exactly } from './route-select.js';
import { verdict } from './select.js';

/** First four bytes of the file, in the byte order of the machine. */
const MAGIC = 0x45311224;

/** What a load did. */
export interface RoutesLoaded {
  /** Routes that were added. */
  added: number;
  /** Routes that were there already. */
  present: number;
}

const align4 = (n: number): number => (n + 3) & ~3;

/** Whole messages one after the other, behind the magic number. */
function file(messages: readonly Uint8Array[]): Uint8Array {
  const size = messages.reduce((sum, { length }) => sum + align4(length), 4);
  const bytes = new Uint8Array(size);
  new Uint32Array(bytes.buffer, 0, 1)[0] = MAGIC;
  let at = 4;
  for (const message of messages) {
    bytes.set(message, at);
    at += align4(message.length);
  }
  return bytes;
}

/** The routes of a file. Throws InputError for what is none. */
function routesOf(data: unknown): RouteRow[] {
  if (!(data instanceof Uint8Array))
    throw new InputError('ERR_INVALID_VALUE', 'data', `expected a Uint8Array, got ${show(data)}`);
  const bad = (why: string) => new InputError('ERR_INVALID_VALUE', 'data', why);
  // Aligned: the caller's bytes may start anywhere.
  const copy = new Uint8Array(align4(data.length));
  copy.set(data);
  const bytes = new Bytes(copy);
  if (data.length < 4 || bytes.u32[0] !== MAGIC) throw bad('is no file of routes: the magic number is missing');
  const rows: RouteRow[] = [];
  for (let at = 4; at < data.length; ) {
    const length = data.length - at >= NLMSG_HDRLEN ? bytes.u32[at >> 2]! : 0;
    if (length < NLMSG_HDRLEN || at + length > data.length)
      throw bad(`is cut: message ${rows.length + 1} does not fit the ${data.length - at} bytes left`);
    if (bytes.u16[(at >> 1) + 2] !== RTM.RTM_NEWROUTE)
      throw bad(`message ${rows.length + 1} is no route: type ${bytes.u16[(at >> 1) + 2]}`);
    rows.push(rtmsg.read(bytes, at + NLMSG_HDRLEN, length - NLMSG_HDRLEN));
    at += align4(length);
  }
  return rows;
}

/** Flags that the kernel takes; the others say how a route is, and are refused. */
const SETTABLE = RTNH_F.onlink | RTNH_F.pervasive;

/** The request that makes a route as it was. */
function restore(row: RouteRow): Outgoing {
  const { flags, multipath, dst, ...rest } = exactly(row) as RouteRow;
  const value: Rec = {
    ...rest,
    ...(dst === 'default' ? { family: row.family } : {}),
    dst,
    flags: flags & SETTABLE,
    ...(multipath !== undefined && {
      multipath: multipath.map((hop) => ({ ...hop, flags: hop.flags & SETTABLE })),
    }),
  };
  return {
    op: 'RTM_NEWROUTE',
    type: RTM.RTM_NEWROUTE,
    flags: NLM_F_CREATE,
    def: rtmsg,
    put: (w) => rtmsg.write(w, value),
  };
}

/** Routes to addresses and networks of links come first, for the gateways of the others are reached by them. */
const order = (row: RouteRow): number =>
  row.gateway !== undefined || row.via !== undefined || row.multipath !== undefined || row.nhId !== undefined
    ? 2
    : row.prefsrc !== undefined && `${row.prefsrc}/${row.family === 2 ? 32 : 128}` !== row.dst
      ? 1
      : 0;

export abstract class RouteFileVerbs extends RouteSocket {
  /**
   * The routes that match as bytes, in the format of `ip route save`: a magic number, then the kernel's messages. By
   * default the main table, as `ip` does; `{ table: ... }` another, a predicate those of all tables.
   */
  async routeSave(filter: RouteFilter = { table: 'main' }, options: DumpOptions = {}): Promise<Uint8Array> {
    const { out, def, row, wanted } = routeTable(filter, this.strict);
    const request = await this.prepareDump(out, options);
    const messages = await collect(
      out.op,
      (sink) => startTable(this, request, sink, options),
      () => {
        const list: { bytes: Uint8Array; route: RouteRow }[] = [];
        return {
          sink: (s, p, n, type) => {
            if (type === row) list.push({ bytes: s.u8.slice(p - NLMSG_HDRLEN, p + n), route: def.read(s, p, n) });
          },
          rows: () => list,
        };
      },
      options,
    );
    // What the kernel remembers of a lookup is no route.
    const kept = messages.filter(
      ({ route }) => !(route.flags & RTM_F.cloned) && (wanted === undefined || verdict(wanted(route))),
    );
    return file(kept.map(({ bytes }) => bytes));
  }

  /**
   * Adds the routes of a file that `routeSave` or `ip route save` made. Routes that are there already are left alone.
   * Throws what the kernel said of the first that it refused; the others are added. Interfaces are known by their
   * index, as to `ip`.
   */
  async routeLoad(data: Uint8Array, options: RequestOptions = {}): Promise<RoutesLoaded> {
    const rows = routesOf(data);
    const sorted = [0, 1, 2].flatMap((step) => rows.filter((row) => order(row) === step));
    const batch = new MessageBatch(this);
    for (const row of sorted) batch.add(restore(row));
    const { results } = await batch.commit({ ...options, partial: true });
    const there = results.filter(({ error }) => error instanceof NetlinkError && error.code === 'EEXIST').length;
    const added = results.filter(({ error }) => error === null).length;
    const refused = results.find(
      ({ error }) => error !== null && !(error instanceof NetlinkError && error.code === 'EEXIST'),
    );
    if (refused !== undefined) throw refused.error;
    return { added, present: there };
  }
}
