/** Tables: what is not in them, what comes twice, what comes late, what is cut; strict reading and strict writing. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DecodeError, InputError, show, suggest } from '../../src/codec/errors.js';
import * as leaf from '../../src/codec/leaf.js';
import { struct } from '../../src/codec/struct.js';
import { attr, type Variant } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';
import { ifaddrmsg } from '../../src/rtnl/ifaddrmsg.js';
import { rtmsg } from '../../src/rtnl/rtmsg.js';
import { attrs, define, HEADER, hex, refusal, tlv } from './fixture.js';

const inner = leaf.nest('IN', { n: attr(1, leaf.u32), deep: attr(2, leaf.nest('DEEP', { x: attr(1, leaf.u8) })) });
const other = leaf.nest('OTHER', { text: attr(1, leaf.cstr) });
const variant = (wrap: boolean): Variant => ({
  by: 'kind',
  pick: (kind) => ({ in: inner, other })[kind as 'in' | 'other'],
  place: (kind) => String(kind),
  places: () => ['in', 'other'],
  siblingOf: (place) => (place === 'in' || place === 'other' ? place : undefined),
  wrap,
});
const def = define({
  a: attr(1, leaf.u32),
  list: attr(2, leaf.many(leaf.u8)),
  nest: attr(3, inner),
  far: attr(40, leaf.u8),
  farther: attr(70, leaf.u8),
});
const beside = define({ kind: attr(1, leaf.cstr), data: attr(2, leaf.variant(variant(false))) });
const inside = define({ kind: attr(1, leaf.cstr), data: attr(2, leaf.wrapped(variant(true))) });
const data = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const one = tlv(1, '01000000');
const two = tlv(1, '02000000');

t.test('unknown attributes are kept with their flags, in order, and written back', async (t) => {
  const text = tlv(0x8063, 'aabb') + tlv(0x63, 'cc') + tlv(0x4064, '') + tlv(0x63, 'cc');
  const found = attrs(def, one + text);
  t.strictSame(found, {
    a: 1,
    unknown: [
      { type: 0x8063, data: data('aabb') },
      { type: 0x63, data: data('cc') },
      { type: 0x4064, data: data('') },
      { type: 0x63, data: data('cc') },
    ],
  });
  t.equal(hex(def, found), one + text);
  const nested = tlv(0x8003, tlv(1, '05000000') + tlv(9, 'ff'));
  t.equal(hex(def, attrs(def, nested)), nested, 'in a nest too');
});

t.test('a second one of what comes once is kept behind the first', async (t) => {
  for (const [id, first, second, key] of [
    [1, '01000000', '02000000', 'a'],
    [40, '01', '02', 'far'],
    [70, '01', '02', 'farther'],
  ] as const) {
    const text = tlv(id, first) + tlv(id, second);
    const found = attrs(def, text);
    t.strictSame(found, { [key]: 1, unknown: [{ type: id, data: data(second) }] });
    t.equal(hex(def, found), text);
  }
  t.strictSame(
    attrs(def, tlv(2, '05') + one + tlv(2, '05') + two).list,
    [5, 5],
    'what comes several times is an array',
  );
});

t.test('numbers and flags of the wire', async (t) => {
  t.strictSame(attrs(def, tlv(0x8001, '01000000')), { a: 1 }, 'flag bits are not the number');
  t.strictSame(
    attrs(def, tlv(3, tlv(1, '01000000'))),
    { nest: { n: 1 } },
    'a nest without NLA_F_NESTED, as old kernels send it',
  );
});

t.test('a payload is read when what names it comes later', async (t) => {
  const payload = tlv(0x8002, tlv(1, '07000000'));
  const name = tlv(1, '696e00');
  for (const text of [name + payload, payload + name]) {
    t.strictSame(attrs(beside, text), { kind: 'in', in: { n: 7 } });
    t.strictSame(attrs(inside, text), { kind: 'in', data: { in: { n: 7 } } });
  }
  t.strictSame(attrs(beside, payload), { data: data(tlv(1, '07000000')) }, 'without a name it stays bytes');
  t.strictSame(
    attrs(beside, payload + tlv(1, '7a00')),
    { kind: 'z', data: data(tlv(1, '07000000')) },
    'or with a name that nobody knows',
  );
  t.strictSame(attrs(inside, payload + tlv(1, '7a00')), { kind: 'z', data: { data: data(tlv(1, '07000000')) } });
  for (const [message, text] of [
    [beside, payload + tlv(1, '7a00')],
    [inside, payload + tlv(1, '7a00')],
  ] as const) {
    t.equal(hex(message, attrs(message, text)).replaceAll('8002', '0002').length, text.length, 'and is written back');
  }
  t.equal(
    refusal(() => hex(beside, { kind: 'other', in: { n: 1 } })),
    'ERR_CONFLICT in',
  );
  t.equal(
    refusal(() => hex(beside, { in: { n: 1 } })),
    'ERR_CONFLICT in',
  );
  t.equal(
    refusal(() => hex(inside, { kind: 'other', data: { in: { n: 1 } } })),
    'ERR_CONFLICT data.in',
  );
  t.equal(
    refusal(() => hex(inside, { kind: 'in', data: { in: { n: 1 }, other: {} } })),
    'ERR_INVALID_VALUE data',
  );
  t.equal(
    refusal(() => hex(inside, { kind: 'in', data: {} })),
    'ERR_INVALID_VALUE data',
  );
  t.equal(
    refusal(() => hex(inside, { kind: 'in', data: { nope: {} } })),
    'ERR_UNKNOWN_KEY data.nope',
  );
  t.equal(
    refusal(() => hex(beside, { kind: 'in', in: { deep: { x: 256 } } })),
    'ERR_OUT_OF_RANGE in.deep.x',
  );
});

t.test('a bad attribute spoils nothing else', async (t) => {
  const text = tlv(1, '0100') + tlv(3, tlv(1, '01000000') + tlv(2, tlv(1, '0102'))) + tlv(40, '07');
  const found = attrs(def, text);
  t.strictSame(found, {
    unknown: [{ type: 1, data: data('0100') }],
    nest: { n: 1, deep: { unknown: [{ type: 1, data: data('0102') }] } },
    far: 7,
    errors: [
      { path: 'a', type: 1, offset: 8, reason: 'u32 of 2 bytes' },
      { path: 'nest.deep.x', type: 1, offset: 32, reason: 'u8 of 1 bytes cannot have 2 bytes' },
    ],
  });
  t.strictSame(attrs(beside, tlv(1, '696e00') + tlv(2, tlv(1, '01'))).errors, [
    { path: 'in.n', type: 1, offset: 20, reason: 'u32 of 1 bytes' },
  ]);
  t.strictSame(attrs(inside, tlv(1, '696e00') + tlv(2, tlv(1, '01'))).errors, [
    { path: 'data.in.n', type: 1, offset: 20, reason: 'u32 of 1 bytes' },
  ]);
  t.equal(hex(def, found).length, text.length, 'and goes back as it came');
  const strict = (bytes: string) => def.decode(data('00'.repeat(HEADER) + bytes), { strict: true });
  t.throws(() => strict(text), {
    name: 'DecodeError',
    path: 'a',
    type: 1,
    offset: 8,
    code: 'ERR_NETLINK_DECODE',
  } as never);
  t.match(strict(one), { a: 1 });
  t.notOk('errors' in def.decode(data('00'.repeat(HEADER) + one)), 'and is forgotten by the next message');
});

t.test('lengths that do not fit', async (t) => {
  for (const length of ['0000', '0300', '0900', 'ffff']) {
    const found = attrs(def, `${tlv(40, '07')}${length}010001000000`);
    t.match(found, { far: 7, errors: [{ path: 'a', type: 1, offset: 16 }] }, length);
    t.equal(found.a, undefined);
  }
  const rest = attrs(def, `${one}010203`);
  t.strictSame(rest, { a: 1, rest: data('010203') }, 'one to three bytes behind');
  t.equal(hex(def, rest), one);
  t.match(attrs(def, tlv(3, '05000100')), { nest: {}, errors: [{ path: 'nest.n' }] });
});

t.test('too deep', async (t) => {
  const deep: Parameters<typeof define>[0] = {
    n: attr(
      1,
      leaf.nest('N', () => deep),
    ),
  };
  const message = define(deep);
  let text = '';
  for (let i = 0; i < 60; i++) text = tlv(1, text);
  const found = attrs(message, text) as { errors: unknown[] };
  t.equal(found.errors.length, 1);
  t.match(attrs(message, tlv(1, '')), { n: {} }, 'and the depth is counted anew');
});

t.test('structs: longer ones are read, shorter ones lose their tail', async (t) => {
  const s = define({ v: attr(1, leaf.structOf(struct((r) => ({ a: r.u32(0), b: r.u16(4), c: r.u8(6) }), 8))) });
  t.strictSame(attrs(s, tlv(1, '0100000002000300')), { v: { a: 1, b: 2, c: 3 } });
  t.strictSame(attrs(s, tlv(1, '0100000002000300ffffffff')), { v: { a: 1, b: 2, c: 3 } });
  t.strictSame(attrs(s, tlv(1, '010000000200')), { v: { a: 1, b: 2 } });
  t.strictSame(attrs(s, tlv(1, '0100000002')), { v: { a: 1 } });
  t.strictSame(attrs(s, tlv(1, '')), { v: {} });
  const headed = define({
    v: attr(
      1,
      leaf.nest('H', { x: attr(1, leaf.u8) }, { header: struct((r) => ({ id: r.u32(0), port: r.u16(4) }), 6) }),
    ),
  });
  const text = tlv(0x8001, `0500000007000000${tlv(1, '09')}`);
  t.strictSame(attrs(headed, text), { v: { id: 5, port: 7, x: 9 } }, 'in front of a nest');
  t.equal(hex(headed, { v: { id: 5, port: 7, x: 9 } }), text);
  t.equal(
    refusal(() => hex(headed, { v: { id: -1 } })),
    'ERR_OUT_OF_RANGE v.id',
  );
  t.match(attrs(headed, tlv(1, '05000000')), { errors: [{ path: 'v' }] });
});

t.test('a member of the header that has a wide attribute', async (t) => {
  const w = new Writer();
  const table = (o: object) => Buffer.from(rtmsg.encode(w, o as never)).toString('hex');
  t.equal(table({ table: 255 }).slice(8, 10), 'ff');
  t.equal(table({ table: 255 }).length, 24, 'fits the header');
  t.equal(table({ table: 256 }), `${'00'.repeat(12)}${tlv(15, '00010000')}`);
  t.equal(table({ table: 'main' }).slice(8, 10), 'fe');
  t.equal(table({ table: 2 ** 32 - 1 }).slice(24), tlv(15, 'ffffffff'));
  t.equal(
    refusal(() => table({ table: 2 ** 32 })),
    'ERR_OUT_OF_RANGE table',
  );
  t.equal(
    refusal(() => table({ table: -1 })),
    'ERR_OUT_OF_RANGE table',
  );
  t.equal(rtmsg.decode(rtmsg.encode(w, { table: 1000 } as never)).table, 1000);
  const flags = (o: object) => Buffer.from(ifaddrmsg.encode(w, o as never)).toString('hex');
  t.equal(flags({ flags: 0x80 }), '0000800000000000');
  t.equal(flags({ flags: 0x280 }), `0000800000000000${tlv(8, '80020000')}`, 'the header has the lower bits too');
  t.equal(flags({ flags: ['noprefixroute'] }), `0000000000000000${tlv(8, '00020000')}`);
  t.equal(ifaddrmsg.decode(ifaddrmsg.encode(w, { flags: 0x280 })).flags, 0x280);
});

t.test('what a mistake is told', async (t) => {
  const reason = (write: () => unknown): string => {
    try {
      write();
    } catch (error) {
      return (error as InputError).message;
    }
    return '';
  };
  t.equal(
    reason(() => hex(def, { lst: [] })),
    'lst: unknown key (did you mean "list"?)',
  );
  t.equal(
    reason(() => hex(def, { nest: { dep: {} } })),
    'nest.dep: unknown key (did you mean "deep"?)',
  );
  t.equal(
    reason(() => hex(beside, { kind: 'in', othr: {} })),
    'othr: unknown key (did you mean "other"?)',
    'names of payloads too',
  );
  t.equal(
    reason(() => hex(def, { zzzzzz: 1 })),
    'zzzzzz: unknown key',
  );
  t.equal(suggest('NUM_TX_QUEUES', ['numTxQueues', 'mtu']), ' (did you mean "numTxQueues"?)', "the kernel's spelling");
  t.equal(suggest('x', []), '');
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty'])
    t.match(
      reason(() => hex(def, JSON.parse(`{"${key}":1}`))),
      /unknown key/,
    );
  t.equal(show('x'.repeat(1000)).length < 80, true);
  t.same(
    [show(1n), show(null), show([]), show({}), show(() => 1), show(Symbol('s')), show(undefined)],
    ['1n', 'null', 'an array', 'an object', 'a function', 'Symbol(s)', 'undefined'],
  );
  t.equal(new InputError('ERR_INVALID_VALUE', '[0].x', 'bad').within('list').field, 'list[0].x');
  t.equal(new InputError('ERR_INVALID_VALUE', '', 'bad').within('a').within('b').message, 'b.a: bad');
  t.ok(new InputError('ERR_INVALID_VALUE', '', 'x') instanceof TypeError);
  t.ok(new DecodeError({ path: '', type: 0, offset: 0, reason: 'x' }).message.startsWith('message: x'));
});

t.test('names of the kernel', async (t) => {
  t.equal(rtmsg.table.nameOf('prefsrc'), 'RTA_PREFSRC');
  t.equal(rtmsg.table.nameOf('nhId'), 'RTA_NH_ID');
  t.equal(rtmsg.table.keyOf('RTA_MP_ALGO'), 'mpAlgo');
  t.equal(rtmsg.table.keyOf('mtu'), undefined);
});

t.test('no code is made of strings', async (t) => {
  const src = fileURLToPath(new URL('../../../src/', import.meta.url));
  const guilty = readdirSync(src, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && /\bnew Function\b|\beval\(/.test(readFileSync(src + file, 'utf8')));
  t.same(guilty, []);
});
