/** ensure, poll, files of routes, names in files, batches as bytes: against the kernel and `ip`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { InputError, IPBatch, IPRoute, RawIPRoute, TimeoutError } from 'tsroute2';
import { type Place, place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const ENSURE_RACES = 40;

async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await p.ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
}

t.test('ensure', async (t) => {
  const p = await place(t);
  const { ipr } = p;
  const bridge = { ifname: 'br0', kind: 'bridge', mtu: 1400, bridge: { priority: 4096 } } as const;
  t.equal(await ipr.ensure('link', bridge), 'added');
  t.equal(await ipr.ensure('link', bridge), 'unchanged');
  t.equal(await ipr.ensure('link', { ...bridge, mtu: 1300, bridge: { priority: 8192 }, state: 'up' }), 'updated');
  t.match(p.ip('link', 'show', 'br0'), [{ mtu: 1300, linkinfo: { info_data: { priority: 8192 } } }]);
  t.equal(await ipr.ensure('link', { ifname: 'e0', kind: 'veth', peer: 'e1', master: 'br0' }), 'added');
  t.equal(await ipr.ensure('link', { ifname: 'e0', kind: 'veth', peer: 'e1', master: 'br0' }), 'unchanged');
  t.equal(await ipr.ensure('link', { ifname: 'e0', kind: 'veth', master: null }), 'updated');
  await t.rejects(ipr.ensure('link', { ifname: 'br0', kind: 'vxlan', vxlan: { id: 1 } }), InputError, 'another kind');
  const vxlan = { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 5, port: 4789, learning: false } } as const;
  t.equal(await ipr.ensure('link', vxlan), 'added');
  t.equal(await ipr.ensure('link', vxlan), 'unchanged', 'what may not change is not sent');
  t.equal(await ipr.ensure('link', { ...vxlan, vxlan: { ...vxlan.vxlan, ageing: 77 } }), 'updated');
  for (const dev of ['e0', 'e1']) await ipr.link('set', { dev, state: 'up' });

  const addr = { dev: 'e0', address: '10.0.0.1/24' };
  t.equal(await ipr.ensure('addr', addr), 'added');
  t.equal(await ipr.ensure('addr', { ...addr, validLft: 1000, preferredLft: 500 }), 'updated');
  const [shown] = await ipr.getAddr({ dev: 'e0', family: 'inet' });
  t.ok((shown?.cacheinfo?.valid ?? 0) <= 1000, 'brought in line');
  t.equal(await ipr.ensure('route', { dst: '10.5.0.0/16', gateway: '10.0.0.2' }), 'added');
  t.equal(await ipr.ensure('route', { dst: '10.5.0.0/16', gateway: '10.0.0.3' }), 'updated');
  t.match(p.ip('route', 'show', '10.5.0.0/16'), [{ gateway: '10.0.0.3' }]);
  t.equal(await ipr.ensure('nexthop', { id: 7, gateway: '10.0.0.2', dev: 'e0' }), 'added');
  t.equal(await ipr.ensure('nexthop', { id: 7, gateway: '10.0.0.9', dev: 'e0' }), 'updated');
  t.match(p.ip('nexthop'), [{ id: 7, gateway: '10.0.0.9' }]);

  const neighbour = { dev: 'e0', dst: '10.0.0.77', lladdr: '02:00:00:00:00:77', state: 'permanent' } as const;
  t.equal(await ipr.ensure('neigh', neighbour), 'added');
  t.equal(await ipr.ensure('neigh', { ...neighbour, lladdr: '02:00:00:00:00:78' }), 'updated');
  t.match(p.ip('neigh', 'show', '10.0.0.77'), [{ lladdr: '02:00:00:00:00:78' }]);
  t.equal(await ipr.ensureGone('neigh', { dev: 'e0', dst: '10.0.0.77' }), true);
  t.equal(await ipr.ensureGone('neigh', { dev: 'e0', dst: '10.0.0.99' }), false);
  const entry = { dev: 'vx0', lladdr: '02:00:00:00:00:79', dst: '10.0.0.7' };
  t.equal(await ipr.ensure('fdb', entry), 'added');
  t.equal(await ipr.ensure('fdb', { ...entry, dst: '10.0.0.8' }), 'updated');
  t.same(
    (await ipr.getFdb({ lladdr: entry.lladdr })).map(({ dst }) => dst),
    ['10.0.0.8'],
  );
  t.equal(await ipr.ensureGone('fdb', { ...entry, dst: '10.0.0.8' }), true);
  t.equal(await ipr.ensureGone('fdb', { ...entry, dst: '10.0.0.8' }), false);
  const rule = { src: '10.7.0.0/16', table: 100, priority: 500 };
  t.equal(await ipr.ensure('rule', rule), 'added');
  t.equal(await ipr.ensure('rule', rule), 'unchanged');
  t.match(
    p.ip('rule').filter(({ priority }) => priority === 500),
    [{ src: '10.7.0.0', srclen: 16, table: '100' }],
  );
  t.equal(await ipr.ensureGone('rule', rule), true);
  t.equal(await ipr.ensureGone('rule', rule), false);

  t.equal(await ipr.ensureGone('nexthop', { id: 7 }), true);
  t.equal(await ipr.ensureGone('nexthop', { id: 7 }), false);
  await ipr.route('add', { dst: '10.6.0.0/16', gateway: '10.0.0.2', priority: 5 });
  await ipr.route('add', { dst: '10.6.0.0/16', gateway: '10.0.0.2', priority: 6 });
  t.equal(await ipr.ensureGone('route', { dst: '10.6.0.0/16' }), true);
  t.same(p.ip('route', 'show', '10.6.0.0/16'), [], 'every route that fits');
  t.equal(await ipr.ensureGone('route', { dst: '10.6.0.0/16' }), false);
  t.equal(await ipr.ensureGone('addr', addr), true);
  t.equal(await ipr.ensureGone('addr', addr), false);
  t.equal(await ipr.ensureGone('link', { ifname: 'br0' }), true);
  t.equal(await ipr.ensureGone('link', { ifname: 'br0' }), false);
});

t.test('ensure while others make and delete the same', async (t) => {
  const p = await place(t);
  await linked(p);
  const other = new IPRoute({ netns: p.path });
  t.teardown(() => other.close());
  const spec = { id: 9, gateway: '10.0.0.2', dev: 'e0' };
  let stop = false;
  const vandal = (async () => {
    while (!stop) {
      await other.ensureGone('nexthop', { id: 9 });
      await new Promise(setImmediate);
    }
  })();
  const done = new Set<string>();
  for (let i = 0; i < ENSURE_RACES; i++) {
    for (const word of await Promise.all([p.ipr.ensure('nexthop', spec), p.ipr.ensure('nexthop', spec)]))
      done.add(word);
  }
  stop = true;
  await vandal;
  t.ok(done.has('added'), [...done].join(', '));
  await p.ipr.ensure('nexthop', spec);
  t.equal((await p.ipr.getNexthops()).length, 1);
});

t.test('poll', async (t) => {
  const p = await place(t);
  await linked(p);
  const began = performance.now();
  t.match(await p.ipr.poll('link', { ifname: 'e0' }), { ifname: 'e0' }, 'what is there comes at once');
  const waiting = p.ipr.poll('addr', { address: '10.0.9.1' });
  const gone = p.ipr.pollGone('route', { dst: '10.0.0.0/24' });
  await sleep(50);
  p.batch(['addr add 10.0.9.1/24 dev e0', 'link set e0 down']);
  const changed = performance.now();
  t.match(await waiting, { address: '10.0.9.1', prefixlen: 24 });
  await gone;
  t.comment(`figure: ${(performance.now() - changed).toFixed(0)} ms after the change`);
  const rule = p.ipr.poll('rule', { priority: 600 });
  const neighbour = p.ipr.poll('neigh', { dst: '10.0.0.9', family: 'inet' });
  await sleep(50);
  await p.ipr.rule('add', { priority: 600, table: 'main' });
  t.equal((await rule).priority, 600);
  p.batch(['link set e0 up', 'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev e0']);
  t.equal((await neighbour).lladdr, '02:00:00:00:00:09');
  const hop = p.ipr.poll('nexthop', (row) => row.id === 5 && row.blackhole === true);
  await p.ipr.nexthop('add', { id: 4, blackhole: true });
  await p.ipr.nexthop('add', { id: 5, blackhole: true });
  t.equal((await hop).id, 5);
  await t.rejects(p.ipr.poll('link', { ifname: 'nobody' }, { timeout: 100 }), TimeoutError);
  const controller = new AbortController();
  const aborted = p.ipr.poll('link', { ifname: 'nobody' }, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 20);
  await t.rejects(aborted, /enough/);
  await t.rejects(p.ipr.poll('links' as never, {} as never), InputError);
  await t.rejects(p.ipr.poll('link', { ifname: 'e0' }, { timeot: 5 } as never), InputError);
  await t.rejects(p.ipr.poll('link', { ifnam: 'e0' } as never), InputError, 'a filter of a misspelt key');
  t.ok(performance.now() - began < 120_000);
});

const ROUTES = [
  'route add 10.1.0.0/16 via 10.0.0.2',
  'route add 10.2.0.0/16 via 10.0.0.2 metric 7 mtu 1300 proto bird',
  'route add 10.3.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3',
  'route add blackhole 10.4.0.0/16',
  'route add 10.5.0.0/16 dev e0 scope link',
  'route add default via 10.0.0.9 realms 3/7',
];

/** Routes of the main table without what differs from time to time. */
const main = (p: Place, family: '-4' | '-6') =>
  p.ip(family, 'route', 'show', 'table', 'main').map(({ cache: _, ...route }) => route);

