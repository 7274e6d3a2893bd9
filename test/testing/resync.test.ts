/** Pictures of tables that stay right: 1,000 runs by chance on the fake kernel. */
import t from 'tap';
import { IPRoute, type OpenTransport, type Resynced, resyncTable, type Transport } from 'tsroute2';
import { FakeKernel } from 'tsroute2/testing';
import { Random } from '../../src/testing/random.js';
import { MOVES, type Table } from './mutator.js';

t.setTimeout(300_000);

const RUNS = 1000;

/** What is not compared: clocks, counters, what only events have. */
const PASSING = ['stats', 'stats64', 'afSpec', 'change', 'event', 'cacheinfo', 'probes', 'flags'];

/** A row as it is compared. Events name next hops that were joined in another order. */
function steady(row: object): string {
  const o: Record<string, unknown> = { ...row };
  for (const key of PASSING) delete o[key];
  if (Array.isArray(o.multipath)) o.multipath = o.multipath.map(({ flags: _, ...hop }) => JSON.stringify(hop)).sort();
  return JSON.stringify(Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1))));
}

const sorted = (rows: Iterable<object>): string[] => [...rows].map(steady).sort();

const READ: Readonly<Record<Table, (ipr: IPRoute) => Promise<readonly object[]>>> = {
  link: (ipr) => ipr.getLinks(),
  addr: (ipr) => ipr.getAddr(),
  route: (ipr) => ipr.getRoutes(),
  rule: (ipr) => ipr.getRules(),
  neigh: (ipr) => ipr.getNeighbours(),
  nexthop: (ipr) => ipr.getNexthops(),
};

/** What happened in all runs. */
const tally = {
  /** Deletions during a read: before the row would have come, and after it came. */
  deletedBeforeItsRow: 0,
  deletedAfterItsRow: 0,
  deletedBetweenReads: 0,
  overruns: 0,
  interruptions: 0,
  reads: 0,
  changes: 0,
};

/** Messages in the datagrams that were received: type, and the payload that tells a row. */
function* messages(area: Uint8Array, meta: Int32Array): Generator<readonly [type: number, payload: string]> {
  for (let i = 0; i < meta[1]!; i++) {
    const data = Buffer.from(area.buffer, area.byteOffset + meta[2 + 4 * i]!, meta[3 + 4 * i]!);
    for (let p = 0; p + 16 <= data.length; p += (data.readUInt32LE(p) + 3) & ~3)
      yield [data.readUInt16LE(p + 4), data.toString('hex', p + 16, p + data.readUInt32LE(p))];
  }
}

const NLMSG_DONE = 3;
const isDeletion = (type: number): boolean => type >= 16 && type % 4 === 1;

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

/** A kernel that changes in the middle of the reads of whoever opens sockets by `open`. */
class Restless {
  readonly kernel: FakeKernel;
  readonly hand: IPRoute;
  readonly #witness: Transport;
  readonly #area = new Uint8Array(1 << 18);
  readonly #meta = new Int32Array(2 + 4 * 256);
  /** Rows of the read under way that came already. */
  #seen: Set<string> | undefined;
  busy = false;

  constructor(
    readonly random: Random,
    readonly table: Table,
  ) {
    this.kernel = new FakeKernel({ dumpBytes: random.pick([1, 200, 1000]) });
    this.hand = new IPRoute({ transport: this.kernel.open });
    this.#witness = this.kernel.open(0);
    this.#witness.setOption(1, 33, 4 << 20);
    for (const group of [1, 3, 5, 7, 8, 9, 11, 19, 32]) this.#witness.join(group);
  }

