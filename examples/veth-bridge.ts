/**
 * A bridge with one end of a virtual cable as its port, and an address on the other end.
 * Try it where it does no harm: `unshare -Urn node .build/examples/veth-bridge.js`.
 */
import { IPRoute } from 'tsroute2';

const ipr = new IPRoute();
try {
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up' });
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1', state: 'up' });
  // Interfaces are known by name or by index, wherever one is needed.
  await ipr.link('set', { dev: 'v1', master: 'br0', state: 'up' });
  await ipr.addr('add', { dev: 'v0', address: '192.0.2.1/24' });

  for (const port of await ipr.getLinks({ master: 'br0' })) {
    console.log(port.ifname, 'is a port of br0, path cost', port.linkinfo?.bridge_slave?.cost);
  }
} finally {
  // A veth goes as a whole: v1 goes with v0.
  for (const dev of ['v0', 'br0']) await ipr.link('del', { dev }).catch(() => {});
  await ipr.close();
}
