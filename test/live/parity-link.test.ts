/** What docs/parity.md promises of links: each keyword of pyroute2 in our words, and what `ip` makes of it. */
import t from 'tap';
import type { LinkAdd, LinkTarget } from 'tsroute2';
import type { Json } from '../witness/compare.js';
import { type ParityRow, parity, row } from './parity-rows.js';

t.setTimeout(600_000);

type Printed = { [key: string]: Json };
interface Seen {
  link(name: string): Printed | undefined;
  /** The options of its kind. */
  data(name: string): Printed;
}

const at = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((o, key) => (o as Printed | undefined)?.[key], value);

let made = 0;

/** Makes a veth of its own, sets one thing of it, and looks at what `ip` prints under a key. */
function set(name: string, spec: Omit<LinkTarget, 'dev'>, key: string, is: unknown): ParityRow<Seen> {
  const ifname = `v${made++}`;
  return row<Seen, Promise<unknown>>(
    name,
    async ({ ipr }) => {
      await ipr.link('add', { ifname, kind: 'veth', peer: `${ifname}p` });
      await ipr.link('set', { dev: ifname, ...spec } as LinkTarget);
    },
    ({ link }) => link(ifname)?.[key],
    is,
  );
}

/** Adds a link, and looks at one thing that `ip` prints of it. */
const add = (name: string, spec: LinkAdd & { ifname: string }, look: (link: Printed) => unknown, is: unknown) =>
  row<Seen, Promise<unknown>>(
    name,
    ({ ipr }) => ipr.link('add', spec),
    ({ link }) => look(link(spec.ifname) ?? {}),
    is,
  );

const flags = (name: string, spec: Omit<LinkTarget, 'dev'>, flag: string, is: boolean): ParityRow<Seen> => {
  const inner = set(name, spec, 'flags', is);
  return {
    ...inner,
    found: ((seen: Seen) => (inner.found(seen, undefined as never) as string[]).includes(flag)) as never,
  };
};

const kind = (link: Printed): unknown => at(link, 'linkinfo', 'info_kind');
const option =
  (key: string) =>
  (link: Printed): unknown =>
    at(link, 'linkinfo', 'info_data', key);

