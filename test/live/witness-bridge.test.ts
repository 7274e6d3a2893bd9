/** Ports and multicast groups of bridges: made by us and read by `bridge`, made by `bridge` and read by us. */
import t, { type Test } from 'tap';
import {
  type BrportSpec,
  brportOf,
  type MdbRow,
  type MdbSpec,
  type MonitorEvent,
  mdbRows,
  NetlinkError,
} from 'tsroute2';
import { kernelAtLeast, Witness } from '../witness/compare.js';
import { namesOf, type Place, place, verdict } from '../witness/live.js';
import { brportToIp } from '../witness/map-brport.js';
import { mdbToIp, printedTimes, routerPortToIp } from '../witness/map-mdb.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const ports = new Witness('brport', 'live');
const groups = new Witness('mdb', 'live');

/** A bridge with two ports that have carriers. */
async function bridged(p: Place): Promise<void> {
  p.withoutIpv6();
  await p.ipr.link('add', { ifname: 'br0', kind: 'bridge', bridge: { mcastIgmpVersion: 3, mcastMldVersion: 2 } });
  for (const [a, b] of [
    ['e0', 'e1'],
    ['e2', 'e3'],
  ] as const) {
    await p.ipr.link('add', { ifname: a, kind: 'veth', peer: b });
    await p.ipr.link('set', { dev: a, master: 'br0', state: 'up' });
    await p.ipr.link('set', { dev: b, state: 'up' });
  }
  await p.ipr.link('set', { dev: 'br0', state: 'up' });
}

/** What a port can be told, as we say it and as `bridge` says it; every value differs from the default. */
const SETTINGS: readonly (readonly [Omit<BrportSpec, 'dev' | 'index'>, string])[] = [
  [{ priority: 63, cost: 65535 }, 'priority 63 cost 65535'],
  [{ mode: true, guard: true, protect: true, fastLeave: true }, 'hairpin on guard on root_block on fastleave on'],
  [
    { learning: false, unicastFlood: false, mcastFlood: false, bcastFlood: false },
    'learning off flood off mcast_flood off bcast_flood off',
  ],
  [{ multicastRouter: 2, mcastToUcast: true }, 'mcast_router 2 mcast_to_unicast on'],
  [{ neighSuppress: true, vlanTunnel: true, isolated: true }, 'neigh_suppress on vlan_tunnel on isolated on'],
  [{ locked: true }, 'locked on learning off'],
  [{ backupPort: 'e2' }, 'backup_port e2'],
];

async function comparePorts(t: Test, p: Place, how: string): Promise<void> {
  const names = namesOf(p.ip('link'));
  const ours = await p.ipr.getBrports();
  const theirs = p.bridge('link');
  const later = await p.ipr.getBrports();
  t.same(
    ours.map(({ index }) => index),
    theirs.map(({ ifindex }) => ifindex),
    `${how}: the same ports`,
  );
  for (const [i, port] of ours.entries())
    ports.compare(how, {
      label: `${port.ifname}, ${how}`,
      ours: port,
      later: later[i],
      theirs: theirs[i]!,
      map: (o) => brportToIp(o, names),
    });
}

for (const how of ['made by us', 'made by us for the bridge', 'made by bridge'] as const) {
  t.test(`ports, ${how}`, async (t) => {
    const p = await place(t);
    await bridged(p);
    for (const [spec, line] of SETTINGS) {
      if (how === 'made by bridge') p.bridgeBatch([`link set dev e0 ${line}`]);
      else if (how === 'made by us') await p.ipr.brport('set', { dev: 'e0', ...spec });
      else await p.ipr.brport('set', { dev: 'e0', ...spec, master: true });
      await comparePorts(t, p, how);
    }
    const [listed] = await p.ipr.getBrports({ ifname: 'e0' });
    const got = await p.ipr.brport('get', { dev: 'e0' });
    const moving = { messageAgeTimer: 0, forwardDelayTimer: 0, holdTimer: 0 };
    t.same({ ...got, ...moving }, { ...listed, ...moving }, 'a get and a dump say the same');
    t.equal(got.cost, 65535);
    t.same(
      (await p.ipr.getBrports({ isolated: true })).map(({ ifname }) => ifname),
      ['e0'],
    );
    t.equal((await p.ipr.getBrports({ bridge: await p.index('br0') })).length, 2);
    await t.rejects(p.ipr.brport('get', { dev: 'e1' }), { name: 'NetlinkError', message: /no port/ } as never);
  });
}

t.test('a port in an event', async (t) => {
  const p = await place(t);
  await bridged(p);
  const monitor = p.ipr.monitor({ groups: ['link'] });
  t.teardown(() => monitor.close());
  await p.ipr.brport('set', { dev: 'e2', cost: 4321 });
  for (let i = 0; i < 50; i++) {
    const { value } = await monitor.next();
    if (value?.type !== 'message' || value.op !== 'RTM_NEWLINK' || value.value.family !== 7) continue;
    const port = brportOf(value.value);
    if (port?.cost === 4321) {
      const moving = { messageAgeTimer: 0, forwardDelayTimer: 0, holdTimer: 0 };
      return t.same({ ...port, ...moving }, { ...(await p.ipr.brport('get', { dev: 'e2' })), ...moving });
    }
  }
  t.fail('no event with the new cost');
});

