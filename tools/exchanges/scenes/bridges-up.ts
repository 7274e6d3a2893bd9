/** A bridge whose port has a carrier. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

const C = '02:00:00:00:00:0c';

export const bridgesUp: Scene = {
  name: 'bridges-up',
  async run(s) {
    await s.do('a bridge', (ipr) => ipr.link('add', { ifname: 'br0', kind: 'bridge', address: C }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('the bridge up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('a port', (ipr) => ipr.link('set', { index: 4, master: 2 }));
    await s.do('the far end up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('the port up', (ipr) => ipr.link('set', { index: 4, state: 'up' }));
    await s.do('the links', (ipr) => ipr.getLinks());
    await s.do('the ports', (ipr) => ipr.brport('dump'));
    await s.do('an address of the bridge', (ipr) => ipr.addr('add', { index: 2, address: '10.0.0.1/24' }));
    await s.do('an entry that ages', (ipr) =>
      ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:02', master: true, state: 'reachable' }),
    );
    await s.do('a static entry', (ipr) =>
      ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:04', master: true, state: 'noarp' }),
    );
    await s.do('a replaced entry', (ipr) =>
      ipr.fdb('replace', { index: 4, lladdr: '02:00:00:00:01:04', master: true, state: 'reachable' }),
    );
    await s.do('an entry of the bridge itself', (ipr) =>
      ipr.fdb('add', { index: 2, lladdr: '02:00:00:00:01:05', self: true }),
    );
    await s.do('the entries', (ipr) => ipr.fdb('dump', { master: 2 }));
    await s.do('entries of the port', (ipr) => ipr.fdb('dump', { index: 4 }));
    await s.do('the far end down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('the far end up again', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('the port out of the bridge', (ipr) => ipr.link('set', { index: 4, master: 0 }));
    await s.do('the bridge goes', (ipr) => ipr.link('del', { index: 2 }));
  },
};
