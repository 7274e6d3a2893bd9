/** Messages that are like one before: what is copied and read anew is what the general reader gives, to the order of keys. */
import t, { type Test } from 'tap';
import { Samples } from '../../src/codec/alike.js';
import { aligned, Bytes } from '../../src/codec/bytes.js';
import {
  byFamily,
  custom,
  ip4,
  many,
  nest,
  nestArray,
  prefix,
  skip,
  structOf,
  u8,
  u32,
  variant,
  words,
} from '../../src/codec/leaf.js';
import { message } from '../../src/codec/message.js';
import { takeIssues } from '../../src/codec/read.js';
import type { Cursor } from '../../src/codec/struct.js';
import { type AttrMap, OP_LLADDR, type Rec, Type } from '../../src/codec/type.js';
import { attr, be32, bytes, cstr, struct } from '../../src/index.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { Mutator, Random, seed } from '../fuzz/mutate.js';
import { same } from '../fuzz/same.js';
import { type Row, rows } from '../rtnl/tlv.js';

const HEADER = 16;
/** Bytes of the netlink header and struct ifinfomsg. */
const START = 2 * HEADER;
const links: { name: string; all: Uint8Array }[] = ['links', 'kinds']
  .flatMap((area) => rows(area).filter(({ type }: Row) => type === 'RTM_NEWLINK'))
  .map(({ name, hex }) => ({ name, all: Uint8Array.from(Buffer.from(hex, 'hex')) }));
/** Those that the kernel sent, with all that it knows. */
const whole = links.filter(({ all }) => all.length > 1000);

/** What the general reader makes of a message. */
const general = (all: Uint8Array): Rec => ifinfmsg.readAny(aligned(all), HEADER, all.length - HEADER) as unknown as Rec;

const HEADER_KEYS = ['family', 'type', 'index', 'flags', 'change', 'state'];

/** What a sample makes of it, null when it is not like it. */
function like(samples: Samples, all: Uint8Array): Rec | null {
  const o = samples.read(aligned(all), HEADER, START, all.length);
  const issues = takeIssues();
  if (o === null || issues !== null) return null;
  const any = general(all);
  for (const key of HEADER_KEYS) o[key] = any[key];
  return o;
}

function sampleOf(all: Uint8Array): Samples {
  const samples = new Samples(ifinfmsg.table);
  samples.keep(aligned(all), HEADER, START, all.length, general(all), new Set(HEADER_KEYS));
  return samples;
}

const header = struct((r) => ({ family: r.u8(0), flags: r.u32(4) }), 8);
const inner = { size: attr(1, u32), unit: attr(2, u8) } as const;
const kinds: Record<string, ReturnType<typeof nest>> = { a: nest('A', inner), b: nest('B', { size: attr(1, be32) }) };
const table = {
  kind: attr(1, cstr),
  data: attr(
    2,
    variant({
      by: 'kind',
      pick: (kind) => kinds[kind],
      place: String,
      places: () => Object.keys(kinds),
      siblingOf: (place) => (place in kinds ? place : undefined),
      wrap: false,
    }),
  ),
  address: attr(3, byFamily({ 2: ip4 }, bytes)),
  numbers: attr(4, structOf(struct((r) => ({ one: r.u32(0), two: r.u32(4) }), 8))),
  /** Says what the header says. */
  echo: attr(
    5,
    custom<number, number>('echo', { read: (s, p, _n, base) => s.u8[p]! + s.u8[base + 4]!, write: () => 0 }),
  ),
  list: attr(6, many(u32)),
} as const;

/** The header's part of an object. */
function filling(r: Cursor, o: Rec): void {
  o.family = r.u8(0);
  o.flags = r.u32(4);
}

const test = message<Rec, Rec>({
  name: 'test',
  prefix: 'TST',
  header,
  fill: filling,
  table,
  types: { T: 1 },
});

/** A message from its header and attributes: type and payload. */
function made(family: number, flags: number, ...attributes: [number, number[]][]): Bytes {
  const parts = attributes.map(([type, payload]) => {
    const part = Buffer.alloc(4 + ((payload.length + 3) & ~3));
    part.writeUInt16LE(4 + payload.length, 0);
    part.writeUInt16LE(type, 2);
    part.set(payload, 4);
    return part;
  });
  return new Bytes(Uint8Array.from(Buffer.concat([Buffer.from([family, 0, 0, 0, flags, 0, 0, 0]), ...parts])));
}

