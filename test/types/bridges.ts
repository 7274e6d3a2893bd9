/** Ports, VLANs and groups of bridges, and the conveniences: what compiles, and what must not. */
import {
  type Brport,
  type Ensured,
  IPBatch,
  type IPRoute,
  type LinkRow,
  type MdbRow,
  type MonitorEvent,
  mdbRows,
  type RouteRow,
  type VlanFilterRow,
  type VlanGlobalRow,
  type VlanRow,
  vlanRows,
} from 'tsroute2';

declare module 'tsroute2' {
  interface NamesInFiles {
    table: 'vpn';
    group: 'dmz' | 'lan';
  }
}

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(event: MonitorEvent): Promise<void> {
  await ipr.brport('set', { dev: 'v0', cost: 5, state: 'forwarding', isolated: true });
  await ipr.brport('set', { index: 3, neighSuppress: true, master: true });
  await ipr.brport('set', { dev: 'v0', hwmode: 'vepa' });
  const port: Brport = await ipr.brport('get', { dev: 'v0' });
  const cost: number | undefined = port.cost;
  for await (const row of ipr.brports({ bridge: 2, cost: 5 })) is<Equal<typeof row, Brport>>();
  await ipr.vlanFilter('add', { dev: 'v0', vlanInfo: [{ vid: 5, pvid: true, untagged: true }, { vid: '10-20' }] });
  await ipr.vlanFilter('del', { index: 2, vlanTunnelInfo: { vid: '10-12', id: '1000-1002' }, self: true });
  const filters: VlanFilterRow[] = await ipr.vlanFilter('dump', { vid: 5 });
  await ipr.vlandb('add', { dev: 'v0', vid: 5, pvid: true, state: 'blocking', tunnelId: 7 });
  await ipr.vlandb('set', { ifindex: 2, vid: '5-9', mcastRouter: 2, tunnelId: null });
  await ipr.vlandb('del', { dev: 'v0', vid: 5, vidEnd: 9 });
  const vlans: VlanRow[] = await ipr.getVlans({ dev: 'v0', stats: true });
  const globals: VlanGlobalRow[] = await ipr.vlanGlobal('dump', { vid: 5 });
  await ipr.vlanGlobal('set', { dev: 'br0', vid: 5, mcastQuerier: true, msti: 3 });
  await ipr.mdb('add', { dev: 'br0', port: 'v0', grp: '239.1.1.1', state: 'permanent', srcList: ['10.0.0.1'] });
  await ipr.mdb('del', { dev: 'br0', port: 'v0', grp: '239.1.1.1', source: '10.0.0.1' });
  await ipr.mdb('flush', { dev: 'br0', vid: 5 });
  const groups: MdbRow[] = await ipr.mdb('get', { dev: 'br0', grp: '239.1.1.1' });
  for await (const row of ipr.mdbEntries({ grp: '239.1.1.1' })) is<Equal<typeof row, MdbRow>>();
  if (event.type === 'message' && event.op === 'RTM_NEWMDB') void mdbRows(event.value)[0]?.grp;
  if (event.type === 'message' && event.op === 'RTM_DELVLAN') void vlanRows(event.value)[0]?.vid;
  const done: Ensured = await ipr.ensure('link', { ifname: 'br0', kind: 'bridge' });
  await ipr.ensure('nexthop', { id: 1, gateway: '10.0.0.2' });
  const was: boolean = await ipr.ensureGone('route', { dst: 'default' });
  const link: LinkRow = await ipr.poll('link', { ifname: 'v0', operstate: 'UP' }, { timeout: 500 });
  const route: RouteRow = await ipr.poll('route', (row) => row.gateway === '10.0.0.2');
  await ipr.pollGone('addr', { address: '10.0.0.1' });
  const bytes: Uint8Array = new IPBatch({ interfaces: { eth0: 2 } }).link('del', { dev: 'eth0' }).data;
  const { added } = await ipr.routeLoad(await ipr.routeSave({ table: 'main' }));
  await ipr.route('add', { dst: 'default', table: 'vpn', realms: 'here/there' });
  await ipr.getRoutes({ table: 'vpn' });
  await ipr.link('set', { dev: 'v0', group: 'dmz' });
  void [cost, filters, vlans, globals, groups, done, was, link, route, bytes, added];
}

