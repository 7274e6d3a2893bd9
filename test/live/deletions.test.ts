/** Deletions that say more than the kernel looks at: refused, so that nothing else goes in place of what was meant; `ip` is the witness. */
import t from 'tap';
import type { AddrSpec, FdbSpec, LinkTarget, NeighbourSpec } from 'tsroute2';
import { type Place, place } from '../witness/live.js';

t.setTimeout(600_000);

const refused = (field: string): never => ({ name: 'InputError', code: 'ERR_CONFLICT', field }) as never;
const mac = (n: number): string => `02:00:00:00:00:0${n}`;

async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
}

t.test('neighbours', async (t) => {
  const p = await place(t);
  await linked(p);
  const me = { dev: 'e0', dst: '10.0.0.2' };
  const there = () => p.ip('neighbour', 'show', 'dev', 'e0', 'nud', 'permanent').length;
  await p.ipr.neigh('add', { ...me, lladdr: mac(1) });
  const more: [NeighbourSpec, string][] = [
    [{ ...me, lladdr: mac(9) }, 'lladdr'],
    [{ ...me, state: 'stale' }, 'state'],
    [{ ...me, nud: 'stale' }, 'nud'],
    [{ ...me, router: true }, 'router'],
    [{ ...me, flags: ['router', 'proxy'] }, 'flags'],
    [{ ...me, managed: true }, 'managed'],
    [{ ...me, protocol: 'static' }, 'protocol'],
  ];
  for (const [spec, key] of more) {
    await t.rejects(p.ipr.neigh('del', spec), refused(key), key);
    t.throws(() => p.ipr.batch().neigh('del', spec), refused(key), `batch: ${key}`);
    await t.rejects(p.ipr.ensureGone('neigh', spec), refused(key), `ensureGone: ${key}`);
  }
  t.equal(there(), 1, 'it is there still');
  const [row] = await p.ipr.getNeighbours({ dst: me.dst });
  await p.ipr.neigh('del', row!);
  t.equal(there(), 0, 'a row that was read says which one');
  await p.ipr.neigh('add', { ...me, lladdr: mac(1) });
  await p.ipr.neigh('del', { ...me, family: 'inet' });
  t.equal(there(), 0);
  await p.ipr.neigh('add', { ...me, proxy: true });
  const [proxy] = await p.ipr.getNeighbours({ proxy: true });
  await p.ipr.neigh('del', proxy!);
  t.same(p.ip('neighbour', 'show', 'proxy'), []);
});

t.test('neighbours are not said what they do not have', async (t) => {
  const p = await place(t);
  await linked(p);
  const spec = { dev: 'e0', dst: '10.0.0.3', lladdr: mac(1) };
  await t.rejects(p.ipr.neigh('add', { ...spec, vlan: 5 } as never), refused('vlan'));
  t.same(p.ip('neighbour', 'show', 'dev', 'e0', 'nud', 'permanent'), []);
  await p.ipr.neigh('add', { ...spec, protocol: 'static', router: true });
  const [row] = await p.ipr.getNeighbours({ dst: spec.dst });
  await p.ipr.neigh('replace', row!);
  t.match(p.ip('neighbour', 'show', 'dev', 'e0', 'nud', 'permanent'), [{ dst: spec.dst, lladdr: mac(1) }], 'a row');
});

t.test('labels of addresses', async (t) => {
  const p = await place(t);
  const address = '2001:db8::/32';
  const there = () => p.ip('addrlabel', 'list').filter((row) => row.address === '2001:db8::').length;
  await p.ipr.addrlabel('add', { address, label: 77 });
  await t.rejects(p.ipr.addrlabel('del', { address, label: 99 }), refused('label'));
  t.equal(there(), 1);
  const [row] = await p.ipr.getAddrLabels({ label: 77 });
  await p.ipr.addrlabel('del', row!);
  t.equal(there(), 0);
  await p.ipr.addrlabel('add', row!);
  t.match(await p.ipr.getAddrLabels({ label: 77 }), [{ prefixlen: 32 }], 'and goes in again');
  await p.ipr.addrlabel('del', { address });
  t.equal(there(), 0);
});

