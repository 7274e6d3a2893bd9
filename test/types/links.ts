/** Links: what compiles, and what must not. */
import {
  attr,
  type IPRoute,
  type Link,
  type LinkRow,
  type LinkSpec,
  nest,
  registerLinkKind,
  type Type,
  u16,
  u32,
} from 'tsroute2';

declare const ipr: IPRoute;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>(): void => {};

export async function good(link: Link): Promise<void> {
  is<Equal<NonNullable<NonNullable<typeof link.linkinfo>['vxlan']>['id'], number | undefined>>();
  const vni: number | undefined = link.linkinfo?.vxlan?.id;
  const peers: string | undefined = link.linkinfo?.kind;
  const cost: number | undefined = link.linkinfo?.bridge_slave?.cost;
  const raw: Uint8Array | undefined = link.linkinfo?.data;
  const word: string | number | undefined = link.operstate;
  is<Equal<typeof link.state, 'up' | 'down'>>();
  is<Equal<typeof link.index, number>>();
  const counter: number | undefined = link.stats64?.rxBytes;

  const added = await ipr.link('add', { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 42, port: 4789, learning: false } });
  const object: LinkRow | undefined = added.object;
  const warnings: string[] = added.warnings;
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: { ifname: 'v1', netns: 'blue', mtu: 1400 } });
  await ipr.link('add', { ifname: 'd0', kind: 'dummy' });
  await ipr.link('add', { ifname: 'd0', linkinfo: { kind: 'dummy' } });
  await ipr.link('add', { ifname: 'x0', linkinfo: { kind: 'unheardof', data: new Uint8Array(4) } });
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', bridge: { stpState: 1 } }, { timeout: 1000, echo: true });
  await ipr.link('set', { index: 1, state: 'up', mtu: 1400, master: 'br0' });
  await ipr.link('set', { dev: 'eth0', master: null, flags: ['UP', 'PROMISC'] });
  await ipr.link('set', { dev: 'eth0', kind: 'bridge_slave', bridge_slave: { cost: 5 } });
  await ipr.link('property_add', { dev: 'eth0', altIfname: ['uplink', 'wan'] });
  await ipr.link('del', { ifname: 'd0' });
  await ipr.link('replace', { ifname: 'd0', kind: 'dummy' });
  is<Equal<Awaited<ReturnType<typeof one>>, LinkRow>>();
  const list: LinkRow[] = await ipr.link('dump', { kind: 'vxlan', state: 'up' });
  await ipr.getLinks({ mtu: (mtu) => (mtu ?? 0) > 1500, 'linkinfo.vxlan.id': 42, master: 'br0' });
  await ipr.getLinks((row) => row.linkinfo?.vxlan !== undefined);
  for await (const row of ipr.links({ kind: 'veth' })) is<Equal<typeof row, LinkRow>>();
  const [index] = await ipr.linkLookup({ ifname: 'eth0' });
  is<Equal<typeof index, number | undefined>>();
  // What comes out can be put in again.
  const kind = link.linkinfo?.vxlan;
  if (kind !== undefined) await ipr.link('add', { ifname: 'copy', kind: 'vxlan', vxlan: kind });
  const variable: LinkSpec = { ifname: 'x', kind: 'macvlan', macvlan: { mode: 'bridge' } };
  void [vni, peers, cost, raw, word, counter, object, warnings, list, variable];
}
const one = () => ipr.link('get', { index: 1 });

