/** The growing buffer: at whatever byte it grows, what is written is the same; padding is zero; nests are marked. */
import t from 'tap';
import { LITTLE } from '../../src/codec/bytes.js';
import { beginMessage, endMessage } from '../../src/codec/header.js';
import * as leaf from '../../src/codec/leaf.js';
import type { MessageDef } from '../../src/codec/message.js';
import { struct } from '../../src/codec/struct.js';
import { attr, type Rec } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';
import { ifaddrmsg } from '../../src/rtnl/ifaddrmsg.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { rtmsg } from '../../src/rtnl/rtmsg.js';
import { rows } from '../rtnl/tlv.js';
import { define, refusal } from './fixture.js';

const struct64 = struct(
  (r) => ({ id: r.id64(0), n: r.u64(8), port: r.be16(16), vni: r.be32(20), mac: r.mac(24), ip: r.ip6(32) }),
  48,
);
const inner = leaf.nest('IN', { n: attr(1, leaf.u32), s: attr(2, leaf.cstr) });
const all = define({
  u8: attr(1, leaf.u8),
  u16: attr(2, leaf.u16),
  u32: attr(3, leaf.u32),
  s32: attr(4, leaf.s32),
  u64: attr(5, leaf.u64),
  be16: attr(6, leaf.be16),
  be32: attr(7, leaf.be32),
  flag: attr(8, leaf.flag),
  bool8: attr(9, leaf.bool8),
  cstr: attr(10, leaf.cstr),
  bytes: attr(11, leaf.bytes),
  ip4: attr(12, leaf.ip4),
  ip6: attr(13, leaf.ip6),
  lladdr: attr(14, leaf.lladdr),
  words: attr(15, leaf.words(leaf.u16, { x: 7 })),
  bits: attr(16, leaf.bits(leaf.u32, { x: 8 })),
  struct: attr(17, leaf.structOf(struct64)),
  nest: attr(18, inner),
  many: attr(19, leaf.many(inner)),
  array: attr(20, leaf.array(leaf.u16)),
  list: attr(21, leaf.nestArray(inner)),
  uint: attr(22, leaf.uint),
  prefix: attr(23, leaf.prefix(1)),
  via: attr(24, leaf.ipByFamily),
});
const everything: Rec = {
  u8: 0xf1,
  u16: 0xf1f2,
  u32: 0xf1f2f3f4,
  s32: -2,
  u64: 2 ** 52,
  be16: 0xf1f2,
  be32: 0xf1f2f3f4,
  flag: true,
  bool8: true,
  cstr: 'a name',
  bytes: Uint8Array.of(1, 2, 3, 4, 5),
  ip4: '10.0.0.1',
  ip6: '2001:db8::1',
  lladdr: '02:00:00:00:00:01',
  words: 'x',
  bits: ['x'],
  struct: { id: 0xfedcba9876543210n, n: 5, port: 4789, vni: 0x12345678, mac: '02:00:00:00:00:01', ip: '::1' },
  nest: { n: 1, s: 'x' },
  many: [{ n: 1 }, { s: 'yy' }],
  array: [1, 2, 3],
  list: [{ n: 1 }, { n: 2 }],
  uint: 2 ** 40,
  prefix: '10.0.0.0/8',
  via: '10.0.0.2',
  unknown: [{ type: 99, data: Uint8Array.of(9) }],
};

/** Encodes with a buffer that is full after `before` bytes of rubbish. */
function encoded(def: MessageDef<Rec, Rec>, o: Rec, capacity: number): string {
  const w = new Writer(capacity);
  w.u8.fill(0xee);
  def.write(w, o);
  return Buffer.from(w.bytes()).toString('hex');
}

t.test('growth at every byte', async (t) => {
  const wanted = encoded(all, everything, 1 << 16);
  t.same(all.decode(new Uint8Array(Buffer.from(wanted, 'hex')), { strict: true }).struct, everything.struct);
  const wrong: number[] = [];
  for (let capacity = 4; capacity <= wanted.length / 2 + 4; capacity += 4)
    if (encoded(all, everything, capacity) !== wanted) wrong.push(capacity);
  t.same(wrong, [], `one buffer of each size up to ${wanted.length / 2} bytes`);
  for (const [key, value] of Object.entries(everything)) {
    const one = encoded(all, { [key]: value }, 1 << 12);
    for (let capacity = 4; capacity <= one.length / 2; capacity += 4)
      if (encoded(all, { [key]: value }, capacity) !== one) t.fail(`${key} in ${capacity} bytes`);
  }
});

t.test('growth at every byte: golden requests', async (t) => {
  const wrong: string[] = [];
  for (const [area, def] of [
    ['links', ifinfmsg],
    ['addrs', ifaddrmsg],
    ['routes', rtmsg],
  ] as unknown as [string, MessageDef<Rec, Rec>][]) {
    for (const row of rows(area)) {
      if (!(row.type in def.types) || row.direction !== 'request') continue;
      const o = def.decode(new Uint8Array(Buffer.from(row.hex, 'hex').subarray(16)));
      delete o.errors;
      const wanted = encoded(def, o, 1 << 16);
      for (let capacity = 4; capacity <= wanted.length / 2; capacity += 4)
        if (encoded(def, o, capacity) !== wanted) wrong.push(`${row.name} in ${capacity}`);
    }
  }
  t.same(wrong.slice(0, 5), []);
});