t.test('addresses', async (t) => {
  const p = await place(t);
  await linked(p);
  const there = (family: '-4' | '-6') => {
    const rows = p.ip(family, 'address', 'show', 'dev', 'e0', 'scope', 'global');
    return rows.flatMap((row) => (row.addr_info as object[] | undefined) ?? []).filter((one) => 'local' in one).length;
  };
  const six = { dev: 'e0', address: '2001:db8::1/64' };
  const four = { dev: 'e0', address: '10.0.0.1/16' };
  await p.ipr.addr('add', { ...six, flags: ['nodad'] });
  await p.ipr.addr('add', four);
  const more: [AddrSpec, string][] = [
    [{ ...six, scope: 'link' }, 'scope'],
    [{ ...six, label: 'e0:x' }, 'label'],
    [{ ...six, proto: 5 }, 'proto'],
    [{ ...six, validLft: 60 }, 'validLft'],
    [{ ...six, flags: ['nodad'] }, 'flags'],
    [{ ...six, targetNetnsid: 4 }, 'targetNetnsid'],
    [{ dev: 'e0', local: '2001:db8::1', address: '2001:db8::9/64' }, 'address'],
    [{ ...four, scope: 'link' }, 'scope'],
    [{ ...four, broadcast: '10.0.9.255' }, 'broadcast'],
    [{ ...four, rtPriority: 5 }, 'rtPriority'],
    [{ ...four, flags: ['noprefixroute'] }, 'flags'],
    [{ dev: 'e0', local: '10.0.0.1', address: '10.0.77.1/16' }, 'address'],
  ];
  for (const [spec, key] of more) await t.rejects(p.ipr.addr('del', spec), refused(key), `${spec.address} ${key}`);
  const absent = { code: 'EADDRNOTAVAIL' } as never;
  await t.rejects(p.ipr.addr('del', { dev: 'e0', local: '10.0.0.1/24' }), absent, 'the length counts');
  await t.rejects(p.ipr.addr('del', { dev: 'e0', local: '10.0.0.1' }), absent, 'as does that of the whole address');
  await t.rejects(p.ipr.addr('del', { ...four, label: 'e0:none' }), absent, 'and the label');
  t.same([there('-4'), there('-6')], [1, 1], 'both are there still');
  await p.ipr.addr('del', { dev: 'e0', local: '10.0.0.1/16' });
  await p.ipr.addr('del', { ...six, flags: ['managetempaddr'] });
  t.same([there('-4'), there('-6')], [0, 0]);

  p.batch([
    'address add 2001:db8::1 peer 2001:db8::5/64 dev e0 nodad',
    'address add 10.0.0.1 peer 10.9.0.5/24 dev e0',
    'address add 10.0.0.1 peer 10.9.1.5/32 dev e0 label e0:p',
  ]);
  t.same([there('-4'), there('-6')], [2, 1]);
  await p.ipr.addr('del', { dev: 'e0', local: '10.0.0.1', address: '10.9.1.5' });
  t.equal(there('-4'), 1, 'a peer that is one address is looked at');
  for (const row of await p.ipr.getAddr({ dev: 'e0', scope: 'global' })) await p.ipr.addr('del', row);
  t.same([there('-4'), there('-6')], [0, 0], 'rows say which one');
});

t.test('addresses are not said what they do not have', async (t) => {
  const p = await place(t);
  await linked(p);
  const six = { dev: 'e0', address: '2001:db8::1/64' };
  const none: [AddrSpec, string][] = [
    [{ ...six, label: 'e0:x' }, 'label'],
    [{ ...six, broadcast: '2001:db8::ff' }, 'broadcast'],
    [{ ...six, anycast: '2001:db8::' }, 'anycast'],
    [{ dev: 'e0', address: '10.0.0.1/24', targetNetnsid: 3 }, 'targetNetnsid'],
  ];
  for (const [spec, key] of none) await t.rejects(p.ipr.addr('add', spec), refused(key), key);
  t.same(await p.ipr.getAddr({ dev: 'e0', scope: 'global' }), []);
});

