/** What dumps give back: keys and predicates that rows must match; and the rule that a selector is never half given. */
import { InputError, show, suggest, within } from '../codec/errors.js';
import type { MessageDef } from '../codec/message.js';
import { wordOrNumber } from '../codec/struct.js';
import type { Table } from '../codec/table.js';
import { formatIp6, lladdrText, parseLladdr, parsePrefix } from '../codec/text.js';
import type { AnyType, Rec } from '../codec/type.js';
import * as T from '../codec/type.js';
import { isRec } from '../codec/write.js';

const hasOwn = Object.prototype.hasOwnProperty;

/** Refuses a key that is there with the value `undefined`: a selector that is not known must not mean "any". */
export function assertDefined(spec: object): void {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'filter', `expected an object, got ${show(spec)}`);
  for (const key in spec) {
    if (!hasOwn.call(spec, key)) continue;
    // Text from elsewhere may have it; whoever copies it loses it.
    if (key === '__proto__') throw new InputError('ERR_UNKNOWN_KEY', '__proto__', 'unknown key');
    if (spec[key] === undefined)
      throw new InputError('ERR_UNDEFINED_SELECTOR', key, 'is undefined; leave the key out to mean any');
  }
}

/** An interface to match rows by where the kernel does not: its name is not known there. */
export function indexOnly(key: string, value: unknown): unknown {
  if (typeof value === 'string')
    throw new InputError('ERR_INVALID_VALUE', key, `must be an index, not ${show(value)}, without strictCheck`);
  return value;
}

/** The error for a verb that is none of `known`. */
export const badCommand = (cmd: unknown, known: readonly string[]): InputError =>
  new InputError('ERR_INVALID_VALUE', 'command', `${show(cmd)} is not one of ${known.join(', ')}`);

/** Whether a row is wanted: true or false. Anything else but undefined, which is no, is an InputError. */
export type Predicate<T> = (row: T) => boolean;

/**
 * What a predicate said; undefined, as of what a row does not have, is no. Anything else (a promise, text such as 'no')
 * would be taken for a yes to every row.
 */
export function verdict(answer: unknown, field = 'filter'): boolean {
  if (answer === true) return true;
  if (answer === false || answer === undefined) return false;
  // Its own failure would be nobody's.
  if (answer instanceof Promise) answer.catch(() => {});
  throw new InputError(
    'ERR_INVALID_VALUE',
    field,
    answer instanceof Promise
      ? 'a function of a filter must say true or false at once, not by a promise'
      : `a function of a filter must say true or false, not ${show(answer)}`,
  );
}

/** What a key of a row must be: a value, or what a function says yes to. */
export type Wanted<T> =
  | Extract<T, string | number | boolean | bigint>
  | ((value: T | undefined) => boolean | undefined);

/** Keys that rows must have, with those of `Special` in more words than a row has. A path such as `'linkinfo.kind'` is a key too. */
export type Where<Row, Special> = Special & {
  [K in Exclude<keyof Row, keyof Special>]?: Wanted<Row[K]>;
} & { [path: `${string}.${string}`]: unknown };

/** The value at a path such as `linkinfo.kind`. */
function at(row: unknown, path: readonly string[]): unknown {
  let value = row;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Rec)[key];
  }
  return value;
}

const INTEGERS: ReadonlySet<number> = new Set([T.OP_U8, T.OP_U16, T.OP_U32, T.OP_S32, T.OP_BE16, T.OP_BE32, T.OP_U64]);

/** An address or a prefix as rows have it, or null. */
function canonical(op: number, text: string): string | null {
  if (op === T.OP_LLADDR) {
    const bytes = parseLladdr(text);
    return lladdrText(bytes, 0, bytes.length);
  }
  const found = op === T.OP_DST && text === 'default' ? undefined : parsePrefix(text);
  if (found === undefined || found === null) return found === undefined ? text : null;
  const { bytes } = found;
  const address = bytes.length === 4 ? bytes.join('.') : formatIp6(Uint8Array.from(bytes), 0);
  if (op === T.OP_IP) return found.len < 0 ? address : null;
  return found.len === 0 ? 'default' : `${address}/${found.len < 0 ? bytes.length * 8 : found.len}`;
}

