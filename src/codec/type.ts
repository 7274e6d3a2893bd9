/** Attribute types and tables: what an attribute is on the wire, and what it is in JavaScript. */
import type { Bytes } from './bytes.js';
import type { StructDef } from './struct.js';
import type { Table } from './table.js';
import type { Writer } from './writer.js';

// How the reader and the writer treat a type. One switch over these in read.ts, one in write.ts.
export const OP_U8 = 1;
export const OP_U16 = 2;
export const OP_U32 = 3;
export const OP_S32 = 4;
export const OP_U64 = 5;
export const OP_CSTR = 6;
export const OP_IP = 7;
export const OP_DST = 8;
export const OP_NEST = 9;
export const OP_STRUCT = 10;
export const OP_ENUM = 11;
export const OP_LLADDR = 12;
export const OP_BOOL8 = 13;
export const OP_FLAG = 14;
export const OP_BE16 = 15;
export const OP_BE32 = 16;
export const OP_MANY = 17;
export const OP_ARRAY = 18;
export const OP_NEST_ARRAY = 19;
export const OP_VARIANT = 20;
export const OP_FAMILY = 21;
export const OP_CUSTOM = 22;
export const OP_SKIP = 23;
export const OP_BYTES = 24;

/** Any object that the reader fills or the writer takes. */
export type Rec = Record<string, unknown>;

/** A hand-written pair for a wire format that is irregular. `read` returns BAD (read.ts) for bytes it cannot take. */
export interface Custom<O, I> {
  /** `n` bytes at `p`; `base` is where the message's fixed header starts. */
  read(s: Bytes, p: number, n: number, base: number): O;
  /** Appends the payload, padded; returns its size without padding. Throws InputError with an empty field. */
  write(w: Writer, value: I, base: number): number;
}

export interface EnumDef {
  base: Type<number>;
  words: readonly (string | undefined)[];
  values: ReadonlyMap<string, number>;
}

/** A payload chosen by a sibling attribute. */
export interface Variant {
  /** Key of the sibling that names the payload. */
  by: string;
  pick(sibling: string | number): AnyType | undefined;
  /** Key under which the payload goes: beside the sibling, or (wrap) inside this attribute's own object. */
  place(sibling: string | number): string;
  /** All keys that `place` may give now. */
  places(): Iterable<string>;
  /** The sibling's value for a place, or undefined when the key is none. */
  siblingOf(place: string): string | number | undefined;
  wrap: boolean;
}

/** Payload by the address family in the first byte of the message header. */
export interface ByFamily {
  families: Readonly<Record<number, AnyType>>;
  other: AnyType;
}

/** A destination that is no prefix. */
export interface Destination {
  type: Type<string>;
  /** In bits. */
  length: number;
}

export interface Aux {
  min?: number;
  max?: number;
  nest?: Table;
  inner?: AnyType;
  struct?: StructDef<object>;
  words?: EnumDef;
  variant?: Variant;
  family?: ByFamily;
  custom?: Custom<unknown, never>;
  /** CUSTOM: what is read depends on its own bytes only, and is no object. */
  own?: boolean;
  /** CUSTOM: a run of structs that start with their own length (16 bits), each with attributes behind it. */
  run?: { header: StructDef<object>; table: Table };
  /** CUSTOM: the attributes of this table follow a struct of so many bytes. */
  behind?: { size: number; table: Table };
  /** DST: offset of the prefix length in the message header. */
  lenAt?: number;
  /** DST: what others than IPv4 and IPv6 have for a destination, by family. */
  others?: Readonly<Record<number, Destination>>;
  /** NEST_ARRAY: type number of each element, or 0 where they are numbered. */
  elementType?: number;
  /** NEST_ARRAY: number of the first element. */
  first?: number;
  /** NEST: what is in it is given beside it, so that errors do not name it. */
  flat?: boolean;
  /** NEST: set for the few nests that the kernel wants without NLA_F_NESTED. */
  plain?: boolean;
  /** CUSTOM: it is a nest of these. */
  elements?: AnyType;
  /** U32, S32: the index of an interface; input may give its name. */
  ifindex?: boolean;
  /** A descriptor of a namespace, which input may give by name. */
  namespace?: boolean;
  /** CSTR: longest string in bytes, without NUL. */
  maxLength?: number;
  /** CSTR: written without NUL, unless it is empty. */
  bare?: boolean;
}

/** A type of attribute: `O` is what reading gives, `I` what writing takes. */
export class Type<O, I = O> {
  declare readonly out: O;
  declare readonly in: I;

  constructor(
    readonly op: number,
    readonly name: string,
    /** Bytes on the wire; 0 where it varies. */
    readonly size: number,
    readonly aux: Aux,
  ) {}
}

/** A type of any payload. */
export type AnyType = Type<unknown, unknown>;

/** One attribute of a table. */
export interface Attr<O, I = O> {
  readonly id: number;
  readonly type: Type<O, I>;
  /** The kernel's name where it is not the prefix and the key in capitals. */
  readonly kernel: string | undefined;
}

export type AttrMap = Readonly<
  Record<string, { readonly id: number; readonly type: AnyType; readonly kernel: string | undefined }>
>;

/** Declares an attribute: its explicit number, its type and, where it is irregular, the kernel's name. */
export const attr = <O, I>(id: number, type: Type<O, I>, kernel?: string): Attr<O, I> => ({ id, type, kernel });

type Readable<T> = {
  [K in keyof T]: T[K] extends { type: Type<infer O, infer _I> } ? ([O] extends [never] ? never : K) : never;
}[keyof T];
type Writable<T> = {
  [K in keyof T]: T[K] extends { type: Type<infer _O, infer I> } ? ([I] extends [never] ? never : K) : never;
}[keyof T];

type OutOf<T> = {
  -readonly [K in keyof T as K extends Readable<T> ? K : never]?: T[K] extends { type: Type<infer O, infer _I> }
    ? O
    : never;
};
type InOf<T> = {
  -readonly [K in keyof T as K extends Writable<T> ? K : never]?:
    | (T[K] extends { type: Type<infer _O, infer I> } ? I : never)
    | undefined;
};

/** The attributes of a table, which mostly are given as a function: a program uses few tables, and those are made then. */
type Made<T> = T extends () => infer A ? A : T;

/** What reading a table gives: every key is optional, since the kernel sends what it has. */
export type Out<T> = OutOf<Made<T>>;

/** What writing a table takes. An absent key or one that is `undefined` is not sent. */
export type In<T> = InOf<Made<T>>;

/** An attribute that no table names: kept when read, and written back. */
export interface UnknownAttr {
  /** Type number on the wire, with its flag bits. */
  type: number;
  data: Uint8Array;
}
