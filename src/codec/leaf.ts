/** The vocabulary of tables. */
import { BAD, readValue } from './read.js';
import { type StructDef, wordOrNumber } from './struct.js';
import { Table } from './table.js';
import type { AnyType, AttrMap, Custom, EnumDef, In, Out, UnknownAttr } from './type.js';
import * as T from './type.js';
import { Type } from './type.js';
import { writeValue } from './write.js';

const U32_MAX = 0xffffffff;

export const u8 = new Type<number>(T.OP_U8, 'u8', 1, { min: 0, max: 0xff });
export const u16 = new Type<number>(T.OP_U16, 'u16', 2, { min: 0, max: 0xffff });
export const u32 = new Type<number>(T.OP_U32, 'u32', 4, { min: 0, max: U32_MAX });
export const s32 = new Type<number>(T.OP_S32, 's32', 4, { min: -0x80000000, max: 0x7fffffff });
/** Index of an interface. Input takes its name as well; it is looked up before the message is sent. */
export const ifindex = new Type<number, number | string>(T.OP_U32, 'ifindex', 4, {
  min: 0,
  max: 0x7fffffff,
  ifindex: true,
});
/** Descriptor of a network namespace. Input takes a name or a path as well; it is opened while the message is sent. */
export const netnsFd = new Type<number, number | string>(T.OP_U32, 'netnsFd', 4, {
  min: 0,
  max: 0x7fffffff,
  namespace: true,
});
export const be16 = new Type<number>(T.OP_BE16, 'be16', 2, { min: 0, max: 0xffff });
export const be32 = new Type<number>(T.OP_BE32, 'be32', 4, { min: 0, max: U32_MAX });
/** A 64-bit counter or time as a number: exact to 2^53 (`view().big(key)` is exact beyond). */
export const u64 = new Type<number, number | bigint>(T.OP_U64, 'u64', 8, {});
/** Present or not; writing `false` sends nothing. */
export const flag = new Type<true, boolean>(T.OP_FLAG, 'flag', 0, {});
/** One byte that is 0 or not. */
export const bool8 = new Type<boolean, boolean | 0 | 1>(T.OP_BOOL8, 'bool8', 1, {});
/** A string, written with its NUL. */
export const cstr = new Type<string>(T.OP_CSTR, 'cstr', 0, {});
/** Bytes whose meaning the library does not know. */
export const bytes = new Type<Uint8Array>(T.OP_BYTES, 'bytes', 0, {});
/** An IPv4 address, four bytes. */
export const ip4 = new Type<string>(T.OP_IP, 'ip4', 4, {});
/** An IPv6 address, sixteen bytes. */
export const ip6 = new Type<string>(T.OP_IP, 'ip6', 16, {});
/** An IPv4 or IPv6 address, told apart by length. */
export const ip = new Type<string>(T.OP_IP, 'ip', 0, {});
/** An address of the message's own family; writing one sets the header's family, or must agree with it. */
export const ipByFamily = new Type<string>(T.OP_IP, 'ip by family', 0, { lenAt: 0 });
/** A link-layer address of 0 to 32 bytes: `02:00:00:00:00:01`. */
export const lladdr = new Type<string>(T.OP_LLADDR, 'lladdr', 0, { max: 32 });
/** An Ethernet address, six bytes. */
export const mac = new Type<string>(T.OP_LLADDR, 'mac', 6, { min: 6, max: 6 });
/** Padding that the kernel puts in front of 64-bit values: not read, not written. */
export const skip = new Type<never>(T.OP_SKIP, 'skip', 0, {});

/**
 * `a.b.c.d/len`, with the length in the message header at `lenAt`; `'default'` for length 0. Families that have something
 * else for a destination are in `others`, with the length of that.
 */
export const prefix = (lenAt: number, others: Readonly<Record<number, T.Destination>> = {}): Type<string> =>
  new Type(T.OP_DST, 'prefix', 0, { lenAt, others });

/** A string of at most `maxLength` bytes, NUL not counted. */
export const cstrMax = (maxLength: number): Type<string> => new Type(T.OP_CSTR, 'cstr', 0, { maxLength });

/** The same written without the NUL, where the kernel leaves it no room. */
export const bareString = (maxLength: number): Type<string> =>
  new Type(T.OP_CSTR, 'cstr', 0, { maxLength, bare: true });

/** A type of integer whose input is limited further than its width. */
export const ranged = <I>(type: Type<number, I>, min: number, max: number): Type<number, I> =>
  new Type(type.op, type.name, type.size, { ...type.aux, min, max });

/** A closed enum that `ip` prints as a word. Unknown numbers are read as numbers; input takes either. */
export function words<const W extends Readonly<Record<string, number>>>(
  base: Type<number>,
  map: W,
): Type<(keyof W & string) | number> {
  return new Type<(keyof W & string) | number>(T.OP_ENUM, `${base.name} enum`, base.size, {
    words: new Words(base, map),
  });
}

/** What `words` knows, made when it is first asked for. */
class Words implements EnumDef {
  #words: (string | undefined)[] | undefined;
  #values: ReadonlyMap<string, number> | undefined;

  constructor(
    readonly base: Type<number>,
    private readonly map: Readonly<Record<string, number>>,
  ) {}

  get words(): (string | undefined)[] {
    if (this.#words === undefined) {
      this.#words = [];
      for (const [word, value] of Object.entries(this.map)) this.#words[value] ??= word;
    }
    return this.#words;
  }

