/** Calls that select less than they seem to, or more: each does what it says and nothing besides, as `ip` sees it. */
import t from 'tap';
import { InputError, type RouteSpec, resyncTable } from 'tsroute2';
import { type Place, place } from '../witness/live.js';

t.setTimeout(600_000);

async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await p.ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
  for (const gateway of ['10.0.0.2', '2001:db8::2']) await p.ipr.route('add', { dst: 'default', gateway });
}
const routes = (p: Place): number =>
  p.ip('-4', 'route', 'show', 'table', 'all').length + p.ip('-6', 'route', 'show', 'table', 'all').length;
const refused = (key: string): never => ({ name: 'InputError', field: key }) as never;

t.test('a family that the kernel does not serve has no rows', async (t) => {
  const p = await place(t);
  await linked(p);
  const before = routes(p);
  for (const family of ['ipx', 99, 'bridge'] as const) {
    t.same(await p.ipr.getRoutes({ family } as never), [], `${family}`);
    t.equal(await p.ipr.flushRoutes({ family } as never), 0);
    t.equal(await p.ipr.flushAddr({ family } as never), 0);
    t.same(await p.ipr.getAddr({ family } as never), []);
    const streamed: unknown[] = [];
    for await (const row of p.ipr.routes({ family } as never)) streamed.push(row);
    for await (const row of p.ipr.routeViews({ family } as never)) streamed.push(row);
    t.same(streamed, []);
    t.equal((await p.ipr.getRouteColumns({ family } as never)).length, 0);
    t.ok((await p.ipr.routeSave({ family } as never)).length <= 4);
  }
  t.ok(routes(p) >= before, 'nothing is gone');
  t.ok(p.ip('address', 'show', 'dev', 'e0')[0], 'nor an address');
});

t.test('0.0.0.0/0 and ::/0 are a family each', async (t) => {
  const p = await place(t);
  await linked(p);
  t.match(await p.ipr.getRoutes({ dst: '::/0', table: 254 }), [{ family: 10, dst: 'default' }]);
  t.equal((await p.ipr.getRoutes({ dst: 'default', table: 254 })).length, 2);
  t.equal(await p.ipr.flushRoutes({ dst: '0.0.0.0/0' }), 1);
  t.same(p.ip('-4', 'route', 'show', 'default'), []);
  t.equal(p.ip('-6', 'route', 'show', 'default').length, 1);
});

t.test('a path that leads nowhere is no filter', async (t) => {
  const p = await place(t);
  await linked(p);
  const before = routes(p);
  const calls: [string, () => Promise<unknown>][] = [
    ['metrics.mtuu', () => p.ipr.flushRoutes({ 'metrics.mtuu': () => true })],
    ['cacheinfo.prefred', () => p.ipr.flushAddr({ 'cacheinfo.prefred': () => true })],
    ['linkinfo.knd', () => p.ipr.getLinks({ 'linkinfo.knd': 'veth' })],
    ['linkinfo.vxlan.idd', () => p.ipr.getLinks({ 'linkinfo.vxlan.idd': 1 })],
    ['cacheinfo.x', () => p.ipr.flushNeighbours({ 'cacheinfo.x': () => true })],
    ['mtu.x', () => p.ipr.getLinks({ 'mtu.x': 1 })],
    ['multipath.gateway', () => p.ipr.getRoutes({ 'multipath.gateway': '10.0.0.2' })],
  ];
  for (const [path, call] of calls) await t.rejects(call(), refused(path), path);
  // Addresses of the links themselves come a moment later.
  t.ok(routes(p) >= before);
  t.match(
    await p.ipr.getLinks({ 'linkinfo.kind': 'veth', 'linkinfo.veth.x': undefined as never }).catch((e) => e),
    InputError,
  );
  t.equal((await p.ipr.getLinks({ 'linkinfo.kind': 'veth' })).length, 2);
  t.equal((await p.ipr.getLinks({ kind: (kind) => kind === 'veth' })).length, 2, 'a kind by a function');
  t.equal((await p.ipr.getRoutes({ 'metrics.mtu': (mtu: unknown) => mtu === 1400 })).length, 0);
  t.ok((await p.ipr.getLinks({ 'afSpec.inet6.addrGenMode': 'eui64' })).length > 0);
});

