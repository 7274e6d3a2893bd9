/**
 * Fixed structs. A struct is declared once, as the object literal that reads it:
 *
 *     const ifinfo = struct((r) => ({ family: r.u8(0), type: r.u16(2), index: r.s32(4), flags: r.u32(8) }), 16);
 *
 * The literal is what runs when messages are decoded (a literal makes an object several times faster than a loop over
 * field names does). Its layout - names, offsets, widths - is learned by running it over memory of known content, and
 * serves the writer, columns, views and comparison with the kernel's headers.
 */
import { Bytes, LITTLE } from './bytes.js';
import { InputError, show, unknownKey, within } from './errors.js';
import { ip6Text, lladdrText, parseIp6, parseLladdr } from './text.js';
import type { Rec } from './type.js';
import type { Writer } from './writer.js';

export type FieldKind = 'u8' | 's8' | 'u16' | 's16' | 'u32' | 's32' | 'u64' | 'id64' | 'be16' | 'be32' | 'mac' | 'ip6';

/** Bytes of a field on the wire. */
export const FIELD_SIZE: Readonly<Record<FieldKind, number>> = {
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  u64: 8,
  id64: 8,
  be16: 2,
  be32: 4,
  mac: 6,
  ip6: 16,
};

/** Members that start anywhere, whatever their size. */
const ALIGN: Partial<Readonly<Record<FieldKind, number>>> = { mac: 1, be16: 1, be32: 1 };

export interface Field {
  key: string;
  kind: FieldKind;
  offset: number;
}

/** Reads members by their offset from the start of the struct, which is a multiple of four in memory. */
export class Cursor {
  p = 0;
  // The views themselves, not the object that has them: this is where most of the time goes.
  u8s = new Uint8Array(0);
  u16s = new Uint16Array(0);
  u32s = new Uint32Array(0);
  i32s = new Int32Array(0);
  s: Bytes | undefined;

  /** Goes to a place. Returns itself. */
  at(s: Bytes, p: number): this {
    if (this.s !== s) {
      this.s = s;
      this.u8s = s.u8 as Uint8Array<ArrayBuffer>;
      this.u16s = s.u16 as Uint16Array<ArrayBuffer>;
      this.u32s = s.u32 as Uint32Array<ArrayBuffer>;
      this.i32s = s.i32 as Int32Array<ArrayBuffer>;
    }
    this.p = p;
    return this;
  }

  u8(o: number): number {
    return this.u8s[this.p + o]!;
  }
  s8(o: number): number {
    return (this.u8s[this.p + o]! << 24) >> 24;
  }
  u16(o: number): number {
    return this.u16s[(this.p + o) >> 1]!;
  }
  s16(o: number): number {
    return (this.u16s[(this.p + o) >> 1]! << 16) >> 16;
  }
  u32(o: number): number {
    return this.u32s[(this.p + o) >> 2]!;
  }
  s32(o: number): number {
    return this.i32s[(this.p + o) >> 2]!;
  }
  /** A 64-bit counter as a number, exact to 2^53. */
  u64(o: number): number {
    const w = (this.p + o) >> 2;
    const high = this.u32s[LITTLE ? w + 1 : w]!;
    const low = this.u32s[LITTLE ? w : w + 1]!;
    // Most counters are small, and small numbers take no memory of their own.
    return high === 0 ? low : low + high * 0x100000000;
  }
  /** A 64-bit identifier, exact. */
  id64(o: number): bigint {
    const w = (this.p + o) >> 2;
    const high = this.u32s[LITTLE ? w + 1 : w]!;
    const low = this.u32s[LITTLE ? w : w + 1]!;
    return (BigInt(high) << 32n) | BigInt(low);
  }
  be16(o: number): number {
    return (this.u8s[this.p + o]! << 8) | this.u8s[this.p + o + 1]!;
  }
  be32(o: number): number {
    const p = this.p + o;
    const u8 = this.u8s;
    return ((u8[p]! << 24) | (u8[p + 1]! << 16) | (u8[p + 2]! << 8) | u8[p + 3]!) >>> 0;
  }
  mac(o: number): string {
    return lladdrText(this.u8s, this.p + o, 6);
  }
  ip6(o: number): string {
    return ip6Text(this.s!, this.p + o);
  }
}

const cursor = new Cursor();

/** Runs a literal over the struct at `p`. */
export function readLiteral<O>(make: (r: Cursor) => O, s: Bytes, p: number): O {
  return make(cursor.at(s, p));
}

/** One member of the struct at `p`. */
export const readMember = (s: Bytes, p: number, { kind, offset }: Field): unknown => cursor.at(s, p)[kind](offset);

