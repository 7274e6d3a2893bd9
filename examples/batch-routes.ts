/**
 * Many routes in few system calls; one of them is wrong.
 * Try it where it does no harm: `unshare -Urn node .build/examples/batch-routes.js`.
 */
import { BatchError, IPRoute, NetlinkError } from 'tsroute2';

const ipr = new IPRoute();
try {
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1', state: 'up' });
  await ipr.link('set', { dev: 'v1', state: 'up' });
  await ipr.addr('add', { dev: 'v0', address: '192.0.2.1/24' });

  const batch = ipr.batch();
  for (let i = 0; i < 256; i++) batch.route('add', { dst: `10.0.${i}.0/24`, gateway: '192.0.2.2' });
  batch.route('add', { dst: '10.1.0.0/16', gateway: '203.0.113.1' });
  try {
    await batch.commit();
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    // The others are in place.
    for (const [i, { error: why }] of error.results.entries()) {
      if (why instanceof NetlinkError) console.log('message', i, 'failed:', why.code, why.attribute);
    }
  }
  const routes = await ipr.getRoutes({ table: 'main', gateway: '192.0.2.2' });
  console.log(routes.length, 'routes via 192.0.2.2');
} finally {
  // The routes go with the link.
  await ipr.link('del', { dev: 'v0' }).catch(() => {});
  await ipr.close();
}
