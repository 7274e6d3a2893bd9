/** What our verbs send is what iproute2 sends for the same: type, flags, header and attributes of recorded requests. */
import t from 'tap';
import type { FdbFlush, FdbSpec, IPRoute, NeighbourSpec, RuleSpec, VniSpec } from '../../src/index.js';
import { Recorder } from '../iproute/recorder.js';
import { lines, type Shape } from '../rtnl/tlv.js';
import { area, type Golden } from './area.js';

type Call = (ipr: IPRoute) => Promise<unknown>;
/** A request that `ip` made, by the name of its row, and the call that means the same. */
type Pair = readonly [row: string, call: Call];

/** The request of a row as a message of ours. */
async function sent(call: Call): Promise<Buffer> {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  call(ipr).catch(() => {});
  await new Promise(setImmediate);
  await ipr.close();
  return Buffer.from(recorder.sent[0] ?? []);
}

/** Type and flags, the fixed header, the attributes. A rule's table of eight bits is in the header, where `ip` may put it as well. */
function meaning(message: Buffer, shape: Shape): string[] {
  const [header, ...attributes] = lines(message.subarray(16), shape);
  return [`type ${message.readUInt16LE(4)} flags ${message.readUInt16LE(6)}`, header!, ...attributes];
}

function same(object: string, name: string, shape: Shape, pairs: readonly Pair[]): void {
  t.test(object, async (t) => {
    const rows = new Map<string, Golden>();
    for (const row of area(name)) if (row.direction === 'request' && !rows.has(row.name)) rows.set(row.name, row);
    for (const [what, call] of pairs) {
      const row = rows.get(`${what} / request`);
      if (row === undefined) t.fail(`there is no row ${what}`);
      else t.same(meaning(await sent(call), shape), meaning(Buffer.from(row.hex, 'hex'), shape), what);
    }
  });
}

const rule = (words: string, spec: RuleSpec, family: 4 | 6 = 4): Pair => [
  `rule${family}: add ${words}`,
  (ipr) => ipr.rule('add', { ...spec, priority: 500, ...(family === 6 && { family: 'inet6' }) }),
];

same('rule', 'rules', { header: 12, strings: [3, 17] }, [
  rule('from 10.0.0.0/8 lookup 100', { src: '10.0.0.0/8', table: 100 }),
  rule('from 10.0.0.1 lookup 100', { src: '10.0.0.1', table: 100 }),
  rule('not from 10.0.0.0/8 lookup 100', { not: true, src: '10.0.0.0/8', table: 100 }),
  rule('table 4294967295', { table: 4294967295 }),
  rule('iif v0 lookup 100', { iif: 'v0', table: 100 }),
  rule('oif v1 lookup 100', { oif: 'v1', table: 100 }),
  rule('fwmark 0x10 lookup 100', { fwmark: 16, table: 100 }),
  rule('fwmark 0x10/0xff lookup 100', { fwmark: '0x10/0xff', table: 100 }),
  rule('tos 0x10 lookup 100', { tos: 0x10, table: 100 }),
  rule('dscp 10 lookup 100', { dscp: 10, table: 100 }),
  rule('dscp 8/0x38 lookup 100', { dscp: 8, dscpMask: 0x38, table: 100 }),
  rule('uidrange 1000-2000 lookup 100', { uidRange: '1000:2000', table: 100 }),
  rule('ipproto tcp lookup 100', { ipProto: 'tcp', table: 100 }),
  rule('ipproto udp sport 80 lookup 100', { ipProto: 'udp', sport: 80, table: 100 }),
  rule('ipproto udp sport 80-90 lookup 100', { ipProto: 17, sportRange: '80-90', table: 100 }),
  rule('sport 0x50/0xff lookup 100', { sport: 0x50, sportMask: 0xff, table: 100 }),
  rule('tun_id 77 lookup 100', { tunId: 77n, table: 100 }),
  rule('suppress_prefixlength 0 lookup main', { suppressPrefixlen: 0, table: 'main' }),
  rule('suppress_ifgroup 7 lookup main', { suppressIfgroup: 7, table: 'main' }),
  rule('protocol bgp lookup 100', { protocol: 'bgp', table: 100 }),
  rule('realms 3/7 lookup 100', { flow: 0x30007, table: 100 }),
  rule('l3mdev', { l3mdev: true }),
  rule('from 2001:db8::/32 lookup 100', { src: '2001:db8::/32', table: 100 }, 6),
  rule('flowlabel 0x12345 lookup 100', { flowlabel: 0x12345, table: 100 }, 6),
  rule('flowlabel 0x12000/0xff000 lookup 100', { flowlabel: 0x12000, flowlabelMask: 0xff000, table: 100 }, 6),
  ['rule4: rule del from 10.9.0.0/16', (ipr) => ipr.rule('del', { src: '10.9.0.0/16' })],
  ['rule4: rule del pref 4000', (ipr) => ipr.rule('del', { priority: 4000 })],
]);

const lladdr = '02:00:00:00:00:99';
/** Indexes of the links of the recorded scenes. */
const V0 = 3;
const neigh = (words: string, spec: Omit<NeighbourSpec, 'dev'> & { dst: string }): Pair => [
  `neigh: add ${words}`,
  (ipr) => ipr.neigh('add', { ...spec, dev: V0 }),
];

