/** The filter of a monitor: the kernel queues what was asked for, and nothing else. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, type MonitorEvent, type MonitorFilter, type MonitorOptions } from 'tsroute2';

t.setTimeout(300_000);

type Message = Extract<MonitorEvent, { type: 'message' }>;
const GROUPS: MonitorOptions['groups'] = [
  'link',
  'neigh',
  'ipv4-ifaddr',
  'ipv4-route',
  'ipv6-route',
  'ipv4-rule',
  'ipv4-netconf',
  'nexthop',
];

/** What is in a monitor's queue, until nothing more comes. */
async function queued(monitor: AsyncIterator<MonitorEvent> & { close(): void }): Promise<Message[]> {
  const events: Message[] = [];
  for (;;) {
    const result = await Promise.race([monitor.next(), sleep(200, null)]);
    if (result === null) break;
    if (result.done) throw new Error('the monitor ended');
    if (result.value.type !== 'message') throw new Error(`a ${result.value.type}`);
    events.push(result.value);
  }
  monitor.close();
  return events;
}

/** Bytes in the receive queue of every socket that listens to a group, as the kernel tells. */
function waiting(group: number): number[] {
  return readFileSync('/proc/net/netlink', 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, protocol, , groups]) => protocol === '0' && (Number.parseInt(groups!, 16) & (1 << (group - 1))) !== 0)
    .map((fields) => Number(fields[4]));
}

t.test('unrelated events are never queued', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  await ipr.link('set', { dev: 'lo', state: 'up' });
  const monitor = ipr.monitor({ groups: ['ipv4-route'], filter: { table: 1000 }, rcvbuf: 4096 });
  t.teardown(() => monitor.close());
  const next = monitor.next();
  await sleep(50);
  const routes = Array.from({ length: 2000 }, (_, i) => ({ dst: `10.${i >> 8}.${i & 255}.0/24`, dev: 'lo' }));
  for (const cmd of ['add', 'del'] as const) {
    const batch = ipr.batch();
    for (const route of routes) batch.route(cmd, route);
    await batch.commit();
    // Nothing ran between the last of them and this, so that nobody could have read.
    t.same(waiting(7), [0], `after ${cmd}: nothing waits`);
  }
  await ipr.route('add', { dst: '10.99.0.0/16', dev: 'lo', table: 1000 });
  const event = (await next).value;
  t.match(event, { type: 'message', op: 'RTM_NEWROUTE', value: { dst: '10.99.0.0/16', table: 1000 } }, 'no overrun');
  await ipr.route('del', { dst: '10.99.0.0/16', table: 1000 });
});

t.test('every key: the same events as of an unfiltered monitor by hand', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  await ipr.link('add', { ifname: 'filt0', kind: 'veth', peer: 'filt1' });
  t.teardown(() => ipr.link('del', { ifname: 'filt0' }).catch(() => {}));
  // No addresses that the kernel gives later, by itself.
  for (const dev of ['filt0', 'filt1']) await ipr.link('set', { dev, afSpec: { inet6: { addrGenMode: 'none' } } });
  const [index] = await ipr.linkLookup({ ifname: 'filt0' });
  const [other] = await ipr.linkLookup({ ifname: 'filt1' });
  const all = ipr.monitor({ groups: GROUPS });
  const table = (event: Message) => ('table' in event.value ? event.value.table : undefined);
  const interfaceOf = ({ op, value }: Message): unknown => {
    const row = value as { index?: number; ifindex?: number; oif?: number };
    return op.endsWith('ROUTE') || op.endsWith('NEXTHOP') ? row.oif : (row.index ?? row.ifindex);
  };
  const cases: [MonitorFilter, (event: Message) => boolean][] = [
    [{}, () => true],
    [{ op: 'RTM_DELROUTE' }, ({ op }) => op === 'RTM_DELROUTE'],
    [{ op: ['RTM_NEWLINK', 'RTM_NEWADDR'] }, ({ op }) => op === 'RTM_NEWLINK' || op === 'RTM_NEWADDR'],
    [{ family: 'inet6' }, ({ value }) => value.family === 10],
    [{ family: [2, 'unspec'] }, ({ value }) => value.family === 2 || value.family === 0],
    [{ table: 'main' }, (event) => /ROUTE|RULE/.test(event.op) && table(event) === 254],
    [{ table: [77, 70_000] }, (event) => [77, 70_000].includes(table(event) as number)],
    [{ index: index! }, (event) => interfaceOf(event) === index],
    [{ index: [other!, 1] }, (event) => [other, 1].includes(interfaceOf(event) as number)],
    [
      { op: 'RTM_NEWROUTE', family: 'inet', table: 77, index: index! },
      (event) =>
        event.op === 'RTM_NEWROUTE' && event.value.family === 2 && table(event) === 77 && interfaceOf(event) === index,
    ],
  ];
  const monitors = cases.map(([filter]) => ipr.monitor({ groups: GROUPS, filter }));
  for (const dev of ['filt0', 'filt1']) await ipr.link('set', { dev, state: 'up' });
  await ipr.addr('add', { dev: 'filt0', address: '10.81.0.1/24' });
  await ipr.addr('add', { dev: 'filt1', address: '10.82.0.1/24' });
  await ipr.addr('add', { dev: 'filt0', address: '2001:db8:81::1/64', flags: ['nodad'] });
  for (const table of [77, 254, 70_000]) {
    await ipr.route('add', { dst: '10.83.0.0/16', gateway: '10.81.0.2', table });
    await ipr.route('add', { dst: '10.84.0.0/16', gateway: '10.82.0.2', table });
    await ipr.rule('add', { table, priority: 1000 + (table & 0xff) });
  }
  await ipr.neigh('add', { dev: 'filt1', dst: '10.82.0.7', lladdr: '02:00:00:00:00:07' });
  await ipr.nexthop('add', { id: 5, gateway: '10.81.0.3', dev: 'filt0' });
  await ipr.route('del', { dst: '10.83.0.0/16', table: 77 });
  await ipr.rule('del', { table: 77, priority: 1077 });
  await sleep(500);
  const events = await queued(all);
  t.ok(events.length > 20, `${events.length} events of ${new Set(events.map(({ op }) => op)).size} kinds`);
  for (const op of ['RTM_NEWLINK', 'RTM_NEWADDR', 'RTM_NEWROUTE', 'RTM_NEWRULE', 'RTM_NEWNEIGH', 'RTM_NEWNEXTHOP'])
    t.ok(
      events.some((event) => event.op === op),
      op,
    );
  const short = (list: Message[]) => list.map(({ op, header, value }) => JSON.stringify([op, header.seq, value]));
  for (const [i, [filter, wanted]] of cases.entries()) {
    const got = await queued(monitors[i]!);
    const expected = events.filter(wanted);
    t.ok(
      expected.length > 0 && (i === 0 || expected.length < events.length),
      `${JSON.stringify(filter)}: some, not all`,
    );
    t.same(short(got), short(expected), `${JSON.stringify(filter)}: ${got.length} events`);
  }
});
