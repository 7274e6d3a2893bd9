/** resyncTable on the real kernel: tables that change while they are read, and monitors that overrun. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, netns, type ResyncTables, resyncTable } from 'tsroute2';
import { emulated } from './emulated.js';

t.setTimeout(600_000);

const CHANGES = emulated ? 300 : 3000;

/** What of a row is compared: not clocks and counters. */
const steady = (row: object): string => {
  const o: Record<string, unknown> = { ...row };
  for (const key of ['cacheinfo', 'flags', 'stats', 'stats64', 'afSpec', 'change', 'event']) delete o[key];
  return JSON.stringify(Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1))));
};
const sorted = (rows: Iterable<object>): string[] => [...rows].map(steady).sort();

type Change = (ipr: IPRoute, i: number) => Promise<unknown>;

/** A pair v0, v1 that is up; then these changes, one after the other without waiting. */
const TABLES: readonly (readonly [
  table: keyof ResyncTables,
  read: (ipr: IPRoute) => Promise<object[]>,
  change: Change,
])[] = [
  [
    'route',
    (ipr) => ipr.getRoutes(),
    (ipr, i) => {
      const dst = `10.${i % 200}.0.0/16`;
      if (i % 400 === 399)
        return Promise.all(['down', 'up'].map((state) => ipr.link('set', { index: 3, state: state as 'up' })));
      if (i % 3 === 2) return ipr.route('del', { dst });
      return ipr.route('replace', { dst, gateway: `192.0.2.${2 + (i % 5)}`, oif: 3, flags: ['onlink'] });
    },
  ],
  [
    'addr',
    (ipr) => ipr.getAddr(),
    (ipr, i) => {
      const address = `10.${i % 91}.0.1/24`;
      return i % 3 === 2 ? ipr.addr('del', { index: 3, address }) : ipr.addr('add', { index: 3, address });
    },
  ],
  [
    'rule',
    (ipr) => ipr.getRules(),
    (ipr, i) => {
      const rule = { table: 100, priority: 100 + (i % 91), src: '10.0.0.0/8' };
      return i % 3 === 2 ? ipr.rule('del', rule) : ipr.rule('add', rule);
    },
  ],
  [
    'nexthop',
    (ipr) => ipr.getNexthops(),
    (ipr, i) => {
      const id = 1 + (i % 91);
      if (i % 3 === 2) return ipr.nexthop('del', { id });
      return ipr.nexthop('replace', { id, gateway: `192.0.2.${2 + (i % 5)}`, oif: 3 });
    },
  ],
];

for (const [table, read, change] of TABLES) {
  t.test(table, async (t) => {
    const name = `resync-${table}`;
    await netns.create(name);
    await netns.sysctl(name, 'net.ipv6.conf.default.disable_ipv6', 1);
    const hand = new IPRoute({ netns: name });
    const ipr = new IPRoute({ netns: name });
    try {
      await hand.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
      for (const index of [2, 3]) await hand.link('set', { index, state: 'up' });
      await hand.addr('add', { index: 3, address: '192.0.2.1/24' });
      // A small buffer, and a program that does not always read it: some events are lost.
      const keeper = resyncTable(ipr, table, { rcvbuf: 4096, attempts: 100 });
      const folded = new Map<string, object>();
      let changes = 0;
      const watching = (async () => {
        for await (const step of keeper) {
          changes++;
          if (step.type === 'snapshot') for (const [key, row] of step.rows) folded.set(key, row);
          else if (step.type === 'removed') folded.delete(step.key);
          else folded.set(step.key, step.row);
        }
      })();
      for (let i = 0; changes === 0 && i < 500; i++) await sleep(5);
      for (let i = 0; i < CHANGES; i++) {
        void change(hand, i).catch(() => {});
        // At first few at a time, then more than its buffer takes.
        if (i % (i < CHANGES / 3 ? 5 : 60) === 0) await sleep(2);
      }
      await hand.link('get', { index: 1 });
      for (let quiet = 0, last = '', i = 0; quiet < 5 && i < 2000; i++) {
        await sleep(30);
        const now = `${changes} ${keeper.reads}`;
        quiet = now === last && !keeper.reading ? quiet + 1 : 0;
        last = now;
      }
      const truth = sorted(await read(hand));
      t.same(sorted(keeper.rows.values()), truth, 'the picture is what the kernel has');
      t.same(sorted(folded.values()), truth, 'and so are the folded changes');
      t.ok(emulated || keeper.reads > 1, `the table was read ${keeper.reads} times`);
      t.ok(changes > CHANGES / 60, `${changes} changes were told`);
      t.comment(`figure: ${CHANGES} changes, ${changes} told, ${keeper.reads} reads, ${truth.length} rows`);
      keeper.close();
      await watching;
    } finally {
      await ipr.close();
      await hand.close();
      await netns.remove(name);
    }
  });
}
