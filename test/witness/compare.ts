/**
 * Compares what the library decoded with what iproute2 printed, key by key and in both directions: a key of theirs that
 * no mapping gives, one that a mapping gives otherwise, and a key of ours that no mapping reads are all failures,
 * unless `exceptions.json` lists them. An exception that a whole run never needed is a failure too.
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a mapping gives: JSON in which `undefined` means that iproute2 prints no such key. */
export type Mapped = Json | undefined | Mapped[] | { [key: string]: Mapped };

interface Exception {
  object: string;
  /** `theirs`: a path of iproute2's output; `ours`: a path of our object. A `*` stands for any rest. */
  side: 'theirs' | 'ours';
  path: string;
  reason: string;
  /** Only there; without it, in both. */
  lane?: 'golden' | 'live';
  /** Needed from this kernel on; older ones may do without it. */
  since?: string;
}

// Compiled tests run from .build/test/witness; the list is not compiled.
const file = fileURLToPath(new URL('../../../test/witness/exceptions.json', import.meta.url));
const exceptions = JSON.parse(readFileSync(file, 'utf8')) as Exception[];

/** Whether a version, `6.18.4-amd64`, is at least another, `6.15`. */
export function atLeast(have: string, wanted: string): boolean {
  const [a = 0, b = 0] = have.split(/[.-]/).map(Number);
  const [c = 0, d = 0] = wanted.split('.').map(Number);
  return a > c || (a === c && b >= d);
}

/** Whether the running kernel is at least `version`. */
export const kernelAtLeast = (version: string): boolean => atLeast(release(), version);

const isBranch = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  !(Array.isArray(value) && value.every((item) => typeof item !== 'object'));

/** Values by path, `nexthops[0].dev`; an array of plain values is one value, an empty object is none. */
export function leaves(value: unknown, path = '', found = new Map<string, unknown>()): Map<string, unknown> {
  if (value === undefined) return found;
  if (!isBranch(value)) return found.set(path, value);
  for (const [key, inner] of Object.entries(value)) {
    leaves(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, found);
  }
  return found;
}

/** The object behind a proxy that notes which of its values were read. */
export function traced<T extends object>(o: T, read: Set<string>, path = ''): T {
  return new Proxy(o, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (typeof key !== 'string' || typeof value === 'function' || !Object.hasOwn(target, key)) return value;
      const at = Array.isArray(target) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      if (isBranch(value)) return traced(value, read, at);
      read.add(at);
      return value;
    },
  });
}

const general = (path: string): string => path.replace(/\[\d+\]/g, '[]');
const text = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)) ?? 'nothing';

/** Values that move while they are looked at lie between two readings of ours. */
const between = (a: unknown, value: unknown, b: unknown): boolean =>
  typeof a === 'number' &&
  typeof b === 'number' &&
  typeof value === 'number' &&
  value >= Math.min(a, b) &&
  value <= Math.max(a, b);

/** Timers count down, and may have started again. */
const countedDown = (path: string, a: unknown, value: unknown, b: unknown): boolean =>
  path.endsWith('_timer') && (Number(value) <= Number(a) || Number(b) > Number(a));

export interface Comparison<T extends object> {
  /** Names the object in failures. */
  label: string;
  ours: T;
  /** Ours once more, read after theirs was. */
  later?: T | undefined;
  theirs: Json;
  map: (o: T) => Mapped;
}

/** The comparisons of one object (link, addr, route) in one run. */
export class Witness {
  /** Fields compared, by what they were counted under. */
  readonly counts = new Map<string, { objects: number; fields: number }>();
  readonly #exceptions: Exception[];
  readonly #used = new Set<Exception>();
  readonly #problems = new Map<string, { first: string; more: number }>();

  constructor(
    readonly object: string,
    readonly lane: 'golden' | 'live',
  ) {
    this.#exceptions = exceptions.filter((e) => e.object === object && (e.lane === undefined || e.lane === lane));
  }

  /** Compares one object. `count` names the row of the tally. */
  compare<T extends object>(count: string, { label, ours, later, theirs, map }: Comparison<T>): void {
    const read = new Set<string>();
    const mapped = leaves(map(traced(ours, read)));
    const after = later === undefined ? mapped : leaves(map(later));
    const printed = leaves(theirs);
    let fields = 0;
    for (const path of new Set([...printed.keys(), ...mapped.keys()])) {
      const value = printed.get(path);
      const same = text(value) === text(mapped.get(path)) || text(value) === text(after.get(path));
      const [first, last] = [mapped.get(path), after.get(path)];
      if (same || between(first, value, last) || (later !== undefined && countedDown(path, first, value, last)))
        fields++;
      else if (!this.#excepted('theirs', path))
        this.#problem(path, `${path}: ip says ${text(value)}, ours means ${text(mapped.get(path))} (${label})`);
    }
    for (const [path, value] of leaves(ours)) {
      if (!read.has(path) && !this.#excepted('ours', path)) {
        this.#problem(`ours ${path}`, `no mapping reads our ${path} = ${text(value)} (${label})`);
      }
    }
    const tally = this.counts.get(count) ?? { objects: 0, fields: 0 };
    this.counts.set(count, { objects: tally.objects + 1, fields: tally.fields + fields });
  }

  /** What was wrong: the first case of each path. */
  problems(): string[] {
    return [...this.#problems.values()].map(({ first, more }) => (more === 0 ? first : `${first} and ${more} more`));
  }

  #problem(path: string, words: string): void {
    const known = this.#problems.get(general(path));
    if (known === undefined) this.#problems.set(general(path), { first: words, more: 0 });
    else known.more++;
  }

  /** Exceptions that this run did not need. */
  unneeded(): string[] {
    return this.#exceptions
      .filter((e) => !this.#used.has(e) && (e.since === undefined || kernelAtLeast(e.since)))
      .map((e) => `${e.object} ${e.side} ${e.path}`);
  }

  /** Rows of the tally, `link bridge, made by us: 12 objects, 900 fields`. */
  figures(): string[] {
    return [...this.counts].map(
      ([name, { objects, fields }]) => `${this.object} ${name}: ${objects} objects, ${fields} fields`,
    );
  }

  #excepted(side: 'theirs' | 'ours', path: string): boolean {
    const plain = general(path);
    let found = false;
    for (const e of this.#exceptions) {
      const fits = e.path.endsWith('*') ? plain.startsWith(e.path.slice(0, -1)) : plain === e.path;
      if (e.side === side && fits) {
        this.#used.add(e);
        found = true;
      }
    }
    return found;
  }
}
