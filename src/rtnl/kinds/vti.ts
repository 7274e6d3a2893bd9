/** vti: what IPsec policies with its keys take, over IPv4. IFLA_VTI_* of linux/if_tunnel.h. */
import { be32, ifindex, ip4, nest, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Index of the lower link. */
  link: attr(1, ifindex),
  ikey: attr(2, be32),
  okey: attr(3, be32),
  local: attr(4, ip4),
  remote: attr(5, ip4),
  fwmark: attr(6, u32),
});
export interface VtiData extends Out<typeof table> {}
export interface VtiDataIn extends In<typeof table> {}
export const vti = nest<VtiData, VtiDataIn>('IFLA_VTI', table);
