/** An error names the field as the call had it, not as the message has. */
import t from 'tap';
import { InputError, MPTCP } from '../../src/index.js';
import type { Call } from './calls.js';
import { Recorder } from './recorder.js';
import { refused } from './refused.js';

const lladdr = '02:00:00:00:00:01';
const dst = '10.0.0.0/8';
const LONG = 'x'.repeat(300);
const group = { dev: 1, port: 2, grp: '239.1.1.1' };

const cases: readonly (readonly [field: string, call: Call])[] = [
  ['vxlan.id', (i) => i.link('add', { kind: 'vxlan', ifname: 'x', vxlan: { id: -1 } })],
  ['linkinfo.vxlan.id', (i) => i.link('add', { ifname: 'x', linkinfo: { kind: 'vxlan', vxlan: { id: -1 } } })],
  ['kind', (i) => i.link('add', { kind: LONG, ifname: 'x' })],
  ['peer.mtu', (i) => i.link('add', { kind: 'veth', ifname: 'x', peer: { mtu: -1 } })],
  ['veth.peer.mtu', (i) => i.link('add', { kind: 'veth', ifname: 'x', veth: { peer: { mtu: -1 } } })],
  ['peer', (i) => i.link('add', { kind: 'veth', ifname: 'x', peer: LONG })],
  ['peer.ifname', (i) => i.link('add', { kind: 'veth', ifname: 'x', peer: { ifname: LONG } })],
  ['peer.mtu', (i) => i.link('add', { kind: 'netkit', ifname: 'x', peer: { mtu: -1 } })],
  ['peer.netnss', (i) => i.link('add', { kind: 'vxcan', ifname: 'x', peer: { netnss: 'y' } })],
  ['altIfname', (i) => i.link('property_add', { dev: 1, altIfname: LONG })],
  ['altIfname[1]', (i) => i.link('property_add', { dev: 1, altIfname: ['a', LONG] })],
  ['ifname', (i) => i.link('set', { ifname: LONG, mtu: 1400 })],
  ['ifname', (i) => i.link('get', { ifname: LONG })],
  ['dev', (i) => i.link('get', { dev: LONG })],
  ['altIfname', (i) => i.link('get', { altIfname: LONG })],
  ['kind', (i) => i.getLinks({ kind: LONG })],
  ['bridge_slave.cost', (i) => i.link('set', { dev: 1, kind: 'bridge_slave', bridge_slave: { cost: -1 } })],
  ['cost', (i) => i.brport('set', { dev: 1, cost: -1 })],
  ['cost', (i) => i.brport('set', { dev: 1, master: true, cost: -1 })],
  ['costs', (i) => i.brport('set', { dev: 1, self: true, costs: 1 })],
  ['mst[0].msti', (i) => i.brport('set', { dev: 1, mst: [{ msti: -1, state: 1 }] })],
  ['bridge', (i) => i.getBrports({ bridge: 'br0' })],
  ['sport', (i) => i.rule('add', { sport: 0, table: 100 })],
  ['dport', (i) => i.rule('del', { dport: true })],
  ['sportRange', (i) => i.rule('add', { sportRange: 0, table: 100 })],
  ['iif', (i) => i.rule('add', { iif: 5, table: 100 })],
  ['iif', (i) => i.rule('add', { iif: '', table: 100 })],
  ['oif', (i) => i.rule('add', { oif: 'a\0b', table: 100 })],
  ['pref', (i) => i.rule('add', { pref: -1, table: 100 })],
  ['fwmark', (i) => i.rule('add', { fwmark: '1/0x100000000', table: 100 })],
  ['fwmask', (i) => i.rule('add', { fwmark: 1, fwmask: 2 ** 32, table: 100 })],
  ['pref', (i) => i.getRules({ pref: '5' })],
  ['iif', (i) => i.getRules({ iif: 5 })],
  ['nud', (i) => i.neigh('add', { dev: 1, dst: '10.0.0.2', nud: 'fresh' })],
  ['nud', (i) => i.getNeighbours({ nud: 'fresh' })],
  ['realms', (i) => i.route('add', { dst, dev: 1, realms: -1 })],
  ['proto', (i) => i.route('add', { dst, dev: 1, proto: 'nobody' })],
  ['multipath[0].dev', (i) => i.route('add', { dst, multipath: [{ dev: '' }] })],
  ['multipath[1].oif', (i) => i.route('add', { dst, multipath: [{ dev: 1 }, { oif: -1 }] })],
  ['multipath[0].ifindex', (i) => i.route('add', { dst, multipath: [{ ifindex: -1 }] })],
  ['dev', (i) => i.nexthop('add', { id: 1, dev: '' })],
  ['oif', (i) => i.nexthop('add', { id: 1, oif: '' })],
  ['proto', (i) => i.nexthop('add', { id: 1, dev: 1, proto: 'nobody' })],
  ['dev', (i) => i.getNexthops({ dev: '' })],
  ['proto', (i) => i.getNexthops({ proto: 'nobody' })],
  ['nhid', (i) => i.fdb('add', { dev: 1, lladdr, nhid: -1 })],
  ['nhid', (i) => i.fdb('flush', { dev: 1, nhid: -1 })],
  ['brport', (i) => i.fdb('flush', { dev: 1, brport: -1 })],
  ['br', (i) => i.fdb('get', { br: -1, lladdr })],
  ['br', (i) => i.getFdb({ br: -1 })],
  ['nhid', (i) => i.getFdb({ nhid: 'x' })],
  ['dev', (i) => i.getAddr({ dev: '' })],
  ['index', (i) => i.getAddr({ index: '' })],
  ['proto', (i) => i.mdb('add', { ...group, proto: -1 })],
  ['rtprot', (i) => i.mdb('add', { ...group, rtprot: -1 })],
  ['proto', (i) => i.mdb('flush', { dev: 1, proto: -1 })],
  ['port', (i) => i.mdb('add', { ...group, port: -1 })],
  ['srcList[0]', (i) => i.mdb('add', { ...group, srcList: ['x'] })],
  ['srcList[0].address', (i) => i.mdb('add', { ...group, srcList: [{ address: 'x' }] })],
];

