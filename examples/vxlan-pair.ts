/**
 * A VXLAN between two network namespaces without learning: both sides know by their forwarding entries where to send.
 * A datagram goes across and comes back.
 * Try it where it does no harm: `unshare -Urn node .build/examples/vxlan-pair.js`.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { IPRoute } from 'tsroute2';

const PORT = 7777;
const UNKNOWN = '00:00:00:00:00:00';
const HERE = { underlay: '192.0.2.1', overlay: '10.42.0.1', mac: '02:00:00:00:42:01' };
const THERE = { underlay: '192.0.2.2', overlay: '10.42.0.2', mac: '02:00:00:00:42:02' };

/** The far end: sends back what comes. */
function echo(): void {
  const socket = createSocket('udp4', (message, from) => socket.send(message, from.port, from.address));
  socket.bind(PORT, () => console.log('ready'));
}

/** One side of the tunnel: what the other side's host and all that is known nowhere are to be sent to. */
async function side(ipr: IPRoute, underlay: string, me: typeof HERE, other: typeof HERE): Promise<void> {
  await ipr.link('set', { dev: underlay, state: 'up' });
  await ipr.addr('add', { dev: underlay, address: me.underlay, prefixlen: 24 });
  const vxlan = { id: 42, port: 4789, local: me.underlay, learning: false };
  await ipr.link('add', { ifname: 'vx42', kind: 'vxlan', address: me.mac, vxlan, state: 'up' });
  await ipr.addr('add', { dev: 'vx42', address: me.overlay, prefixlen: 24 });
  // The other host by its address; and whatever has no entry of its own: broadcast, ARP requests among it.
  await ipr.fdb('add', { dev: 'vx42', lladdr: other.mac, dst: other.underlay });
  await ipr.fdb('append', { dev: 'vx42', lladdr: UNKNOWN, dst: other.underlay });
}

/** Sends a datagram and waits for it to come back; resolves to milliseconds. */
async function ping(address: string): Promise<number> {
  const socket = createSocket('udp4');
  const began = performance.now();
  const again = setInterval(() => socket.send('ping', PORT, address), 200);
  try {
    socket.send('ping', PORT, address);
    await once(socket, 'message', { signal: AbortSignal.timeout(30_000) });
    return performance.now() - began;
  } finally {
    clearInterval(again);
    socket.close();
  }
}

async function main(): Promise<void> {
  const far = spawn('unshare', ['-n', process.execPath, fileURLToPath(import.meta.url), '--far'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const here = new IPRoute();
  try {
    await Promise.race([
      once(far.stdout, 'data'),
      once(far, 'exit').then(() => Promise.reject(new Error('no far end'))),
    ]);
    const netns = `/proc/${far.pid}/ns/net`;
    const there = new IPRoute({ netns });
    try {
      await here.link('add', { ifname: 'u0', kind: 'veth', peer: { ifname: 'u1', netns } });
      await side(here, 'u0', HERE, THERE);
      await side(there, 'u1', THERE, HERE);
      for await (const { lladdr, dst } of here.fdb({ dev: 'vx42' })) console.log(lladdr, 'is at', dst);
      const ms = await ping(THERE.overlay);
      console.log(`${THERE.overlay} answered in ${ms.toFixed(1)} ms`);
      const { link64 } = await there.stats('get', { dev: 'vx42', filterMask: ['link_64'] });
      console.log((link64?.rxPackets ?? 0) > 0 ? 'through the tunnel' : 'but not through the tunnel');
    } finally {
      await there.close();
    }
  } finally {
    for (const dev of ['vx42', 'u0']) await here.link('del', { dev }).catch(() => {});
    await here.close();
    far.kill();
  }
}

if (process.argv[2] === '--far') echo();
else await main();
