/** Each kind of difference is told, from tables and facts made up here. */
import t from 'tap';
import { be16, bits, cstr, custom, flag, ip4, nest, s32, structOf, u8, u16, u32, words } from '../../src/codec/leaf.js';
import { message } from '../../src/codec/message.js';
import { struct } from '../../src/codec/struct.js';
import { type AttrMap, attr } from '../../src/codec/type.js';
import { compare } from '../../tools/drift/compare.js';
import type { Exception } from '../../tools/drift/exceptions.js';
import type { Facts, Missing } from '../../tools/drift/facts.js';
import { judgeMissing, shrink } from '../../tools/drift/missing.js';
import { Walk } from '../../tools/drift/tables.js';

const facts: Facts = {
  headers: '7.0',
  sets: {
    X: {
      header: 'linux/x.h',
      attrs: {
        X_ID: [1, 'u32'],
        X_PORT: [2, 'be16'],
        X_DELTA: [3, 's32'],
        X_NAME: [4, 'string'],
        X_INNER: [5, 'nest'],
        X_ON: [6, 'flag'],
        X_ADDR: [7, 'ip4'],
        X_CACHE: [8, 'struct x_cache'],
        X_MODE: [9, 'u8'],
        X_SILENT: [10],
      },
    },
    Y: { header: 'linux/y.h', attrs: { Y_ONE: [1, 'u8'] } },
  },
  enums: { x_mode: { X_MODE_SLOW: 1, X_MODE_FAST: 2, X_MODE_IDLE: 3 } },
  macros: { RTM: { RTM_NEWX: 200 } },
  structs: {
    xmsg: { size: 8, members: { x_family: [0, 'u8'], x_pad1: [1, 'u8'], x_port: [2, 'be16'], x_index: [4, 's32'] } },
    x_cache: { size: 8, members: { x_used: [0, 'u32'], x_addr: [4, 'u8[4]'] } },
  },
};

const header = struct((r) => ({ family: r.u8(0), port: r.be16(2), index: r.s32(4) }), 8);
const cache = struct((r) => ({ used: r.u32(0) }), 8);
const inner = { one: attr(1, u8) };
const good = {
  id: attr(1, u32),
  port: attr(2, be16),
  delta: attr(3, s32),
  name: attr(4, cstr),
  inner: attr(5, nest('Y', inner)),
  on: attr(6, flag),
  addr: attr(7, ip4),
  cache: attr(8, structOf(cache)),
  mode: attr(9, words(u8, { slow: 1, fast: 2, idle: 3 })),
  silent: attr(10, u32),
};

function report(
  table: AttrMap,
  more: { header?: typeof header; types?: Record<string, number>; rows?: Exception[] } = {},
) {
  const walk = new Walk();
  walk.message(
    message({
      name: 'xmsg',
      prefix: 'X',
      header: more.header ?? header,
      table,
      types: more.types ?? { RTM_NEWX: 200 },
    }),
  );
  walk.run();
  return compare(walk.found, facts, more.rows ?? []);
}

t.test('nothing is told of what agrees', async (t) => {
  const { problems, lacks, counts } = report(good);
  t.same(problems, []);
  t.same(lacks.attrs, {});
  t.same(lacks.members, { x_cache: ['x_addr'] });
  t.match(counts, { tables: 2, attributes: 11, typed: 10, messages: 1, structs: 2, members: 4, words: 3 });
});

const cases: [string, Record<string, unknown>, RegExp][] = [
  ['an id', { id: attr(11, u32) }, /^xmsg\.id: X_ID = 11, linux\/x\.h says 1$/],
  ['a name', { id: undefined, ident: attr(1, u32) }, /X_IDENT is not in linux\/x\.h; number 1 of X is X_ID$/],
  ['a width', { id: attr(1, u16) }, /X_ID is u16 \(u16\), the specs say u32$/],
  ['a width of bits', { id: attr(1, bits(u8, { a: 1 })) }, /X_ID is u8/],
  ['a width of words', { mode: attr(9, words(u16, { slow: 1, fast: 2, idle: 3 })) }, /X_MODE is u16/],
  ['a byte order', { port: attr(2, u16) }, /X_PORT is u16 \(u16\), the specs say be16$/],
  ['a byte order that is none', { id: attr(1, be16) }, /X_ID is be16/],
  ['a sign', { delta: attr(3, u32) }, /X_DELTA is u32 \(u32\), the specs say s32$/],
  ['a number for a text', { name: attr(4, u32) }, /X_NAME is u32/],
  ['a number for a nest', { inner: attr(5, u32) }, /X_INNER is u32/],
  ['a number for a flag', { on: attr(6, u8) }, /X_ON is u8/],
  ['a number for an address', { addr: attr(7, u32) }, /X_ADDR is u32/],
  [
    'a wrong word',
    { mode: attr(9, words(u8, { slow: 1, fast: 3, idle: 3 })) },
    /fast = 3, the headers say X_MODE_FAST = 2/,
  ],
];
for (const [what, change, expected] of cases) {
  t.test(what, async (t) => {
    const table = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, v]) => v !== undefined));
    const { problems } = report(table as AttrMap);
    t.equal(problems.length, 1, problems.join('; '));
    t.match(problems[0], expected);
  });
}

