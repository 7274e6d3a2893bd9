/** xfrm: the policy for an xfrm link that takes its identifier from each packet (`external`). LWT_XFRM_* of linux/lwtunnel.h (Linux 6.1). */
import { ifindex, nest, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Not 0. */
  ifId: attr(1, u32),
  /** Index of the lower link. */
  link: attr(2, ifindex),
});
export interface XfrmEncap extends Out<typeof table> {}
export interface XfrmEncapIn extends In<typeof table> {}
export const xfrm = nest<XfrmEncap, XfrmEncapIn>('LWT_XFRM', table);
