/** ipvlan and ipvtap: links with IP addresses of their own and the MAC address of one lower link. IFLA_IPVLAN_* of linux/if_link.h. */
import { bits, nest, u16, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { IPVLAN_F } from '../constants.js';

const table = () => ({
  mode: attr(1, words(u16, { l2: 0, l3: 1, l3s: 2 })),
  /** IPVLAN_F_* bits; none: the links reach each other. */
  flags: attr(2, bits(u16, IPVLAN_F)),
});
export interface IpvlanData extends Out<typeof table> {}
export interface IpvlanDataIn extends In<typeof table> {}
export const ipvlan = nest<IpvlanData, IpvlanDataIn>('IFLA_IPVLAN', table);
