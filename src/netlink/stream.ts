/** A dump as a stream of rows. */
import type { Bytes } from '../codec/bytes.js';
import { emptyList } from '../codec/row.js';
import type { Dump, DumpOptions, RowSink } from './dump.js';
import { ClosedError, DumpInterruptedError } from './errors.js';
import { Serial } from './serial.js';

/** One reading of the table. */
export interface Reading<T> {
  start(sink: RowSink): Promise<Dump> | Dump;
  /** The row of a message; undefined when it is none, or not whole yet. */
  row(s: Bytes, p: number, n: number, type: number): T | undefined;
  /** The row that was kept back for what may follow, when the dump has ended. */
  last?: (() => T | undefined) | undefined;
}

/** What is done with rows besides. */
export interface Finish<T> {
  /** Which rows are wanted. */
  wanted?: ((row: T) => boolean) | undefined;
  /** Puts right what the kernel left out. */
  mend?: ((rows: T[]) => Promise<T[]>) | undefined;
  /** Whether the socket is closed: rows that are there already are not handed on then. */
  closed?: () => boolean;
}

/**
 * Rows of a dump as they come. `for await (const row of stream)` gives one at a time; `stream.batches()` gives arrays,
 * which is faster. Nothing is sent before the first row is asked for. Leaving the loop ends the dump. Each loop reads the
 * table anew.
 */
export class DumpStream<T> implements AsyncIterable<T> {
  constructor(
    private readonly op: string,
    private readonly read: () => Reading<T>,
    private readonly options: DumpOptions,
    private readonly finish: Finish<T> = {},
  ) {}

  /** Rows in arrays of what one turn received: about a thousand routes. */
  async *batches(): AsyncGenerator<T[], void, undefined> {
    let rows = emptyList<T>();
    const { wanted, mend } = this.finish;
    const reading = this.read();
    const dump = await reading.start((s, p, n, type) => {
      const row = reading.row(s, p, n, type);
      if (row !== undefined) rows.push(row);
    });
    try {
      for (let more = true; more; ) {
        more = await dump.turn();
        const last = more ? undefined : reading.last?.();
        if (last !== undefined) rows.push(last);
        if (mend !== undefined) rows = await mend(rows);
        // Only now: a predicate may send requests of its own, which use the same receive area.
        const batch = wanted === undefined ? rows : rows.filter(wanted);
        rows = emptyList();
        if (batch.length > 0) yield batch;
        if (this.#stopped()) this.#throw();
      }
    } finally {
      dump.end();
    }
    if (dump.interrupted && this.options.onInterrupted !== 'partial') throw new DumpInterruptedError(this.op, []);
  }

  /** Whether rows that are there already are not to be handed on. */
  #stopped(): boolean {
    return this.options.signal?.aborted === true || this.finish.closed?.() === true;
  }

  #throw(): never {
    this.options.signal?.throwIfAborted();
    throw new ClosedError(this.op);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    const batches = this.batches();
    let batch: T[] = [];
    let at = 0;
    const serial = new Serial();
    const leave = async (): Promise<void> => {
      batch = [];
      at = 0;
      await batches.return();
    };
    const next = async (): Promise<IteratorResult<T, void>> => {
      if (at > 0 && this.#stopped()) {
        await leave();
        this.#throw();
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
        serial.idle && at < batch.length && !this.#stopped()
          ? Promise.resolve({ done: false, value: batch[at++]! })
          : serial.run(next),
      return: async (): Promise<IteratorResult<T, void>> => {
        await leave();
        return { done: true, value: undefined };
      },
    };
  }
}
