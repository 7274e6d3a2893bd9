/**
 * Two uplinks: what comes from an address of one goes out there, marked packets take the second, the rest the first.
 * Try it where it does no harm: `unshare -Urn node .build/examples/policy-routing.js`.
 */
import { IPRoute } from 'tsroute2';

const UPLINKS = [
  { dev: 'up0', address: '192.0.2.10', gateway: '192.0.2.1', table: 101 },
  { dev: 'up1', address: '198.51.100.10', gateway: '198.51.100.1', table: 102 },
] as const;
const [first, second] = UPLINKS;
const MARK = 2;

const ipr = new IPRoute();
try {
  for (const { dev, address, gateway, table } of UPLINKS) {
    await ipr.link('add', { ifname: dev, kind: 'veth', peer: `${dev}-far`, state: 'up' });
    await ipr.link('set', { dev: `${dev}-far`, state: 'up' });
    await ipr.addr('add', { dev, address, prefixlen: 24 });
    // Each uplink has a table of its own, and answers leave by the uplink to whose address the question came.
    await ipr.route('add', { dst: 'default', gateway, table });
    await ipr.rule('add', { priority: 1000, src: address, table });
  }
  await ipr.rule('add', { priority: 1100, fwmark: MARK, table: second.table });
  await ipr.route('add', { dst: 'default', gateway: first.gateway });

  for (const { priority, src = 'all', fwmark, table } of await ipr.getRules({ family: 'inet' }))
    console.log(
      `rule ${priority ?? 0}: from ${src}${fwmark === undefined ? '' : ` fwmark ${fwmark}`} to table ${table}`,
    );
  const dst = '203.0.113.7';
  for (const from of [{}, { src: first.address }, { src: second.address }, { mark: MARK }]) {
    const { gateway } = await ipr.route('get', { dst, ...from });
    console.log(`${dst} ${JSON.stringify(from)} goes by ${gateway}`);
  }
} finally {
  // The rules of this program and no others; addresses and routes go with the links.
  const mine = await ipr.flushRules({ table: (table) => UPLINKS.some((uplink) => uplink.table === table) });
  console.log(mine, 'rules deleted');
  for (const { dev } of UPLINKS) await ipr.link('del', { dev }).catch(() => {});
  await ipr.close();
}
