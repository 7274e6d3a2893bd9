/** Neighbours. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

const M = '02:00:00:00:02:01';

export const neighbours: Scene = {
  name: 'neighbours',
  async run(s) {
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('while down', (ipr) => ipr.neigh('add', { index: 3, dst: '10.0.0.2', lladdr: M }));
    await s.do('up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('both up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('a permanent one', (ipr) => ipr.neigh('add', { index: 3, dst: '10.0.0.2', lladdr: M }));
    await s.do('the same', (ipr) => ipr.neigh('add', { index: 3, dst: '10.0.0.2', lladdr: M }));
    await s.do('another address of it', (ipr) =>
      ipr.neigh('replace', { index: 3, dst: '10.0.0.2', lladdr: '02:00:00:00:02:02' }),
    );
    await s.do('changed', (ipr) => ipr.neigh('change', { index: 3, dst: '10.0.0.2', lladdr: '02:00:00:00:02:03' }));
    await s.do('changed, not there', (ipr) => ipr.neigh('change', { index: 3, dst: '10.0.0.77', lladdr: M }));
    await s.do('without ARP', (ipr) => ipr.neigh('add', { index: 3, dst: '10.0.0.3', lladdr: M, state: 'noarp' }));
    await s.do('with a protocol', (ipr) =>
      ipr.neigh('add', { index: 3, dst: '10.0.0.5', lladdr: M, protocol: 9 } as never),
    );
    await s.do('learned by somebody', (ipr) =>
      ipr.neigh('add', { index: 3, dst: '10.0.0.6', lladdr: M, flags: ['ext_learned'] } as never),
    );
    await s.do('a router', (ipr) =>
      ipr.neigh('add', { index: 3, dst: '2001:db8::9', lladdr: M, flags: ['router'] } as never),
    );
    await s.do('IPv6', (ipr) => ipr.neigh('add', { index: 3, dst: '2001:db8::2', lladdr: M }));
    await s.do('a proxy', (ipr) => ipr.neigh('add', { index: 3, dst: '10.0.0.9', proxy: true } as never));
    await s.do('all', (ipr) => ipr.getNeighbours());
    await s.do('of IPv4', (ipr) => ipr.getNeighbours({ family: 2 }));
    await s.do('of one link', (ipr) => ipr.getNeighbours({ family: 2, index: 3 }));
    await s.do('of no link', (ipr) => ipr.getNeighbours({ family: 2, index: 99 }));
    await s.do('one', (ipr) => ipr.neigh('get', { index: 3, dst: '10.0.0.2' }));
    await s.do('IPv6, one', (ipr) => ipr.neigh('get', { index: 3, dst: '2001:db8::2' }));
    await s.do('one that is not there', (ipr) => ipr.neigh('get', { index: 3, dst: '10.0.0.88' }));
    await s.do('one of no link', (ipr) => ipr.neigh('get', { index: 99, dst: '10.0.0.2' }));
    await s.do('on no link', (ipr) => ipr.neigh('add', { index: 99, dst: '10.0.0.2', lladdr: M }));
    await s.do('an address too short', (ipr) => ipr.neigh('add', { index: 3, dst: '10.0.0.12', lladdr: '02:00:00' }));
    await s.do('not there', (ipr) => ipr.neigh('del', { index: 3, dst: '10.0.0.88' }));
    await s.do('a proxy that is not there', (ipr) =>
      ipr.neigh('del', { index: 3, dst: '10.0.0.88', proxy: true } as never),
    );
    await s.do('on no link, deleted', (ipr) => ipr.neigh('del', { index: 99, dst: '10.0.0.88' }));
    await s.do('one goes', (ipr) => ipr.neigh('del', { index: 3, dst: '10.0.0.3' }));
    await s.do('IPv6 goes', (ipr) => ipr.neigh('del', { index: 3, dst: '2001:db8::2' }));
    await s.do('the proxy goes', (ipr) => ipr.neigh('del', { index: 3, dst: '10.0.0.9', proxy: true } as never));
    await s.run('ip neigh add 10.0.0.101 lladdr 02:00:00:00:02:01 dev v0');
    await s.run('ip neigh show');
    await s.run('ip neigh del 10.0.0.101 dev v0');
    await s.run('ip neigh del 10.0.0.101 dev v0');
    await s.do('the link down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('what is left', (ipr) => ipr.getNeighbours({ family: 2 }));
    await s.do('the link goes', (ipr) => ipr.link('del', { index: 3 }));
  },
};
