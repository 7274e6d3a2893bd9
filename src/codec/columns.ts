/** Columns: many messages as typed arrays, one element a message. For full tables: no object per row, transferable to a worker. */
import { type Bytes, Bytes as BytesClass, LITTLE } from './bytes.js';
import { InputError, show } from './errors.js';
import type { MessageDef } from './message.js';
import { FIELD_SIZE, type Field } from './struct.js';
import { ip4Text, ip6Text } from './text.js';
import { OP_DST, OP_IP, OP_S32, OP_U32 } from './type.js';

/** A column: bytes for header members, 32 bit words for attributes, sixteen bytes a row for addresses (an IPv4 address in the first four). */
export type Column = Uint8Array | Uint32Array;

const NONE = 0;
const WORD = 1;
const ADDRESS = 2;

type Width = 1 | 2 | 4;

/** Runs of a layout that wait at most. */
const RUNS = 512;
/** Layouts of one length that are kept. */
const KEPT = 6;
/** Rows at the start, and those up to which there is room for four times as many when there is no more: later for twice. */
const FIRST = 1024;
const FAST = 1 << 20;

/**
 * What is where in messages of a length. Most rows of a table have the same attributes in the same order: then a message
 * is compared with one seen before, and each of its words belongs where that one's did. Rows wait until there are many,
 * and are copied one column after the other, several times faster than one row after the other.
 */
class Layout {
  /** The attributes' headers: in which word from the start of the message, and what. */
  readonly places: number[] = [];
  readonly heads: number[] = [];
  /** Words of attributes: from where, into which column, and of an address which word. */
  readonly copies: { from: number; column: number; address: boolean; word: number }[] = [];
  /** Rows that wait, in runs: first row, word where its message starts, words from one message to the next, rows. */
  readonly runs = new Int32Array(4 * RUNS);
  waiting = 0;

  constructor(
    readonly n: number,
    /** The one of this length to be tried next. */
    public next: Layout | undefined,
  ) {}

  fits(u32: Uint32Array, at: number): boolean {
    const { places, heads } = this;
    for (let i = 0; i < places.length; i++) if (u32[at + places[i]!] !== heads[i]) return false;
    return true;
  }

  /** Has a row wait; returns whether there is room for another. */
  wait(row: number, at: number): boolean {
    const { runs } = this;
    const last = this.waiting - 4;
    if (last >= 0) {
      const count = runs[last + 3]!;
      if (count === 1) runs[last + 2] = at - runs[last + 1]!;
      if (row === runs[last]! + count && at === runs[last + 1]! + count * runs[last + 2]!) {
        runs[last + 3] = count + 1;
        return true;
      }
    }
    runs[last + 4] = row;
    runs[last + 5] = at;
    runs[last + 7] = 1;
    this.waiting += 4;
    return this.waiting < runs.length;
  }
}

// One loop for each kind of array: with arrays of two kinds it would be slower for both.

function copyWords({ runs, waiting }: Layout, u32: Uint32Array, from: number, to: Uint32Array): void {
  for (let run = 0; run < waiting; run += 4) {
    const stride = runs[run + 2]!;
    const end = runs[run]! + runs[run + 3]!;
    for (let row = runs[run]!, at = runs[run + 1]! + from; row < end; row++, at += stride) to[row] = u32[at]!;
  }
}

/** Into one of the four words that a row has there. */
function copyParts({ runs, waiting }: Layout, u32: Uint32Array, from: number, to: Uint32Array, word: number): void {
  for (let run = 0; run < waiting; run += 4) {
    const stride = runs[run + 2]!;
    const end = (runs[run]! + runs[run + 3]!) << 2;
    for (let i = (runs[run]! << 2) + word, at = runs[run + 1]! + from; i < end; i += 4, at += stride) to[i] = u32[at]!;
  }
}

function copyBytes({ runs, waiting }: Layout, u8: Uint8Array, from: number, to: Uint8Array): void {
  for (let run = 0; run < waiting; run += 4) {
    const stride = runs[run + 2]! << 2;
    const end = runs[run]! + runs[run + 3]!;
    for (let row = runs[run]!, at = (runs[run + 1]! << 2) + from; row < end; row++, at += stride) to[row] = u8[at]!;
  }
}

function widenBytes({ runs, waiting }: Layout, u8: Uint8Array, from: number, to: Uint32Array): void {
  for (let run = 0; run < waiting; run += 4) {
    const stride = runs[run + 2]! << 2;
    const end = runs[run]! + runs[run + 3]!;
    for (let row = runs[run]!, at = (runs[run + 1]! << 2) + from; row < end; row++, at += stride) to[row] = u8[at]!;
  }
}

