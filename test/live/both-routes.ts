/** Routes and rules, on both kernels. */
import { type Part, pair } from './both.js';

export const routes: readonly Part[] = [
  {
    area: 'route',
    name: 'IPv4',
    async run(k, see) {
      const { ipr } = k;
      await see.try('while down', ipr.route('add', { dst: '10.1.0.0/16', oif: 1 }));
      await pair(k);
      await ipr.addr('add', { index: 3, address: '10.0.0.1/24' });
      const monitor = ipr.monitor({ groups: ['ipv4-route'] });
      await see.try('gateway', ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2' }));
      await see.try('again', ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.2' }));
      await see.try('another metric', ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.0.0.3', priority: 9 }));
      await see.try('replaced', ipr.route('replace', { dst: '10.1.0.0/16', gateway: '10.0.0.4' }));
      await see.try('changed', ipr.route('change', { dst: '10.1.0.0/16', gateway: '10.0.0.5' }));
      await see.try('changed, absent', ipr.route('change', { dst: '10.77.0.0/16', gateway: '10.0.0.5' }));
      await see.try('appended', ipr.route('append', { dst: '10.1.0.0/16', gateway: '10.0.0.6' }));
      await see.try('default', ipr.route('add', { dst: 'default', gateway: '10.0.0.2' }));
      await see.try(
        'on the link',
        ipr.route('add', { dst: '10.2.0.0/16', oif: 3, prefsrc: '10.0.0.1', metrics: { mtu: 1400 } }),
      );
      await see.try('blackhole', ipr.route('add', { dst: '10.3.0.0/16', type: 'blackhole' }));
      await see.try('table', ipr.route('add', { dst: '10.4.0.0/16', oif: 3, table: 1000 }));
      await see.try(
        'protocol, scope, tos',
        ipr.route('add', { dst: '10.5.0.0/16', oif: 3, protocol: 'bgp', scope: 'link', tos: 16 }),
      );
      await see.try(
        'several',
        ipr.route('add', { dst: '10.6.0.0/16', multipath: [{ gateway: '10.0.0.2' }, { gateway: '10.0.0.3' }] }),
      );
      await see.events('added', monitor);
      await see.rows('route', 'all', ipr.getRoutes({ family: 2 }));
      await see.rows('route', 'of a table', ipr.getRoutes({ family: 2, table: 1000 }));
      await see.rows('route', 'of a protocol', ipr.getRoutes({ family: 2, protocol: 'bgp' }));
      await see.rows(
        'route',
        'get',
        ipr.route('get', { dst: '10.1.2.3' }).then((r) => [r]),
      );
      await see.rows(
        'route',
        'get by default',
        ipr.route('get', { dst: '198.51.100.1' }).then((r) => [r]),
      );
      await see.try('get of a blackhole', ipr.route('get', { dst: '10.3.0.1' }));
      await see.try('unreachable gateway', ipr.route('add', { dst: '10.7.0.0/16', gateway: '172.16.0.1' }));
      await see.try(
        'onlink',
        ipr.route('add', { dst: '10.7.0.0/16', gateway: '172.16.0.1', oif: 3, flags: ['onlink'] }),
      );
      await see.try('bits of the host', ipr.route('add', { dst: '10.8.0.1/16', oif: 3 }));
      await see.try('source of somebody else', ipr.route('add', { dst: '10.8.0.0/16', oif: 3, prefsrc: '10.99.0.1' }));
      await see.try('on no link', ipr.route('add', { dst: '10.8.0.0/16', oif: 99 }));
      await see.try('absent', ipr.route('del', { dst: '10.9.0.0/16' }));
      await see.try('first of two', ipr.route('del', { dst: '10.1.0.0/16' }));
      await see.try('by gateway', ipr.route('del', { dst: '10.1.0.0/16', gateway: '10.0.0.6' }));
      await see.events('deleted', monitor);
      await see.try('the address goes', ipr.addr('del', { index: 3, address: '10.0.0.1/24' }));
      await see.rows('route', 'routes with it', ipr.getRoutes({ family: 2 }));
      await see.events('of which only its own are told', monitor);
      monitor.close();
    },
  },
  {
    area: 'route',
    name: 'IPv6',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      await ipr.addr('add', { index: 3, address: '2001:db8::1/64', flags: ['nodad'] });
      await k.settle();
      const monitor = ipr.monitor({ groups: ['ipv6-route'] });
      await see.try('gateway', ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::2' }));
      await see.try('again', ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::2' }));
      await see.try(
        'another metric',
        ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::3', priority: 9 }),
      );
      await see.try('replaced', ipr.route('replace', { dst: '2001:db8:1::/48', gateway: '2001:db8::4' }));
      await see.try('changed, absent', ipr.route('change', { dst: '2001:db8:77::/48', gateway: '2001:db8::4' }));
      await see.try('of the link', ipr.route('add', { dst: '2001:db8:2::/48', gateway: 'fe80::2', oif: 3 }));
      await see.try('of no link', ipr.route('add', { dst: '2001:db8:3::/48', gateway: 'fe80::2' }));
      await see.try('blackhole', ipr.route('add', { dst: '2001:db8:4::/48', type: 'blackhole' }));
      await see.try(
        'several',
        ipr.route('add', {
          dst: '2001:db8:5::/48',
          multipath: [{ gateway: '2001:db8::2' }, { gateway: '2001:db8::3' }],
        }),
      );
      await see.try('joined', ipr.route('append', { dst: '2001:db8:5::/48', gateway: '2001:db8::7' }));
      await see.try('default', ipr.route('add', { dst: 'default', gateway: '2001:db8::2' }));
      await see.events('added', monitor);
      await see.rows('route', 'all', ipr.getRoutes({ family: 10 }));
      await see.rows(
        'route',
        'get',
        ipr.route('get', { dst: '2001:db8:1::9' }).then((r) => [r]),
      );
      await see.try('own address', ipr.route('add', { dst: '2001:db8:6::/48', gateway: '2001:db8::1' }));
      await see.try('absent', ipr.route('del', { dst: '2001:db8:9::/48' }));
      await see.try('one hop', ipr.route('del', { dst: '2001:db8:5::/48', gateway: '2001:db8::3' }));
      await see.events('deleted', monitor);
      await see.try('down', ipr.link('set', { index: 3, state: 'down' }));
      await k.settle();
      await see.events('each is told', monitor);
      await see.rows('route', 'left', ipr.getRoutes({ family: 10 }));
      monitor.close();
    },
  },
  {
    area: 'rule',
    name: 'made, found, deleted',
    async run({ ipr }, see) {
      await see.rows('rule', 'of a new namespace', ipr.getRules({ family: 2 }));
      const monitor = ipr.monitor({ groups: ['ipv4-rule', 'ipv6-rule'] });
      await see.try('source', ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 100 }));
      await see.try('again', ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 100 }));
      await see.try('no priority', ipr.rule('add', { table: 101 }));
      await see.try('another', ipr.rule('add', { table: 102 }));
      await see.try('mark', ipr.rule('add', { fwmark: '0x10/0xff', table: 100, priority: 200 }));
      await see.try('interfaces', ipr.rule('add', { iifname: 'lo', oifname: 'none', table: 100, priority: 201 }));
      await see.try('ports', ipr.rule('add', { ipProto: 'tcp', dport: 80, table: 100, priority: 202 }));
      await see.try('goto', ipr.rule('add', { goto: 500, priority: 203 }));
      await see.try('its target', ipr.rule('add', { table: 100, priority: 500 }));
      await see.try('backwards', ipr.rule('add', { goto: 5, priority: 300 }));
      await see.try('blackhole', ipr.rule('add', { action: 'blackhole', priority: 301 }));
      await see.try('IPv6', ipr.rule('add', { family: 10, src: '2001:db8::/32', table: 100, priority: 100 }));
      await see.rows('rule', 'all of IPv4', ipr.getRules({ family: 2 }));
      await see.rows('rule', 'all of IPv6', ipr.getRules({ family: 10 }));
      await see.try('absent', ipr.rule('del', { priority: 999, table: 100 }));
      await see.try('another table', ipr.rule('del', { priority: 100, table: 7 }));
      await see.try('the target goes', ipr.rule('del', { priority: 500, table: 100 }));
      await see.try('one goes', ipr.rule('del', { src: '10.0.0.0/8', priority: 100, table: 100 }));
      await see.rows('rule', 'left', ipr.getRules({ family: 2 }));
      await see.events('events', monitor);
      monitor.close();
    },
  },
];
