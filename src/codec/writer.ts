/** A growing buffer for messages. Everything starts at multiples of four and all padding is zero. */
import { Bytes, LITTLE } from './bytes.js';
import { InputError } from './errors.js';

/** NLA_F_NESTED: set on every nest. */
export const NLA_F_NESTED = 0x8000;

/** A number that is known by a name until it is sent: index of an interface, or descriptor of a namespace. */
export interface Reference {
  what: 'interface' | 'namespace';
  /** Where the 32 bit number belongs. */
  p: number;
  name: string;
}

export class Writer {
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  /** Bytes written so far. */
  pos = 0;
  /** What was given by name, in the order of places. */
  references: Reference[] = [];
  #view: Uint8Array | undefined;

  constructor(capacity = 512) {
    const b = new Bytes(new Uint8Array(capacity));
    this.u8 = b.u8;
    this.u16 = b.u16;
    this.u32 = b.u32;
  }

  /** Makes room for `n` more bytes. */
  need(n: number): void {
    if (this.pos + n <= this.u8.length) return;
    const bytes = new Uint8Array(Math.max(this.u8.length * 2, (this.pos + n + 7) & ~7));
    bytes.set(this.u8.subarray(0, this.pos));
    const b = new Bytes(bytes);
    this.u8 = b.u8;
    this.u16 = b.u16;
    this.u32 = b.u32;
    this.#view = undefined;
  }

  /** Appends `n` zero bytes and padding to a multiple of four; returns where they start. */
  reserve(n: number): number {
    const size = (n + 3) & ~3;
    this.need(size);
    const p = this.pos;
    // The buffer is reused between messages, so old bytes must go.
    if (size <= 16) for (let w = p >> 2; w < (p + size) >> 2; w++) this.u32[w] = 0;
    else this.u8.fill(0, p, p + size);
    this.pos = p + size;
    return p;
  }

  /** Starts an attribute; `end` closes it. Returns its place. */
  begin(type: number): number {
    const p = this.reserve(4);
    this.u16[(p >> 1) + 1] = type;
    return p;
  }

  /** Closes the attribute at `p`, whose payload ends `pad` bytes before the current position. */
  end(p: number, pad = 0): void {
    const length = this.pos - p - pad;
    if (length > 0xffff)
      throw new InputError('ERR_OUT_OF_RANGE', '', `takes ${length} bytes, at most 65535 fit into an attribute`);
    this.u16[p >> 1] = length;
  }

  /** A whole attribute with a 32 bit payload in host order. */
  attrU32(type: number, value: number): void {
    this.need(8);
    const w = this.pos >> 2;
    this.u32[w] = LITTLE ? 8 | (type << 16) : (8 << 16) | type;
    this.u32[w + 1] = value;
    this.pos += 8;
  }

  /** A whole attribute with any payload. */
  attrBytes(type: number, data: ArrayLike<number>): void {
    const p = this.begin(type);
    const at = this.reserve(data.length);
    this.u8.set(data, at);
    this.end(p, this.pos - at - data.length);
  }

  // `w.u32[w.reserve(4) >> 2] = v` would take the array before `reserve` replaces it; hence these.

  /** Appends a padded byte. */
  put8(value: number): void {
    const p = this.reserve(1);
    this.u8[p] = value;
  }

  /** Appends a padded 16 bit value in host order. */
  put16(value: number): void {
    const p = this.reserve(2);
    this.u16[p >> 1] = value;
  }

  /** Appends a 32 bit value in host order. */
  put32(value: number): void {
    const p = this.reserve(4);
    this.u32[p >> 2] = value;
  }

  put64(p: number, value: bigint): void {
    const low = Number(value & 0xffffffffn);
    const high = Number((value >> 32n) & 0xffffffffn);
    this.u32[p >> 2] = LITTLE ? low : high;
    this.u32[(p >> 2) + 1] = LITTLE ? high : low;
  }

  putBe32(p: number, value: number): void {
    this.u8[p] = value >>> 24;
    this.u8[p + 1] = value >>> 16;
    this.u8[p + 2] = value >>> 8;
    this.u8[p + 3] = value;
  }

  /** Appends bytes, padded. */
  append(data: ArrayLike<number>): void {
    const p = this.reserve(data.length);
    this.u8.set(data, p);
  }

  /** What was written, until something else is: the same object where it is as long as it was the last time. */
  get view(): Uint8Array {
    if (this.#view?.length !== this.pos) this.#view = this.u8.subarray(0, this.pos);
    return this.#view;
  }

  /** What was written, as a copy. */
  bytes(): Uint8Array {
    return this.u8.slice(0, this.pos);
  }

  /** Forgets what was written since a place, and the references but the first ones. */
  back(pos: number, references: number): void {
    this.pos = pos;
    this.references.length = references;
  }

  reset(): void {
    this.pos = 0;
    if (this.references.length > 0) this.references = [];
  }
}
