/** macsec: encrypted Ethernet (IEEE 802.1AE) on one lower link. IFLA_MACSEC_* of linux/if_link.h. */
import { be64 } from '../../codec/integers.js';
import { be16, bool8, nest, skip, u8, u32, words } from '../../codec/leaf.js';
import { attr, type In, type Out } from '../../codec/type.js';
import { cipherSuite } from './macsec_cipher.js';

const table = () => ({
  /** Secure channel identifier: MAC address and port. */
  sci: attr(1, be64),
  /** The port alone; input only. */
  port: attr(2, be16),
  /** Bytes of the integrity check value, 8 to 16. */
  icvLen: attr(3, u8),
  cipherSuite: attr(4, cipherSuite),
  /** Packets that may come late; needs `replayProtect`. */
  window: attr(5, u32),
  /** Number of the association that encrypts, 0 to 3. */
  encodingSa: attr(6, u8),
  encrypt: attr(7, bool8),
  protect: attr(8, bool8),
  /** The identifier is in every frame. */
  incSci: attr(9, bool8),
  /** End station. */
  es: attr(10, bool8),
  /** Single copy broadcast. */
  scb: attr(11, bool8),
  replayProtect: attr(12, bool8),
  validation: attr(13, words(u8, { disabled: 0, check: 1, strict: 2 })),
  pad: attr(14, skip),
  offload: attr(15, words(u8, { off: 0, phy: 1, mac: 2 })),
});
export interface MacsecData extends Out<typeof table> {}
export interface MacsecDataIn extends In<typeof table> {}
export const macsec = nest<MacsecData, MacsecDataIn>('IFLA_MACSEC', table);
