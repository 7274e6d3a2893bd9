/** vxcan: a pair of CAN links, each the other's wire. VXCAN_INFO_* of linux/can/vxcan.h. */
import { nest } from '../../codec/leaf.js';
import { attr, type In, type Out, type Type } from '../../codec/type.js';
import { peerLink } from './veth.js';

const table = () => ({
  peer: attr(1, peerLink),
});
export interface VxcanData extends Out<typeof table> {}
export interface VxcanDataIn extends In<typeof table> {}
export const vxcan: Type<VxcanData, VxcanDataIn> = nest<VxcanData, VxcanDataIn>('VXCAN_INFO', table);
