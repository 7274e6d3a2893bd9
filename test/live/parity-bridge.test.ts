/** What docs/parity.md promises of forwarding entries, ports, VLANs and counters: pyroute2's keywords in our words, and what `bridge` makes of them. */
import t from 'tap';
import { BRIDGE_VLAN_INFO, type FdbSpec, NUD } from 'tsroute2';
import type { Json } from '../witness/compare.js';
import { type ParityRow, parity, row } from './parity-rows.js';

t.setTimeout(600_000);

type Printed = { [key: string]: Json };
interface Seen {
  fdb(mac: string): Printed | undefined;
  port(name: string): Printed | undefined;
}

let made = 16;

/** Adds an entry, and looks at what `bridge` prints under some keys. */
function fdb(name: string, spec: Omit<FdbSpec, 'lladdr'>, is: Printed): ParityRow<Seen> {
  const lladdr = `02:00:00:00:01:${(made++).toString(16)}`;
  return row<Seen, Promise<unknown>>(
    name,
    ({ ipr }) => ipr.fdb('add', { lladdr, ...spec } as FdbSpec),
    ({ fdb }) => Object.fromEntries(Object.keys(is).map((key) => [key, fdb(lladdr)?.[key]])),
    is,
  );
}

const vx = { dev: 'vx0', dst: '10.0.0.7' } as const;

const FDB: readonly ParityRow<Seen>[] = [
  fdb('add: lladdr, dst', vx, { ifname: 'vx0', dst: '10.0.0.7' }),
  fdb('port', { ...vx, port: 99 }, { port: 99 }),
  fdb('vni', { ...vx, vni: 77 }, { vni: 77 }),
  fdb('src_vni', { dev: 'vxe', dst: '10.0.0.7', srcVni: 88 }, { src_vni: 88 }),
  fdb('ifindex of the far end', { ...vx, via: 'e1' }, { viaIf: 'e1' }),
  fdb('flags: self by default, state: permanent', vx, { state: 'permanent', flags: ['self'] }),
  fdb('flags: master', { dev: 'e0', master: true, state: 'static' }, { master: 'br0', state: 'static' }),
  fdb('state by number', { dev: 'e0', master: true, state: NUD.noarp | NUD.reachable }, { state: 'static' }),
  row(
    'append',
    async ({ ipr }) => {
      const lladdr = '00:00:00:00:00:00';
      await ipr.fdb('append', { dev: 'vx0', lladdr, dst: '10.0.0.8' });
      await ipr.fdb('append', { dev: 'vx0', lladdr, dst: '10.0.0.9' });
      return (await ipr.getFdb({ dev: 'vx0', lladdr })).map(({ dst }) => dst);
    },
    ({ fdb }, list) => [fdb('00:00:00:00:00:00')?.dst, list],
    ['10.0.0.8', ['10.0.0.8', '10.0.0.9']],
  ),
  row(
    'del',
    async ({ ipr }) => {
      await ipr.fdb('add', { ...vx, lladdr: '02:00:00:00:02:01' });
      await ipr.fdb('del', { ...vx, lladdr: '02:00:00:00:02:01' });
    },
    ({ fdb }) => fdb('02:00:00:00:02:01'),
    undefined,
  ),
  row(
    'dump: ifindex, vni, callables',
    async ({ ipr }) => [
      (await ipr.fdb('dump', { dev: 'vx0', vni: 77 })).length,
      (await ipr.getFdb({ dev: 'vx0', port: (port) => port === 99 })).length,
      (await ipr.getFdb((row) => row.vni === 77)).length,
    ],
    (_, found) => found,
    [1, 1, 1],
  ),
];

const PORTS: readonly ParityRow<Seen>[] = [
  row(
    'brport set, bool',
    ({ ipr }) => ipr.brport('set', { dev: 'e0', cost: 55, learning: false, unicastFlood: false }),
    ({ port }) => [port('e0')?.cost, port('e0')?.learning, port('e0')?.flood],
    [55, false, false],
  ),
  row(
    'brport show, dump',
    async ({ ipr }) => [
      (await ipr.brport('dump', { cost: 55 })).map(({ ifname }) => ifname),
      (await ipr.brport('show', { learning: true })).map(({ ifname }) => ifname),
      (await ipr.brport('get', { dev: 'e0' })).cost,
    ],
    (_, found) => found,
    [['e0'], ['e2', 'vx0'], 55],
  ),
];

