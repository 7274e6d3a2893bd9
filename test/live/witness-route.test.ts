/** Routes made by us and read by `ip`, made by `ip` and read by us, changed by us, deleted by either. */
import t from 'tap';
import type { RouteSpec } from 'tsroute2';
import { Witness } from '../witness/compare.js';
import { compareRoutes, type Place, place, verdict } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('route', 'live');

const FOUR = { gateway: '10.0.0.2' };
const SIX = { gateway: '2001:db8::2' };
let made = 0;
const four = (): string => `10.1.${made++}.0/24`;
const six = (): string => `2001:db8:${(0x100 + made++).toString(16)}::/48`;

/** A route as we say it and as `ip` says it; the destination is the same. */
type Pair = readonly [RouteSpec, string];
type Rest = Omit<RouteSpec, 'dst'>;
const v4 = (spec: Rest, line: string, dst = four()): Pair => [{ dst, ...spec }, line.replace('DST', dst)];
const v6 = (spec: Rest, line: string, dst = six()): Pair => [{ dst, ...spec }, `-6 ${line.replace('DST', dst)}`];

const METRICS: readonly (readonly [NonNullable<RouteSpec['metrics']>, string])[] = [
  [{ mtu: 1400 }, 'mtu 1400'],
  [{ mtu: 1400, lock: 1 << 2 }, 'mtu lock 1400'],
  [{ window: 5000 }, 'window 5000'],
  [{ rtt: 400 }, 'rtt 50ms'],
  [{ rttvar: 80 }, 'rttvar 20ms'],
  [{ ssthresh: 10 }, 'ssthresh 10'],
  [{ cwnd: 10, lock: 1 << 7 }, 'cwnd lock 10'],
  [{ advmss: 1300 }, 'advmss 1300'],
  [{ reordering: 5 }, 'reordering 5'],
  [{ hoplimit: 33 }, 'hoplimit 33'],
  [{ initcwnd: 20 }, 'initcwnd 20'],
  [{ features: 1 }, 'features ecn'],
  [{ rtoMin: 300 }, 'rto_min 300ms'],
  [{ initrwnd: 30 }, 'initrwnd 30'],
  [{ quickack: 1 }, 'quickack 1'],
  [{ ccAlgo: 'cubic' }, 'congctl cubic'],
  [{ fastopenNoCookie: 1 }, 'fastopen_no_cookie 1'],
  [
    { mtu: 1400, advmss: 1300, lock: 1 << 8, window: 9, initcwnd: 5, features: 1, ccAlgo: 'reno', quickack: 1 },
    'mtu 1400 advmss lock 1300 window 9 initcwnd 5 features ecn congctl reno quickack 1',
  ],
];

