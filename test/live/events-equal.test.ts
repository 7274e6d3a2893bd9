/** What an event says is what a get or a dump says at that moment, for every object that has events. A new object is a row. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  brportOf,
  type GroupName,
  IPRoute,
  type MonitorEvent,
  mdbRows,
  NTF,
  netns,
  vlanFilterRow,
  vlanRows,
} from 'tsroute2';
import { kernelAtLeast } from '../witness/compare.js';

t.setTimeout(600_000);

type Value = Record<string, unknown>;

interface Case {
  object: string;
  groups: readonly GroupName[];
  op: string;
  /** Changes the object. */
  act(ipr: IPRoute): Promise<unknown>;
  /** The object as it is then. */
  read(ipr: IPRoute): Promise<unknown>;
  /** Whether an event is about it. */
  about(value: Value): boolean;
  /** Keys (paths) that cannot be equal, and why. */
  except?: Readonly<Record<string, string>>;
  since?: string;
  /** What rows are made of an event, where that is not the event itself. */
  rows?(value: Value): unknown;
  /** Only where bridges filter VLANs. */
  vlans?: true;
}

const lladdr = '02:00:00:00:00:99';
const CLOCK = 'a clock that runs on';

/** The links that all of it happens on. */
async function prepare(ipr: IPRoute): Promise<void> {
  await ipr.link('add', { ifname: 'ev0', kind: 'veth', peer: 'ev1' });
  for (const dev of ['ev0', 'ev1']) await ipr.link('set', { dev, state: 'up' });
  await ipr.addr('add', { dev: 'ev0', address: '10.77.0.1/24' });
  await ipr.addr('add', { dev: 'ev0', address: '2001:db8:77::1/64', flags: ['nodad'] });
  await ipr.link('add', { ifname: 'evbr', kind: 'bridge', state: 'up' });
  await ipr.link('add', { ifname: 'ev2', kind: 'veth', peer: 'ev3', state: 'up' });
  await ipr.link('set', { dev: 'ev3', state: 'up', master: 'evbr' });
  await ipr.link('add', { ifname: 'evvx', kind: 'vxlan', state: 'up', vxlan: { id: 77, port: 4777, learning: false } });
  if (kernelAtLeast('5.18'))
    await ipr.link('add', {
      ifname: 'evvf',
      kind: 'vxlan',
      state: 'up',
      vxlan: { collectMetadata: true, vnifilter: true, port: 4778 },
    });
}

const one = async <T>(rows: Promise<T[]>): Promise<T | undefined> => (await rows)[0];

const LINK_EXCEPT = {
  change: 'the flags that changed, in an event only',
  stats: 'counters',
  stats64: 'counters',
  'afSpec.inet6.stats': 'counters',
  'afSpec.inet6.flags': 'whether routers were asked for, which the kernel does a moment later',
  'afSpec.inet6.icmp6stats': 'counters',
  'afSpec.inet6.cacheinfo': CLOCK,
};

