/** Addresses, routes, batches, events, errors, tables: what compiles, and what must not. */
import {
  type AddrRow,
  attr,
  BatchError,
  bool8,
  cstr,
  type In,
  IPRoute,
  type MonitorEvent,
  many,
  message,
  NetlinkError,
  type Out,
  type RouteRow,
  struct,
  u32,
  words,
} from 'tsroute2';

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(event: MonitorEvent, error: unknown): Promise<void> {
  await ipr.addr('add', { index: 1, address: '10.0.0.1', prefixlen: 24, broadcast: true });
  await ipr.addr('replace', { dev: 'eth0', address: '10.0.0.1/24', validLft: 60, preferredLft: 'forever' });
  await ipr.addr('del', { dev: 'eth0', local: '10.0.0.1', address: '10.0.0.2' });
  const addresses: AddrRow[] = await ipr.getAddr({ family: 'inet6', scope: 'global', dev: 'eth0' });
  for await (const row of ipr.addrs()) is<Equal<typeof row, AddrRow>>();
  const count: number = await ipr.flushAddr({ all: true });
  await ipr.flushAddr({ dev: 'eth0' });
  await ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2', metrics: { mtu: 1400 }, proto: 'static' });
  await ipr.route('add', { dst: 'default', multipath: [{ gateway: '10.0.0.2', weight: 2 }, { dev: 'eth0' }] });
  await ipr.route('del', { dst: 'default', table: 'main' });
  const route: RouteRow = await ipr.route('get', { dst: '10.0.0.1' });
  await ipr.getRoutes({ table: 254, type: 'unicast', oif: 'eth0', dst: '10.0.0.0/8' });
  for await (const row of ipr.routes({ table: 'main' })) is<Equal<typeof row, RouteRow>>();
  for await (const view of ipr.routeViews()) {
    const gateway: string | undefined = view.gateway;
    void gateway;
  }
  const { data, length } = await ipr.getRouteColumns({ family: 'inet' });
  const batch = ipr.batch().route('add', { dst: '10.2.0.0/16', oif: 1 }).link('del', { index: 2 });
  const { results } = await batch.commit({ partial: true, acks: 'each' });
  const first: Error | null | undefined = results[0]?.error;
  if (event.type === 'overrun') is<Equal<typeof event.dropped, number>>();
  if (event.type === 'message') {
    if (event.op === 'RTM_NEWLINK' || event.op === 'RTM_DELLINK') {
      const name: string | undefined = event.value.ifname;
      void name;
    } else if (event.op === 'RTM_NEWADDR') {
      const len: number = event.value.prefixlen;
      void len;
    } else if (event.op === 'RTM_NEWROUTE') {
      const dst: string = event.value.dst;
      void dst;
    }
  }
  if (error instanceof NetlinkError) {
    const attribute: string | undefined = error.attribute;
    is<Equal<typeof error.attributeSource, 'kernel' | 'missing' | 'inferred' | undefined>>();
    void attribute;
  }
  if (error instanceof BatchError) void error.results.length;
  await using other = new IPRoute({ netns: 'blue', groups: ['link', 1], rcvbuf: 1 << 20, timeout: 5000 });
  void [addresses, count, route, data, length, first, other];
}

