/** Literals for usual orders of attributes: what they give is what the general reader gives, to the order of keys. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { aligned } from '../../src/codec/bytes.js';
import { attr, be16, message, prefix, struct } from '../../src/index.js';
import { rtmsg } from '../../src/rtnl/rtmsg.js';

interface Row {
  name: string;
  hex: string;
  type: string;
}

const HEADER = 16;
const golden = new URL('../../../test/golden/routes.json', import.meta.url);
const rows = (JSON.parse(readFileSync(golden, 'utf8')) as Row[]).filter(({ type }) => type === 'RTM_NEWROUTE');

/** A route of IPv4 with five attributes. */
const route = Uint8Array.from(
  Buffer.from(
    ['02180000fe030001', '00000000', '08000f00fe000000', '080001000a010000', '0800060064000000']
      .concat('080005000aff0002', '0800040007000000')
      .join(''),
    'hex',
  ),
);

t.test('every golden row is read alike', async (t) => {
  let literal = 0;
  for (const { name, hex } of rows) {
    const all = new Uint8Array(Buffer.from(hex, 'hex'));
    const s = aligned(all);
    const n = all.length - HEADER;
    const [given, any] = [rtmsg.read(s, HEADER, n), rtmsg.readAny(s, HEADER, n)];
    if (rtmsg.readUsual(s, HEADER, n) !== null) literal++;
    if (JSON.stringify(given) !== JSON.stringify(any)) t.same(given, any, `${name}: values and order of keys`);
  }
  t.ok(literal > 60, `${literal} of ${rows.length} rows by a literal`);
});

t.test('whatever is not as usual is read the general way', async (t) => {
  const change = (at: number, ...bytes: number[]) => {
    const copy = route.slice();
    copy.set(bytes, at);
    return copy;
  };
  const usual = (data: Uint8Array) => rtmsg.readUsual(aligned(data), 0, data.length) !== null;
  t.ok(usual(route));
  const others: Record<string, Uint8Array> = {
    'a prefix that is too long': change(1, 33),
    'the default route': change(1, 0),
    'another attribute': change(14, 16),
    'a flag in the type': change(15, 0x80),
    'a length that runs over': change(44, 12),
    'a shorter one': change(12, 7),
    'one attribute less': route.slice(0, 44),
    'a cut attribute': route.slice(0, 47),
    'bytes behind it': Uint8Array.from([...route, 0, 0]),
    'a label in the place of an address': change(0, 28),
    'one attribute more': Uint8Array.from([...route, 8, 0, 20, 0, 0, 0, 0, 0]),
  };
  for (const [what, data] of Object.entries(others)) {
    t.notOk(usual(data), what);
    t.same(rtmsg.decode(data), rtmsg.readAny(aligned(data), 0, data.length), what);
  }
});

t.test('a literal that the table contradicts is refused', async (t) => {
  const header = struct((r) => ({ family: r.u8(0), dstLen: r.u8(1) }), 4);
  const make = (usual: NonNullable<Parameters<typeof message>[0]['usual']>) =>
    message({
      name: 'test',
      prefix: 'TST',
      header,
      table: { dst: attr(1, prefix(1)), port: attr(2, be16) },
      types: { T: 1 },
      usual,
    });
  const data = Uint8Array.from([2, 24, 0, 0, 8, 0, 1, 0, 10, 1, 2, 0]);
  t.match(make([(r, a) => ({ family: r.u8(0), dst: a.prefix(0) })]).decode(data), { family: 2, dst: '10.1.2.0/24' });
  t.throws(() => make([(_r, a) => ({ port: a.u32(0) })]).decode(data), /port is not read as u32/);
  t.throws(() => make([(_r, a) => ({ other: a.u32(0) })]).decode(data), /other is not read as u32/);
});
