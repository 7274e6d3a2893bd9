/** VLANs of bridges and their ports: made by us and read by `bridge`, made by `bridge` and read by us. */
import t, { type Test } from 'tap';
import {
  BRIDGE_VLAN_INFO,
  type MonitorEvent,
  NetlinkError,
  type VlanFilterSpec,
  type VlanRow,
  type VlanSpec,
  vlanRows,
} from 'tsroute2';
import { Witness } from '../witness/compare.js';
import { namesOf, type Place, place, verdict } from '../witness/live.js';
import {
  printedFlags,
  tunnelsOnly,
  tunnelsToIp,
  vlanGlobalToIp,
  vlansOnly,
  vlansToIp,
  vlanToIp,
} from '../witness/map-vlan.js';

// A guest without KVM is slow.
t.setTimeout(900_000);

const filters = new Witness('vlan', 'live');
const database = new Witness('vlandb', 'live');
const globals = new Witness('vlan global', 'live');
let complete = false;

/** A bridge with two ports, of which one is a VXLAN; a reason where the kernel has no VLAN filtering. */
async function bridged(p: Place): Promise<false | string> {
  p.withoutIpv6();
  try {
    await p.ipr.link('add', {
      ifname: 'br0',
      kind: 'bridge',
      bridge: {
        vlanFiltering: true,
        vlanStatsPerPort: true,
        multiBoolopt: { optval: ['mcast_vlan_snooping'], optmask: ['mcast_vlan_snooping'] },
      },
    });
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'EOPNOTSUPP') return 'this kernel has no VLAN filtering';
    throw error;
  }
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  await p.ipr.link('add', {
    ifname: 'vx0',
    kind: 'vxlan',
    vxlan: { collectMetadata: true, learning: false, port: 4789 },
  });
  for (const dev of ['e0', 'vx0']) await p.ipr.link('set', { dev, master: 'br0' });
  await p.ipr.brport('set', { dev: 'vx0', vlanTunnel: true });
  for (const dev of ['br0', 'e0', 'e1', 'vx0']) await p.ipr.link('set', { dev, state: 'up' });
  return false;
}

const VLANS: readonly (readonly [VlanFilterSpec, string])[] = [
  [{ dev: 'e0', vlanInfo: { vid: 5, pvid: true, untagged: true } }, 'dev e0 vid 5 pvid untagged'],
  [{ dev: 'e0', vlanInfo: { vid: 7, untagged: true } }, 'dev e0 vid 7 untagged'],
  [{ dev: 'e0', vlanInfo: { vid: '10-20' } }, 'dev e0 vid 10-20'],
  [{ dev: 'e0', vlanInfo: { vid: 30, vidEnd: 33, flags: ['untagged'] } }, 'dev e0 vid 30-33 untagged'],
  [{ dev: 'e0', vlanInfo: { vid: 4094 } }, 'dev e0 vid 4094'],
  [{ dev: 'br0', vlanInfo: { vid: '10-12' }, self: true }, 'dev br0 vid 10-12 self'],
  [{ dev: 'vx0', vlanInfo: { vid: '10-20' }, master: true }, 'dev vx0 vid 10-20 master'],
  [{ dev: 'vx0', vlanTunnelInfo: { vid: '10-12', id: '1000-1002' } }, 'dev vx0 vid 10-12 tunnel_info id 1000-1002'],
  [{ dev: 'vx0', vlanTunnelInfo: { vid: 15, id: 16777215 } }, 'dev vx0 vid 15 tunnel_info id 16777215'],
];

const SETTINGS: readonly (readonly [Omit<VlanSpec, 'dev' | 'ifindex'> & { vid: VlanSpec['vid'] }, string])[] = [
  [{ vid: 10, state: 'blocking' }, 'vid 10 state 4'],
  [{ vid: '16-17', state: 'learning' }, 'vid 16-17 state 2'],
  [{ vid: 13, mcastRouter: 2 }, 'vid 13 mcast_router 2'],
];

/** Rows by link as `bridge` groups them. */
const byLink = (rows: readonly VlanRow[]): Map<number, VlanRow[]> => {
  const links = new Map<number, VlanRow[]>();
  for (const row of rows) links.set(row.ifindex, [...(links.get(row.ifindex) ?? []), row]);
  return links;
};

interface Printed {
  ifname: string;
  vlans: Record<string, never>[];
}