const sorted = (list: readonly unknown[]): string[] => list.map((row) => JSON.stringify(row)).sort();

for (const by of ['ours', 'ip'] as const) {
  t.test(`routes saved by ${by}, restored by both`, async (t) => {
    const p = await place(t);
    const folder = mkdtempSync(join(tmpdir(), 'tsroute2-routes-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    await linked(p);
    p.batch(ROUTES);
    p.batch(['route add 2001:db8:1::/48 via 2001:db8::2', 'route add 2001:db8:2::/48 dev e0 metric 9'], '-6');
    for (const family of ['-4', '-6'] as const) {
      const save = () => execFileSync('ip', [family, '-n', p.name, 'route', 'save', 'table', 'main']);
      const ours = await p.ipr.routeSave({ table: 'main', family: family === '-4' ? 'inet' : 'inet6' });
      const data = by === 'ours' ? ours : new Uint8Array(save());
      t.equal(new DataView(data.buffer, data.byteOffset).getUint32(0, true), 0x45311224);
      if (family === '-4') t.equal(Buffer.from(ours).subarray(4).length, save().length - 4, 'as long as that of ip');
      const before = sorted(main(p, family));
      const made = family === '-4' ? ROUTES.length : 2;
      for (const who of ['ours', 'ip'] as const) {
        // `ip` restores a route of several next hops before the routes that its gateways are reached by.
        const all = who === 'ours' ? [''] : ['proto boot', 'proto bird'];
        p.batch(
          all.map((which) => `route flush table main ${which}`),
          family,
        );
        t.same(
          main(p, family).filter(({ protocol }) => protocol === 'boot'),
          [],
        );
        if (who === 'ours') {
          const { added, present } = await p.ipr.routeLoad(data);
          t.ok(added >= made, `${added} added, ${present} there`);
        } else {
          // `ip` reads the file three times, so it cannot be a pipe.
          const path = join(folder, 'routes');
          writeFileSync(path, data);
          execFileSync('sh', ['-c', `ip ${family} -n ${p.name} route restore <${path}`], { stdio: 'pipe' });
        }
        t.same(sorted(main(p, family)), before, `${family}: as before, restored by ${who}`);
        t.match(await p.ipr.routeLoad(data), { added: 0 }, 'a second time adds nothing');
      }
    }
  });
}

t.test('what is no file of routes', async (t) => {
  const p = await place(t);
  const empty = await p.ipr.routeSave({ table: 4242 });
  t.same(await p.ipr.routeLoad(empty), { added: 0, present: 0 });
  await linked(p);
  const good = await p.ipr.routeSave();
  t.ok(good.length > 40);
  const bad: [string, unknown][] = [
    ['nothing', new Uint8Array(0)],
    ['text', 'routes'],
    ['another magic number', Uint8Array.from(good, (byte, i) => (i === 0 ? 0 : byte))],
    ['cut', good.subarray(0, good.length - 4)],
    ['cut in a header', good.subarray(0, 12)],
    ['a message that is no route', Uint8Array.from(good, (byte, i) => (i === 8 ? 20 : byte))],
  ];
  for (const [what, data] of bad)
    await t.rejects(p.ipr.routeLoad(data as never), { name: 'InputError', field: 'data' } as never, what);
  const shifted = new Uint8Array(good.length + 1);
  shifted.set(good, 1);
  t.match(await p.ipr.routeLoad(shifted.subarray(1)), { added: 0 }, 'bytes that start anywhere');
});

t.test('words of the files of iproute2', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.route('add', { dst: '10.7.0.0/16', gateway: '10.0.0.2', tos: 'AF11' as never, realms: '3/cosmos' });
  t.match(p.ip('route', 'show', '10.7.0.0/16'), [{ tos: 'AF11', flow: { from: '3' } }]);
  t.equal((await p.ipr.getRoutes({ dst: '10.7.0.0/16' }))[0]?.tos, 0x28, 'rows keep numbers');
  await p.ipr.route('del', { dst: '10.7.0.0/16', tos: 0x28 });
  await t.rejects(p.ipr.route('add', { dst: '10.7.0.0/16', table: 'no-such-table' as never }), InputError);
  await t.rejects(p.ipr.route('add', { dst: '10.7.0.0/16', realms: 'no-such-realm' }), InputError);
  await t.rejects(p.ipr.route('add', { dst: '10.7.0.0/16', realms: 3, flow: 3 }), InputError);
});

t.test('a batch as bytes is what the kernel takes', async (t) => {
  const p = await place(t);
  await linked(p);
  const index = await p.index('e0');
  const batch = new IPBatch({ interfaces: { e0: index } });
  batch
    .link('set', { dev: 'e0', mtu: 1400 })
    .addr('add', { dev: 'e0', address: '10.0.7.1/24' })
    .nexthop('add', { id: 3, gateway: '10.0.7.2', dev: 'e0' })
    .route('add', { dst: '10.8.0.0/16', nhId: 3 });
  t.equal(batch.length, 4);
  const raw = new RawIPRoute({ netns: p.path });
  t.teardown(() => raw.close());
  const { data } = batch;
  let count = 0;
  for (let at = 0; at < data.length; count++) {
    const view = new DataView(data.buffer, at);
    const length = view.getUint32(0, true);
    t.equal(view.getUint32(8, true), count + 1, 'numbered from 1');
    await raw.nlmRequest(data.slice(at + 16, at + length), view.getUint16(4, true), view.getUint16(6, true));
    at += (length + 3) & ~3;
  }
  t.equal(count, 4);
  t.match(p.ip('route', 'show', '10.8.0.0/16'), [{ nhid: 3, gateway: '10.0.7.2' }]);
  t.match(p.ip('link', 'show', 'e0'), [{ mtu: 1400 }]);
});

t.test('objects that come back', async (t) => {
  const p = await place(t);
  const echo = { echo: true };
  const { ipr } = p;
  await ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
  const index = await p.index('e0');
  const mtus = [1400, 1401, 1402, 1403];
  const [a, b, c] = [
    await ipr.link('set', { dev: 'e0', mtu: mtus[0] }, echo),
    await ipr.link('set', { index, mtu: mtus[1] }, echo),
    await ipr.link('set', { ifname: 'e0', mtu: mtus[2] }, echo),
  ];
  // Kernels before 6.2 rename no link that is up.
  await ipr.link('set', { dev: 'e0', state: 'down' });
  const d = await ipr.link('set', { dev: 'e0', ifname: 'e9', mtu: mtus[3] }, echo);
  t.same(
    [a, b, c, d].map(({ object }) => [object?.index, object?.ifname, object?.mtu]),
    mtus.map((mtu, i) => [index, i === 3 ? 'e9' : 'e0', mtu]),
  );
  const named = await ipr.link('property_add', { dev: 'e9', altIfname: 'other' }, echo);
  t.match(named.object, { propList: { altIfname: ['other'] } });
  t.match((await ipr.link('set', { altIfname: 'other', mtu: 1300 }, echo)).object, { index, mtu: 1300 });
  t.equal(p.ip('link', 'show', 'dev', 'e9')[0]?.mtu, 1300);
  t.notOk('object' in (await ipr.link('set', { dev: 'e9', mtu: 1400 })), 'nobody asked');
  await ipr.link('set', { dev: 'e9', state: 'up' });
  t.match((await ipr.addr('add', { dev: 'e9', address: '10.0.0.1/24' }, echo)).object, { local: '10.0.0.1' });
});

t.test('a batch of labels and of parameters of neighbour tables', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  const parms = { dev: 'e0', parms: { baseReachableTime: 7000 } };
  const batch = p.ipr.batch().addrlabel('add', { address: '2001:db8::/32', label: 77 });
  batch.ntable('set', { name: 'arp_cache', ...parms }).addrlabel('add', { address: '2001:db9::/32', label: 78 });
  await batch.addrlabel('del', { address: '2001:db9::/32' }).commit();
  const labels = p.ip('addrlabel', 'list').map(({ label }) => label);
  t.ok(labels.includes(77));
  t.notOk(labels.includes(78));
  const tables = p.ip('ntable', 'show', 'dev', 'e0');
  t.ok(tables.some((row) => row.name === 'arp_cache' && row.base_reachable === 7000));
});

