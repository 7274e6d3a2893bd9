/** geneve: Ethernet over UDP with options. IFLA_GENEVE_* of linux/if_link.h. */
import { be16, be32, bool8, flag, ip4, ip6, nest, ranged, structOf, u8, u32, words } from '../../codec/leaf.js';
import { struct } from '../../codec/struct.js';
import { attr, type In, type Out } from '../../codec/type.js';

const portRange = struct((r) => ({ low: r.be16(0), high: r.be16(2) }), 4);

const table = () => ({
  /** Virtual network identifier, 24 bits. */
  id: attr(1, ranged(u32, 0, 0xffffff)),
  remote: attr(2, ip4),
  /** 0: from the route. */
  ttl: attr(3, u8),
  /** 1: from the inner packet. */
  tos: attr(4, u8),
  /** UDP destination port. */
  port: attr(5, be16),
  /** Destination and identifier come with each packet (`external`). */
  collectMetadata: attr(6, flag),
  /** `remote` of IPv6. */
  remote6: attr(7, ip6),
  /** UDP checksums over IPv4. */
  udpCsum: attr(8, bool8),
  udpZeroCsum6Tx: attr(9, bool8),
  udpZeroCsum6Rx: attr(10, bool8),
  /** IPv6 flow label, 20 bits. */
  label: attr(11, ranged(be32, 0, 0xfffff)),
  ttlInherit: attr(12, bool8),
  df: attr(13, words(u8, { unset: 0, set: 1, inherit: 2 })),
  /** The inner packet may be other than Ethernet (Linux 5.18). */
  innerProtoInherit: attr(14, flag),
  /** UDP source ports; they cannot change (Linux 6.14). */
  portRange: attr(15, structOf(portRange)),
  /** Packets carry what the receiver needs to join them again (newer than Linux 6.18). */
  groHint: attr(16, flag),
  /** Source address (newer than Linux 6.18). */
  local: attr(17, ip4),
  /** `local` of IPv6 (newer than Linux 6.18). */
  local6: attr(18, ip6),
});
export interface GeneveData extends Out<typeof table> {}
export interface GeneveDataIn extends In<typeof table> {}
export const geneve = nest<GeneveData, GeneveDataIn>('IFLA_GENEVE', table);
