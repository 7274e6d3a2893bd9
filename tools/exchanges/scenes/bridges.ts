/** Bridges, their ports and forwarding entries; VXLAN and its. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

const C = '02:00:00:00:00:0c';

export const bridges: Scene = {
  name: 'bridges',
  async run(s) {
    await s.do('a bridge', (ipr) => ipr.link('add', { ifname: 'br0', kind: 'bridge', address: C }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('the bridge', (ipr) => ipr.link('get', { index: 2 }));
    await s.do('a port', (ipr) => ipr.link('set', { index: 4, master: 2 }));
    await s.do('the links', (ipr) => ipr.getLinks());
    await s.do('ports of the bridge', (ipr) => ipr.getLinks({ master: 2 }));
    await s.do('ports without a master', (ipr) => ipr.getLinks({ kind: 'veth' }));
    await s.do('a port again', (ipr) => ipr.link('set', { index: 4, master: 2 }));
    await s.do('forwarding entries', (ipr) => ipr.fdb('dump'));
    await s.do('a static entry', (ipr) => ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:01', master: true }));
    await s.do('the same entry', (ipr) => ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:01', master: true }));
    await s.do('an entry that is replaced', (ipr) =>
      ipr.fdb('replace', { index: 4, lladdr: '02:00:00:00:01:01', master: true }),
    );
    await s.do('an entry that ages', (ipr) =>
      ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:02', master: true, state: 'reachable' }),
    );
    await s.do('an entry of a port itself', (ipr) =>
      ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:03', self: true }),
    );
    await s.do('forwarding entries of the bridge', (ipr) => ipr.fdb('dump', { master: 2 }));
    await s.do('forwarding entries of the port', (ipr) => ipr.fdb('dump', { index: 4 }));
    await s.do('an entry goes', (ipr) => ipr.fdb('del', { index: 4, lladdr: '02:00:00:00:01:01', master: true }));
    await s.do('an entry that is not there goes', (ipr) =>
      ipr.fdb('del', { index: 4, lladdr: '02:00:00:00:01:01', master: true }),
    );
    await s.do('an entry on no port', (ipr) => ipr.fdb('add', { index: 3, lladdr: '02:00:00:00:01:01', master: true }));
    await s.do('an entry on no interface', (ipr) =>
      ipr.fdb('add', { index: 99, lladdr: '02:00:00:00:01:01', master: true }),
    );
    await s.do('an entry of zeros', (ipr) => ipr.fdb('add', { index: 4, lladdr: '00:00:00:00:00:00', master: true }));
    await s.do('bridge up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('port up', (ipr) => ipr.link('set', { index: 4, state: 'up' }));
    await s.do('the port is no port any more', (ipr) => ipr.link('set', { index: 4, master: 0 }));
    await s.do('a vxlan', (ipr) =>
      ipr.link('add', {
        ifname: 'vx0',
        kind: 'vxlan',
        address: B,
        vxlan: { id: 42, port: 4789, learning: false, local: '10.0.0.1' },
      }),
    );
    await s.do('the vxlan', (ipr) => ipr.link('get', { index: 5 }));
    await s.do('a vxlan entry', (ipr) =>
      ipr.fdb('add', { index: 5, lladdr: '00:00:00:00:00:00', dst: '10.0.0.2', self: true }),
    );
    await s.do('the same vxlan entry', (ipr) =>
      ipr.fdb('add', { index: 5, lladdr: '00:00:00:00:00:00', dst: '10.0.0.2', self: true }),
    );
    await s.do('another destination', (ipr) =>
      ipr.fdb('append', { index: 5, lladdr: '00:00:00:00:00:00', dst: '10.0.0.3', self: true }),
    );
    await s.do('a unicast entry', (ipr) => ipr.fdb('append', { index: 5, lladdr: A, dst: '10.0.0.3', self: true }));
    await s.do('vxlan entries', (ipr) => ipr.fdb('dump', { index: 5 }));
    await s.do('a vxlan entry goes', (ipr) =>
      ipr.fdb('del', { index: 5, lladdr: '00:00:00:00:00:00', dst: '10.0.0.2', self: true }),
    );
    await s.do('a vxlan entry that is not there goes', (ipr) =>
      ipr.fdb('del', { index: 5, lladdr: '02:00:00:00:00:99', dst: '10.0.0.9', self: true }),
    );
    await s.do('a vxlan up', (ipr) => ipr.link('set', { index: 5, state: 'up' }));
    await s.do('all entries', (ipr) => ipr.fdb('dump'));
    await s.do('the vxlan goes', (ipr) => ipr.link('del', { index: 5 }));
    await s.do('a port, again', (ipr) => ipr.link('set', { index: 4, master: 2 }));
    await s.do('an entry again', (ipr) => ipr.fdb('add', { index: 4, lladdr: '02:00:00:00:01:01', master: true }));
    await s.do('the bridge goes with a port', (ipr) => ipr.link('del', { index: 2 }));
  },
};