/** Bytes of the structs that literals are tried on. */
const PROBE = 1024;

/** Two memories, one the complement of the other, in which no two neighbours are equal: a member reads like no other. */
const memory = (flip: number): Cursor => {
  const u8 = new Uint8Array(PROBE);
  for (let i = 0; i < PROBE; i++) u8[i] = (i * 167 + 13) ^ flip;
  return new Cursor().at(new Bytes(u8), 0);
};
let probes: Cursor[] | undefined;

const TEXTS: readonly FieldKind[] = ['mac', 'ip6'];
const IDS: readonly FieldKind[] = ['id64'];
const NUMBERS = (Object.keys(FIELD_SIZE) as FieldKind[]).filter((kind) => !TEXTS.includes(kind) && !IDS.includes(kind));
/** Kinds of members that may have a value. */
const kindsOf = (value: unknown): readonly FieldKind[] =>
  typeof value === 'number' ? NUMBERS : typeof value === 'string' ? TEXTS : IDS;

/**
 * Names, kinds and offsets of a literal, in its order. It is run over two memories, and each member sought where it
 * reads as the literal did. A cursor that takes notes would be simpler, but the literal would be slower ever after.
 */
function layout(make: (r: Cursor) => object): Field[] {
  probes ??= [memory(0), memory(0xff)];
  const memories = probes;
  const values = memories.map((memory) => make(memory) as Rec);
  let next = 0;
  return Object.keys(values[0]!).map((key) => {
    const kinds = kindsOf(values[0]![key]);
    // Mostly a member follows the one before.
    for (let step = 0; step < PROBE; step++) {
      const offset = (next + step) % PROBE;
      const kind = kinds.find(
        (kind) =>
          offset + FIELD_SIZE[kind] <= PROBE &&
          offset % Math.min(4, ALIGN[kind] ?? FIELD_SIZE[kind]) === 0 &&
          memories.every((memory, i) => memory[kind](offset) === values[i]![key]),
      );
      if (kind === undefined) continue;
      next = offset + FIELD_SIZE[kind];
      return { key, kind, offset };
    }
    throw new Error(`${key} of a struct is not a member as it is in memory`);
  });
}

export class StructDef<O extends object> {
  #fields: Field[] | undefined;

  constructor(
    readonly make: (r: Cursor) => O,
    /** Bytes of the whole struct, with trailing padding. */
    readonly size: number,
    /** Words that input may use for a member, such as `{ type: { unicast: 1 } }`. */
    readonly words: Readonly<Record<string, Readonly<Record<string, number>>>>,
  ) {}

  get fields(): readonly Field[] {
    this.#fields ??= layout(this.make as (r: Cursor) => object);
    return this.#fields;
  }

  field(key: string): Field | undefined {
    return this.fields.find((field) => field.key === key);
  }

  /** The struct in `n` bytes at `p`. Newer kernels send more, older ones less: then the tail is left out. */
  read(s: Bytes, p: number, n: number): O {
    if (n >= this.size) return readLiteral(this.make, s, p);
    const whole = new Uint8Array(this.size);
    whole.set(s.u8.subarray(p, p + n));
    const all = this.make(new Cursor().at(new Bytes(whole), 0)) as Rec;
    const part: Rec = {};
    for (const { key, kind, offset } of this.fields) if (offset + FIELD_SIZE[kind] <= n) part[key] = all[key];
    return part as O;
  }

  /** Appends the struct; absent members are zero. */
  write(w: Writer, value: Rec): void {
    const p = w.reserve(this.size);
    for (const key of Object.keys(value)) {
      const field = this.field(key);
      if (field === undefined)
        throw unknownKey(
          key,
          this.fields.map((f) => f.key),
        );
      if (value[key] !== undefined) writeField(w, p + field.offset, field, value[key], this.words[key]);
    }
  }
}

/** Declares a struct: the literal that reads it, its bytes with padding, and words for members. */
export const struct = <O extends object>(
  make: (r: Cursor) => O,
  size: number,
  words: StructDef<O>['words'] = {},
): StructDef<O> => new StructDef(make, size, words);

/** Puts `n` members of one kind, one after the other from the start of the struct on, into `to`. */
type Fill = (r: Cursor, to: unknown[], n: number) => void;

const FILL: Readonly<Record<'u32' | 's32' | 'u64', Fill>> = {
  u32({ u32s, p }, to, n) {
    for (let i = 0; i < n; i++) to[i] = u32s[(p >> 2) + i]!;
  },
  s32({ i32s, p }, to, n) {
    for (let i = 0; i < n; i++) to[i] = i32s[(p >> 2) + i]!;
  },
  u64(r, to, n) {
    for (let i = 0; i < n; i++) to[i] = r.u64(8 * i);
  },
};

