/** lowpan: IPv6 over IEEE 802.15.4. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface LowpanData extends Out<typeof table> {}
export interface LowpanDataIn extends In<typeof table> {}
export const lowpan = nest<LowpanData, LowpanDataIn>('IFLA_LOWPAN', table);
