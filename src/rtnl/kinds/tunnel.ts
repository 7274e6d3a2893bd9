/** What tunnels over IP have in common. */
import { bits, words as enumOf, u16 } from '../../codec/leaf.js';
import { TUNNEL_ENCAP_FLAG } from '../constants.js';

/** UDP around the tunnel: TUNNEL_ENCAP_* of linux/if_tunnel.h. */
export const encapType = enumOf(u16, { none: 0, fou: 1, gue: 2, mpls: 3 });
/** TUNNEL_ENCAP_FLAG_* bits. */
export const encapFlags = bits(u16, TUNNEL_ENCAP_FLAG);
