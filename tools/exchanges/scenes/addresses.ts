/** Addresses, and the routes that come and go with them. */
import type { Scene } from '../scene.js';
import { A, B } from './links.js';

export const addresses: Scene = {
  name: 'addresses',
  async run(s) {
    await s.do('lo up', (ipr) => ipr.link('set', { index: 1, state: 'up' }));
    await s.do('a pair', (ipr) =>
      ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } }),
    );
    await s.do('up', (ipr) => ipr.link('set', { index: 2, state: 'up' }));
    await s.do('both up', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('addresses of a new link', (ipr) => ipr.getAddr());
    await s.do('an address', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
    await s.do('routes with it', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('a second of the prefix', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.2/24' }));
    await s.do('with a broadcast address', (ipr) =>
      ipr.addr('add', { index: 3, address: '10.0.1.1/24', broadcast: true }),
    );
    await s.do('with a label', (ipr) => ipr.addr('add', { index: 3, address: '10.0.2.1/24', label: 'v0:web' }));
    await s.do('with a scope', (ipr) => ipr.addr('add', { index: 3, address: '10.0.3.1/24', scope: 'link' }));
    await s.do('with a peer', (ipr) => ipr.addr('add', { index: 3, local: '10.0.4.1', address: '10.0.4.2/32' }));
    await s.do('of one host', (ipr) => ipr.addr('add', { index: 3, address: '10.0.5.1/32' }));
    await s.do('of two hosts', (ipr) => ipr.addr('add', { index: 3, address: '10.0.6.0/31' }));
    await s.do('with a metric', (ipr) => ipr.addr('add', { index: 3, address: '10.0.7.1/24', rtPriority: 500 }));
    await s.do('with a lifetime', (ipr) =>
      ipr.addr('add', { index: 3, address: '10.0.8.1/24', validLft: 3600, preferredLft: 1800 }),
    );
    await s.do('without a route', (ipr) =>
      ipr.addr('add', { index: 3, address: '10.0.9.1/24', flags: ['noprefixroute'] }),
    );
    await s.do('with a protocol', (ipr) => ipr.addr('add', { index: 3, address: '10.0.10.1/24', proto: 9 }));
    await s.do('the same again', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.1/24' }));
    await s.do('the same with another length', (ipr) => ipr.addr('add', { index: 3, address: '10.0.0.1/16' }));
    await s.do('replaced', (ipr) =>
      ipr.addr('replace', { index: 3, address: '10.0.1.1/24', validLft: 100, preferredLft: 50 }),
    );
    await s.do('an IPv6 address', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8::1/64' }));
    await s.do('a second of the IPv6 prefix', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8::2/64' }));
    await s.do('an IPv6 address with a peer', (ipr) =>
      ipr.addr('add', { index: 3, local: '2001:db8:1::1', address: '2001:db8:1::2/128' }),
    );
    await s.do('an IPv6 address with lifetimes', (ipr) =>
      ipr.addr('add', { index: 3, address: '2001:db8:2::1/64', validLft: 7200, preferredLft: 600 }),
    );
    await s.do('an IPv6 address without a route', (ipr) =>
      ipr.addr('add', { index: 3, address: '2001:db8:3::1/64', flags: ['noprefixroute', 'nodad'] }),
    );
    await s.do('an IPv6 address with a metric', (ipr) =>
      ipr.addr('add', { index: 3, address: '2001:db8:4::1/64', rtPriority: 77 }),
    );
    await s.do('an IPv6 host', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8:5::1/128' }));
    await s.do('the same IPv6 address', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8::1/64' }));
    await s.do('IPv6 replaced', (ipr) =>
      ipr.addr('replace', { index: 3, address: '2001:db8::1/64', validLft: 300, preferredLft: 200 }),
    );
    await s.do('all addresses', (ipr) => ipr.getAddr());
    await s.do('IPv4 of one link', (ipr) => ipr.getAddr({ family: 2, index: 3 }));
    await s.do('IPv6 of one link', (ipr) => ipr.getAddr({ family: 10, index: 3 }));
    await s.do('IPv4 routes', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('IPv6 routes', (ipr) => ipr.getRoutes({ family: 10 }));
    await s.do('on no link', (ipr) => ipr.addr('add', { index: 99, address: '10.1.0.1/24' }));
    await s.do('IPv6 on no link', (ipr) => ipr.addr('add', { index: 99, address: '2001:db8::1/64' }));
    await s.do('not there', (ipr) => ipr.addr('del', { index: 3, address: '10.9.9.9/24' }));
    await s.do('not there with that length', (ipr) => ipr.addr('del', { index: 3, address: '10.0.10.1/25' }));
    await s.do('IPv6, not there', (ipr) => ipr.addr('del', { index: 3, address: '2001:db8:9::9/64' }));
    await s.do('addresses of no link', (ipr) => ipr.getAddr({ family: 2, index: 99 }));
    await s.do('IPv6 multicast', (ipr) => ipr.addr('add', { index: 3, address: 'ff02::99/64' }));
    await s.do('preferred longer than valid', (ipr) =>
      ipr.addr('add', { index: 3, address: '10.2.0.1/24', cacheinfo: { prefered: 100, valid: 50 } } as never),
    );
    await s.do('IPv6 preferred longer than valid', (ipr) =>
      ipr.addr('add', { index: 3, address: '2001:db8:a::1/64', cacheinfo: { prefered: 100, valid: 50 } } as never),
    );
    await s.do('IPv6 with a length too large', (ipr) =>
      ipr
        .addr('add', { index: 3, family: 10, address: '2001:db8:a::1', prefixlen: 129 } as never)
        .catch(() => ipr.addr('del', { index: 3, address: '10.9.9.9/24' })),
    );
    await s.do('a route by way of the prefix', (ipr) => ipr.route('add', { dst: '10.50.0.0/16', gateway: '10.0.0.9' }));
    await s.do('the first of a prefix goes, and its second with it', (ipr) =>
      ipr.addr('del', { index: 3, address: '10.0.0.1/24' }),
    );
    await s.do('IPv4 routes then', (ipr) => ipr.getRoutes({ family: 2 }));
    await s.do('one with a broadcast address goes', (ipr) => ipr.addr('del', { index: 3, address: '10.0.1.1/24' }));
    await s.do('one with a peer goes', (ipr) =>
      ipr.addr('del', { index: 3, local: '10.0.4.1', address: '10.0.4.2/32' }),
    );
    await s.do('an IPv6 address goes', (ipr) => ipr.addr('del', { index: 3, address: '2001:db8::2/64' }));
    await s.do('the last IPv6 address of a prefix goes', (ipr) =>
      ipr.addr('del', { index: 3, address: '2001:db8::1/64' }),
    );
    await s.do('link down', (ipr) => ipr.link('set', { index: 3, state: 'down' }));
    await s.do('addresses of a link that is down', (ipr) => ipr.getAddr());
    await s.do('routes of a link that is down', (ipr) => ipr.getRoutes());
    await s.do('an address while down', (ipr) => ipr.addr('add', { index: 3, address: '10.3.0.1/24' }));
    await s.do('an IPv6 address while down', (ipr) => ipr.addr('add', { index: 3, address: '2001:db8:b::1/64' }));
    await s.do('link up again', (ipr) => ipr.link('set', { index: 3, state: 'up' }));
    await s.do('routes of a link that is up again', (ipr) => ipr.getRoutes());
    await s.do('the link goes', (ipr) => ipr.link('del', { index: 3 }));
    await s.run('ip address add 127.0.0.9/32 dev lo');
    await s.run('ip address add 127.0.0.9/32 dev lo');
    await s.run('ip -4 address show');
    await s.run('ip address del 127.0.0.9/32 dev lo');
    await s.run('ip address del 127.0.0.9/32 dev lo');
  },
};