const VLANS: readonly ParityRow<Seen>[] = [
  row(
    'fdb: vlan',
    ({ ipr }) => ipr.fdb('add', { dev: 'e0', lladdr: '02:00:00:00:03:01', master: true, vlan: 1, state: 'static' }),
    ({ fdb }) => fdb('02:00:00:00:03:01')?.vlan,
    1,
  ),
  row(
    'vlan_filter add: vid, pvid, untagged, flags, a range',
    async ({ ipr }) => {
      await ipr.vlanFilter('add', { dev: 'e0', vlanInfo: { vid: 5, pvid: true, untagged: true } });
      await ipr.vlanFilter('add', { dev: 'e0', vlanInfo: { vid: '100-199' } });
      await ipr.vlanFilter('add', { dev: 'e0', vlanInfo: { vid: 7, flags: ['untagged'] } });
      return (await ipr.vlanFilter('dump', { ifname: 'e0' }))[0]?.vlans.filter(({ vid }) => vid !== 1);
    },
    (_, vlans) => vlans,
    [
      { vid: 5, flags: BRIDGE_VLAN_INFO.pvid | BRIDGE_VLAN_INFO.untagged },
      { vid: 7, flags: BRIDGE_VLAN_INFO.untagged },
      { vid: 100, flags: 0, vidEnd: 199 },
    ],
  ),
  row(
    'vlan_filter: vlan_flags self',
    async ({ ipr }) => {
      await ipr.vlanFilter('add', { dev: 'br0', vlanInfo: { vid: 9 }, self: true });
      return (await ipr.vlanFilter('dump', { ifname: 'br0', vid: 9 })).length;
    },
    (_, count) => count,
    1,
  ),
  row(
    'vlan_filter: vlan_tunnel_info',
    async ({ ipr }) => {
      await ipr.brport('set', { dev: 'vx0', vlanTunnel: true });
      await ipr.vlanFilter('add', { dev: 'vx0', vlanInfo: { vid: '20-24' } });
      await ipr.vlanFilter('add', { dev: 'vx0', vlanTunnelInfo: { vid: '20-24', id: '2020-2024' } });
      const uneven = { dev: 'vx0', vlanTunnelInfo: { vid: '30-34', id: '1-2' } } as const;
      const field = await ipr.vlanFilter('add', uneven).catch((error) => error.field);
      return [(await ipr.vlanFilter('dump', { ifname: 'vx0' }))[0]?.tunnels, field];
    },
    (_, found) => found,
    [[{ vid: 20, vidEnd: 24, id: 2020, idEnd: 2024 }], 'vlanTunnelInfo.id'],
  ),
  row(
    'vlan_filter del',
    async ({ ipr }) => {
      await ipr.vlanFilter('del', { dev: 'e0', vlanInfo: { vid: '150-160' } });
      return [
        await ipr.vlanFilter('dump', { ifname: 'e0', vid: 155 }),
        await ipr.vlanFilter('dump', { ifname: 'e0', vid: 149 }),
      ].map((rows) => rows.length);
    },
    (_, counts) => counts,
    [0, 1],
  ),
  row(
    'vlandb dump, set',
    async ({ ipr }) => {
      await ipr.vlandb('set', { dev: 'e0', vid: 7, state: 'blocking' });
      return (await ipr.vlandb('dump', { dev: 'e0', vid: 7 })).map(({ state }) => state);
    },
    (_, states) => states,
    ['blocking'],
  ),
];

const STATS: readonly ParityRow<Seen>[] = [
  row(
    'stats dump, get: filter_mask',
    async ({ ipr }) => {
      const one = await ipr.stats('get', { dev: 'e0', filterMask: ['link_64'] });
      return [
        (await ipr.stats('dump', { filterMask: 31 })).length > 3,
        one.link64 !== undefined,
        Object.hasOwn(one, 'linkXstats'),
      ];
    },
    (_, found) => found,
    [true, true, false],
  ),
];

const prepare = async ({ ipr }: Parameters<ParityRow<Seen>['act']>[0]): Promise<void> => {
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up' });
  for (const n of [0, 2])
    await ipr.link('add', { ifname: `e${n}`, kind: 'veth', peer: `e${n + 1}`, master: 'br0', state: 'up' });
  await ipr.link('add', { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 42, port: 4789, learning: false }, state: 'up' });
  await ipr.link('set', { dev: 'vx0', master: 'br0' });
  await ipr.link('add', { ifname: 'vxe', kind: 'vxlan', vxlan: { collectMetadata: true, port: 4790 }, state: 'up' });
};
const see = (p: Parameters<ParityRow<Seen>['act']>[0]): Seen => {
  const entries = p.bridge('fdb');
  const ports = p.bridge('link');
  return {
    fdb: (mac) => entries.find((entry) => entry.mac === mac),
    port: (name) => ports.find(({ ifname }) => ifname === name),
  };
};

parity<Seen>('fdb', prepare, see, FDB);
parity<Seen>('brport', prepare, see, PORTS);
parity<Seen>(
  'vlan',
  async (p) => {
    await prepare(p);
    await p.ipr.link('set', { dev: 'br0', kind: 'bridge', bridge: { vlanFiltering: true } });
  },
  see,
  VLANS,
  async ({ ipr }) => {
    const { object } = await ipr.link('add', { ifname: 'probe', kind: 'bridge' });
    await ipr.link('del', { dev: 'probe' });
    return object?.linkinfo?.bridge?.vlanProtocol === undefined && 'the bridges of this kernel do not filter VLANs';
  },
);
parity<Seen>('stats', prepare, see, STATS);