same('neigh', 'neighbours', { header: 12 }, [
  neigh(`10.0.0.2 lladdr ${lladdr}`, { dst: '10.0.0.2', lladdr }),
  neigh(`10.0.0.2 lladdr ${lladdr} nud reachable`, { dst: '10.0.0.2', lladdr, state: 'reachable' }),
  neigh('10.0.0.2 nud none', { dst: '10.0.0.2', nud: 'none' }),
  neigh(`10.0.0.2 lladdr ${lladdr} router`, { dst: '10.0.0.2', lladdr, router: true }),
  neigh(`10.0.0.2 lladdr ${lladdr} extern_learn`, { dst: '10.0.0.2', lladdr, flags: ['extern_learn'] }),
  neigh(`10.0.0.2 lladdr ${lladdr} protocol bgp`, { dst: '10.0.0.2', lladdr, protocol: 'bgp' }),
  neigh('10.0.0.2 use', { dst: '10.0.0.2', use: true }),
  neigh('10.0.0.2 managed', { dst: '10.0.0.2', managed: true }),
  neigh('proxy 10.0.0.9', { dst: '10.0.0.9', proxy: true }),
  neigh(`2001:db8::2 lladdr ${lladdr} nud stale router`, { dst: '2001:db8::2', lladdr, state: 'stale', router: true }),
]);

const [P0, VX0, VX6, VXE, BR0] = [6, 7, 8, 9, 4];
const entry = (dev: string, index: number, words: string, spec: Omit<FdbSpec, 'dev' | 'lladdr'>): Pair => [
  `fdb: ${dev} add ${words}`,
  (ipr) => ipr.fdb('add', { ...spec, lladdr: words.split(' ')[0]!, dev: index } as FdbSpec),
];
const flush = (words: string, spec: FdbFlush): Pair => [
  `fdb: bridge fdb flush ${words}`,
  (ipr) => ipr.fdb('flush', spec),
];
const mac = '02:00:00:00:00:66';
const port = '02:00:00:00:00:55';
const dst = '10.0.0.2';

same('fdb', 'neighbours', { header: 12 }, [
  entry('p0', P0, `${port} master`, { master: true }),
  entry('p0', P0, `${port} master static`, { master: true, state: 'static' }),
  entry('p0', P0, `${port} master dynamic`, { master: true, state: 'dynamic' }),
  entry('p0', P0, `${port} master sticky static`, { master: true, state: 'static', sticky: true }),
  entry('p0', P0, `${port} master extern_learn`, { master: true, externLearn: true }),
  entry('p0', P0, '33:33:00:00:12:34', {}),
  entry('vx0', VX0, `${mac} dst 10.0.0.2`, { dst }),
  entry('vx0', VX0, `${mac} dst 10.0.0.2 port 4444`, { dst, port: 4444 }),
  entry('vx0', VX0, `${mac} dst 10.0.0.2 vni 16777215`, { dst, vni: 16777215 }),
  entry('vx0', VX0, `${mac} dst 10.0.0.2 via v0`, { dst, via: V0 }),
  entry('vx0', VX0, `${mac} nhid 8`, { nhid: 8 }),
  entry('vx0', VX0, '00:00:00:00:00:00 dst 10.0.0.2', { dst }),
  entry('vx6', VX6, `${mac} dst 2001:db8::2`, { dst: '2001:db8::2' }),
  entry('vxe', VXE, `${mac} dst 10.0.0.2 src_vni 77 vni 66051`, { dst, srcVni: 77, vni: 66051 }),
  [
    'fdb: bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.2',
    (ipr) => ipr.fdb('append', { dev: VX0, lladdr: '00:00:00:00:00:00', dst }),
  ],
  flush('dev br0 dynamic', { dev: BR0, dynamic: true }),
  flush('dev br0 vlan 5', { dev: BR0, vlan: 5 }),
  flush('dev br0 brport p0 nopermanent static sticky noextern_learn added_by_user nooffloaded', {
    dev: BR0,
    brport: P0,
    permanent: false,
    static: true,
    sticky: true,
    externLearn: false,
    addedByUser: true,
    offloaded: false,
  }),
  flush('dev p0 master', { dev: P0, master: true }),
  flush('dev vx0 dst 10.0.0.2', { dev: VX0, dst }),
  flush('dev vx0 vni 42 src_vni 42 port 4789 norouter permanent', {
    dev: VX0,
    vni: 42,
    srcVni: 42,
    port: 4789,
    router: false,
    permanent: true,
  }),
  flush('dev vx0 nhid 8', { dev: VX0, nhid: 8 }),
  flush('dev vx0', { dev: VX0 }),
]);

const vni = (words: string, verb: 'add' | 'del', spec: Omit<VniSpec, 'dev'>, dev: number): Pair => [
  `vni: bridge vni ${verb} vni ${words}`,
  (ipr) => ipr.vni(verb, { ...spec, dev } as VniSpec),
];

same('vni', 'neighbours', { header: 8, nests: { 1: {} } }, [
  vni('100 dev vx0', 'add', { vni: 100 }, 4),
  vni('200-210,66051 dev vx0', 'add', { vni: ['200-210', 66051] }, 4),
  vni('16777215 remote 10.0.0.9 dev vx0', 'add', { vni: 16777215, remote: '10.0.0.9' }, 4),
  vni('301-302 group ff02::5 dev vx6', 'add', { vni: '301-302', group: 'ff02::5' }, 5),
  vni('203-205 dev vx0', 'del', { vni: '203-205' }, 4),
]);
