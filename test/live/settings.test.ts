/** Settings of the machine and of IPv4 that netlink changes, each to another value, found again where the kernel keeps them. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { IPRoute } from 'tsroute2';
import { type Json, kernelAtLeast } from '../witness/compare.js';
import { place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

/** Files of net.ipv4.conf whose names are not those of the constants. */
const FILES: Readonly<Record<string, string>> = {
  arpfilter: 'arp_filter',
  srcVmark: 'src_valid_mark',
  noxfrm: 'disable_xfrm',
  nopolicy: 'disable_policy',
};
const fileOf = (key: string): string => FILES[key] ?? key.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
/** Settings of IPv4, each another value than the default. */
const INET = {
  forwarding: 1,
  proxyArp: 1,
  acceptRedirects: 0,
  secureRedirects: 0,
  sendRedirects: 0,
  sharedMedia: 0,
  rpFilter: 2,
  acceptSourceRoute: 1,
  bootpRelay: 1,
  logMartians: 1,
  tag: 16_909_060,
  arpfilter: 1,
  mediumId: 0x01020304,
  noxfrm: 1,
  nopolicy: 1,
  forceIgmpVersion: 2,
  arpAnnounce: 2,
  arpIgnore: 8,
  promoteSecondaries: 1,
  arpAccept: 1,
  arpNotify: 1,
  acceptLocal: 1,
  srcVmark: 1,
  proxyArpPvlan: 1,
  routeLocalnet: 1,
  igmpv2UnsolicitedReportInterval: 12_345,
  igmpv3UnsolicitedReportInterval: 54_321,
  ignoreRoutesWithLinkdown: 1,
  dropUnicastInL2Multicast: 1,
  dropGratuitousArp: 1,
  bcForwarding: 1,
  ...(kernelAtLeast('5.18') && { arpEvictNocarrier: 0 }),
};

t.test('settings of IPv4 in a link', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
  await p.ipr.link('set', { dev: 'e0', afSpec: { inet: { conf: INET } } });
  const [link] = await p.ipr.getLinks({ ifname: 'e0' });
  t.match(link?.afSpec?.inet?.conf, INET);
  const files = Object.keys(INET).map((key) => `/proc/sys/net/ipv4/conf/e0/${fileOf(key)}`);
  const text = execFileSync('ip', ['netns', 'exec', p.name, 'cat', ...files], { encoding: 'utf8' });
  t.same(text.trim().split('\n').map(Number), Object.values(INET));
});

t.test('thresholds of the neighbour tables, which are those of the machine', async (t) => {
  if (!process.env.TSROUTE2_VM) return t.comment('only where the machine is a guest');
  // They belong to the first namespace.
  const path = '/proc/1/ns/net';
  const first = new IPRoute({ netns: path });
  t.teardown(() => first.close());
  const [before] = await first.getNtables({ name: 'arp_cache' });
  const value = { thresh1: 131, thresh2: 0x0203, thresh3: 0x010204, gcInterval: 31_000 };
  await first.ntable('set', { name: 'arp_cache', ...value });
  t.match((await first.getNtables({ name: 'arp_cache' }))[0], value);
  const [theirs] = JSON.parse(
    execFileSync('nsenter', ['--net=/proc/1/ns/net', 'ip', '-j', 'ntable', 'show', 'name', 'arp_cache'], {
      encoding: 'utf8',
    }),
  ) as { [key: string]: Json }[];
  t.match(theirs, { thresh1: 131, thresh2: 0x0203, thresh3: 0x010204, gc_interval: 31_000 });
  const { thresh1, thresh2, thresh3, gcInterval } = before!;
  await first.ntable('set', { name: 'arp_cache', thresh1, thresh2, thresh3, gcInterval } as never);
});
