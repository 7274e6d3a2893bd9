/** vrf: a routing domain; its ports route by its table. IFLA_VRF_* of linux/if_link.h. */
import { nest, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Number of the routing table. It cannot change. */
  table: attr(1, u32),
});
export interface VrfData extends Out<typeof table> {}
export interface VrfDataIn extends In<typeof table> {}
export const vrf = nest<VrfData, VrfDataIn>('IFLA_VRF', table);
