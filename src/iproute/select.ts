/** What dumps give back: keys and predicates that rows must match; and the rule that a selector is never half given. */
import { InputError, suggest } from '../codec/errors.js';
import type { MessageDef } from '../codec/message.js';
import type { Rec } from '../codec/type.js';

/** Refuses a key that is there with the value `undefined`: a selector that is not known must not mean "any". */
export function assertDefined(spec: object): void {
  for (const [key, value] of Object.entries(spec)) {
    if (value === undefined) throw new InputError('ERR_UNDEFINED_SELECTOR', key, 'is undefined; leave the key out to mean any');
  }
}

/** Whether a row is wanted. */
export type Predicate<T> = (row: T) => boolean;

/** The value at a path such as `linkinfo.kind`. */
function at(row: unknown, path: readonly string[]): unknown {
  let value = row;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Rec)[key];
  }
  return value;
}

/**
 * A predicate for keys: each must equal the value, or satisfy it when it is a function. Keys may be paths,
 * such as `'linkinfo.kind'`. Undefined when there is none.
 */
export function matcher<T>(def: MessageDef<object>, keys: Rec, extra: readonly string[] = []): Predicate<T> | undefined {
  assertDefined(keys);
  const tests = Object.entries(keys).map(([key, wanted]) => {
    const path = key.split('.');
    const known = [...def.headerKeys, ...def.table.compiled.byKey.keys(), ...Object.keys(def.virtual), ...extra];
    if (!known.includes(path[0]!)) throw new InputError('ERR_UNKNOWN_KEY', key, `unknown key${suggest(path[0]!, known)}`);
    const test = typeof wanted === 'function' ? (value: unknown) => Boolean((wanted as (value: unknown) => unknown)(value)) : (value: unknown) => value === wanted;
    return { path, test };
  });
  return tests.length === 0 ? undefined : (row) => tests.every(({ path, test }) => test(at(row, path)));
}

/** Both of two predicates, of which either may be missing. */
export function both<T>(a: Predicate<T> | undefined, b: Predicate<T> | undefined): Predicate<T> | undefined {
  return a === undefined ? b : b === undefined ? a : (row) => a(row) && b(row);
}
