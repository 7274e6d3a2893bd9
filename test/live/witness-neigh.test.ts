/** Neighbours made by us and read by `ip`, made by `ip` and read by us, changed by us, deleted and flushed. */
import t from 'tap';
import { IPRoute, type NeighbourSpec, NetlinkError, NTF, NTF_EXT, NUD } from 'tsroute2';
import { kernelAtLeast, Witness } from '../witness/compare.js';
import { type Place, place, verdict } from '../witness/live.js';
import { compareNeighbours } from '../witness/live-neigh.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('neigh', 'live');
const lladdr = '02:00:00:00:00:99';

/** A neighbour as we say it and as `ip` says it; both without the interface. */
const NEIGHBOURS: readonly (readonly [Omit<NeighbourSpec, 'dev'> & { dst: string }, string])[] = [
  [{ dst: '10.0.0.2', lladdr }, `10.0.0.2 lladdr ${lladdr}`],
  [{ dst: '10.0.0.3', lladdr, state: 'permanent' }, `10.0.0.3 lladdr ${lladdr} nud permanent`],
  [{ dst: '10.0.0.4', lladdr, nud: 'stale' }, `10.0.0.4 lladdr ${lladdr} nud stale`],
  [{ dst: '10.0.0.5', lladdr, state: NUD.noarp }, `10.0.0.5 lladdr ${lladdr} nud noarp`],
  [{ dst: '10.0.0.6', state: 'none' }, '10.0.0.6 nud none'],
  [{ dst: '10.0.0.7', state: 'failed' }, '10.0.0.7 nud failed'],
  [{ dst: '10.0.0.8', lladdr, router: true }, `10.0.0.8 lladdr ${lladdr} router`],
  [{ dst: '10.0.0.9', lladdr, externLearn: true }, `10.0.0.9 lladdr ${lladdr} extern_learn`],
  [{ dst: '10.0.0.10', lladdr, flags: ['router', 'extern_learn'] }, `10.0.0.10 lladdr ${lladdr} router extern_learn`],
  [{ dst: '10.0.0.11', lladdr, protocol: 'bgp' }, `10.0.0.11 lladdr ${lladdr} protocol bgp`],
  [{ dst: '10.0.0.12', lladdr, protocol: 200 }, `10.0.0.12 lladdr ${lladdr} protocol 200`],
  [{ dst: '10.0.0.20', proxy: true }, 'proxy 10.0.0.20'],
  [{ dst: '10.0.0.21', proxy: true, protocol: 'bgp' }, 'proxy 10.0.0.21 protocol bgp'],
  [{ dst: '2001:db8::2', lladdr }, `2001:db8::2 lladdr ${lladdr}`],
  [{ dst: '2001:db8::3', lladdr, state: ['stale'], router: true }, `2001:db8::3 lladdr ${lladdr} nud stale router`],
  [{ dst: 'fe80::9', lladdr, state: 'noarp' }, `fe80::9 lladdr ${lladdr} nud noarp`],
  [{ dst: '2001:db8::20', flags: NTF.proxy }, 'proxy 2001:db8::20'],
];

async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await p.ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
}

const ours = async (p: Place) => (await p.ipr.getNeighbours({ dev: 'e0' })).filter(({ dst }) => !dst?.startsWith('ff'));

for (const how of ['made by us', 'made by ip'] as const) {
  t.test(how, async (t) => {
    const p = await place(t);
    await linked(p);
    if (how === 'made by ip') p.batch(NEIGHBOURS.map(([, line]) => `neigh add ${line} dev e0`));
    else {
      const batch = p.ipr.batch();
      for (const [spec] of NEIGHBOURS) batch.neigh('add', { dev: 'e0', ...spec });
      await batch.commit();
    }
    const count = await compareNeighbours(t, p, witness, how);
    t.ok(count >= NEIGHBOURS.length, `${count} neighbours compared`);

    if (how === 'made by us') {
      await p.ipr.neigh('change', { dev: 'e0', dst: '10.0.0.2', lladdr: '02:00:00:00:00:98', state: 'stale' });
      await p.ipr.neigh('replace', { dev: 'e0', dst: '10.0.0.8', lladdr });
      await p.ipr.neigh('set', { dev: 'e0', dst: '2001:db8::2', lladdr: '02:00:00:00:00:97', nud: 'noarp' });
      await p.ipr.neigh('append', { dev: 'e0', dst: '10.0.0.30', lladdr });
      await p.ipr.neigh('del', { dev: 'e0', dst: '10.0.0.20', proxy: true });
      await compareNeighbours(t, p, witness, 'changed by us');
      p.batch(['neigh flush dev e0 nud all', 'neigh flush dev e0 nud noarp']);
      t.same(await ours(p), [], 'gone for us');
      return;
    }
    t.equal(await p.ipr.flushNeighbours({ proxy: true }), 3);
    const flushed = await p.ipr.flushNeighbours({ dev: 'e0' });
    t.ok(flushed >= 3, `${flushed} flushed`);
    t.same(
      (await ours(p))
        .filter(({ state }) => (state & (NUD.permanent | NUD.noarp)) === 0)
        .map(({ state }) => state & NUD.failed),
      [],
      'permanent ones and those without ARP stay',
    );
    t.ok((await p.ipr.flushNeighbours({ dev: 'e0', state: 'permanent' })) >= 7);
    t.ok((await p.ipr.flushNeighbours((row) => row.dst === '10.0.0.5')) === 1);
    t.ok(await p.ipr.flushNeighbours({ dev: 'e0', state: () => true }));
    t.same(
      p.ip('neigh', 'show', 'dev', 'e0', 'nud', 'all').filter(({ dst }) => !String(dst).startsWith('ff')),
      [],
      'gone for ip',
    );
  });
}