function widenHalves({ runs, waiting }: Layout, u16: Uint16Array, from: number, to: Uint32Array): void {
  for (let run = 0; run < waiting; run += 4) {
    const stride = runs[run + 2]! << 1;
    const end = runs[run]! + runs[run + 3]!;
    for (let row = runs[run]!, at = (runs[run + 1]! << 1) + (from >> 1); row < end; row++, at += stride)
      to[row] = u16[at]!;
  }
}

/** The first `n` elements: without a copy, unless most of the memory would be kept for nothing. */
const trimmed = <C extends Column>(all: C, n: number): C =>
  (n * 4 < all.length ? all.slice(0, n) : all.subarray(0, n)) as C;

const bytesOf = ({ buffer, byteOffset, byteLength }: Column): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Bytes of a member of the header that fits into a word. */
function widthOf(def: MessageDef<object>, { key, kind }: Field): Width {
  const bytes = FIELD_SIZE[kind];
  if (kind.startsWith('be') || (bytes !== 1 && bytes !== 2 && bytes !== 4))
    throw new Error(`${key} of ${def.name} is no number of 32 bits`);
  return bytes;
}

/** Collects rows of some keys of a message. */
export class ColumnBuilder {
  rows = 0;
  readonly #names: readonly string[];
  readonly #words: Uint32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #wordNames: string[] = [];
  readonly #byteNames: string[] = [];
  readonly #addresses = new Set<string>();
  /** By attribute type: what it is and which column takes it. */
  readonly #what: Uint8Array;
  readonly #where: Uint8Array;
  readonly #headerBytes: { index: number; offset: number }[] = [];
  readonly #headerWords: { index: number; offset: number; bytes: Width }[] = [];
  /** By the length of a message, in words. */
  readonly #layouts: (Layout | undefined)[] = [];
  /** What the messages that wait are in. */
  #s: Bytes | undefined;
  readonly #def: MessageDef<object>;
  #capacity: number;

  /** `expected`: rows for which there is room from the start. What is not used of that takes no memory but addresses. */
  constructor(def: MessageDef<object>, keys: readonly string[], expected = 0) {
    this.#names = keys;
    this.#def = def;
    this.#capacity = Math.max(FIRST, expected);
    const { byKey, ops } = def.table.compiled;
    this.#what = new Uint8Array(ops.length);
    this.#where = new Uint8Array(ops.length);
    for (const key of keys) {
      const entry = byKey.get(key);
      const field = def.header.field(key);
      if (entry === undefined && field === undefined) throw new Error(`${def.name} has no column ${key}`);
      if (entry === undefined && FIELD_SIZE[field!.kind] === 1) {
        this.#headerBytes.push({ index: this.#bytes.length, offset: field!.offset });
        this.#byteNames.push(key);
        this.#bytes.push(new Uint8Array(this.#capacity));
        continue;
      }
      const index = this.#words.length;
      const address = entry !== undefined && (entry.type.op === OP_IP || entry.type.op === OP_DST);
      if (entry !== undefined) {
        if (!address && entry.type.op !== OP_U32 && entry.type.op !== OP_S32)
          throw new Error(`${key} of ${def.name} has no fixed width`);
        this.#what[entry.id] = address ? ADDRESS : WORD;
        this.#where[entry.id] = index;
        if (address) this.#addresses.add(key);
      }
      if (field !== undefined) this.#headerWords.push({ index, offset: field.offset, bytes: widthOf(def, field) });
      this.#wordNames.push(key);
      this.#words.push(new Uint32Array(this.#capacity * (address ? 4 : 1)));
    }
  }

