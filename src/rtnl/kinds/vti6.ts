/** vti6: what IPsec policies with its keys take, over IPv6. IFLA_VTI_* of linux/if_tunnel.h. */
import { be32, ifindex, ip6, nest, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Index of the lower link. */
  link: attr(1, ifindex),
  ikey: attr(2, be32),
  okey: attr(3, be32),
  local: attr(4, ip6),
  remote: attr(5, ip6),
  fwmark: attr(6, u32),
});
export interface Vti6Data extends Out<typeof table> {}
export interface Vti6DataIn extends In<typeof table> {}
export const vti6 = nest<Vti6Data, Vti6DataIn>('IFLA_VTI', table);
