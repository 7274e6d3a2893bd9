/** A table and its events kept as one picture, whatever is lost or changes meanwhile. */
import { pause } from './clock.js';
import { DumpInterruptedError, OverrunError } from './errors.js';
import type { OverrunEvent } from './events.js';
import { CheckedSource } from './resync-source.js';

/** What an event means for the rows that are known. */
export interface RowChange<R> {
  /** The row as it is now: new, or in the place of the one with its key. */
  set?: R | undefined;
  /** Keys of rows that are gone. */
  drop?: readonly string[] | undefined;
  /** Rows may have changed of which nobody tells: the table is read again. */
  again?: boolean | undefined;
}

/** A table that can be read and that tells its changes. `R` is a row, `E` an event. */
export interface ResyncSource<R, E> {
  /** The events, listening already, from `monitor()`. They end with the resync. */
  events: AsyncIterator<E | OverrunEvent, undefined> & { close(): void };
  /** Reads the whole table. */
  read(): Promise<readonly R[]>;
  /** What tells a row from all others. */
  key(row: R): string;
  /** What an event means; undefined: nothing for this table. It must not change `rows`. */
  change(event: E, rows: ReadonlyMap<string, R>): RowChange<R> | undefined;
  /** Whether two rows of one key are the same. Default: they are written as the same JSON. */
  same?(a: R, b: R): boolean;
  /**
   * Whether a read misses no row that stays, or is marked by the kernel (links, addresses, rules, next hops). Of others
   * rows may be missing when some were deleted meanwhile; then they are read again. Default false.
   */
  exact?: boolean | undefined;
  /** How many times in a row the table is read without a picture of it, before that is an error (20). */
  attempts?: number | undefined;
}

/** What a resync yields: the first picture, then every difference from it, in order. */
export type Resynced<R> =
  | { type: 'snapshot'; rows: ReadonlyMap<string, R> }
  | { type: 'added'; key: string; row: R }
  | { type: 'changed'; key: string; row: R; before: R }
  | { type: 'removed'; key: string; row: R };

/** Events that wait for the end of a read at most; with more of them the table is read again. */
const MOST_HELD = 65_536;
const ATTEMPTS = 20;
/** Turns of the event loop in which what is queued is handed on. */
const TURNS = 3;

async function turns(): Promise<undefined> {
  for (let i = 0; i < TURNS; i++) await new Promise(setImmediate);
  return undefined;
}

/** See `resync`. */
export class Resync<R, E> implements AsyncIterableIterator<Resynced<R>> {
  readonly #source: ResyncSource<R, E>;
  readonly #checked: CheckedSource<R, E>;
  readonly #steps: AsyncGenerator<Resynced<R>, undefined, undefined>;
  #rows = new Map<string, R>();
  /** The event that was asked for and has not come. */
  #asked: Promise<IteratorResult<E | OverrunEvent, undefined>> | undefined;
  #reads = 0;
  #reading = false;

  constructor(source: ResyncSource<R, E>) {
    this.#checked = new CheckedSource(source);
    this.#source = source;
    this.#steps = this.#run();
  }

  /**
   * The rows as they are known: all changes that were yielded are in it. What `same` does not compare (counters, clocks)
   * is as it was when the row was yielded.
   */
  get rows(): ReadonlyMap<string, R> {
    return this.#rows;
  }

  /** How often the table was read. */
  get reads(): number {
    return this.#reads;
  }

  /** Whether the table is being read: what is different is yielded after that. */
  get reading(): boolean {
    return this.#reading;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Resynced<R>, undefined>> {
    return this.#steps.next();
  }

  async return(): Promise<IteratorResult<Resynced<R>, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  /** Ends it; a loop over it ends too. */
  close(): void {
    this.#source.events.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async *#run(): AsyncGenerator<Resynced<R>, undefined, undefined> {
    try {
      this.#rows = await this.#picture();
      yield { type: 'snapshot', rows: new Map(this.#rows) };
      for (;;) {
        const next = await this.#event();
        if (next.done) return undefined;
        const lost = (next.value as OverrunEvent).type === 'overrun';
        const change = lost ? undefined : this.#checked.change(next.value as E, this.#rows);
        yield* this.#apply(change);
        if (lost || change?.again) yield* this.#differences(await this.#picture());
      }
    } finally {
      this.close();
    }
  }

  #event(): Promise<IteratorResult<E | OverrunEvent, undefined>> {
    const asked = this.#asked ?? this.#source.events.next();
    this.#asked = undefined;
    return asked;
  }

  /** The next event if it comes before `end`; undefined otherwise, and then it is the next one later. */
  async #before(end: Promise<unknown>): Promise<IteratorResult<E | OverrunEvent, undefined> | undefined> {
    const asked = this.#event();
    this.#asked = asked;
    const next = await Promise.race([asked, end.then(() => undefined)]);
    if (next !== undefined) this.#asked = undefined;
    return next;
  }

