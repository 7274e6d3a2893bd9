/**
 * Addresses and strings between bytes and text. A dump formats millions of them, so the common parts are looked up
 * in tables that fill as they are used and are bounded in size.
 */
import ipaddr from 'ipaddr.js';
import { type Bytes, LITTLE } from './bytes.js';
import { InputError, show } from './errors.js';

const HEX_DIGITS: number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HEX2: string[] = Array.from({ length: 256 }, (_, i) => (i + 256).toString(16).slice(1));

/**
 * Texts by a number of 16 bits, in leaves of 256: one array with gaps would be a dictionary to the engine, and slow.
 * Read as `table[n >> 8]![n & 255] ?? put(table, n, text)`.
 */
type Texts = (string | undefined)[][];
const EMPTY: (string | undefined)[] = new Array<string | undefined>(256).fill(undefined);
const texts = (): Texts => new Array<(string | undefined)[]>(256).fill(EMPTY);

function put(table: Texts, n: number, text: string): string {
  if (table[n >> 8] === EMPTY) table[n >> 8] = EMPTY.slice();
  table[n >> 8]![n & 255] = text;
  return text;
}

// Upper half of an IPv4 address as 'a.b.', lower half as 'c.d', both by the half as a number.
const upper = texts();
const lower = texts();
// Lower half with a prefix length, 'c.d/24': a table for each length, filled up to a bound.
const NONE = texts();
const lowerLen: Texts[] = new Array<Texts>(33).fill(NONE);
let lowerLenFree = 1 << 17;

const upperOf = (half: number): string => put(upper, half, `${half >> 8}.${half & 255}.`);
const lowerOf = (half: number): string => put(lower, half, `${half >> 8}.${half & 255}`);
const lowerLenOf = (half: number, len: number): string => {
  const text = `${half >> 8}.${half & 255}/${len}`;
  if (lowerLenFree <= 0) return text;
  lowerLenFree--;
  if (lowerLen[len] === NONE) lowerLen[len] = texts();
  return put(lowerLen[len]!, half, text);
};

/** Four bytes at `p` as `a.b.c.d`. */
export function ip4Text(u8: Uint8Array, p: number): string {
  const hi = (u8[p]! << 8) | u8[p + 1]!;
  const lo = (u8[p + 2]! << 8) | u8[p + 3]!;
  return (upper[hi >> 8]![hi & 255] ?? upperOf(hi)) + (lower[lo >> 8]![lo & 255] ?? lowerOf(lo));
}

/** Four bytes at `p` with a prefix length as `a.b.c.d/len`. */
export function ip4PrefixText(u8: Uint8Array, p: number, len: number): string {
  const hi = (u8[p]! << 8) | u8[p + 1]!;
  const lo = (u8[p + 2]! << 8) | u8[p + 3]!;
  return (upper[hi >> 8]![hi & 255] ?? upperOf(hi)) + (lowerLen[len]![lo >> 8]![lo & 255] ?? lowerLenOf(lo, len));
}

/** Slots for addresses that repeat: routers with a thousand gateways are not rare. */
const CACHE = 2048;
const seen4 = new Uint32Array(CACHE);
const text4: string[] = new Array<string>(CACHE).fill('');
const seen6 = new Uint32Array(CACHE * 4);
const text6: string[] = new Array<string>(CACHE).fill('');

/** `ip4Text` for addresses that repeat, such as gateways: the same string object while it stays in the cache. `p` is a multiple of four. */
export function ip4Cached(s: Bytes, p: number): string {
  const word = s.u32[p >> 2]!;
  const slot = Math.imul(word, 0x9e3779b1) >>> 21;
  if (seen4[slot] === word && text4[slot] !== '') return text4[slot]!;
  const text = ip4Text(s.u8, p);
  seen4[slot] = word;
  text4[slot] = text;
  return text;
}

/** The same for IPv6: `formatIp6` for addresses that repeat. */
export function ip6Text(s: Bytes, p: number): string {
  const w = p >> 2;
  const a = s.u32[w]!;
  const b = s.u32[w + 1]!;
  const c = s.u32[w + 2]!;
  const d = s.u32[w + 3]!;
  const slot = Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 0x01000193) ^ d, 0x9e3779b1) >>> 21;
  const at = slot << 2;
  if (seen6[at] === a && seen6[at + 1] === b && seen6[at + 2] === c && seen6[at + 3] === d && text6[slot] !== '')
    return text6[slot]!;
  const text = formatIp6(s.u8, p);
  seen6[at] = a;
  seen6[at + 1] = b;
  seen6[at + 2] = c;
  seen6[at + 3] = d;
  text6[slot] = text;
  return text;
}