const ROUTES: readonly Pair[] = [
  v4({ ...FOUR }, 'DST via 10.0.0.2 proto static'),
  v4({ dev: 'e0' }, 'DST dev e0 proto static'),
  v4({ ...FOUR }, 'DST via 10.0.0.2 proto static', '10.2.0.1'),
  v4({ ...FOUR }, 'DST via 10.0.0.2 proto static', 'default'),
  v4({ gateway: '192.168.7.7', dev: 'e0', flags: ['onlink'] }, 'DST via 192.168.7.7 dev e0 onlink proto static'),
  v4({ ...FOUR, prefsrc: '10.0.0.1' }, 'DST via 10.0.0.2 src 10.0.0.1 proto static'),
  v4({ ...FOUR, priority: 100 }, 'DST via 10.0.0.2 metric 100 proto static'),
  v4({ ...FOUR, priority: 4294967295 }, 'DST via 10.0.0.2 metric 4294967295 proto static'),
  v4({ ...FOUR, proto: 'bird' }, 'DST via 10.0.0.2 proto bird'),
  v4({ ...FOUR, protocol: 200 }, 'DST via 10.0.0.2 proto 200'),
  v4({ dev: 'e0', scope: 150 }, 'DST dev e0 scope 150 proto static'),
  v4({ ...FOUR, tos: 0x10 }, 'DST via 10.0.0.2 tos 0x10 proto static'),
  v4({ ...FOUR, table: 100 }, 'DST via 10.0.0.2 table 100 proto static'),
  v4({ ...FOUR, table: 1000 }, 'DST via 10.0.0.2 table 1000 proto static'),
  v4({ ...FOUR, table: 4294967295 }, 'DST via 10.0.0.2 table 4294967295 proto static'),
  v4({ ...FOUR, table: 'default' }, 'DST via 10.0.0.2 table default proto static'),
  v4({ type: 'blackhole' }, 'blackhole DST proto static'),
  v4({ type: 'unreachable' }, 'unreachable DST proto static'),
  v4({ type: 'prohibit' }, 'prohibit DST proto static'),
  v4({ type: 'throw', table: 100 }, 'throw DST table 100 proto static'),
  v4({ type: 'broadcast', dev: 'e0', table: 100 }, 'broadcast DST dev e0 table 100 proto static', '10.3.0.255'),
  v4({ type: 'local', dev: 'e0', table: 'local' }, 'local DST dev e0 table local proto static', '10.3.0.1'),
  v4({ type: 'anycast', dev: 'e0', table: 100 }, 'anycast DST dev e0 table 100 proto static', '10.3.0.2'),
  v4({ type: 'multicast', dev: 'e0' }, 'multicast DST dev e0 table main proto static', '239.1.0.0/16'),
  v4({ via: '2001:db8::2', dev: 'e0' }, 'DST via inet6 2001:db8::2 dev e0 proto static'),
  v4(
    { multipath: [{ gateway: '10.0.0.2' }, { gateway: '10.0.1.2', dev: 'e2', weight: 200 }] },
    'DST proto static nexthop via 10.0.0.2 nexthop via 10.0.1.2 dev e2 weight 200',
  ),
  v4(
    {
      multipath: [
        { gateway: '192.168.9.9', dev: 'e0', flags: ['onlink'] },
        { dev: 'e2', weight: 2 },
      ],
    },
    'DST proto static nexthop via 192.168.9.9 dev e0 onlink nexthop dev e2 weight 2',
  ),
  v4(
    {
      multipath: [
        { via: '2001:db8::2', dev: 'e0' },
        { gateway: '10.0.1.2', dev: 'e2' },
      ],
    },
    'DST proto static nexthop via inet6 2001:db8::2 dev e0 nexthop via 10.0.1.2 dev e2',
  ),
  v4({ ...FOUR, flow: 0x30007 }, 'DST via 10.0.0.2 realms 3/7 proto static'),
  v4(
    {
      multipath: [
        { gateway: '10.0.0.2', flow: 4 },
        { gateway: '10.0.1.2', flow: 0x50006 },
      ],
      priority: 5,
      metrics: { mtu: 1300 },
    },
    'DST proto static metric 5 mtu 1300 nexthop via 10.0.0.2 realms 4 nexthop via 10.0.1.2 realms 5/6',
  ),
  ...METRICS.map(([metrics, words]) => v4({ ...FOUR, metrics }, `DST via 10.0.0.2 proto static ${words}`)),
  v6({ ...SIX }, 'DST via 2001:db8::2 proto static'),
  v6({ dev: 'e0' }, 'DST dev e0 proto static'),
  v6({ ...SIX }, 'DST via 2001:db8::2 proto static', '2001:db8:ff::9'),
  v6({ ...SIX }, 'DST via 2001:db8::2 proto static', 'default'),
  ...['::10.0.0.1', '::0.1.0.0/112', '::102', '::255.255.0.0', '::ffff:10.0.0.1', '::1:0:ffff:0'].map((dst) =>
    v6({ ...SIX }, 'DST via 2001:db8::2 proto static', dst),
  ),
  v6({ gateway: 'fe80::2', dev: 'e0' }, 'DST via fe80::2 dev e0 proto static'),
  v6({ gateway: '2001:db8:77::2', dev: 'e0', flags: ['onlink'] }, 'DST via 2001:db8:77::2 dev e0 onlink proto static'),
  v6({ ...SIX, priority: 5 }, 'DST via 2001:db8::2 metric 5 proto static'),
  v6({ ...SIX, prefsrc: '2001:db8::1' }, 'DST via 2001:db8::2 src 2001:db8::1 proto static'),
  v6({ ...SIX, table: 1000 }, 'DST via 2001:db8::2 table 1000 proto static'),
  v6({ ...SIX, pref: 'low' }, 'DST via 2001:db8::2 pref low proto static'),
  v6({ ...SIX, pref: 'high' }, 'DST via 2001:db8::2 pref high proto static'),
  v6({ ...SIX, expires: 500 }, 'DST via 2001:db8::2 expires 500 proto static'),
  v6({ ...SIX, src: '2001:db8:5::/48' }, 'DST from 2001:db8:5::/48 via 2001:db8::2 proto static'),
  v6({ type: 'blackhole' }, 'blackhole DST proto static'),
  v6({ type: 'unreachable' }, 'unreachable DST proto static'),
  v6({ type: 'prohibit' }, 'prohibit DST proto static'),
  v6({ type: 'throw' }, 'throw DST proto static'),
  v6({ type: 'anycast', dev: 'e0' }, 'anycast DST dev e0 proto static', '2001:db8:fe::1'),
  v6({ type: 'multicast', dev: 'e0' }, 'multicast DST dev e0 proto static', 'ff05::/16'),
  v6(
    { multipath: [SIX, { gateway: '2001:db8:1::2' }] },
    'DST proto static nexthop via 2001:db8::2 nexthop via 2001:db8:1::2',
  ),
  v6(
    {
      multipath: [
        { ...SIX, weight: 5 },
        { gateway: 'fe80::2', dev: 'e2', weight: 7 },
      ],
    },
    'DST proto static nexthop via 2001:db8::2 weight 5 nexthop via fe80::2 dev e2 weight 7',
  ),
  ...METRICS.map(([metrics, words]) => v6({ ...SIX, metrics }, `DST via 2001:db8::2 proto static ${words}`)),
];

