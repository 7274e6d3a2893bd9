/** Links between namespaces. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

export const namespaces: Scene = {
  name: 'namespaces',
  async run(s) {
    const fd = s.namespace('blue');
    await s.do('links of the other', (ipr) => ipr.getLinks(), 'blue');
    await s.do('a pair with one end in the other', (ipr) =>
      ipr.link('add', {
        ifname: 'v0',
        kind: 'veth',
        address: A,
        veth: { peer: { ifname: 'v1', address: B, netNsFd: fd } },
      } as never),
    );
    await s.do('links here', (ipr) => ipr.getLinks());
    await s.do('links there', (ipr) => ipr.getLinks(), 'blue');
    await s.do('up here', (ipr) => ipr.link('set', { ifname: 'v0', state: 'up' }));
    await s.do('up there', (ipr) => ipr.link('set', { ifname: 'v1', state: 'up' }), 'blue');
    await s.do('addresses there', (ipr) => ipr.getAddr(), 'blue');
    await s.do('an ifb', (ipr) => ipr.link('add', { ifname: 'i0', kind: 'ifb', address: A }));
    await s.do('an address on it', (ipr) => ipr.addr('add', { dev: 'i0', address: '10.0.0.1/24' }));
    await s.do('it moves', (ipr) => ipr.link('set', { ifname: 'i0', netNsFd: fd }));
    await s.do('it is there', (ipr) => ipr.link('get', { ifname: 'i0' }), 'blue');
    await s.do('it is not here', (ipr) => ipr.link('get', { ifname: 'i0' }));
    await s.do('another of that name', (ipr) => ipr.link('add', { ifname: 'i0', kind: 'ifb', address: B }));
    await s.do('it does not move to where the name is taken', (ipr) => ipr.link('set', { ifname: 'i0', netNsFd: fd }));
    await s.do('lo does not move', (ipr) => ipr.link('set', { index: 1, netNsFd: fd }));
    await s.do('one end goes, and the other with it', (ipr) => ipr.link('del', { ifname: 'v0' }));
    await s.do('nothing there', (ipr) => ipr.getLinks(), 'blue');
  },
};
