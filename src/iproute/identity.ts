/** What tells an object from others: by that the kernel finds it to delete it, and by nothing else that is said of it. */
import { InputError } from '../codec/errors.js';
import type { MessageDef } from '../codec/message.js';

/** Whether an object is a row as it was read: then it has every member of the header. */
export function isRowOf(def: MessageDef<object>, spec: object): boolean {
  for (const key of def.headerKeys) if (!Object.hasOwn(spec, key)) return false;
  return true;
}

/**
 * Refuses keys of a deletion that the kernel does not look at: what is deleted might not be what was said. `words` are
 * keys that are in no message. Keys that nobody knows are left to be refused as such.
 */
export function assertLookedAt(
  def: MessageDef<object>,
  spec: object,
  looked: ReadonlySet<string>,
  words: readonly string[],
  what: string,
): void {
  const known = (key: string): boolean =>
    def.headerKeys.has(key) || def.table.compiled.byKey.has(key) || words.includes(key);
  for (const key of Object.keys(spec))
    if (!looked.has(key) && known(key))
      throw new InputError('ERR_CONFLICT', key, `is nothing that the kernel looks for when it deletes ${what}`);
}
