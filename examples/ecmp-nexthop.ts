/**
 * A route over two gateways by a group of next-hop objects: when a gateway changes, one message does for every route.
 * Try it where it does no harm: `unshare -Urn node .build/examples/ecmp-nexthop.js`.
 */
import { IPRoute } from 'tsroute2';

const ipr = new IPRoute();
try {
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1', state: 'up' });
  await ipr.link('set', { dev: 'v1', state: 'up' });
  await ipr.addr('add', { dev: 'v0', address: '192.0.2.1/24' });

  await ipr.nexthop('add', { id: 1, gateway: '192.0.2.2', dev: 'v0' });
  await ipr.nexthop('add', { id: 2, gateway: '192.0.2.3', dev: 'v0' });
  await ipr.nexthop('add', { id: 10, group: [1, { id: 2, weight: 3 }] });
  const batch = ipr.batch();
  for (let i = 0; i < 100; i++) batch.route('add', { dst: `10.0.${i}.0/24`, nhId: 10 });
  await batch.commit();

  const gateways = async () => {
    const [route] = await ipr.getRoutes({ dst: '10.0.7.0/24' });
    return route?.multipath?.map(({ gateway, hops }) => `${gateway} weight ${hops + 1}`).join(', ');
  };
  console.log('10.0.7.0/24 by', await gateways());

  // The second gateway is replaced under a hundred routes.
  await ipr.nexthop('replace', { id: 2, gateway: '192.0.2.9', dev: 'v0' });
  console.log('10.0.7.0/24 by', await gateways());

  // A member that goes leaves the group, and the routes stay.
  await ipr.nexthop('del', { id: 1 });
  const routes = await ipr.getRoutes({ nhId: 10 });
  console.log(routes.length, 'routes by', routes[0]?.gateway);
} finally {
  // What leads over the link goes with it.
  await ipr.link('del', { dev: 'v0' }).catch(() => {});
  await ipr.close();
}
