/** Kinds of links and encapsulations of routes: what compiles, and what must not. */
import type { IPRoute, Link, Route } from 'tsroute2';

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(link: Link, route: Route): Promise<void> {
  is<Equal<NonNullable<NonNullable<Link['linkinfo']>['vlan']>['id'], number | undefined>>();
  is<Equal<NonNullable<NonNullable<Link['linkinfo']>['macsec']>['sci'], bigint | undefined>>();
  const mode: string | number | undefined = link.linkinfo?.bond?.mode;
  const targets: string[] | undefined = link.linkinfo?.bond?.arpIpTarget;
  const aggregator: number | undefined = link.linkinfo?.bond?.adInfo?.aggregator;
  const prio: number | undefined = link.linkinfo?.bond_slave?.prio;
  const table: number | undefined = link.linkinfo?.vrf_slave?.table;
  const external: boolean | undefined = link.linkinfo?.gretap?.collectMetadata;
  await ipr.link('add', {
    ifname: 'x',
    kind: 'vlan',
    link: 'eth0',
    vlan: { id: 5, flags: { flags: 1, mask: ['gvrp'] } },
  });
  await ipr.link('add', { ifname: 'x', kind: 'bond', bond: { mode: '802.3ad', arpIpTarget: ['10.0.0.1'] } });
  await ipr.link('add', { ifname: 'x', kind: 'bond', bond: { mode: 4, primary: 'eth0' } });
  await ipr.link('add', { ifname: 'x', kind: 'sit', sit: { '6rdPrefix': '2001:db8::', flags: 'isatap' } });
  await ipr.link('add', {
    ifname: 'x',
    kind: 'erspan',
    erspan: { iflags: ['key', 'seq'], ikey: 5, erspanDir: 'egress' },
  });
  await ipr.link('add', { ifname: 'x', kind: 'netkit', peer: 'y', netkit: { policy: 'blackhole' } });
  await ipr.link('add', { ifname: 'x', kind: 'wireguard' });
  await ipr.link('add', { ifname: 'x', kind: 'macsec', link: 'eth0', macsec: { sci: 5n, cipherSuite: 'GCM-AES-256' } });
  await ipr.link('set', { dev: 'eth0', kind: 'bond_slave', bond_slave: { queueId: 5 } });
  const { bond } = link.linkinfo ?? {};
  if (bond !== undefined) await ipr.link('add', { ifname: 'copy', kind: 'bond', bond });

  const segs: string[] | undefined = route.encap?.seg6?.segs;
  is<Equal<NonNullable<NonNullable<Route['encap']>['ip']>['id'], bigint | undefined>>();
  await ipr.route('add', { dst: 'default', dev: 'eth0', encap: { seg6: { mode: 'encap', segs: 'fc00::1,fc00::2' } } });
  await ipr.route('add', { dst: 'default', gateway: '10.0.0.2', encap: { mpls: { dst: [100, 200] } } });
  await ipr.route('add', {
    dst: 'default',
    encapType: 'ip',
    encap: { ip: { id: 5, dst: '10.0.0.9', flags: ['key'] } },
  });
  await ipr.route('add', { dst: 'default', multipath: [{ dev: 'eth0', encap: { mpls: { dst: '100' } } }] });
  const { encap, encapType } = route;
  if (encap !== undefined && encapType !== undefined) await ipr.route('add', { dst: 'default', encap, encapType });
  void [mode, targets, aggregator, prio, table, external, segs];
}

export async function bad(link: Link, route: Route): Promise<void> {
  // @ts-expect-error no such key of vlan
  await ipr.link('add', { ifname: 'x', kind: 'vlan', vlan: { vid: 5 } });
  // @ts-expect-error no such mode
  await ipr.link('add', { ifname: 'x', kind: 'bond', bond: { mode: 'lacp' } });
  // @ts-expect-error a list of addresses
  await ipr.link('add', { ifname: 'x', kind: 'bond', bond: { arpIpTarget: '10.0.0.1' } });
  // @ts-expect-error the payload of a kind that is written alike
  await ipr.link('add', { ifname: 'x', kind: 'gretap', gre: { remote: '10.0.0.1' } });
  // @ts-expect-error no such flag
  await ipr.link('add', { ifname: 'x', kind: 'gre', gre: { iflags: ['checksum'] } });
  // @ts-expect-error options of a port are not those of the bond
  await ipr.link('set', { dev: 'x', kind: 'bond_slave', bond_slave: { mode: 4 } });
  // @ts-expect-error 64 bits as text
  await ipr.link('add', { ifname: 'x', kind: 'macsec', macsec: { sci: '5' } });
  // @ts-expect-error no such cipher
  await ipr.link('add', { ifname: 'x', kind: 'macsec', macsec: { cipherSuite: 'GCM-AES-192' } });
  // @ts-expect-error what only comes from the controller
  await ipr.link('set', { dev: 'x', kind: 'can', can: { bittimingConst: { name: 'x' } } });
  // @ts-expect-error a number that may not be there
  const id: number = link.linkinfo?.vlan?.id;
  // @ts-expect-error no such key of a bond
  const slaves = link.linkinfo?.bond?.slaves;
  // @ts-expect-error no such mode
  await ipr.route('add', { dst: 'default', encap: { seg6: { mode: 'around', segs: ['fc00::1'] } } });
  // @ts-expect-error segments are needed
  await ipr.route('add', { dst: 'default', encap: { seg6: { mode: 'encap' } } });
  // @ts-expect-error no such action
  await ipr.route('add', { dst: 'default', encap: { seg6local: { action: 'End.Q' } } });
  // @ts-expect-error no such encapsulation
  await ipr.route('add', { dst: 'default', encap: { gre: { key: 5 } } });
  // @ts-expect-error identifiers of 64 bits are bigint
  const tunnel: number | undefined = route.encap?.ip?.id;
  void [id, slaves, tunnel];
}
