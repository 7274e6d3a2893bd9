/** Rules, neighbours, forwarding entries, tables: what compiles, and what must not. */
import type {
  AddrLabelRow,
  FdbRow,
  IPRoute,
  MonitorEvent,
  NeighbourRow,
  NetconfRow,
  NtableRow,
  RuleRow,
  StatsRow,
  VniRow,
} from 'tsroute2';

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(event: MonitorEvent): Promise<void> {
  await ipr.rule('add', { src: '10.0.0.0/8', table: 100, fwmark: '0x10/0xff', uidRange: '5-6', ipProto: 'tcp' });
  await ipr.rule('add', { action: 'FR_ACT_BLACKHOLE', iif: 'eth0', not: true, tunId: 77n, dport: { start: 5 } });
  await ipr.rule('del', { priority: 100 });
  const rules: RuleRow[] = await ipr.getRules({ family: 'inet6', table: 'main', protocol: 'bgp', src: '10.0.0.0/8' });
  for await (const row of ipr.rules({ table: (table) => table === 5 })) is<Equal<typeof row, RuleRow>>();
  const flushed: number = await ipr.flushRules({ all: true });
  await ipr.neigh('add', {
    dev: 'eth0',
    dst: '10.0.0.2',
    lladdr: '02:00:00:00:00:01',
    state: ['stale'],
    managed: true,
  });
  await ipr.neigh('replace', { ifindex: 2, dst: '10.0.0.2', nud: 'none', protocol: 'bgp', flags: ['router'] });
  const neighbour: NeighbourRow = await ipr.neigh('get', { index: 2, dst: '10.0.0.2' });
  const neighbours: NeighbourRow[] = await ipr.getNeighbours({ dev: 'eth0', family: 'inet', state: 'permanent' });
  for await (const row of ipr.neighbours({ proxy: true })) is<Equal<typeof row, NeighbourRow>>();
  await ipr.flushNeighbours({ dev: 'eth0' });
  await ipr.fdb('append', {
    dev: 'vx0',
    lladdr: '00:00:00:00:00:00',
    dst: '10.0.0.2',
    vni: 5,
    port: 4789,
    via: 'eth0',
  });
  await ipr.fdb('add', {
    dev: 'p0',
    lladdr: '02:00:00:00:00:01',
    master: true,
    state: 'static',
    vlan: 5,
    sticky: true,
  });
  await ipr.fdb('flush', { dev: 'br0', brport: 'p0', dynamic: true });
  const entry: FdbRow = await ipr.fdb('get', { br: 'br0', lladdr: '02:00:00:00:00:01' });
  const entries: FdbRow[] = await ipr.fdb('dump', { br: 'br0' });
  for await (const row of ipr.fdb({ dev: 'vx0' })) is<Equal<typeof row, FdbRow>>();
  await ipr.vni('add', { dev: 'vx0', vni: [100, '200-210', { start: 300, end: 301 }], remote: '10.0.0.2' });
  const vnis: VniRow[] = await ipr.vni('dump', { dev: 'vx0', stats: true });
  const rx: number | undefined = vnis[0]?.entry?.[0]?.stats?.rxBytes;
  await ipr.ntable('set', { name: 'arp_cache', dev: 'eth0', parms: { baseReachableTime: 5000 } });
  const tables: NtableRow[] = await ipr.getNtables({ family: 'inet' });
  const conf: NetconfRow = await ipr.netconf('get', { dev: 'all', family: 'inet' });
  const filter: 'off' | 'strict' | 'loose' | number | undefined = conf.rpFilter;
  await ipr.addrlabel('add', { address: '2001:db8::/32', label: 5 });
  const label: AddrLabelRow = await ipr.addrlabel('get', { address: '2001:db8::1' });
  const stats: StatsRow = await ipr.stats('get', { dev: 'eth0', filterMask: ['link_64'] });
  const packets: number | undefined = stats.link64?.rxPackets;
  ipr
    .batch()
    .rule('del', { priority: 5 })
    .neigh('del', { dev: 1, dst: '10.0.0.2' })
    .fdb('flush', { dev: 1 })
    .fdb('del', { dev: 1, lladdr: '02:00:00:00:00:01' })
    .vni('del', { dev: 1, vni: 5 });
  if (event.type === 'message') {
    if (event.op === 'RTM_NEWNEIGH') is<Equal<typeof event.value.state, number>>();
    if (event.op === 'RTM_NEWRULE') is<Equal<typeof event.value.action, number>>();
    if (event.op === 'RTM_NEWNETCONF') is<Equal<typeof event.value.forwarding, number | undefined>>();
    if (event.op === 'RTM_NEWTUNNEL') is<Equal<typeof event.value.ifindex, number>>();
  }
  void [rules, flushed, neighbour, neighbours, entry, entries, rx, tables, filter, label, packets];
}