type Eight = [number, number, number, number, number, number, number, number];
/** The members of a struct in their order: enough for the longest. */
type Members = readonly [...Eight, ...Eight, ...Eight, ...Eight, ...Eight, ...Eight, ...Eight, ...Eight, ...Eight];

/**
 * Declares a struct of many members that are all of one kind, in their order: `(m) => ({ rxPackets: m[0], ... })`.
 * The literal takes them from an array, into which one loop puts them for all such structs. A literal that reads each
 * of 25 to 60 members by a call is as fast in the end, but takes the compiler 5 to 20 ms, several times a process.
 */
export function structOfEqual<O extends object>(kind: 'u32' | 's32' | 'u64', make: (m: Members) => O): StructDef<O> {
  const members: unknown[] = [];
  const fill: Fill = FILL[kind];
  // The engine keeps what kind of value a property had; having seen this, it expects anything, and code stays valid.
  const count = Object.keys(make(members as never)).length;
  const width = FIELD_SIZE[kind];
  for (let i = 0; i < count; i++) members.push(undefined);
  const read = (r: Cursor): O => {
    fill(r, members, count);
    return make(members as never);
  };
  return new StructDef(read, count * width, {});
}

const RANGE: Readonly<Record<string, readonly [number, number]>> = {
  u8: [0, 0xff],
  s8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  be16: [0, 0xffff],
  u32: [0, 0xffffffff],
  be32: [0, 0xffffffff],
  s32: [-0x80000000, 0x7fffffff],
  u64: [0, Number.MAX_SAFE_INTEGER],
};

/** An integer in a range, or an InputError with an empty field. */
export function integer(value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new InputError('ERR_INVALID_VALUE', '', `expected an integer, got ${show(value)}`);
  if (value < min || value > max)
    throw new InputError('ERR_OUT_OF_RANGE', '', `${value} is out of range ${min}..${max}`);
  return value;
}

/** Whether each word is a bit, so that several may be given. */
const areBits = (words: Readonly<Record<string, number>>): boolean =>
  Object.values(words).every((value) => value > 0 && (value & (value - 1)) === 0);

/** A number for a value that may be one of `words`, or an array of them where they are bits. */
export function wordOrNumber(value: unknown, words: Readonly<Record<string, number>>, bits?: boolean): unknown {
  if (Array.isArray(value) && (bits ?? areBits(words))) {
    let sum = 0;
    for (let i = 0; i < value.length; i++)
      sum |= within(`[${i}]`, () => integer(wordOrNumber(value[i], words, true), 0, 0xffffffff));
    return sum >>> 0;
  }
  if (typeof value !== 'string') return value;
  if (Object.hasOwn(words, value)) return words[value];
  const known = Object.keys(words);
  throw new InputError(
    'ERR_INVALID_VALUE',
    '',
    `${show(value)} is not one of ${known.slice(0, 24).join(', ')}${known.length > 24 ? ', ...' : ''}`,
  );
}

/** Writes one member at `p`, with the member's key in the path of an error. */
export function writeField(
  w: Writer,
  p: number,
  field: Field,
  value: unknown,
  words?: Readonly<Record<string, number>>,
): void {
  within(field.key, () => {
    const { kind } = field;
    if (kind === 'mac' || kind === 'ip6') {
      const text = typeof value === 'string' ? value : '';
      const bytes = kind === 'mac' ? parseLladdr(text) : parseIp6(text);
      if (bytes === null || bytes.length !== FIELD_SIZE[kind])
        throw new InputError(
          'ERR_INVALID_VALUE',
          '',
          `${show(value)} is not ${kind === 'mac' ? 'a MAC' : 'an IPv6'} address`,
        );
      w.u8.set(bytes, p);
      return;
    }
    if (kind === 'id64') {
      if (typeof value !== 'bigint' || value < 0n || value > 0xffffffffffffffffn)
        throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not a bigint of 64 bits`);
      w.put64(p, value);
      return;
    }
    const [min, max] = RANGE[kind]!;
    const number = integer(words === undefined ? value : wordOrNumber(value, words), min, max);
    if (kind === 'u32' || kind === 's32') w.u32[p >> 2] = number;
    else if (kind === 'u16' || kind === 's16') w.u16[p >> 1] = number;
    else if (kind === 'u64') w.put64(p, BigInt(number));
    else if (kind === 'be16') w.u16[p >> 1] = LITTLE ? ((number & 255) << 8) | (number >> 8) : number;
    else if (kind === 'be32') w.putBe32(p, number);
    else w.u8[p] = number;
  });
}