  // What is left behind had to be written once, which is the most that a column costs: new pages.
  #grow(): void {
    const times = this.#capacity < FAST ? 4 : 2;
    this.#capacity *= times;
    for (let i = 0; i < this.#bytes.length; i++) {
      const wider = new Uint8Array(this.#capacity);
      wider.set(this.#bytes[i]!);
      this.#bytes[i] = wider;
    }
    for (let i = 0; i < this.#words.length; i++) {
      const wider = new Uint32Array(this.#words[i]!.length * times);
      wider.set(this.#words[i]!);
      this.#words[i] = wider;
    }
  }

  /** Takes the message of `n` bytes at `p`, which must stay as it is until `flush`. A bad attribute leaves its column 0. */
  add(s: Bytes, p: number, n: number): void {
    this.#def.assertHeader(p, n);
    if (s !== this.#s) {
      this.flush();
      this.#s = s;
    }
    const at = p >> 2;
    let layout = this.#layouts[n >> 2];
    while (layout !== undefined && !(layout.n === n && layout.fits(s.u32, at))) layout = layout.next;
    layout ??= this.#learn(s.u32, at, n);
    if (!layout.wait(this.rows++, at)) this.#copy(layout);
  }

  /** Copies what waits: messages may change after that. */
  flush(): void {
    for (const first of this.#layouts)
      for (let layout = first; layout !== undefined; layout = layout.next) if (layout.waiting > 0) this.#copy(layout);
  }

  #copy(layout: Layout): void {
    while (this.rows > this.#capacity) this.#grow();
    const { u8, u16, u32 } = this.#s!;
    for (const { index, offset } of this.#headerBytes) copyBytes(layout, u8, offset, this.#bytes[index]!);
    for (const { index, offset, bytes } of this.#headerWords) {
      const to = this.#words[index]!;
      if (bytes === 1) widenBytes(layout, u8, offset, to);
      else if (bytes === 2) widenHalves(layout, u16, offset, to);
      else copyWords(layout, u32, offset >> 2, to);
    }
    for (const { from, column, address, word } of layout.copies) {
      const to = this.#words[column]!;
      if (address) copyParts(layout, u32, from, to, word);
      else copyWords(layout, u32, from, to);
    }
    layout.waiting = 0;
  }

  /** The layout of the message of `n` bytes at word `at`; it ends at an attribute that does not fit. */
  #learn(u32: Uint32Array, at: number, n: number): Layout {
    const layout = new Layout(n, this.#layouts[n >> 2]);
    // Of an attribute that comes twice the first counts, as in objects.
    const seen = new Set<number>();
    for (let pos = (this.#def.header.size + 3) & ~3; n - pos >= 4; ) {
      const place = pos >> 2;
      const head = u32[at + place]!;
      const len = LITTLE ? head & 0xffff : head >>> 16;
      const type = (LITTLE ? head >>> 16 : head & 0xffff) & 0x3fff;
      layout.places.push(place);
      layout.heads.push(head);
      if (len < 4 || len > n - pos) break;
      const kind = this.#what[type] ?? NONE;
      const words = kind === NONE || seen.has(type) ? 0 : len === 8 ? 1 : kind === ADDRESS && len === 20 ? 4 : 0;
      for (let word = 0; word < words; word++)
        layout.copies.push({
          from: place + 1 + word,
          column: this.#where[type]!,
          address: kind === ADDRESS,
          word,
        });
      seen.add(type);
      pos += (len + 3) & ~3;
    }
    this.#layouts[n >> 2] = layout;
    let last = layout;
    for (let i = 1; i < KEPT && last.next !== undefined; i++) last = last.next;
    if (last.next !== undefined && last.next.waiting > 0) this.#copy(last.next);
    last.next = undefined;
    return layout;
  }

  /** The columns, trimmed to the rows that were added. */
  finish(): Columns {
    this.flush();
    const data: Record<string, Column> = {};
    for (const key of this.#names) {
      const byte = this.#byteNames.indexOf(key);
      const word = this.#wordNames.indexOf(key);
      if (byte >= 0) data[key] = trimmed(this.#bytes[byte]!, this.rows);
      else if (this.#addresses.has(key)) data[key] = bytesOf(trimmed(this.#words[word]!, this.rows * 4));
      else data[key] = trimmed(this.#words[word]!, this.rows);
    }
    return { length: this.rows, data };
  }
}

export interface Columns {
  readonly length: number;
  readonly data: Readonly<Record<string, Column>>;
}

/** Row `i` of an address column as text; `family` is 2 (inet) or 10 (inet6). Throws InputError for a row or family that is none. */
export function addressAt(column: Uint8Array, i: number, family: number): string {
  if (!(Number.isInteger(i) && i >= 0 && i * 16 < column.length))
    throw new InputError(
      'ERR_OUT_OF_RANGE',
      'i',
      `there are ${column.length / 16} rows, and ${show(i)} is none of them`,
    );
  if (family === 2) return ip4Text(column, i * 16);
  if (family !== 10) throw new InputError('ERR_INVALID_VALUE', 'family', `expected 2 or 10, got ${show(family)}`);
  return ip6Text(new BytesClass(column.subarray(i * 16, i * 16 + 16)), 0);
}