type Group = Omit<MdbSpec, 'dev' | 'ifindex'>;
const PLAIN: readonly (readonly [Group, string])[] = [
  [{ port: 'e0', grp: '239.1.1.1', state: 'permanent' }, 'port e0 grp 239.1.1.1 permanent'],
  [{ port: 'e2', grp: '239.1.1.1', state: 'permanent' }, 'port e2 grp 239.1.1.1 permanent'],
  [{ port: 'e0', grp: '239.1.1.2', state: 'temp' }, 'port e0 grp 239.1.1.2 temp'],
  [{ port: 'e0', grp: '239.1.1.3', state: 'permanent', vid: 4094 }, 'port e0 grp 239.1.1.3 permanent vid 4094'],
  [{ port: 'e0', grp: 'ff05::1:2', state: 'permanent' }, 'port e0 grp ff05::1:2 permanent'],
  [{ port: 'e0', grp: '01:02:03:04:05:06', state: 'permanent' }, 'port e0 grp 01:02:03:04:05:06 permanent'],
  [
    { port: 'e2', grp: '239.1.1.4', source: '10.0.0.9', state: 'permanent' },
    'port e2 grp 239.1.1.4 src 10.0.0.9 permanent',
  ],
  [{ port: 'br0', grp: '239.1.1.5' }, 'port br0 grp 239.1.1.5'],
];

async function compareGroups(t: Test, p: Place, how: string): Promise<MdbRow[]> {
  const names = { ...namesOf(p.ip('link')) };
  const ours = await p.ipr.getMdb();
  const [theirs] = p.bridge('mdb') as unknown as {
    mdb: Record<string, never>[];
    router: Record<string, Record<string, never>[]>;
  }[];
  const later = await p.ipr.getMdb();
  t.equal(ours.length, theirs!.mdb.length, `${how}: as many entries`);
  for (const [i, entry] of ours.entries())
    groups.compare(how, {
      label: `${entry.grp} at ${entry.port}, ${how}`,
      ours: entry,
      later: later[i],
      theirs: printedTimes(theirs!.mdb[i]!),
      map: (o) => mdbToIp(o, names),
    });
  const routers = await p.ipr.getMdbRouterPorts();
  const printed = Object.values(theirs!.router).flat();
  t.equal(routers.length, printed.length, `${how}: as many router ports`);
  for (const [i, port] of routers.entries())
    groups.compare(`router ports, ${how}`, {
      label: how,
      ours: port,
      theirs: printedTimes(printed[i]!),
      map: (o) => routerPortToIp(o, names),
    });
  return ours;
}

for (const how of ['made by us', 'made by bridge'] as const) {
  t.test(`groups, ${how}`, async (t) => {
    const p = await place(t);
    await bridged(p);
    if (how === 'made by us') {
      const batch = p.ipr.batch();
      for (const [spec] of PLAIN) batch.mdb('add', { dev: 'br0', ...spec });
      await batch.commit();
    } else p.bridgeBatch(PLAIN.map(([, line]) => `mdb add dev br0 ${line}`));
    await p.ipr.brport('set', { dev: 'e2', multicastRouter: 2 });
    const rows = await compareGroups(t, p, how);
    t.equal(rows.length, PLAIN.length);
    t.equal((await p.ipr.getMdb({ dev: 'br0', port: 'e2', state: 'permanent' })).length, 2);
    t.equal((await p.ipr.getMdb({ grp: 'FF05::0001:2' })).length, 1, 'addresses in any spelling');
    const streamed: MdbRow[] = [];
    for await (const row of p.ipr.mdbEntries({ grp: '239.1.1.1' })) streamed.push(row);
    t.equal(streamed.length, 2);
    if (how === 'made by us') {
      p.bridgeBatch(PLAIN.map(([, line]) => `mdb del dev br0 ${line.replace(/ permanent| temp/, '')}`));
      t.same(await p.ipr.getMdb(), [], 'gone for us');
    } else {
      t.equal(await p.ipr.flushMdb({ grp: '239.1.1.1' }), 2);
      await p.ipr.mdb('del', { dev: 'br0', port: 'e2', grp: '239.1.1.4', source: '10.0.0.9' });
      t.ok((await p.ipr.flushMdb({ all: true })) >= 5);
      const [left] = p.bridge('mdb') as unknown as { mdb: { grp: string }[] }[];
      t.same(left!.mdb, [], 'gone for bridge');
    }
  });
}

