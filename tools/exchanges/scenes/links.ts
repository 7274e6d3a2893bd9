/** Links: made, found, changed, taken away. */
import type { Scene } from '../scene.js';

export const A = '02:00:00:00:00:0a';
export const B = '02:00:00:00:00:0b';

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
    await s.do('by name', (ipr) => ipr.link('get', { ifname: 'v0' }));
    await s.do('an MTU', (ipr) => ipr.link('set', { index: 3, mtu: 1400 }));
    await s.do('the same MTU again', (ipr) => ipr.link('set', { index: 3, mtu: 1400 }));
    await s.do('an alias', (ipr) => ipr.link('set', { index: 3, ifalias: 'uplink' }));
    await s.do('another alias', (ipr) => ipr.link('set', { index: 3, ifalias: 'downlink' }));
    await s.do('a queue length', (ipr) => ipr.link('set', { index: 3, txqlen: 77 }));
    await s.do('a group', (ipr) => ipr.link('set', { index: 3, group: 42 }));
    await s.do('an address', (ipr) => ipr.link('set', { index: 2, address: '02:00:00:00:00:1b' }));
    await s.do('an alternative name', (ipr) =>
      ipr.link('property_add', { index: 3, altIfname: 'an-alternative-name' }),
    );
    await s.do('by its alternative name', (ipr) => ipr.link('get', { altIfname: 'an-alternative-name' }));
    await s.do('no alternative name', (ipr) =>
      ipr.link('property_del', { index: 3, altIfname: 'an-alternative-name' }),
    );
    await s.do('promiscuous', (ipr) => ipr.link('set', { index: 3, flags: 0x1143, change: 0x100 }));
    await s.do('down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('another name', (ipr) => ipr.link('set', { index: 3, ifname: 'w0' }));
    await s.do('the links then', (ipr) => ipr.getLinks());
    await s.do('deleted', (ipr) => ipr.link('del', { index: 3 }));
    await s.do('nothing but lo', (ipr) => ipr.getLinks());
    await s.do('an ifb', (ipr) => ipr.link('add', { ifname: 'i0', kind: 'ifb', address: A }));
    await s.do('an ifb up', (ipr) => ipr.link('set', { index: 4, state: 'up' }));
    await s.do('the ifb', (ipr) => ipr.link('get', { index: 4 }));
    await s.do('a chosen index', (ipr) =>
      ipr.link('add', { ifname: 'i1', index: 50, kind: 'ifb', address: B, mtu: 1300, txqlen: 10 }),
    );
    await s.do('the next index', (ipr) =>
      ipr.link('add', { ifname: 'i2', kind: 'ifb', address: B, numTxQueues: 1, numRxQueues: 1 }),
    );
    await s.do('a name of the kernel', (ipr) => ipr.link('add', { ifname: 'ifb%d', kind: 'ifb', address: B }));
    await s.do('a name of the kernel again', (ipr) => ipr.link('add', { ifname: 'ifb%d', kind: 'ifb', address: B }));
    await s.do('ifbs only', (ipr) => ipr.getLinks({ kind: 'ifb' }));
    await s.do('all go', (ipr) => ipr.link('del', { index: 50 }));
    await s.do('the ifb that is up goes', (ipr) => ipr.link('del', { index: 4 }));
    await s.do('made and up at once', (ipr) =>
      ipr.link('add', {
        ifname: 'v4',
        kind: 'veth',
        address: A,
        state: 'up',
        veth: { peer: { ifname: 'v5', address: B } },
      }),
    );
    await s.do('its peer up', (ipr) => ipr.link('set', { ifname: 'v5', state: 'up' }));
    await s.do('one of the pair down', (ipr) => ipr.link('set', { ifname: 'v5', state: 'down' }));
    await s.do('the pair, half up', (ipr) => ipr.getLinks({ kind: 'veth' }));
    await s.do('the pair goes while up', (ipr) => ipr.link('del', { ifname: 'v4' }));
    await s.do('lo down', (ipr) => ipr.link('set', { index: 1, state: 'down' }));
    await s.run('ip link show');
    await s.run('ip link add name i9 address 02:00:00:00:00:0e type ifb');
    await s.run('ip link del i9');
  },
};
