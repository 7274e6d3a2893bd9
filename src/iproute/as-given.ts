/** Errors in the words of the caller: a call has other words for some keys of a message, and an error names the one that was given. */
import { InputError } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import type { Outgoing } from '../netlink/socket.js';

/**
 * Paths of a message, and what the caller wrote in their place; the first that fits counts. Empty text in their place:
 * what is below the path is the caller's own.
 */
export type Given = readonly (readonly [path: string, given: string])[];

function fieldAsGiven(field: string, given: Given): string {
  for (const [path, word] of given) {
    if (field === path) return word === '' ? field : word;
    const rest = field.slice(path.length);
    if (field.startsWith(path) && (rest.startsWith('.') || rest.startsWith('[')))
      return word === '' ? rest.replace(/^\./, '') : word + rest;
  }
  return field;
}

/** The error, with its field in the words of the caller. */
export function errorAsGiven(error: unknown, given: Given): unknown {
  if (!(error instanceof InputError)) return error;
  const field = fieldAsGiven(error.field, given);
  return field === error.field ? error : new InputError(error.code, field, error.reason);
}

/** Runs `make`; an InputError of it names what the caller wrote. */
export function asGiven<T>(given: () => Given, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw errorAsGiven(error, given());
  }
}

/** A request whose errors name what the caller wrote. */
export const requestAsGiven = (out: Outgoing, given: () => Given): Outgoing => ({
  ...out,
  put: (w) => asGiven(given, () => out.put(w)),
});

/** Those of the other words of keys that `spec` has: `{ sport: 'sportRange' }`. */
export const wordsIn = (spec: object, words: Readonly<Record<string, string>>): Given =>
  Object.entries(words)
    .filter(([word]) => (spec as Rec)[word] !== undefined)
    .map(([word, key]) => [key, word] as const);
