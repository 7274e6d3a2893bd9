/** What TSROUTE2_TRACE records, of conversations that iproute2 and the kernel had. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { traced, traceLines } from '../../src/netlink/trace.js';
import '../../src/iproute/messages.js';
import { answer, done, type Given, Script } from './script.js';

interface Row {
  name: string;
  hex: string;
}
const root = join(import.meta.dirname, '../../..');
const rows = ['links', 'routes'].flatMap(
  (area) => JSON.parse(readFileSync(join(root, `test/golden/${area}.json`), 'utf8')) as Row[],
);

/** A recorded message with a sequence number, port id and perhaps flags of this test. */
function recorded(name: string, seq: number, pid = 0, flags?: number): Uint8Array {
  const row = rows.find((r) => r.name === name);
  if (row === undefined) throw new Error(`no golden row ${name}`);
  const bytes = new Uint8Array(Buffer.from(row.hex, 'hex'));
  const view = new DataView(bytes.buffer);
  if (flags !== undefined) view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  view.setUint32(12, pid, true);
  return bytes;
}

/** Sends requests over a traced transport that answers as given; returns the lines that are new. */
function exchange(requests: readonly Uint8Array[], datagrams: Given['datagrams']): string[] {
  const before = new Set(traceLines());
  const transport = traced(new Script(() => ({ datagrams })), '/dev/null');
  transport.exchange(Buffer.concat(requests), new Uint8Array(1 << 16), new Int32Array(64), 0, 0);
  return traceLines().filter((line) => !before.has(line));
}

const ADD = 'vxlan: add id 42 dstport 4789 / request';
const ACK = 5;

t.test('a refused request leaves nothing', async (t) => {
  t.same(exchange([recorded(ADD, 3, 0, ACK)], [[answer(3, 17)]]), []);
});

t.test('one without an answer leaves nothing', async (t) => {
  t.same(exchange([recorded(ADD, 3, 0, ACK)], []), []);
  t.same(exchange([recorded(ADD, 3, 0, ACK)], [[answer(4, 0)]]), [], 'nor does the answer to another');
  t.same(exchange([recorded(ADD, 3, 0, ACK)], [{ from: 99, messages: [answer(3, 0)] }]), [], 'nor that of a stranger');
});

t.test('an acknowledged one does, into its nests', async (t) => {
  const lines = exchange([recorded(ADD, 3, 0, ACK)], [[answer(3, 0)]]);
  for (const line of [
    'accepted RTM_NEWLINK ifname IFLA_IFNAME',
    'accepted RTM_NEWLINK linkinfo IFLA_LINKINFO',
    'accepted RTM_NEWLINK linkinfo.kind IFLA_INFO_KIND',
    'accepted RTM_NEWLINK linkinfo.vxlan IFLA_INFO_DATA',
    'accepted RTM_NEWLINK linkinfo.vxlan.id IFLA_VXLAN_ID',
    'accepted RTM_NEWLINK linkinfo.vxlan.port IFLA_VXLAN_PORT',
  ])
    t.ok(lines.includes(line), line);
  t.ok(lines.every((line) => line.startsWith('accepted RTM_NEWLINK ')));
});

t.test('of a batch, the one that is refused leaves nothing', async (t) => {
  const first = recorded('vxlan: add id 42 dstport 4789 ttl 5 / request', 3, 0, 1);
  const second = recorded('vxlan: add id 42 dstport 4789 tos 0x10 / request', 4, 0, 1);
  const last = recorded('vxlan: add id 42 dstport 4789 df set / request', 5, 0, ACK);
  const lines = exchange([first, second, last], [[answer(4, 17)], [answer(5, 0)]]);
  t.same(lines, [
    'accepted RTM_NEWLINK linkinfo.vxlan.ttl IFLA_VXLAN_TTL',
    'accepted RTM_NEWLINK linkinfo.vxlan.df IFLA_VXLAN_DF',
  ]);
});

t.test('answers are what the kernel sent, and consent to what was asked', async (t) => {
  const request = recorded('vxlan: add id 42 dstport 4789 / request 2', 6, 0, 1);
  const lines = exchange([request], [[recorded('link: set mtu 1400 / reply', 6, 7)]]);
  for (const line of [
    'accepted RTM_GETLINK ifname IFLA_IFNAME',
    'sent RTM_NEWLINK mtu IFLA_MTU',
    'sent RTM_NEWLINK afSpec.inet6.addrGenMode IFLA_INET6_ADDR_GEN_MODE',
  ])
    t.ok(lines.includes(line), line);
});

t.test('a dump consents at its end', async (t) => {
  const name = 'show: link show type vxlan / request';
  const some = recorded('link: set mtu 1400 / reply', 8, 7);
  const kind = 'accepted RTM_GETLINK linkinfo.kind IFLA_INFO_KIND';
  t.notOk(exchange([recorded(name, 8, 0, 0x301)], [[some]]).includes(kind));
  t.ok(exchange([recorded(name, 8, 0, 0x301)], [[some], [done(8)]]).includes(kind));
});

t.test('next hops, and attributes that no table has', async (t) => {
  const hop = 'route4: add 10.1.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 / request';
  const lines = exchange([recorded(hop, 9, 0, ACK)], [[answer(9, 0)]]);
  t.ok(lines.includes('accepted RTM_NEWROUTE multipath RTA_MULTIPATH'));
  t.ok(lines.includes('accepted RTM_NEWROUTE multipath.gateway RTA_GATEWAY'));
  const strange = recorded('link: set mtu 1400 / reply', 10, 7);
  // The last attribute of the message gets a number that is free.
  const view = new DataView(strange.buffer);
  let at = 32;
  for (let p = 32; p < strange.length; p += (view.getUint16(p, true) + 3) & ~3) at = p;
  view.setUint16(at + 2, 999, true);
  t.ok(exchange([recorded(ADD, 11)], [[strange]]).includes('sent RTM_NEWLINK 999 IFLA#999'));
});