t.test('forwarding entries', async (t) => {
  const p = await place(t);
  await linked(p);
  // Where bridges filter VLANs, there would be an entry of VLAN 1 beside each.
  await p.ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up', bridge: { vlanDefaultPvid: 0 } });
  await p.ipr.link('set', { dev: 'e1', master: 'br0' });
  const port = { dev: 'e1', lladdr: mac(1), master: true };
  const of = (dev: string, lladdr = mac(1)) => p.bridge('fdb', 'show', 'dev', dev).filter((row) => row.mac === lladdr);
  await p.ipr.fdb('add', { ...port, state: 'static' });
  const more: [FdbSpec, string][] = [
    [{ ...port, state: 'permanent' }, 'state'],
    [{ ...port, sticky: true }, 'sticky'],
    [{ ...port, flags: ['master', 'sticky'] }, 'flags'],
    [{ ...port, protocol: 'static' }, 'protocol'],
    [{ ...port, dst: '10.0.0.8' }, 'dst'],
    [{ ...port, srcVni: 5 }, 'srcVni'],
  ];
  for (const [spec, key] of more) await t.rejects(p.ipr.fdb('del', spec), refused(key), key);
  await t.rejects(p.ipr.fdb('add', { ...port, lladdr: mac(2), dst: '10.0.0.8' }), refused('dst'));
  t.equal(of('e1').length, 1);
  await p.ipr.fdb('del', port);
  t.equal(of('e1').length, 0);

  await p.ipr.fdb('add', { dev: 'e0', lladdr: mac(1) });
  await p.ipr.fdb('del', { dev: 'e0', lladdr: mac(1) });
  t.equal(of('e0').length, 0, 'of a link without a table of its own');

  await p.ipr.link('add', { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 5, port: 4789 } });
  const far = { dev: 'vx0', lladdr: mac(1) };
  await p.ipr.fdb('add', { ...far, dst: '10.0.0.8', vni: 7 });
  const wider: [FdbSpec, string][] = [
    [{ ...far, vni: 9 }, 'vni'],
    [{ ...far, port: 9 }, 'port'],
    [{ ...far, via: 'e0' }, 'via'],
    [{ ...far, nhId: 9 }, 'nhId'],
    [{ ...far, nhid: 9 }, 'nhid'],
    [{ ...far, dst: '10.0.0.8', vlan: 9 }, 'vlan'],
  ];
  for (const [spec, key] of wider) await t.rejects(p.ipr.fdb('del', spec), refused(key), key);
  t.match(of('vx0'), [{ dst: '10.0.0.8', vni: 7 }]);
  for (const row of await p.ipr.getFdb({ dev: 'vx0', lladdr: mac(1) })) await p.ipr.fdb('del', row);
  t.equal(of('vx0').length, 0, 'a row says which one');
  for (const vni of [7, 8])
    await p.ipr.fdb('append', { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '10.0.0.8', vni });
  await p.ipr.fdb('del', { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '10.0.0.8', vni: 7 });
  t.match(of('vx0', '00:00:00:00:00:00'), [{ vni: 8 }]);
  t.equal(of('vx0', '00:00:00:00:00:00').length, 1);
});

t.test('VLANs', async (t) => {
  const p = await place(t);
  await linked(p);
  await t.rejects(p.ipr.vlanFilter('del', { dev: 'e1', vlanInfo: { vid: 7, pvid: true } }), {
    field: 'vlanInfo.pvid',
  } as never);
});

t.test('links', async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.link('add', { ifname: 'b0', kind: 'bridge', mtu: 1400 });
  const index = await p.index('b0');
  const names = () => p.ip('link', 'show').map(({ ifname }) => ifname);
  const more: [LinkTarget, string][] = [
    [{ dev: 'b0', kind: 'vxlan' }, 'kind'],
    [{ dev: 'b0', mtu: 1500 }, 'mtu'],
    [{ dev: 'b0', state: 'up' }, 'state'],
    [{ dev: 'b0', master: null }, 'master'],
    [{ dev: 'b0', group: 5 }, 'group'],
    [{ dev: 'b0', netns: 'none' }, 'netns'],
    [{ dev: 'b0', linkinfo: { kind: 'vxlan' } }, 'linkinfo'],
    [{ dev: 'b0', ifname: 'e0' }, 'ifname'],
    [{ index, ifname: 'e0' }, 'ifname'],
  ];
  for (const [spec, key] of more) {
    await t.rejects(p.ipr.link('del', spec), refused(key), key);
    t.throws(() => p.ipr.batch().link('del', spec), refused(key), `batch: ${key}`);
  }
  // Whether it is a tun device is seen when it is to be deleted.
  const tun = { dev: 'b0', kind: 'tuntap' } as const;
  await t.rejects(p.ipr.link('del', tun), refused('kind'));
  const { results } = await p.ipr.batch().link('del', tun).commit({ partial: true });
  t.match(results, [{ error: refused('kind') }]);
  await t.rejects(p.ipr.link('get', { index, ifname: 'e0' }), refused('ifname'));
  t.ok(names().includes('b0'), 'it is there still');
  const row = await p.ipr.link('get', { dev: 'b0' });
  await p.ipr.link('del', row);
  t.notOk(names().includes('b0'), 'a row says which one');
  t.ok(names().includes('e0'));
});