  /** Changes something; what was deleted is counted by when. */
  move(): void {
    // A request of one message is carried out before the call returns.
    void this.random
      .pick(MOVES[this.table])(this.hand, this.random)
      .catch(() => {});
    this.#witness.receive(this.#area, this.#meta, 0, 5000);
    for (const [type, payload] of messages(this.#area, this.#meta)) {
      if (!isDeletion(type)) continue;
      if (this.#seen === undefined) tally.deletedBetweenReads++;
      else if (this.#seen.has(payload)) tally.deletedAfterItsRow++;
      else tally.deletedBeforeItsRow++;
    }
  }

  /** Perhaps changes something; before anything is put into the area of the one who receives. */
  #perhaps(): void {
    if (this.busy && this.random.below(3) === 0) this.move();
  }

  #note(area: Uint8Array, meta: Int32Array): void {
    for (const [type, payload] of messages(area, meta)) {
      if (type === NLMSG_DONE) this.#seen = undefined;
      else this.#seen?.add(payload);
    }
  }

  readonly open: OpenTransport = (protocol, options) => {
    const inner = this.kernel.open(protocol, options);
    const receive = inner.receive.bind(inner);
    const exchange = inner.exchange.bind(inner);
    inner.receive = (area, meta, reserve, budget) => {
      this.#perhaps();
      const count = receive(area, meta, reserve, budget);
      this.#note(area, meta);
      return count;
    };
    inner.exchange = (data, area, meta, reserve, budget) => {
      this.#seen = new Set();
      this.#perhaps();
      const count = exchange(data, area, meta, reserve, budget);
      this.#note(area, meta);
      return count;
    };
    return inner;
  };
}

/** One run: what is wrong at its end. */
async function run(seed: number, table: Table): Promise<string[]> {
  const random = new Random(seed);
  const restless = new Restless(random, table);
  const { kernel, hand } = restless;
  const ipr = new IPRoute({ transport: restless.open });
  try {
    await hand.link('add', { ifname: 'eth0', kind: 'dummy', state: 'up' });
    await hand.addr('add', { index: 2, address: '192.0.2.1/24' });
    for (let i = 0; i < 30; i++) restless.move();
    await turns(2);
    restless.busy = true;

    const keeper = resyncTable<Table>(ipr, table, { rcvbuf: random.pick([2048, 65_536]), attempts: 60 });
    const folded = new Map<string, object>();
    let changes = 0;
    const watching = (async () => {
      for await (const change of keeper as AsyncIterable<Resynced<object>>) {
        changes++;
        if (change.type === 'snapshot') for (const [key, row] of change.rows) folded.set(key, row);
        else if (change.type === 'removed') folded.delete(change.key);
        else folded.set(change.key, change.row);
      }
    })();
    // Some things happen while the first picture is made, most when it is there.
    const begin = random.below(4);
    for (let i = 0; i < 14; i++) {
      if (i === begin) for (let n = 0; changes === 0 && n < 500; n++) await new Promise((r) => setTimeout(r, 1));
      const what = random.below(8);
      if (what === 0) {
        kernel.fault({ kind: 'lost-event', after: random.below(3) });
        tally.overruns++;
      } else if (what === 1) {
        kernel.fault({ kind: 'interrupted' });
        tally.interruptions++;
      } else for (let n = random.below(6); n > 0; n--) restless.move();
      await turns(random.below(5));
    }
    restless.busy = false;
    kernel.settle();
    // Until it has come to rest; between reads it makes pauses.
    for (let quiet = 0, last = '', i = 0; quiet < 3 && i < 2000; i++) {
      await turns(8);
      if (keeper.reading) await new Promise((resolve) => setTimeout(resolve, 1));
      const now = `${keeper.reads} ${changes}`;
      quiet = now === last && !keeper.reading ? quiet + 1 : 0;
      last = now;
    }
    const truth = sorted(await READ[table](hand));
    const found = { state: sorted(keeper.rows.values()), fold: sorted(folded.values()) };
    tally.reads += keeper.reads;
    tally.changes += changes;
    keeper.close();
    await watching;
    return Object.entries(found).flatMap(([name, list]) => [
      ...truth.filter((row) => !list.includes(row)).map((row) => `${name} lacks ${row}`),
      ...list.filter((row) => !truth.includes(row)).map((row) => `${name} has ${row}`),
    ]);
  } finally {
    await ipr.close();
    await hand.close();
  }
}

t.test('1,000 runs: state and folded changes are what the kernel has', async (t) => {
  const tables = Object.keys(MOVES) as Table[];
  const bad: { seed: number; table: Table; wrong: string[] }[] = [];
  for (let seed = 1; seed <= RUNS; seed++) {
    const table = tables[seed % tables.length]!;
    const wrong = await run(seed, table).catch((error) => [String(error.stack)]);
    if (wrong.length > 0) bad.push({ seed, table, wrong: wrong.slice(0, 6) });
    if (bad.length === 2) break;
  }
  t.same(bad, [], 'no run is wrong');
  t.ok(tally.deletedBeforeItsRow > 100 && tally.deletedAfterItsRow > 100 && tally.deletedBetweenReads > 100);
  t.ok(tally.overruns > 500 && tally.interruptions > 500 && tally.reads > 3 * RUNS && tally.changes > 10 * RUNS);
  t.comment(`figure: ${RUNS} runs, ${JSON.stringify(tally)}`);
});