const ROWS: readonly ParityRow<Seen>[] = [
  add('add, kind', { ifname: 'k0', kind: 'bridge' }, kind, 'bridge'),
  add('peer by name', { ifname: 'k1', kind: 'veth', peer: 'k1p' }, ({ link }) => link, 'k1p'),
  add(
    'peer with attributes',
    { ifname: 'k2', kind: 'veth', peer: { ifname: 'k2p', mtu: 1300 } },
    ({ link }) => link,
    'k2p',
  ),
  row(
    'peer attributes are set',
    () => undefined,
    ({ link }) => link('k2p')?.mtu,
    1300,
  ),
  add('options of a kind', { ifname: 'k3', kind: 'vxlan', vxlan: { id: 42, port: 4789, ttl: 9 } }, option('id'), 42),
  add(
    'link by name, mode by word',
    { ifname: 'k4', kind: 'macvlan', link: 'base', macvlan: { mode: 'bridge' } },
    option('mode'),
    'bridge',
  ),
  add(
    'ifname, mtu and address at creation',
    { ifname: 'k5', kind: 'bridge', mtu: 1400, address: '02:00:00:00:05:01' },
    ({ address, mtu }) => [address, mtu],
    ['02:00:00:00:05:01', 1400],
  ),
  add(
    'num_tx_queues, num_rx_queues',
    { ifname: 'k6', kind: 'veth', peer: 'k6p', numTxQueues: 3, numRxQueues: 2 },
    (l) => [l.num_tx_queues, l.num_rx_queues],
    [3, 2],
  ),
  row<Seen, Promise<unknown>>(
    'index of a new link',
    ({ ipr }) => ipr.link('add', { ifname: 'k7', index: 777, kind: 'bridge' }),
    ({ link }) => link('k7')?.ifindex,
    777,
  ),
  row<Seen, Promise<unknown>>(
    'set by index from a lookup',
    async ({ ipr }) => {
      const [index] = await ipr.linkLookup({ ifname: 'k5' });
      await ipr.link('set', { index: index!, ifalias: 'looked up' });
    },
    ({ link }) => link('k5')?.ifalias,
    'looked up',
  ),
  row<Seen, Promise<unknown>>(
    'options of a kind are changed',
    ({ ipr }) => ipr.link('set', { dev: 'k0', kind: 'bridge', bridge: { forwardDelay: 1234 } }),
    ({ data }) => data('k0').forward_delay,
    1234,
  ),
  row<Seen, Promise<unknown>>(
    'options of a port',
    async ({ ipr }) => {
      await ipr.link('set', { dev: 'k1', master: 'k0' });
      await ipr.link('set', { dev: 'k1', kind: 'bridge_slave', bridge_slave: { cost: 77 } });
    },
    ({ link }) => at(link('k1'), 'linkinfo', 'info_slave_data', 'cost'),
    77,
  ),
  row<Seen, Promise<unknown>>(
    'master: null and 0 free a port',
    async ({ ipr }) => {
      await ipr.link('set', { dev: 'k2', master: 'k0' });
      await ipr.link('set', { dev: 'k2', master: null });
      await ipr.link('set', { dev: 'k2p', master: 'k0' });
      await ipr.link('set', { dev: 'k2p', master: 0 });
    },
    ({ link }) => [link('k2')?.master, link('k2p')?.master],
    [undefined, undefined],
  ),
  set('mtu', { mtu: 1234 }, 'mtu', 1234),
  set('address', { address: '02:00:00:00:AA:01' }, 'address', '02:00:00:00:aa:01'),
  set('address as xxxx.xxxx.xxxx', { address: '0200.0000.BB02' }, 'address', '02:00:00:00:bb:02'),
  set('broadcast', { broadcast: '02:00:00:00:00:ff' }, 'broadcast', '02:00:00:00:00:ff'),
  set('txqlen', { txqlen: 77 }, 'txqlen', 77),
  set('ifalias', { ifalias: 'uplink' }, 'ifalias', 'uplink'),
  set('group by number', { group: 42 }, 'group', '42'),
  set('group by name', { group: 'default' as never }, 'group', 'default'),
  set('master by name', { master: 'k0' }, 'master', 'k0'),
  set('linkmode', { linkmode: 'DORMANT' }, 'linkmode', 'DORMANT'),
  row<Seen, Promise<unknown>>(
    'operstate',
    async ({ ipr }) => {
      await ipr.poll('link', { ifname: 'base', operstate: 'UP' });
      await ipr.link('set', { dev: 'base', operstate: 'DORMANT' });
    },
    ({ link }) => link('base')?.operstate,
    'DORMANT',
  ),
  set('gso_max_size, gso_max_segs', { gsoMaxSize: 32768, gsoMaxSegs: 100 }, 'gso_max_size', 32768),
  row<Seen, Promise<unknown>>(
    'proto_down',
    ({ ipr }) => ipr.link('set', { dev: 'k4', protoDown: true }),
    ({ link }) => link('k4')?.proto_down,
    true,
  ),
  flags('state up', { state: 'up' }, 'UP', true),
  flags('state down', { state: 'down' }, 'UP', false),
  flags('arp', { arp: false }, 'NOARP', true),
  flags('noarp', { arp: true }, 'NOARP', false),
  flags('flags, change', { flags: ['PROMISC'], change: ['PROMISC'] } as never, 'PROMISC', true),
  row(
    'what the kernel only reports',
    async ({ ipr }) => {
      await ipr.link('set', { dev: 'base', carrierChanges: 999 });
      const refused = await ipr.link('set', { dev: 'base', tsoMaxSize: 5 }).catch(({ attribute }) => attribute);
      return [(await ipr.link('get', { dev: 'base' })).carrierChanges !== 999, refused];
    },
    (_, found) => found,
    [true, 'tsoMaxSize'],
  ),
  row(
    'xdp_fd',
    async ({ ipr }) => {
      await ipr.link('set', { dev: 'base', xdp: { fd: -1 } });
      return ipr.link('set', { dev: 'base', xdp: { fd: 987654 } }).catch(({ code }) => code);
    },
    (_, code) => code,
    'EBADF',
  ),
  row<Seen, Promise<unknown>>(
    'rename',
    async ({ ipr }) => {
      await ipr.link('add', { ifname: 'old0', kind: 'bridge' });
      await ipr.link('set', { dev: 'old0', ifname: 'new0' });
    },
    ({ link }) => [link('old0')?.ifname, link('new0')?.ifname],
    [undefined, 'new0'],
  ),
  row<Seen, Promise<unknown>>(
    'property_add',
    ({ ipr }) => ipr.link('property_add', { dev: 'k3', altIfname: ['an-alternative-name', 'another-name'] }),
    ({ link }) => link('k3')?.altnames,
    ['an-alternative-name'],
  ),
  row<Seen, Promise<unknown>>(
    'property_del',
    ({ ipr }) => ipr.link('property_del', { dev: 'k3', altIfname: 'another-name' }),
    ({ link }) => link('k3')?.altnames,
    ['an-alternative-name'],
  ),
  row<Seen, Promise<unknown>>(
    'altname selects',
    ({ ipr }) => ipr.link('set', { altIfname: 'an-alternative-name', txqlen: 55 }),
    ({ link }) => link('k3')?.txqlen,
    55,
  ),
  row(
    'get',
    ({ ipr }) => ipr.link('get', { ifname: 'k5' }),
    ({ link }, answer) => answer.index === link('k5')?.ifindex,
    true,
  ),
  row(
    'a message in place of an index',
    async ({ ipr }) => {
      const base = await ipr.link('get', { dev: 'base' });
      await ipr.link('add', { ifname: 'k8', kind: 'macvlan', link: base.index, macvlan: { mode: 'vepa' } });
    },
    ({ link }) => link('k8')?.link,
    'base',
  ),
  row(
    'update',
    ({ ipr }) => ipr.ensure('link', { ifname: 'k6', kind: 'veth', mtu: 1280 }),
    ({ link }, answer) => [answer, link('k6')?.mtu],
    ['updated', 1280],
  ),
  row<Seen, Promise<unknown>>(
    'del',
    async ({ ipr }) => {
      await ipr.link('add', { ifname: 'gone0', kind: 'bridge' });
      await ipr.link('del', { ifname: 'gone0' });
    },
    ({ link }) => link('gone0'),
    undefined,
  ),
  row(
    'dump, get_links',
    async ({ ipr }) => [
      (await ipr.link('dump')).length,
      (await ipr.getLinks()).length,
      (await ipr.link('show')).length,
    ],
    (_, [a, b, c]) => a === b && b === c && a! > 10,
    true,
  ),
  row(
    'dump: kind',
    ({ ipr }) => ipr.getLinks({ kind: 'macvlan' }),
    (_, rows) => rows.map(({ ifname }) => ifname),
    ['k4', 'k8'],
  ),
  row(
    'dump: an option of a kind',
    ({ ipr }) => ipr.getLinks({ 'linkinfo.vxlan.id': 42 }),
    (_, rows) => rows.map(({ ifname }) => ifname),
    ['k3'],
  ),
  row(
    'dump: master, state, ifname, mtu',
    async ({ ipr }) => {
      await ipr.link('set', { dev: 'k6', master: 'k0', state: 'up' });
      return ipr.getLinks({ master: 'k0', state: 'up', ifname: 'k6', mtu: 1280 });
    },
    (_, rows) => rows.length,
    1,
  ),
  row(
    'dump: callables',
    async ({ ipr }) => [
      await ipr.getLinks({ mtu: (mtu) => mtu === 1234 }),
      await ipr.getLinks((link) => link.ifname === 'k7'),
      await ipr.getLinks({ 'linkinfo.kind': (name: unknown) => name === 'vxlan' }),
    ],
    (_, found) => found.map((rows) => rows.length),
    [1, 1, 1],
  ),
  row(
    'link_lookup',
    async ({ ipr }) => [
      await ipr.linkLookup({ ifname: 'k7' }),
      await ipr.linkLookup({ altIfname: 'an-alternative-name' }),
      await ipr.linkLookup({ kind: 'vxlan' }),
      await ipr.linkLookup((link) => link.ifname === 'k7'),
      await ipr.linkLookup({ ifname: 'nobody' }),
    ],
    ({ link }, found) =>
      JSON.stringify(found) === JSON.stringify([[777], [link('k3')?.ifindex], [link('k3')?.ifindex], [777], []]),
    true,
  ),
  row(
    'get_vlans',
    ({ ipr }) => ipr.vlanFilter('dump'),
    (_, rows) => rows.every(({ vlans }) => vlans.length > 0),
    true,
  ),
];

parity<Seen>(
  'link',
  async ({ ipr }) => {
    await ipr.link('add', { ifname: 'base', kind: 'veth', peer: 'basep', state: 'up' });
    await ipr.link('set', { dev: 'basep', state: 'up' });
  },
  (p) => {
    const links = new Map(p.ip('link').map((link) => [link.ifname, link]));
    return { link: (name) => links.get(name), data: (name) => at(links.get(name), 'linkinfo', 'info_data') as Printed };
  },
  ROWS,
);
