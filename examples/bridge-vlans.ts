/**
 * A bridge with VLANs: an access port, a trunk, and a VLAN of the bridge itself.
 * Try it where it does no harm: `unshare -Urn node .build/examples/bridge-vlans.js`. The kernel needs VLAN filtering of
 * bridges (CONFIG_BRIDGE_VLAN_FILTERING); without it the example says so.
 */
import { BRIDGE_VLAN_INFO, IPRoute, NetlinkError, names } from 'tsroute2';

const ipr = new IPRoute();
try {
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', bridge: { vlanFiltering: true } });
  await ipr.link('add', { ifname: 'access', kind: 'veth', peer: 'host', master: 'br0' });
  await ipr.link('add', { ifname: 'trunk', kind: 'veth', peer: 'switch', master: 'br0' });

  // The default VLAN is not wanted anywhere.
  for (const dev of ['access', 'trunk']) await ipr.vlanFilter('del', { dev, vlanInfo: { vid: 1 } });
  await ipr.vlanFilter('add', { dev: 'access', vlanInfo: { vid: 10, pvid: true, untagged: true } });
  await ipr.vlanFilter('add', { dev: 'trunk', vlanInfo: [{ vid: 10 }, { vid: '20-29' }] });
  // The machine itself takes part in VLAN 10.
  await ipr.vlanFilter('add', { dev: 'br0', vlanInfo: { vid: 10 }, self: true });
  // Some of the trunk's VLANs wait.
  await ipr.vlandb('set', { dev: 'trunk', vid: '25-29', state: 'blocking' });

  for (const { ifname, vlans } of await ipr.vlanFilter('dump')) {
    const text = vlans.map(({ vid, vidEnd, flags }) =>
      [vidEnd === undefined ? vid : `${vid}-${vidEnd}`, ...names(BRIDGE_VLAN_INFO, flags)].join(' '),
    );
    console.log(`${ifname}: ${text.join(', ')}`);
  }
  const waiting = await ipr.getVlans({ dev: 'trunk', state: 'blocking' });
  console.log('blocking:', waiting.map(({ vid, vidEnd }) => `${vid}-${vidEnd}`).join(', '));
} catch (error) {
  if (!(error instanceof NetlinkError && error.code === 'EOPNOTSUPP')) throw error;
  console.log('this kernel has no VLAN filtering of bridges');
} finally {
  for (const dev of ['access', 'trunk', 'br0']) await ipr.link('del', { dev }).catch(() => {});
  await ipr.close();
}
