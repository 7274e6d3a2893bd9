/** The three ways to read a table: an array, a stream, columns. */

import type { Bytes } from '../codec/bytes.js';
import { ColumnBuilder, type Columns } from '../codec/columns.js';
import { NLMSG_HDRLEN } from '../codec/header.js';
import type { MessageDef } from '../codec/message.js';
import { emptyList } from '../codec/row.js';
import { type Viewed, viewer } from '../codec/view.js';
import { STREAM_RESERVE } from '../netlink/area.js';
import { collect, type Dump, type DumpOptions, type DumpRequest, type RowSink } from '../netlink/dump.js';
import { checkOptions } from '../netlink/pending.js';
import type { NetlinkSocket, Outgoing } from '../netlink/socket.js';
import { DumpStream } from '../netlink/stream.js';
import { type Predicate, verdict } from './select.js';

/** How a row is made of a message. */
export interface RowReader<T extends object> {
  read(s: Bytes, p: number, n: number): T;
}

/** A table to be read: what is asked of the kernel, and what of its answer is wanted. */
export interface TableRequest<T extends object, R extends RowReader<T> = MessageDef<T>> {
  out: Outgoing;
  def: R;
  /** Type of the rows; others in the dump are passed over. */
  row: number;
  /** Another type that rows may have. */
  also?: number;
  wanted: Predicate<T> | undefined;
  /** Whether a row is but more of the one before it, into which this puts it. For tables whose rows the kernel splits. */
  joins?: (before: T, row: T) => boolean;
  /** Puts right what the kernel left out, before anything looks at the rows. */
  mend?: (rows: T[]) => Promise<T[]>;
}

/**
 * Starts the dump of a table. Asked for a family that it does not serve, the kernel lists all others instead: those rows
 * are passed over. Some rows have no family.
 */
export function startTable(
  socket: NetlinkSocket,
  request: DumpRequest,
  sink: RowSink,
  options: DumpOptions,
  reserve?: number,
): Dump {
  request.family = request.bytes[NLMSG_HDRLEN] ?? 0;
  return socket.startDump(request, sink, options, reserve);
}

/** Rows put together again: `next` gives one when the following has begun, `last` the one that is left. */
class Joiner<T> {
  #held: T | undefined;
  constructor(private readonly joins: (before: T, row: T) => boolean) {}
  next(row: T): T | undefined {
    const before = this.#held;
    if (before !== undefined && this.joins(before, row)) return undefined;
    this.#held = row;
    return before;
  }
  last(): T | undefined {
    const row = this.#held;
    this.#held = undefined;
    return row;
  }
}

/** The whole table as an array. */
export async function dumpArray<T extends object>(
  socket: NetlinkSocket,
  table: TableRequest<T, RowReader<T>>,
  options: DumpOptions = {},
): Promise<T[]> {
  const { def, row, also, wanted, joins, mend, out } = table;
  if (mend !== undefined) {
    const { mend: _, ...raw } = table;
    const rows = await mend(await dumpArray(socket, { ...raw, wanted: undefined }, options));
    return wanted === undefined ? rows : rows.filter((row) => verdict(wanted(row)));
  }
  const request = await socket.prepareDump(out, options);
  return collect(
    out.op,
    (sink) => startTable(socket, request, sink, options),
    () => {
      const list = emptyList<T>();
      if (wanted === undefined && joins === undefined) {
        return {
          sink: (s, p, n, type) => {
            if (type === row || type === also) list.push(def.read(s, p, n));
          },
          rows: () => list,
        };
      }
      // A predicate may send requests of its own, so it waits until the turn's rows are decoded.
      let fresh = emptyList<T>();
      const joiner = joins && new Joiner(joins);
      const take = (item: T | undefined): void => {
        if (item !== undefined) fresh.push(item);
      };
      const turned = (): void => {
        const rows = fresh;
        fresh = emptyList();
        for (const item of rows) if (wanted === undefined || verdict(wanted(item))) list.push(item);
      };
      return {
        sink: (s, p, n, type) => {
          if (type !== row && type !== also) return;
          const item = def.read(s, p, n);
          take(joiner === undefined ? item : joiner.next(item));
        },
        turned,
        rows: () => {
          take(joiner?.last());
          turned();
          return list;
        },
      };
    },
    options,
  );
}

/** The table as a stream. Throws where options or keys are none; names are looked up when the first row is asked for. */
export function dumpStream<T extends object>(
  socket: NetlinkSocket,
  op: string,
  table: () => TableRequest<T, RowReader<T>>,
  options: DumpOptions = {},
): DumpStream<T> {
  const { def, row, also, wanted, joins, mend, out } = table();
  checkOptions(options);
  return new DumpStream<T>(
    op,
    () => {
      const joiner = joins && new Joiner(joins);
      return {
        // A request of its own: several loops may be under way at once.
        start: async (sink) =>
          startTable(socket, await socket.prepareDump(out, options), sink, options, STREAM_RESERVE),
        row: (s, p, n, type) => {
          if (type !== row && type !== also) return undefined;
          const item = def.read(s, p, n);
          return joiner === undefined ? item : joiner.next(item);
        },
        last: joiner && (() => joiner.last()),
      };
    },
    options,
    { wanted: wanted && ((row) => verdict(wanted(row))), mend, closed: () => socket.closed },
  );
}

/** The table as a stream of views, which share the bytes that came at once. */
export function viewStream<T extends object>(
  socket: NetlinkSocket,
  op: string,
  table: () => TableRequest<T>,
  options: DumpOptions = {},
): DumpStream<Viewed<T>> {
  const { def, row, out } = table();
  checkOptions(options);
  const view = viewer(def);
  return new DumpStream<Viewed<T>>(
    op,
    () => ({
      async start(sink) {
        const dump = startTable(socket, await socket.prepareDump(out, options), sink, options, STREAM_RESERVE);
        dump.lasting = true;
        return dump;
      },
      row: (s, p, n, type) => (type === row ? view(s, p, n) : undefined),
    }),
    options,
    { closed: () => socket.closed },
  );
}

/** Rows that the columns of a socket had the last time, by request: so much room they get the next time. */
const rowsBefore = new WeakMap<NetlinkSocket, Map<string, number>>();
/** Requests of a socket that are remembered. */
const REMEMBERED = 16;

/** The table as typed arrays of some of its keys. */
export async function dumpColumns<T extends object>(
  socket: NetlinkSocket,
  table: TableRequest<T>,
  keys: readonly string[],
  options: DumpOptions = {},
): Promise<Columns> {
  const { def, row, out } = table;
  const request = await socket.prepareDump(out, options);
  const known = rowsBefore.get(socket) ?? new Map<string, number>();
  rowsBefore.set(socket, known);
  const which = `${out.op} ${Buffer.from(request.bytes.subarray(NLMSG_HDRLEN)).toString('latin1')}`;
  const before = known.get(which) ?? 0;
  // Tables grow.
  const expected = before + (before >> 4);
  const columns = await collect(
    out.op,
    (sink) => startTable(socket, request, sink, options),
    () => {
      const columns = new ColumnBuilder(def as unknown as MessageDef, keys, expected);
      return {
        sink: (s, p, n, type) => {
          if (type === row) columns.add(s, p, n);
        },
        turned: () => columns.flush(),
        rows: () => columns.finish(),
      };
    },
    options,
  );
  if (known.size >= REMEMBERED) known.clear();
  known.set(which, columns.length);
  return columns;
}
