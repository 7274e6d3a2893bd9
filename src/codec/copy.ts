/** Copies of objects as a whole, one level deep. */
import type { StructDef } from './struct.js';
import type { Table } from './table.js';
import type { Rec } from './type.js';

export type Copy = (o: Rec) => Rec;

/**
 * V8 copies an object as a whole when it knows its kind, and it keeps that knowledge by place in the source, for four
 * kinds a place. So there are as many places as kinds that usually come.
 */
const PLACES: readonly Copy[] = [
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
  (o) => ({ ...o }),
];
const KINDS_A_PLACE = 4;
let kinds = 0;

/** Ways to copy, by whose objects they are and by their keys. */
const copiers = new Map<Table | StructDef<object>, Map<string, Copy>>();

/** A way to copy an object of a table or struct; undefined when there are too many kinds of objects. */
export function copier(whose: Table | StructDef<object>, object: Rec): Copy | undefined {
  const known = copiers.get(whose) ?? new Map<string, Copy>();
  const keys = Object.keys(object).join();
  const found = known.get(keys);
  if (found !== undefined || kinds === KINDS_A_PLACE * PLACES.length) return found;
  const copy = PLACES[kinds++ % PLACES.length]!;
  copiers.set(whose, known.set(keys, copy));
  return copy;
}
