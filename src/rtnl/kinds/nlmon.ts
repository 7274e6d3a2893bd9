/** nlmon: what passes over netlink sockets, for packet captures. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface NlmonData extends Out<typeof table> {}
export interface NlmonDataIn extends In<typeof table> {}
export const nlmon = nest<NlmonData, NlmonDataIn>('IFLA_NLMON', table);
