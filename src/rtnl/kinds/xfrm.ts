/** xfrm: what IPsec policies with its identifier take. IFLA_XFRM_* of linux/if_link.h. */
import { flag, ifindex, nest, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Index of the lower link. */
  link: attr(1, ifindex),
  /** Identifier of policies and states; not 0. */
  ifId: attr(2, u32),
  /** The identifier comes with each packet (`external`, Linux 6.1). */
  collectMetadata: attr(3, flag),
});
export interface XfrmData extends Out<typeof table> {}
export interface XfrmDataIn extends In<typeof table> {}
export const xfrm = nest<XfrmData, XfrmDataIn>('IFLA_XFRM', table);
