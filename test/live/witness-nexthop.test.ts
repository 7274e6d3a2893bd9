/** Next hops made by us and read by `ip`, made by `ip` and read by us; their groups, buckets, routes and events. */
import t, { type Test } from 'tap';
import { type MonitorEvent, NetlinkError, type NexthopRow, type NexthopSpec } from 'tsroute2';
import { kernelAtLeast, Witness } from '../witness/compare.js';
import { ipAtLeast, namesOf, type Place, place, verdict } from '../witness/live.js';
import { bucketToIp, nexthopToIp } from '../witness/map-nexthop.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('nexthop', 'live');
const buckets = new Witness('bucket', 'live');

/** A next hop as we say it and as `ip` says it. */
const HOPS: readonly (readonly [NexthopSpec, string])[] = [
  [{ id: 1, dev: 'e0' }, 'id 1 dev e0'],
  [{ id: 2, gateway: '10.0.0.2', dev: 'e0' }, 'id 2 via 10.0.0.2 dev e0'],
  [{ id: 3, gateway: '192.168.7.7', dev: 'e0', flags: ['onlink'] }, 'id 3 via 192.168.7.7 dev e0 onlink'],
  [{ id: 4, gateway: '2001:db8::2', dev: 'e0' }, 'id 4 via 2001:db8::2 dev e0'],
  [{ id: 5, gateway: 'fe80::2', oif: 'e0', proto: 'bgp' }, 'id 5 via fe80::2 dev e0 protocol bgp'],
  [{ id: 6, blackhole: true }, 'id 6 blackhole'],
  [{ id: 7, blackhole: true, family: 'inet6', protocol: 200 }, 'id 7 blackhole protocol 200'],
  [{ id: 8, gateway: '10.0.0.3', dev: 'e0' }, 'id 8 via 10.0.0.3 dev e0'],
  [{ id: 9, gateway: '10.9.9.9', fdb: true }, 'id 9 via 10.9.9.9 fdb'],
  [{ id: 10, gateway: '10.9.9.10', fdb: true }, 'id 10 via 10.9.9.10 fdb'],
  [{ id: 4294967295, gateway: '10.0.0.4', dev: 'e0' }, 'id 4294967295 via 10.0.0.4 dev e0'],
  [{ id: 20, group: [2, 8] }, 'id 20 group 2/8'],
  [{ id: 21, group: [{ id: 2, weight: 256 }, { id: 8 }], proto: 'bird' }, 'id 21 group 2,256/8 protocol bird'],
  [{ id: 22, group: [9, { id: 10, weight: 3 }], fdb: true }, 'id 22 group 9/10,3 fdb'],
  [{ id: 23, group: [4, 5] }, 'id 23 group 4/5'],
  [
    { id: 24, group: [2, { id: 8, weight: 3 }], resGroup: { buckets: 8, idleTimer: 500, unbalancedTimer: 6000 } },
    'id 24 group 2/8,3 type resilient buckets 8 idle_timer 5 unbalanced_timer 60',
  ],
  [{ id: 25, group: [2], groupType: 'resilient', resGroup: { buckets: 2 } }, 'id 25 group 2 type resilient buckets 2'],
];

async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await p.ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
}

async function compare(t: Test, p: Place, how: string): Promise<number> {
  const names = namesOf(p.ip('link'));
  // Since 6.9 `ip -s -s` asks for the packets of members too.
  const stats = ipAtLeast('6.9') && kernelAtLeast('6.9');
  const ours = await p.ipr.getNexthops(stats ? { opFlags: ['dump_stats', 'dump_hw_stats'] } : {});
  const theirs = p.ip('nexthop');
  t.same(
    ours.map(({ id }) => id),
    theirs.map(({ id }) => id),
    `${how}: the same next hops`,
  );
  for (const [i, row] of ours.entries())
    witness.compare(how, {
      label: `${row.id}, ${how}`,
      ours: row,
      theirs: theirs[i]!,
      map: (o) => nexthopToIp(o, names),
    });
  const all = await p.ipr.getNexthopBuckets();
  const printed = p.ip('nexthop', 'bucket');
  const later = await p.ipr.getNexthopBuckets();
  t.equal(all.length, printed.length, `${how}: as many buckets`);
  for (const [i, row] of all.entries())
    buckets.compare(how, {
      label: `bucket ${i}, ${how}`,
      ours: row,
      later: later[i],
      theirs: printed[i]!,
      map: bucketToIp,
    });
  return ours.length + all.length;
}