export async function bad(): Promise<void> {
  // @ts-expect-error which port
  await ipr.brport('set', { cost: 5 });
  // @ts-expect-error no such key
  await ipr.brport('set', { dev: 'v0', coost: 5 });
  // @ts-expect-error no such state
  await ipr.brport('set', { dev: 'v0', state: 'up' });
  // @ts-expect-error ports are not added here
  await ipr.brport('add', { dev: 'v0' });
  // @ts-expect-error which VLANs
  await ipr.vlanFilter('add', { dev: 'v0' });
  // @ts-expect-error nothing is not everything
  await ipr.vlanFilter('del', { dev: 'v0', vlanInfo: undefined });
  // @ts-expect-error which link
  await ipr.vlanFilter('add', { vlanInfo: { vid: 5 } });
  // @ts-expect-error a VLAN is a number
  await ipr.vlanFilter('add', { dev: 'v0', vlanInfo: { vid: 'all' } });
  // @ts-expect-error no such flag
  await ipr.vlanFilter('add', { dev: 'v0', vlanInfo: { vid: 5, flags: ['pvdi'] } });
  // @ts-expect-error a tunnel has an id
  await ipr.vlanFilter('add', { dev: 'v0', vlanTunnelInfo: { vid: 5 } });
  // @ts-expect-error which VLAN
  await ipr.vlandb('del', { dev: 'v0' });
  // @ts-expect-error a deletion has no settings
  await ipr.vlandb('del', { dev: 'v0', vid: 5, state: 'blocking' });
  // @ts-expect-error counters are not set
  await ipr.vlandb('set', { dev: 'v0', vid: 5, stats: {} });
  // @ts-expect-error comes out only
  await ipr.vlanGlobal('set', { dev: 'br0', vid: 5, mcastRouterPorts: {} });
  // @ts-expect-error which port
  await ipr.mdb('add', { dev: 'br0', grp: '239.1.1.1' });
  // @ts-expect-error which group
  await ipr.mdb('del', { dev: 'br0', port: 'v0' });
  // @ts-expect-error no such state
  await ipr.mdb('add', { dev: 'br0', port: 'v0', grp: '239.1.1.1', state: 'perm' });
  // @ts-expect-error no such mode
  await ipr.mdb('add', { dev: 'br0', port: 'v0', grp: '239.1.1.1', groupMode: 'exlude' });
  // @ts-expect-error no such key to filter by
  await ipr.getMdb({ group: '239.1.1.1' });
  // @ts-expect-error a flush needs to know what
  await ipr.flushMdb();
  // @ts-expect-error a link has a name
  await ipr.ensure('link', { kind: 'bridge' });
  // @ts-expect-error a next hop has an id
  await ipr.ensure('nexthop', { gateway: '10.0.0.2' });
  // @ts-expect-error no such object
  await ipr.ensure('links', { ifname: 'br0' });
  // @ts-expect-error no such key to wait for
  await ipr.poll('link', { ifnam: 'v0' });
  // @ts-expect-error milliseconds
  await ipr.poll('link', { ifname: 'v0' }, { timeout: '5' });
  // @ts-expect-error a file is bytes
  await ipr.routeLoad('routes');
  // @ts-expect-error indexes by name
  new IPBatch({ interfaces: { eth0: 'two' } });
  // @ts-expect-error a name that was not declared
  await ipr.route('add', { dst: 'default', table: 'vnp' });
  // @ts-expect-error a name that was not declared
  await ipr.link('set', { dev: 'v0', group: 'wan' });
}
