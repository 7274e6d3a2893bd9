/** netkit: a pair of links whose packets go through BPF programs. IFLA_NETKIT_* of linux/if_link.h (Linux 6.7). */
import { bool8, nest, u16, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out, type Type } from '../../codec/type.js';
import { peerLink } from './veth.js';

/** What happens to a packet when no program decides. */
const policy = words(u32, { forward: 0, blackhole: 2 });
/** Whether marks and priorities go when a packet enters the other namespace. */
const scrub = words(u32, { none: 0, default: 1 });

const table = () => ({
  /** The other end, as in veth: the kernel takes it at creation and never sends it. */
  peerInfo: attr(1, peerLink),
  /** Whether this end is the one that may be configured; output only. */
  primary: attr(2, bool8),
  policy: attr(3, policy),
  peerPolicy: attr(4, policy),
  /** With Ethernet headers, or without. */
  mode: attr(5, words(u32, { l2: 0, l3: 1 })),
  /** Linux 6.10. */
  scrub: attr(6, scrub),
  /** Linux 6.10. */
  peerScrub: attr(7, scrub),
  /** Bytes in front of each packet (Linux 6.14). */
  headroom: attr(8, u16),
  /** Bytes behind each packet (Linux 6.14). */
  tailroom: attr(9, u16),
  /** A pair, or one end alone (newer than Linux 6.18). */
  pairing: attr(10, words(u32, { pair: 0, single: 1 })),
});
export interface NetkitData extends Out<typeof table> {}
export interface NetkitDataIn extends In<typeof table> {}
export const netkit: Type<NetkitData, NetkitDataIn> = nest<NetkitData, NetkitDataIn>('IFLA_NETKIT', table);