async function compare(t: Test, p: Place, how: string): Promise<void> {
  const names = namesOf(p.ip('link'));
  const ours = await p.ipr.vlanFilter('dump');
  const plain = p.plainBridge('-compressvlans', 'vlan') as unknown as Printed[];
  t.same(
    ours.filter(({ vlans }) => vlans.length > 0).map(({ index }) => names.name(index)),
    plain.map(({ ifname }) => ifname),
    `${how}: the same links`,
  );
  for (const [i, row] of ours.entries())
    filters.compare(how, {
      label: `${row.ifname}, ${how}`,
      ours: vlansOnly(row),
      theirs: printedFlags(plain[i] as never),
      map: (o) => vlansToIp(o, names),
    });
  const tunnels = p.plainBridge('-compressvlans', 'vlan', 'tunnelshow');
  const sent = ours.filter((row) => row.tunnels.length > 0);
  t.equal(sent.length, tunnels.length, `${how}: as many links with tunnels`);
  for (const [i, row] of sent.entries())
    filters.compare(`tunnels, ${how}`, {
      label: `${row.ifname}, ${how}`,
      ours: tunnelsOnly(row),
      theirs: tunnels[i]!,
      map: (o) => tunnelsToIp(o, names),
    });

  for (const stats of [false, true]) {
    const rows = byLink(await p.ipr.getVlans(stats ? { stats: true } : {}));
    const printed = (stats ? p.bridge('vlan') : p.plainBridge('-d', 'vlan')) as unknown as Printed[];
    t.equal(rows.size, printed.length, `${how}: the same links in the database`);
    for (const [i, [index, list]] of [...rows].entries()) {
      t.equal(names.name(index), printed[i]!.ifname);
      t.equal(list.length, printed[i]!.vlans.length, `${how}: as many VLANs of ${names.name(index)}`);
      for (const [j, row] of list.entries())
        database.compare(stats ? `with counters, ${how}` : how, {
          label: `${names.name(index)} ${row.vid}, ${how}`,
          ours: row,
          theirs: printed[i]!.vlans[j]!,
          map: (o) => vlanToIp(o, { ...names, stats }),
        });
    }
  }
  const options = await p.ipr.vlanGlobal('dump');
  const [printed] = p.plainBridge('-d', 'vlan', 'global') as unknown as Printed[];
  t.equal(options.length, printed!.vlans.length, `${how}: as many options`);
  for (const [i, row] of options.entries())
    globals.compare(how, {
      label: `${row.vid}, ${how}`,
      ours: row,
      theirs: printed!.vlans[i]!,
      map: (o) => vlanGlobalToIp(o, names),
    });
}

for (const how of ['made by us', 'made by bridge'] as const) {
  t.test(how, async (t) => {
    const p = await place(t);
    const reason = await bridged(p);
    if (reason !== false) {
      t.plan(0, reason);
      return;
    }
    complete = true;
    if (how === 'made by us') {
      for (const [spec] of VLANS) await p.ipr.vlanFilter('add', spec);
      for (const [spec] of SETTINGS) await p.ipr.vlandb('set', { dev: 'e0', ...spec });
      await p.ipr.vlanGlobal('set', {
        dev: 'br0',
        vid: '10-11',
        mcastSnooping: false,
        mcastQuerier: true,
        mcastIgmpVersion: 3,
        mcastMldVersion: 2,
        mcastLastMemberCnt: 7,
        mcastStartupQueryCnt: 8,
        mcastLastMemberIntvl: 200,
        mcastMembershipIntvl: 30000,
        mcastQuerierIntvl: 20000,
        mcastQueryIntvl: 15000,
        mcastQueryResponseIntvl: 900,
        mcastStartupQueryIntvl: 4000,
      });
      await p.ipr.vlanGlobal('set', { dev: 'br0', vid: 12, mcastQuerier: true });
    } else {
      p.bridgeBatch([
        ...VLANS.map(([, line]) => `vlan add ${line}`),
        ...SETTINGS.map(([, line]) => `vlan set dev e0 ${line}`),
        'vlan global set dev br0 vid 10-11 mcast_snooping 0 mcast_querier 1 mcast_igmp_version 3 mcast_mld_version 2 mcast_last_member_count 7 mcast_startup_query_count 8 mcast_last_member_interval 200 mcast_membership_interval 30000 mcast_querier_interval 20000 mcast_query_interval 15000 mcast_query_response_interval 900 mcast_startup_query_interval 4000',
        'vlan global set dev br0 vid 12 mcast_querier 1',
      ]);
    }
    await compare(t, p, how);
    const [port] = await p.ipr.vlanFilter('dump', { ifname: 'e0' });
    t.match(port?.vlans, [
      { vid: 1 },
      { vid: 5, flags: BRIDGE_VLAN_INFO.pvid | BRIDGE_VLAN_INFO.untagged },
      { vid: 7, flags: BRIDGE_VLAN_INFO.untagged },
      { vid: 10, vidEnd: 20, flags: 0 },
      { vid: 30, vidEnd: 33, flags: BRIDGE_VLAN_INFO.untagged },
      { vid: 4094 },
    ]);
    t.same(
      (await p.ipr.vlanFilter('dump', { vid: 31 })).map(({ ifname }) => ifname),
      ['e0'],
      'a VLAN inside a range',
    );
    t.match(await p.ipr.getVlans({ dev: 'e0', vid: 17 }), [{ vid: 16, vidEnd: 17, state: 'learning' }]);
    let streamed = 0;
    for await (const row of p.ipr.vlans({ dev: 'e0', state: 'blocking' })) streamed += row.vid;
    t.equal(streamed, 10);

    if (how === 'made by us') {
      p.bridgeBatch([
        'vlan del dev e0 vid 10-15',
        'vlan del dev vx0 vid 15 tunnel_info id 16777215',
        'vlan del dev br0 vid 10-12 self',
      ]);
    } else {
      await p.ipr.vlanFilter('del', { dev: 'e0', vlanInfo: [{ vid: '10-12' }, { vid: '13-15' }] });
      await p.ipr.vlanFilter('del', { dev: 'vx0', vlanTunnelInfo: { vid: 15, id: 16777215 } });
      await p.ipr.vlandb('del', { dev: 'br0', vid: '10-12' });
    }
    await compare(t, p, `after deletions, ${how}`);
    t.same(
      (await p.ipr.vlanFilter('dump', { vid: 12 })).map(({ ifname }) => ifname),
      ['vx0'],
    );
  });
}

