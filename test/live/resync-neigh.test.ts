/** resyncTable of neighbours on the real kernel, which makes some of them without a word. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, type NeighbourRow, NUD, netns, resyncTable } from 'tsroute2';

t.setTimeout(120_000);

const NAME = `resync-neigh-${process.pid}`;

const known = (rows: Iterable<NeighbourRow>): string[] =>
  [...rows].map(({ ifindex, dst, lladdr }) => `${ifindex} ${dst} ${lladdr}`).sort();
const isMade = ({ state }: NeighbourRow): boolean => (state & NUD.noarp) !== 0;

t.test('neighbours that need no lookup', async (t) => {
  await netns.create(NAME);
  const ipr = new IPRoute({ netns: NAME });
  try {
    const keeper = resyncTable(ipr, 'neigh', { attempts: 100 });
    t.match((await keeper.next()).value, { type: 'snapshot' });
    const watching = (async () => {
      for await (const change of keeper) t.notOk(change.type !== 'snapshot' && isMade(change.row), change.type);
    })();
    await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
    for (const dev of ['v0', 'v1']) await ipr.link('set', { dev, state: 'up' });
    await ipr.addr('add', { dev: 'v0', address: '192.0.2.1/24' });
    await ipr.neigh('add', { dev: 'v0', dst: '192.0.2.5', lladdr: '02:00:00:00:00:05' });
    await ipr.neigh('add', { dev: 'v0', dst: '192.0.2.6', lladdr: '02:00:00:00:00:06', state: 'noarp' });
    await ipr.neigh('add', { dev: 'v0', dst: '192.0.2.7', lladdr: '02:00:00:00:00:07' });
    await ipr.neigh('replace', { dev: 'v0', dst: '192.0.2.7', lladdr: '02:00:00:00:00:07', state: 'noarp' });
    let all: NeighbourRow[] = [];
    const madeByKernel = (): boolean => all.some((row) => isMade(row) && !row.dst?.startsWith('192.0.2.'));
    const differs = (): boolean =>
      JSON.stringify(known(all.filter((row) => !isMade(row)))) !== JSON.stringify(known(keeper.rows.values()));
    for (let i = 0; i < 200 && (!madeByKernel() || differs()); i++) {
      await sleep(50);
      all = await ipr.getNeighbours();
    }
    t.ok(madeByKernel(), 'the kernel has made some');
    t.same(known(keeper.rows.values()), known(all.filter((row) => !isMade(row))));
    t.match(known(keeper.rows.values()).join(), /192\.0\.2\.5 /);
    t.notMatch(known(keeper.rows.values()).join(), /192\.0\.2\.[67] /);
    t.ok([...keeper.rows.values()].every((row) => !isMade(row)));
    keeper.close();
    await watching;
    // A resync that starts when they are there leaves them out as well.
    const second = resyncTable(ipr, 'neigh', { attempts: 100 });
    const first = (await second.next()).value;
    t.ok(first?.type === 'snapshot' && [...first.rows.values()].every((row) => !isMade(row)));
    second.close();
  } finally {
    await ipr.close();
    await netns.remove(NAME);
  }
});