/** Reads a message in a way that takes samples, and says what came of it. */
function given(s: Bytes): { row: Rec; alike: boolean } {
  const n = s.u8.length;
  const alike = test.readAlike!(s, 0, n);
  return { row: alike ?? test.read(s, 0, n), alike: alike !== null };
}

const NO_KEYS: ReadonlySet<string> = new Set();
const text = (word: string): number[] => [...Buffer.from(`${word}\0`)];

// These come first, since there are only so many kinds of objects in a process.
const five = [8, 0, 1, 0, 0, 0, 0, 5];

t.test('what an attribute means may depend on others', async (t) => {
  const whole: [number, number[]][] = [
    [1, text('a')],
    [2, five],
    [3, [10, 0, 0, 1]],
    [4, [1, 0, 0, 0, 2, 0, 0, 0]],
    [5, [1]],
  ];
  for (let i = 0; i < 12; i++) given(made(2, 1, ...whole));
  const again = given(made(2, 1, ...whole));
  t.ok(again.alike);
  t.same(again.row, {
    family: 2,
    flags: 1,
    kind: 'a',
    a: { size: 0x05000000 },
    address: '10.0.0.1',
    numbers: { one: 1, two: 2 },
    echo: 2,
  });
  const later = given(made(2, 9, ...whole));
  t.ok(later.alike);
  t.match(later.row, { flags: 9, echo: 10 }, 'the same bytes beside another header');
  const other = given(made(2, 1, [1, text('b')], ...whole.slice(1)));
  t.notOk(other.alike, 'the payload is of another kind');
  t.match(other.row, { kind: 'b', b: { size: 5 }, a: undefined });
  const family = given(made(10, 1, ...whole));
  t.notOk(family.alike, 'the address is of another family');
  t.same(family.row.address, Uint8Array.of(10, 0, 0, 1));
  const odd = given(made(2, 1, whole[0]!, whole[1]!, [3, [1, 2, 3]], ...whole.slice(3)));
  t.match(odd.row, { errors: [{ path: 'address' }], address: undefined }, 'what cannot be read is told');
  for (let i = 0; i < 40; i++) {
    const wrong = given(made(2, 1, whole[0]!, [2, [5, 0, 1, 0, 9, 0, 0, 0]], [3, [1, 2, 3]], ...whole.slice(3)));
    const paths = (wrong.row.errors as Rec[]).map(({ path }) => path);
    if (paths.join() !== 'address,a.size') t.same(paths, ['address', 'a.size'], 'each thing once');
  }
  const longer = given(made(2, 1, whole[0]!, [2, [...five, 5, 0, 2, 0, 9, 0, 0, 0]], ...whole.slice(2)));
  t.ok(longer.alike, 'more inside one of them');
  t.same(longer.row.a, { size: 0x05000000, unit: 9 });
  t.same(given(made(2, 1, ...whole)).row, again.row, 'and the sample is as it was');
});

t.test('only so many are kept, and others come when they are needed', async (t) => {
  const samples = new Samples(test.table);
  const one = (family: number) => made(family, 0, [1, text('a')]);
  const there = () => Array.from({ length: 100 }, (_, i) => samples.read(one(i), 0, 8, 16) !== null);
  const turn = (family: number) => {
    const s = one(family);
    if (samples.read(s, 0, 8, s.u8.length) === null && samples.wanted)
      samples.keep(s, 0, 8, s.u8.length, test.readAny(s, 0, s.u8.length), NO_KEYS);
  };
  for (let i = 0; i < 8; i++) turn(i);
  t.notOk(there().includes(true), 'a short list has no use for any');
  for (let i = 8; i < 24; i++) turn(i);
  t.equal(there().filter(Boolean).length, 8);
  t.ok(there()[23], 'the newest is');
  for (let i = 0; i < 100; i++) turn(50);
  t.ok(there()[50], 'what comes often, later as well');
  t.equal(there().filter(Boolean).length, 8);
});

