/** ip and ip6: destination and options for a link that takes them from each packet (`external`). LWTUNNEL_IP_* of linux/lwtunnel.h. */
import { be64 } from '../../codec/integers.js';
import { be16, be32, bits, bytes, ip4, ip6 as ip6Address, many, nest, skip, u8, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { TUNNEL } from '../constants.js';

const geneve = {
  class: attr(1, be16),
  type: attr(2, u8),
  /** A multiple of four bytes, at most 124. */
  data: attr(3, bytes),
} as const;
export interface GeneveOption extends Out<typeof geneve> {}
export interface GeneveOptionIn extends In<typeof geneve> {}

const vxlan = {
  /** Group based policy. */
  gbp: attr(1, u32),
} as const;
export interface VxlanOption extends Out<typeof vxlan> {}
export interface VxlanOptionIn extends In<typeof vxlan> {}

const erspan = {
  ver: attr(1, u8),
  /** Version 1. */
  index: attr(2, be32),
  /** Version 2. */
  dir: attr(3, words(u8, { ingress: 0, egress: 1 })),
  /** Version 2. */
  hwid: attr(4, u8),
} as const;
export interface ErspanOption extends Out<typeof erspan> {}
export interface ErspanOptionIn extends In<typeof erspan> {}

const options = {
  geneve: attr(1, many(nest<GeneveOption, GeneveOptionIn>('LWTUNNEL_IP_OPT_GENEVE', geneve))),
  vxlan: attr(2, nest<VxlanOption, VxlanOptionIn>('LWTUNNEL_IP_OPT_VXLAN', vxlan)),
  erspan: attr(3, nest<ErspanOption, ErspanOptionIn>('LWTUNNEL_IP_OPT_ERSPAN', erspan)),
} as const;
/** Options of one kind of tunnel. */
export interface TunnelOptions extends Out<typeof options> {}
export interface TunnelOptionsIn extends In<typeof options> {}
const opts = nest<TunnelOptions, TunnelOptionsIn>('LWTUNNEL_IP_OPTS', options);

const table = {
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
} as const;
export interface IpEncap extends Out<typeof table> {}
export interface IpEncapIn extends In<typeof table> {}
export const ip = nest<IpEncap, IpEncapIn>('LWTUNNEL_IP', table);

const table6 = {
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
} as const;
export interface Ip6Encap extends Out<typeof table6> {}
export interface Ip6EncapIn extends In<typeof table6> {}
export const ip6 = nest<Ip6Encap, Ip6EncapIn>('LWTUNNEL_IP6', table6);
