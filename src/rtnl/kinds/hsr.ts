/** hsr: frames over two links at once, as HSR or PRP. IFLA_HSR_* of linux/if_link.h. */
import { ifindex, mac, nest, u8, u16, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  slave1: attr(1, ifindex),
  slave2: attr(2, ifindex),
  /** Last byte of the address of supervision frames; input only. */
  multicastSpec: attr(3, u8),
  /** Output only. */
  supervisionAddr: attr(4, mac),
  /** Output only. */
  seqNr: attr(5, u16),
  /** 0: HSR of 2010, 1: of 2012, 2 and above: PRP. Linux before 7.1 does not tell it. */
  version: attr(6, u8),
  protocol: attr(7, words(u8, { hsr: 0, prp: 1 })),
  /** Link to another ring (Linux 6.10). */
  interlink: attr(8, ifindex),
});
export interface HsrData extends Out<typeof table> {}
export interface HsrDataIn extends In<typeof table> {}
export const hsr = nest<HsrData, HsrDataIn>('IFLA_HSR', table);
