/**
 * A VXLAN tunnel, read back from the kernel; and what a refusal looks like.
 * Try it where it does no harm: `unshare -Urn node .build/examples/vxlan.js`.
 */
import { IPRoute, NetlinkError } from 'tsroute2';

const ipr = new IPRoute();
try {
  const vxlan = { id: 42, group: '192.0.2.7', port: 4789, learning: false };
  const { object } = await ipr.link('add', { ifname: 'vx42', kind: 'vxlan', vxlan });
  console.log('added', object?.ifname, 'with index', object?.index, 'and id', object?.linkinfo?.vxlan?.id);

  try {
    await ipr.link('add', {
      ifname: 'vx43',
      kind: 'vxlan',
      vxlan: { ...vxlan, id: 43, portRange: { low: 9, high: 8 } },
    });
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    console.log('refused', error.code, 'because of', error.attribute, `(${error.kernelMessage})`);
  }
} finally {
  await ipr.link('del', { dev: 'vx42' }).catch(() => {});
  await ipr.close();
}
