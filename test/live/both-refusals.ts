/** What the kernel takes and what it does not, with its words, on both kernels. */
import { A, B, C, type Part, pair } from './both.js';

/** A bridge (4) with a port (3) that is up. */
async function bridge(k: Parameters<Part['run']>[0]): Promise<void> {
  await pair(k);
  await k.ipr.link('add', {
    ifname: 'br0',
    kind: 'bridge',
    address: C,
    state: 'up',
    bridge: { vlanDefaultPvid: 0 },
  });
  await k.ipr.link('set', { index: 3, master: 4 });
  await k.settle();
}

export const refusals: readonly Part[] = [
  {
    area: 'link',
    name: 'what links may be',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      const mtu = (n: number) => ipr.link('set', { index: 3, mtu: n });
      await see.words('an MTU beyond all', mtu(0xffffffff));
      await see.words('an MTU with a sign', mtu(0x80000000));
      await see.words('the greatest', mtu(0x7fffffff));
      await see.words('of a new one', ipr.link('add', { ifname: 'i0', kind: 'ifb', mtu: 0xffffffff }));
      for (const ifname of ['z%d%d', 'z%s', 'z%', '%d%s', 'z%%d']) {
        await see.words(`a new ${ifname}`, ipr.link('add', { ifname, kind: 'ifb' }));
        await see.words(`the name ${ifname}`, ipr.link('set', { index: 2, ifname }));
      }
      await see.rows('link', 'links', ipr.getLinks());
    },
  },
  {
    area: 'link',
    name: 'VXLAN links',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      const add = (ifname: string, vxlan: object, more: object = {}) =>
        ipr.link('add', { ifname, kind: 'vxlan', address: A, vxlan, ...more });
      await see.words('the first', add('x0', { id: 5, port: 4789 }, { index: 10 }));
      await see.words('the same', add('x1', { id: 5, port: 4789 }));
      await see.words('another port', add('x2', { id: 5, port: 4790 }, { index: 11 }));
      await see.words('another id', add('x3', { id: 6, port: 4789 }, { index: 12 }));
      await see.words('DF 9', add('x4', { id: 7, df: 9 }));
      await see.words('an id too great', add('x4', { id: 1 << 24, df: 9 }));
      await see.words('the hop limit', ipr.link('set', { index: 10, kind: 'vxlan', vxlan: { ttl: 5 } }));
      await see.words('learning', ipr.link('set', { index: 10, kind: 'vxlan', vxlan: { learning: false } }));
      await see.words('the id', ipr.link('set', { index: 10, kind: 'vxlan', vxlan: { id: 9 } }));
      await see.words('the id that it has', ipr.link('set', { index: 10, kind: 'vxlan', vxlan: { id: 5 } }));
      await see.words('the port', ipr.link('set', { index: 10, kind: 'vxlan', vxlan: { port: 99 } }));
      await see.words('DF, later', ipr.link('set', { index: 10, kind: 'vxlan', vxlan: { df: 9 } }));
      for (const vxlan of [
        { tos: 4 },
        { ageing: 7 },
        { limit: 8 },
        { portRange: { low: 1000, high: 2000 } },
        { proxy: true },
        { rsc: true },
        { l2miss: true },
        { l3miss: true },
        { udpCsum: false },
        { label: 5 },
        { df: 1 },
        { localbypass: false },
        { ttlInherit: true },
        { local: '10.0.0.1' },
        { local: '224.0.0.1' },
        { group: '239.0.0.1' },
        { link: 2 },
        { link: 99 },
        { gbp: true },
        { collectMetadata: true },
        { labelPolicy: 'inherit' },
      ])
        await see.words(JSON.stringify(vxlan), ipr.link('set', { index: 10, kind: 'vxlan', vxlan } as never));
      const { vxlan = {} } = (await ipr.link('get', { index: 10 })) as { vxlan?: Record<string, unknown> };
      see.note(
        'options',
        Object.entries(vxlan).sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      await see.words('it goes', ipr.link('del', { index: 10 }));
      await see.words('the same again', add('x5', { id: 5, port: 4789 }));
    },
  },
  {
    area: 'link',
    name: 'bridges and their ports',
    async run(k, see) {
      const { ipr } = k;
      await bridge(k);
      const port = (options: object, index = 3) =>
        ipr.link('set', { index, kind: 'bridge_slave', bridge_slave: options } as never);
      for (const options of [
        { cost: 0 },
        { cost: 65536 },
        { cost: 7 },
        { priority: 64 },
        { priority: 63 },
        { state: 9 },
        { state: 5 },
      ])
        await see.words(JSON.stringify(options), port(options));
      await see.words('no port', port({ cost: 7 }, 2));
      const monitor = ipr.monitor({ groups: ['link'] });
      await see.words(
        'options of a bridge',
        ipr.link('set', { index: 4, kind: 'bridge', bridge: { ageingTime: 100 } }),
      );
      await k.settle();
      await see.events('up', monitor);
      await see.words('the same', ipr.link('set', { index: 4, kind: 'bridge', bridge: { ageingTime: 100 } }));
      await see.words(
        'with an MTU',
        ipr.link('set', { index: 4, kind: 'bridge', bridge: { ageingTime: 100 }, mtu: 1400 }),
      );
      await see.words('of a port', port({ cost: 8 }));
      await k.settle();
      await see.events('the same', monitor);
      await ipr.link('set', { index: 4, state: 'down' });
      await k.settle();
      await see.events('goes down', monitor);
      await see.words(
        'of one that is down',
        ipr.link('set', { index: 4, kind: 'bridge', bridge: { ageingTime: 200 } }),
      );
      await k.settle();
      await see.events('down', monitor);
      monitor.close();
    },
  },
  {
    area: 'fdb',
    name: 'entries of a bridge without VLANs',
    async run(k, see) {
      const { ipr } = k;
      await bridge(k);
      const lladdr = '02:00:00:00:01:01';
      for (const vlan of [0, 1, 5, 4094, 4095, 5000])
        await see.words(`VLAN ${vlan}`, ipr.fdb('add', { index: 3, lladdr, master: true, vlan }));
      await see.words('none', ipr.fdb('append', { index: 3, lladdr, master: true }));
      await see.words('of the bridge, VLAN 5', ipr.fdb('add', { index: 4, lladdr, self: true, vlan: 5 }));
      const one = (o: object) => ipr.fdb('get', o as never).then((row: object) => [row]);
      await see.words('get', one({ dev: 'br0', lladdr }));
      await see.rows('fdb', 'get', one({ dev: 'br0', lladdr }));
      await see.rows('fdb', 'get of a port', one({ index: 3, lladdr, master: true }));
      await see.words('get of what is not there', one({ dev: 'br0', lladdr: A.replace('0a', '77') }));
      await see.words('get on no bridge', one({ index: 2, lladdr }));
      await see.words('get on no link', one({ index: 99, lladdr }));
      await see.words('deleted with a VLAN', ipr.fdb('del', { index: 3, lladdr, master: true, vlan: 5 }));
    },
  },
  {
    area: 'route',
    name: 'combinations that cannot be',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      await ipr.addr('add', { index: 3, address: '10.0.0.1/24' });
      await ipr.addr('add', { index: 3, address: '2001:db8::1/64', flags: ['nodad'] });
      await ipr.nexthop('add', { id: 1, oif: 3, gateway: '10.0.0.2' });
      await k.settle();
      const add = (more: object) => ipr.route('add', { dst: '192.0.2.0/24', ...more } as never);
      const six = (more: object) => ipr.route('add', { dst: '2001:db8:9::/48', ...more } as never);
      for (const type of ['blackhole', 'unreachable', 'prohibit', 'throw']) {
        await see.words(`${type} with a gateway`, add({ type, gateway: '10.0.0.2' }));
        await see.words(`${type} with a device`, add({ type, oif: 3 }));
        await see.words(`${type} with hops`, add({ type, multipath: [{ gateway: '10.0.0.2' }] }));
        await see.words(`${type} of IPv6`, six({ type, gateway: '2001:db8::2', priority: 5 }));
        await ipr.route('del', { dst: '2001:db8:9::/48' }).catch(() => {});
      }
      await see.words('an object with a gateway', add({ nhId: 1, gateway: '10.0.0.2' }));
      await see.words('an object with a device', add({ nhId: 1, oif: 3 }));
      await see.words('an object with hops', add({ nhId: 1, multipath: [{ gateway: '10.0.0.2' }] }));
      await see.words('an object of IPv6 with a gateway', six({ nhId: 1, gateway: '2001:db8::2' }));
      await see.words('an object of IPv6 with a device', six({ nhId: 1, oif: 3 }));
      for (const tos of [1, 2, 3, 4]) await see.words(`TOS ${tos}`, add({ oif: 3, tos }));
      await see.words('congestion', add({ oif: 3, metrics: { ccAlgo: 'nope' } }));
      await see.words('congestion of IPv6', six({ oif: 3, metrics: { ccAlgo: 'nope' } }));
      await see.words('congestion that there is', add({ oif: 3, metrics: { ccAlgo: 'cubic' }, tos: 8 }));
      const { metrics } = (await ipr.getRoutes({ family: 2, table: 254 })).find(({ tos }) => tos === 8)!;
      see.note('metrics', metrics);
      await see.rows('route', 'routes', ipr.getRoutes({ family: 2, table: 254 }));
    },
  },
  {
    area: 'rule',
    name: 'fields of the service, and protocols',
    async run({ ipr }, see) {
      const add = (more: object) => ipr.rule('add', { priority: 100, table: 7, ...more } as never);
      for (const tos of [1, 3, 4]) {
        await see.words(`TOS ${tos}`, add({ tos }));
        await see.words(`TOS ${tos} of IPv6`, add({ tos, family: 10 }));
      }
      await see.words('one', add({ protocol: 5 }));
      await see.words('the same', add({ protocol: 5 }));
      await see.words('another protocol', add({ protocol: 6 }));
      await see.words('of the boot', add({ protocol: 3 }));
      await see.rows('rule', 'rules', ipr.getRules({ family: 2 }));
    },
  },
  {
    area: 'nexthop',
    name: 'those of forwarding entries, and groups',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      await ipr.addr('add', { index: 3, address: '10.0.0.1/24' });
      const add = (o: object, how: 'add' | 'replace' = 'add') => ipr.nexthop(how, o as never);
      await see.words('one', add({ id: 1, oif: 3, gateway: '10.0.0.2' }));
      await see.words('without a device', add({ id: 2, gateway: '10.0.0.3' }));
      await see.words('for entries', add({ id: 2, fdb: true, gateway: '10.0.0.3' }));
      await see.words('for entries, with a device', add({ id: 3, fdb: true, gateway: '10.0.0.3', oif: 3 }));
      await see.words('for entries, without a gateway', add({ id: 4, fdb: true, family: 2 }));
      await see.words('for entries, a blackhole', add({ id: 5, fdb: true, blackhole: true, family: 2 }));
      await see.words('a group of it', add({ id: 12, group: [{ id: 2 }] }));
      await see.words('a group of entries', add({ id: 13, group: [{ id: 2 }], fdb: true }));
      await see.words('a group of entries, with another', add({ id: 14, group: [{ id: 1 }], fdb: true }));
      await see.words('a group', add({ id: 10, group: [{ id: 1 }] }));
      await see.words('replaced by a group', add({ id: 1, group: [{ id: 1 }] }, 'replace'));
      await ipr.nexthop('add', { id: 6, oif: 3, gateway: '10.0.0.6' });
      await see.words('replaced by a group of another', add({ id: 1, group: [{ id: 6 }] }, 'replace'));
      await see.words('a group by one', add({ id: 10, oif: 3, gateway: '10.0.0.7' }, 'replace'));
      await see.words('a route over it', ipr.route('add', { dst: '192.0.2.0/24', nhId: 2 }));
      see.note(
        'all',
        (await ipr.getNexthops()).map(({ id, fdb, oif, gateway, scope, family }) => [
          id,
          fdb,
          oif,
          gateway,
          scope,
          family,
        ]),
      );
    },
  },
  {
    area: 'addr',
    name: 'addresses of the machine itself',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      const add = (index: number, address: string) => ipr.addr('add', { index, address, flags: ['nodad'] });
      for (const address of ['::1/128', '::/64', '::/128', '::1/64', '::ffff:10.0.0.1/128', '::10.0.0.1/128']) {
        await see.words(`${address}`, add(3, address));
        await k.settle();
      }
      await see.words('::/64 of lo', add(1, '::/64'));
      await see.words('::2/128 of lo', add(1, '::2/128'));
      await k.settle();
      await see.rows('addr', 'addresses', ipr.getAddr({ family: 10 }));
    },
  },
  {
    area: 'neigh',
    name: 'of a pair over namespaces that is deleted',
    async run(k, see) {
      const { ipr, other } = k;
      await ipr.link('add', {
        ifname: 'v0',
        kind: 'veth',
        address: A,
        veth: { peer: { ifname: 'v1', address: B, netNsFd: other.fd } },
      });
      const [, there] = await other.ipr.getLinks();
      await k.settle();
      const monitor = other.ipr.monitor({ groups: ['neigh', 'link'] });
      await see.words(
        'on one that is down',
        other.ipr.neigh('add', { index: there!.index, dst: '10.0.0.2', lladdr: C }),
      );
      await see.words('deleted', ipr.link('del', { dev: 'v0' }));
      await k.settle();
      await see.events('gone', monitor);
      monitor.close();
      await see.rows('neigh', 'left', other.ipr.getNeighbours());
    },
  },
  {
    area: 'neigh',
    name: 'of a link that is down, which moves',
    async run(k, see) {
      const { ipr, other } = k;
      await ipr.link('add', { ifname: 'i0', kind: 'ifb', address: A });
      await ipr.neigh('add', { index: 2, dst: '10.0.0.2', lladdr: C });
      const monitor = ipr.monitor({ groups: ['neigh', 'link'] });
      await see.words('moved', ipr.link('set', { index: 2, netNsFd: other.fd }));
      await k.settle();
      await see.events('gone', monitor);
      monitor.close();
      await see.rows('neigh', 'left', ipr.getNeighbours());
      await see.rows('neigh', 'there', other.ipr.getNeighbours());
    },
  },
  {
    area: 'neigh',
    name: 'of a pair that is down, which is deleted',
    async run(k, see) {
      const { ipr } = k;
      await ipr.link('add', { ifname: 'v0', kind: 'veth', address: A, veth: { peer: { ifname: 'v1', address: B } } });
      await k.settle();
      await ipr.neigh('add', { index: 2, dst: '10.0.0.2', lladdr: C });
      await ipr.neigh('add', { index: 3, dst: '10.0.0.3', lladdr: C });
      const monitor = ipr.monitor({ groups: ['neigh', 'link'] });
      await see.words('one goes', ipr.link('del', { index: 3 }));
      await k.settle();
      await see.events('gone', monitor);
      monitor.close();
      await see.rows('neigh', 'left', ipr.getNeighbours());
    },
  },
  {
    area: 'neigh',
    name: 'of a pair that is deleted',
    async run(k, see) {
      const { ipr } = k;
      await pair(k);
      await ipr.neigh('add', { index: 2, dst: '10.0.0.2', lladdr: C });
      await ipr.neigh('add', { index: 3, dst: '10.0.0.3', lladdr: C });
      await ipr.neigh('add', { index: 2, dst: '2001:db8::2', lladdr: B });
      await ipr.neigh('add', { index: 3, dst: '2001:db8::3', lladdr: B });
      const monitor = ipr.monitor({ groups: ['neigh'] });
      await see.words('deleted', ipr.link('del', { index: 3 }));
      await k.settle();
      await see.events('gone', monitor);
      monitor.close();
      await see.rows('neigh', 'left', ipr.getNeighbours());
      await see.rows('link', 'left', ipr.getLinks());
    },
  },
];
