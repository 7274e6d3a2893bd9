/** Next hop objects, their groups, and the routes that use them. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

export const nexthops: Scene = {
  name: 'nexthops',
  async run(s) {
    await s.do('lo up', (ipr) => ipr.link('set', { index: 1, state: 'up' }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('while down', (ipr) => ipr.nexthop('add', { id: 1, oif: 3 }));
    await s.do('up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('both up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('an address', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
    await s.do('an IPv6 address', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8::1/64' }));
    await s.do('none yet', (ipr) => ipr.getNexthops());
    await s.do('by gateway', (ipr) => ipr.nexthop('add', { id: 1, gateway: '10.0.0.2', oif: 3 }));
    await s.do('another', (ipr) => ipr.nexthop('add', { id: 2, gateway: '10.0.0.3', oif: 3 }));
    await s.do('on the link', (ipr) => ipr.nexthop('add', { id: 3, oif: 3 }));
    await s.do('a blackhole', (ipr) => ipr.nexthop('add', { id: 4, blackhole: true }));
    await s.do('IPv6', (ipr) => ipr.nexthop('add', { id: 5, gateway: '2001:db8::2', oif: 3 }));
    await s.do('a number of the kernel', (ipr) => ipr.nexthop('add', { gateway: '10.0.0.4', oif: 3 }));
    await s.do('another number of the kernel', (ipr) =>
      ipr.nexthop('add', { gateway: '10.0.0.5', oif: 3, protocol: 'bgp' }),
    );
    await s.do('a group', (ipr) => ipr.nexthop('add', { id: 10, group: [{ id: 1 }, { id: 2, weight: 3 }] }));
    await s.do('the same', (ipr) => ipr.nexthop('add', { id: 1, gateway: '10.0.0.2', oif: 3 }));
    await s.do('replaced', (ipr) => ipr.nexthop('replace', { id: 2, gateway: '10.0.0.7', oif: 3 }));
    await s.do('all', (ipr) => ipr.getNexthops());
    await s.do('groups only', (ipr) => ipr.getNexthops({ groups: true } as never));
    await s.do('of one interface', (ipr) => ipr.getNexthops({ oif: 3 }));
    await s.do('one', (ipr) => ipr.nexthop('get', { id: 10 }));
    await s.do('one that is not there', (ipr) => ipr.nexthop('get', { id: 99 }));
    await s.do('a route', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', nhId: 1 } as never));
    await s.do('a route by the group', (ipr) => ipr.route('add', { dst: '10.2.0.0/16', nhId: 10 } as never));
    await s.do('an IPv6 route', (ipr) => ipr.route('add', { dst: '2001:db8:1::/48', nhId: 5 } as never));
    await s.do('an IPv6 route by an IPv4 next hop', (ipr) =>
      ipr.route('add', { dst: '2001:db8:2::/48', nhId: 1 } as never),
    );
    await s.do('an IPv4 route by an IPv6 next hop', (ipr) =>
      ipr.route('add', { dst: '10.3.0.0/16', nhId: 5 } as never),
    );
    await s.do('a route by a blackhole', (ipr) => ipr.route('add', { dst: '10.4.0.0/16', nhId: 4 } as never));
    await s.do('routes', (ipr) => ipr.getRoutes({ family: 2, table: 254 }));
    await s.do('IPv6 routes', (ipr) => ipr.getRoutes({ family: 10, table: 254 }));
    await s.do('replaced under its routes', (ipr) => ipr.nexthop('replace', { id: 1, gateway: '10.0.0.8', oif: 3 }));
    await s.do('IPv6 replaced under its routes', (ipr) =>
      ipr.nexthop('replace', { id: 5, gateway: '2001:db8::3', oif: 3 }),
    );
    await s.do('the route by the replaced one goes', (ipr) =>
      ipr.route('del', { dst: '10.1.0.0/16', nhId: 1 } as never),
    );
    await s.do('a route by it again', (ipr) => ipr.route('add', { dst: '10.1.0.0/16', nhId: 1 } as never));
    await s.do('the IPv6 next hop goes', (ipr) => ipr.nexthop('del', { id: 5 }));
    await s.do('an IPv6 next hop without a gateway', (ipr) =>
      ipr.nexthop('add', { id: 8, family: 10, oif: 3 } as never),
    );
    await s.do('an IPv6 next hop by a gateway of no link', (ipr) =>
      ipr.nexthop('add', { id: 9, gateway: '2001:dbf::1', oif: 3 }),
    );
    await s.do('an IPv6 next hop by its own address', (ipr) =>
      ipr.nexthop('add', { id: 9, gateway: '2001:db8::1', oif: 3 }),
    );
    await s.do('twice in a group', (ipr) => ipr.nexthop('add', { id: 21, group: [{ id: 1 }, { id: 1 }] }));
    await s.do('an unreachable gateway', (ipr) => ipr.nexthop('add', { id: 20, gateway: '192.168.77.1', oif: 3 }));
    await s.do('on no link', (ipr) => ipr.nexthop('add', { id: 20, oif: 99 }));
    await s.do('a group of what is not there', (ipr) => ipr.nexthop('add', { id: 20, group: [{ id: 77 }] }));
    await s.do('a group of a group', (ipr) => ipr.nexthop('add', { id: 20, group: [{ id: 10 }] }));
    await s.do('not there', (ipr) => ipr.nexthop('del', { id: 99 }));
    await s.do('a member goes', (ipr) => ipr.nexthop('del', { id: 2 }));
    await s.do('one that a route uses goes', (ipr) => ipr.nexthop('del', { id: 1 }));
    await s.do('routes then', (ipr) => ipr.getRoutes({ family: 2, table: 254 }));
    await s.do('what is left', (ipr) => ipr.getNexthops());
    await s.do('the link down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('what is left without the link', (ipr) => ipr.getNexthops());
    await s.do('the link goes', (ipr) => ipr.link('del', { index: 3 }));
    await s.run('ip nexthop add id 30 blackhole');
    await s.run('ip nexthop show');
    await s.run('ip nexthop del id 31');
  },
};
