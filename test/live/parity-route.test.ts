/** What docs/parity.md promises of routes: each keyword of pyroute2 in our words, and what `ip` makes of it. */
import t from 'tap';
import type { RouteSpec } from 'tsroute2';
import type { Json } from '../witness/compare.js';
import { type ParityRow, parity, row } from './parity-rows.js';

t.setTimeout(600_000);

type Printed = { [key: string]: Json };
interface Seen {
  route(dst: string): Printed | undefined;
}

const GATEWAY = '10.0.0.2';
let made = 0;

/** Adds a route of its own, and looks at what `ip` prints of it. */
function add(
  name: string,
  spec: Partial<RouteSpec>,
  look: string | ((route: Printed) => unknown),
  is: unknown,
  printed?: string,
) {
  const dst = spec.dst ?? `10.20.${made++}.0/24`;
  return row<Seen, Promise<unknown>>(
    name,
    ({ ipr }) => ipr.route('add', { dst, ...spec }),
    ({ route }) => {
      const found = route(printed ?? dst);
      return found === undefined || typeof look === 'string' ? found?.[look as string] : look(found);
    },
    is,
  );
}

const via = { gateway: GATEWAY };

const ROWS: readonly ParityRow<Seen>[] = [
  add('add: dst, gateway', via, 'gateway', GATEWAY),
  add("dst: 'default'", { dst: 'default', ...via, table: 3000 }, 'table', '3000'),
  row<Seen, Promise<unknown>>(
    "dst: '0.0.0.0/0' and '::/0'",
    async ({ ipr }) => {
      await ipr.route('add', { dst: '0.0.0.0/0', ...via, table: 3001 });
      await ipr.route('add', { dst: '::/0', gateway: '2001:db8::2', table: 3002 });
      return (await ipr.getRoutes({ dst: 'default', table: (n) => n === 3001 || n === 3002 })).length;
    },
    (_, count) => count,
    2,
  ),
  add(
    'dst of IPv6 in any spelling',
    { dst: '2001:0DB8:0007::/48', gateway: '2001:db8::2' },
    'gateway',
    '2001:db8::2',
    '2001:db8:7::/48',
  ),
  add('dst: a host', { dst: '10.21.0.7', ...via }, 'dst', '10.21.0.7'),
  add('dst with a netmask', { dst: '10.64.0.0/255.192.0.0', ...via }, 'gateway', GATEWAY, '10.64.0.0/10'),
  add('dst, dst_len', { dst: '10.22.0.0', dstLen: 16, ...via }, 'gateway', GATEWAY, '10.22.0.0/16'),
  add('oif by name', { oif: 'e0', scope: 'link' }, 'dev', 'e0'),
  add('dev', { dev: 'e0' }, 'scope', 'link'),
  add('prefsrc', { ...via, prefsrc: '10.0.0.1' }, 'prefsrc', '10.0.0.1'),
  add('priority', { ...via, priority: 7 }, 'metric', 7),
  add('table by number', { ...via, table: 100 }, 'table', '100'),
  add('table above 255', { ...via, table: 100000 }, 'table', '100000'),
  add('table by name', { ...via, table: 'main' }, 'gateway', GATEWAY),
  add('proto by name', { ...via, proto: 'bird' }, 'protocol', 'bird'),
  add('proto by number', { ...via, protocol: 186 }, 'protocol', 'bgp'),
  add('proto: static by default', via, 'protocol', 'static'),
  add('type', { type: 'blackhole' }, 'type', 'blackhole'),
  add('type: unicast by default', via, 'type', 'unicast'),
  add('scope', { dev: 'e0', scope: 'host' as never }, 'scope', 'host'),
  add('tos by number', { ...via, tos: 0x10 }, 'tos', '0x10'),
  add('tos: words of dsfield', { ...via, tos: 'AF11' as never }, 'tos', 'AF11'),
  add('flow', { ...via, flow: 0x30007 }, 'flow', { from: '3', to: '7' }),
  add('realms', { ...via, realms: '4/8' }, 'flow', { from: '4', to: '8' }),
  add('flags: onlink', { gateway: '10.99.0.1', dev: 'e0', flags: ['onlink'] }, 'flags', ['onlink']),
  // The kernel takes the others, and keeps none of them.
  add('flags: pervasive', { ...via, flags: ['pervasive'] }, 'flags', []),
  add('metrics', { ...via, metrics: { mtu: 1300, hoplimit: 9, initcwnd: 20 } }, 'metrics', [
    { mtu: 1300, hoplimit: 9, initcwnd: 20 },
  ]),
  row(
    'metrics: lock',
    async (p) => {
      await p.ipr.route('add', { dst: '10.28.0.0/16', ...via, metrics: { lock: 1 << 2, mtu: 1300 } });
      p.batch([`route add 10.29.0.0/16 via ${GATEWAY} mtu lock 1300`]);
      return p.ipr.getRoutes(({ dst }) => dst === '10.28.0.0/16' || dst === '10.29.0.0/16');
    },
    (_, routes) => routes.map(({ metrics }) => metrics),
    [
      { lock: 4, mtu: 1300 },
      { lock: 4, mtu: 1300 },
    ],
  ),
  add(
    'multipath: gateway, oif, hops, weight, flags',
    {
      multipath: [
        { gateway: GATEWAY, oif: 'e0', hops: 4 },
        { gateway: '10.0.0.3', weight: 2 },
        { gateway: '10.98.0.1', dev: 'e0', flags: ['onlink'] },
      ],
    },
    ({ nexthops }) =>
      (nexthops as Printed[]).map(({ gateway, weight, flags }) => [
        gateway,
        weight,
        (flags as string[]).includes('onlink'),
      ]),
    [
      [GATEWAY, 5, false],
      ['10.0.0.3', 2, false],
      ['10.98.0.1', 1, true],
    ],
  ),
  add('via: a gateway of IPv6', { via: { family: 'inet6', addr: '2001:db8::2' }, dev: 'e0' }, 'via', {
    family: 'inet6',
    host: '2001:db8::2',
  }),
  add(
    'multipath: via',
    { multipath: [{ via: '2001:db8::2', dev: 'e0' }, { gateway: GATEWAY }] },
    (r) => at(r.nexthops, 0, 'via'),
    {
      family: 'inet6',
      host: '2001:db8::2',
    },
  ),
  row<Seen, Promise<unknown>>(
    'nh_id',
    async ({ ipr }) => {
      await ipr.nexthop('add', { id: 5, gateway: GATEWAY, dev: 'e0' });
      await ipr.route('add', { dst: '10.23.0.0/16', nhId: 5 });
    },
    ({ route }) => route('10.23.0.0/16')?.nhid,
    5,
  ),
  add('pref', { dst: '2001:db8:8::/48', gateway: '2001:db8::2', pref: 'high' }, 'pref', 'high'),
  row(
    'expires',
    async ({ ipr }) => {
      await ipr.route('add', { dst: '2001:db8:9::/48', gateway: '2001:db8::2', expires: 600 });
    },
    ({ route }) => Number(route('2001:db8:9::/48')?.expires) > 500,
    true,
  ),
  row(
    'IPv6: priority 1024 by default',
    () => undefined,
    ({ route }) => route('2001:db8:9::/48')?.metric,
    1024,
  ),
  row<Seen, Promise<unknown>>(
    'set, replace',
    async ({ ipr }) => {
      await ipr.route('add', { dst: '10.24.0.0/16', ...via });
      await ipr.route('set', { dst: '10.24.0.0/16', gateway: '10.0.0.3' });
      await ipr.route('replace', { dst: '10.24.0.0/16', gateway: '10.0.0.4' });
    },
    ({ route }) => route('10.24.0.0/16')?.gateway,
    '10.0.0.4',
  ),
  row<Seen, Promise<unknown>>(
    'change',
    async ({ ipr }) => {
      await ipr.route('add', { dst: '10.25.0.0/16', ...via });
      await ipr.route('change', { dst: '10.25.0.0/16', gateway: '10.0.0.5' });
      return ipr.route('change', { dst: '10.25.99.0/24', ...via }).catch(({ code }) => code);
    },
    ({ route }, code) => [route('10.25.0.0/16')?.gateway, code],
    ['10.0.0.5', 'ENOENT'],
  ),
  row<Seen, Promise<unknown>>(
    'append',
    async ({ ipr }) => {
      await ipr.route('add', { dst: '10.26.0.0/16', ...via, tos: 4 });
      await ipr.route('append', { dst: '10.26.0.0/16', gateway: '10.0.0.3', tos: 4 });
      return (await ipr.getRoutes({ dst: '10.26.0.0/16' })).map(({ gateway }) => gateway);
    },
    (_, gateways) => gateways,
    [GATEWAY, '10.0.0.3'],
  ),
  row<Seen, Promise<unknown>>(
    'del',
    async ({ ipr }) => {
      await ipr.route('add', { dst: '10.27.0.0/16', ...via });
      await ipr.route('del', { dst: '10.27.0.0/16' });
    },
    ({ route }) => route('10.27.0.0/16'),
    undefined,
  ),
  row(
    'get',
    ({ ipr }) => ipr.route('get', { dst: '10.21.0.7' }),
    (_, { gateway, prefsrc }) => [gateway, prefsrc],
    [GATEWAY, '10.0.0.1'],
  ),
  row(
    'get: src, oif, mark, uid, ip_proto, sport, dport',
    ({ ipr }) =>
      ipr.route('get', {
        dst: '10.0.0.9',
        src: '10.0.0.1',
        oif: 'e0',
        mark: 5,
        uid: 0,
        ipProto: 6,
        sport: 4000,
        dport: 80,
      }),
    (_, { mark, uid, prefsrc, src }) => [mark, uid, src ?? prefsrc],
    [5, 0, '10.0.0.1/32'],
  ),
  row(
    'get: iif',
    ({ ipr }) => ipr.route('get', { dst: '10.0.0.1', src: '10.0.0.77', iif: 'e0' }),
    (_, { type, iif }) => [type, iif !== undefined],
    [2, true],
  ),
  row(
    'dump, get_routes: family, table, proto, type, oif, dst, gateway, callables',
    async ({ ipr }) => [
      (await ipr.route('dump', { family: 'inet6' })).every(({ family }) => family === 10),
      (await ipr.getRoutes({ table: 100 })).length,
      (await ipr.getRoutes({ proto: 'bird' })).length,
      (await ipr.getRoutes({ type: 'blackhole' })).length,
      (await ipr.getRoutes({ table: 'main', oif: 'e0', dst: '10.21.0.7/32' })).length,
      (await ipr.getRoutes({ gateway: '10.0.0.4' })).length,
      (await ipr.getRoutes({ 'metrics.hoplimit': 9 })).length,
      (await ipr.getRoutes({ priority: (metric) => metric === 7 })).length,
      (await ipr.getRoutes((route) => route.priority === 7)).length,
    ],
    (_, found) => found,
    [true, 1, 1, 1, 1, 1, 1, 1, 1],
  ),
  row(
    'get_default_routes',
    async ({ ipr }) => {
      await ipr.route('add', { dst: 'default', ...via, priority: 999 });
      return (await ipr.getDefaultRoutes()).map(({ dst, priority }) => [dst, priority]);
    },
    (_, rows) => rows,
    [['default', 999]],
  ),
  row(
    'flush_routes',
    async ({ ipr }) => {
      for (const n of [1, 2, 3]) await ipr.route('add', { dst: `10.40.${n}.0/24`, ...via, table: 4000 });
      return ipr.flushRoutes({ table: 4000 });
    },
    ({ route }, count) => [count, route('10.40.1.0/24')],
    [3, undefined],
  ),
  row(
    'route_dumps, route_loads',
    async ({ ipr }) => {
      await ipr.route('add', { dst: '10.41.0.0/16', ...via, table: 4001 });
      const file = await ipr.routeSave({ table: 4001, family: 'inet' });
      await ipr.flushRoutes({ table: 4001 });
      await ipr.routeLoad(file);
      return file.length > 32;
    },
    ({ route }, whole) => [whole, route('10.41.0.0/16')?.table],
    [true, '4001'],
  ),
];

function at(value: Json | undefined, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((o, key) => (o as Record<string | number, unknown> | undefined)?.[key], value);
}

parity<Seen>(
  'route',
  async ({ ipr }) => {
    await ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
    await ipr.link('set', { dev: 'e1', state: 'up' });
    await ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
    await ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
  },
  (p) => {
    const all = [...p.ip('-4', 'route', 'show', 'table', 'all'), ...p.ip('-6', 'route', 'show', 'table', 'all')];
    return { route: (dst) => all.find((route) => route.dst === dst) };
  },
  ROWS,
);
