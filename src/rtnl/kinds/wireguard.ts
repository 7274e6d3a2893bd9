/** wireguard: an encrypted tunnel. Keys and peers are set by the generic netlink family of the same name. It has no attributes. */
import { nest } from '../../codec/leaf.js';
import type { In, Out } from '../../codec/type.js';

const table = {} as const;
export interface WireguardData extends Out<typeof table> {}
export interface WireguardDataIn extends In<typeof table> {}
export const wireguard = nest<WireguardData, WireguardDataIn>('IFLA_WIREGUARD', table);
