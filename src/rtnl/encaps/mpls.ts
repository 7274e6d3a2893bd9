/** mpls: labels in front of the packet. MPLS_IPTUNNEL_* of linux/mpls_iptunnel.h. */
import { nest, u8 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { labels } from '../labels.js';

const table = () => ({
  dst: attr(1, labels),
  /** TTL of the labels; 0: that of the packet. */
  ttl: attr(2, u8),
});
export interface MplsEncap extends Out<typeof table> {}
export interface MplsEncapIn extends In<typeof table> {}
export const mpls = nest<MplsEncap, MplsEncapIn>('MPLS_IPTUNNEL', table);
