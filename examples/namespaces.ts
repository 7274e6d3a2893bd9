/**
 * Two namespaces and a cable between them: addresses on both ends, forwarding in one of them, a program in the other.
 * Try it where it does no harm: `unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run; node .build/examples/namespaces.js'`.
 */
import { text } from 'node:stream/consumers';
import { NetNS, netns } from 'tsroute2';

const [left, right] = ['left', 'right'].map((name) => new NetNS(name, { create: true })) as [NetNS, NetNS];
try {
  await left.link('add', { ifname: 'eth0', kind: 'veth', peer: { ifname: 'eth0', netns: 'right' }, state: 'up' });
  await right.link('set', { dev: 'eth0', state: 'up' });
  await left.addr('add', { dev: 'eth0', address: '10.0.0.1/24' });
  await right.addr('add', { dev: 'eth0', address: '10.0.0.2/24' });
  await right.route('add', { dst: 'default', gateway: '10.0.0.1' });
  await netns.sysctl('left', 'net.ipv4.ip_forward', 1);

  for (const ns of [left, right]) {
    const forward = await netns.sysctl(ns.netns, 'net.ipv4.ip_forward');
    const addrs = (await ns.getAddr({ dev: 'eth0', family: 'inet' })).map(({ address }) => address);
    console.log(`${ns.netns}: eth0 has ${addrs.join()}, forwarding ${forward === '1' ? 'on' : 'off'}`);
  }

  const child = netns.spawn('right', 'ip', ['route', 'show', 'default']);
  console.log(`right: ${(await text(child.stdout)).trim()}`);
} finally {
  // The cable goes with the first of them.
  for (const ns of [left, right]) await ns.remove();
}
