/** tun: a link whose other side is a file. IFLA_TUN_* of linux/if_link.h; made through /dev/net/tun, not by a message. */
import { bool8, nest, u8, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Uid that may attach; absent: root. */
  owner: attr(1, u32),
  /** Gid that may attach. */
  group: attr(2, u32),
  type: attr(3, words(u8, { tun: 1, tap: 2 })),
  /** Frames start with struct tun_pi. */
  pi: attr(4, bool8),
  /** Frames start with struct virtio_net_hdr. */
  vnetHdr: attr(5, bool8),
  /** It stays when nobody has its file open. */
  persist: attr(6, bool8),
  multiQueue: attr(7, bool8),
  numQueues: attr(8, u32),
  numDisabledQueues: attr(9, u32),
});
export interface TunData extends Out<typeof table> {}
export interface TunDataIn extends In<typeof table> {}
export const tun = nest<TunData, TunDataIn>('IFLA_TUN', table);
