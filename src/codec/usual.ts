/**
 * Messages that come in great numbers mostly have the same attributes in the same order. For such an order a message may
 * have a literal that makes the whole object at once, which takes half the time of adding keys one by one:
 *
 *     usual: [(r, a) => ({ family: r.u8(0), dst: a.prefix(0), gateway: a.ip(1), oif: a.u32(2) })]
 *
 * Its keys lead to the table, which has the numbers and types; what belongs where is learned by running the literal once.
 * A message that does not have exactly these attributes is read the general way, with the same result.
 */
import { Bytes } from './bytes.js';
import { Cursor, type StructDef } from './struct.js';
import type { Table } from './table.js';
import { formatIp6, ip4Cached, ip4PrefixText, ip6Text } from './text.js';
import type { Rec } from './type.js';
import * as T from './type.js';

type SlotKind = 'u32' | 'word' | 'ip' | 'prefix' | 'struct';

const OPS: Readonly<Record<SlotKind, number>> = {
  u32: T.OP_U32,
  word: T.OP_ENUM,
  ip: T.OP_IP,
  prefix: T.OP_DST,
  struct: T.OP_STRUCT,
};

/** AF_* of linux/socket.h. */
const INET = 2;
const INET6 = 10;

/** What a slot reads, noted while it is learned. */
class Note {
  constructor(
    readonly kind: SlotKind,
    readonly slot: number,
  ) {}
}

/** Reads attributes by their place in the order. */
export class Slots {
  s = new Bytes(new Uint8Array(4));
  /** Where the attributes start. */
  start = 0;
  /** Where the payload of each is from there, and its bytes. */
  readonly at = new Int32Array(16);
  readonly size = new Int32Array(16);
  /** Length of the prefix in the header. */
  prefixLength = 0;
  structs: (StructDef<object> | undefined)[] = [];
  words: (readonly (string | undefined)[])[] = [];
  learning = false;

  u32(i: number): number {
    if (this.learning) return new Note('u32', i) as never;
    return this.s.u32[(this.start + this.at[i]!) >> 2]!;
  }
  /** An enum of one byte. */
  word(i: number): string | number {
    if (this.learning) return new Note('word', i) as never;
    const value = this.s.u8[this.start + this.at[i]!]!;
    return this.words[i]![value] ?? value;
  }
  ip(i: number): string {
    if (this.learning) return new Note('ip', i) as never;
    const p = this.start + this.at[i]!;
    return this.size[i] === 4 ? ip4Cached(this.s, p) : ip6Text(this.s, p);
  }
  prefix(i: number): string {
    if (this.learning) return new Note('prefix', i) as never;
    const p = this.start + this.at[i]!;
    return this.size[i] === 4
      ? ip4PrefixText(this.s.u8, p, this.prefixLength)
      : `${formatIp6(this.s.u8, p)}/${this.prefixLength}`;
  }
  struct(i: number): object {
    if (this.learning) return new Note('struct', i);
    return this.structs[i]!.read(this.s, this.start + this.at[i]!, this.size[i]!);
  }
}

export type UsualLiteral = (r: Cursor, a: Slots) => object;

/**
 * Runs a literal. Called directly, the first would be compiled into the reader as if it were the only one, and all of
 * that anew when another comes; through `call` the engine does not expect anything, and compiles each by itself.
 */
const run = (literal: UsualLiteral, r: Cursor, a: Slots): Rec => literal.call(undefined, r, a) as Rec;

/** A literal, and the order of attributes that it is for. */
export class Usual {
  readonly #slots = new Slots();
  readonly #ids: number[] = [];
  /** Bytes of each payload; 0 for an address, which has 4 or 16. */
  readonly #sizes: number[] = [];
  /** The headers of the attributes that were read last, and their bytes in all; -1 before there were any. */
  readonly #heads: number[] = [];
  #bytes = -1;
  /** Where the header has the length of the prefix; -1 when there is none. */
  #lengthAt = -1;
  #prefix = 0;
  readonly #cursor = new Cursor();

  constructor(
    name: string,
    table: Table,
    readonly make: UsualLiteral,
  ) {
    const probe = new Slots();
    probe.learning = true;
    const header = new Cursor().at(new Bytes(new Uint8Array(1024)), 0);
    for (const [key, note] of Object.entries(run(make, header, probe))) {
      if (!(note instanceof Note)) continue;
      const type = table.compiled.byKey.get(key)?.type;
      if (type?.op !== OPS[note.kind] || (note.kind === 'word' && type.size !== 1))
        throw new Error(`${name}: ${key} is not read as ${note.kind}`);
      this.#ids[note.slot] = table.compiled.byKey.get(key)!.id;
      this.#sizes[note.slot] = type.aux.struct?.size ?? type.size;
      this.#slots.structs[note.slot] = type.aux.struct;
      this.#slots.words[note.slot] = type.aux.words?.words ?? [];
      if (note.kind === 'prefix') {
        this.#lengthAt = type.aux.lenAt!;
        this.#prefix = note.slot;
      }
    }
  }

  /**
   * The message whose header is at `base` and whose attributes are from `pos` to `end`, or null when it is another. A
   * property, not a method, so that it is compiled once, and not into all who call it.
   */
  readonly read = (s: Bytes, base: number, pos: number, end: number): Rec | null => {
    if (!this.#fits(s.u32, pos >> 2, end - pos) && !this.#learn(s.u32, pos, end)) return null;
    const slots = this.#slots;
    if (this.#lengthAt >= 0) {
      const length = s.u8[base + this.#lengthAt]!;
      if (length === 0 || length > 8 * slots.size[this.#prefix]!) return null;
      // Others have something else there, such as a label.
      const family = s.u8[base]!;
      if (family !== INET && family !== INET6) return null;
      slots.prefixLength = length;
    }
    slots.s = s;
    slots.start = pos;
    // A cursor of its own: structs inside the message use the common one.
    return run(this.make, this.#cursor.at(s, base), slots);
  };

  /** Whether attributes of `n` bytes in all, from `word` on, have the lengths of those before. */
  #fits(u32: Uint32Array, word: number, n: number): boolean {
    if (n !== this.#bytes) return false;
    const heads = this.#heads;
    const { at } = this.#slots;
    for (let i = 0; i < heads.length; i++) if (u32[word + (at[i]! >> 2) - 1] !== heads[i]) return false;
    return true;
  }

  /** The same with any lengths that they may have. A property as well: it is called rarely. */
  readonly #learn = (u32: Uint32Array, from: number, end: number): boolean => {
    const ids = this.#ids;
    let pos = from;
    for (let i = 0; i < ids.length; i++) {
      if (end - pos < 4) return false;
      const head = u32[pos >> 2]!;
      const n = (head & 0xffff) - 4;
      const wanted = this.#sizes[i]!;
      if (head >>> 16 !== ids[i] || (wanted === 0 ? n !== 4 && n !== 16 : n !== wanted)) return false;
      pos += (n + 7) & ~3;
    }
    if (pos !== end) return false;
    const { at, size } = this.#slots;
    this.#bytes = end - from;
    pos = from;
    for (let i = 0; i < ids.length; i++) {
      this.#heads[i] = u32[pos >> 2]!;
      size[i] = (this.#heads[i]! & 0xffff) - 4;
      at[i] = pos + 4 - from;
      pos += (size[i]! + 7) & ~3;
    }
    return true;
  };
}
