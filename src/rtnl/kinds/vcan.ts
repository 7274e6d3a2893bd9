/** vcan: a CAN bus in memory. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface VcanData extends Out<typeof table> {}
export interface VcanDataIn extends In<typeof table> {}
export const vcan = nest<VcanData, VcanDataIn>('IFLA_VCAN', table);
