/** What is easily got wrong: found by running the same tests on both kernels, and by looking. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

const C = '02:00:00:00:00:0c';
const D = '02:00:00:00:00:0d';

export const quirks: Scene = {
  name: 'quirks',
  async run(s) {
    await s.do('a blackhole next hop while lo is down', (ipr) => ipr.nexthop('add', { id: 4, blackhole: true }));
    await s.do('a blackhole route while lo is down', (ipr) =>
      ipr.route('add', { dst: '10.7.0.0/16', type: 'blackhole' }),
    );
    await s.do('an IPv6 blackhole route while lo is down', (ipr) =>
      ipr.route('add', { dst: '2001:db8:7::/48', type: 'blackhole' }),
    );
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('an IPv4 route over a link without a carrier', (ipr) =>
      ipr.addr('add', { index: 2, address: '10.9.0.1/24' }),
    );
    await s.do('its routes', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('a next hop over a link without a carrier', (ipr) => ipr.nexthop('add', { id: 6, oif: 2 }));
    await s.do('both up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('its routes with a carrier', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('two addresses', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
    await s.do('the second', (ipr) => ipr.addr('add', { index: 3, address: '10.1.0.1/24' }));
    await s.do('a route that sends from the first', (ipr) =>
      ipr.route('add', { dst: '10.2.0.0/16', oif: 3, prefsrc: '10.0.0.1' }),
    );
    await s.do('a route over both', (ipr) =>
      ipr.route('add', { dst: '10.3.0.0/16', multipath: [{ gateway: '10.0.0.2' }, { gateway: '10.9.0.2' }] } as never),
    );
    await s.do('the first goes', (ipr) => ipr.addr('del', { index: 3, address: '10.0.0.1/24' }));
    await s.do('routes without the first', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('a route in a table of its own', (ipr) =>
      ipr.route('add', { dst: '10.5.0.0/16', gateway: '10.1.0.2', table: 77 }),
    );
    await s.do('a second pair', (ipr) =>
      ipr.link('add', { ifname: 'w0', kind: 'veth', address: C, veth: { peer: { ifname: 'w1', address: D } } }),
    );
    await s.do('one of it up', (ipr) => ipr.link('set', { ifname: 'w0', state: 'up' }));
    await s.do('the other of it up', (ipr) => ipr.link('set', { ifname: 'w1', state: 'up' }));
    await s.do('an address of it', (ipr) => ipr.addr('add', { dev: 'w0', address: '10.6.0.1/24' }));
    await s.do('a route over both pairs', (ipr) =>
      ipr.route('add', { dst: '10.4.0.0/16', multipath: [{ gateway: '10.1.0.2' }, { gateway: '10.6.0.2' }] } as never),
    );
    await s.do('an IPv6 address of the first', (ipr) => ipr.addr('add', { dev: 'v0', address: '2001:db8::1/64' }));
    await s.do('an IPv6 address of the second', (ipr) => ipr.addr('add', { dev: 'w0', address: '2001:db8:6::1/64' }));
    await s.do('an IPv6 route over both pairs', (ipr) =>
      ipr.route('add', {
        dst: '2001:db8:4::/48',
        multipath: [{ gateway: '2001:db8::2' }, { gateway: '2001:db8:6::2' }],
      } as never),
    );
    await s.do('the second goes down', (ipr) => ipr.link('set', { ifname: 'w0', state: 'down' }));
    await s.do('routes with one dead hop', (ipr) => ipr.getRoutes({ family: 2, table: 254 }));
    await s.do('IPv6 routes with one dead hop', (ipr) => ipr.getRoutes({ family: 10, table: 254 }));
    await s.do('the second comes up', (ipr) => ipr.link('set', { ifname: 'w0', state: 'up' }));
    await s.do('routes with both hops', (ipr) => ipr.getRoutes({ family: 2, table: 254 }));
    await s.do('IPv6 routes with both hops', (ipr) => ipr.getRoutes({ family: 10, table: 254 }));
    await s.do('lo up', (ipr) => ipr.link('set', { index: 1, state: 'up' }));
    await s.do('a blackhole next hop', (ipr) => ipr.nexthop('add', { id: 4, blackhole: true }));
    await s.do('lo down', (ipr) => ipr.link('set', { index: 1, state: 'down' }));
    await s.do('next hops while lo is down', (ipr) => ipr.getNexthops());
    await s.do('a link of an index that is in use elsewhere', (ipr) =>
      ipr.link('add', { ifname: 'x0', index: 2, kind: 'ifb' }),
    );
    await s.do('renamed while up', (ipr) => ipr.link('set', { index: 3, ifname: 'u0' }));
    await s.do('addresses keep their label', (ipr) => ipr.getAddr({ family: 2 }));
    await s.do('a rule by its new name', (ipr) => ipr.rule('add', { iifname: 'u0', table: 77, priority: 9 }));
    await s.do('a next hop over the second pair', (ipr) => ipr.nexthop('add', { id: 30, gateway: '10.6.0.2', oif: 5 }));
    await s.do('a group of it', (ipr) => ipr.nexthop('add', { id: 31, group: [{ id: 30 }] }));
    await s.do('a route by it', (ipr) => ipr.route('add', { dst: '10.40.0.0/16', nhId: 31 } as never));
    await s.do('the far end of the second pair down', (ipr) => ipr.link('set', { index: 4, state: 'down' }));
    await s.do('next hops without a carrier', (ipr) => ipr.getNexthops());
    await s.do('routes without a carrier', (ipr) => ipr.getRoutes({ family: 2, table: 254 }));
    await s.do('the far end of the second pair up', (ipr) => ipr.link('set', { index: 4, state: 'up' }));
    await s.do('no next hop at all', (ipr) => ipr.route('get', { dst: '203.0.113.1' }));
    await s.do('nor for IPv6', (ipr) => ipr.route('get', { dst: '2001:dbb::1' }));
    await s.do('a group of links', (ipr) => ipr.link('set', { ifname: 'w0', group: 9 }));
    await s.do('several at once', (ipr) =>
      ipr.link('set', { ifname: 'w1', mtu: 1300, ifalias: 'y', txqlen: 5, state: 'down' }),
    );
  },
};
