/** The segment routing header of IPv6 (RFC 8754): struct ipv6_sr_hdr of linux/seg6.h, with at most an HMAC behind the segments. */
import type { Bytes } from '../../codec/bytes.js';
import { InputError, show, within } from '../../codec/errors.js';
import { integer } from '../../codec/struct.js';
import { formatIp6, parseIp6 } from '../../codec/text.js';
import type { Writer } from '../../codec/writer.js';

const TYPE = 4;
const HEADER = 8;
const SEGMENT = 16;
/** hdrlen is one byte and counts eight bytes. */
const SEGMENTS_MAX = 127;
const FLAG_HMAC = 0x8;
const TLV_HMAC = 5;
const TLV_HMAC_SIZE = 40;

/** A list of segments. */
export interface SegmentList {
  /** In the order of travel. */
  segs: string[];
  /** Number of the key that signs the header. */
  hmac?: number;
  /** Class of packets; absent: 0. */
  tag?: number;
}
export interface SegmentListIn {
  /** Addresses in the order of travel: an array, or one string with commas between. */
  segs: string | readonly string[];
  hmac?: number | undefined;
  tag?: number | undefined;
}

const be16 = (s: Bytes, p: number): number => (s.u8[p]! << 8) | s.u8[p + 1]!;
const be32 = (s: Bytes, p: number): number => be16(s, p) * 0x10000 + be16(s, p + 2);
const isZero = (s: Bytes, p: number, n: number): boolean => s.u8.subarray(p, p + n).every((byte) => byte === 0);

/**
 * The header in `n` bytes at `p`; undefined when it is none, or has what a list of segments does not say: then the
 * bytes are kept as they are. Segments are stored last first.
 */
export function readSrh(s: Bytes, p: number, n: number): SegmentList | undefined {
  if (n < HEADER + SEGMENT || s.u8[p] !== 0 || s.u8[p + 2] !== TYPE || (s.u8[p + 1]! + 1) * 8 !== n) return undefined;
  const count = s.u8[p + 4]! + 1;
  const flags = s.u8[p + 5]!;
  const rest = n - HEADER - SEGMENT * count;
  const hmac = flags === FLAG_HMAC;
  if (s.u8[p + 3] !== count - 1 || (flags !== 0 && !hmac) || rest !== (hmac ? TLV_HMAC_SIZE : 0)) return undefined;
  const found: SegmentList = { segs: [] };
  for (let i = count - 1; i >= 0; i--) found.segs.push(formatIp6(s.u8, p + HEADER + SEGMENT * i));
  if (hmac) {
    const at = p + n - TLV_HMAC_SIZE;
    if (s.u8[at] !== TLV_HMAC || s.u8[at + 1] !== TLV_HMAC_SIZE - 2 || !isZero(s, at + 2, 2) || !isZero(s, at + 8, 32))
      return undefined;
    found.hmac = be32(s, at + 4);
  }
  const tag = be16(s, p + 6);
  if (tag !== 0) found.tag = tag;
  return found;
}

/** The addresses of a list, checked. */
export function segments(segs: unknown): number[][] {
  const list: unknown = typeof segs === 'string' ? segs.split(',') : segs;
  if (!Array.isArray(list))
    throw new InputError('ERR_INVALID_VALUE', '', `expected an array of IPv6 addresses, got ${show(segs)}`);
  if (list.length === 0 || list.length > SEGMENTS_MAX)
    throw new InputError('ERR_OUT_OF_RANGE', '', `has ${list.length} segments, 1 to ${SEGMENTS_MAX} are possible`);
  return list.map((text: unknown, i) => {
    const address = typeof text === 'string' ? parseIp6(text) : null;
    if (address === null)
      throw new InputError(
        'ERR_INVALID_VALUE',
        typeof segs === 'string' ? '' : `[${i}]`,
        `${show(text)} is not an IPv6 address`,
      );
    return address;
  });
}

/** Appends a header; returns its size. */
export function writeSrh(w: Writer, list: readonly number[][], hmac: unknown, tag: unknown): number {
  const key = hmac === undefined ? undefined : within('hmac', () => integer(hmac, 1, 0xffffffff));
  const mark = tag === undefined ? 0 : within('tag', () => integer(tag, 0, 0xffff));
  const size = HEADER + SEGMENT * list.length + (key === undefined ? 0 : TLV_HMAC_SIZE);
  const last = list.length - 1;
  if (size / 8 - 1 > 255)
    throw new InputError('ERR_OUT_OF_RANGE', 'segs', `${list.length} segments do not fit, with the HMAC`);
  const p = w.reserve(size);
  w.u8.set([0, size / 8 - 1, TYPE, last, last, key === undefined ? 0 : FLAG_HMAC, mark >> 8, mark & 255], p);
  list.forEach((address, i) => {
    w.u8.set(address, p + HEADER + SEGMENT * (last - i));
  });
  if (key !== undefined) {
    const at = p + size - TLV_HMAC_SIZE;
    w.u8[at] = TLV_HMAC;
    w.u8[at + 1] = TLV_HMAC_SIZE - 2;
    w.putBe32(at + 4, key);
  }
  return size;
}
