/**
 * Views over one stretch of memory. Netlink messages and attributes start at multiples of four, so 16 and 32 bit
 * values are read through aligned typed arrays, which is several times faster than a DataView.
 */

/** Whether this machine stores the low byte first. Netlink is in host byte order. */
export const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Bytes with 16 and 32 bit views of the same memory; offsets are bytes from the start of `u8`. */
export class Bytes {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;

  /** `u8` must start at a multiple of four within its buffer; `aligned` makes it so. */
  constructor(u8: Uint8Array) {
    this.u8 = u8;
    this.u16 = new Uint16Array(u8.buffer, u8.byteOffset, u8.length >> 1);
    this.u32 = new Uint32Array(u8.buffer, u8.byteOffset, u8.length >> 2);
    this.i32 = new Int32Array(u8.buffer, u8.byteOffset, u8.length >> 2);
  }
}

/** Views over any bytes: copied when they do not start at a multiple of four. */
export function aligned(data: Uint8Array): Bytes {
  return new Bytes(data.byteOffset & 3 ? data.slice() : data);
}

/** `n` rounded up to a multiple of four (NLMSG_ALIGN, NLA_ALIGN). */
export const align4 = (n: number): number => (n + 3) & ~3;

/** Bytes as lower-case hex, without separators. */
export function toHex(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += byte.toString(16).padStart(2, '0');
  return text;
}
