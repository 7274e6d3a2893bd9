/**
 * An attribute is added by one line. Here that line is taken out of a copy of the table, which shows the state before;
 * with it the attribute is read, streamed, put into columns, viewed, written, named in errors and known by the kernel's name.
 */
import t from 'tap';
import { Bytes } from '../../src/codec/bytes.js';
import { ColumnBuilder } from '../../src/codec/columns.js';
import * as leaf from '../../src/codec/leaf.js';
import { type MessageDef, message } from '../../src/codec/message.js';
import { pathAt } from '../../src/codec/path.js';
import { type AttrMap, attr, type Rec } from '../../src/codec/type.js';
import { viewAt } from '../../src/codec/view.js';
import { Writer } from '../../src/codec/writer.js';
import { dumpStream } from '../../src/iproute/dumps.js';
import { rtmsg } from '../../src/rtnl/rtmsg.js';
import { Recorder } from '../iproute/recorder.js';
import { rows } from '../rtnl/tlv.js';
import { refusal } from './fixture.js';

const HEADER = 16;
const ATTRIBUTE = 6;
const before: AttrMap = Object.fromEntries(
  Object.entries(rtmsg.table.source()).filter(([, { id }]) => id !== ATTRIBUTE),
);
const after: AttrMap = {
  ...before,
  // The line.
  metric: attr(ATTRIBUTE, leaf.u32, 'RTA_PRIORITY'),
};
const make = (table: AttrMap): MessageDef<Rec, Rec> =>
  message<Rec, Rec>({ name: 'rtmsg', prefix: 'RTA', header: rtmsg.header, table, types: rtmsg.types }) as MessageDef<
    Rec,
    Rec
  >;
const old = make(before);
const now = make(after);
const w = new Writer();
const bytes = (o: Rec) => Buffer.from(now.encode(w, o)).toString('hex');

/** Golden rows that have the attribute. */
const golden = rows('routes')
  .filter(({ type }) => type in rtmsg.types)
  .map((row) => new Uint8Array(Buffer.from(row.hex, 'hex').subarray(HEADER)))
  .filter((data) => rtmsg.decode(data).priority !== undefined);

t.test('before', async (t) => {
  t.ok(golden.length > 0, `${golden.length} golden rows have it`);
  for (const data of golden) {
    const found = old.decode(data);
    t.equal(found.metric, undefined);
    t.ok(
      (found.unknown as { type: number }[]).some(({ type }) => type === ATTRIBUTE),
      'it is among the unknown',
    );
  }
  t.equal(
    refusal(() => old.encode(w, { metric: 1 })),
    'ERR_UNKNOWN_KEY metric',
  );
});

t.test('with the line', async (t) => {
  for (const data of golden) {
    const n = data.length;
    const s = new Bytes(data.slice());
    const value = rtmsg.decode(data).priority!;
    const found = now.decode(data, { strict: true });
    t.equal(found.metric, value, 'read');
    t.notOk(found.unknown);
    const view = viewAt(now, s, 0, n);
    t.equal(view.metric, value, 'view');
    t.equal(view.get('RTA_PRIORITY'), value, "by the kernel's name");
    const columns = new ColumnBuilder(now as unknown as MessageDef<object>, ['metric']);
    columns.add(s, 0, n);
    t.equal(columns.finish().data.metric![0], value, 'columns');
    t.equal(now.decode(now.encode(w, { metric: value })).metric, value, 'written');
  }
  t.equal(bytes({ metric: 7 }), `${'00'.repeat(12)}0800060007000000`);
  t.equal(now.table.nameOf('metric'), 'RTA_PRIORITY');
  t.equal(now.table.keyOf('RTA_PRIORITY'), 'metric');
  t.equal(
    refusal(() => now.encode(w, { metric: -1 })),
    'ERR_OUT_OF_RANGE metric',
    'errors of input',
  );
  t.throws(() => now.encode(w, { metrc: 1 }), /did you mean "metric"/, 'suggestions');
  const s = new Bytes(now.encode(w, { metric: 7 }));
  t.equal(pathAt(now as unknown as MessageDef, s, 0, s.u8.length, 12), 'metric', 'errors of the kernel');
  const cut = new Uint8Array([...new Uint8Array(12), 6, 0, 6, 0, 1, 0, 0, 0]);
  t.match(now.decode(cut).errors, [{ path: 'metric', type: ATTRIBUTE }], 'errors of reading');
});

t.test('and in a stream', async (t) => {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  t.teardown(() => ipr.close());
  const payload = golden[0]!;
  recorder.answer = (request) => {
    const reply = Buffer.alloc(HEADER + payload.length + 20);
    const seq = Buffer.from(request).readUInt32LE(8);
    for (const [at, length, type] of [
      [0, HEADER + payload.length, 24],
      [HEADER + payload.length, 20, 3],
    ] as const) {
      reply.writeUInt32LE(length, at);
      reply.writeUInt16LE(type, at + 4);
      reply.writeUInt32LE(seq, at + 8);
    }
    reply.set(payload, HEADER);
    return reply;
  };
  const out = { op: 'RTM_GETROUTE', type: 26, flags: 0, def: now as unknown as MessageDef, put: () => {} };
  const found: unknown[] = [];
  for await (const row of dumpStream(ipr, out.op, () => ({ out, def: now, row: 24, wanted: undefined })))
    found.push(row.metric);
  t.same(found, [rtmsg.decode(payload).priority]);
});

t.test('every line of every table so', async (t) => {
  const wrong: string[] = [];
  for (const [key, { id, type }] of Object.entries(rtmsg.table.source())) {
    if (type.name === 'skip') continue;
    if (rtmsg.table.compiled.keys[id] !== key || rtmsg.table.keyOf(rtmsg.table.nameOf(key)) !== key) wrong.push(key);
  }
  t.same(wrong, []);
});
