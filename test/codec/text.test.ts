/** Addresses and strings, against ipaddr.js, node:net and what they are made of. */
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import t from 'tap';
import { Bytes } from '../../src/codec/bytes.js';
import { InputError } from '../../src/codec/errors.js';
import {
  cstrText,
  formatIp6,
  ip4Cached,
  ip4PrefixText,
  ip4Text,
  ip6Text,
  lladdrText,
  maskLength,
  parseIp4,
  parseIp6,
  parseLladdr,
  parsePrefix,
  utf8Bytes,
} from '../../src/codec/text.js';

const RUNS = { numRuns: 3000 };
const bytesOf = (n: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: n, maxLength: n });
/** Addresses of IPv6 with runs of zeros, as they are in the world. */
const sparse = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])));
const network = (b: Uint8Array): number => ((b[0]! << 24) | (b[1]! << 16) | (b[2]! << 8) | b[3]!) >>> 0;
/** Text that is nearly an address. */
const nearly = fc
  .array(
    fc.constantFrom(
      '0',
      '1',
      '9',
      '255',
      '256',
      'f',
      'ffff',
      '00',
      '::',
      ':',
      '.',
      '%',
      'eth0',
      '/',
      ' ',
      '-',
      '+',
      'x',
      '127.0.0.1',
      '1e1',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

t.test('IPv4 text', async (t) => {
  fc.assert(
    fc.property(bytesOf(4), (b) => {
      const text = ip4Text(b, 0);
      return (
        text === b.join('.') &&
        isIPv4(text) &&
        parseIp4(text) === network(b) &&
        ip4Cached(new Bytes(b.slice()), 0) === text
      );
    }),
    RUNS,
  );
  fc.assert(
    fc.property(
      bytesOf(4),
      fc.integer({ min: 0, max: 32 }),
      (b, len) => ip4PrefixText(b, 0, len) === `${b.join('.')}/${len}`,
    ),
    RUNS,
  );
  t.pass('4 bytes and back; the cache says the same');
});

t.test('IPv4 input is what node:net calls IPv4', async (t) => {
  const agrees = (text: string) => parseIp4(text) >= 0 === isIPv4(text);
  fc.assert(fc.property(nearly, agrees), RUNS);
  fc.assert(fc.property(fc.string(), agrees), RUNS);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '01', '0x1', '-1', '1 ')), { maxLength: 6 }),
      (parts) => agrees(parts.join('.')),
    ),
    RUNS,
  );
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '0x1.2.3.4',
    '1..2.3',
    '١.٢.٣.٤',
  ])
    t.equal(parseIp4(text), -1, JSON.stringify(text));
});

/** The texts in which inet_ntop of glibc writes dots. */
const dotted = (b: Uint8Array, address: ipaddr.IPv6): string | undefined => {
  const last = `${b[12]}.${b[13]}.${b[14]}.${b[15]}`;
  if (address.isIPv4MappedAddress()) return `::ffff:${last}`;
  return b.subarray(0, 12).every((byte) => byte === 0) && b[12]! + b[13]! > 0 ? `::${last}` : undefined;
};

t.test('IPv6 text is what ipaddr.js calls RFC 5952, with dots where inet_ntop writes them', async (t) => {
  const check = (b: Uint8Array): boolean => {
    const address = ipaddr.fromByteArray([...b]) as ipaddr.IPv6;
    const text = formatIp6(b, 0);
    const wanted = dotted(b, address) ?? address.toRFC5952String();
    const back = parseIp6(text);
    return (
      text === wanted &&
      isIPv6(text) &&
      back?.every((byte, i) => byte === b[i]) === true &&
      ip6Text(new Bytes(b.slice()), 0) === text
    );
  };
  fc.assert(fc.property(bytesOf(16), check), RUNS);
  fc.assert(fc.property(sparse, check), RUNS);
  for (const [hex, text] of [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000000', '2001:db8::'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['00010000000000000001000000000000', '1::1:0:0:0'],
    ['00000000000000000000ffff0a000001', '::ffff:10.0.0.1'],
    // The next five as glibc's inet_ntop says.
    ['0000000000000000000000000a000001', '::10.0.0.1'],
    ['00000000000000000000000000010002', '::0.1.0.2'],
    ['000000000000000000000000ffff0000', '::255.255.0.0'],
    ['00000000000000000000000000000102', '::102'],
    ['000000000000000000010000ffff0000', '::1:0:ffff:0'],
    ['00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
  ] as const) {
    t.equal(formatIp6(Buffer.from(hex, 'hex'), 0), text);
  }
});

t.test('IPv6 input is what node:net calls IPv6, without zones', async (t) => {
  const agrees = (text: string) => (parseIp6(text) !== null) === (isIPv6(text) && !text.includes('%'));
  for (const text of [
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:1.2.3.4',
    '::1.2.3.4',
    '::ffff:1.2.3.4',
    'FE80::A',
    '1:2:3:4:5:6:7',
    '1:::2',
    '::1::',
    'fe80::1%eth0',
    ':1',
    '1:',
    '12345::',
    '::g',
    '',
    '1.2.3.4',
    '::256.1.1.1',
    '::01.2.3.4',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8::',
    '::1/64',
    ' ::1',
  ]) {
    t.equal(parseIp6(text) !== null, isIPv6(text) && !text.includes('%'), JSON.stringify(text));
  }
  fc.assert(fc.property(nearly, agrees), RUNS);
  fc.assert(fc.property(fc.ipV6(), agrees), RUNS);
});

t.test('IPv4 inside IPv6 is the last 32 bits, whatever is before', async (t) => {
  // RFC 4291 2.5.5, RFC 6052 2.4.
  for (const [text, hex] of [
    ['::1.2.3.4', '00000000000000000000000001020304'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1:2:3:4:5:6:255.255.255.255', '000100020003000400050006ffffffff'],
  ] as const)
    t.equal(Buffer.from(parseIp6(text)!).toString('hex'), hex, text);
});

t.test('prefixes', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6().filter((text) => parseIp6(text) !== null),
      ),
      fc.integer({ min: -1, max: 140 }),
      (address, len) => {
        const v6 = address.includes(':');
        const found = parsePrefix(len < 0 ? address : `${address}/${len}`);
        if (len > (v6 ? 128 : 32)) return found === null;
        return found !== null && found.len === len && found.bytes.length === (v6 ? 16 : 4);
      },
    ),
    RUNS,
  );
  for (const text of [
    '10.0.0.0/',
    '/8',
    '10.0.0.0/08',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '10.0.0.0/8.0',
    '10.0.0.0/255.0.255.0',
    '10/8',
    '::/129',
    '::/255.0.0.0',
    '::/1e1',
    'default',
    '',
  ])
    t.equal(parsePrefix(text), null, JSON.stringify(text));
  t.same(parsePrefix('10.0.0.0/255.255.255.0'), { bytes: [10, 0, 0, 0], len: 24 });
  for (let len = 0; len <= 32; len++)
    t.equal(maskLength(len === 0 ? 0 : (0xffffffff << (32 - len)) >>> 0), len, `mask of ${len}`);
  for (const mask of [0xff00ff00, 1, 0x7fffffff, 0xfffffffd, -1]) t.equal(maskLength(mask), -1, `mask ${mask}`);
});