for (const how of ['made by us', 'made by ip'] as const) {
  t.test(how, async (t) => {
    const p = await place(t);
    await linked(p);
    if (how === 'made by us') {
      const batch = p.ipr.batch();
      for (const [spec] of HOPS) batch.nexthop('add', spec);
      await batch.commit();
    } else p.batch(HOPS.map(([, line]) => `nexthop add ${line}`));
    t.equal(await compare(t, p, how), HOPS.length + 10);

    if (how === 'made by us') {
      await p.ipr.nexthop('replace', { id: 2, gateway: '10.0.0.22', dev: 'e0' });
      await p.ipr.nexthop('replace', { id: 20, group: [{ id: 8, weight: 9 }] });
      await p.ipr.nexthop('replace', { id: 24, group: [8], groupType: 'resilient' });
      await p.ipr.nexthop('del', { id: 4 });
      await compare(t, p, 'changed by us');
      p.batch(['nexthop flush']);
      t.same(await p.ipr.getNexthops(), [], 'gone for us');
    } else {
      t.equal(await p.ipr.flushNexthops({ proto: 'bgp' }), 1);
      t.equal(await p.ipr.flushNexthops({ fdb: true }), 2, 'the group goes with its members');
      t.ok((await p.ipr.flushNexthops({ all: true })) > 5);
      t.same(p.ip('nexthop'), [], 'gone for ip');
    }
  });
}

t.test('what the kernel filters, and what we do', async (t) => {
  const p = await place(t);
  await linked(p);
  const batch = p.ipr.batch();
  for (const [spec] of HOPS) batch.nexthop('add', spec);
  await batch.commit();
  const ids = async (filter: Parameters<typeof p.ipr.getNexthops>[0]) =>
    (await p.ipr.getNexthops(filter)).map(({ id }) => id);
  t.same(await ids({ groups: true }), [20, 21, 22, 23, 24, 25]);
  t.same(await ids({ fdb: true }), [9, 10, 22]);
  t.same(await ids({ dev: 'e0' }), [1, 2, 3, 4, 5, 8, 4294967295]);
  t.same(await ids({ family: 'inet6' }), [4, 5, 7]);
  t.same(await ids({ family: 'inet', blackhole: (value) => value }), [6]);
  t.same(await ids({ proto: 'bird' }), [21]);
  t.same(await ids({ groupType: 'resilient', 'resGroup.buckets': 2 }), [25]);
  t.same(await ids((row) => row.id === 6), [6]);
  const streamed: NexthopRow[] = [];
  for await (const row of p.ipr.nexthops({ groups: true })) streamed.push(row);
  t.equal(streamed.length, 6);
  const one = await p.ipr.nexthopBucket('get', { id: 24, index: 3 });
  t.equal(one.resBucket?.index, 3);
  t.equal((await p.ipr.nexthopBucket('dump', { id: 24 })).length, 8);
  t.equal((await p.ipr.getNexthopBuckets({ id: 24, nhId: 8 })).length, 6, 'three of four parts');
  t.equal((await p.ipr.getNexthopBuckets({ dev: 'e0' })).length, 10);
  t.same(
    (await p.ipr.getNexthopBuckets({ 'resBucket.index': 7 })).map(({ id }) => id),
    [24],
  );
  await t.rejects(p.ipr.nexthop('get', { id: 99 }), { name: 'NetlinkError', code: 'ENOENT' } as never);
});