/**
 * Reads messages one after the other by a message of their own kind, and compares each with the general reader.
 * `alike`: whether one of them is like another.
 */
function sequence(t: Test, what: string, alike: boolean, table: AttrMap, ...all: Bytes[]): void {
  const def = message<Rec, Rec>({ name: 'own', prefix: 'OWN', header, fill: filling, table, types: { T: 1 } });
  let found = false;
  for (const [i, s] of all.entries()) {
    const n = s.u8.length;
    found ||= def.readAlike!(s, 0, n) !== null;
    const [given, any] = [def.read(s, 0, n), def.readAny(s, 0, n)];
    if (!same(given, any)) t.same(given, any, `${what}: message ${i}`);
  }
  t.equal(found, alike, what);
}

t.test('tables of other kinds', async (t) => {
  const times = <T>(value: T): T[] => Array.from({ length: 12 }, () => value);
  const echo = table.echo.type;
  sequence(
    t,
    'padding with something in it',
    true,
    { pad: attr(1, skip), name: attr(2, cstr), one: attr(3, u32) },
    ...[...times('abc'), 'abd', 'abe', 'abd'].map((name) =>
      made(2, 0, [3, [1, 0, 0, 0]], [1, [12, 0, 2, 0]], [2, text(name)]),
    ),
  );
  sequence(
    t,
    'an attribute with the name of a member',
    false,
    { flags: attr(1, u32), one: attr(2, u32) },
    ...[...times(9), 8].map((flags) => made(2, 5, [1, [flags, 0, 0, 0]], [2, [1, 0, 0, 0]])),
  );
  sequence(
    t,
    'a payload that a member names',
    false,
    {
      data: attr(
        1,
        variant({
          by: 'flags',
          pick: (flags) => (flags === 1 ? u32 : be32),
          place: (flags) => `w${flags}`,
          places: () => ['w1', 'w2'],
          siblingOf: () => undefined,
          wrap: false,
        }),
      ),
    },
    ...[...times(1), 2].map((flags) => made(2, flags, [1, [1, 0, 0, 0]])),
  );
  sequence(
    t,
    'what asks the header, in lists, prefixes and words',
    true,
    {
      list: attr(1, nestArray(echo)),
      prefixes: attr(2, nestArray(prefix(4))),
      other: attr(3, prefix(1, { 2: { type: echo as never, length: 8 } })),
      word: attr(4, words(echo as never, { six: 6 })),
      late: attr(5, prefix(4)),
    },
    ...[...times(8), 6, 5].map((flags) => {
      const [one, address] = [
        [1, 0, 0, 0],
        [8, 0, 1, 0, 10, 1, 0, 0],
      ];
      return made(2, flags, [1, [8, 0, 1, 0, ...one!]], [2, address!], [3, one!], [4, one!], [5, [10, 1, 0, 0]]);
    }),
  );
  sequence(
    t,
    'an address that is too long',
    true,
    { address: attr(1, new Type<string>(OP_LLADDR, 'short', 0, { max: 4 })), one: attr(2, u32) },
    ...[...times([1, 2]), [1, 2, 3, 4, 5, 6]].map((address) => made(2, 0, [1, address], [2, [1, 0, 0, 0]])),
  );
  const deep: AttrMap = {
    one: attr(1, u32),
    deeper: attr(
      2,
      nest('DEEP', () => deep),
    ),
  };
  const nested = (levels: number): [number, number[]] => {
    let inner = [8, 0, 1, 0, 1, 0, 0, 0];
    for (let i = 1; i < levels; i++) inner = [inner.length + 4, 0, 2, 0, ...inner];
    return [2, inner];
  };
  for (const before of [1, 10, 31])
    sequence(
      t,
      `nests of other depths than ${before}`,
      true,
      deep,
      ...[...times(before), 30, 31, 32, 33, 34, before].map((levels) => made(2, 0, nested(levels))),
    );
});

/** Links that have little in common. */
const chosen = whole.filter((_, i) => i % Math.ceil(whole.length / 12) === 0);