t.test('links and their other ends, ensured', async (t) => {
  const p = await place(t);
  const other = await place(t);
  const { ipr } = p;
  const refused = (field: string) => ({ name: 'InputError', code: 'ERR_CONFLICT', field }) as never;
  const pair = { ifname: 'e0', kind: 'veth' } as const;
  const peer = { ifname: 'e1', mtu: 1400, address: '02:00:00:00:00:0A' };
  t.equal(await ipr.ensure('link', { ...pair, peer }), 'added');
  t.equal(await ipr.ensure('link', { ...pair, peer }), 'unchanged');
  t.equal(await ipr.ensure('link', { ...pair, peer: 'e1' }), 'unchanged');
  t.equal(await ipr.ensure('link', { ...pair, veth: { peer: { ifname: 'e1' } } }), 'unchanged');
  t.equal(await ipr.ensure('link', pair), 'unchanged', 'nothing is said of it');
  await t.rejects(ipr.ensure('link', { ...pair, peer: 'e2' }), refused('peer'));
  await t.rejects(ipr.ensure('link', { ...pair, peer: { ifname: 'e2' } }), refused('peer.ifname'));
  await t.rejects(ipr.ensure('link', { ...pair, peer: { ifname: 'e1', mtu: 1300 } }), refused('peer.mtu'));
  await t.rejects(ipr.ensure('link', { ...pair, veth: { peer: { ifname: 'e2' } } }), refused('veth.peer.ifname'));
  await t.rejects(ipr.ensure('link', { ...pair, peer: { ...peer, netns: other.path } }), refused('peer.netns'));
  t.equal(await ipr.ensure('link', { ...pair, peer, mtu: 1450 }), 'updated', 'the rest is brought in line');
  t.match(p.ip('link', 'show', 'dev', 'e0'), [{ mtu: 1450, link: 'e1' }]);

  const far = { ifname: 'f0', kind: 'veth', peer: { ifname: 'f1', mtu: 1400, netns: other.path } } as const;
  t.equal(await ipr.ensure('link', far), 'added');
  t.equal(await ipr.ensure('link', far), 'unchanged', 'a peer in another namespace');
  await t.rejects(ipr.ensure('link', { ...far, peer: { ...far.peer, mtu: 1300 } }), refused('peer.mtu'));
  await t.rejects(ipr.ensure('link', { ...far, peer: { ...far.peer, netns: p.path } }), refused('peer.netns'));
  t.match(other.ip('link', 'show', 'dev', 'f1'), [{ mtu: 1400 }]);

  for (const key of ['netns', 'netNsFd'])
    await t.rejects(ipr.ensure('link', { ifname: 'b0', kind: 'bridge', [key]: other.path }), refused(key));
  t.notOk(
    other.ip('link', 'show').some(({ ifname }) => ifname === 'b0'),
    'nothing was made',
  );
  for (const done of ['added', 'unchanged'])
    t.equal(await other.ipr.ensure('link', { ifname: 'b0', kind: 'bridge' }), done);
});

