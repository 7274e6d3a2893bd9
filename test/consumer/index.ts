/**
 * A program that uses the package by its public names only. It is compiled, never run: against the checkout and against
 * the packed tarball, by every supported TypeScript, with the declarations checked too.
 */
import { IPRoute, NetlinkError } from 'tsroute2';

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

    const batch = ipr.batch();
    batch.route('add', { dst: '10.2.0.0/16', gateway: '10.0.0.2' });
    await batch.commit();

    for await (const event of ipr.monitor({ groups: ['link', 'ipv4-route'] })) {
      if (event.type === 'overrun') lines.push(`lost ${event.dropped}`);
      break;
    }
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    lines.push(`${error.code} ${error.op} ${error.attribute ?? ''}`);
  } finally {
    await ipr.close();
  }
  return lines;
}