t.test('every golden link is read as if it were the only one', async (t) => {
  let alike = 0;
  for (const sample of chosen) {
    const samples = sampleOf(sample.all);
    for (const { name, all } of links) {
      const given = like(samples, all);
      if (given === null) continue;
      alike++;
      const any = general(all);
      if (!same(given, any)) t.same(given, any, `${name}, by ${sample.name}: values and order of keys`);
    }
  }
  t.ok(alike > 500, `${alike} like one of ${chosen.length}`);
  for (const { name, all } of [...links, ...links]) {
    const given = ifinfmsg.read(aligned(all), HEADER, all.length - HEADER) as unknown as Rec;
    if (!same(given, general(all))) t.same(given, general(all), name);
  }
});

t.test('so is whatever mutations make of them', async (t) => {
  const random = new Random(5);
  const mutator = new Mutator(random);
  const targets = chosen.map(({ name, all }) => ({
    samples: sampleOf(all),
    from: seed(name, all, 16),
    any: general(all),
  }));
  let alike = 0;
  let changed = 0;
  const N = 40_000;
  for (let i = 0; i < N; i++) {
    const { samples, from, any: before } = targets[random.below(targets.length)]!;
    // Half of them with other contents only: what differs is read, the rest copied.
    if (random.below(2) === 0) mutator.make(from);
    else {
      mutator.bytes.set(from.bytes);
      mutator.length = from.bytes.length;
      for (let k = random.below(6); k >= 0; k--)
        mutator.bytes[HEADER + random.below(mutator.length - HEADER)] = random.below(256);
    }
    const all = mutator.bytes.slice(0, mutator.length);
    if (all.length < START) continue;
    const any = general(all);
    const asAlways = ifinfmsg.read(aligned(all), HEADER, all.length - HEADER) as unknown as Rec;
    if (!same(asAlways, any)) {
      t.same(asAlways, any, `${from.name}, mutation ${i}, read as always`);
      break;
    }
    const given = like(samples, all);
    if (given === null) continue;
    alike++;
    if (!same(any, before)) changed++;
    if (!same(given, any)) {
      t.same(given, any, `${from.name}, mutation ${i}`);
      t.same(Object.keys(given), Object.keys(any), 'order of keys');
      break;
    }
  }
  t.ok(alike > N / 4, `${alike} of ${N} like the one they were made of`);
  t.ok(changed > N / 8, `${changed} of these with other values`);
});

/** Changes everything in an object, and in what is in it. */
function spoil(o: Rec): void {
  for (const [key, value] of Object.entries(o)) {
    if (value instanceof Uint8Array) value.fill(7);
    else if (typeof value === 'object' && value !== null) spoil(value as Rec);
    else o[key] = 'spoiled';
  }
  o.more = true;
}

t.test('nothing is shared between objects', async (t) => {
  for (const { name, all } of chosen) {
    const samples = sampleOf(all);
    const first = like(samples, all);
    t.ok(first, name);
    spoil(first!);
    const second = like(samples, all);
    if (!same(second, general(all))) t.same(second, general(all), name);
  }
});

t.test('what is unusual never becomes a sample', async (t) => {
  const cases: Record<string, [number, number[]][]> = {
    'an attribute that may come several times': [[6, [1, 0, 0, 0]]],
    'one that nobody knows': [[40, [1]]],
    'one that comes twice': [
      [3, [10, 0, 0, 1]],
      [3, [10, 0, 0, 2]],
    ],
    'one that cannot be read': [[3, [1, 2, 3]]],
  };
  for (const [what, attributes] of Object.entries(cases)) {
    const s = made(2, 0, ...attributes);
    const samples = new Samples(test.table);
    samples.keep(s, 0, 8, s.u8.length, test.readAny(s, 0, s.u8.length), NO_KEYS);
    t.equal(samples.read(s, 0, 8, s.u8.length), null, what);
    t.same(given(s).row, test.readAny(s, 0, s.u8.length));
  }
  // A cut attribute: what is left of it is told, again and again.
  const cut = made(2, 0, [1, text('a')]);
  cut.u8[8] = 60;
  for (let i = 0; i < 3; i++) t.match(given(cut).row, { errors: [{ path: 'kind' }] });
});
