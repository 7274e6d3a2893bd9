/**
 * A program that uses the package by its public names only. It is compiled, never run: against the checkout and against
 * the packed tarball, by every supported TypeScript, with the declarations checked too.
 */
import {
  attr,
  BatchError,
  type In,
  IPRoute,
  type Link,
  type MonitorEvent,
  NetlinkError,
  nest,
  type Out,
  registerLinkKind,
  resyncTable,
  u8,
} from 'tsroute2';
import { FakeKernel, type Fault } from 'tsroute2/testing';

// A kind of the program's own.
const table = { mode: attr(1, u8) } as const;
interface OvpnData extends Out<typeof table> {}
interface OvpnDataIn extends In<typeof table> {}
const ovpn = nest<OvpnData, OvpnDataIn>('IFLA_OVPN', table);
declare module 'tsroute2' {
  interface LinkKinds {
    ovpn: typeof ovpn;
  }
}

export async function tour(): Promise<string[]> {
  const ipr = new IPRoute({ timeout: 5000 });
  const lines: string[] = [];
  try {
    for (const link of await ipr.getLinks()) {
      const vni: number | undefined = link.linkinfo?.vxlan?.id;
      const name: string | undefined = link.ifname;
      lines.push(`${link.index} ${name} ${link.mtu} ${vni ?? '-'}`);
    }
    for await (const route of ipr.routes({ table: 254 })) {
      lines.push(`${route.dst} via ${String(route.gateway)}`);
    }
    const [index] = await ipr.linkLookup({ ifname: 'eth0' });
    await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
    await ipr.link('add', { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 42, port: 4789, learning: false } });
    if (index !== undefined) {
      await ipr.link('set', { index, state: 'up', mtu: 1400 });
      await ipr.addr('add', { index, address: '10.0.0.1', prefixlen: 24 });
    }
    await ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2', metrics: { mtu: 1400 } });

    const unregister = registerLinkKind('ovpn', ovpn);
    const { object } = await ipr.link('add', { ifname: 'o0', kind: 'ovpn', ovpn: { mode: 1 } });
    const mode: number | undefined = object?.linkinfo?.ovpn?.mode;
    lines.push(String(mode));
    unregister();

    for await (const link of ipr.links({ kind: 'vxlan', state: 'up' })) lines.push(name(link));
    for await (const { address, prefixlen } of ipr.addrs({ dev: 'eth0' })) lines.push(`${address}/${prefixlen}`);
    for (const { local, scope } of await ipr.getAddr({ family: 'inet' })) lines.push(`${local} ${scope}`);
    const { dst, oif } = await ipr.route('get', { dst: '10.1.0.1' });
    lines.push(`${dst} ${oif}`);
    await ipr.route('replace', { dst: 'default', multipath: [{ gateway: '10.0.0.2', weight: 2 }, { dev: 'v0' }] });
    await ipr.route('del', { dst: 'default' }, { signal: AbortSignal.timeout(1000) });
    const { data, length } = await ipr.getRouteColumns({ table: 'main' });
    lines.push(`${length} ${data.oif?.[0]}`);

    const batch = ipr.batch();
    batch.route('add', { dst: '10.2.0.0/16', gateway: '10.0.0.2' });
    await batch.commit();

    for await (const event of ipr.monitor({ groups: ['link', 'ipv4-route'] })) {
      lines.push(told(event));
      break;
    }
  } catch (error) {
    if (error instanceof BatchError)
      lines.push(...error.results.map((result) => `${result.op} ${result.error?.message}`));
    if (!(error instanceof NetlinkError)) throw error;
    lines.push(`${error.code} ${error.op} ${error.attribute ?? ''}`);
  } finally {
    await ipr.close();
  }
  return lines;
}

function name(link: Link): string {
  return link.ifname ?? String(link.index);
}

function told(event: MonitorEvent): string {
  if (event.type === 'overrun') return `lost ${event.dropped}`;
  if (event.type !== 'message') return event.type;
  switch (event.op) {
    case 'RTM_NEWLINK':
    case 'RTM_DELLINK':
      return `${event.op} ${name(event.value)} ${event.value.linkinfo?.kind}`;
    case 'RTM_NEWADDR':
    case 'RTM_DELADDR':
      return `${event.op} ${event.value.address}/${event.value.prefixlen}`;
    case 'RTM_NEWROUTE':
    case 'RTM_DELROUTE':
      return `${event.op} ${event.value.dst}`;
    default:
      return event.op;
  }
}

/** A test of a program, over a kernel in memory. */
export async function tested(): Promise<number> {
  const kernel = new FakeKernel({ chaos: { seed: 1 } });
  const fault: Fault = { kind: 'error', errno: 105 };
  kernel.fault(fault);
  const ipr = new IPRoute({ transport: kernel.open });
  for await (const change of resyncTable(ipr, 'route', { family: 'inet' })) {
    if (change.type === 'snapshot') continue;
    const dst: string = change.row.dst;
    console.log(change.type, dst);
  }
  return kernel.faultLog.length;
}