t.test(`${cases.length} errors name what was given`, async (t) => {
  for (const [field, call] of cases) t.match(await refused(call), { found: { field }, sent: 0 }, `${field}: ${call}`);
});

t.test('endpoints of Multipath TCP', async (t) => {
  const recorder = new Recorder();
  const mptcp = new MPTCP({ transport: recorder.transport });
  const address = '10.0.0.1';
  const wrong: readonly (readonly [field: string, call: () => Promise<unknown>])[] = [
    ['id', () => mptcp.endpoint('add', { address, id: 256 })],
    ['id', () => mptcp.endpoint('del', { id: 256 })],
    ['id', () => mptcp.endpoint('get', { id: 256 })],
    ['dev', () => mptcp.endpoint('add', { address, dev: '' })],
    ['ifIdx', () => mptcp.endpoint('add', { address, ifIdx: -1 })],
    ['flags[0]', () => mptcp.endpoint('set', { id: 1, flags: ['none' as never] })],
    ['id', () => mptcp.announce({ token: 1, id: 256, address })],
    ['id', () => mptcp.remove({ token: 1, id: 256 })],
    ['remote.port', () => mptcp.subflow('create', { token: 1, local: { address }, remote: { address, port: -1 } })],
    ['local.dev', () => mptcp.subflow('create', { token: 1, local: { address, dev: '' }, remote: { address } })],
  ];
  for (const [field, call] of wrong) await t.rejects(call(), { name: 'InputError', field } as never, field);
  await mptcp.close();
});

t.test('the message is that of the field', async (t) => {
  const ipr = new Recorder().iproute();
  const error = await ipr.rule('add', { sport: 0, table: 100 }).catch((error: unknown) => error as InputError);
  t.ok(error instanceof InputError);
  t.match(error, { field: 'sport', message: 'sport: 0 is out of range 1..65534', code: 'ERR_OUT_OF_RANGE' });
  await ipr.close();
});
