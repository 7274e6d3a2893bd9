/** Links: what the kernel refuses. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

export const linkErrors: Scene = {
  name: 'link-errors',
  async run(s) {
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('a bridge', (ipr) => ipr.link('add', { ifname: 'br0', kind: 'bridge', address: A }));
    await s.do('a name that is taken', (ipr) => ipr.link('add', { ifname: 'v0', kind: 'ifb' }));
    await s.do('an index that is taken', (ipr) => ipr.link('add', { ifname: 'x', index: 2, kind: 'ifb' }));
    await s.do('a peer that is taken', (ipr) =>
      ipr.link('add', { ifname: 'x', kind: 'veth', veth: { peer: { ifname: 'v1' } } }),
    );
    await s.do('an unknown kind', (ipr) => ipr.link('add', { ifname: 'x', kind: 'nosuchkind' }));
    await s.do('a change of what is not there, by index', (ipr) => ipr.link('set', { index: 99, mtu: 1300 }));
    await s.do('a change of what is not there, by name', (ipr) => ipr.link('set', { ifname: 'absent', mtu: 1300 }));
    await s.do('a get of what is not there, by index', (ipr) => ipr.link('get', { index: 99 }));
    await s.do('a get of what is not there, by name', (ipr) => ipr.link('get', { ifname: 'absent' }));
    await s.do('a get of what is not there, by another name', (ipr) => ipr.link('get', { altIfname: 'absent' }));
    await s.do('a deletion of what is not there', (ipr) => ipr.link('del', { index: 99 }));
    await s.do('a deletion of what is not there, by name', (ipr) => ipr.link('del', { ifname: 'absent' }));
    await s.do('lo does not go', (ipr) => ipr.link('del', { index: 1 }));
    await s.do('an MTU too small', (ipr) => ipr.link('set', { index: 3, mtu: 10 }));
    await s.do('an MTU too large', (ipr) => ipr.link('set', { index: 3, mtu: 70000 }));
    await s.do('an MTU too small, of a new one', (ipr) => ipr.link('add', { ifname: 'x', kind: 'bridge', mtu: 10 }));
    await s.do('an MTU too large, of a new one', (ipr) => ipr.link('add', { ifname: 'x', kind: 'bridge', mtu: 70000 }));
    await s.do('a name that another has', (ipr) => ipr.link('set', { index: 3, ifname: 'v1' }));
    await s.do('its own name', (ipr) => ipr.link('set', { index: 3, ifname: 'v0' }));
    await s.do('a name with a slash', (ipr) => ipr.link('set', { index: 3, ifname: 'a/b' }));
    await s.do('a master that is not there', (ipr) => ipr.link('set', { index: 3, master: 99 }));
    await s.do('a master that is none', (ipr) => ipr.link('set', { index: 3, master: 2 }));
    await s.do('a multicast address', (ipr) => ipr.link('set', { index: 3, address: '01:00:00:00:00:01' }));
    await s.do('an address of another length', (ipr) => ipr.link('set', { index: 3, address: '02:00:00:01' }));
    await s.do('an alternative name that is taken', (ipr) => ipr.link('property_add', { index: 3, altIfname: 'v1' }));
    await s.do('an alternative name that it does not have', (ipr) =>
      ipr.link('property_del', { index: 3, altIfname: 'zz' }),
    );
    await s.do('an existing one is replaced', (ipr) => ipr.link('replace', { ifname: 'v0', kind: 'veth', mtu: 1450 }));
    await s.do('an existing one is replaced by another kind', (ipr) =>
      ipr.link('replace', { ifname: 'v0', kind: 'ifb' }),
    );
    await s.do('too many queues', (ipr) => ipr.link('add', { ifname: 'x', kind: 'ifb', numTxQueues: 5000 }));
    await s.do('no queue', (ipr) => ipr.link('add', { ifname: 'x', kind: 'ifb', numTxQueues: 0 }));
    await s.do('x goes, should it be there', (ipr) => ipr.link('del', { ifname: 'x' }));
    await s.do('a bridge is not put into a bridge', (ipr) => ipr.link('set', { index: 4, master: 4 }));
    await s.do('lo is not put into a bridge', (ipr) => ipr.link('set', { index: 1, master: 4 }));
    await s.do('a namespace that is not there', (ipr) => ipr.link('set', { index: 3, netNsFd: 777 }));
    await s.do('a namespace of no process', (ipr) => ipr.link('set', { index: 3, netNsPid: 4194000 }));
    await s.do('a vxlan without an identifier', (ipr) => ipr.link('add', { ifname: 'x', kind: 'vxlan' } as never));
    await s.do('a vxlan on what is not there', (ipr) =>
      ipr.link('add', { ifname: 'x', kind: 'vxlan', vxlan: { id: 3, link: 99, port: 4789 } }),
    );
    await s.do('a vxlan with two local addresses', (ipr) =>
      ipr.link('add', {
        ifname: 'x',
        kind: 'vxlan',
        vxlan: { id: 3, group: '10.0.0.1', local: '239.1.1.1', port: 4789 },
      }),
    );
    await s.run('ip link set dev v0 mtu 10');
    await s.run('ip link add v0 type ifb');
    await s.run('ip link add x type nosuchkind');
    await s.run('ip link del lo');
    await s.run('ip link set v0 name v1');
  },
};