const group = new Uint16Array(8);
const COLON = 58;
/** The longest address has 39 letters. */
const line = new Uint8Array(40);
// An array for each length, for ever: making one takes longer than filling it.
const lettersOf = Array.from({ length: line.length }, (_, n) => new Array<number>(n).fill(0));

/** Up to 39 bytes of ASCII as text. */
function asciiText(u8: Uint8Array, p: number, n: number): string {
  const letters = lettersOf[n]!;
  for (let i = 0; i < n; i++) letters[i] = u8[p + i]!;
  return String.fromCharCode.apply(null, letters);
}

/** Sixteen bytes at any place as RFC 5952 text, with the dots of inet_ntop, which is what `ip` prints. */
export function formatIp6(u8: Uint8Array, p: number): string {
  let best = -1;
  let bestLen = 1;
  let run = 0;
  for (let i = 0; i < 8; i++) {
    const v = (u8[p + 2 * i]! << 8) | u8[p + 2 * i + 1]!;
    group[i] = v;
    run = v === 0 ? run + 1 : 0;
    if (run > bestLen) {
      bestLen = run;
      best = i - run + 1;
    }
  }
  // RFC 4291 section 2.5.5: addresses that are IPv4 mapped, and IPv4-compatible.
  if (best === 0 && bestLen === 5 && group[5] === 0xffff) return `::ffff:${ip4Text(u8, p + 12)}`;
  if (best === 0 && bestLen === 6) return `::${ip4Text(u8, p + 12)}`;
  // Letter by letter: texts that are put together from parts stay parts, or are copied with each.
  const h = HEX_DIGITS;
  let n = 0;
  for (let i = 0; i < 8; i++) {
    if (i === best) {
      line[n++] = COLON;
      line[n++] = COLON;
      i += bestLen - 1;
      continue;
    }
    const v = group[i]!;
    if (n > 0 && line[n - 1] !== COLON) line[n++] = COLON;
    if (v > 0xfff) line[n++] = h[v >> 12]!;
    if (v > 0xff) line[n++] = h[(v >> 8) & 15]!;
    if (v > 0xf) line[n++] = h[(v >> 4) & 15]!;
    line[n++] = h[v & 15]!;
  }
  return asciiText(line, 0, n);
}

// Many links have the same broadcast address, and their own twice.
const MACS = 512;
const seenMac = new Uint32Array(MACS * 2);
const textMac: string[] = new Array<string>(MACS).fill('');

function macText(u8: Uint8Array, p: number): string {
  const a = (u8[p]! << 8) | u8[p + 1]!;
  const b = (u8[p + 2]! << 8) | u8[p + 3]!;
  const c = (u8[p + 4]! << 8) | u8[p + 5]!;
  const high = ((a << 16) | b) >>> 0;
  const slot = Math.imul(high ^ Math.imul(c, 0x01000193), 0x9e3779b1) >>> 23;
  const known = textMac[slot]!;
  if (seenMac[slot * 2] === high && seenMac[slot * 2 + 1] === c && known !== '') return known;
  const h = HEX_DIGITS;
  // One call, and no string in between.
  const text = String.fromCharCode(
    h[a >> 12]!,
    h[(a >> 8) & 15]!,
    58,
    h[(a >> 4) & 15]!,
    h[a & 15]!,
    58,
    h[b >> 12]!,
    h[(b >> 8) & 15]!,
    58,
    h[(b >> 4) & 15]!,
    h[b & 15]!,
    58,
    h[c >> 12]!,
    h[(c >> 8) & 15]!,
    58,
    h[(c >> 4) & 15]!,
    h[c & 15]!,
  );
  seenMac[slot * 2] = high;
  seenMac[slot * 2 + 1] = c;
  textMac[slot] = text;
  return text;
}

/** A link-layer address of `n` bytes as `aa:bb:...`; an empty one as `''`. */
export function lladdrText(u8: Uint8Array, p: number, n: number): string {
  if (n === 6) return macText(u8, p);
  if (n === 0) return '';
  let text = HEX2[u8[p]!]!;
  for (let i = 1; i < n; i++) text += `:${HEX2[u8[p + i]!]!}`;
  return text;
}

/** An IPv4 address, the first `n` letters, as one number in network order (`10.0.0.1` = 0x0a000001), or -1 when it is not four decimal parts. */
export function parseIp4(text: string, n = text.length): number {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 0;
  for (let i = 0; i < n; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (digits === 0 || ++parts > 3) return -1;
      value = (value << 8) | part;
      part = 0;
      digits = 0;
    } else {
      // A leading zero could mean octal elsewhere, so it is refused.
      if (c < 48 || c > 57 || (digits > 0 && part === 0)) return -1;
      part = part * 10 + c - 48;
      digits++;
      if (part > 255) return -1;
    }
  }
  return parts === 3 && digits > 0 ? ((value << 8) | part) >>> 0 : -1;
}