/** Two links with carriers and an address of each family. */
async function linked(p: Place): Promise<void> {
  const addresses = [
    ['e0', '10.0.0.1/24', '2001:db8::1/64'],
    ['e2', '10.0.1.1/24', '2001:db8:1::1/64'],
  ] as const;
  for (const [dev, first, second] of addresses) {
    const peer = `e${Number(dev.slice(1)) + 1}`;
    await p.ipr.link('add', { ifname: dev, kind: 'veth', peer });
    for (const name of [dev, peer]) await p.ipr.link('set', { dev: name, state: 'up' });
    await p.ipr.addr('add', { dev, address: first });
    await p.ipr.addr('add', { dev, address: second, flags: ['nodad'] });
  }
}

const byFamily = (p: Place, lines: readonly string[]): void => {
  p.batch(lines.filter((line) => !line.includes(' -6 ')));
  p.batch(
    lines.filter((line) => line.includes(' -6 ')).map((line) => line.replace(' -6 ', ' ')),
    '-6',
  );
};

for (const how of ['made by us', 'made by ip'] as const) {
  t.test(how, async (t) => {
    const p = await place(t);
    await linked(p);
    if (how === 'made by ip')
      byFamily(
        p,
        ROUTES.map(([, line]) => `route add ${line}`),
      );
    else {
      const batch = p.ipr.batch();
      for (const [spec] of ROUTES)
        batch.route('add', {
          ...spec,
          ...(spec.dst === 'default' && { family: spec.gateway === SIX.gateway ? 'inet6' : 'inet' }),
        });
      const { results } = await batch.commit({ partial: true, acks: 'each' });
      t.same(
        results.flatMap(({ error }, i) => (error === null ? [] : [`${JSON.stringify(ROUTES[i])}: ${error}`])),
        [],
        'all are taken',
      );
    }
    const count = await compareRoutes(t, p, witness, how);
    t.ok(count > ROUTES.length, `${count} routes compared`);

    if (how === 'made by us') {
      const batch = p.ipr.batch();
      for (const [{ dst, table, tos, priority, gateway }] of ROUTES) {
        if (gateway !== FOUR.gateway || table !== undefined || tos !== undefined || priority !== undefined) continue;
        batch.route('replace', { dst, gateway: '10.0.1.2', proto: 'bgp', metrics: { mtu: 1280, hoplimit: 9 } });
      }
      for (const [{ dst, table, gateway, priority, src }] of ROUTES) {
        if (
          gateway !== SIX.gateway ||
          table !== undefined ||
          priority !== undefined ||
          src !== undefined ||
          dst === 'default'
        )
          continue;
        batch.route('replace', {
          dst,
          gateway: '2001:db8:1::2',
          proto: 'bgp',
          pref: 'low',
          metrics: { mtu: 1280, hoplimit: 9 },
        });
      }
      await batch.commit();
      await compareRoutes(t, p, witness, 'changed by us');
      p.batch(['route flush table all']);
      p.batch(['route flush table all'], '-6');
    } else {
      let flushed = 0;
      for (const table of new Set((await p.ipr.getRoutes()).map((row) => row.table)))
        flushed += await p.ipr.flushRoutes({ table });
      t.ok(flushed > ROUTES.length, 'flushed');
    }
    for (const family of ['inet', 'inet6'] as const) {
      const static_ = (await p.ipr.getRoutes({ family })).filter(({ protocol }) => protocol === 4 || protocol > 8);
      t.same(static_, [], `${family}: gone for us`);
      const left = p
        .ip(family === 'inet' ? '-4' : '-6', 'route', 'show', 'table', 'all')
        .filter(({ protocol }) => protocol !== 'kernel');
      t.same(left, [], `${family}: gone for ip`);
    }
  });
}

t.test('every key is the same', async (t) => verdict(t, witness, true));
