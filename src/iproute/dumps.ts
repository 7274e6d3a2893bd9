/** The three ways to read a table: an array, a stream, columns. */

import { aligned, type Bytes } from '../codec/bytes.js';
import { ColumnBuilder, type Columns } from '../codec/columns.js';
import type { MessageDef } from '../codec/message.js';
import { emptyList } from '../codec/row.js';
import { type Viewed, viewAt } from '../codec/view.js';
import { collect, type DumpOptions, type DumpRequest } from '../netlink/dump.js';
import { STREAM_RESERVE } from '../netlink/session.js';
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
}

/** The whole table as an array. */
export async function dumpArray<T extends object>(
  socket: NetlinkSocket,
  table: TableRequest<T, RowReader<T>>,
  options: DumpOptions = {},
): Promise<T[]> {
  const { def, row, also, wanted, out } = table;
  const request = await socket.prepareDump(out, options);
  return collect(
    out.op,
    (sink) => socket.startDump(request, sink, options),
    () => {
      const list = emptyList<T>();
      if (wanted === undefined) {
        return {
          sink: (s, p, n, type) => {
            if (type === row || type === also) list.push(def.read(s, p, n));
          },
          rows: () => list,
        };
      }
      // A predicate may send requests of its own, so it waits until the turn's rows are decoded.
      let fresh = emptyList<T>();
      return {
        sink: (s, p, n, type) => {
          if (type === row || type === also) fresh.push(def.read(s, p, n));
        },
        turned: () => {
          const rows = fresh;
          fresh = emptyList();
          for (const item of rows) if (verdict(wanted(item))) list.push(item);
        },
        rows: () => list,
      };
    },
    options,
  );
}

/** The table as a stream; `table` is called when the first row is asked for, so that bad input rejects there. */
export function dumpStream<T extends object>(
  socket: NetlinkSocket,
  op: string,
  table: () => TableRequest<T, RowReader<T>>,
  options: DumpOptions = {},
): DumpStream<T> {
  const { def, row, also, wanted, out } = table();
  let request: DumpRequest | undefined;
  return new DumpStream<T>(
    op,
    async (sink) => {
      request ??= await socket.prepareDump(out, options);
      return socket.startDump(request, sink, options, STREAM_RESERVE);
    },
    (s, p, n, type) => (type === row || type === also ? def.read(s, p, n) : undefined),
    options,
    wanted && ((row) => verdict(wanted(row))),
  );
}

/** The table as a stream of views, each with bytes of its own. */
export function viewStream<T extends object>(
  socket: NetlinkSocket,
  op: string,
  table: () => TableRequest<T>,
  options: DumpOptions = {},
): DumpStream<Viewed<T>> {
  const { def, row, out } = table();
  return new DumpStream<Viewed<T>>(
    op,
    async (sink) => socket.startDump(await socket.prepareDump(out, options), sink, options, STREAM_RESERVE),
    (s, p, n, type) => (type === row ? viewAt(def, aligned(s.u8.slice(p, p + n)), 0, n) : undefined),
    options,
  );
}

/** The table as typed arrays of some of its keys. */
export async function dumpColumns<T extends object>(
  socket: NetlinkSocket,
  table: TableRequest<T>,
  keys: readonly string[],
  options: DumpOptions = {},
): Promise<Columns> {
  const { def, row, out } = table;
  const request = await socket.prepareDump(out, options);
  const builder = await collect(
    out.op,
    (sink) => socket.startDump(request, sink, options),
    () => {
      const columns = new ColumnBuilder(def as unknown as MessageDef, keys);
      return {
        sink: (s, p, n, type) => {
          if (type === row) columns.add(s, p, n);
        },
        rows: () => Object.assign(columns, { length: columns.rows }),
      };
    },
    options,
  );
  return builder.finish();
}
