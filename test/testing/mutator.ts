/** Changes by chance of one table of a fake kernel, made in the middle of whatever else goes on. */
import type { IPRoute } from 'tsroute2';
import type { Random } from '../../src/testing/random.js';

export type Table = 'link' | 'addr' | 'route' | 'rule' | 'neigh' | 'nexthop';

/** Each call is a request that is carried out before the call returns. Refusals are part of it. */
type Move = (ipr: IPRoute, random: Random) => Promise<unknown>;

const ETH = 2;
const lladdr = (r: Random): string => `02:00:00:00:00:0${r.below(8)}`;
const four = (r: Random): string => `10.${r.below(12)}.0.0/16`;
const six = (r: Random): string => `2001:db8:${r.below(6)}::/48`;
const gateway = (r: Random): string => `192.0.2.${2 + r.below(4)}`;
const gateway6 = (r: Random): string => `fe80::${2 + r.below(3)}`;

const ROUTES: readonly Move[] = [
  (ipr, r) => ipr.route('add', { dst: four(r), gateway: gateway(r) }),
  (ipr, r) => ipr.route('replace', { dst: four(r), gateway: gateway(r) }),
  (ipr, r) => ipr.route('append', { dst: four(r), gateway: gateway(r) }),
  (ipr, r) => ipr.route('add', { dst: four(r), gateway: gateway(r), priority: 1 + r.below(3) }),
  (ipr, r) => ipr.route('add', { dst: four(r), oif: ETH, table: 100 }),
  (ipr, r) => ipr.route('add', { dst: four(r), multipath: [{ gateway: gateway(r) }, { gateway: '192.0.2.9' }] }),
  (ipr, r) => ipr.route('del', { dst: four(r) }),
  (ipr, r) => ipr.route('del', { dst: four(r) }),
  (ipr, r) => ipr.route('del', { dst: four(r), table: 100 }),
  (ipr, r) => ipr.route('add', { dst: six(r), gateway: gateway6(r), oif: ETH }),
  (ipr, r) => ipr.route('append', { dst: six(r), gateway: gateway6(r), oif: ETH }),
  (ipr, r) => ipr.route('replace', { dst: six(r), gateway: gateway6(r), oif: ETH }),
  (ipr, r) => ipr.route('add', { dst: six(r), oif: ETH, priority: 5 }),
  (ipr, r) => ipr.route('del', { dst: six(r) }),
  (ipr, r) => ipr.route('del', { dst: six(r), gateway: gateway6(r), oif: ETH }),
  // What vanishes without a word.
  async (ipr, r) => {
    if (r.below(8) > 0) return;
    const down = ipr.link('set', { index: ETH, state: 'down' });
    const up = ipr.link('set', { index: ETH, state: 'up' });
    await Promise.all([down, up]);
  },
  async (ipr, r) => {
    if (r.below(8) > 0) return;
    const del = ipr.addr('del', { index: ETH, address: '192.0.2.1/24' });
    const add = ipr.addr('add', { index: ETH, address: '192.0.2.1/24' });
    await Promise.all([del, add]);
  },
  (ipr, r) => ipr.nexthop('replace', { id: 1 + r.below(3), gateway: gateway(r), oif: ETH }),
  (ipr, r) => ipr.nexthop('del', { id: 1 + r.below(3) }),
  (ipr, r) => ipr.route('add', { dst: four(r), nhId: 1 + r.below(3) }),
];

export const MOVES: Readonly<Record<Table, readonly Move[]>> = {
  link: [
    (ipr, r) => ipr.link('add', { ifname: `d${r.below(6)}`, kind: 'dummy' }, { echo: false }),
    (ipr, r) => ipr.link('del', { ifname: `d${r.below(6)}` }),
    (ipr, r) => ipr.link('set', { ifname: `d${r.below(6)}`, mtu: 1300 + r.below(50) }),
    (ipr, r) => ipr.link('set', { ifname: `d${r.below(6)}`, state: r.pick(['up', 'down']) }),
    (ipr, r) => ipr.link('set', { index: 3 + r.below(6), ifname: `d${r.below(6)}` }),
    (ipr, r) => ipr.link('add', { ifname: `v${r.below(3)}`, kind: 'veth', peer: `w${r.below(3)}` }, { echo: false }),
    (ipr, r) => ipr.link('del', { ifname: `w${r.below(3)}` }),
  ],
  addr: [
    (ipr, r) => ipr.addr('add', { index: ETH, address: `198.51.${r.below(3)}.${1 + r.below(4)}/24` }),
    (ipr, r) => ipr.addr('del', { index: ETH, address: `198.51.${r.below(3)}.${1 + r.below(4)}/24` }),
    (ipr, r) => ipr.addr('add', { index: ETH, address: `2001:db8::${1 + r.below(5)}/64` }),
    (ipr, r) => ipr.addr('del', { index: ETH, address: `2001:db8::${1 + r.below(5)}/64` }),
    async (ipr, r) => {
      if (r.below(5) === 0) await ipr.link('set', { index: ETH, state: r.pick(['up', 'down']) });
    },
  ],
  route: ROUTES,
  rule: [
    (ipr, r) => ipr.rule('add', { src: four(r), table: 100, priority: 100 + r.below(5) }),
    (ipr, r) => ipr.rule('del', { src: four(r), table: 100, priority: 100 + r.below(5) }),
    (ipr, r) => ipr.rule('add', { table: 100 + r.below(3) }),
    (ipr, r) => ipr.rule('del', { priority: 90 + r.below(15) }),
  ],
  neigh: [
    (ipr, r) => ipr.neigh('replace', { ifindex: ETH, dst: gateway(r), lladdr: lladdr(r) }),
    (ipr, r) => ipr.neigh('add', { ifindex: ETH, dst: gateway6(r), lladdr: lladdr(r) }),
    (ipr, r) => ipr.neigh('del', { ifindex: ETH, dst: gateway(r) }),
    (ipr, r) => ipr.neigh('del', { ifindex: ETH, dst: gateway6(r) }),
  ],
  nexthop: [
    (ipr, r) => ipr.nexthop('replace', { id: 1 + r.below(5), gateway: gateway(r), oif: ETH }),
    (ipr, r) => ipr.nexthop('del', { id: 1 + r.below(5) }),
    (ipr, r) => ipr.nexthop('add', { id: 10 + r.below(3), group: [{ id: 1 + r.below(5) }, { id: 1 + r.below(5) }] }),
    async (ipr, r) => {
      if (r.below(6) > 0) return;
      await Promise.all([ipr.link('set', { index: ETH, state: 'down' }), ipr.link('set', { index: ETH, state: 'up' })]);
    },
  ],
};
