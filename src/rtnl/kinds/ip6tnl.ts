/** ip6tnl: IPv4 or IPv6 (or MPLS) in IPv6. IFLA_IPTUN_* of linux/if_tunnel.h. */
import { be16, be32, bits, flag, ifindex, ip6, nest, u8, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { IP6_TNL_F } from '../constants.js';
import { encapFlags, encapType } from './tunnel.js';

const table = () => ({
  /** Index of the lower link. */
  link: attr(1, ifindex),
  /** Source address; `::`: from the route. */
  local: attr(2, ip6),
  remote: attr(3, ip6),
  /** 0: from the inner packet. */
  ttl: attr(4, u8),
  /** How many tunnels may be within each other. */
  encapLimit: attr(6, u8),
  /** Traffic class and flow label, as the first word of an IPv6 header: 0x0CCFFFFF. */
  flowinfo: attr(7, be32),
  /** IP6_TNL_F_* bits. */
  flags: attr(8, bits(u32, IP6_TNL_F)),
  /** Protocol inside (IPPROTO_*): 4 IPv4, 41 IPv6, 137 MPLS, 0 any. */
  proto: attr(9, u8),
  encapType: attr(15, encapType),
  encapFlags: attr(16, encapFlags),
  /** UDP source port; 0: by flow. */
  encapSport: attr(17, be16),
  encapDport: attr(18, be16),
  /** The destination comes with each packet (`external`). */
  collectMetadata: attr(19, flag),
  fwmark: attr(20, u32),
});
export interface Ip6tnlData extends Out<typeof table> {}
export interface Ip6tnlDataIn extends In<typeof table> {}
export const ip6tnl = nest<Ip6tnlData, Ip6tnlDataIn>('IFLA_IPTUN', table);