t.test('get, keys, predicates, streams', async (t) => {
  const p = await place(t);
  await linked(p);
  const index = await p.index('e0');
  await p.ipr.neigh('add', { ifindex: index, dst: '10.0.0.2', lladdr, protocol: 'bgp' });
  await p.ipr.neigh('add', { index: 'e0', dst: '2001:db8::2', lladdr });
  await p.ipr.neigh('add', { dev: 'e0', dst: '10.0.0.20', proxy: true });
  const got = await p.ipr.neigh('get', { dev: 'e0', dst: '10.0.0.2' });
  t.match(got, { family: 2, ifindex: index, state: NUD.permanent, dst: '10.0.0.2', lladdr, protocol: 186 });
  t.match(await p.ipr.neigh('get', { dev: 'e0', dst: '10.0.0.20', proxy: true }), { flags: NTF.proxy });
  const found = async (filter: Parameters<typeof p.ipr.getNeighbours>[0]) =>
    (await p.ipr.getNeighbours(filter)).map(({ dst }) => dst);
  t.same(await found({ dst: '2001:DB8::2' }), ['2001:db8::2']);
  t.same(await found({ protocol: 'bgp' }), ['10.0.0.2']);
  t.same(await found({ state: 'permanent', family: 'inet' }), ['10.0.0.2']);
  t.same(await found({ lladdr: '02-00-00-00-00-99'.replaceAll('-', ':'), ifindex: index, family: 2 }), ['10.0.0.2']);
  t.same(await found({ 'cacheinfo.refcnt': (n: unknown) => n !== undefined, family: 'inet' }), ['10.0.0.2']);
  t.same(await found((row) => row.dst === '10.0.0.2'), ['10.0.0.2']);
  t.same(await found({ proxy: true }), ['10.0.0.20']);
  const streamed: unknown[] = [];
  for await (const row of p.ipr.neighbours({ dev: 'e0', family: 'inet' })) streamed.push(row.dst);
  t.same(streamed, ['10.0.0.2']);

  await p.ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up' });
  await p.ipr.link('set', { dev: 'e1', master: 'br0' });
  await p.ipr.neigh('add', { dev: 'e1', dst: '10.0.9.9', lladdr });
  t.same(await found({ master: 'br0', family: 'inet' }), ['10.0.9.9'], 'neighbours on the ports of a bridge');
});

t.test('without strict checks rows are matched here', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.neigh('add', { dev: 'e0', dst: '10.0.0.2', lladdr });
  await p.ipr.neigh('add', { dev: 'e1', dst: '10.0.0.3', lladdr });
  const loose = new IPRoute({ netns: p.path, strictCheck: false });
  t.teardown(() => loose.close());
  const index = await p.index('e0');
  const found = await loose.getNeighbours({ ifindex: index, family: 'inet' });
  t.same(
    found.map(({ dst }) => dst),
    ['10.0.0.2'],
  );
  await t.rejects(loose.getNeighbours({ dev: 'e0' }), { code: 'ERR_INVALID_VALUE', field: 'dev' } as never);
  t.equal((await loose.getRules({ family: 'inet', table: 'main' })).length, 1);
});

t.test('managed neighbours', { skip: !kernelAtLeast('5.16') && 'came with Linux 5.16' }, async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.neigh('add', { dev: 'e0', dst: '10.0.0.2', managed: true });
  const row = await p.ipr.neigh('get', { dev: 'e0', dst: '10.0.0.2' });
  t.equal(row.flagsExt, NTF_EXT.managed);
  t.not(row.state & NUD.permanent, NUD.permanent);
  t.equal(p.ip('neigh', 'show', 'dev', 'e0').find(({ dst }) => dst === '10.0.0.2')?.managed, null);
});

t.test('refusals', async (t) => {
  const p = await place(t);
  await linked(p);
  const refused = async (given: Promise<unknown>): Promise<unknown> => {
    const error = await given.catch((error: unknown) => error);
    return error instanceof NetlinkError ? `${error.code} ${error.attribute}` : error;
  };
  t.equal(await refused(p.ipr.neigh('add', { dev: 'e0', dst: '10.0.0.3', lladdr: '02:00:00:00:02' })), 'EINVAL lladdr');
  t.equal(await refused(p.ipr.neigh('get', { dev: 'e0', dst: '10.0.0.3' })), 'ENOENT undefined');
  t.equal(await refused(p.ipr.neigh('del', { dev: 'e0', dst: '10.0.0.3' })), 'ENOENT undefined');
  t.equal(await refused(p.ipr.neigh('add', { ifindex: 9999, dst: '10.0.0.3', lladdr })), 'ENODEV ifindex');
});

t.test('every key is the same', async (t) => verdict(t, witness, true));
