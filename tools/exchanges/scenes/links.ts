/** Links: made, found, changed, taken away, and refusals of each. */
import type { Scene } from '../scene.js';

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';

export const links: Scene = {
  name: 'links',
  async run(s) {
    await s.do('the links of a new namespace', (ipr) => ipr.getLinks());
    await s.do('lo up', (ipr) => ipr.link('set', { index: 1, state: 'up' }));
    await s.do('lo', (ipr) => ipr.link('get', { index: 1 }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('the pair', (ipr) => ipr.getLinks());
    await s.do('one end up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('the other end up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('the pair, up', (ipr) => ipr.getLinks());
  },
};