t.test('routes by next hops: what a dump says, and a flush deletes', async (t) => {
  const p = await place(t);
  await linked(p);
  const { object } = await p.ipr.nexthop('add', { gateway: '10.0.0.2', dev: 'e0' });
  const id = object!.id!;
  t.ok(id > 0, 'the kernel chose an id');
  t.same(await p.ipr.nexthop('get', { id }), object, 'the echo is what a get gives');
  await p.ipr.nexthop('add', { id: 7, group: [id] });
  await p.ipr.route('add', { dst: '10.5.0.0/16', nhId: id });
  await p.ipr.route('add', { dst: '10.6.0.0/16', nhId: 7 });
  const [single] = await p.ipr.getRoutes({ dst: '10.5.0.0/16' });
  const [grouped] = await p.ipr.getRoutes({ dst: '10.6.0.0/16' });
  t.match(single, { nhId: id, gateway: '10.0.0.2', oif: await p.index('e0') });
  t.match(grouped, { nhId: 7, gateway: '10.0.0.2' });
  t.match(p.ip('route', 'show', '10.5.0.0/16'), [{ nhid: id, gateway: '10.0.0.2', dev: 'e0' }]);
  t.equal(await p.ipr.flushRoutes({ nhId: 7 }), 1, 'a flush knows them by the next hop alone');
  await p.ipr.nexthop('del', { id });
  t.same(await p.ipr.getRoutes({ dst: '10.5.0.0/16' }), [], 'a route goes with its next hop');
  t.same(await p.ipr.getNexthops(), [], 'and a group with its last member');
});

t.test('weights of 16 bits', async (t) => {
  const p = await place(t);
  await linked(p);
  for (const id of [1, 2]) await p.ipr.nexthop('add', { id, gateway: `10.0.0.${id + 1}`, dev: 'e0' });
  const group = [
    { id: 1, weight: 65535 },
    { id: 2, weight: 258 },
  ];
  if (!kernelAtLeast('6.12')) {
    // Older kernels refuse it, or take the lower half.
    const answer = await p.ipr.nexthop('add', { id: 3, group }).catch((error: unknown) => error);
    if (answer instanceof NetlinkError) t.equal(answer.code, 'EINVAL');
    else
      t.same(
        (await p.ipr.nexthop('get', { id: 3 })).group?.map(({ weight }) => weight),
        [255, 2],
      );
    return;
  }
  await p.ipr.nexthop('add', { id: 3, group });
  t.same((await p.ipr.nexthop('get', { id: 3 })).group, group);
  const stats = await p.ipr.nexthop('get', { id: 3, opFlags: ['dump_stats'] });
  t.same(stats.groupStats, [
    { id: 1, packets: 0 },
    { id: 2, packets: 0 },
  ]);
});

t.test('events equal what a get gives', async (t) => {
  const p = await place(t);
  await linked(p);
  const monitor = p.ipr.monitor({ groups: ['nexthop'] });
  t.teardown(() => monitor.close());
  const next = async (): Promise<MonitorEvent & { type: 'message' }> => {
    const { value } = await monitor.next();
    if (value?.type !== 'message') throw new Error(`a ${value?.type}`);
    return value;
  };
  for (const [spec] of HOPS) {
    await p.ipr.nexthop('add', spec);
    const event = await next();
    t.equal(event.op, 'RTM_NEWNEXTHOP');
    const object = await p.ipr.nexthop('get', { id: spec.id! });
    // Statistics come with a get only.
    for (const key of ['hwStatsEnable', 'groupStats', 'hwStatsUsed'] as const) delete object[key];
    t.same(event.value, object, `next hop ${spec.id}`);
  }
  await p.ipr.nexthop('del', { id: 6 });
  const gone = await next();
  t.match([gone.op, gone.value], ['RTM_DELNEXTHOP', { id: 6, blackhole: true }]);
});

t.test('refusals', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.nexthop('add', { id: 1, gateway: '10.0.0.2', dev: 'e0' });
  const refused = async (spec: NexthopSpec): Promise<Partial<NetlinkError>> => {
    try {
      await p.ipr.nexthop('add', spec);
    } catch (error) {
      if (error instanceof NetlinkError) return error;
      throw error;
    }
    return {};
  };
  t.match(await refused({ id: 1, blackhole: true }), { code: 'EEXIST' });
  t.match(await refused({ id: 2, gateway: '192.168.9.9', dev: 'e0' }), { code: 'ENETUNREACH', attribute: 'gateway' });
  t.match(await refused({ id: 2, group: [99] }), { code: 'EINVAL', attribute: 'group' });
  t.match(await refused({ id: 2, dev: 4242 }), { code: 'EINVAL', attribute: 'oif' });
});

t.test('every key is the same', async (t) => {
  verdict(t, witness, true);
  verdict(t, buckets, true);
});
