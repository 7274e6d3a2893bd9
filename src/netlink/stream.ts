/** A dump as a stream of rows. */
import type { Bytes } from '../codec/bytes.js';
import { emptyList } from '../codec/row.js';
import type { Dump, DumpOptions, RowSink } from './dump.js';
import { ClosedError, DumpInterruptedError } from './errors.js';
import { Serial } from './serial.js';

/** How rows that the kernel splits or cuts become whole. */
export interface Whole<T> {
  /** The row that was kept back for what may follow, when the dump has ended. */
  last?: () => T | undefined;
  /** Puts right what the kernel left out. */
  mend?: ((rows: T[]) => Promise<T[]>) | undefined;
  /** Whether the socket is closed: rows that are there already are not handed on then. */
  closed?: () => boolean;
}

/**
 * Rows of a dump as they come. `for await (const row of stream)` gives one at a time; `stream.batches()` gives arrays,
 * which is faster. Nothing is sent before the first row is asked for. Leaving the loop ends the dump.
 */
export class DumpStream<T> implements AsyncIterable<T> {
  constructor(
    private readonly op: string,
    private readonly start: (sink: RowSink) => Promise<Dump> | Dump,
    private readonly row: (s: Bytes, p: number, n: number, type: number) => T | undefined,
    private readonly options: DumpOptions,
    private readonly wanted?: (row: T) => boolean,
    private readonly whole: Whole<T> = {},
  ) {}

  /** Rows in arrays of what one turn received: up to a few thousand. */
  async *batches(): AsyncGenerator<T[], void, undefined> {
    let rows = emptyList<T>();
    const dump = await this.start((s, p, n, type) => {
      const row = this.row(s, p, n, type);
      if (row !== undefined) rows.push(row);
    });
    try {
      for (let more = true; more; ) {
        more = await dump.turn();
        const last = more ? undefined : this.whole.last?.();
        if (last !== undefined) rows.push(last);
        if (this.whole.mend !== undefined) rows = await this.whole.mend(rows);
        // Only now: a predicate may send requests of its own, which use the same receive area.
        const batch = this.wanted === undefined ? rows : rows.filter(this.wanted);
        rows = emptyList();
        if (batch.length > 0) yield batch;
      }
    } finally {
      dump.end();
    }
    if (dump.interrupted && this.options.onInterrupted !== 'partial') throw new DumpInterruptedError(this.op, []);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    const batches = this.batches();
    let batch: T[] = [];
    let at = 0;
    const serial = new Serial();
    const { signal } = this.options;
    /** Asked for each row. */
    const stopped = (): boolean => signal?.aborted === true || this.whole.closed?.() === true;
    const leave = async (): Promise<void> => {
      batch = [];
      at = 0;
      await batches.return();
    };
    const next = async (): Promise<IteratorResult<T, void>> => {
      if (at > 0 && stopped()) {
        await leave();
        signal?.throwIfAborted();
        throw new ClosedError(this.op);
      }
      while (at === batch.length) {
        const { done, value } = await batches.next();
        if (done) return { done: true, value: undefined };
        batch = value;
        at = 0;
      }
      return { done: false, value: batch[at++]! };
    };
    return {
      next: () =>
        serial.idle && at < batch.length && !stopped()
          ? Promise.resolve({ done: false, value: batch[at++]! })
          : serial.run(next),
      return: async (): Promise<IteratorResult<T, void>> => {
        await leave();
        return { done: true, value: undefined };
      },
    };
  }
}
