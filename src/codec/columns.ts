/** Columns: many messages as typed arrays, one element a message. For full tables: no object per row, transferable to a worker. */
import { type Bytes, Bytes as BytesClass, LITTLE } from './bytes.js';
import type { MessageDef } from './message.js';
import { FIELD_SIZE, type Field } from './struct.js';
import { ip4Text, ip6Text } from './text.js';
import { OP_DST, OP_IP, OP_S32, OP_U32 } from './type.js';

/** A column: bytes for header members, 32 bit words for attributes, sixteen bytes a row for addresses (an IPv4 address in the first four). */
export type Column = Uint8Array | Uint32Array;

const NONE = 0;
const WORD = 1;
const ADDRESS = 2;

interface HeaderColumn {
  index: number;
  offset: number;
}

type Width = 1 | 2 | 4;

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
  readonly #headerBytes: HeaderColumn[] = [];
  readonly #headerWords: (HeaderColumn & { bytes: Width })[] = [];
  readonly #def: MessageDef<object>;
  #capacity = 1024;

  constructor(def: MessageDef<object>, keys: readonly string[]) {
    this.#names = keys;
    this.#def = def;
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

  #grow(): void {
    this.#capacity *= 2;
    for (let i = 0; i < this.#bytes.length; i++) {
      const wider = new Uint8Array(this.#capacity);
      wider.set(this.#bytes[i]!);
      this.#bytes[i] = wider;
    }
    for (let i = 0; i < this.#words.length; i++) {
      const wider = new Uint32Array(this.#words[i]!.length * 2);
      wider.set(this.#words[i]!);
      this.#words[i] = wider;
    }
  }

  /** Takes the message of `n` bytes at `p`. A bad attribute leaves its column 0. */
  add(s: Bytes, p: number, n: number): void {
    this.#def.assertHeader(p, n);
    if (this.rows === this.#capacity) this.#grow();
    const row = this.rows++;
    const { u8, u32 } = s;
    const what = this.#what;
    const where = this.#where;
    const words = this.#words;
    for (let i = 0; i < this.#headerBytes.length; i++) {
      const { index, offset } = this.#headerBytes[i]!;
      this.#bytes[index]![row] = u8[p + offset]!;
    }
    for (let i = 0; i < this.#headerWords.length; i++) {
      const { index, offset, bytes } = this.#headerWords[i]!;
      const at = p + offset;
      words[index]![row] = bytes === 1 ? u8[at]! : bytes === 4 ? u32[at >> 2]! : s.u16[at >> 1]!;
    }
    const end = p + n;
    let pos = p + ((this.#def.header.size + 3) & ~3);
    while (end - pos >= 4) {
      const head = u32[pos >> 2]!;
      const len = LITTLE ? head & 0xffff : head >>> 16;
      const type = (LITTLE ? head >>> 16 : head & 0xffff) & 0x3fff;
      if (len < 4 || len > end - pos) return;
      const kind = type < what.length ? what[type]! : NONE;
      if (kind === WORD) {
        if (len === 8) words[where[type]!]![row] = u32[(pos >> 2) + 1]!;
      } else if (kind === ADDRESS) {
        const column = words[where[type]!]!;
        const w = (pos >> 2) + 1;
        if (len === 8) column[row * 4] = u32[w]!;
        else if (len === 20) {
          column[row * 4] = u32[w]!;
          column[row * 4 + 1] = u32[w + 1]!;
          column[row * 4 + 2] = u32[w + 2]!;
          column[row * 4 + 3] = u32[w + 3]!;
        }
      }
      pos += (len + 3) & ~3;
    }
  }

  /** The columns, trimmed to the rows that were added. */
  finish(): Columns {
    const data: Record<string, Column> = {};
    for (const key of this.#names) {
      const byte = this.#byteNames.indexOf(key);
      const word = this.#wordNames.indexOf(key);
      if (byte >= 0) data[key] = this.#bytes[byte]!.subarray(0, this.rows);
      else if (this.#addresses.has(key)) {
        const all = this.#words[word]!;
        data[key] = new Uint8Array(all.buffer, 0, this.rows * 16);
      } else data[key] = this.#words[word]!.subarray(0, this.rows);
    }
    return { length: this.rows, data };
  }
}

export interface Columns {
  readonly length: number;
  readonly data: Readonly<Record<string, Column>>;
}

/** Row `i` of an address column as text; `family` is 2 (inet) or 10 (inet6). */
export function addressAt(column: Uint8Array, i: number, family: number): string {
  if (family === 2) return ip4Text(column, i * 16);
  return ip6Text(new BytesClass(column.subarray(i * 16, i * 16 + 16)), 0);
}