export async function bad(link: Link): Promise<void> {
  // @ts-expect-error no such verb
  await ipr.link('create', { ifname: 'x', kind: 'dummy' });
  // @ts-expect-error no such key
  await ipr.link('add', { ifname: 'x', kind: 'dummy', mut: 1400 });
  // @ts-expect-error no such key of vxlan
  await ipr.link('add', { ifname: 'x', kind: 'vxlan', vxlan: { idd: 42 } });
  // @ts-expect-error no such key of a veth's peer
  await ipr.link('add', { ifname: 'x', kind: 'veth', peer: { ifname: 'y', speed: 1 } });
  // @ts-expect-error the payload of another kind
  await ipr.link('add', { ifname: 'x', kind: 'bridge', vxlan: { id: 42 } });
  // @ts-expect-error the payload of a kind that has none here
  await ipr.link('add', { ifname: 'x', kind: 'dummy', vxlan: { id: 42 } });
  // @ts-expect-error two payloads
  await ipr.link('add', { ifname: 'x', kind: 'vxlan', vxlan: { id: 42 }, bridge: {} });
  // @ts-expect-error a link without a kind
  await ipr.link('add', { ifname: 'x' });
  // @ts-expect-error no argument
  await ipr.link('add');
  // @ts-expect-error a number as text
  await ipr.link('set', { index: 1, mtu: '1400' });
  // @ts-expect-error nothing is selected
  await ipr.link('set', { mtu: 1400 });
  // @ts-expect-error nothing is selected
  await ipr.link('del', {});
  // @ts-expect-error an undefined selector alone
  await ipr.link('del', { index: undefined });
  // @ts-expect-error nothing is selected
  await ipr.link('get', {});
  // @ts-expect-error attributes are no selector
  await ipr.link('get', { mtu: 1400 });
  // @ts-expect-error neither up nor down
  await ipr.link('set', { index: 1, state: 'UP' });
  // @ts-expect-error no such flag
  await ipr.link('set', { index: 1, flags: ['SIDEWAYS'] });
  // @ts-expect-error a boolean is no number
  await ipr.link('set', { index: 1, txqlen: true });
  // @ts-expect-error a number is no boolean
  await ipr.link('set', { index: 1, arp: 0 });
  // @ts-expect-error bytes are no text
  await ipr.link('set', { index: 1, physPortId: 'ff' });
  // @ts-expect-error options come last
  await ipr.link('set', { index: 1, mtu: 1400, timeout: 5 });
  // @ts-expect-error no such option
  await ipr.link('set', { index: 1, mtu: 1400 }, { timeot: 5 });
  // @ts-expect-error an option of dumps
  await ipr.link('set', { index: 1, mtu: 1400 }, { onInterrupted: 'retry' });
  // @ts-expect-error no such policy
  await ipr.getLinks({}, { onInterrupted: 'again' });
  // @ts-expect-error no such key to filter by
  await ipr.getLinks({ ifnam: 'eth0' });
  // @ts-expect-error no such state
  await ipr.getLinks({ state: 'UP' });
  // @ts-expect-error an object is never equal
  await ipr.getLinks({ linkinfo: { kind: 'vxlan' } });
  // @ts-expect-error a filter that does not look at links
  await ipr.getLinks((row: string) => row === '');
  // @ts-expect-error a link that may not be there
  const index: number = (await ipr.linkLookup({ ifname: 'eth0' }))[0];
  // @ts-expect-error a payload that may not be there
  const id: number = link.linkinfo.vxlan.id;
  // @ts-expect-error no such key of a link
  const speed = link.speed;
  // @ts-expect-error no such key of vxlan
  const vni = link.linkinfo?.vxlan?.vni;
  // @ts-expect-error no such kind
  const geneve = link.linkinfo?.wireless9000;
  // @ts-expect-error words as the kernel's numbers
  await ipr.link('add', { ifname: 'x', kind: 'macvlan', macvlan: { mode: 'bridged' } });
  // @ts-expect-error the old spelling
  await ipr.link('add', { ifname: 'x', kind: 'vxlan', vxlan: { vxlan_id: 42 } });
  // @ts-expect-error null frees of a master only
  await ipr.link('set', { index: 1, mtu: null });
  // @ts-expect-error a write gives a result, not a link
  const wrong: LinkRow = await ipr.link('set', { index: 1, mtu: 1400 });
  void [index, id, speed, vni, geneve, wrong];
}

const table = { vlanId: attr(1, u16), depth: attr(2, u32) } as const;
interface Mine {
  vlanId?: number;
  depth?: number;
}
const mine: Type<Mine, Mine> = nest<Mine, Mine>('IFLA_MINE', table);
declare module 'tsroute2' {
  interface LinkKinds {
    mine: typeof mine;
  }
}

export async function merged(link: Link): Promise<void> {
  const unregister: () => void = registerLinkKind('mine', mine);
  await ipr.link('add', { ifname: 'm0', kind: 'mine', mine: { vlanId: 5 } });
  const depth: number | undefined = link.linkinfo?.mine?.depth;
  // @ts-expect-error no such key of the user's kind
  await ipr.link('add', { ifname: 'm0', kind: 'mine', mine: { vlanid: 5 } });
  // @ts-expect-error the payload of another kind
  await ipr.link('add', { ifname: 'm0', kind: 'vxlan', mine: { vlanId: 5 } });
  // @ts-expect-error not a type of attribute
  registerLinkKind('other', { vlanId: 5 });
  void [unregister, depth];
}
