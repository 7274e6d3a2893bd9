/** ifb: a link that only redirects. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface IfbData extends Out<typeof table> {}
export interface IfbDataIn extends In<typeof table> {}
export const ifb = nest<IfbData, IfbDataIn>('IFLA_IFB', table);
