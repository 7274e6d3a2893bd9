/** The three ways of reading say the same of every golden row: plain objects, views, columns. */
import { inspect } from 'node:util';
import t from 'tap';
import { aligned, Bytes } from '../../src/codec/bytes.js';
import { addressAt, ColumnBuilder } from '../../src/codec/columns.js';
import { toJSON } from '../../src/codec/json.js';
import type { MessageDef } from '../../src/codec/message.js';
import { OP_DST } from '../../src/codec/type.js';
import { viewAt } from '../../src/codec/view.js';
import { Writer } from '../../src/codec/writer.js';
import { ifaddrmsg } from '../../src/rtnl/ifaddrmsg.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { ROUTE_COLUMNS, rtmsg } from '../../src/rtnl/rtmsg.js';
import { same } from '../fuzz/same.js';
import { type Row, rows } from '../rtnl/tlv.js';

const HEADER = 16;
const AREAS: [string, MessageDef][] = [
  ['links', ifinfmsg],
  ['addrs', ifaddrmsg],
  ['routes', rtmsg],
];
const messages = (area: string, def: MessageDef): [Row, Bytes, number][] =>
  rows(area)
    .filter(({ type }) => type in def.types)
    .map((row) => {
      const s = new Bytes(new Uint8Array(Buffer.from(row.hex, 'hex')));
      return [row, s, s.u8.length - HEADER];
    });

type Any = Record<string, unknown>;

/** A prefix as an object has it, from the two parts that views and columns have. */
const prefix = (address: unknown, len: unknown): unknown =>
  address === undefined ? undefined : len === 0 ? 'default' : `${address}/${len}`;

for (const [area, def] of AREAS) {
  const list = messages(area, def);
  t.test(`${area}: objects and views, ${list.length} rows`, async (t) => {
    const wrong: string[] = [];
    let values = 0;
    for (const [row, s, n] of list) {
      const object = def.read(s, HEADER, n) as Any;
      const view = viewAt(def, s, HEADER, n);
      const byKey = view as unknown as Any;
      for (const key of new Set([...Object.keys(object), ...def.table.compiled.byKey.keys()])) {
        if (key in def.virtual) continue;
        const entry = def.table.compiled.byKey.get(key);
        let seen = byKey[key];
        if (entry?.type.op === OP_DST) seen = seen === 'default' ? seen : prefix(seen, byKey[`${key}Len`]);
        const named = entry === undefined ? byKey[key] : view.get(def.table.nameOf(key));
        if (object[key] !== undefined) values++;
        if (!same(object[key], seen))
          wrong.push(`${row.name}: ${key}: ${JSON.stringify(object[key])} and ${JSON.stringify(seen)}`);
        if (!same(byKey[key], named)) wrong.push(`${row.name}: ${key} by the kernel's name`);
      }
      if (!same(view.toObject(), object) || JSON.stringify(view) !== JSON.stringify(toJSON(object)))
        wrong.push(`${row.name}: toObject`);
    }
    t.same(wrong.slice(0, 10), []);
    t.ok(values > list.length * 5, `${values} values`);
  });
}

t.test('objects and columns: routes', async (t) => {
  const wrong: string[] = [];
  const list = messages('routes', rtmsg);
  const builder = new ColumnBuilder(rtmsg as unknown as MessageDef<object>, ROUTE_COLUMNS);
  // More rows than the first columns hold.
  const times = Math.ceil(3000 / list.length);
  for (let i = 0; i < times; i++) for (const [, s, n] of list) builder.add(s, HEADER, n);
  const { length, data } = builder.finish();
  t.equal(length, list.length * times);
  for (let i = 0; i < length; i++) {
    const [row, s, n] = list[i % list.length]!;
    const object = rtmsg.read(s, HEADER, n);
    const address = (key: 'dst' | 'gateway') => addressAt(data[key] as Uint8Array, i, object.family);
    for (const key of ROUTE_COLUMNS) {
      if (key === 'dst') {
        if (object.family !== 2 && object.family !== 10) continue;
        const dst = data.dstLen![i] === 0 ? 'default' : `${address('dst')}/${data.dstLen![i]}`;
        if (dst !== (object.dst ?? 'default')) wrong.push(`${row.name}: dst ${dst}, ${object.dst}`);
      } else if (key === 'gateway') {
        if (object.gateway !== undefined && address('gateway') !== object.gateway) wrong.push(`${row.name}: gateway`);
      } else if (key !== 'dstLen' && data[key]![i] !== ((object as unknown as Any)[key] ?? 0))
        wrong.push(`${row.name}: ${key} ${data[key]![i]}`);
    }
  }
  t.same(wrong.slice(0, 10), []);
  const dst = data.dst as Uint8Array;
  for (const i of [-1, 0.5, length, Number.NaN]) t.throws(() => addressAt(dst, i, 2), { code: 'ERR_OUT_OF_RANGE' });
  for (const family of [0, 28, '2' as never]) t.throws(() => addressAt(dst, 0, family), { code: 'ERR_INVALID_VALUE' });
  t.throws(() => new ColumnBuilder(rtmsg as unknown as MessageDef<object>, ['nonsense']), /no column nonsense/);
  t.throws(() => new ColumnBuilder(rtmsg as unknown as MessageDef<object>, ['metrics']), /no fixed width/);
});

