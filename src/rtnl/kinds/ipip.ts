/** ipip: IPv4 (or MPLS) in IPv4. IFLA_IPTUN_* of linux/if_tunnel.h. */
import { be16, bool8, flag, ifindex, ip4, nest, u8, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { encapFlags, encapType } from './tunnel.js';

/** What ipip and sit have. */
export const ipipTable = () => ({
  /** Index of the lower link. */
  link: attr(1, ifindex),
  /** Source address; 0.0.0.0: from the route. */
  local: attr(2, ip4),
  remote: attr(3, ip4),
  /** 0: from the inner packet. */
  ttl: attr(4, u8),
  /** 1: from the inner packet. */
  tos: attr(5, u8),
  /** Protocol inside (IPPROTO_*): 4 IPv4, 41 IPv6, 137 MPLS, 0 any. */
  proto: attr(9, u8),
  /** Path MTU discovery: the bit DF is set. */
  pmtudisc: attr(10, bool8),
  encapType: attr(15, encapType),
  encapFlags: attr(16, encapFlags),
  /** UDP source port; 0: by flow. */
  encapSport: attr(17, be16),
  encapDport: attr(18, be16),
  /** The destination comes with each packet (`external`). */
  collectMetadata: attr(19, flag),
  fwmark: attr(20, u32),
});
export interface IpipData extends Out<typeof ipipTable> {}
export interface IpipDataIn extends In<typeof ipipTable> {}
export const ipip = nest<IpipData, IpipDataIn>('IFLA_IPTUN', ipipTable);