/** An IPv6 address as sixteen bytes, or null. A zone (`%eth0`) is not an address and gives null. */
export function parseIp6(text: string): number[] | null {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.includes('%')) return null;
  let plain = text;
  if (text.includes('.')) {
    // ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4, and parts that start with 0 as octal.
    const v4 = parseIp4(text.slice(colon + 1));
    if (v4 < 0) return null;
    plain = `${text.slice(0, colon + 1)}${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`;
  }
  return ipaddr.IPv6.isValid(plain) ? ipaddr.IPv6.parse(plain).toByteArray() : null;
}

const LLADDR = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i;
const CISCO = /^[0-9a-f]{4}(\.[0-9a-f]{4})+$/i;

/** A link-layer address of 0 to 32 bytes: `aa:bb:cc:dd:ee:ff`, `aabb.ccdd.eeff`, or an IPv4/IPv6 address (tunnels). */
export function parseLladdr(text: string): Uint8Array {
  if (text === '') return new Uint8Array(0);
  if (text.length <= 95 && LLADDR.test(text))
    return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
  if (text.length <= 79 && CISCO.test(text)) {
    const digits = text.replaceAll('.', '');
    return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
      Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
  }
  const v4 = parseIp4(text);
  if (v4 >= 0) return Uint8Array.of(v4 >>> 24, (v4 >>> 16) & 255, (v4 >>> 8) & 255, v4 & 255);
  const v6 = parseIp6(text);
  if (v6 !== null) return Uint8Array.from(v6);
  throw new InputError('ERR_INVALID_VALUE', '', `${show(text)} is not a link-layer address`);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
/** Bytes of the longest string that is interned. */
const LONGEST = 32;
const internHash = new Int32Array(1024);
const internText: string[] = new Array<string>(1024).fill('');

/** A C string at `p`: up to the first NUL or `n` bytes. Short ASCII strings are interned. */
export function cstrText(u8: Uint8Array, p: number, n: number): string {
  let len = 0;
  let hash = 0;
  let bits = 0;
  while (len < n) {
    const c = u8[p + len]!;
    if (c === 0) break;
    hash = (Math.imul(hash, 31) + c) | 0;
    bits |= c;
    len++;
  }
  if (bits > 127) return utf8.decode(u8.slice(p, p + len));
  if (len === 0) return '';
  const slot = (hash ^ (hash >>> 11)) & 1023;
  const known = internText[slot]!;
  if (internHash[slot] === hash && known.length === len) {
    let i = 0;
    while (i < len && known.charCodeAt(i) === u8[p + i]) i++;
    if (i === len) return known;
  }
  if (len > LONGEST) return String.fromCharCode.apply(null, u8.subarray(p, p + len) as unknown as number[]);
  const text = asciiText(u8, p, len);
  internHash[slot] = hash;
  internText[slot] = text;
  return text;
}

/** A string as UTF-8 bytes, without NUL. */
export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);

/** A prefix such as `10.1.0.0/16`, `10.1.2.3`, `2001:db8::/32`: address bytes, and the length (-1 when none was given). */
export function parsePrefix(text: string): { bytes: number[]; len: number } | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const v4 = parseIp4(address);
  const bytes = v4 >= 0 ? [v4 >>> 24, (v4 >>> 16) & 255, (v4 >>> 8) & 255, v4 & 255] : parseIp6(address);
  if (bytes === null) return null;
  if (slash < 0) return { bytes, len: -1 };
  const tail = text.slice(slash + 1);
  const len = /^(0|[1-9][0-9]{0,2})$/.test(tail) ? Number(tail) : v4 >= 0 ? maskLength(parseIp4(tail)) : -1;
  return len < 0 || len > bytes.length * 8 ? null : { bytes, len };
}

/** Length of a contiguous IPv4 netmask (0xffffff00 = 24), or -1. */
export function maskLength(mask: number): number {
  if (mask < 0) return -1;
  const len = Math.clz32(~mask);
  return (len === 32 ? 0xffffffff : ~(0xffffffff >>> len) >>> 0) === mask ? len : -1;
}

/** Host order value of a 32 bit word read in host order from network-order bytes. */
export const swap32 = LITTLE
  ? (v: number): number => ((v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24)) >>> 0
  : (v: number): number => v;
