/** What docs/parity.md promises of classes, their options and conveniences: pyroute2's in our words. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import t from 'tap';
import {
  attr,
  ClosedError,
  IPBatch,
  IPRoute,
  type IPRouteOptions,
  IPRSocket,
  ifinfmsg,
  linkKinds,
  NetlinkError,
  NetNS,
  nest,
  netns,
  RawIPRoute,
  registerLinkKind,
  u8,
} from 'tsroute2';
import { type ParityRow, parity, row } from './parity-rows.js';

t.setTimeout(600_000);

type Seen = undefined;

/** Uses a socket with options in the namespace of the test, and closes it. */
async function using<T>(path: string, options: IPRouteOptions, use: (ipr: IPRoute) => T): Promise<Awaited<T>> {
  const ipr = new IPRoute({ netns: path, ...options });
  try {
    return await use(ipr);
  } finally {
    await ipr.close();
  }
}

const CLASSES: readonly ParityRow<Seen>[] = [
  row(
    'IPRSocket: bind, put, get',
    async ({ path, ipr }) => {
      const socket = new IPRSocket(0, { netns: path }, () => undefined);
      try {
        socket.bind({ groups: [1] });
        const [answer] = await socket.get(socket.put({ def: ifinfmsg.def, value: { ifname: 'e0' } }, 18));
        const event = socket.get();
        await ipr.link('set', { dev: 'e0', mtu: 1401 });
        return [answer?.header.type, (await event).header.type, socket.fileno() > 2];
      } finally {
        await socket.close();
      }
    },
    (_, found) => found,
    [16, 16, true],
  ),
  row(
    'RawIPRoute',
    async ({ path }) => {
      const raw = new RawIPRoute({ netns: path });
      const links = await raw.getLinks({ ifname: 'e0' });
      await raw.close();
      return [raw instanceof IPRoute, links.length];
    },
    (_, found) => found,
    [true, 1],
  ),
  row(
    'IPBatch: batch, reset, compile()',
    async (p) => {
      const [index] = await p.ipr.linkLookup({ ifname: 'e0' });
      const batch = new IPBatch({ interfaces: { e0: index! } });
      const { length } = batch.link('set', { dev: 'e0', txqlen: 66 }).data;
      // The kernel takes the bytes as they are.
      const message = new ifinfmsg(batch.data).decode();
      await p.ipr.nlmRequest({ def: ifinfmsg.def, value: message.value }, message.header.type, message.header.flags);
      return [length > 32, p.ip('link', 'show', 'e0')[0]?.txqlen, batch.reset().data.length];
    },
    (_, found) => found,
    [true, 66, 0],
  ),
  row(
    'NetNS: flags=O_CREAT, remove',
    async () => {
      const name = `parity-${process.pid}`;
      const missing = (() => {
        try {
          return new NetNS(name);
        } catch (error) {
          return (error as { code: string }).code;
        }
      })();
      const ns = new NetNS(name, { create: true });
      const listed = netns.list().includes(name);
      const links = await ns.getLinks();
      await ns.remove();
      return [missing, listed, links[0]?.ifname, netns.list().includes(name)];
    },
    (_, found) => found,
    ['ENOENT', true, 'lo', false],
  ),
  row(
    'NetNSManager',
    async () => {
      const name = `parity-m-${process.pid}`;
      await netns.create(name);
      const ip = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
      await netns.remove(name);
      return [ip.includes(name), netns.exists(name)];
    },
    (_, found) => found,
    [true, false],
  ),
  row(
    'WiRoute: InterfaceExists, InterfaceDoesNotExist, interface_exists, rename_interface',
    async ({ ipr }) => {
      const codes = await Promise.all(
        [ipr.link('add', { ifname: 'e0', kind: 'bridge' }), ipr.link('del', { ifname: 'nobody' })].map((asked) =>
          asked.catch((error) => error instanceof NetlinkError && error.code),
        ),
      );
      await ipr.link('add', { ifname: 'wi0', kind: 'bridge' });
      await ipr.link('set', { dev: 'wi0', ifname: 'wi1' });
      const there = await Promise.all(['wi0', 'wi1'].map((ifname) => ipr.linkLookup({ ifname })));
      return [...codes, ...there.map(({ length }) => length > 0)];
    },
    (_, found) => found,
    ['EEXIST', 'ENODEV', false, true],
  ),
  row(
    'netns: name, path, descriptor',
    async ({ name, path }) => {
      const fd = openSync(path, 'r');
      const found = [];
      for (const netns of [name, path, fd])
        found.push(await using('', { netns }, (ipr) => ipr.linkLookup({ ifname: 'e0' })));
      closeSync(fd);
      return found.map(({ length }) => length);
    },
    (_, found) => found,
    [1, 1, 1],
  ),
  row(
    'rcvbuf',
    ({ path }) => using(path, { rcvbuf: 300_000 }, (ipr) => ipr.rcvbuf >= 300_000),
    (_, found) => found,
    true,
  ),
  row(
    'strict_check',
    ({ path }) => using(path, { strictCheck: false }, (ipr) => ipr.getLinks({ ifname: 'e0' })),
    (_, rows) => rows.length,
    1,
  ),
  row(
    'groups, get()',
    ({ path }) =>
      using(path, { groups: ['link'] }, async (ipr) => {
        await ipr.link('set', { dev: 'e0', mtu: 1402 });
        return (await ipr.get()).op;
      }),
    (_, op) => op,
    'RTM_NEWLINK',
  ),
  row(
    'nlm_echo',
    async ({ ipr }) => {
      const { object } = await ipr.route('add', { dst: '10.8.0.0/16', dev: 'e0' }, { echo: true });
      return object?.dst;
    },
    (_, dst) => dst,
    '10.8.0.0/16',
  ),
  row(
    'ext_ack',
    ({ ipr }) =>
      ipr
        .link('add', { ifname: 'vx9', kind: 'vxlan', vxlan: { id: 42, df: 9 } })
        .catch(({ kernelMessage, attribute }) => [kernelMessage, attribute]),
    (_, found) => found,
    ['Invalid DF attribute', 'linkinfo.vxlan.df'],
  ),
  row(
    'nlm_generator',
    async ({ ipr }) => {
      for await (const link of ipr.links()) if (link.ifname === 'e0') return link.ifname;
      return undefined;
    },
    (_, found) => found,
    'e0',
  ),
  row(
    'close',
    async ({ path }) => {
      const ipr = new IPRoute({ netns: path });
      await ipr.close();
      return ipr.getLinks().catch((error) => error instanceof ClosedError);
    },
    (_, closed) => closed,
    true,
  ),
];