  get values(): ReadonlyMap<string, number> {
    this.#values ??= new Map(Object.entries(this.map));
    return this.#values;
  }
}

/** A number that has names: read as the number; written from it or a word. For enums that are not closed. */
export const worded = <const W extends Readonly<Record<string, number>>>(
  base: Type<number>,
  map: W,
): Type<number, number | (keyof W & string)> =>
  new Type(base.op, base.name, base.size, { ...base.aux, inner: words(base, map) });

/** Bits: a number when read; written from a number, a word or an array of words. */
export function bits<const W extends Readonly<Record<string, number>>>(
  base: Type<number>,
  map: W,
): Type<number, Bits<W>> {
  const write: Custom<number, unknown> = {
    read: () => 0,
    write: (w, value) => writeValue(base, w, wordOrNumber(value, map, true), 0),
  };
  return new Type(base.op, base.name, base.size, {
    ...base.aux,
    inner: new Type(T.OP_CUSTOM, base.name, base.size, { custom: write as Custom<unknown, never> }),
  });
}

/** Bits as input takes them. */
export type Bits<W> = number | (keyof W & string) | readonly (keyof W & string)[];

/** A fixed struct as a whole attribute. Input may leave members out: they are zero. */
export const structOf = <O extends object>(def: StructDef<O>): Type<O, Partial<O>> =>
  new Type(T.OP_STRUCT, 'struct', def.size, { struct: def as StructDef<object> });

/** A nest with a table of its own. `O` and `I` are the table's named interfaces (see docs/architecture.md). */
export function nest<O, I = O>(
  kernelPrefix: string,
  table: AttrMap | (() => AttrMap),
  options: { header?: StructDef<object>; plain?: boolean } = {},
): Type<O & { unknown?: UnknownAttr[] }, I> {
  const { header, plain } = options;
  return new Type(T.OP_NEST, 'nest', 0, { nest: new Table(kernelPrefix, table, header), ...(plain ? { plain } : {}) });
}

/** An attribute that may come several times: an array, in order. */
export const many = <O, I>(inner: Type<O, I>): Type<O[], readonly I[]> =>
  new Type(T.OP_MANY, `many ${inner.name}`, 0, { inner });

/** Values of one fixed size, one after the other in a single attribute. */
export const array = <O, I>(inner: Type<O, I>): Type<O[], readonly I[]> =>
  new Type(T.OP_ARRAY, `array of ${inner.name}`, 0, { inner });

/** A nest of equal elements. They are numbered from `first`, or all have the number `elementType`. */
export const nestArray = <O, I>(inner: Type<O, I>, elementType = 0, first = 1): Type<O[], readonly I[]> =>
  new Type(T.OP_NEST_ARRAY, `nest of ${inner.name}`, 0, { inner, elementType, first });

/** A nest that callers do not see: they give its keys beside those of the message. */
export const flat = <O, I>(type: Type<O, I>): Type<O, I> =>
  new Type<O, I>(type.op, type.name, type.size, { ...type.aux, flat: true });

/** A payload chosen by a sibling; its own key holds the raw bytes when nobody knows the kind. */
export function variant(def: T.Variant): Type<Uint8Array> {
  return new Type(T.OP_VARIANT, 'variant', 0, { variant: def });
}

/** A payload in an object of its own, `{ [place]: payload }`, chosen by a sibling. */
export const wrapped = <O, I>(def: Omit<T.Variant, 'wrap'>): Type<O, I> =>
  new Type<O, I>(T.OP_VARIANT, 'variant', 0, {
    variant: {
      ...def,
      pick: (v) => def.pick(v),
      place: (v) => def.place(v),
      places: () => def.places(),
      siblingOf: (p) => def.siblingOf(p),
      wrap: true,
    },
  });

/** A payload that depends on the address family of the message. */
export const byFamily = <O, I>(families: Readonly<Record<number, AnyType>>, other: Type<O, I>): Type<O, I> =>
  new Type<O, I>(T.OP_FAMILY, 'by family', 0, { family: { families, other } });

/**
 * A format that is irregular: read and written by hand. `run` tells those who do neither (comparison with the kernel's
 * headers, traces) of a run of structs that start with their own length, each with attributes behind it.
 */
export const custom = <O, I = O>(
  name: string,
  pair: Custom<O, I>,
  within: Pick<T.Aux, 'run' | 'behind' | 'own'> = {},
): Type<O, I> => new Type<O, I>(T.OP_CUSTOM, name, 0, { custom: pair as Custom<unknown, never>, ...within });

/** An unsigned integer of four bytes, or eight where it needs them (NLA_UINT). */
export const uint: Type<number, number | bigint> = custom<number, number | bigint>(
  'uint',
  {
    read: (s, p, n) => (n === 4 ? s.u32[p >> 2]! : n === 8 ? (readValue(u64, s, p, n, 0) as number) : (BAD as never)),
    write: (w, value) =>
      writeValue(
        value <= U32_MAX ? u32 : u64,
        w,
        typeof value === 'bigint' && value <= U32_MAX ? Number(value) : value,
        0,
      ),
  },
  { own: true },
);

/** One type when read, another when written. */
export const asym = <O, I>(read: { readonly out: O } & AnyType, write: { readonly in: I } & AnyType): Type<O, I> =>
  new Type<O, I>(read.op, read.name, read.size, { ...read.aux, inner: write });

export type { In, Out };