t.test('functions of flushes and of files say yes or no at once', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.rule('add', { priority: 5, src: '10.0.0.0/8', table: 100 });
  await p.ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up' });
  await p.ipr.link('set', { dev: 'e0', master: 'br0' });
  await p.ipr.mdb('add', { dev: 'br0', port: 'e0', grp: '239.1.1.1', state: 'permanent' });
  const no = (async () => false) as never;
  const calls: (() => Promise<unknown>)[] = [
    () => p.ipr.flushRules(no),
    () => p.ipr.flushMdb(no),
    () => p.ipr.routeSave(no),
    () => p.ipr.flushRules((async () => Promise.reject(new Error('x'))) as never),
  ];
  for (const call of calls) await t.rejects(call(), InputError);
  t.equal(p.ip('rule', 'show', 'priority', '5').length, 1);
  t.ok((await p.ipr.getMdb({ grp: '239.1.1.1' })).length > 0);
  t.ok((await p.ipr.routeSave((() => undefined) as never)).length <= 4);
  await p.ipr.nexthop('add', { id: 7, blackhole: true });
  await t.rejects(p.ipr.flushNexthops({ opFlags: ['dump_stats'] } as never), refused('filter'));
  t.equal(p.ip('nexthop', 'show').length, 1);
});

t.test('functions that say neither true nor false', async (t) => {
  const p = await place(t);
  await linked(p);
  const { ipr } = p;
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up' });
  await ipr.link('set', { dev: 'e0', master: 'br0' });
  await ipr.mdb('add', { dev: 'br0', port: 'e0', grp: '239.1.1.1', state: 'permanent' });
  await ipr.neigh('add', { dev: 'e1', dst: '10.0.0.9', lladdr: '02:00:00:00:00:01' });
  await ipr.nexthop('add', { id: 7, blackhole: true });
  const lists: Record<string, (filter: never) => Promise<unknown[]>> = {
    links: (f) => ipr.getLinks(f),
    addresses: (f) => ipr.getAddr(f),
    routes: (f) => ipr.getRoutes(f),
    defaults: (f) => ipr.getDefaultRoutes(f),
    rules: (f) => ipr.getRules(f),
    neighbours: (f) => ipr.getNeighbours(f),
    fdb: (f) => ipr.getFdb(f),
    nexthops: (f) => ipr.getNexthops(f),
    ports: (f) => ipr.getBrports(f),
    mdb: (f) => ipr.getMdb(f),
    tables: (f) => ipr.getNtables(f),
    netconf: (f) => ipr.getNetconf(f),
    labels: (f) => ipr.getAddrLabels(f),
    counters: (f) => ipr.getStats(f),
    // A kernel without VLANs of bridges has none of these.
    vlans: (f) => ipr.getVlans(f),
    'VLANs by family 7': (f) => ipr.vlanFilter('dump', f),
    'global VLANs': (f) => ipr.getVlanGlobals(f),
  };
  for (const [what, list] of Object.entries(lists)) {
    const rows = await list((() => true) as never).catch(() => []);
    if (rows.length === 0) {
      t.ok(/VLAN|vlan/.test(what), `${what}: none here`);
      continue;
    }
    for (const answer of ['no', 'yes', '', 0, 1, null, [], Promise.resolve(false)] as const)
      await t.rejects(list((() => answer) as never), refused('filter'), `${what}: ${String(answer)}`);
    for (const answer of [false, undefined]) t.same(await list((() => answer) as never), [], `${what}: ${answer}`);
  }
  await t.rejects(ipr.getLinks({ mtu: (() => 'no') as never }), refused('mtu'));
  await t.rejects(ipr.getLinks({ 'linkinfo.kind': () => 1 }), refused('linkinfo.kind'));
  const before = routes(p);
  const no = (() => 'no') as never;
  const flushes: (() => Promise<unknown>)[] = [
    () => ipr.flushRoutes(no),
    () => ipr.flushRoutes({ dst: no }),
    () => ipr.flushAddr({ address: no }),
    () => ipr.flushNeighbours(no),
    () => ipr.flushRules(no),
  ];
  for (const flush of flushes) await t.rejects(flush(), InputError);
  await t.rejects(ipr.flushNexthops((() => 'no') as never), refused('filter'));
  await t.rejects(
    (async () => {
      for await (const _ of ipr.links((() => 'no') as never));
    })(),
    refused('filter'),
  );
  t.ok(routes(p) >= before, 'nothing is gone');
  t.equal(p.ip('rule', 'show').length, 3);
  t.equal(p.ip('nexthop', 'show').length, 1);
  t.equal(p.ip('neighbour', 'show', '10.0.0.9').length, 1);
  const kept = resyncTable(ipr, 'link', { where: (() => 'no') as never });
  await t.rejects(kept.next(), refused('where'));
  await kept.return();
});

t.test('what a rule does by default selects none', async (t) => {
  const p = await place(t);
  for (const action of ['to_tbl', 1] as const) await t.rejects(p.ipr.rule('del', { action } as never), InputError);
  t.equal(p.ip('rule', 'show').length, 3);
});

