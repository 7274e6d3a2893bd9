/** ip and ip6: destination and options for a link that takes them from each packet (`external`). LWTUNNEL_IP_* of linux/lwtunnel.h. */
import { align4 } from '../../codec/bytes.js';
import { InputError, show } from '../../codec/errors.js';
import { be64 } from '../../codec/integers.js';
import {
  be16,
  be32,
  bits,
  bytes,
  custom,
  ip4,
  ip6 as ip6Address,
  many,
  nest,
  skip,
  u8,
  u32,
  words,
} from '../../codec/leaf.js';
import { BAD, readNest } from '../../codec/read.js';
import { Table } from '../../codec/table.js';
import { attr, type Custom, type In, OP_CUSTOM, type Out, type Rec, Type, type UnknownAttr } from '../../codec/type.js';
import { isRec, writeAttrs } from '../../codec/write.js';
import { TUNNEL } from '../constants.js';

const geneve = () => ({
  class: attr(1, be16),
  type: attr(2, u8),
  /** A multiple of four bytes, at most 124. */
  data: attr(3, bytes),
});
export interface GeneveOption extends Out<typeof geneve> {}
export interface GeneveOptionIn extends In<typeof geneve> {}

const vxlan = () => ({
  /** Group based policy. */
  gbp: attr(1, u32),
});
export interface VxlanOption extends Out<typeof vxlan> {}
export interface VxlanOptionIn extends In<typeof vxlan> {}

const erspan = () => ({
  ver: attr(1, u8),
  /** Version 1. */
  index: attr(2, be32),
  /** Version 2. */
  dir: attr(3, words(u8, { ingress: 0, egress: 1 })),
  /** Version 2. */
  hwid: attr(4, u8),
});
export interface ErspanOption extends Out<typeof erspan> {}
export interface ErspanOptionIn extends In<typeof erspan> {}

/** Options of one kind of tunnel. */
export interface TunnelOptions {
  geneve?: GeneveOption[];
  vxlan?: VxlanOption;
  erspan?: ErspanOption;
  unknown?: UnknownAttr[];
}
export interface TunnelOptionsIn {
  /** Up to 124 bytes of all data. */
  geneve?: readonly GeneveOptionIn[] | undefined;
  vxlan?: VxlanOptionIn | undefined;
  erspan?: ErspanOptionIn | undefined;
  unknown?: UnknownAttr[] | undefined;
}

const geneveNest = nest<GeneveOption, GeneveOptionIn>('LWTUNNEL_IP_OPT_GENEVE', geneve);
const CLASS = 1;

/** Class, type and data, one option after the other. */
const run = custom<GeneveOption[], never>('geneve options', {
  read(s, p, n, base) {
    const starts: number[] = [];
    for (let at = p; p + n - at >= 4; at += align4(Math.max(4, s.u16[at >> 1]!)))
      if ((s.u16[(at >> 1) + 1]! & 0x3fff) === CLASS) starts.push(at);
    if (starts[0] !== p && n > 0) return BAD as never;
    return starts.map((at, i) => readNest(geneveNest.aux.nest!, s, at, (starts[i + 1] ?? p + n) - at, base) as never);
  },
  write: () => 0,
});

const others = () => ({
  vxlan: attr(2, nest<VxlanOption, VxlanOptionIn>('LWTUNNEL_IP_OPT_VXLAN', vxlan)),
  erspan: attr(3, nest<ErspanOption, ErspanOptionIn>('LWTUNNEL_IP_OPT_ERSPAN', erspan)),
});
const sent = new Table('LWTUNNEL_IP_OPTS', () => ({ geneve: attr(1, many(run)), ...others() }));
const taken = new Table('LWTUNNEL_IP_OPTS', () => ({ geneve: attr(1, many(geneveNest)), ...others() }));

// The kernel takes a nest for each option of geneve, and sends all of them in one.
const options: Custom<TunnelOptions, TunnelOptionsIn> = {
  read(s, p, n, base) {
    const o = readNest(sent, s, p, n, base);
    if (o === BAD) return BAD as never;
    const { geneve: runs, ...rest } = o as { geneve?: GeneveOption[][] };
    return runs === undefined ? rest : { geneve: runs.flat(), ...rest };
  },
  write(w, value, base) {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected an object, got ${show(value)}`);
    const start = w.pos;
    writeAttrs(taken, w, value as Rec, base);
    return w.pos - start;
  },
};
const opts = new Type<TunnelOptions, TunnelOptionsIn>(OP_CUSTOM, 'options of a tunnel', 0, {
  nest: taken,
  custom: options as Custom<unknown, never>,
});

const table = () => ({
  /** Identifier or key of the tunnel. */
  id: attr(1, be64),
  dst: attr(2, ip4),
  src: attr(3, ip4),
  ttl: attr(4, u8),
  tos: attr(5, u8),
  /** TUNNEL bits. */
  flags: attr(6, bits(be16, TUNNEL)),
  pad: attr(7, skip),
  opts: attr(8, opts),
});
export interface IpEncap extends Out<typeof table> {}
export interface IpEncapIn extends In<typeof table> {}
export const ip = nest<IpEncap, IpEncapIn>('LWTUNNEL_IP', table);

const table6 = () => ({
  /** Identifier or key of the tunnel. */
  id: attr(1, be64),
  dst: attr(2, ip6Address),
  src: attr(3, ip6Address),
  hoplimit: attr(4, u8),
  tc: attr(5, u8),
  /** TUNNEL bits. */
  flags: attr(6, bits(be16, TUNNEL)),
  pad: attr(7, skip),
  opts: attr(8, opts),
});
export interface Ip6Encap extends Out<typeof table6> {}
export interface Ip6EncapIn extends In<typeof table6> {}
export const ip6 = nest<Ip6Encap, Ip6EncapIn>('LWTUNNEL_IP6', table6);
