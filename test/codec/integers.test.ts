/** Integers that few attributes are; bytes as linux/netlink.h lays them out on a little-endian machine. */
import t from 'tap';
import { attr, be64, bitfield32, InputError, id64, nla, s8, s16, s64 } from 'tsroute2';

class every extends nla('X', {
  s8: attr(1, s8),
  s16: attr(2, s16),
  s64: attr(3, s64),
  id64: attr(4, id64),
  be64: attr(5, be64),
  bits: attr(6, bitfield32),
}) {}

const cases: [key: string, value: unknown, bytes: number[]][] = [
  ['s8', -1, [5, 0, 1, 0, 0xff, 0, 0, 0]],
  ['s8', 127, [5, 0, 1, 0, 0x7f, 0, 0, 0]],
  ['s16', -2, [6, 0, 2, 0, 0xfe, 0xff, 0, 0]],
  ['s64', -2, [12, 0, 3, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['s64', 2 ** 40, [12, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0, 0]],
  ['id64', 0x0102030405060708n, [12, 0, 4, 0, 8, 7, 6, 5, 4, 3, 2, 1]],
  ['id64', (1n << 64n) - 1n, [12, 0, 4, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ['be64', 0x0102030405060708n, [12, 0, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ['bits', { value: 1, selector: 3 }, [12, 0, 6, 0, 1, 0, 0, 0, 3, 0, 0, 0]],
];

for (const [key, value, bytes] of cases) {
  t.same([...new every({ [key]: value }).encode().buf], bytes, `${key} written`);
  t.same(new every(Uint8Array.from(bytes)).decode({ strict: true }).value, { [key]: value }, `${key} read`);
}

const bad: [key: string, value: unknown][] = [
  ['s8', 128],
  ['s8', -129],
  ['s16', 32768],
  ['s64', 1n << 63n],
  ['s64', 1.5],
  ['id64', -1],
  ['id64', 1n << 64n],
  ['id64', '1'],
  ['be64', 2 ** 53],
  ['bits', { value: 1, mask: 3 }],
];
for (const [key, value] of bad)
  t.throws(() => new every({ [key]: value }).encode(), InputError, `${key} ${String(value)}`);

t.throws(() => new every(Uint8Array.of(6, 0, 1, 0, 1, 1, 0, 0)).decode({ strict: true }), { name: 'DecodeError' });
