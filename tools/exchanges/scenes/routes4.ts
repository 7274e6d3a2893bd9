/** IPv4 routes. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

export const routes4: Scene = {
  name: 'routes4',
  async run(s) {
    await s.do('lo up', (ipr) => ipr.link('set', { index: 1, state: 'up' }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('a route while down', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', oif: 3 }));
    await s.do('up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('both up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('an address', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
    await s.do('by gateway', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2' }));
    await s.do('the same', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2' }));
    await s.do('another gateway', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.3' }));
    await s.do('another metric', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.3', priority: 50 }));
    await s.do('replaced', (ipr) => ipr.route('replace', { dst: '10.1.0.0/16', gateway: '10.0.0.4' }));
    await s.do('replaced by the same', (ipr) => ipr.route('replace', { dst: '10.1.0.0/16', gateway: '10.0.0.4' }));
    await s.do('changed', (ipr) => ipr.route('change', { dst: '10.1.0.0/16', gateway: '10.0.0.5' }));
    await s.do('changed, not there', (ipr) => ipr.route('change', { dst: '10.77.0.0/16', gateway: '10.0.0.5' }));
    await s.do('appended', (ipr) => ipr.route('append', { dst: '10.1.0.0/16', gateway: '10.0.0.6' }));
    await s.do('appended, the same', (ipr) => ipr.route('append', { dst: '10.1.0.0/16', gateway: '10.0.0.6' }));
    await s.do('replaced, none there', (ipr) => ipr.route('replace', { dst: '10.2.0.0/16', gateway: '10.0.0.2' }));
    await s.do('the default', (ipr) => ipr.route('add', { dst: 'default', gateway: '10.0.0.2' }));
    await s.do('on a link', (ipr) => ipr.route('add', { dst: '10.3.0.0/16', oif: 3 }));
    await s.do('with a source', (ipr) => ipr.route('add', { dst: '10.4.0.0/16', oif: 3, prefsrc: '10.0.0.1' }));
    await s.do('with metrics', (ipr) =>
      ipr.route('add', { dst: '10.5.0.0/16', oif: 3, metrics: { mtu: 1400, advmss: 1300 } }),
    );
    await s.do('in another table', (ipr) => ipr.route('add', { dst: '10.6.0.0/16', oif: 3, table: 100 }));
    await s.do('in a table beyond 255', (ipr) => ipr.route('add', { dst: '10.6.0.0/16', oif: 3, table: 1000 }));
    await s.do('blackhole', (ipr) => ipr.route('add', { dst: '10.7.0.0/16', type: 'blackhole' }));
    await s.do('unreachable', (ipr) => ipr.route('add', { dst: '10.8.0.0/16', type: 'unreachable' }));
    await s.do('prohibit', (ipr) => ipr.route('add', { dst: '10.9.0.0/16', type: 'prohibit', priority: 5 }));
    await s.do('throw', (ipr) => ipr.route('add', { dst: '10.9.0.0/24', type: 'throw', table: 100 }));
    await s.do('with a protocol', (ipr) => ipr.route('add', { dst: '10.10.0.0/16', oif: 3, protocol: 'bgp' }));
    await s.do('with a scope', (ipr) => ipr.route('add', { dst: '10.11.0.0/16', oif: 3, scope: 'host' }));
    await s.do('on the link by force', (ipr) =>
      ipr.route('add', { dst: '10.12.0.0/16', gateway: '172.16.0.1', oif: 3, flags: ['onlink'] }),
    );
    await s.do('several next hops', (ipr) =>
      ipr.route('add', {
        dst: '10.13.0.0/16',
        multipath: [
          { gateway: '10.0.0.2', weight: 1 },
          { gateway: '10.0.0.3', weight: 2 },
        ],
      } as never),
    );
    await s.do('with a tos', (ipr) => ipr.route('add', { dst: '10.14.0.0/16', oif: 3, tos: 0x10 }));
    await s.do('a host', (ipr) => ipr.route('add', { dst: '10.15.0.1/32', oif: 3 }));
    await s.do('all', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('of one table', (ipr) => ipr.getRoutes({ family: 2, table: 100 }));
    await s.do('of one protocol', (ipr) => ipr.getRoutes({ family: 2, protocol: 'bgp' }));
    await s.do('of one type', (ipr) => ipr.getRoutes({ family: 2, type: 'blackhole' }));
    await s.do('of one interface', (ipr) => ipr.getRoutes({ family: 2, oif: 3 }));
    await s.do('of a table that is not there', (ipr) => ipr.getRoutes({ family: 2, table: 7777 }));
    await s.do('the way to a neighbour', (ipr) => ipr.route('get', { dst: '10.0.0.7' }));
    await s.do('the way over the default', (ipr) => ipr.route('get', { dst: '192.0.2.1' }));
    await s.do('the way to oneself', (ipr) => ipr.route('get', { dst: '10.0.0.1' }));
    await s.do('the way into a black hole', (ipr) => ipr.route('get', { dst: '10.7.0.1' }));
    await s.do('the way to the unreachable', (ipr) => ipr.route('get', { dst: '10.8.0.1' }));
    await s.do('the way to the prohibited', (ipr) => ipr.route('get', { dst: '10.9.0.1' }));
    await s.do('an unreachable gateway', (ipr) => ipr.route('add', { dst: '10.20.0.0/16', gateway: '192.168.77.1' }));
    await s.do('a gateway on a link that does not reach it', (ipr) =>
      ipr.route('add', { dst: '10.20.0.0/16', gateway: '192.168.77.1', oif: 1 }),
    );
    await s.do('a gateway of its own', (ipr) => ipr.route('add', { dst: '10.20.0.0/16', gateway: '10.0.0.1' }));
    await s.do('on no link', (ipr) => ipr.route('add', { dst: '10.20.0.0/16', oif: 99 }));
    await s.do('without anything', (ipr) => ipr.route('add', { dst: '10.20.0.0/16' }));
    await s.do('a prefix with bits of the host', (ipr) => ipr.route('add', { dst: '10.20.0.1/16', oif: 3 }));
    await s.do('a source that is not ours', (ipr) =>
      ipr.route('add', { dst: '10.20.0.0/16', oif: 3, prefsrc: '10.99.0.1' }),
    );
    await s.do('not there', (ipr) => ipr.route('del', { dst: '10.21.0.0/16' }));
    await s.do('not there with that gateway', (ipr) => ipr.route('del', { dst: '10.1.0.0/16', gateway: '10.0.0.99' }));
    await s.do('not there in that table', (ipr) => ipr.route('del', { dst: '10.1.0.0/16', table: 100 }));
    await s.do('not there in no table', (ipr) => ipr.route('del', { dst: '10.1.0.0/16', table: 4444 }));
    await s.do('several next hops, one unreachable', (ipr) =>
      ipr.route('add', {
        dst: '10.22.0.0/16',
        multipath: [{ gateway: '10.0.0.2' }, { gateway: '192.168.77.1' }],
      } as never),
    );
    await s.do('a next hop object that is not there', (ipr) =>
      ipr.route('add', { dst: '10.22.0.0/16', nhId: 4711 } as never),
    );
    await s.do('the first of two goes', (ipr) => ipr.route('del', { dst: '10.1.0.0/16' }));
    await s.do('one by its gateway', (ipr) => ipr.route('del', { dst: '10.1.0.0/16', gateway: '10.0.0.6' }));
    await s.do('one by its metric', (ipr) => ipr.route('del', { dst: '10.1.0.0/16', priority: 50 }));
    await s.do('one of several next hops', (ipr) => ipr.route('del', { dst: '10.13.0.0/16' }));
    await s.do('one of another table', (ipr) => ipr.route('del', { dst: '10.6.0.0/16', table: 1000 }));
    await s.do('the blackhole', (ipr) => ipr.route('del', { dst: '10.7.0.0/16', type: 'blackhole' }));
    await s.do('the link down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('what is left', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('the link up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('what came back', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('a route again', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2' }));
    await s.do('the address goes', (ipr) => ipr.addr('del', { index: 3, address: '10.0.0.1/24' }));
    await s.do('what is left without the address', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('a route on the link again', (ipr) => ipr.route('add', { dst: '10.3.0.0/16', oif: 3 }));
    await s.do('the link goes', (ipr) => ipr.link('del', { index: 3 }));
    await s.do('what is left without the link', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.run('ip route add blackhole 10.30.0.0/16');
    await s.run('ip route add blackhole 10.30.0.0/16');
    await s.run('ip route add 10.31.0.0/16 via 10.99.0.1');
    await s.run('ip route show table all');
    await s.run('ip route del 10.32.0.0/16');
    await s.run('ip route del blackhole 10.30.0.0/16');
  },
};
