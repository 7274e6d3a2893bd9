/** What docs/parity.md promises of rules and neighbours: each keyword of pyroute2 in our words, and what `ip` makes of it. */
import t from 'tap';
import { type NeighbourSpec, NUD, type RuleSpec } from 'tsroute2';
import type { Json } from '../witness/compare.js';
import { type ParityRow, parity, row } from './parity-rows.js';

t.setTimeout(600_000);

type Printed = { [key: string]: Json };
interface Rules {
  rule(priority: number): Printed | undefined;
}
interface Neighbours {
  neigh(dst: string): Printed | undefined;
}

let priority = 100;

/** Adds a rule, and looks at what `ip` prints under some keys. */
function rule(name: string, spec: RuleSpec, is: Printed): ParityRow<Rules> {
  const pref = priority++;
  return row<Rules, Promise<unknown>>(
    name,
    ({ ipr }) => ipr.rule('add', { priority: pref, table: 100, ...spec }),
    ({ rule }) => Object.fromEntries(Object.keys(is).map((key) => [key, rule(pref)?.[key]])),
    is,
  );
}

const RULES: readonly ParityRow<Rules>[] = [
  rule('table, action: to_tbl', {}, { table: '100', src: 'all' }),
  rule('table above 255', { table: 100000 }, { table: '100000' }),
  rule('table by name', { table: 'main' }, { table: 'main' }),
  rule('src', { src: '10.0.0.0/8' }, { src: '10.0.0.0', srclen: 8 }),
  rule('src, src_len', { src: '10.0.0.0', srcLen: 9 }, { src: '10.0.0.0', srclen: 9 }),
  rule('dst, dst_len', { dst: '10.1.0.0', dstLen: 16 }, { dst: '10.1.0.0', dstlen: 16 }),
  rule('fwmark, fwmask', { fwmark: 16, fwmask: 255 }, { fwmark: '0x10', fwmask: '0xff' }),
  rule('iifname', { iifname: 'lo' }, { iif: 'lo' }),
  rule('oifname', { oifname: 'lo' }, { oif: 'lo' }),
  rule('iif, oif by name', { iif: 'eth7', oif: 'eth8' }, { iif: 'eth7', oif: 'eth8' }),
  rule('tos', { tos: 4 }, { tos: '0x04' }),
  rule('ip_proto', { ipProto: 'tcp' }, { ipproto: 'tcp' }),
  rule("sport_range: '80-120'", { sportRange: '80-120' }, { sport_start: 80, sport_end: 120 }),
  rule("dport_range: '80:120'", { dportRange: '80:120' }, { dport_start: 80, dport_end: 120 }),
  rule("uid_range: '0:0'", { uidRange: '0:0' }, { uid_start: 0, uid_end: 0 }),
  rule('tun_id', { tunId: 7n }, { tun_id: 7 }),
  rule('protocol', { protocol: 'bgp' }, { protocol: 'bgp' }),
  rule('suppress_prefixlen', { suppressPrefixlen: 8 }, { suppress_prefixlen: 8 }),
  rule('suppress_ifgroup', { suppressIfgroup: 5 }, { suppress_ifgroup: '5' }),
  rule('action by FR_ACT_ name', { action: 'FR_ACT_PROHIBIT', table: 0 }, { action: 'prohibit' }),
  rule('goto', { goto: 32766, table: 0 }, { goto: 32766 }),
  rule('flags: invert', { not: true, src: '10.3.0.0/16' }, { not: null }),
  row<Rules, Promise<unknown>>(
    'l3mdev',
    ({ ipr }) => ipr.rule('add', { priority: 90, l3mdev: true }),
    ({ rule }) => rule(90)?.l3mdev,
    null,
  ),
  row(
    'family',
    async ({ ipr }) => {
      await ipr.rule('add', { priority: 91, family: 'inet6', table: 100 });
      return ipr.getRules({ priority: 91 });
    },
    (_, rows) => rows.map(({ family }) => family),
    [10],
  ),
  row(
    'del',
    async ({ ipr }) => {
      await ipr.rule('add', { priority: 92, table: 100 });
      await ipr.rule('del', { priority: 92, table: 100 });
    },
    ({ rule }) => rule(92),
    undefined,
  ),
  row(
    'dump, get_rules: family, table, priority, src, callables',
    async ({ ipr }) => [
      (await ipr.rule('dump', { family: 'inet', table: 100000 })).length,
      (await ipr.getRules({ family: 'inet', priority: 103 })).length,
      (await ipr.getRules({ src: '10.0.0.0/8' })).length,
      (await ipr.getRules({ fwmark: (mark) => mark === 16 })).length,
      (await ipr.getRules((row) => row.tos === 4)).length,
    ],
    (_, found) => found,
    [1, 1, 1, 1, 1],
  ),
  row(
    'flush_rules',
    async ({ ipr }) => {
      for (const src of ['10.8.0.0/16', '10.9.0.0/16']) await ipr.rule('add', { priority: 93, src, table: 93 });
      return ipr.flushRules({ table: 93 });
    },
    ({ rule }, count) => [count, rule(93)],
    [2, undefined],
  ),
];

parity<Rules>(
  'rule',
  async () => undefined,
  (p) => {
    const all = p.ip('rule');
    return { rule: (pref) => all.find((rule) => rule.priority === pref) };
  },
  RULES,
);

const lladdr = '02:00:00:00:00:07';
let host = 1;

