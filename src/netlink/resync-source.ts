/** What a resync is given: that it is a source, and that its functions say what they are to. */
import { InputError, show, unknownKey, within } from '../codec/errors.js';
import { isRec } from '../codec/write.js';
import type { ResyncSource, RowChange } from './resync.js';

const NEEDED = ['events', 'read', 'key', 'change'] as const;
const KEYS = [...NEEDED, 'same', 'exact', 'attempts'];
const CHANGE = ['set', 'drop', 'again'];

const bad = (field: string, expected: string, got: unknown): InputError => {
  // What a promise rejects with would be nobody's.
  if (got instanceof Promise) got.catch(() => {});
  return new InputError(
    'ERR_INVALID_VALUE',
    field,
    `expected ${expected}, got ${got instanceof Promise ? 'a promise' : show(got)}`,
  );
};

/** Refuses what is no source. An object of a class may have members of its own. */
export function checkSource(source: unknown): void {
  if (!isRec(source)) throw bad('source', 'an object', source);
  const proto: unknown = Object.getPrototypeOf(source);
  if (proto === Object.prototype || proto === null)
    for (const key of Object.keys(source)) if (!KEYS.includes(key)) throw unknownKey(key, KEYS);
  for (const key of NEEDED)
    if (source[key] === undefined) throw new InputError('ERR_MISSING_KEY', key, 'is needed to keep a table');
  const { events, same, exact, attempts } = source;
  const stream = events as { next?: unknown; close?: unknown } | null;
  if (typeof stream?.next !== 'function' || typeof stream.close !== 'function')
    throw bad('events', 'a stream of events with next and close', events);
  for (const key of ['read', 'key', 'change'])
    if (typeof source[key] !== 'function') throw bad(key, 'a function', source[key]);
  if (same !== undefined && typeof same !== 'function') throw bad('same', 'a function', same);
  if (exact !== undefined && typeof exact !== 'boolean') throw bad('exact', 'true or false', exact);
  if (attempts !== undefined && !(Number.isSafeInteger(attempts) && (attempts as number) > 0))
    throw bad('attempts', 'a number of times, 1 or more', attempts);
}

/** The functions of a source, which throw an InputError where the program's say what is none of theirs. */
export class CheckedSource<R, E> {
  readonly #source: ResyncSource<R, E>;

  constructor(source: ResyncSource<R, E>) {
    checkSource(source);
    this.#source = source;
  }

  async read(): Promise<readonly R[]> {
    const rows: unknown = await this.#source.read();
    if (!Array.isArray(rows)) throw bad('read', 'an array of rows', rows);
    return rows;
  }

  key(row: R): string {
    const key: unknown = this.#source.key(row);
    if (typeof key !== 'string') throw bad('key', 'a string', key);
    return key;
  }

  change(event: E, rows: ReadonlyMap<string, R>): RowChange<R> | undefined {
    const change: unknown = this.#source.change(event, rows);
    if (change === undefined) return undefined;
    if (!isRec(change) || change instanceof Promise) throw bad('change', 'undefined or { set, drop, again }', change);
    return within('change', () => {
      for (const key in change) if (!CHANGE.includes(key)) throw unknownKey(key, CHANGE);
      const { drop, again } = change;
      if (drop !== undefined && !(Array.isArray(drop) && drop.every((key) => typeof key === 'string')))
        throw bad('drop', 'an array of keys', drop);
      if (again !== undefined && typeof again !== 'boolean') throw bad('again', 'true or false', again);
      return change as RowChange<R>;
    });
  }

  same(a: R, b: R): boolean {
    if (this.#source.same === undefined) return JSON.stringify(a) === JSON.stringify(b);
    const same: unknown = this.#source.same(a, b);
    if (typeof same !== 'boolean') throw bad('same', 'true or false', same);
    return same;
  }
}
