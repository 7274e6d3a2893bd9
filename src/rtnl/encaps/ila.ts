/** ila: the locator of an address replaced on the way. ILA_ATTR_* of linux/ila.h. */
import { be64 } from '../../codec/integers.js';
import { nest, u8, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** The upper half of the address: `ip` writes it as four groups. */
  locator: attr(1, be64),
  csumMode: attr(7, words(u8, { 'adj-transport': 0, 'neutral-map': 1, 'no-action': 2, 'neutral-map-auto': 3 })),
  identType: attr(
    8,
    words(u8, {
      iid: 0,
      luid: 1,
      'virt-v4': 2,
      'virt-uni-v6': 3,
      'virt-multi-v6': 4,
      'nonlocal-addr': 5,
      'use-format': 32,
    }),
  ),
  hookType: attr(9, words(u8, { output: 0, input: 1 })),
});
export interface IlaEncap extends Out<typeof table> {}
export interface IlaEncapIn extends In<typeof table> {}
export const ila = nest<IlaEncap, IlaEncapIn>('ILA_ATTR', table);