t.test('the database makes VLANs, with what they are to have', async (t) => {
  const p = await place(t);
  const reason = await bridged(p);
  if (reason !== false) {
    t.plan(0, reason);
    return;
  }
  const monitor = p.ipr.monitor({ groups: ['brvlan'] });
  t.teardown(() => monitor.close());
  const next = async (): Promise<MonitorEvent & { type: 'message' }> => {
    const { value } = await monitor.next();
    if (value?.type !== 'message') throw new Error(`a ${value?.type}`);
    return value;
  };
  await p.ipr.vlandb('add', { dev: 'e0', vid: '100-105', untagged: true, state: 'blocking' });
  const index = await p.index('e0');
  const wanted = { ifindex: index, vid: 100, vidEnd: 105, flags: BRIDGE_VLAN_INFO.untagged, state: 'blocking' };
  t.match(await p.ipr.getVlans({ dev: 'e0', vid: 103 }), [wanted]);
  // The VLANs are announced when they are made, and again with their state.
  await next();
  const event = await next();
  t.equal(event.op, 'RTM_NEWVLAN');
  t.same(
    vlanRows(event.value as never),
    await p.ipr.getVlans({ dev: 'e0', vid: 103 }),
    'the event is what a dump gives',
  );
  await p.ipr.vlandb('add', { dev: 'vx0', vid: '17-19', tunnelId: 2000 });
  t.match(await p.ipr.vlanFilter('dump', { ifname: 'vx0' }), [
    { tunnels: [{ vid: 17, vidEnd: 19, id: 2000, idEnd: 2002 }] },
  ]);
  await p.ipr.vlandb('set', { dev: 'vx0', vid: 18, tunnelId: null });
  t.match((await p.ipr.vlanFilter('dump', { ifname: 'vx0' }))[0]?.tunnels, [
    { vid: 17, id: 2000 },
    { vid: 19, id: 2002 },
  ]);
  const batch = p.ipr.batch();
  batch.vlandb('del', { dev: 'e0', vid: '100-104' }).vlanFilter('add', { dev: 'e0', vlanInfo: { vid: 7 } });
  await batch.commit();
  t.same(
    (await p.ipr.vlanFilter('dump', { ifname: 'e0' }))[0]?.vlans.map(({ vid }) => vid),
    [1, 7, 105],
  );
  t.equal(await p.ipr.ensure('vlanFilter', { dev: 'e0', vlanInfo: { vid: 50 } }), 'updated');
  t.equal(await p.ipr.ensureGone('vlanFilter', { dev: 'e0', vlanInfo: { vid: 50 } }), true);
  t.same(await p.ipr.getVlans({ dev: 'e0', vid: 50 }), []);
  // Kernels do not say that there was none.
  await p.ipr.ensureGone('vlanFilter', { dev: 'e0', vlanInfo: { vid: 50 } });
  await t.rejects(p.ipr.vlandb('set', { dev: 'e0', vid: 999, state: 'blocking' }), { name: 'NetlinkError' } as never);
  await t.rejects(p.ipr.vlandb('add', { dev: 'e1', vid: 9 }), { name: 'NetlinkError' } as never, 'no port of a bridge');
});

t.test('every key is the same', async (t) => {
  for (const witness of [filters, database, globals]) verdict(t, witness, complete);
});
