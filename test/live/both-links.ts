/** Links and addresses, on both kernels. */
import { A, B, C, type Part, pair } from './both.js';

export const links: readonly Part[] = [
  {
    area: 'link',
    name: 'made, changed, renamed, deleted',
    async run(k, see) {
      const { ipr } = k;
      await see.rows('link', 'a new namespace', ipr.getLinks());
      await pair(k);
      await see.rows('link', 'a pair', ipr.getLinks());
      await see.try('an MTU', ipr.link('set', { dev: 'v0', mtu: 1400 }));
      await see.try('an alias, a group, a queue', ipr.link('set', { dev: 'v0', ifalias: 'x', group: 5, txqlen: 9 }));
      await see.rows('link', 'changed', ipr.getLinks({ kind: 'veth' }));
      await see.try('a name while up', ipr.link('set', { index: 3, ifname: 'w0' }));
      await see.rows(
        'link',
        'by name',
        ipr.link('get', { ifname: 'w0' }).then((l) => [l]),
      );
      await see.try('an alternative name', ipr.link('property_add', { index: 3, altIfname: 'alternative' }));
      await see.rows(
        'link',
        'by alternative name',
        ipr.link('get', { altIfname: 'alternative' }).then((l) => [l]),
      );
      see.note('lookup', await ipr.linkLookup({ ifname: 'w0' }));
      see.note('lookup of none', await ipr.linkLookup({ ifname: 'none' }));
      await see.try('deleted', ipr.link('del', { index: 2 }));
      await see.rows('link', 'left', ipr.getLinks());
    },
  },
  {
    area: 'link',
    name: 'refusals',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      await see.try('a taken name', ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v9' }));
      await see.try('a taken peer', ipr.link('add', { ifname: 'v9', kind: 'veth', peer: 'v1' }));
      await see.try('a taken index', ipr.link('add', { ifname: 'v9', index: 2, kind: 'veth', peer: 'v8' }));
      await see.try('an unknown kind', ipr.link('add', { ifname: 'x', kind: 'nosuchkind' }));
      await see.try('absent', ipr.link('set', { index: 99, mtu: 1300 }));
      await see.try('absent, by name', ipr.link('del', { ifname: 'none' }));
      await see.try('lo', ipr.link('del', { index: 1 }));
      await see.try('an MTU too small', ipr.link('set', { index: 3, mtu: 10 }));
      await see.try('a name that another has', ipr.link('set', { index: 3, ifname: 'v1' }));
      await see.try('a master that is none', ipr.link('set', { index: 3, master: 2 }));
      await see.try('a master that is absent', ipr.link('set', { index: 3, master: 99 }));
      await see.try('a multicast address', ipr.link('set', { index: 3, address: '01:00:00:00:00:01' }));
      await see.rows('link', 'nothing changed', ipr.getLinks());
    },
  },
  {
    area: 'link',
    name: 'events',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      const monitor = ipr.monitor({ groups: ['link'] });
      await ipr.link('set', { dev: 'v0', mtu: 1400 });
      await see.events('MTU', monitor);
      await ipr.link('set', { dev: 'v0', state: 'down' });
      await k.settle();
      await see.events('down', monitor);
      await ipr.link('del', { dev: 'v1' });
      await see.events('deleted', monitor);
      monitor.close();
    },
  },
  {
    area: 'link',
    name: 'between namespaces',
    async run(k, see) {
      const { ipr, other } = k;
      await see.try(
        'a peer there',
        ipr.link('add', {
          ifname: 'v0',
          kind: 'veth',
          address: A,
          veth: { peer: { ifname: 'v1', address: B, netNsFd: other.fd } },
        }),
      );
      await k.settle();
      await see.rows('link', 'here', ipr.getLinks());
      await see.rows('link', 'there', other.ipr.getLinks());
      await ipr.link('set', { dev: 'v0', state: 'up' });
      await other.ipr.link('set', { dev: 'v1', state: 'up' });
      await k.settle();
      await see.rows('addr', 'addresses there', other.ipr.getAddr());
      await see.rows('link', 'up here', ipr.getLinks({ kind: 'veth' }));
      await ipr.link('add', { ifname: 'w0', kind: 'veth', address: C, veth: { peer: { ifname: 'w1', address: B } } });
      await ipr.addr('add', { dev: 'w0', address: '10.0.0.1/24' });
      await see.try('moved', ipr.link('set', { dev: 'w0', netNsFd: other.fd }));
      await see.rows('addr', 'its address is gone', other.ipr.getAddr({ family: 2 }));
      await see.try('not here any more', ipr.link('get', { ifname: 'w0' }));
      await see.try('lo', ipr.link('set', { index: 1, netNsFd: other.fd }));
      await ipr.link('del', { dev: 'v0' });
      await see.rows('link', 'one end took the other', other.ipr.getLinks());
    },
  },
  {
    area: 'addr',
    name: 'IPv4 with its routes',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      const monitor = ipr.monitor({ groups: ['ipv4-ifaddr', 'ipv4-route'] });
      await see.try('first', ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
      await see.try('second of the prefix', ipr.addr('add', { index: 3, address: '10.0.0.2/24' }));
      await see.try('broadcast', ipr.addr('add', { index: 3, address: '10.0.1.1/24', broadcast: true }));
      await see.try('label', ipr.addr('add', { index: 3, address: '10.0.2.1/24', label: 'v0:x' }));
      await see.try('peer', ipr.addr('add', { index: 3, local: '10.0.3.1', address: '10.0.3.2/32' }));
      await see.try('no route', ipr.addr('add', { index: 3, address: '10.0.4.1/24', flags: ['noprefixroute'] }));
      await see.try('metric', ipr.addr('add', { index: 3, address: '10.0.5.1/24', rtPriority: 7 }));
      await see.try('scope', ipr.addr('add', { index: 3, address: '10.0.6.1/31', scope: 'link' }));
      await see.events('added', monitor);
      await see.rows('addr', 'addresses', ipr.getAddr({ family: 2 }));
      await see.rows('route', 'routes', ipr.getRoutes({ family: 2 }));
      await see.try('again', ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
      await see.try(
        'replaced',
        ipr.addr('replace', { index: 3, address: '10.0.1.1/24', validLft: 1000, preferredLft: 500 }),
      );
      await see.try('the first and its second', ipr.addr('del', { index: 3, address: '10.0.0.1/24' }));
      await see.try('absent', ipr.addr('del', { index: 3, address: '10.0.0.1/24' }));
      await see.try('on no link', ipr.addr('add', { index: 99, address: '10.9.0.1/24' }));
      await see.events('deleted', monitor);
      await see.try('down', ipr.link('set', { index: 3, state: 'down' }));
      await k.settle();
      await see.rows('route', 'routes of a link that is down', ipr.getRoutes({ family: 2 }));
      await see.events('nothing of the routes of a link that is down', monitor);
      await see.try('up', ipr.link('set', { index: 3, state: 'up' }));
      await k.settle();
      await see.rows('route', 'routes of a link that is up again', ipr.getRoutes({ family: 2 }));
      see.note('flushed', await ipr.flushAddr({ index: 3, family: 2 }));
      await see.rows('route', 'no routes', ipr.getRoutes({ family: 2 }));
      monitor.close();
    },
  },
  {
    area: 'addr',
    name: 'IPv6 with its routes',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      await see.rows('addr', 'of the links themselves', ipr.getAddr());
      await see.rows('route', 'their routes', ipr.getRoutes({ family: 10 }));
      const monitor = ipr.monitor({ groups: ['ipv6-ifaddr', 'ipv6-route'] });
      await see.try('one', ipr.addr('add', { index: 3, address: '2001:db8::1/64', flags: ['nodad'] }));
      // Looking for duplicates, or not, is put off.
      await k.settle();
      await see.try(
        'another of the prefix',
        ipr.addr('add', { index: 3, address: '2001:db8::2/64', flags: ['nodad'] }),
      );
      await k.settle();
      await see.try('a host', ipr.addr('add', { index: 3, address: '2001:db8:5::1/128', flags: ['nodad'] }));
      await k.settle();
      await see.try(
        'no route',
        ipr.addr('add', { index: 3, address: '2001:db8:6::1/64', flags: ['nodad', 'noprefixroute'] }),
      );
      await k.settle();
      await see.events('added', monitor);
      await see.rows('addr', 'addresses', ipr.getAddr({ family: 10 }));
      await see.try('again', ipr.addr('add', { index: 3, address: '2001:db8::1/64', flags: ['nodad'] }));
      await see.try('multicast', ipr.addr('add', { index: 3, address: 'ff02::99/64' }));
      await see.try('deleted', ipr.addr('del', { index: 3, address: '2001:db8::1/64' }));
      await see.try('absent', ipr.addr('del', { index: 3, address: '2001:db8::1/64' }));
      await see.try('the last of the prefix', ipr.addr('del', { index: 3, address: '2001:db8::2/64' }));
      await see.events('deleted', monitor);
      await see.try('down', ipr.link('set', { index: 3, state: 'down' }));
      await k.settle();
      await see.events('routes and addresses of a link that is down', monitor);
      await see.rows('addr', 'left', ipr.getAddr({ family: 10 }));
      await see.rows('route', 'routes left', ipr.getRoutes({ family: 10 }));
      monitor.close();
    },
  },
];
