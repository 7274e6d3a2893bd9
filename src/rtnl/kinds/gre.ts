/** gre, gretap and erspan: IP, Ethernet and mirrored frames over GRE over IPv4. IFLA_GRE_* of linux/if_tunnel.h. */
import { be16, be32, bits, bool8, flag, ifindex, ip4, nest, ranged, u8, u16, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { GRE } from '../constants.js';
import { encapFlags, encapType } from './tunnel.js';

/** What gre has, over IPv4 and IPv6. */
export const greTable = () => ({
  /** Index of the lower link. */
  link: attr(1, ifindex),
  /** GRE_* bits of packets that come in. */
  iflags: attr(2, bits(be16, GRE)),
  /** GRE_* bits of packets that leave. */
  oflags: attr(3, bits(be16, GRE)),
  /** Needs the bit `key` in `iflags`. */
  ikey: attr(4, be32),
  /** Needs the bit `key` in `oflags`. */
  okey: attr(5, be32),
  /** 0: from the inner packet. */
  ttl: attr(8, u8),
  encapType: attr(14, encapType),
  encapFlags: attr(15, encapFlags),
  /** UDP source port; 0: by flow. */
  encapSport: attr(16, be16),
  encapDport: attr(17, be16),
  /** Destination and key come with each packet (`external`). */
  collectMetadata: attr(18, flag),
  fwmark: attr(20, u32),
  /** 20 bits. */
  erspanIndex: attr(21, ranged(u32, 0, 0xfffff)),
  erspanVer: attr(22, u8),
  erspanDir: attr(23, words(u8, { ingress: 0, egress: 1 })),
  /** 6 bits. */
  erspanHwid: attr(24, ranged(u16, 0, 63)),
});

const table = () => ({
  ...greTable(),
  /** Source address; 0.0.0.0: from the route. */
  local: attr(6, ip4),
  remote: attr(7, ip4),
  /** 1: from the inner packet. */
  tos: attr(9, u8),
  /** Path MTU discovery: the bit DF is set. */
  pmtudisc: attr(10, bool8),
  /** Fragment whatever the inner packet says. */
  ignoreDf: attr(19, bool8),
});
export interface GreData extends Out<typeof table> {}
export interface GreDataIn extends In<typeof table> {}
export const gre = nest<GreData, GreDataIn>('IFLA_GRE', table);
