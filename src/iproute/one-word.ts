/** Keys that mean the same. */
import { InputError } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';

/** A copy of `spec` with `word` under its other name `key`; giving both is a conflict. */
export function oneWord(spec: Rec, word: string, key: string): Rec {
  if (!Object.hasOwn(spec, word)) return { ...spec };
  if (spec[word] !== undefined && spec[key] !== undefined)
    throw new InputError('ERR_CONFLICT', word, `is another word for ${key}, which is given`);
  const { [word]: value, ...rest } = spec;
  return value === undefined ? rest : { ...rest, [key]: value };
}
