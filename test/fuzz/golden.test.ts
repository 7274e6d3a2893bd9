/**
 * Mutated golden rows, each decoded in the middle of zeros and in the middle of ones. What lies outside a message must
 * not show in what is read from it, and nothing but DecodeError may be thrown.
 *
 * FUZZ_N: number of mutations (1,000,000); FUZZ_SEED: another sequence.
 */
import t from 'tap';
import { Bytes } from '../../src/codec/bytes.js';
import { ColumnBuilder } from '../../src/codec/columns.js';
import { DecodeError } from '../../src/codec/errors.js';
import { NLMSG_HDRLEN, readHeader } from '../../src/codec/header.js';
import type { MessageDef } from '../../src/codec/message.js';
import { viewAt } from '../../src/codec/view.js';
import { nlctrl } from '../../src/genl/ctrl.js';
import { mptcp_pm } from '../../src/genl/mptcp.js';
import { brvlanmsg } from '../../src/rtnl/brvlanmsg.js';
import { fibmsg } from '../../src/rtnl/fibmsg.js';
import { ifaddrlblmsg } from '../../src/rtnl/ifaddrlblmsg.js';
import { ifaddrmsg } from '../../src/rtnl/ifaddrmsg.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { ifstatsmsg, ifstatsreqmsg } from '../../src/rtnl/ifstatsmsg.js';
import { mdbmsg } from '../../src/rtnl/mdbmsg.js';
import { ndmsg } from '../../src/rtnl/ndmsg.js';
import { ndtmsg } from '../../src/rtnl/ndtmsg.js';
import { netconfmsg } from '../../src/rtnl/netconfmsg.js';
import { nhmsg } from '../../src/rtnl/nhmsg.js';
import { ROUTE_COLUMNS, rtmsg } from '../../src/rtnl/rtmsg.js';
import { tunnelmsg } from '../../src/rtnl/tunnelmsg.js';
import { type Row, rows } from '../rtnl/tlv.js';
import { KINDS, Mutator, Random, type Seed, seed } from './mutate.js';
import { same } from './same.js';