t.test('of an attribute that comes twice the first counts, in columns as well', async (t) => {
  const header = '0218000000000001'.padEnd(24, '0');
  const attrs = ['08000100' + '0a010000', '08000400' + '07000000', '08000400' + '09000000', '08000100' + '0b010000'];
  const s = new Bytes(new Uint8Array(Buffer.from(header + attrs.join(''), 'hex')));
  const builder = new ColumnBuilder(rtmsg as unknown as MessageDef<object>, ROUTE_COLUMNS);
  builder.add(s, 0, s.u8.length);
  const { data } = builder.finish();
  const object = rtmsg.read(s, 0, s.u8.length);
  const view = viewAt(rtmsg, s, 0, s.u8.length);
  t.equal(object.oif, 7);
  t.equal(data.oif![0], object.oif);
  t.equal(view.oif, object.oif);
  t.equal(`${addressAt(data.dst as Uint8Array, 0, 2)}/24`, object.dst);
  t.equal(object.unknown?.length, 2);
  t.same(view.unknown, object.unknown);
});

t.test('what a view shows', async (t) => {
  const data = rtmsg.encode(new Writer(), { family: 'inet', dst: 'default', oif: 7 });
  const view = viewAt(rtmsg, aligned(data), 0, data.length);
  t.equal(view.dst, 'default');
  t.equal(view.get('dst'), 'default');
  t.equal(view.get('errors'), undefined);
  t.match(inspect(view), /dst: 'default'.*oif: 7/s);
  const link = ifinfmsg.encode(new Writer(), { index: 1, state: 'up' });
  t.equal(viewAt(ifinfmsg, aligned(link), 0, link.length).state, 'up', 'what follows from the header');
  for (const name of ['nonsense', '', undefined, 5])
    t.throws(() => view.get(name as string), { code: 'ERR_UNKNOWN_KEY', field: String(name) });
});

t.test('a view reads bytes at an odd place of a larger buffer', async (t) => {
  const [row] = rows('addrs').filter(({ type }) => type === 'RTM_NEWADDR');
  const payload = Buffer.from(row!.hex, 'hex').subarray(HEADER);
  const odd = new Uint8Array(payload.length + 1).fill(0xff);
  odd.set(payload, 1);
  const s = aligned(odd.subarray(1));
  t.same(ifaddrmsg.decode(odd.subarray(1)), viewAt(ifaddrmsg, s, 0, payload.length).toObject());
});

t.test('view().big is exact where a number is not', async (t) => {
  const { message, u64 } = await import('../../src/codec/leaf.js').then(async (leaf) => ({
    ...leaf,
    ...(await import('../../src/codec/message.js')),
  }));
  const { struct } = await import('../../src/codec/struct.js');
  const { attr } = await import('../../src/codec/type.js');
  const def = message<{ n?: number }, { n?: number | bigint; other?: number }>({
    name: 'testmsg',
    prefix: 'TEST',
    header: struct((r) => ({ family: r.u32(0) }), 4),
    table: { n: attr(1, u64) },
    types: {},
  });
  const exact = 0xfedcba9876543210n;
  const data = def.encode(new Writer(), { n: exact });
  const view = viewAt(def, aligned(data), 0, data.length);
  t.equal(view.big('n'), exact);
  t.equal(view.big('TEST_N'), exact);
  t.equal(view.n, Number(exact));
  t.equal(view.big('family'), undefined);
  t.equal(view.big('nonsense'), undefined);
  t.throws(() => view.get('nonsense'), { code: 'ERR_UNKNOWN_KEY', field: 'nonsense' });
});