const mode = nest('IFLA_PARITY', { mode: attr(1, u8) } as const);

const CONVENIENCES: readonly ParityRow<Seen>[] = [
  row(
    'ensure: present, absent',
    async ({ ipr }) => [
      await ipr.ensure('addr', { dev: 'e0', address: '10.7.0.1/24' }),
      await ipr.ensure('addr', { dev: 'e0', address: '10.7.0.1/24' }),
      await ipr.ensureGone('addr', { dev: 'e0', address: '10.7.0.1/24' }),
      await ipr.ensureGone('addr', { dev: 'e0', address: '10.7.0.1/24' }),
    ],
    (_, found) => found,
    ['added', 'updated', true, false],
  ),
  row(
    'poll: present, absent, timeout',
    async ({ ipr }) => {
      const waiting = ipr.poll('addr', { address: '10.6.0.1' }, { timeout: 5000 });
      await ipr.addr('add', { dev: 'e0', address: '10.6.0.1/24' });
      const { prefixlen } = await waiting;
      const gone = ipr.pollGone('addr', { address: '10.6.0.1' }, { timeout: 5000 });
      await ipr.addr('del', { dev: 'e0', address: '10.6.0.1/24' });
      await gone;
      const late = await ipr.poll('link', { ifname: 'nobody' }, { timeout: 50 }).catch(({ name }) => name);
      return [prefixlen, late];
    },
    (_, found) => found,
    [24, 'TimeoutError'],
  ),
  row(
    'filter_messages: dict, callables, nested',
    async ({ ipr }) => {
      const links = await ipr.getLinks();
      const nested = await ipr.getLinks({ 'linkinfo.kind': 'veth', mtu: (mtu) => mtu! > 0 });
      return [links.filter(({ ifname }) => ifname === 'e0').length, nested.length];
    },
    (_, found) => found,
    [1, 2],
  ),
  row(
    'dump(): everything',
    async ({ ipr }) => {
      const tables = await Promise.all([
        ipr.getLinks(),
        ipr.vlanFilter('dump'),
        ipr.getFdb(),
        ipr.getAddr(),
        ipr.getNeighbours(),
        ipr.getRoutes(),
        ipr.getRules(),
      ]);
      return tables.map((rows) => Array.isArray(rows)).length;
    },
    (_, found) => found,
    7,
  ),
  row(
    'get_netnsid, set_netnsid',
    async ({ ipr }) => {
      const name = `parity-n-${process.pid}`;
      await netns.create(name);
      try {
        await ipr.nsid('set', { netns: name, nsid: 7 });
        return [(await ipr.nsid('get', { netns: name })).nsid, (await ipr.nsid('dump')).map(({ nsid }) => nsid)];
      } finally {
        await netns.remove(name);
      }
    },
    (_, found) => found,
    [7, [7]],
  ),
  row(
    'get_netns_info',
    async ({ name }) => [netns.list().includes(name), (await netns.identify(process.pid)).includes(name)],
    (_, found) => found,
    [true, false],
  ),
  row(
    'net_ns_fd, net_ns_pid',
    async ({ ipr }) => {
      const name = `parity-f-${process.pid}`;
      const far = new NetNS(name, { create: true });
      try {
        for (const ifname of ['m0', 'm1', 'm2']) await ipr.link('add', { ifname, kind: 'veth', peer: `${ifname}p` });
        await ipr.link('set', { dev: 'm0', netns: name });
        const child = netns.spawn(name, 'sleep', ['60']);
        try {
          // A link goes with the process only once that has entered.
          for (let i = 0; i < 500 && !(await netns.pids(name)).includes(child.pid!); i++)
            await new Promise((done) => setTimeout(done, 20));
          await ipr.link('set', { dev: 'm1', netNsPid: child.pid! });
        } finally {
          child.kill();
        }
        await ipr.link('set', { dev: 'm2', netNsFd: openSync(`/run/netns/${name}`, 'r') });
        return (await far.getLinks({ kind: 'veth' })).map(({ ifname }) => ifname).sort();
      } finally {
        await far.remove();
      }
    },
    (_, names) => names,
    ['m0', 'm1', 'm2'],
  ),
  row(
    'register_link_kind, unregister_link_kind, list_link_kind',
    () => {
      const take = registerLinkKind('paritykind', mode);
      const there = linkKinds().includes('paritykind');
      take();
      return [there, linkKinds().includes('paritykind')];
    },
    (_, found) => found,
    [true, false],
  ),
  row(
    'register_callback',
    async ({ ipr }) => {
      const events = ipr.monitor({ groups: ['link'] });
      await ipr.link('set', { dev: 'e0', ifalias: 'called back' });
      for await (const event of events)
        if (event.type === 'message' && event.op === 'RTM_NEWLINK' && event.value.ifalias === 'called back') {
          events.close();
          return event.value.ifname;
        }
      return undefined;
    },
    (_, name) => name,
    'e0',
  ),
];

const prepare = async ({ ipr }: Parameters<ParityRow<Seen>['act']>[0]): Promise<void> => {
  await ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
};

parity<Seen>('classes', prepare, () => undefined, CLASSES);
parity<Seen>('conveniences', prepare, () => undefined, CONVENIENCES);