t.test('a rule without a priority is ensured once, and gone for good', async (t) => {
  const p = await place(t);
  const spec = { src: '10.0.0.0/8', table: 100 };
  const said: string[] = [];
  for (let i = 0; i < 3; i++) said.push(await p.ipr.ensure('rule', spec));
  t.same(said, ['added', 'unchanged', 'unchanged']);
  t.equal(await p.ipr.ensure('rule', { ...spec, not: true }), 'added', 'its opposite is another');
  t.equal(await p.ipr.ensure('rule', { ...spec, table: 101 }), 'added');
  t.equal(p.ip('rule', 'show').length, 6);
  await p.ipr.rule('add', { ...spec, priority: 9 });
  t.equal(await p.ipr.ensureGone('rule', { ...spec, table: 101 }), true);
  t.equal(p.ip('rule', 'show').length, 6);
});

t.test('a forwarding entry of which the kernel says that it is gone is gone', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 5, port: 4789 } });
  const lladdr = '00:00:00:00:00:00';
  await p.ipr.fdb('append', { dev: 'vx0', lladdr, dst: '10.0.0.8', vni: 7 });
  await p.ipr.fdb('append', { dev: 'vx0', lladdr, dst: '10.0.0.9' });
  t.equal(await p.ipr.ensureGone('fdb', { dev: 'vx0', lladdr, dst: '10.0.0.8' }), true);
  t.match(p.bridge('fdb', 'show', 'dev', 'vx0'), [{ dst: '10.0.0.9' }]);
  t.equal(p.bridge('fdb', 'show', 'dev', 'vx0').length, 1);
});

t.test('a deletion that the kernel would understand more widely', async (t) => {
  const p = await place(t);
  await linked(p);
  const dst = '2001:db8:9::/48';
  await p.ipr.route('add', { dst, gateway: '2001:db8::2' });
  await p.ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2' });
  const before = routes(p);
  const wide: [RouteSpec, string][] = [
    [{ dst, type: 'blackhole' }, 'type'],
    [{ dst, scope: 'link' }, 'scope'],
    [{ dst, realms: 7 } as never, 'realms'],
    [{ dst: '10.1.0.0/16', realms: 5 } as never, 'realms'],
    [{ dst: '10.1.0.0/16', src: '1.0.0.0/8' }, 'src'],
    [{ dst: '10.1.0.0/16', flags: 5 }, 'flags'],
  ];
  for (const [spec, key] of wide) await t.rejects(p.ipr.route('del', spec), refused(key), key);
  // Addresses of the links themselves come a moment later.
  t.ok(routes(p) >= before);
  // What is no property of a route is not taken for one when it is made, either.
  for (const key of ['mark', 'uid', 'sport'] as const)
    await t.rejects(p.ipr.route('add', { dst: '10.2.0.0/16', dev: 'e0', [key]: 5 }), refused(key));
  await t.rejects(p.ipr.route('add', { dst: '10.2.0.0/16', dev: 'e0', src: '10.0.0.1' }), refused('src'));
});

t.test('routes that come out go in again, and are deleted by what came out', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.nexthop('add', { id: 7, gateway: '10.0.0.2', dev: 'e0' });
  await p.ipr.route('add', { dst: '10.3.0.0/16', nhId: 7 });
  await p.ipr.route('add', { dst: '2001:db8:7::/48', gateway: '2001:db8::2', expires: 500 });
  for (const dst of ['10.3.0.0/16', '2001:db8:7::/48']) {
    const [row] = await p.ipr.getRoutes({ dst });
    await p.ipr.route('del', row!);
    t.same(await p.ipr.getRoutes({ dst }), [], `${dst} is gone`);
    await p.ipr.route('add', row!);
    const [again] = await p.ipr.getRoutes({ dst });
    t.match(again, { nhId: row!.nhId, gateway: row!.gateway, priority: row!.priority });
    if (dst.includes(':')) t.ok((again?.cacheinfo?.expires ?? 0) > 40_000, 'it still expires');
  }
});

t.test('flags that are said are set, and no other is cleared', async (t) => {
  const p = await place(t);
  await linked(p);
  const flags = (): string[] => p.ip('link', 'show', 'dev', 'e0')[0]!.flags as string[];
  await p.ipr.link('set', { dev: 'e0', flags: ['PROMISC'] });
  t.ok(
    ['UP', 'MULTICAST', 'PROMISC'].every((flag) => flags().includes(flag)),
    `${flags()}`,
  );
  await p.ipr.link('set', { dev: 'e0', flags: [], change: ['PROMISC'] });
  t.notOk(flags().includes('PROMISC'));
  t.ok(flags().includes('UP'));
  for (const none of [0, []]) await t.rejects(p.ipr.link('set', { dev: 'e0', flags: none }), refused('change'));
  t.equal(
    await p.ipr
      .ensure('link', { ifname: 'e0', kind: 'veth', flags: ['PROMISC'], arp: undefined } as never)
      .catch(() => 'x'),
    'updated',
  );
  t.equal(await p.ipr.ensure('link', { ifname: 'e0', kind: 'veth', flags: ['PROMISC'] }), 'unchanged');
  t.equal(await p.ipr.ensure('link', { ifname: 'e0', kind: 'veth', arp: true }), 'unchanged');
  await t.rejects(p.ipr.ensure('link', { ifname: 'e0', kind: 'veth', numTxQueues: 7 }), refused('numTxQueues'));
});

