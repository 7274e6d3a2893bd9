/** RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH: struct ndmsg and NDA_* of linux/neighbour.h. Neighbours, and forwarding entries of bridges and tunnels. */
import {
  be16,
  bits,
  byFamily,
  flag,
  ifindex,
  ip,
  ipByFamily,
  lladdr,
  nest,
  ranged,
  s32,
  structOf,
  u8,
  u16,
  u32,
  worded,
} from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF, NTF, NTF_EXT, NUD, RTN, RTPROT } from './constants.js';

const { none: _, ...states } = NUD;

const header = struct(
  (r) => ({ family: r.u8(0), ifindex: r.s32(4), state: r.u16(8), flags: r.u8(10), type: r.u8(11) }),
  12,
  { family: AF, state: states, flags: NTF, type: RTN },
);

/** Hundredths of a second (USER_HZ) since the entry was confirmed, used and updated; and how many hold it. */
const cacheinfo = struct((r) => ({ confirmed: r.u32(0), used: r.u32(4), updated: r.u32(8), refcnt: r.u32(12) }), 16);

const fdbExt = () => ({
  /** FDB_NOTIFY_* bits: 1 notify of activity, 2 inactive now. */
  activityNotify: attr(1, u8),
  /** A replacement does not count as use. */
  dontRefresh: attr(2, flag),
});
export interface FdbExtAttrs extends Out<typeof fdbExt> {}
export interface FdbExtAttrsIn extends In<typeof fdbExt> {}

const vni = ranged(u32, 0, 0xffffff);

const table = () => ({
  /** The neighbour's address; of an entry of a VXLAN the far end of the tunnel. */
  dst: attr(1, byFamily({ [AF.bridge]: ip }, ipByFamily)),
  lladdr: attr(2, lladdr),
  cacheinfo: attr(3, structOf(cacheinfo)),
  /** How often it was asked for in vain. */
  probes: attr(4, u32),
  vlan: attr(5, u16),
  /** UDP port of the far end. */
  port: attr(6, be16),
  /** Identifier that packets to the far end get. */
  vni: attr(7, vni),
  /** Interface by which the far end is reached. */
  via: attr(8, ifindex, 'NDA_IFINDEX'),
  /** Index of the bridge. */
  master: attr(9, ifindex),
  linkNetnsid: attr(10, s32),
  /** Identifier of the entry, in tunnels with several (`external`). */
  srcVni: attr(11, vni),
  /** RTPROT_* number of who made the entry (Linux 5.0). */
  protocol: attr(12, worded(u8, RTPROT)),
  /** Next hop object or group (Linux 5.8). */
  nhId: attr(13, u32),
  /** Linux 5.16. */
  fdbExtAttrs: attr(14, nest<FdbExtAttrs, FdbExtAttrsIn>('NFEA', fdbExt)),
  /** NTF_EXT_* bits (Linux 5.16). */
  flagsExt: attr(15, bits(u32, NTF_EXT)),
  /** Of a flush: which bits of `state` must be as given (Linux 5.19). */
  ndmStateMask: attr(16, u16),
  /** Of a flush: which bits of `flags` must be as given (Linux 5.19). */
  ndmFlagsMask: attr(17, u8),
});

export interface NeighbourAttrs extends Out<typeof table> {}
export interface NeighbourAttrsIn extends In<typeof table> {}

/** A neighbour (or, of family 7, a forwarding entry) as the kernel has it. */
export interface Neighbour extends NeighbourAttrs {
  /** AF number: 2 inet, 7 bridge, 10 inet6. */
  family: number;
  /** Index of the interface. */
  ifindex: number;
  /** NUD_* bits. */
  state: number;
  /** NTF_* bits. */
  flags: number;
  /** RTN_* number. */
  type: number;
}

/** A neighbour as input takes it. */
export interface NeighbourIn extends NeighbourAttrsIn {
  family?: number | keyof typeof AF | undefined;
  ifindex?: number | undefined;
  state?: number | keyof typeof states | readonly (keyof typeof states)[] | undefined;
  flags?: number | keyof typeof NTF | readonly (keyof typeof NTF)[] | undefined;
  type?: number | keyof typeof RTN | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Neighbour messages. */
export const ndmsg: MessageDef<Neighbour & MessageExtras, NeighbourIn> = message<Neighbour, NeighbourIn>({
  name: 'ndmsg',
  prefix: 'NDA',
  header,
  table,
  types: { RTM_NEWNEIGH: 28, RTM_DELNEIGH: 29, RTM_GETNEIGH: 30 },
});
