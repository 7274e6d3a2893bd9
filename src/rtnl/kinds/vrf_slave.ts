/** A port of a VRF. IFLA_VRF_PORT_* of linux/if_link.h; output only. */
import { nest, u32 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Number of the VRF's routing table. */
  table: attr(1, u32),
});
export interface VrfSlaveData extends Out<typeof table> {}
export interface VrfSlaveDataIn extends In<typeof table> {}
export const vrfSlave = nest<VrfSlaveData, VrfSlaveDataIn>('IFLA_VRF_PORT', table);
