/** vxlan: Ethernet over UDP. IFLA_VXLAN_* of linux/if_link.h. */
import {
  asym,
  be16,
  be32,
  bool8,
  custom,
  flag,
  ifindex,
  ip4,
  ip6,
  nest,
  ranged,
  structOf,
  u8,
  u32,
  words,
} from '../../codec/leaf.js';
import { BAD } from '../../codec/read.js';
import { struct } from '../../codec/struct.js';
import { attr, type In, type Out } from '../../codec/type.js';

const portRange = struct((r) => ({ low: r.be16(0), high: r.be16(2) }), 4);
/** struct vxlanhdr, as bits that may be set in received headers. */
const reservedBits = struct((r) => ({ flags: r.be32(0), vni: r.be32(4) }), 8);

/** The kernel takes a flag and sends a byte. */
const flagOrByte = asym(
  custom<boolean, never>('flag or bool8', {
    read: (s, p, n) => (n === 0 ? true : n === 1 ? s.u8[p] !== 0 : (BAD as never)),
    write: () => 0,
  }),
  flag,
);

const table = () => ({
  /** VXLAN network identifier, 24 bits. */
  id: attr(1, ranged(u32, 0, 0xffffff)),
  /** Default destination: a multicast group, or the one remote. */
  group: attr(2, ip4),
  /** Index of the lower link. */
  link: attr(3, ifindex),
  /** Source address. */
  local: attr(4, ip4),
  /** 0: from the route. */
  ttl: attr(5, u8),
  /** 1: from the inner packet. */
  tos: attr(6, u8),
  learning: attr(7, bool8),
  /** Seconds until a learned entry goes; 0: the kernel's default, 300. */
  ageing: attr(8, u32),
  /** Most learned entries; 0: no limit. */
  limit: attr(9, u32),
  /** UDP source ports; both 0: the kernel's own range. */
  portRange: attr(10, structOf(portRange)),
  /** Answer ARP and neighbour solicitations. */
  proxy: attr(11, bool8),
  /** Route short circuit. */
  rsc: attr(12, bool8),
  /** Notify of unknown link-layer destinations. */
  l2miss: attr(13, bool8),
  /** Notify of unknown IP destinations. */
  l3miss: attr(14, bool8),
  /** UDP destination port. */
  port: attr(15, be16),
  /** `group` of IPv6. */
  group6: attr(16, ip6),
  /** `local` of IPv6. */
  local6: attr(17, ip6),
  /** UDP checksums over IPv4. */
  udpCsum: attr(18, bool8),
  udpZeroCsum6Tx: attr(19, bool8),
  udpZeroCsum6Rx: attr(20, bool8),
  remcsumTx: attr(21, bool8),
  remcsumRx: attr(22, bool8),
  /** Group based policy. */
  gbp: attr(23, flag),
  remcsumNopartial: attr(24, flag),
  /** Destination and identifier come with each packet (`external`). */
  collectMetadata: attr(25, bool8),
  /** IPv6 flow label, 20 bits. */
  label: attr(26, ranged(be32, 0, 0xfffff)),
  /** Generic protocol extension. */
  gpe: attr(27, flag),
  /** `false` is not sent: it cannot be switched off. */
  ttlInherit: attr(28, flagOrByte),
  df: attr(29, words(u8, { unset: 0, set: 1, inherit: 2 })),
  /** Only identifiers that are listed are taken (Linux 5.18). */
  vnifilter: attr(30, bool8),
  /** Deliver to own addresses without sending (Linux 6.5). */
  localbypass: attr(31, bool8),
  /** Linux 6.8. */
  labelPolicy: attr(32, words(u32, { fixed: 0, inherit: 1 })),
  /** Linux 6.14. */
  reservedBits: attr(33, structOf(reservedBits)),
  /** Multicast goes through multicast routing (Linux 6.17). */
  mcRoute: attr(34, bool8),
});
export interface VxlanData extends Out<typeof table> {}
export interface VxlanDataIn extends In<typeof table> {}
export const vxlan = nest<VxlanData, VxlanDataIn>('IFLA_VXLAN', table);