const COUNT = Number(process.env.FUZZ_N ?? 1_000_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** A message has this much foreign memory before it, and what is left of the area behind it. */
const BEFORE = 4096;
const AREA = 1 << 15;

interface Target {
  def: MessageDef;
  seeds: Seed[];
}

/** Messages of generic netlink, by what golden rows call their family. */
const GENERIC = {
  nlctrl: nlctrl.spec.ops.CTRL_CMD_GETFAMILY.request,
  mptcp_pm: mptcp_pm.spec.ops.MPTCP_PM_CMD_GET_ADDR.request,
  mptcp_event: mptcp_pm.spec.events.MPTCP_EVENT_CREATED.reply,
} as Record<string, MessageDef>;

/** Every golden message, by area. */
const targets: Target[] = (
  [
    ['links', ifinfmsg],
    ['kinds', ifinfmsg],
    ['addrs', ifaddrmsg],
    ['routes', rtmsg],
    ['encaps', rtmsg],
    ['neighbours', ndmsg],
    ['neighbours', tunnelmsg],
    ['rules', fibmsg],
    ['others', ndtmsg],
    ['others', netconfmsg],
    ['others', ifaddrlblmsg],
    ['others', ifstatsmsg],
    ['others', ifstatsreqmsg],
    ['nexthops', nhmsg],
    ['mdb', mdbmsg],
    ['vlans', brvlanmsg],
  ] as [string, MessageDef][]
).map(([area, def]) => ({
  def,
  seeds: seeds(area, def, ({ type }) => type in def.types),
}));
for (const [family, def] of Object.entries(GENERIC))
  targets.push({ def, seeds: seeds('genl', def, (row) => row.family === family && row.type !== 'NLMSG_ERROR') });

function seeds(area: string, def: MessageDef, wanted: (row: Row) => boolean): Seed[] {
  return rows(area)
    .filter(wanted)
    .map((row) => seed(row.name, new Uint8Array(Buffer.from(row.hex, 'hex')), (def.header.size + 3) & ~3));
}

/** An area full of one byte, into which messages are laid. */
class Surroundings {
  readonly s = new Bytes(new Uint8Array(AREA));
  #last = 0;

  constructor(readonly fill: number) {
    this.s.u8.fill(fill);
  }
  lay(bytes: Uint8Array, length: number): void {
    const { u8 } = this.s;
    if (this.#last > length) u8.fill(this.fill, BEFORE + length, BEFORE + this.#last);
    u8.set(length === bytes.length ? bytes : bytes.subarray(0, length), BEFORE);
    this.#last = length;
  }
  /** The payload's size, or 0 when the header cannot be read. */
  header(length: number): number {
    return readHeader(this.s, BEFORE, BEFORE + length).len - NLMSG_HDRLEN;
  }
}

const AT = BEFORE + NLMSG_HDRLEN;

/** What comes of reading: the value, or what was thrown. */
function attempt(read: () => unknown): { value?: unknown; error?: unknown } {
  try {
    return { value: read() };
  } catch (error) {
    return { error };
  }
}

const failure = ({ error }: { error?: unknown }): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

// Slow and busy machines take minutes.
t.setTimeout(900_000);

t.test('mutations of golden rows', { timeout: 900_000 }, async (t) => {
  const random = new Random(SEED);
  const mutator = new Mutator(random);
  const zeros = new Surroundings(0x00);
  const ones = new Surroundings(0xff);
  const complaints: string[] = [];
  let past = 0;
  let flawed = 0;
  const started = performance.now();
  const turn = Math.ceil(COUNT / 100);
  for (let i = 0; i < COUNT && complaints.length < 10; i++) {
    const { def, seeds } = targets[random.below(targets.length)]!;
    const from = seeds[random.below(seeds.length)]!;
    mutator.make(from);
    const { bytes, length } = mutator;
    zeros.lay(bytes, length);
    ones.lay(bytes, length);
    const complain = (what: string): void => {
      complaints.push(`#${i} ${from.name}: ${what}: ${Buffer.from(bytes.subarray(0, length)).toString('hex')}`);
    };
    const a = attempt(() => def.read(zeros.s, AT, zeros.header(length)));
    const b = attempt(() => def.read(ones.s, AT, ones.header(length)));
    if (a.error !== undefined || b.error !== undefined) {
      if (!(a.error instanceof DecodeError && b.error instanceof DecodeError))
        complain(`${failure(a)} and ${failure(b)}`);
      else if (a.error.message !== b.error.message) complain(`${a.error.message} and ${b.error.message}`);
      continue;
    }
    past++;
    if ((a.value as { errors?: unknown }).errors !== undefined) flawed++;
    if (!same(a.value, b.value)) complain('the surroundings show');
    // The other two readers, and the strict one, on some.
    if ((i & 15) === 0) {
      const n = zeros.header(length);
      for (const read of [
        (s: Bytes) => viewed(def, s, n),
        (s: Bytes) => def.read(s, AT, n, true),
        (s: Bytes) => columns(def, s, n),
      ]) {
        const x = attempt(() => read(zeros.s));
        const y = attempt(() => read(ones.s));
        for (const { error } of [x, y])
          if (error !== undefined && !(error instanceof DecodeError)) complain(failure({ error }));
        if (!same(x.value, y.value) || failure(x) !== failure(y))
          complain('the surroundings show in a view, in columns or in strict reading');
      }
    }
    if (i % turn === turn - 1) await new Promise(setImmediate);
  }
  t.same(complaints, [], 'equal results, and nothing thrown but DecodeError');
  const share = (100 * past) / COUNT;
  const seconds = (performance.now() - started) / 1000;
  t.comment(
    `${COUNT} mutations of ${targets.map(({ def, seeds }) => `${seeds.length} ${def.name}`).join(', ')} in ${seconds.toFixed(1)} s`,
  );
  t.comment(`kinds: ${KINDS.map((kind, i) => `${kind} ${mutator.counts[i]}`).join(', ')}`);
  t.comment(
    `past the header: ${share.toFixed(1)} %; with a flaw found inside: ${((100 * flawed) / COUNT).toFixed(1)} %`,
  );
  t.ok(share >= 50, `${share.toFixed(1)} % get past the header, at least 50`);
  t.ok(flawed * 5 >= COUNT, 'mutations do harm: a fifth or more leave a flaw that the reader notes');
});

/** All keys of a view. */
function viewed(def: MessageDef, s: Bytes, n: number): unknown {
  const view = viewAt(def, s, AT, n) as unknown as Record<string, unknown>;
  const found: Record<string, unknown> = {};
  for (const key of [...def.headerKeys, ...def.table.compiled.byKey.keys()]) found[key] = view[key];
  return found;
}

/** One row of columns. */
function columns(def: MessageDef, s: Bytes, n: number): unknown {
  if (def !== (rtmsg as unknown as MessageDef)) return undefined;
  const builder = new ColumnBuilder(def as MessageDef<object>, ROUTE_COLUMNS);
  builder.add(s, AT, n);
  return builder.finish().data;
}

t.test('a cut header is refused by objects, views and columns alike', async (t) => {
  const taken: string[] = [];
  for (const { def, seeds } of targets) {
    for (const fill of [0x00, 0xff]) {
      const area = new Surroundings(fill);
      for (let n = 0; n < def.header.size; n++) {
        area.lay(seeds[0]!.bytes, NLMSG_HDRLEN + n);
        const readers = {
          object: () => def.read(area.s, AT, n),
          view: () => viewAt(def, area.s, AT, n),
          columns: () => columns(def, area.s, n),
        };
        for (const [what, read] of Object.entries(readers)) {
          if (what === 'columns' && def.name !== 'rtmsg') continue;
          if (!(attempt(read).error instanceof DecodeError)) taken.push(`${what} of ${def.name}, ${n} bytes`);
        }
      }
    }
  }
  t.same(taken, []);
});
