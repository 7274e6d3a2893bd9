/** IPv6 routes. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

export const routes6: Scene = {
  name: 'routes6',
  async run(s) {
    await s.do('lo up', (ipr) => ipr.link('set', { index: 1, state: 'up' }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('a route while down', (ipr) => ipr.route('add', { dst: '2001:db8:1::/48', oif: 3 }));
    await s.do('up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('both up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('an address', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8::1/64' }));
    await s.do('by gateway', (ipr) => ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::2' }));
    await s.do('the same', (ipr) => ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::2' }));
    await s.do('another gateway', (ipr) => ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::3' }));
    await s.do('another metric', (ipr) =>
      ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::3', priority: 50 }),
    );
    await s.do('replaced', (ipr) => ipr.route('replace', { dst: '2001:db8:1::/48', gateway: '2001:db8::4' }));
    await s.do('changed', (ipr) => ipr.route('change', { dst: '2001:db8:1::/48', gateway: '2001:db8::5' }));
    await s.do('changed, not there', (ipr) => ipr.route('change', { dst: '2001:db8:77::/48', gateway: '2001:db8::5' }));
    await s.do('replaced, none there', (ipr) =>
      ipr.route('replace', { dst: '2001:db8:2::/48', gateway: '2001:db8::2' }),
    );
    await s.do('the default', (ipr) => ipr.route('add', { dst: 'default', gateway: '2001:db8::2' }));
    await s.do('on a link', (ipr) => ipr.route('add', { dst: '2001:db8:3::/48', oif: 3 }));
    await s.do('by a gateway of the link', (ipr) =>
      ipr.route('add', { dst: '2001:db8:4::/48', gateway: 'fe80::2', oif: 3 }),
    );
    await s.do('by a gateway of no link', (ipr) => ipr.route('add', { dst: '2001:db8:5::/48', gateway: 'fe80::2' }));
    await s.do('with a source', (ipr) => ipr.route('add', { dst: '2001:db8:6::/48', oif: 3, prefsrc: '2001:db8::1' }));
    await s.do('with metrics', (ipr) => ipr.route('add', { dst: '2001:db8:7::/48', oif: 3, metrics: { mtu: 1400 } }));
    await s.do('in another table', (ipr) => ipr.route('add', { dst: '2001:db8:8::/48', oif: 3, table: 100 }));
    await s.do('blackhole', (ipr) => ipr.route('add', { dst: '2001:db8:9::/48', type: 'blackhole' }));
    await s.do('unreachable', (ipr) => ipr.route('add', { dst: '2001:db8:a::/48', type: 'unreachable' }));
    await s.do('prohibit', (ipr) => ipr.route('add', { dst: '2001:db8:b::/48', type: 'prohibit', priority: 5 }));
    await s.do('with a protocol', (ipr) => ipr.route('add', { dst: '2001:db8:c::/48', oif: 3, protocol: 'bgp' }));
    await s.do('several next hops', (ipr) =>
      ipr.route('add', {
        dst: '2001:db8:d::/48',
        multipath: [
          { gateway: '2001:db8::2', weight: 1 },
          { gateway: '2001:db8::3', weight: 2 },
        ],
      } as never),
    );
    await s.do('a third next hop', (ipr) => ipr.route('append', { dst: '2001:db8:d::/48', gateway: '2001:db8::7' }));
    await s.do('all', (ipr) => ipr.getRoutes({ family: 10 }));
    await s.do('of one table', (ipr) => ipr.getRoutes({ family: 10, table: 100 }));
    await s.do('of one protocol', (ipr) => ipr.getRoutes({ family: 10, protocol: 'bgp' }));
    await s.do('of a table that is not there', (ipr) => ipr.getRoutes({ family: 10, table: 7777 }));
    await s.do('the way to a neighbour', (ipr) => ipr.route('get', { dst: '2001:db8::7' }));
    await s.do('the way over the default', (ipr) => ipr.route('get', { dst: '2001:db9::7' }));
    await s.do('the way to oneself', (ipr) => ipr.route('get', { dst: '2001:db8::1' }));
    await s.do('an unreachable gateway', (ipr) =>
      ipr.route('add', { dst: '2001:db8:20::/48', gateway: '2001:dbf::1', oif: 1 }),
    );
    await s.do('a gateway of its own', (ipr) => ipr.route('add', { dst: '2001:db8:20::/48', gateway: '2001:db8::1' }));
    await s.do('on no link', (ipr) => ipr.route('add', { dst: '2001:db8:20::/48', oif: 99 }));
    await s.do('without anything', (ipr) => ipr.route('add', { dst: '2001:db8:20::/48' }));
    await s.do('a source that is not ours', (ipr) =>
      ipr.route('add', { dst: '2001:db8:20::/48', oif: 3, prefsrc: '2001:db8:99::1' }),
    );
    await s.do('not there', (ipr) => ipr.route('del', { dst: '2001:db8:21::/48' }));
    await s.do('not there with that gateway', (ipr) =>
      ipr.route('del', { dst: '2001:db8:1::/48', gateway: '2001:db8::99' }),
    );
    await s.do('not there in no table', (ipr) => ipr.route('del', { dst: '2001:db8:1::/48', table: 4444 }));
    await s.do('one goes', (ipr) => ipr.route('del', { dst: '2001:db8:1::/48' }));
    await s.do('one of several next hops', (ipr) =>
      ipr.route('del', { dst: '2001:db8:d::/48', gateway: '2001:db8::3' }),
    );
    await s.do('the blackhole', (ipr) => ipr.route('del', { dst: '2001:db8:9::/48', type: 'blackhole' }));
    await s.do('the link down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('what is left', (ipr) => ipr.getRoutes({ family: 10 }));
    await s.do('the link up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('the link goes', (ipr) => ipr.link('del', { index: 3 }));
    await s.do('what is left without the link', (ipr) => ipr.getRoutes({ family: 10 }));
    await s.run('ip -6 route add 2001:db8:31::/48 via 2001:db8::1');
    await s.run('ip -6 route add blackhole 2001:db8:32::/48');
    await s.run('ip -6 route show table all');
    await s.run('ip -6 route del 2001:db8:33::/48');
  },
};