const CASES: readonly Case[] = [
  {
    object: 'link: made',
    groups: ['link'],
    op: 'RTM_NEWLINK',
    act: (ipr) => ipr.link('add', { ifname: 'evnew', kind: 'bridge' }),
    read: (ipr) => ipr.link('get', { dev: 'evnew' }),
    about: (value) => value.ifname === 'evnew' && value.family === 0,
    except: LINK_EXCEPT,
  },
  {
    object: 'link: changed',
    groups: ['link'],
    op: 'RTM_NEWLINK',
    act: (ipr) => ipr.link('set', { dev: 'ev0', mtu: 1400, ifalias: 'x' }),
    read: (ipr) => ipr.link('get', { dev: 'ev0' }),
    about: (value) => value.ifname === 'ev0' && value.mtu === 1400 && value.ifalias === 'x',
    except: { ...LINK_EXCEPT, event: 'what caused it, in an event only' },
  },
  {
    object: 'addr: inet',
    groups: ['ipv4-ifaddr'],
    op: 'RTM_NEWADDR',
    act: (ipr) => ipr.addr('add', { dev: 'ev0', address: '10.78.0.1/24', label: 'ev0:x', rtPriority: 5 }),
    read: (ipr) => one(ipr.getAddr({ dev: 'ev0', address: '10.78.0.1' })),
    about: (value) => value.address === '10.78.0.1',
  },
  {
    object: 'addr: inet6',
    groups: ['ipv6-ifaddr'],
    op: 'RTM_NEWADDR',
    act: (ipr) => ipr.addr('add', { dev: 'ev0', address: '2001:db8:78::1/64', flags: ['nodad'], validLft: 600 }),
    read: (ipr) => one(ipr.getAddr({ dev: 'ev0', address: '2001:db8:78::1' })),
    about: (value) => value.address === '2001:db8:78::1',
  },
  {
    object: 'route: inet',
    groups: ['ipv4-route'],
    op: 'RTM_NEWROUTE',
    act: (ipr) => ipr.route('add', { dst: '10.79.0.0/16', gateway: '10.77.0.2', priority: 7, metrics: { mtu: 1300 } }),
    read: (ipr) => one(ipr.getRoutes({ table: 'main', dst: '10.79.0.0/16' })),
    about: (value) => value.dst === '10.79.0.0/16',
  },
  {
    object: 'route: inet6',
    groups: ['ipv6-route'],
    op: 'RTM_NEWROUTE',
    act: (ipr) => ipr.route('add', { dst: '2001:db8:79::/48', gateway: '2001:db8:77::2', table: 1000 }),
    read: (ipr) => one(ipr.getRoutes({ table: 1000, family: 'inet6' })),
    about: (value) => value.dst === '2001:db8:79::/48',
    except: { cacheinfo: CLOCK },
  },
  {
    object: 'rule: inet',
    groups: ['ipv4-rule'],
    op: 'RTM_NEWRULE',
    act: (ipr) =>
      ipr.rule('add', { priority: 77, src: '10.0.0.0/8', fwmark: '1/3', sport: '5-9', table: 1000, iif: 'nope' }),
    read: (ipr) => one(ipr.getRules({ priority: 77, family: 'inet' })),
    about: (value) => value.priority === 77,
  },
  {
    object: 'rule: inet6',
    groups: ['ipv6-rule'],
    op: 'RTM_NEWRULE',
    act: (ipr) =>
      ipr.rule('add', { priority: 78, dst: '2001:db8::/32', action: 'prohibit', uidRange: 0, protocol: 'bgp' }),
    read: (ipr) => one(ipr.getRules({ priority: 78, family: 'inet6' })),
    about: (value) => value.priority === 78,
  },
  {
    object: 'neigh',
    groups: ['neigh'],
    op: 'RTM_NEWNEIGH',
    act: (ipr) => ipr.neigh('add', { dev: 'ev0', dst: '10.77.0.9', lladdr, protocol: 'bgp', externLearn: true }),
    read: (ipr) => ipr.neigh('get', { dev: 'ev0', dst: '10.77.0.9' }),
    about: (value) => value.dst === '10.77.0.9',
    except: { cacheinfo: `${CLOCK}, and who holds the entry` },
  },
  {
    object: 'neigh: changed, inet6',
    groups: ['neigh'],
    op: 'RTM_NEWNEIGH',
    act: async (ipr) => {
      await ipr.neigh('add', { dev: 'ev0', dst: '2001:db8:77::9', lladdr });
      await ipr.neigh('change', { dev: 'ev0', dst: '2001:db8:77::9', lladdr: '02:00:00:00:00:98', router: true });
    },
    read: (ipr) => ipr.neigh('get', { dev: 'ev0', dst: '2001:db8:77::9' }),
    about: (value) => value.dst === '2001:db8:77::9' && value.lladdr === '02:00:00:00:00:98',
    except: { cacheinfo: `${CLOCK}, and who holds the entry` },
  },
  {
    object: 'fdb: bridge',
    groups: ['neigh'],
    op: 'RTM_NEWNEIGH',
    act: (ipr) => ipr.fdb('add', { dev: 'ev3', lladdr, master: true, state: 'static', sticky: true }),
    read: (ipr) => ipr.fdb('get', { dev: 'ev3', lladdr, master: true }),
    // Where bridges have VLANs, there is an event for each.
    about: (value) => value.lladdr === lladdr && value.family === 7 && value.vlan === undefined,
    except: { cacheinfo: CLOCK },
  },
  {
    object: 'fdb: VXLAN',
    groups: ['neigh'],
    op: 'RTM_NEWNEIGH',
    act: (ipr) => ipr.fdb('add', { dev: 'evvx', lladdr, dst: '10.77.0.9', port: 99, vni: 5, via: 'ev0' }),
    read: (ipr) => one(ipr.getFdb({ dev: 'evvx', lladdr })),
    about: (value) => value.lladdr === lladdr && value.dst === '10.77.0.9',
    except: { cacheinfo: CLOCK },
  },
  {
    object: 'nexthop',
    groups: ['nexthop'],
    op: 'RTM_NEWNEXTHOP',
    act: (ipr) => ipr.nexthop('add', { id: 77, gateway: '10.77.0.2', dev: 'ev0', proto: 'bgp' }),
    read: (ipr) => ipr.nexthop('get', { id: 77 }),
    about: (value) => value.id === 77,
  },
  {
    object: 'nexthop: a resilient group',
    groups: ['nexthop'],
    op: 'RTM_NEWNEXTHOP',
    act: (ipr) => ipr.nexthop('add', { id: 78, group: [77], resGroup: { buckets: 2, idleTimer: 20 } }),
    read: (ipr) => ipr.nexthop('get', { id: 78 }),
    about: (value) => value.id === 78,
    except: {
      hwStatsEnable: 'statistics come with a get only',
      groupStats: 'statistics come with a get only',
      hwStatsUsed: 'statistics come with a get only',
      'resGroup.unbalancedTime': CLOCK,
    },
  },
  {
    object: 'mdb',
    groups: ['mdb'],
    op: 'RTM_NEWMDB',
    act: (ipr) => ipr.mdb('add', { dev: 'evbr', port: 'ev3', grp: '239.7.7.7', state: 'permanent' }),
    read: async (ipr) => (await ipr.getMdb({ dev: 'evbr', grp: '239.7.7.7' })).map((row) => ({ ...row, timer: 0 })),
    rows: (value) => mdbRows(value as never).map((row) => ({ ...row, timer: 0 })),
    about: (value) => mdbRows(value as never).some(({ grp }) => grp === '239.7.7.7'),
  },
  {
    object: 'port of a bridge',
    groups: ['link'],
    op: 'RTM_NEWLINK',
    act: (ipr) => ipr.brport('set', { dev: 'ev3', cost: 4321 }),
    read: (ipr) => ipr.brport('get', { dev: 'ev3' }),
    rows: (value) => brportOf(value as never),
    about: (value) => value.family === 7 && brportOf(value as never)?.cost === 4321,
    except: { messageAgeTimer: CLOCK, forwardDelayTimer: CLOCK, holdTimer: CLOCK },
  },
  {
    object: 'VLANs of a port',
    groups: ['link'],
    op: 'RTM_NEWLINK',
    act: (ipr) => ipr.vlanFilter('add', { dev: 'ev3', vlanInfo: { vid: '70-77' } }),
    read: (ipr) => one(ipr.vlanFilter('dump', { ifname: 'ev3' })),
    rows: (value) => vlanFilterRow(value as never),
    about: (value) => value.family === 7 && vlanFilterRow(value as never).vlans.some(({ vid }) => vid === 70),
    vlans: true,
  },
  {
    object: 'VLAN database',
    groups: ['brvlan'],
    op: 'RTM_NEWVLAN',
    act: (ipr) => ipr.vlandb('set', { dev: 'ev3', vid: '70-77', state: 'blocking' }),
    read: (ipr) => ipr.getVlans({ dev: 'ev3', state: 'blocking' }),
    rows: (value) => vlanRows(value as never),
    about: (value) => vlanRows(value as never).some(({ vid }) => vid === 70),
    vlans: true,
  },
  {
    object: 'nsid',
    groups: ['nsid'],
    op: 'RTM_NEWNSID',
    act: async (ipr) => {
      await netns.create('events-equal');
      await ipr.nsid('set', { netns: 'events-equal', nsid: 77 });
    },
    read: (ipr) => ipr.nsid('get', { netns: 'events-equal' }),
    about: (value) => value.nsid === 77,
  },
  {
    object: 'vni',
    groups: ['tunnel'],
    op: 'RTM_NEWTUNNEL',
    act: (ipr) => ipr.vni('add', { dev: 'evvf', vni: 300, remote: '10.77.0.9' }),
    read: (ipr) => one(ipr.vni('dump', { dev: 'evvf' })),
    about: (value) => Array.isArray(value.entry),
    since: '5.18',
  },
  {
    object: 'netconf: inet',
    groups: ['ipv4-netconf'],
    op: 'RTM_NEWNETCONF',
    act: async () => writeFileSync('/proc/sys/net/ipv4/conf/ev0/rp_filter', '2'),
    read: (ipr) => ipr.netconf('get', { dev: 'ev0', family: 'inet' }),
    about: (value) => value.rpFilter === 'loose',
    except: Object.fromEntries(
      ['forwarding', 'mcForwarding', 'bcForwarding', 'proxyNeigh', 'ignoreRoutesWithLinkdown'].map((key) => [
        key,
        'an event has only what changed',
      ]),
    ),
  },
];