/** The value as rows have it: words of the header as numbers, addresses in their usual text. What no row can have throws. */
function comparable(def: MessageDef<object>, key: string, value: unknown): unknown {
  const bad = (what: string) =>
    new InputError('ERR_INVALID_VALUE', key, `expected ${what} or a function, got ${show(value)}`);
  if ((typeof value === 'object' && !(value instanceof Uint8Array)) || typeof value === 'symbol' || Number.isNaN(value))
    throw bad('a value that can be equal');
  const field = def.header.field(key);
  const words = def.header.words[key];
  if (field !== undefined) {
    const number =
      typeof value === 'string' && words !== undefined ? within(key, () => wordOrNumber(value, words)) : value;
    if (typeof number !== 'number') throw bad(words === undefined ? 'a number' : 'a number or a word');
    return number;
  }
  const type = def.table.compiled.byKey.get(key)?.type;
  if (type === undefined) return value;
  // Addresses whose length the family says are written as those that say it themselves.
  const { op } = type.op === T.OP_FAMILY ? type.aux.family!.other : type;
  const named = type.aux.inner?.aux.words;
  if (INTEGERS.has(op) && named !== undefined && typeof value === 'string') {
    const number = named.values.get(value);
    if (number === undefined) throw bad(`one of ${[...named.values.keys()].join(', ')}`);
    return number;
  }
  if (INTEGERS.has(op) && typeof value !== 'number') throw bad('a number');
  if (op === T.OP_CSTR && typeof value !== 'string') throw bad('a string');
  if (op === T.OP_BOOL8 && typeof value !== 'boolean') throw bad('true or false');
  if (op === T.OP_ENUM) {
    const { values, words: list } = type.aux.words!;
    if (typeof value === 'number') return list[value] ?? value;
    if (typeof value !== 'string' || !values.has(value)) throw bad(`one of ${[...values.keys()].join(', ')}`);
  }
  if (op === T.OP_IP || op === T.OP_DST || op === T.OP_LLADDR) {
    const text = typeof value === 'string' ? within(key, () => canonical(op, value)) : null;
    if (text === null) throw bad(op === T.OP_DST ? 'a prefix' : 'an address');
    return text;
  }
  return value;
}

/** Why a path leads to no key of a table or struct, if so. What only knows its own content is not looked into. */
function flaw(type: AnyType, [first, ...rest]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  const { nest, struct, family, inner, run } = type.aux;
  if (family !== undefined) {
    const flaws = [...Object.values(family.families), family.other].map((one) => flaw(one, [first, ...rest]));
    return flaws.includes(undefined) ? undefined : flaws.at(-1);
  }
  if (nest !== undefined) {
    const next = nest.compiled.byKey.get(first)?.type ?? payload(nest, first);
    return next === undefined ? unknown(first, [...nest.compiled.byKey.keys()]) : flaw(next, rest);
  }
  if (struct !== undefined) {
    const known = struct.fields.map(({ key }) => key);
    if (!known.includes(first)) return unknown(first, known);
    return rest.length > 0 ? 'leads into a value that has no keys' : undefined;
  }
  if (type.op === T.OP_MANY || run !== undefined) return 'leads into a list; give a function';
  const own = type.op === T.OP_CUSTOM || type.op === T.OP_VARIANT || inner !== undefined;
  return own ? undefined : 'leads into a value that has no keys';
}

const unknown = (key: string, known: readonly string[]): string => `unknown key ${show(key)}${suggest(key, known)}`;

/** The payload that goes by a name in a nest, such as that of a kind of link. */
function payload(nest: Table, name: string): AnyType | undefined {
  for (const { type } of nest.compiled.byKey.values()) {
    const { variant } = type.aux;
    if (variant === undefined) continue;
    const sibling = variant.siblingOf(name);
    if (sibling !== undefined) return variant.pick(sibling);
  }
  return undefined;
}

/**
 * A predicate for keys: each must equal the value, or satisfy it when it is a function. Keys may be paths,
 * such as `'linkinfo.kind'`. Undefined when there is none.
 */
export function matcher<T>(
  def: MessageDef<object>,
  keys: Rec,
  extra: readonly string[] = [],
): Predicate<T> | undefined {
  assertDefined(keys);
  const tests = Object.entries(keys).map(([key, wanted]) => {
    const path = key.split('.');
    const known = [...def.headerKeys, ...def.table.compiled.byKey.keys(), ...Object.keys(def.virtual), ...extra];
    if (!known.includes(path[0]!))
      throw new InputError('ERR_UNKNOWN_KEY', key, `unknown key${suggest(path[0]!, known)}`);
    const type = def.table.compiled.byKey.get(path[0]!)?.type;
    const reason = type && flaw(type, path.slice(1));
    if (reason !== undefined) throw new InputError('ERR_UNKNOWN_KEY', key, reason);
    if (typeof wanted === 'function')
      return { path, test: (value: unknown) => verdict((wanted as (value: unknown) => unknown)(value), key) };
    const equal = comparable(def, key, wanted);
    return { path, test: (value: unknown) => value === equal };
  });
  return tests.length === 0 ? undefined : (row) => tests.every(({ path, test }) => test(at(row, path)));
}

/** What a flush may be asked for: a selector with at least one key, a predicate, or plainly everything. */
export function flushFilter(filter: unknown): Rec | ((row: never) => boolean) {
  if (typeof filter === 'function') return filter as (row: never) => boolean;
  if (filter === undefined || filter === null)
    throw new InputError('ERR_MISSING_KEY', 'filter', 'is needed; { all: true } means everything');
  if (!isRec(filter))
    throw new InputError('ERR_INVALID_VALUE', 'filter', `expected an object or a function, got ${show(filter)}`);
  const { all, ...rest } = filter;
  assertDefined(rest);
  // To the kernel no family means each.
  const keys = Object.keys(rest).filter((key) => !(key === 'family' && (rest[key] === 0 || rest[key] === 'unspec')));
  if (all === true && keys.length === 0) return {};
  if (all !== undefined)
    throw new InputError(
      'ERR_CONFLICT',
      'all',
      keys.length > 0 ? 'is given together with other keys' : `expected true, got ${show(all)}`,
    );
  if (keys.length === 0)
    throw new InputError('ERR_MISSING_KEY', 'filter', 'has no key; { all: true } means everything');
  return rest;
}
