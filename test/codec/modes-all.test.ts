/**
 * The four ways of reading a table say the same of every message of rtnetlink and every golden row: an array of objects,
 * a stream, columns of all that has a fixed width, and views.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { addressAt, ColumnBuilder } from '../../src/codec/columns.js';
import type { MessageDef } from '../../src/codec/message.js';
import { OP_DST, OP_IP, type Rec } from '../../src/codec/type.js';
import { dumpArray, dumpColumns, dumpStream, type TableRequest, viewStream } from '../../src/iproute/dumps.js';
import { knownMessage } from '../../src/iproute/messages.js';
import { same } from '../fuzz/same.js';
import { Recorder } from '../iproute/recorder.js';
import { type Row, rows } from '../rtnl/tlv.js';

const HEADER = 16;
const DONE = 3;
/** Rows of one dump: the recorder answers with one datagram. */
const PORTION = 100;

const folder = fileURLToPath(new URL('../../../test/golden/', import.meta.url));
const areas = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && file !== 'errors.json' && file !== 'genl.json')
  .map((file) => file.slice(0, -5));

/** Golden rows by the number of their message. */
const byType = new Map<number, Buffer[]>();
const add = ({ hex }: Row) => {
  const bytes = Buffer.from(hex, 'hex');
  const type = bytes.readUInt16LE(4);
  byType.set(type, [...(byType.get(type) ?? []), bytes]);
};
for (const area of areas) rows(area).forEach(add);

/** A dump's answer: the messages as they are, but for the number of the request. */
function answer(messages: readonly Buffer[], request: Uint8Array): Uint8Array {
  const seq = Buffer.from(request).readUInt32LE(8);
  const done = Buffer.alloc(20);
  done.writeUInt32LE(20, 0);
  done.writeUInt16LE(DONE, 4);
  return Buffer.concat(
    [...messages, done].map((message) => {
      const copy = Buffer.alloc((message.length + 3) & ~3);
      message.copy(copy);
      copy.writeUInt32LE(message.length, 0);
      copy.writeUInt32LE(seq, 8);
      return copy;
    }),
  );
}

/** Keys that can be columns. */
function columnKeys(def: MessageDef): string[] {
  return [...new Set([...def.headerKeys, ...def.table.compiled.byKey.keys()])].filter((key) => {
    try {
      new ColumnBuilder(def, [key]);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a column must say of a row. */
function agrees(def: MessageDef, key: string, column: Uint8Array | Uint32Array, i: number, row: Rec): boolean {
  const type = def.table.compiled.byKey.get(key)?.type;
  // The length of a prefix is part of its text.
  const prefix = row[key.slice(0, -3)];
  const value =
    key in row || typeof prefix !== 'string' ? row[key] : prefix === 'default' ? 0 : Number(prefix.split('/')[1]);
  if (type?.op === OP_IP || type?.op === OP_DST) {
    if (typeof value !== 'string' || value === 'default')
      return column.subarray(16 * i, 16 * i + 16).every((b) => b === 0);
    const text = value.split('/')[0];
    return addressAt(column as Uint8Array, i, text!.includes(':') ? 10 : 2) === text;
  }
  return column[i] === (typeof value === 'number' ? value >>> 0 : 0);
}

let messages = 0;
let values = 0;
for (const [type, list] of [...byType].sort(([a], [b]) => a - b)) {
  const known = knownMessage(type);
  if (known === undefined) continue;
  const { def, op } = known;
  t.test(`${op}: ${list.length} rows`, async (t) => {
    const recorder = new Recorder();
    const ipr = recorder.iproute();
    t.teardown(() => ipr.close());
    const keys = columnKeys(def);
    const table: TableRequest<Rec> = {
      out: { op, type, flags: 0, def, put: (w) => w.append(new Uint8Array(def.header.size)) },
      def: def as unknown as MessageDef<Rec>,
      row: type,
      wanted: undefined,
    };
    const wrong: string[] = [];
    for (let from = 0; from < list.length; from += PORTION) {
      const portion = list.slice(from, from + PORTION).filter(({ length }) => length >= HEADER + def.header.size);
      recorder.answer = (request) => answer(portion, request);
      const objects = await dumpArray(ipr, table);
      const streamed: Rec[] = [];
      for await (const row of dumpStream(ipr, op, () => table)) streamed.push(row);
      const viewed: Rec[] = [];
      for await (const view of viewStream(ipr, op, () => table)) {
        const row = view.toObject();
        viewed.push(row);
        for (const key of Object.keys(row)) {
          const entry = def.table.compiled.byKey.get(key);
          // Of a prefix a view has the address alone; what a message makes of its attributes afterwards it has not.
          if (entry?.type.op === OP_DST && row[key] !== 'default') continue;
          if (entry === undefined && !(key in view)) continue;
          values++;
          if (!same(view.get(key), row[key]))
            wrong.push(`view of ${key}: ${String(view.get(key))}, ${String(row[key])}`);
        }
      }
      const columns = await dumpColumns(ipr, table, keys);
      if (objects.length !== portion.length || columns.length !== portion.length) wrong.push('not all rows');
      if (!same(objects, streamed)) wrong.push('stream');
      if (!same(objects, viewed)) wrong.push('views');
      objects.forEach((row, i) => {
        messages++;
        for (const key of keys)
          if (!agrees(def, key, columns.data[key]!, i, row))
            wrong.push(`column ${key} of row ${i}: ${String(row[key])}`);
      });
    }
    t.same(wrong.slice(0, 10), []);
    t.ok(keys.length > 0, `${keys.length} columns`);
  });
}

t.test('no message is left out', async (t) => {
  t.comment(`figure: ${messages} messages, ${values} values of views`);
  t.ok(messages > 1500, `${messages} messages`);
  t.ok(values > 20_000, `${values} values`);
});