export async function bad(event: MonitorEvent): Promise<void> {
  // @ts-expect-error no such verb
  await ipr.rule('replace', { priority: 5 });
  // @ts-expect-error no such key
  await ipr.rule('add', { source: '10.0.0.0/8' });
  // @ts-expect-error no such action
  await ipr.rule('add', { action: 'drop' });
  // @ts-expect-error no such table
  await ipr.rule('add', { table: 'mian' });
  // @ts-expect-error interfaces of rules are names
  await ipr.rule('add', { iif: 5 });
  // @ts-expect-error no such protocol
  await ipr.rule('add', { ipProto: 'http' });
  // @ts-expect-error no such key of a range
  await ipr.rule('add', { uidRange: { from: 5 } });
  // @ts-expect-error a rule is not looked up
  await ipr.rule('get', { priority: 5 });
  // @ts-expect-error a flush needs to know what
  await ipr.flushRules();
  // @ts-expect-error no such key to filter by
  await ipr.getRules({ tabel: 5 });
  // @ts-expect-error no interface
  await ipr.neigh('add', { dst: '10.0.0.2' });
  // @ts-expect-error no address
  await ipr.neigh('del', { dev: 'eth0' });
  // @ts-expect-error no such state
  await ipr.neigh('add', { dev: 'eth0', dst: '10.0.0.2', state: 'fresh' });
  // @ts-expect-error no such flag
  await ipr.neigh('add', { dev: 'eth0', dst: '10.0.0.2', flags: ['fast'] });
  // @ts-expect-error no such word
  await ipr.getNeighbours({ state: 'fresh' });
  // @ts-expect-error all or not
  await ipr.flushNeighbours({ all: false });
  // @ts-expect-error no link-layer address
  await ipr.fdb('add', { dev: 'vx0', dst: '10.0.0.2' });
  // @ts-expect-error no such state
  await ipr.fdb('add', { dev: 'p0', lladdr: '02:00:00:00:00:01', state: 'sticky' });
  // @ts-expect-error entries are of family bridge
  await ipr.fdb('add', { dev: 'p0', lladdr: '02:00:00:00:00:01', family: 'inet' });
  // @ts-expect-error a flush is of an interface
  await ipr.fdb('flush', { vlan: 5 });
  // @ts-expect-error a flush has properties, not states
  await ipr.fdb('flush', { dev: 'br0', state: 'static' });
  // @ts-expect-error nowhere to look
  await ipr.fdb('get', { lladdr: '02:00:00:00:00:01' });
  // @ts-expect-error a batch has no reads
  ipr.batch().fdb('get', { dev: 1, lladdr: '02:00:00:00:00:01' });
  // @ts-expect-error a flush of a batch has properties too
  ipr.batch().fdb('flush', { lladdr: '02:00:00:00:00:01' });
  // @ts-expect-error no identifier
  await ipr.vni('add', { dev: 'vx0' });
  // @ts-expect-error no such key
  await ipr.vni('del', { dev: 'vx0', vni: 5, grup: '10.0.0.2' });
  // @ts-expect-error what is drawn by the kernel cannot be set
  await ipr.ntable('set', { name: 'arp_cache', parms: { reachableTime: 5 } });
  // @ts-expect-error no table
  await ipr.ntable('set', { parms: { queueLen: 5 } });
  // @ts-expect-error no family
  await ipr.netconf('get', { dev: 'all' });
  // @ts-expect-error netconf is read only
  await ipr.netconf('set', { dev: 'all', family: 'inet' });
  // @ts-expect-error no address
  await ipr.addrlabel('add', { label: 5 });
  // @ts-expect-error no such group
  await ipr.stats('get', { dev: 'eth0', filterMask: ['link'] });
  // @ts-expect-error a neighbour has no priority
  if (event.type === 'message' && event.op === 'RTM_NEWNEIGH') void event.value.priority;
}