export async function bad(event: MonitorEvent, error: unknown): Promise<void> {
  // @ts-expect-error no such verb
  await ipr.addr('set', { index: 1, address: '10.0.0.1/24' });
  // @ts-expect-error no interface
  await ipr.addr('add', { address: '10.0.0.1/24' });
  // @ts-expect-error no address
  await ipr.addr('add', { index: 1 });
  // @ts-expect-error no such key
  await ipr.addr('add', { index: 1, address: '10.0.0.1/24', adress: 'x' });
  // @ts-expect-error an address is text
  await ipr.addr('add', { index: 1, address: 0x0a000001 });
  // @ts-expect-error no such scope
  await ipr.addr('add', { index: 1, address: '10.0.0.1/24', scope: 'galaxy' });
  // @ts-expect-error no such flag
  await ipr.addr('add', { index: 1, address: '10.0.0.1/24', flags: ['nope'] });
  // @ts-expect-error seconds or 'forever'
  await ipr.addr('add', { index: 1, address: '10.0.0.1/24', validLft: 'never' });
  // @ts-expect-error no such key to filter by
  await ipr.getAddr({ ifname: 'eth0' });
  // @ts-expect-error a flush needs to know what
  await ipr.flushAddr();
  // @ts-expect-error all or not
  await ipr.flushRoutes({ all: false });
  // @ts-expect-error no such verb
  await ipr.route('delete', { dst: 'default' });
  // @ts-expect-error an absent destination is not the default route
  await ipr.route('add', { gateway: '10.0.0.1' });
  // @ts-expect-error nor is an undefined one
  await ipr.route('del', { dst: undefined });
  // @ts-expect-error a route that may be any
  await ipr.route('del', {});
  // @ts-expect-error no such key
  await ipr.route('add', { dst: 'default', gatway: '10.0.0.1' });
  // @ts-expect-error no such metric
  await ipr.route('add', { dst: 'default', metrics: { mut: 1400 } });
  // @ts-expect-error a metric is a number
  await ipr.route('add', { dst: 'default', metrics: { mtu: '1400' } });
  // @ts-expect-error no such key of a next hop
  await ipr.route('add', { dst: 'default', multipath: [{ gatway: '10.0.0.1' }] });
  // @ts-expect-error next hops are an array
  await ipr.route('add', { dst: 'default', multipath: { gateway: '10.0.0.1' } });
  // @ts-expect-error no such table
  await ipr.route('add', { dst: 'default', table: 'mian' });
  // @ts-expect-error no such type
  await ipr.route('add', { dst: 'default', type: 'unicorn' });
  // @ts-expect-error no such protocol
  await ipr.route('add', { dst: 'default', proto: 'magic' });
  // @ts-expect-error no such key to filter by
  await ipr.getRoutes({ tabel: 254 });
  // @ts-expect-error no such word
  ipr.routes({ table: 'mian' });
  // @ts-expect-error a get has one destination
  await ipr.route('get', {});
  // @ts-expect-error groups are needed
  ipr.monitor({});
  // @ts-expect-error no such group
  ipr.monitor({ groups: ['links'] });
  // @ts-expect-error no such option
  ipr.monitor({ groups: ['link'], rcvbuff: 1 });
  // @ts-expect-error which event it is must be asked first
  void event.value;
  // @ts-expect-error an overrun has no message
  if (event.type === 'overrun') void event.value;
  // @ts-expect-error an address has no destination
  if (event.type === 'message' && event.op === 'RTM_NEWADDR') void event.value.dst;
  // @ts-expect-error no such message
  if (event.type === 'message' && event.op === 'RTM_NEWPUPPY') return;
  // @ts-expect-error a batch has no reads
  ipr.batch().link('get', { index: 1 });
  // @ts-expect-error a batch checks payloads too
  ipr.batch().link('add', { ifname: 'x', kind: 'bridge', vxlan: { id: 1 } });
  // @ts-expect-error no destination
  ipr.batch().route('add', { oif: 1 });
  // @ts-expect-error no such option
  await ipr.batch().commit({ partail: true });
  // @ts-expect-error no such option
  new IPRoute({ netnss: 'blue' });
  // @ts-expect-error a timeout is a number
  new IPRoute({ timeout: '5' });
  // @ts-expect-error no such group
  new IPRoute({ groups: ['lnk'] });
  // @ts-expect-error what was thrown must be asked first
  void error.code;
  // @ts-expect-error errors are not changed
  if (error instanceof NetlinkError) error.code = 'EEXIST';
}

const table = {
  depth: attr(1, u32),
  label: attr(2, cstr),
  on: attr(3, bool8),
  mode: attr(4, words(u32, { slow: 0, fast: 1 })),
  ports: attr(5, many(u32)),
} as const;
interface Mine extends Out<typeof table> {}
interface MineIn extends In<typeof table> {}
const mine = message<Mine, MineIn>({
  name: 'mymsg',
  prefix: 'MY',
  header: struct((r) => ({ family: r.u8(0) }), 4),
  table,
  types: {},
});

export function tables(bytes: Uint8Array): void {
  const found = mine.decode(bytes);
  is<Equal<typeof found.depth, number | undefined>>();
  is<Equal<typeof found.mode, number | 'slow' | 'fast' | undefined>>();
  is<Equal<typeof found.ports, number[] | undefined>>();
  const input: MineIn = { mode: 'fast', on: 1, ports: [1, 2] };
  // @ts-expect-error no such word
  const word: MineIn = { mode: 'faster' };
  // @ts-expect-error no such key
  const key: MineIn = { dept: 1 };
  // @ts-expect-error text is no number
  const text: MineIn = { depth: '1' };
  // @ts-expect-error no such key when read
  void found.dept;
  // @ts-expect-error a number is needed
  attr('1', u32);
  // @ts-expect-error words are numbers
  words(u32, { slow: 'x' });
  void [input, word, key, text];
}
