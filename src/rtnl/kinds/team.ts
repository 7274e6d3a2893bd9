/** team: ports joined by a program. Ports and options are set by the generic netlink family of the same name. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface TeamData extends Out<typeof table> {}
export interface TeamDataIn extends In<typeof table> {}
export const team = nest<TeamData, TeamDataIn>('IFLA_TEAM', table);
