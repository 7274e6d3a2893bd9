/** sit: IPv6 (or IPv4, MPLS) in IPv4. IFLA_IPTUN_* of linux/if_tunnel.h. */
import { bits, ip4, ip6, nest, u16 } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { ipipTable } from './ipip.js';

const table = () => ({
  ...ipipTable(),
  /** In host order, whatever its type in the kernel says. */
  flags: attr(8, bits(u16, { isatap: 1 })),
  /** Rapid deployment (RFC 5969): the prefix in which the relays' IPv4 addresses are. */
  '6rdPrefix': attr(11, ip6),
  '6rdRelayPrefix': attr(12, ip4),
  '6rdPrefixlen': attr(13, u16),
  '6rdRelayPrefixlen': attr(14, u16),
});
export interface SitData extends Out<typeof table> {}
export interface SitDataIn extends In<typeof table> {}
export const sit = nest<SitData, SitDataIn>('IFLA_IPTUN', table);