  /** Takes the events that come before `end`; undefined when the stream has ended. */
  async #collect(end: () => Promise<unknown>, into: (E | OverrunEvent)[]): Promise<boolean> {
    // The end of one wait is the end of all, except for turns, which are counted anew after each event.
    for (;;) {
      const next = await this.#before(end());
      if (next === undefined) return true;
      if (next.done) return false;
      into.push(next.value);
    }
  }

  async #picture(): Promise<Map<string, R>> {
    this.#reading = true;
    try {
      return await this.#read();
    } finally {
      this.#reading = false;
    }
  }

  /** The table as it is: read until nothing was lost or may be missing. */
  async #read(): Promise<Map<string, R>> {
    const { attempts = ATTEMPTS, exact = false } = this.#source;
    let reason: unknown;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 1) await pause(Math.min(2 ** (attempt - 2), 250), undefined);
      // What happened before the read is in the table: it is not applied again.
      await this.#collect(turns, []);
      this.#reads++;
      const held: (E | OverrunEvent)[] = [];
      const reading = this.#checked.read();
      const read = reading.then(
        (list) => ({ list }),
        (error: unknown) => ({ error }),
      );
      const open = (await this.#collect(() => read, held)) && (await this.#collect(turns, held));
      const result = await read;
      if ('error' in result) {
        // A table that changes all the time is tried again as well.
        if (!open || !(result.error instanceof DumpInterruptedError)) throw result.error;
        reason = result.error;
        continue;
      }
      const rows = new Map(result.list.map((row) => [this.#checked.key(row), row]));
      if (this.#fold(held, rows, exact)) return rows;
      reason = new OverrunError(0);
    }
    throw reason;
  }

  /** Applies held events to rows that were read; false when the rows are to be read again. */
  #fold(held: readonly (E | OverrunEvent)[], rows: Map<string, R>, exact: boolean): boolean {
    if (held.length > MOST_HELD) return false;
    for (const event of held) {
      if ((event as OverrunEvent).type === 'overrun') return false;
      const change = this.#checked.change(event as E, rows);
      if (change === undefined) continue;
      if (change.again || (!exact && change.drop !== undefined)) return false;
      for (const key of change.drop ?? []) rows.delete(key);
      if (change.set !== undefined) rows.set(this.#checked.key(change.set), change.set);
    }
    return true;
  }

  /** Carries a change out, and yields what it did. */
  *#apply(change: RowChange<R> | undefined): Generator<Resynced<R>> {
    if (change === undefined) return;
    const { set, drop } = change;
    const kept = set === undefined ? undefined : this.#checked.key(set);
    for (const key of drop ?? []) if (key !== kept) yield* this.#remove(key);
    if (set !== undefined) yield* this.#set(kept!, set);
  }

  *#set(key: string, row: R): Generator<Resynced<R>> {
    const before = this.#rows.get(key);
    // The row that was told stays: it is the next one's `before`.
    if (before !== undefined && this.#checked.same(before, row)) return;
    this.#rows.set(key, row);
    yield before === undefined ? { type: 'added', key, row } : { type: 'changed', key, row, before };
  }

  *#remove(key: string): Generator<Resynced<R>> {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    yield { type: 'removed', key, row };
  }

  /** What is different in a new picture. */
  *#differences(rows: ReadonlyMap<string, R>): Generator<Resynced<R>> {
    for (const key of [...this.#rows.keys()]) if (!rows.has(key)) yield* this.#remove(key);
    for (const [key, row] of rows) yield* this.#set(key, row);
  }
}

/**
 * Keeps a picture of a table of the kernel: reads it, applies its events, and reads it again where events were lost
 * (an overrun) or do not tell everything. Events that come during a read are held and applied after its last row; when
 * some were lost meanwhile, it is repeated. What is different is yielded, so that whoever applies the changes to the
 * snapshot has what the kernel has.
 *
 * Rejects with what `read` rejects with, with DumpInterruptedError or OverrunError when the table does not come to rest
 * in `attempts` reads, and with the reason of the monitor's signal. Throws InputError for what is no source, before
 * anything is read; rejects with one when a function of it gives what it is not to.
 */
export const resync = <R, E>(source: ResyncSource<R, E>): Resync<R, E> => new Resync(source);
