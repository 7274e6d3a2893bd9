/** macvlan and macvtap: links with addresses of their own on one lower link. IFLA_MACVLAN_* of linux/if_link.h. */
import { bits, mac, nest, nestArray, s32, u16, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { MACVLAN_FLAG } from '../constants.js';

const table = () => ({
  mode: attr(1, words(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 })),
  /** MACVLAN_FLAG_* bits. */
  flags: attr(2, bits(u16, MACVLAN_FLAG)),
  /** What to do with `macaddr` or `macaddrData` (mode source); input only. */
  macaddrMode: attr(3, words(u32, { add: 0, del: 1, flush: 2, set: 3 })),
  /** One address to add or delete; input only. */
  macaddr: attr(4, mac),
  /** The addresses whose frames are taken (mode source). */
  macaddrData: attr(5, nestArray(mac, 4)),
  macaddrCount: attr(6, u32),
  /** Longest queue of broadcasts wanted, in frames. */
  bcQueueLen: attr(7, u32),
  /** The longest that any macvlan on the lower link wants: the one in effect. */
  bcQueueLenUsed: attr(8, u32),
  /** Frames per second of one multicast address above which they are queued; -1: never (Linux 6.4). */
  bcCutoff: attr(9, s32),
});
export interface MacvlanData extends Out<typeof table> {}
export interface MacvlanDataIn extends In<typeof table> {}
export const macvlan = nest<MacvlanData, MacvlanDataIn>('IFLA_MACVLAN', table);
