/** Addresses of IPv4 as numbers, of IPv6 as 32 hexadecimal digits. */
import { bytesOf, hexOf } from './wire.js';

export const maskOf = (length: number): number => (length === 0 ? 0 : (-1 << (32 - length)) >>> 0);
export const be32 = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
export const fromBe32 = (b: Uint8Array): number => ((b[0]! << 24) | (b[1]! << 16) | (b[2]! << 8) | b[3]!) >>> 0;

/** The first `length` bits of an address, the rest 0. */
export function prefix6(address: string, length: number): string {
  const b = bytesOf(address);
  for (let i = 0; i < 16; i++) {
    const bits = Math.min(8, Math.max(0, length - 8 * i));
    b[i] = b[i]! & (0xff00 >> bits);
  }
  return hexOf(b);
}

export const isLinkLocal = (address: string): boolean => /^fe[89ab]/.test(address);
export const isMulticast = (address: string): boolean => address.startsWith('ff');
export const LOOPBACK6 = `${'0'.repeat(31)}1`;

/** RT_SCOPE_* of an IPv6 address. */
export const scopeOf = (address: string): number =>
  address === LOOPBACK6 ? 254 : isLinkLocal(address) ? 253 : /^fe[cdef]/.test(address) ? 200 : 0;
