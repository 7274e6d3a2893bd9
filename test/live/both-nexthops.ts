/** Neighbours, forwarding entries and next hops, on both kernels. */
import { A, B, C, type Part, pair } from './both.js';

export const nexthops: readonly Part[] = [
  {
    area: 'neigh',
    name: 'made, changed, deleted',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      const monitor = ipr.monitor({ groups: ['neigh'] });
      await see.try('permanent', ipr.neigh('add', { index: 3, dst: '10.0.0.2', lladdr: C }));
      await see.try('again', ipr.neigh('add', { index: 3, dst: '10.0.0.2', lladdr: C }));
      await see.try('replaced', ipr.neigh('replace', { index: 3, dst: '10.0.0.2', lladdr: B }));
      await see.try('changed, absent', ipr.neigh('change', { index: 3, dst: '10.0.0.77', lladdr: B }));
      await see.try('noarp', ipr.neigh('add', { index: 3, dst: '10.0.0.3', lladdr: C, state: 'noarp' }));
      await see.try('IPv6', ipr.neigh('add', { index: 3, dst: '2001:db8::2', lladdr: C }));
      await see.rows('neigh', 'all', ipr.getNeighbours());
      await see.rows('neigh', 'of a link', ipr.getNeighbours({ family: 2, index: 3 }));
      await see.rows(
        'neigh',
        'one',
        ipr.neigh('get', { index: 3, dst: '10.0.0.2' }).then((n) => [n]),
      );
      await see.try('get of none', ipr.neigh('get', { index: 3, dst: '10.0.0.88' }));
      await see.try('on no link', ipr.neigh('add', { index: 99, dst: '10.0.0.2', lladdr: C }));
      await see.try('absent', ipr.neigh('del', { index: 3, dst: '10.0.0.88' }));
      await see.try('deleted', ipr.neigh('del', { index: 3, dst: '10.0.0.3' }));
      await see.events('events', monitor);
      await see.try('down', ipr.link('set', { index: 3, state: 'down' }));
      await see.rows('neigh', 'left', ipr.getNeighbours({ family: 2 }));
      monitor.close();
    },
  },
  {
    area: 'fdb',
    name: 'of a bridge',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      // Where bridges filter VLANs, there would be an entry of VLAN 1 beside each.
      await ipr.link('add', { ifname: 'br0', kind: 'bridge', address: C, state: 'up', bridge: { vlanDefaultPvid: 0 } });
      await see.try('a port', ipr.link('set', { index: 3, master: 4 }));
      await see.rows('link', 'ports', ipr.getLinks({ master: 4 }));
      const monitor = ipr.monitor({ groups: ['neigh'] });
      await see.try('local', ipr.fdb('add', { index: 3, lladdr: '02:00:00:00:01:01', master: true }));
      await see.try('again', ipr.fdb('add', { index: 3, lladdr: '02:00:00:00:01:01', master: true }));
      await see.try('zeros', ipr.fdb('add', { index: 3, lladdr: '00:00:00:00:00:00', master: true }));
      await see.try('on no port', ipr.fdb('add', { index: 2, lladdr: '02:00:00:00:01:01', master: true }));
      await see.try('on no link', ipr.fdb('add', { index: 99, lladdr: '02:00:00:00:01:01', master: true }));
      await see.try('deleted', ipr.fdb('del', { index: 3, lladdr: '02:00:00:00:01:01', master: true }));
      await see.try('absent', ipr.fdb('del', { index: 3, lladdr: '02:00:00:00:01:01', master: true }));
      await see.events('events', monitor);
      await see.try('a bridge in a bridge', ipr.link('set', { index: 4, master: 4 }));
      await see.try('out of the bridge', ipr.link('set', { index: 3, master: 0 }));
      await see.rows('link', 'no ports', ipr.getLinks({ master: 4 }));
      monitor.close();
    },
  },
  {
    area: 'fdb',
    name: 'of a VXLAN link',
    async run(k, see) {
      const { ipr } = k;
      await ipr.link('add', {
        ifname: 'vx0',
        kind: 'vxlan',
        address: B,
        vxlan: { id: 42, port: 4789, local: '10.0.0.1' },
      });
      await see.try(
        'a remote',
        ipr.fdb('add', { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '10.0.0.2', self: true }),
      );
      await see.try('again', ipr.fdb('add', { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '10.0.0.2', self: true }));
      await see.try(
        'another',
        ipr.fdb('append', { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '10.0.0.3', self: true }),
      );
      await see.try('an address', ipr.fdb('add', { dev: 'vx0', lladdr: A, dst: '10.0.0.3', self: true }));
      await see.rows('fdb', 'entries', ipr.fdb('dump', { dev: 'vx0' }));
      await see.try(
        'deleted',
        ipr.fdb('del', { dev: 'vx0', lladdr: '00:00:00:00:00:00', dst: '10.0.0.2', self: true }),
      );
      await see.try('absent', ipr.fdb('del', { dev: 'vx0', lladdr: C, dst: '10.0.0.2', self: true }));
      await see.rows('fdb', 'left', ipr.fdb('dump', { dev: 'vx0' }));
      await see.try('no identifier', ipr.link('add', { ifname: 'vx1', kind: 'vxlan' }));
    },
  },
  {
    area: 'nexthop',
    name: 'objects, groups, routes',
    async run(k, see) {
      const { ipr } = k;
      await see.try('while down', ipr.nexthop('add', { id: 1, oif: 1 }));
      await pair(k);
      await ipr.addr('add', { index: 3, address: '10.0.0.1/24' });
      await ipr.addr('add', { index: 3, address: '2001:db8::1/64', flags: ['nodad'] });
      await k.settle();
      const monitor = ipr.monitor({ groups: ['nexthop', 'ipv4-route', 'ipv6-route'] });
      await see.try('gateway', ipr.nexthop('add', { id: 1, gateway: '10.0.0.2', oif: 3 }));
      await see.try('another', ipr.nexthop('add', { id: 2, gateway: '10.0.0.3', oif: 3 }));
      await see.try('link', ipr.nexthop('add', { id: 3, oif: 3 }));
      await see.try('blackhole', ipr.nexthop('add', { id: 4, blackhole: true }));
      await see.try('IPv6', ipr.nexthop('add', { id: 5, gateway: '2001:db8::2', oif: 3 }));
      await see.try('group', ipr.nexthop('add', { id: 10, group: [{ id: 1 }, { id: 2, weight: 3 }] }));
      await see.try('again', ipr.nexthop('add', { id: 1, gateway: '10.0.0.2', oif: 3 }));
      await see.try('unreachable', ipr.nexthop('add', { id: 20, gateway: '172.16.0.1', oif: 3 }));
      await see.try('no link', ipr.nexthop('add', { id: 20, oif: 99 }));
      await see.try('group of none', ipr.nexthop('add', { id: 20, group: [{ id: 77 }] }));
      await see.try('group of a group', ipr.nexthop('add', { id: 20, group: [{ id: 10 }] }));
      await see.rows('nexthop', 'all', ipr.getNexthops());
      await see.rows(
        'nexthop',
        'one',
        ipr.nexthop('get', { id: 10 }).then((n) => [n]),
      );
      await see.try('get of none', ipr.nexthop('get', { id: 99 }));
      await see.try('a route', ipr.route('add', { dst: '10.1.0.0/16', nhId: 1 }));
      await see.try('by the group', ipr.route('add', { dst: '10.2.0.0/16', nhId: 10 }));
      await see.try('IPv6', ipr.route('add', { dst: '2001:db8:1::/48', nhId: 5 }));
      await see.try('IPv6 by IPv4', ipr.route('add', { dst: '2001:db8:2::/48', nhId: 1 }));
      await see.rows('route', 'routes', ipr.getRoutes({ family: 2, table: 254 }));
      await see.events('made', monitor);
      await see.try('replaced', ipr.nexthop('replace', { id: 1, gateway: '10.0.0.9', oif: 3 }));
      await see.rows('route', 'routes follow', ipr.getRoutes({ family: 2, table: 254 }));
      await see.try('a member goes', ipr.nexthop('del', { id: 2 }));
      await see.try('another goes, and its routes', ipr.nexthop('del', { id: 1 }));
      await see.try('IPv6 goes, and its routes', ipr.nexthop('del', { id: 5 }));
      await see.events('gone', monitor);
      await see.rows('route', 'routes left', ipr.getRoutes({ family: 2, table: 254 }));
      await see.rows('nexthop', 'left', ipr.getNexthops());
      await see.try('down', ipr.link('set', { index: 3, state: 'down' }));
      await see.rows('nexthop', 'left of a link that is down', ipr.getNexthops());
      monitor.close();
    },
  },
];
