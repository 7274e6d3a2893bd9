/** batadv: a mesh of Ethernet links (B.A.T.M.A.N. advanced). IFLA_BATADV_* of linux/batman_adv.h. */
import { cstrMax, nest } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** `BATMAN_IV` or `BATMAN_V`; input only. */
  algoName: attr(1, cstrMax(19)),
});
export interface BatadvData extends Out<typeof table> {}
export interface BatadvDataIn extends In<typeof table> {}
export const batadv = nest<BatadvData, BatadvDataIn>('IFLA_BATADV', table);