t.test('alternative names', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.link('property_add', { dev: 'e0', altIfname: 'another-name' });
  t.match(await p.ipr.getLinks({ altIfname: 'another-name' }), [{ ifname: 'e0' }]);
  t.same(await p.ipr.linkLookup({ altIfname: 'another-name', mtu: 1500 }), [await p.index('e0')]);
  await t.rejects(p.ipr.link('set', { dev: 'e0', altIfname: 'x' } as never), refused('altIfname'));
  await t.rejects(
    p.ipr.link('set', { ifname: 'e1', altIfname: 'another-name', mtu: 1400 } as never),
    refused('altIfname'),
  );
  await t.rejects(p.ipr.link('add', { ifname: 'xa', kind: 'ifb', altIfname: 'x' } as never), refused('altIfname'));
  await p.ipr.link('set', { altIfname: 'another-name', mtu: 1400 });
  t.equal(p.ip('link', 'show', 'dev', 'e0')[0]!.mtu, 1400);
  await p.ipr.link('set', { dev: 'e0', ifalias: 'x'.repeat(255) });
  t.equal(p.ip('link', 'show', 'dev', 'e0')[0]!.ifalias, 'x'.repeat(255));
});

t.test('a stream is read anew by each loop, by several at once as well', async (t) => {
  const p = await place(t);
  await linked(p);
  const { ipr } = p;
  const add = (dst: string) => ipr.route('add', { dst, dev: 'e0', protocol: 99 });
  await add('20.0.0.0/24');
  const stream = ipr.routes({ dev: 'e0', protocol: 99 }, { timeout: 5000 });
  const split = ipr.linkStats({ filterMask: 31 }, { timeout: 5000 });
  const count = async (rows: AsyncIterable<unknown>) => {
    let n = 0;
    for await (const row of rows) n += Array.isArray(row) ? row.length : 1;
    return n;
  };
  t.equal(await count(stream), 1);
  const tables = await count(split);
  t.ok(tables > 1);
  await add('20.0.1.0/24');
  t.same(await Promise.all([count(stream), count(stream.batches()), count(stream)]), [2, 2, 2]);
  t.same(await Promise.all([count(split), count(split)]), [tables, tables], 'rows that the kernel splits');
});

t.test('a stream refuses options that are none before it is read', async (t) => {
  const { ipr } = await place(t);
  for (const stream of [ipr.routes, ipr.routeViews, ipr.links] as ((f: object, o: unknown) => unknown)[]) {
    t.throws(() => stream.call(ipr, {}, { bogus: 1 }), { name: 'InputError', field: 'options.bogus' });
    t.throws(() => stream.call(ipr, {}, { timeout: -1 }), { name: 'InputError', field: 'timeout' });
    t.throws(() => stream.call(ipr, {}, null), { name: 'InputError', field: 'options' });
  }
});

t.test('a stream that is aborted, or whose socket is closed, gives no more', async (t) => {
  const p = await place(t);
  await linked(p);
  const batch = p.ipr.batch();
  for (let i = 0; i < 300; i++) batch.route('add', { dst: `10.9.${i >> 2}.${(i & 3) * 64}/26`, dev: 'e0' });
  await batch.commit();
  const controller = new AbortController();
  let count = 0;
  const reading = (async () => {
    for await (const _ of p.ipr.routes({}, { signal: controller.signal }))
      if (++count === 2) controller.abort(new Error('enough'));
  })();
  await t.rejects(reading, /enough/);
  t.equal(count, 2);
  // The table is one batch: what stops the loop in there is told all the same.
  const again = new AbortController();
  const inBatches = (async () => {
    for await (const _ of p.ipr.routes({}, { signal: again.signal }).batches()) again.abort(new Error('that was all'));
  })();
  await t.rejects(inBatches, /that was all/);
  const other = await place(t);
  count = 0;
  const closing = (async () => {
    for await (const _ of other.ipr.routes({})) if (++count === 1) await other.ipr.close();
  })();
  // Before anything else is awaited: it may fail any time.
  const closed = closing.catch((error) => t.equal(error.name, 'ClosedError'));
  await linked(other).catch(() => {});
  await closed;
  t.ok(count <= 1);
});