/** Adds a neighbour, and looks at what `ip` prints of it. */
function neigh(name: string, spec: Omit<NeighbourSpec, 'dev' | 'dst'>, look: (row: Printed) => unknown, is: unknown) {
  const dst = `10.0.0.${host++}`;
  return row<Neighbours, Promise<unknown>>(
    name,
    ({ ipr }) => ipr.neigh('add', { dev: 'e0', dst, lladdr, ...spec } as NeighbourSpec),
    ({ neigh }) => look(neigh(dst) ?? {}),
    is,
  );
}

const states = (row: Printed): unknown => row.state;

const NEIGHBOURS: readonly ParityRow<Neighbours>[] = [
  neigh('add: dst, lladdr', {}, (row) => row.lladdr, lladdr),
  neigh('state: permanent by default', {}, states, ['PERMANENT']),
  neigh('state by word', { state: 'stale' }, states, ['STALE']),
  neigh('state by number', { state: NUD.stale }, states, ['STALE']),
  neigh('nud', { nud: 'reachable' }, states, ['REACHABLE']),
  neigh('lladdr as xxxx.xxxx.xxxx', { lladdr: '0200.0000.0008' }, (row) => row.lladdr, '02:00:00:00:00:08'),
  neigh('flags: router', { flags: ['router'] }, (row) => 'router' in row, true),
  neigh('flags: ext_learned', { externLearn: true }, (row) => 'extern_learn' in row, true),
  neigh('protocol', { protocol: 'bgp' }, (row) => row.protocol, 'bgp'),
  row(
    'index, ifindex',
    async ({ ipr }) => {
      const [index] = await ipr.linkLookup({ ifname: 'e0' });
      await ipr.neigh('add', { index: index!, dst: '10.0.1.1', lladdr });
      await ipr.neigh('add', { ifindex: index!, dst: '10.0.1.2', lladdr });
    },
    ({ neigh }) => [neigh('10.0.1.1')?.lladdr, neigh('10.0.1.2')?.lladdr],
    [lladdr, lladdr],
  ),
  row(
    'family is guessed from dst',
    ({ ipr }) => ipr.neigh('add', { dev: 'e0', dst: '2001:db8::7', lladdr }),
    ({ neigh }) => neigh('2001:db8::7')?.lladdr,
    lladdr,
  ),
  row(
    'flags: proxy',
    async ({ ipr }) => {
      await ipr.neigh('add', { dev: 'e0', dst: '10.0.1.3', proxy: true });
      return (await ipr.getNeighbours({ proxy: true })).map(({ dst }) => dst);
    },
    (_, list) => list,
    ['10.0.1.3'],
  ),
  row(
    'set, replace',
    async ({ ipr }) => {
      await ipr.neigh('set', { dev: 'e0', dst: '10.0.1.4', lladdr: '02:00:00:00:00:01' });
      await ipr.neigh('replace', { dev: 'e0', dst: '10.0.1.4', lladdr });
    },
    ({ neigh }) => neigh('10.0.1.4')?.lladdr,
    lladdr,
  ),
  row(
    'change',
    async ({ ipr }) => {
      await ipr.neigh('change', { dev: 'e0', dst: '10.0.1.4', lladdr, state: 'stale' });
      return ipr.neigh('change', { dev: 'e0', dst: '10.0.1.99', lladdr }).catch(({ code }) => code);
    },
    ({ neigh }, code) => [neigh('10.0.1.4')?.state, code],
    [['STALE'], 'ENOENT'],
  ),
  row(
    'append',
    ({ ipr }) => ipr.neigh('append', { dev: 'e0', dst: '10.0.1.5', lladdr }),
    ({ neigh }) => neigh('10.0.1.5')?.lladdr,
    lladdr,
  ),
  row(
    'get',
    ({ ipr }) => ipr.neigh('get', { dev: 'e0', dst: '10.0.1.4' }),
    (_, row) => row.lladdr,
    lladdr,
  ),
  row(
    'del',
    async ({ ipr }) => {
      await ipr.neigh('add', { dev: 'e0', dst: '10.0.1.6', lladdr });
      await ipr.neigh('del', { dev: 'e0', dst: '10.0.1.6' });
    },
    ({ neigh }) => neigh('10.0.1.6'),
    undefined,
  ),
  row(
    'dump, get_neighbours: family, index, dst, lladdr, state, callables',
    async ({ ipr }) => [
      (await ipr.neigh('dump', { dev: 'e0', family: 'inet6', state: 'permanent' })).map(({ dst }) => dst),
      (await ipr.getNeighbours({ dst: '10.0.1.5' })).length,
      (await ipr.getNeighbours({ lladdr: '02:00:00:00:00:08' })).length,
      (await ipr.getNeighbours({ state: 'reachable' })).length,
      (await ipr.getNeighbours({ dst: (dst) => dst === '10.0.1.5' })).length,
      (await ipr.getNeighbours((row) => row.dst === '10.0.1.5')).length,
    ],
    (_, found) => found,
    [['2001:db8::7'], 1, 1, 1, 1, 1],
  ),
  row(
    'get_ntables',
    async ({ ipr }) => (await ipr.getNtables()).some(({ name }) => name === 'arp_cache'),
    (_, there) => there,
    true,
  ),
];

parity<Neighbours>(
  'neigh',
  async ({ ipr }) => {
    await ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
    await ipr.link('set', { dev: 'e1', state: 'up' });
  },
  (p) => {
    const all = p.ip('neigh');
    return { neigh: (dst) => all.find((row) => row.dst === dst) };
  },
  NEIGHBOURS,
);