t.test('a message around it', async (t) => {
  for (let capacity = 4; capacity <= 64; capacity += 4) {
    const w = new Writer(capacity);
    w.u8.fill(0xee);
    const p = beginMessage(w, 0x1234, 0x5678, 0x9abcdef0, 7);
    w.attrU32(1, 0xffffffff);
    w.attrBytes(2, [1, 2, 3]);
    endMessage(w, p);
    if (LITTLE)
      t.equal(
        Buffer.from(w.bytes()).toString('hex'),
        '2000000034127856f0debc9a0700000008000100ffffffff0700020001020300',
      );
  }
});

t.test('a writer that is used again leaves nothing of before', async (t) => {
  const w = new Writer(4096);
  w.u8.fill(0xff);
  const first = Buffer.from(all.encode(w, everything)).toString('hex');
  w.u8.fill(0xff);
  const second = Buffer.from(all.encode(w, everything)).toString('hex');
  t.equal(first, second);
  t.equal(first, encoded(all, everything, 8192));
  w.references.push({ what: 'interface', p: 0, name: 'x' });
  w.reset();
  t.same([w.pos, w.references], [0, []]);
});

/** Visits attributes: number with flags, payload and padding. */
function each(
  b: Buffer,
  from: number,
  to: number,
  visit: (type: number, p: number, len: number, pad: Buffer) => void,
): void {
  for (let at = from; to - at >= 4; ) {
    const len = b.readUInt16LE(at);
    if (len < 4) throw new Error(`length ${len} at ${at}`);
    visit(b.readUInt16LE(at + 2), at + 4, len - 4, b.subarray(at + len, Math.min(to, (at + len + 3) & ~3)));
    at += (len + 3) & ~3;
  }
}

t.test('NLA_F_NESTED on every nest, on nothing else; padding is zero', async (t) => {
  const w = new Writer(16);
  w.u8.fill(0xff);
  const b = Buffer.from(all.encode(w, everything));
  const nests = new Set([18, 19, 21]);
  each(b, 8, b.length, (type, p, len, pad) => {
    if (type !== 99) t.equal((type & 0x8000) !== 0, nests.has(type & 0x3fff), `attribute ${type & 0x3fff}`);
    t.ok(
      pad.every((byte) => byte === 0),
      'padding',
    );
    if ((type & 0x3fff) === 21)
      each(b, p, p + len, (element) => t.equal(element & 0x8000, 0x8000, 'element of a list'));
  });
  const plain = define({ v: attr(1, leaf.nest('IN', { n: attr(1, leaf.u32) }, { plain: true })) });
  t.equal(Buffer.from(plain.encode(w, { v: { n: 1 } })).readUInt16LE(10), 1, 'except where the kernel wants none');
});

t.test('an attribute of more than 65535 bytes is refused', async (t) => {
  const def = define({ v: attr(1, leaf.bytes), n: attr(2, leaf.nest('IN', { v: attr(1, leaf.bytes) })) });
  const w = new Writer();
  const most = new Uint8Array(65531);
  t.equal(def.encode(w, { v: most }).length, 8 + 65536);
  t.equal(
    refusal(() => def.encode(w, { v: new Uint8Array(65532) })),
    'ERR_OUT_OF_RANGE v',
  );
  t.equal(
    refusal(() => def.encode(w, { n: { v: most } })),
    'ERR_OUT_OF_RANGE n',
  );
  t.equal(
    refusal(() => def.encode(w, { unknown: [{ type: 9, data: new Uint8Array(65532) }] })),
    'ERR_OUT_OF_RANGE unknown[0]',
  );
});

t.test('a view is of what was written, also when the buffer grew in between', async (t) => {
  const w = new Writer(64);
  w.put32(1);
  const first = w.view;
  t.same([...first], [...w.bytes()]);
  w.reset();
  w.put32(2);
  t.equal(w.view, first, 'the same object for the same length');
  w.put32(3);
  t.same([...w.view], [...w.bytes()], 'longer');
  w.reset();
  w.need(1000);
  w.append([5, 6, 7, 8, 9, 10, 11, 12]);
  t.same([...w.view], [5, 6, 7, 8, 9, 10, 11, 12], 'as long as before, in another buffer');
});

t.test('what an object inherits is not written, with keys as those before or others', async (t) => {
  const def = define({ first: attr(1, leaf.u32), second: attr(2, leaf.u32) });
  const bytes = (o: object) => {
    const w = new Writer();
    def.write(w, o as Rec);
    return [...w.bytes()];
  };
  const one = bytes({ first: 1 });
  const both = bytes({ first: 1, second: 2 });
  t.not(one.length, both.length);
  const heir = Object.assign(Object.create({ second: 2 }), { first: 1 });
  t.same(bytes(heir), one, 'after one that had both');
  t.same(bytes(heir), one, 'after one like it');
  t.same(bytes({ first: 1, second: 2 }), both, 'with both of its own');
});

t.test('a getter that takes a key away moves no value to another attribute', async (t) => {
  const def = define({ first: attr(1, leaf.u32), second: attr(2, leaf.u32), third: attr(3, leaf.u32) });
  const w = new Writer();
  const trap: Rec = {
    get first() {
      delete trap.second;
      return 1;
    },
    second: 2,
    third: 3,
  };
  def.write(w, trap);
  const { first, second, third } = def.decode(w.bytes());
  t.same([first, second, third], [1, undefined, 3]);
});