t.test('sources, filter modes and protocols (Linux 6.3)', async (t) => {
  const p = await place(t);
  await bridged(p);
  const spec = { dev: 'br0', port: 'e0', grp: '239.1.1.1', state: 'permanent' } as const;
  try {
    await p.ipr.mdb('add', { ...spec, srcList: ['10.0.0.1', '10.0.0.2'], groupMode: 'include', proto: 'zebra' });
  } catch (error) {
    if (!(error instanceof NetlinkError) || kernelAtLeast('6.3')) throw error;
    return t.equal(error.code, 'EINVAL');
  }
  await compareGroups(t, p, 'with sources');
  await p.ipr.mdb('replace', { ...spec, srcList: [{ address: '10.0.0.3' }], groupMode: 'exclude', proto: 200 });
  const rows = await compareGroups(t, p, 'replaced');
  t.match(
    rows.find(({ source, grp }) => source === undefined && grp === spec.grp),
    {
      groupMode: 'exclude',
      rtprot: 200,
      srcList: [{ address: '10.0.0.3' }],
    },
  );
  if (!kernelAtLeast('6.8')) return;
  const got = await p.ipr.mdb('get', { dev: 'br0', grp: '239.1.1.1' });
  const moving = (row: MdbRow) => ({ ...row, timer: 0 });
  t.same(
    got.map(moving),
    (await p.ipr.getMdb({ grp: '239.1.1.1' })).filter(({ source }) => source === undefined).map(moving),
  );
  // The kernel takes those of programs only, and its offset leads into a nest that no caller sees.
  await t.rejects(p.ipr.mdb('add', { dev: 'br0', port: 'e2', grp: '239.1.1.8', rtprot: 1 }), {
    code: 'ERANGE',
    attribute: 'rtprot',
  } as never);
  await p.ipr.mdb('add', { dev: 'br0', port: 'e2', grp: '239.1.1.9' });
  await p.ipr.mdb('flush', { dev: 'br0', proto: 200 });
  t.equal((await p.ipr.getMdb({ port: 'e0', rtprot: 200 })).length, 0);
  await p.ipr.mdb('flush', { dev: 'br0', port: 'e2', state: 'permanent' });
  t.equal((await p.ipr.getMdb({ grp: '239.1.1.9' })).length, 1, 'another state stays');
  await p.ipr.mdb('flush', { dev: 'br0' });
  t.equal((await p.ipr.getMdb({ grp: '239.1.1.9' })).length, 0);
});

t.test('groups of a VXLAN (Linux 6.4)', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', {
    ifname: 'vx0',
    kind: 'vxlan',
    vxlan: { collectMetadata: true, learning: false, port: 4789, local: '10.0.0.1' },
  });
  await p.ipr.link('set', { dev: 'vx0', state: 'up' });
  const spec = { dev: 'vx0', port: 'vx0', grp: '239.1.1.1', state: 'permanent' } as const;
  const remote = { dst: '10.0.0.7', dstPort: 4790, vni: 0xfffffe, srcVni: 0x123456, via: 'lo' };
  try {
    await p.ipr.mdb('add', { ...spec, ...remote });
  } catch (error) {
    if (!(error instanceof NetlinkError) || kernelAtLeast('6.4')) throw error;
    return t.equal(error.code, 'EOPNOTSUPP');
  }
  await p.ipr.mdb('add', { ...spec, grp: '::', dst: '2001:db8::7' });
  t.match(await p.ipr.getMdb({ dev: 'vx0', srcVni: 0x123456 }), [
    { ...remote, via: 1, grp: '239.1.1.1', groupMode: 'exclude' },
  ]);
  t.equal((await p.ipr.getMdb({ dst: '2001:db8::7' })).length, 1);
  t.ok(p.bridge('mdb').length > 0);
  const { dev, port, grp } = spec;
  await p.ipr.mdb('del', { dev, port, grp, ...remote });
  t.equal(await p.ipr.flushMdb({ dev: 'vx0' }), 1);
});

t.test('events equal what a get gives', async (t) => {
  const p = await place(t);
  await bridged(p);
  const monitor = p.ipr.monitor({ groups: ['mdb'] });
  t.teardown(() => monitor.close());
  const about = async (grp: string): Promise<MonitorEvent & { type: 'message' }> => {
    for (let i = 0; i < 100; i++) {
      const { value } = await monitor.next();
      if (value?.type !== 'message') throw new Error(`a ${value?.type}`);
      if ((value.op === 'RTM_NEWMDB' || value.op === 'RTM_DELMDB') && mdbRows(value.value)[0]?.grp === grp)
        return value;
    }
    throw new Error('no event');
  };
  for (const [spec] of PLAIN) {
    await p.ipr.mdb('add', { dev: 'br0', ...spec });
    const event = await about(spec.grp);
    t.equal(event.op, 'RTM_NEWMDB');
    const rows = mdbRows(event.value as never).map((row) => ({ ...row, timer: 0 }));
    const now = (await p.ipr.getMdb({ grp: spec.grp, port: spec.port })).map((row) => ({ ...row, timer: 0 }));
    t.same(rows, now, spec.grp);
  }
  await p.ipr.mdb('del', { dev: 'br0', port: 'e0', grp: '239.1.1.1' });
  t.equal((await about('239.1.1.1')).op, 'RTM_DELMDB');
});

t.test('every key is the same', async (t) => {
  verdict(t, ports, true);
  verdict(t, groups, true);
});
