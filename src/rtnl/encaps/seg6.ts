/** seg6: IPv6 segment routing. SEG6_IPTUNNEL_* of linux/seg6_iptunnel.h. */
import { InputError, show, within } from '../../codec/errors.js';
import { custom, ip6, u32 } from '../../codec/leaf.js';
import { BAD, readNest } from '../../codec/read.js';
import { integer } from '../../codec/struct.js';
import { Table } from '../../codec/table.js';
import { attr, type Custom, OP_CUSTOM, type Rec, Type, type UnknownAttr } from '../../codec/type.js';
import { isRec, writeAttrs } from '../../codec/write.js';
import type { Writer } from '../../codec/writer.js';
import { readSrh, type SegmentList, type SegmentListIn, segments, writeSrh } from './srh.js';

/** Whether the header goes into the packet, or around it with an IPv6 header of its own; `red` leaves out the first segment. */
const MODES = ['inline', 'encap', 'l2encap', 'encap.red', 'l2encap.red'] as const;
type Mode = (typeof MODES)[number];

/**
 * Segments that packets travel by: in the words of `ip`, with the header's members beside the other attributes. `mode`
 * and `segs` are undefined only when the header could not be decoded.
 */
export interface Seg6Encap extends SegmentList {
  mode: Mode | number;
  /** Source address of the outer header (newer than Linux 6.18). */
  src?: string;
  /** Routing table in which the first segment is looked up (newer than Linux 6.18). */
  table?: number;
  unknown?: UnknownAttr[];
}
export interface Seg6EncapIn extends SegmentListIn {
  mode: Mode | number;
  src?: string | undefined;
  table?: number | undefined;
  unknown?: UnknownAttr[] | undefined;
}

interface Srh extends SegmentList {
  mode: Mode | number;
}

function modeNumber(mode: unknown): number {
  const known = MODES.indexOf(mode as Mode);
  if (known >= 0) return known;
  if (typeof mode === 'string')
    throw new InputError('ERR_INVALID_VALUE', '', `${show(mode)} is not one of ${MODES.join(', ')}`);
  return integer(mode, 0, 0x7fffffff);
}

const isUnspecified = (address: readonly number[] | undefined): boolean =>
  address?.every((byte) => byte === 0) === true;

/** struct seg6_iptunnel_encap: the mode, then a segment routing header. */
function writeEncap(w: Writer, value: Rec): void {
  const p = w.begin(1);
  const mode = within('mode', () => modeNumber(value.mode));
  w.put32(mode);
  const list = within('segs', () => segments(value.segs));
  // The kernel puts the packet's own destination there.
  if (mode === 0 && !isUnspecified(list.at(-1))) list.push(new Array<number>(16).fill(0));
  writeSrh(w, list, value.hmac, value.tag);
  w.end(p);
}

const table = new Table('SEG6_IPTUNNEL', () => ({
  srh: attr(
    1,
    custom<Srh, never>('segment routing header', {
      read(s, p, n) {
        const found = n < 4 ? undefined : readSrh(s, p + 4, n - 4);
        if (found === undefined) return BAD as never;
        const mode = s.u32[p >> 2]!;
        return { mode: MODES[mode] ?? mode, ...found };
      },
      write: () => 0,
    }),
  ),
  src: attr(2, ip6),
  table: attr(3, u32),
}));

// The first attribute is a struct with a header of any length in it. Its members stand beside the others.
const payload: Custom<Seg6Encap, Seg6EncapIn> = {
  read(s, p, n, base) {
    const o = readNest(table, s, p, n, base);
    if (o === BAD) return BAD as never;
    const { srh, ...rest } = o as { srh?: Srh };
    return { ...srh, ...rest } as Seg6Encap;
  },
  write(w, value, base) {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected an object, got ${show(value)}`);
    const start = w.pos;
    const { mode, segs, hmac, tag, ...rest } = value as Rec;
    if (Object.hasOwn(rest, 'srh'))
      throw new InputError('ERR_UNKNOWN_KEY', 'srh', 'its members are mode, segs, hmac and tag');
    // Bytes that could not be read come back as they were.
    if (mode !== undefined || segs !== undefined || rest.unknown === undefined) writeEncap(w, value);
    writeAttrs(table, w, rest, base);
    return w.pos - start;
  },
};

export const seg6 = new Type<Seg6Encap, Seg6EncapIn>(OP_CUSTOM, 'seg6', 0, {
  nest: table,
  custom: payload as Custom<unknown, never>,
});