t.test('what is written by hand is not judged', async (t) => {
  const odd = custom<number>('odd', { read: () => 0, write: () => 0 });
  t.same(report({ ...good, id: attr(1, odd) }).problems, []);
});

t.test('a table of no header says which line to add', async (t) => {
  const { problems } = report({ ...good, silent: attr(10, nest('Z', { what: attr(1, u8) })) });
  t.equal(problems.length, 1);
  t.match(
    problems[0],
    /Z_WHAT .* none of the headers\. Add the header that declares them to HEADERS in tools\/drift\/mapping\.ts/,
  );
});

t.test('a struct that is mapped to nothing says which row to add', async (t) => {
  const { problems } = report({ ...good, silent: attr(10, structOf(struct((r) => ({ used: r.u32(0) }), 4))) });
  t.match(problems, [
    "xmsg.silent: which struct is it? Add a row `X_SILENT: 'name_of_struct'` to STRUCTS in tools/drift/mapping.ts",
  ]);
});

t.test('offsets, orders and sizes of structs', async (t) => {
  const told = (one: typeof header) => report(good, { header: one }).problems;
  t.match(told(struct((r) => ({ family: r.u8(1), port: r.be16(2), index: r.s32(4) }), 8)), [
    /xmsg\.family: offset 1 .* where it is at 0/,
  ]);
  t.match(told(struct((r) => ({ family: r.u8(0), port: r.u16(2), index: r.s32(4) }), 8)), [
    /xmsg\.port: u16, the headers say be16/,
  ]);
  t.match(told(struct((r) => ({ family: r.u8(0), port: r.be16(2), index: r.u32(4) }), 8)), [
    /xmsg\.index: u32, the headers say s32/,
  ]);
  t.match(told(struct((r) => ({ family: r.u8(0), port: r.be16(2), index: r.s32(4) }), 12)), [
    /12 bytes, struct xmsg has 8/,
  ]);
});

t.test('numbers of messages', async (t) => {
  t.match(report(good, { types: { RTM_NEWX: 201 } }).problems, [/RTM_NEWX = 201, the headers say 200/]);
  t.match(report(good, { types: { RTM_NEWZ: 201 } }).problems, [/RTM_NEWZ = 201, the headers say nothing of it/]);
});

t.test('an exception is for one difference, and must be needed', async (t) => {
  const row: Exception = { names: ['X_ID'], theirs: 'u32', ours: 'u16', why: 'test' };
  t.same(report({ ...good, id: attr(1, u16) }, { rows: [row] }).problems, []);
  t.match(report({ ...good, id: attr(1, u8) }, { rows: [row] }).problems, [/X_ID is u8/, /not needed any more/]);
  t.match(report(good, { rows: [row] }).problems, [/X_ID: u16 for u32: .* not needed any more, remove it/]);
});

t.test('the list of what is missing may only shrink', async (t) => {
  const { id, on, ...rest } = good;
  const { lacks } = report(rest);
  t.same(lacks.attrs, { X: ['X_ID', 'X_ON'] });
  const list = (x: string[]): Missing => ({ attrs: { X: x }, constants: {}, members: { x_cache: ['x_addr'] } });
  t.same(judgeMissing(list(['X_ID', 'X_ON']), lacks, facts), { problems: [], count: 3 });
  t.match(judgeMissing(list(['X_ID']), lacks, facts).problems, [/X: the kernel has the attribute X_ON, we do not/]);
  t.match(judgeMissing(list(['X_ID', 'X_ON', 'X_PORT']), lacks, facts).problems, [
    /lists X_PORT, which is not missing: remove it/,
  ]);

  const before = structuredClone(facts);
  t.same(shrink(list(['X_ID', 'X_ON', 'X_PORT']), lacks, facts, before).attrs, { X: ['X_ID', 'X_ON'] });
  t.same(shrink(list(['X_ID']), lacks, facts, before).attrs, { X: ['X_ID'] }, 'what was known before is not added');
  delete before.sets.X!.attrs.X_ON;
  t.same(
    shrink(list(['X_ID']), lacks, facts, before).attrs,
    { X: ['X_ID', 'X_ON'] },
    'what the kernel has since then is',
  );
});

t.test('a set that no table has is one word', async (t) => {
  const { inner: _, ...rest } = good;
  const { lacks } = report(rest);
  t.same(lacks.attrs, { X: ['X_INNER'], Y: 'all' });
  const listed: Missing = { attrs: { X: ['X_INNER'], Y: 'all' }, constants: {}, members: { x_cache: ['x_addr'] } };
  t.same(judgeMissing(listed, lacks, facts).problems, []);
  t.match(judgeMissing(listed, report(good).lacks, facts).problems, [/X_INNER/, /Y_ONE/]);
  const unlisted = { ...listed, attrs: { X: ['X_INNER'] } };
  t.match(judgeMissing(unlisted, lacks, facts).problems, [/Y: the kernel has the attribute Y_ONE/]);
});
