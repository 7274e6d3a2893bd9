/** dummy: a link that drops what is sent. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface DummyData extends Out<typeof table> {}
export interface DummyDataIn extends In<typeof table> {}
export const dummy = nest<DummyData, DummyDataIn>('IFLA_DUMMY', table);