t.test('rows that were read, as input', async (t) => {
  const p = await place(t);
  const { ipr } = p;
  await ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up' });
  await ipr.link('set', { dev: 'e1', master: 'br0', state: 'up' });
  await ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await ipr.nexthop('add', { id: 5, gateway: '10.0.0.2', dev: 'e0' });
  await ipr.nexthop('add', { id: 6, group: [{ id: 5, weight: 3 }] });
  const hops = await ipr.getNexthops();
  const printed = p.ip('nexthop', 'show');
  t.equal(hops.length, 2);
  for (const row of hops) await ipr.nexthop('replace', row);
  t.same(p.ip('nexthop', 'show'), printed, 'replaced by themselves');
  for (const row of [...hops].reverse()) await ipr.nexthop('del', row);
  t.same(p.ip('nexthop', 'show'), []);
  for (const row of hops) await ipr.nexthop('add', row);
  t.same(p.ip('nexthop', 'show'), printed, 'and added again');

  await ipr.mdb('add', { dev: 'br0', port: 'e1', grp: '239.1.1.1', state: 'permanent' });
  const entries = () =>
    p
      .bridge('mdb', 'show')
      .flatMap((one) => one.mdb as { grp: string; timer: unknown }[])
      .filter(({ grp }) => grp === '239.1.1.1')
      .map((one) => ({ ...one, timer: 0 }));
  const [entry] = await ipr.getMdb({ grp: '239.1.1.1' });
  const before = entries();
  await ipr.mdb('del', entry!);
  t.equal((await ipr.getMdb({ grp: '239.1.1.1' })).length, 0);
  await ipr.batch().mdb('add', entry!).commit();
  t.same(entries(), before, 'a group');

  const [port] = await ipr.getBrports();
  t.match(await ipr.brport('get', port!), { index: port!.index });
  // @ts-expect-error a row of a port is not set as it is
  await t.rejects(ipr.brport('set', port!), InputError);
  const link = await ipr.link('get', { dev: 'e0' });
  t.match(await ipr.link('get', link), { index: link.index });
  // @ts-expect-error nor is one of a link
  await t.rejects(ipr.link('set', link), InputError);
  for (const cmd of ['set', 'add'] as const)
    await t.rejects(ipr.link(cmd, link as never), { name: 'InputError', field: 'link' } as never, cmd);
});
