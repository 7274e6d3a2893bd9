/** gtp: user data of mobile networks over UDP. IFLA_GTP_* of linux/if_link.h. */
import { bool8, ip4, ip6, nest, u8, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';

const table = () => ({
  /** Descriptor of an UDP socket for GTP version 0; input only. */
  fd0: attr(1, u32),
  /** Descriptor of an UDP socket for GTP version 1; input only. */
  fd1: attr(2, u32),
  /** Buckets of the table of tunnels. */
  pdpHashsize: attr(3, u32),
  role: attr(4, words(u32, { ggsn: 0, sgsn: 1 })),
  /** The kernel makes the sockets; input only (Linux 5.18). */
  createSockets: attr(5, bool8),
  /** Linux 5.18. */
  restartCount: attr(6, u8),
  /** Address of the sockets that the kernel makes; input only (Linux 6.10). */
  local: attr(7, ip4),
  /** `local` of IPv6; input only (Linux 6.10). */
  local6: attr(8, ip6),
});
export interface GtpData extends Out<typeof table> {}
export interface GtpDataIn extends In<typeof table> {}
export const gtp = nest<GtpData, GtpDataIn>('IFLA_GTP', table);
