/** A table of attributes, compiled on first use into arrays that the reader and the writer index by type number. */
import { InputError, show } from './errors.js';
import { WIDE } from './row.js';
import type { StructDef } from './struct.js';
import { type AnyType, type AttrMap, OP_ARRAY, OP_MANY, OP_NEST_ARRAY, type Rec, Type } from './type.js';

export interface Entry {
  readonly key: string;
  readonly id: number;
  readonly type: AnyType;
  readonly kernel: string | undefined;
  /** The type as which it is written: `asym` has another. */
  readonly how: AnyType;
}

interface Compiled {
  /** By type number: OP_* (0: not in the table), type and key. */
  readonly ops: Uint8Array;
  readonly types: readonly (AnyType | undefined)[];
  readonly keys: readonly string[];
  readonly byKey: ReadonlyMap<string, Entry>;
  /** Attributes whose payload goes beside them under the name of a sibling's value. */
  readonly variants: readonly Entry[];
  /** Whether objects of this table may have many keys (row.ts). */
  readonly wide: boolean;
}

/** `numTxQueues` -> `NUM_TX_QUEUES`. */
export const upperSnake = (key: string): string => key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase();

/** Types whose `inner` is that of their elements. */
const LISTS: ReadonlySet<number> = new Set([OP_MANY, OP_ARRAY, OP_NEST_ARRAY]);

/** Keys of an object, and their attributes. */
export interface Shape {
  readonly keys: readonly string[];
  readonly entries: readonly (Entry | undefined)[];
}

/**
 * `hasOwn.call(o, key)` in a loop `for (const key in o)`: there, and of `hasOwnProperty` only, the engine knows the answer
 * as well as where the value is. Keys and values in lists cost four times as much (measured).
 */
const hasOwn = Object.prototype.hasOwnProperty;

function hasKeys(o: Rec, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in o) if (hasOwn.call(o, key) && key !== keys[i++]) return false;
  return i === keys.length;
}

const written = (type: AnyType): AnyType => (LISTS.has(type.op) ? type : (type.aux.inner ?? type));

export class Table {
  /**
   * The arrays, once they are there. What runs for every message says `table.ready ?? table.compile()`: of a call the
   * engine knows that it is rare, of a getter it does not, and compiles the whole making of arrays into its reader.
   */
  ready: Compiled | undefined;
  readonly source: () => AttrMap;
  #shape: Shape = { keys: [], entries: [] };

  constructor(
    /** Prefix of the kernel's names, without the last underscore: `IFLA_VXLAN`. */
    readonly prefix: string,
    attrs: AttrMap | (() => AttrMap),
    /** Fixed struct in front of the attributes, for the few nests that have one. */
    readonly header?: StructDef<object>,
  ) {
    this.source = typeof attrs === 'function' ? attrs : () => attrs;
  }

  get compiled(): Compiled {
    return this.ready ?? this.compile();
  }

  /** The shape of an object. Many in a row have the same keys: then it is the same. */
  shapeOf(o: Rec): Shape {
    if (!hasKeys(o, this.#shape.keys)) {
      const { byKey } = this.ready ?? this.compile();
      const keys = Object.keys(o);
      this.#shape = { keys, entries: keys.map((key) => byKey.get(key)) };
    }
    return this.#shape;
  }

  /** Makes the arrays. */
  compile(): Compiled {
    const given: unknown = this.source();
    if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Promise)
      throw new InputError('ERR_INVALID_VALUE', this.prefix, `expected an object of attributes, got ${show(given)}`);
    const entries = Object.entries(given as AttrMap).map(([key, attr]) => {
      if (!(attr?.type instanceof Type))
        throw new InputError(
          'ERR_INVALID_VALUE',
          `${this.prefix}.${key}`,
          `expected attr(number, type), got ${show(attr)}`,
        );
      const { id, type, kernel } = attr;
      return { key, id, type, kernel, how: written(type) };
    });
    const top = entries.reduce((max, { id }) => Math.max(max, id), 0);
    const ops = new Uint8Array(top + 1);
    const types = new Array<AnyType | undefined>(top + 1).fill(undefined);
    const keys = new Array<string>(top + 1).fill('');
    const byKey = new Map<string, Entry>();
    for (const entry of entries) {
      // Two names for one number: the first is read, either may be written.
      if (ops[entry.id] === 0) {
        ops[entry.id] = entry.type.op;
        types[entry.id] = entry.type;
        keys[entry.id] = entry.key;
      }
      byKey.set(entry.key, entry);
    }
    this.ready = {
      ops,
      types,
      keys,
      byKey,
      variants: entries.filter(({ type }) => type.aux.variant?.wrap === false),
      wide: entries.length > WIDE,
    };
    return this.ready;
  }

  /** The kernel's name of a key, such as `IFLA_VXLAN_ID`. */
  nameOf(key: string): string {
    return this.compiled.byKey.get(key)?.kernel ?? `${this.prefix}_${upperSnake(key)}`;
  }

  /** The key for a kernel name or a key, or undefined. */
  keyOf(name: string): string | undefined {
    if (this.compiled.byKey.has(name)) return name;
    for (const key of this.compiled.byKey.keys()) if (this.nameOf(key) === name) return key;
    return undefined;
  }

  /** Every key that input may use here. */
  *inputKeys(): Iterable<string> {
    yield* this.compiled.byKey.keys();
    for (const { type } of this.compiled.variants) yield* type.aux.variant!.places();
  }
}