/** Without the paths that cannot be equal. */
function without(value: unknown, paths: readonly string[]): unknown {
  const copy = structuredClone(value) as Value;
  for (const path of paths) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let at: unknown = copy;
    for (const key of keys) at = typeof at === 'object' && at !== null ? (at as Value)[key] : undefined;
    if (typeof at === 'object' && at !== null) delete (at as Value)[last];
  }
  return copy;
}

/** Events until none comes for a while. */
async function drain(monitor: AsyncIterator<MonitorEvent>): Promise<MonitorEvent[]> {
  const events: MonitorEvent[] = [];
  for (;;) {
    const result = await Promise.race([monitor.next(), sleep(300, null)]);
    if (result === null || result.done) return events;
    events.push(result.value);
  }
}

/** Whether bridges of this kernel filter VLANs. */
async function filtersVlans(): Promise<boolean> {
  const ipr = new IPRoute();
  const { object } = await ipr.link('add', { ifname: 'evprobe', kind: 'bridge' });
  await ipr.link('del', { dev: 'evprobe' });
  await ipr.close();
  return object?.linkinfo?.bridge?.vlanProtocol !== undefined;
}

/** Each case in turn, one after the other. */
async function check(t: Test, cases: readonly Case[]): Promise<void> {
  const ipr = new IPRoute();
  t.teardown(async () => {
    for (const dev of ['evnew', 'ev0', 'ev2', 'evbr', 'evvx', 'evvf']) await ipr.link('del', { dev }).catch(() => {});
    await ipr.flushRules({ priority: (n) => n === 77 || n === 78 });
    if (netns.exists('events-equal')) await netns.remove('events-equal');
    await ipr.close();
  });
  await prepare(ipr);
  for (const { object, groups, op, act, read, about, rows, except = {}, since } of cases) {
    if (since !== undefined && !kernelAtLeast(since)) continue;
    const monitor = ipr.monitor({ groups });
    await act(ipr);
    const now = await read(ipr);
    const events = await drain(monitor);
    monitor.close();
    const found = events
      .filter((event) => event.type === 'message' && event.op === op && about(event.value as never))
      .at(-1);
    if (found?.type !== 'message') {
      t.fail(`${object}: no event among ${events.length}`);
      continue;
    }
    const paths = Object.keys(except);
    const told = rows === undefined ? found.value : rows(found.value as never);
    t.same(without(told, paths), without(now, paths), object);
    t.ok(
      events.every(({ type }) => type === 'message'),
      `${object}: every message has a table`,
    );
  }
}

t.test('every object', (t) =>
  check(
    t,
    CASES.filter(({ vlans }) => !vlans),
  ),
);

t.test('VLANs', async (t) => {
  if (await filtersVlans())
    return check(
      t,
      CASES.filter(({ vlans }) => vlans),
    );
  t.pass('VLANs', { skip: 'the bridges of this kernel do not filter VLANs' });
});

t.test('proxies have no events, and the list says so', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  await ipr.link('add', { ifname: 'evp0', kind: 'veth', peer: 'evp1' });
  t.teardown(() => ipr.link('del', { dev: 'evp0' }));
  const monitor = ipr.monitor({ groups: ['neigh'] });
  await ipr.neigh('add', { dev: 'evp0', dst: '10.77.9.9', proxy: true });
  const events = await drain(monitor);
  monitor.close();
  t.same(
    events.filter(
      (event) => event.type === 'message' && event.op === 'RTM_NEWNEIGH' && event.value.dst === '10.77.9.9',
    ),
    [],
  );
  t.equal((await ipr.getNeighbours({ proxy: true, dev: 'evp0' }))[0]?.flags, NTF.proxy);
});
