/** Requests as the fake kernel reads them, and messages as it writes them. It uses numbers of the kernel, not our tables. */
import { LITTLE } from '../codec/bytes.js';
import { beginMessage, endMessage } from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import { E, refuse } from './errno.js';

const NLA_TYPE_MASK = 0x3fff;
const NLA_F_NESTED = 0x8000;

export const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

/** Whether two runs of bytes are the same. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

export const hexOf = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

const text = new TextDecoder();
const utf8 = new TextEncoder();

/** Attributes of a request or of a nest in it. */
export class Attrs {
  readonly #found = new Map<number, { data: Uint8Array; at: number }>();
  /** In the order in which they came, repeated ones too. */
  readonly list: { type: number; data: Uint8Array; at: number }[] = [];

  /** `at`: where `data` starts in the message. */
  constructor(data: Uint8Array, at: number) {
    const v = viewOf(data);
    for (let p = 0; p + 4 <= data.length; ) {
      const length = v.getUint16(p, LITTLE);
      if (length < 4 || p + length > data.length) break;
      const type = v.getUint16(p + 2, LITTLE) & NLA_TYPE_MASK;
      const attr = { data: data.subarray(p + 4, p + length), at: at + p };
      this.#found.set(type, attr);
      this.list.push({ type, ...attr });
      p += (length + 3) & ~3;
    }
  }

  has(type: number): boolean {
    return this.#found.has(type);
  }
  get(type: number): Uint8Array | undefined {
    return this.#found.get(type)?.data;
  }
  /** Where the attribute starts in the message. */
  at(type: number): number | undefined {
    return this.#found.get(type)?.at;
  }
  #sized(type: number, size: number): DataView | undefined {
    const attr = this.#found.get(type);
    if (attr === undefined) return undefined;
    if (attr.data.length < size) refuse(E.RANGE, 'Attribute failed policy validation', attr.at);
    return viewOf(attr.data);
  }
  u8(type: number): number | undefined {
    return this.#sized(type, 1)?.getUint8(0);
  }
  u16(type: number): number | undefined {
    return this.#sized(type, 2)?.getUint16(0, LITTLE);
  }
  u32(type: number): number | undefined {
    return this.#sized(type, 4)?.getUint32(0, LITTLE);
  }
  s32(type: number): number | undefined {
    return this.#sized(type, 4)?.getInt32(0, LITTLE);
  }
  str(type: number): string | undefined {
    const data = this.get(type);
    if (data === undefined) return undefined;
    const end = data.indexOf(0);
    return text.decode(end < 0 ? data : data.subarray(0, end));
  }
  nest(type: number): Attrs | undefined {
    const attr = this.#found.get(type);
    return attr && new Attrs(attr.data, attr.at + 4);
  }
}

/** One message of a request. */
export class Request {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    /** Port id of whoever sent it. */
    readonly port: number,
  ) {
    this.#view = viewOf(bytes);
    this.type = this.#view.getUint16(4, LITTLE);
    this.flags = this.#view.getUint16(6, LITTLE);
    this.seq = this.#view.getUint32(8, LITTLE);
  }

  /** Members of the fixed header behind nlmsghdr; 0 where the request is too short for them. */
  h8(at: number): number {
    return at + 17 <= this.bytes.length ? this.#view.getUint8(16 + at) : 0;
  }
  h16(at: number): number {
    return at + 18 <= this.bytes.length ? this.#view.getUint16(16 + at, LITTLE) : 0;
  }
  h32(at: number): number {
    return at + 20 <= this.bytes.length ? this.#view.getUint32(16 + at, LITTLE) : 0;
  }
  /** Attributes behind a fixed header of `size` bytes. */
  attrs(size: number): Attrs {
    const at = Math.min(16 + size, this.bytes.length);
    return new Attrs(this.bytes.subarray(at), at);
  }
  /** Flags as the acknowledgement has them: the kernel changes some of a request on its way. */
  setFlags(flags: number): void {
    this.#view.setUint16(6, flags, LITTLE);
  }
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}

/** Builds the payload of a message. */
export class Payload {
  constructor(readonly w: Writer) {}

  /** The fixed header. */
  head(...parts: readonly (readonly [size: 1 | 2 | 4, value: number])[]): void {
    const size = parts.reduce((sum, [n]) => sum + n, 0);
    let p = this.w.reserve(size);
    const v = viewOf(this.w.u8);
    for (const [n, value] of parts) {
      if (n === 1) v.setUint8(p, value);
      else if (n === 2) v.setUint16(p, value, LITTLE);
      else v.setUint32(p, value >>> 0, LITTLE);
      p += n;
    }
  }
  u8(type: number, value: number): void {
    this.bytes(type, [value]);
  }
  u16(type: number, value: number): void {
    this.bytes(type, [value & 0xff, value >> 8]);
  }
  u32(type: number, value: number): void {
    this.w.attrU32(type, value >>> 0);
  }
  str(type: number, value: string): void {
    this.bytes(type, utf8.encode(`${value}\0`));
  }
  bytes(type: number, value: ArrayLike<number>): void {
    this.w.attrBytes(type, value);
  }
  /** A nest, without the flag that most of the kernel's older code does not set. */
  nest(type: number, write: () => void): void {
    const p = this.w.begin(type);
    write();
    this.w.end(p);
  }
  flagged(type: number, write: () => void): void {
    this.nest(type | NLA_F_NESTED, write);
  }
}

/** Whom a message answers or names as its cause: nobody's is 0 and 0. */
export interface Cause {
  seq: number;
  port: number;
}
export const NOBODY: Cause = { seq: 0, port: 0 };

/** Writes the payload of one message. */
export type Fill = (m: Payload) => void;

/** A whole message. */
export function message(type: number, flags: number, { seq, port }: Cause, fill: Fill): Uint8Array {
  const w = new Writer(256);
  const p = beginMessage(w, type, flags, seq, port);
  fill(new Payload(w));
  endMessage(w, p);
  return w.bytes();
}

export const u32Bytes = (value: number): Uint8Array => {
  const b = new Uint8Array(4);
  viewOf(b).setUint32(0, value >>> 0, LITTLE);
  return b;
};
