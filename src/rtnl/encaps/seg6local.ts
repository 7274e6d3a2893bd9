/** seg6local: what a node does with packets to one of its segments. SEG6_LOCAL_* of linux/seg6_local.h. */
import { InputError, show, within } from '../../codec/errors.js';
import { bits, cstr, custom, ifindex, ip4, ip6, nest, skip, u8, u32, u64, words } from '../../codec/leaf.js';
import { BAD } from '../../codec/read.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { isRec } from '../../codec/write.js';
import { SEG6_LOCAL_FLV_OP } from '../constants.js';
import { readSrh, type SegmentList, type SegmentListIn, segments, writeSrh } from './srh.js';

const ACTION = {
  unspec: 0,
  End: 1,
  'End.X': 2,
  'End.T': 3,
  'End.DX2': 4,
  'End.DX6': 5,
  'End.DX4': 6,
  'End.DT6': 7,
  'End.DT4': 8,
  'End.B6': 9,
  'End.B6.Encaps': 10,
  'End.BM': 11,
  'End.S': 12,
  'End.AS': 13,
  'End.AM': 14,
  'End.BPF': 15,
  'End.DT46': 16,
};

const srh = custom<SegmentList, SegmentListIn>('segment routing header', {
  read: (s, p, n) => readSrh(s, p, n) ?? (BAD as never),
  write(w, value) {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected { segs }, got ${show(value)}`);
    const { segs, hmac, tag, ...rest } = value;
    for (const key of Object.keys(rest))
      throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key; known: segs, hmac, tag');
    return writeSrh(
      w,
      within('segs', () => segments(segs)),
      hmac,
      tag,
    );
  },
});

const bpf = () => ({
  /** Descriptor of the program; output: its number. */
  prog: attr(1, u32),
  progName: attr(2, cstr, 'SEG6_LOCAL_BPF_PROG_NAME'),
});
export interface Seg6LocalBpf extends Out<typeof bpf> {}
export interface Seg6LocalBpfIn extends In<typeof bpf> {}

const counters = () => ({
  pad: attr(1, skip),
  packets: attr(2, u64),
  bytes: attr(3, u64),
  errors: attr(4, u64),
});
export interface Seg6LocalCounters extends Out<typeof counters> {}
export interface Seg6LocalCountersIn extends In<typeof counters> {}

const flavors = () => ({
  /** SEG6_LOCAL_FLV_OP bits. */
  operation: attr(1, bits(u32, SEG6_LOCAL_FLV_OP)),
  /** Bits of the locator block (next-csid). */
  lcblockBits: attr(2, u8),
  /** Bits of the locator node and function (next-csid). */
  lcnodeFnBits: attr(3, u8),
});
export interface Seg6LocalFlavors extends Out<typeof flavors> {}
export interface Seg6LocalFlavorsIn extends In<typeof flavors> {}

const table = () => ({
  action: attr(1, words(u32, ACTION)),
  /** Segments for End.B6 and End.B6.Encaps. The last one for End.B6 is `::`: the kernel puts the packet's destination there. */
  srh: attr(2, srh),
  /** Routing table for End.T and End.DT6. */
  table: attr(3, u32),
  /** Next hop for End.DX4. */
  nh4: attr(4, ip4),
  /** Next hop for End.X and End.DX6. */
  nh6: attr(5, ip6),
  iif: attr(6, ifindex),
  /** Link for End.DX2. */
  oif: attr(7, ifindex),
  bpf: attr(8, nest<Seg6LocalBpf, Seg6LocalBpfIn>('SEG6_LOCAL_BPF', bpf)),
  /** Routing table of a VRF for End.DT4, End.DT6 and End.DT46. */
  vrftable: attr(9, u32),
  /** Input: all three as 0 to count; they start at 0 whatever is given. */
  counters: attr(10, nest<Seg6LocalCounters, Seg6LocalCountersIn>('SEG6_LOCAL_CNT', counters)),
  /** Linux 6.2. */
  flavors: attr(11, nest<Seg6LocalFlavors, Seg6LocalFlavorsIn>('SEG6_LOCAL_FLV', flavors)),
});
export interface Seg6LocalEncap extends Out<typeof table> {}
export interface Seg6LocalEncapIn extends In<typeof table> {}
export const seg6local = nest<Seg6LocalEncap, Seg6LocalEncapIn>('SEG6_LOCAL', table);
