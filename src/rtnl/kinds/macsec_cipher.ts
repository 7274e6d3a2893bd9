/** Cipher suites of macsec: 64-bit numbers of IEEE 802.1AE, which `ip` prints as words. */
import { InputError, show } from '../../codec/errors.js';
import { id64 } from '../../codec/integers.js';
import { custom } from '../../codec/leaf.js';
import { readValue } from '../../codec/read.js';
import { writeValue } from '../../codec/write.js';

const SUITES = {
  'GCM-AES-128': 0x0080c20001000001n,
  'GCM-AES-256': 0x0080c20001000002n,
  'GCM-AES-XPN-128': 0x0080c20001000003n,
  'GCM-AES-XPN-256': 0x0080c20001000004n,
} as const;
/** The number that the kernel has for GCM-AES-128 besides. */
const DEFAULT = 0x0080020001000001n;

type Word = keyof typeof SUITES;
const words = new Map<bigint, Word>(Object.entries(SUITES).map(([word, id]) => [id, word as Word]));

// An enum over 64 bits, which `words` of the codec does not have.
export const cipherSuite = custom<Word | bigint, Word | bigint | number>('cipher suite', {
  read(s, p, n) {
    const id = readValue(id64, s, p, n, 0) as bigint;
    return id === DEFAULT ? 'GCM-AES-128' : (words.get(id) ?? id);
  },
  write(w, value) {
    if (typeof value !== 'string') return writeValue(id64, w, value, 0);
    if (!Object.hasOwn(SUITES, value))
      throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not one of ${Object.keys(SUITES).join(', ')}`);
    return writeValue(id64, w, SUITES[value], 0);
  },
});
