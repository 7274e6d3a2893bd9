/** ip6gre, ip6gretap and ip6erspan: IP, Ethernet and mirrored frames over GRE over IPv6. IFLA_GRE_* of linux/if_tunnel.h. */
import { be32, bits, ip6, nest, u8, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { IP6_TNL_F } from '../constants.js';
import { greTable } from './gre.js';

const table = () => ({
  ...greTable(),
  /** Source address; `::`: from the route. */
  local: attr(6, ip6),
  remote: attr(7, ip6),
  /** How many tunnels may be within each other. */
  encapLimit: attr(11, u8),
  /** Traffic class and flow label, as the first word of an IPv6 header: 0x0CCFFFFF. */
  flowinfo: attr(12, be32),
  /** IP6_TNL_F_* bits. */
  flags: attr(13, bits(u32, IP6_TNL_F)),
});
export interface Ip6greData extends Out<typeof table> {}
export interface Ip6greDataIn extends In<typeof table> {}
export const ip6gre = nest<Ip6greData, Ip6greDataIn>('IFLA_GRE', table);
