/**
 * Micro-benchmarks of the codec, by table: nanoseconds to read a message as an object, to look at two of its keys in a
 * view, and to write it back; of the golden rows of each message, the fastest of so many rounds.
 * `npm run bench:codec -- [ROUNDS]`.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Bytes } from '../src/codec/bytes.js';
import type { MessageDef } from '../src/codec/message.js';
import type { Rec } from '../src/codec/type.js';
import { viewAt } from '../src/codec/view.js';
import { Writer } from '../src/codec/writer.js';
import { knownMessage } from '../src/iproute/messages.js';
import { type Row, rows } from '../test/rtnl/tlv.js';

const HEADER = 16;
const ROUNDS = Number(process.argv[2] ?? 40);
if (!(ROUNDS >= 1)) throw new Error(`${process.argv[2]} is no number of rounds`);
/** Messages a round, about. */
const ROUND = 4000;

interface Sample {
  s: Bytes;
  n: number;
  value: Rec;
}

const folder = fileURLToPath(new URL('../../test/golden/', import.meta.url));
const samples = new Map<string, { def: MessageDef; list: Sample[] }>();

function add({ hex, direction }: Row): void {
  const s = new Bytes(Uint8Array.from(Buffer.from(hex, 'hex')));
  const known = knownMessage(s.u16[2]!);
  const n = s.u8.length - HEADER;
  if (known === undefined || direction === 'request' || n < known.def.header.size) return;
  const { def } = known;
  const value = def.read(s, HEADER, n) as Rec;
  // What could not be read is not what a message costs.
  if (value.errors !== undefined) return;
  const entry = samples.get(def.name) ?? { def, list: [] };
  entry.list.push({ s, n, value });
  samples.set(def.name, entry);
}
for (const file of readdirSync(folder))
  if (file.endsWith('.json') && file !== 'errors.json' && file !== 'genl.json') rows(file.slice(0, -5)).forEach(add);

let sink: unknown;

/** Nanoseconds a message: the fastest round. */
function fastest(list: readonly Sample[], run: (sample: Sample) => unknown): number {
  const times = Math.max(1, Math.round(ROUND / list.length));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.hrtime.bigint();
    for (let k = 0; k < times; k++) for (let i = 0; i < list.length; i++) sink = run(list[i]!);
    best = Math.min(best, Number(process.hrtime.bigint() - before) / (times * list.length));
  }
  return best;
}

/** Whether the writer takes back what was read; some answers are not requests. */
function writable(def: MessageDef, { value }: Sample): boolean {
  try {
    def.write(new Writer(512), value);
    return true;
  } catch {
    return false;
  }
}

console.log('| message | rows | bytes | read, ns | view of two keys, ns | write, ns |\n|---|---|---|---|---|---|');
for (const [name, { def, list }] of samples) {
  const [first = '', second = ''] = Object.keys(list[0]!.value).slice(-2);
  const w = new Writer(1 << 16);
  const back = list.filter((sample) => writable(def, sample));
  const read = fastest(list, ({ s, n }) => def.read(s, HEADER, n));
  const view = fastest(list, ({ s, n }) => {
    const at = viewAt(def, s, HEADER, n);
    return [at.get(first as never), at.get(second as never)];
  });
  const write =
    back.length === 0
      ? Number.NaN
      : fastest(back, ({ value }) => {
          w.reset();
          def.write(w, value);
          return w;
        });
  const bytes = list.reduce((sum, { n }) => sum + n, 0) / list.length;
  const cell = (ns: number) => (Number.isNaN(ns) ? '' : ns.toFixed(0));
  console.log(`| ${name} | ${list.length} | ${bytes.toFixed(0)} | ${cell(read)} | ${cell(view)} | ${cell(write)} |`);
}
if (sink === null) throw new Error('never');