t.test('link-layer addresses', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (b) => {
      const text = lladdrText(b, 0, b.length);
      return (
        text ===
          Buffer.from(b)
            .toString('hex')
            .replace(/..(?=.)/g, '$&:') && Buffer.from(parseLladdr(text)).equals(Buffer.from(b))
      );
    }),
    RUNS,
  );
  t.same([...parseLladdr('0200.0000.0001')], [2, 0, 0, 0, 0, 1]);
  t.same([...parseLladdr('2:0:0:0:0:A')], [2, 0, 0, 0, 0, 10]);
  t.same([...parseLladdr('10.0.0.1')], [10, 0, 0, 1], 'as tunnels have them');
  t.equal(parseLladdr('2001:db8::1').length, 16);
  for (const text of [
    '02:',
    ':02',
    '02:0g',
    '02-00-00-00-00-01',
    '020',
    'x',
    ' 02',
    '100:0',
    `${'00:'.repeat(32)}00`,
    '0'.repeat(1000),
  ])
    t.throws(() => parseLladdr(text), InputError, JSON.stringify(text.slice(0, 20)));
});

t.test('strings end at their NUL or with their bytes', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(3), fc.nat(3), (text, before, pads) => {
      const data = utf8Bytes(text);
      const area = new Uint8Array(before + data.length + pads + 4).fill(0x41);
      area.set(data, before);
      area.fill(0, before + data.length, before + data.length + pads);
      const wanted = Buffer.from(data).toString('utf8').split('\0')[0];
      return cstrText(area, before, data.length + pads) === wanted && cstrText(area, before, data.length) === wanted;
    }),
    RUNS,
  );
  // Two strings of one length and one slot must not be taken for each other.
  const names = Array.from({ length: 5000 }, (_, i) => `veth${i}`);
  for (const _ of [0, 1]) {
    const wrong = names.filter((name) => cstrText(utf8Bytes(name), 0, name.length) !== name);
    t.same(wrong, [], 'interned strings');
  }
  t.equal(cstrText(Uint8Array.of(0xc3, 0x28), 0, 2), '�(', 'bytes that are no UTF-8 stay readable');
  t.equal(cstrText(new Uint8Array(0), 0, 0), '');
});

t.test('addresses that share a slot of a cache', async (t) => {
  const wrong: string[] = [];
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20000; i++) {
      const b = Uint8Array.of(10, (i >> 16) & 255, (i >> 8) & 255, i & 255);
      if (ip4Cached(new Bytes(b), 0) !== b.join('.')) wrong.push(b.join('.'));
    }
    for (let i = 0; i < 5000; i++) {
      const b = new Uint8Array(16);
      new DataView(b.buffer).setUint16(0, 0x2001);
      new DataView(b.buffer).setUint32(12, i);
      if (ip6Text(new Bytes(b), 0) !== formatIp6(b, 0)) wrong.push(formatIp6(b, 0));
    }
  }
  t.same(wrong, []);
  t.equal(ip4Cached(new Bytes(new Uint8Array(4)), 0), '0.0.0.0', 'the empty slot is not an address');
  t.equal(ip6Text(new Bytes(new Uint8Array(16)), 0), '::');
});
