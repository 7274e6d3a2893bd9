/** Bad input: a table of calls that must be refused with a code and the path of the key, before anything is sent. */
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { BatchError, InputError, type IPRoute } from '../../src/index.js';
import { links } from './bad-links.js';
import { addrs, others, routes } from './bad-others.js';
import { addr, batch, type Call, dst, LONG, type Loose, link, route, vxlan } from './calls.js';
import { Recorder } from './recorder.js';
import { refused } from './refused.js';

/** Open descriptors of one file; others of the process come and go. */
const descriptorsOf = (file: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false;
    }
  }).length;

for (const [area, cases] of Object.entries({
  links,
  addresses: addrs,
  routes,
  'batches, monitors, constructor': others,
})) {
  t.test(`${area}: ${cases.length} calls are refused, and nothing is sent`, async (t) => {
    for (const [what, call, code, field] of cases) {
      t.same(await refused(call), { found: { code, field }, sent: 0, opened: 0, leaked: 0 }, what);
    }
  });
}

t.test('the table has at least 60 rows', async (t) => {
  const count = links.length + addrs.length + routes.length + others.length;
  t.comment(`${count} refused calls`);
  t.ok(count >= 60);
});

t.test('what is good is sent: the recorder sees it', async (t) => {
  const good: Call[] = [
    link('add', { ifname: 'x', kind: 'dummy' }),
    link('set', { index: 1, mtu: 1400, master: null }),
    link('get', { ifname: 'eth0' }),
    addr('add', { index: 1, address: '10.0.0.1/24' }),
    route('add', { dst: 'default', gateway: '10.0.0.1' }),
    route('del', { dst }),
    (ipr) => ipr.getLinks(),
    (ipr) => ipr.getRoutes({ scope: 'link', dst: '10.0.0.1', gateway: '10.0.0.1' }),
    (ipr) => ipr.getAddr({ address: '2001:DB8::1', scope: 'global' }),
    (ipr) => ipr.flushRoutes({ table: 'main' }),
    batch((b) => b.route('add', { dst }).commit()),
  ];
  for (const call of good) {
    const recorder = new Recorder();
    const ipr = recorder.iproute();
    const given = Promise.resolve(call(ipr as Loose<IPRoute>, recorder));
    given.catch(() => {});
    await new Promise(setImmediate);
    t.equal(recorder.sent.length, 1);
    await ipr.close();
    const error = await given.catch((error: Error) => error);
    t.match(error instanceof BatchError ? error.cause : error, { name: 'ClosedError' });
    t.equal(recorder.open, 0, 'every socket is closed');
  }
});

t.test('nothing of a refused message stays in a batch', async (t) => {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  const twin = ipr.batch();
  const batch = ipr.batch();
  const bad: (() => unknown)[] = [
    () => batch.route('add', { dst: '10.0.0.0/8', oif: 'named', metrics: { mtu: -1 } }),
    () => batch.link('add', { ifname: 'x', kind: 'vxlan', vxlan: { id: 2 ** 24 } }),
    () => batch.addr('add', { dev: 'named', address: '10.0.0.1/99' }),
    () => batch.route('add', { dst, multipath: [{ dev: 'named' }, { gateway: '::1' }] }),
  ];
  for (let i = 0; i < 50; i++) {
    for (const add of bad) t.throws(add, InputError);
    batch.route('add', { dst: `10.${i}.0.0/16`, oif: 1 });
    twin.route('add', { dst: `10.${i}.0.0/16`, oif: 1 });
  }
  t.equal(batch.length, 50);
  for (const one of [batch, twin]) one.commit().catch(() => {});
  await new Promise(setImmediate);
  t.equal(recorder.sent.length, 2, 'no interface is looked up for a message that was refused');
  const [a, b] = recorder.sent.map((data) => {
    // Numbers differ, the rest must not.
    const copy = data.slice();
    for (let p = 0; p < copy.length; ) {
      copy.fill(0, p + 8, p + 12);
      p += Math.max(16, new DataView(copy.buffer).getUint32(p, true));
    }
    return Buffer.from(copy).toString('hex');
  });
  t.equal(a, b);
  await ipr.close();
});

t.test('descriptors of namespaces are closed, whatever becomes of the call', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-'));
  const file = join(folder, 'ns');
  writeFileSync(file, '');
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  const fd = openSync('/proc/self/ns/net', 'r');
  try {
    const descriptors = () => descriptorsOf(file);
    const before = descriptors();
    await t.rejects(ipr.link('set', { index: 1, netns: file, mtu: -1 }), InputError);
    await t.rejects(
      ipr.link('add', { ifname: 'x', kind: 'veth', peer: { ifname: 'y', netns: file }, mtu: -1 }),
      InputError,
    );
    t.equal(descriptors(), before, 'a refused call');
    const batch = ipr.batch();
    t.throws(() => batch.link('set', { index: 1, netns: file, mtu: -1 }), InputError);
    t.equal(descriptors(), before, 'a refused message of a batch');
    batch.link('set', { index: 1, netns: file });
    batch.link('set', { index: 1, netns: fd });
    t.equal(descriptors(), before, 'opened only when the batch is sent');
    const first = batch.commit();
    batch.link('set', { index: 2, netns: file });
    await new Promise(setImmediate);
    t.equal(descriptors(), before + 1, 'open until the kernel has answered');
    const [sent] = recorder.sent;
    t.equal(new DataView(sent!.buffer, sent!.byteOffset).getUint32(36, true) > 2, true, 'its number is in the message');
    await ipr.close();
    await t.rejects(first, { name: 'BatchError', cause: { name: 'ClosedError' } } as never);
    await t.rejects(batch.commit(), { name: 'ClosedError' });
    await t.rejects(ipr.link('set', { index: 2, netns: file }), { name: 'ClosedError' });
    t.equal(descriptors(), before);
    const refused = { name: 'InputError', field: 'peer.netns', message: /netNsPid/ };
    for (const wrong of [99_999, 1])
      await t.rejects(ipr.link('add', { ifname: 'x', kind: 'veth', peer: { netns: wrong } }), refused as never);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});

t.test('a mistake is explained', async (t) => {
  const ipr = new Recorder().iproute();
  const messages = async (call: Call): Promise<string> => {
    try {
      await call(ipr as Loose<IPRoute>, new Recorder());
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  t.equal(await messages(link('add', { kind: 'dummy', MTU: 1 })), 'MTU: unknown key (did you mean "mtu"?)');
  t.equal(await messages(vxlan({ id: 1, vni: 1 })), 'vxlan.vni: unknown key');
  t.equal(await messages(vxlan({ id: 1, learing: true })), 'vxlan.learing: unknown key (did you mean "learning"?)');
  t.equal(await messages(vxlan({ id: 2 ** 24 })), 'vxlan.id: 16777216 is out of range 0..16777215');
  t.match(await messages(route('del', {})), /'default' for the default route/);
  t.match(await messages((i) => i.monitor({ groups: ['ipv4_route'] })), /did you mean "ipv4-route"/);
  t.ok((await messages(route('add', { dst: LONG }))).length < 300, 'a long value is cut');
  await ipr.close();
});

t.test('input is not touched, and nothing of the prototype is read', async (t) => {
  const ipr = new Recorder().iproute();
  const spec = Object.freeze({ ifname: 'x', kind: 'veth', peer: Object.freeze({ ifname: 'y' }), mtu: 1400 });
  ipr.link('add', spec).catch(() => {});
  const inherited = Object.assign(Object.create({ mtu: 1, nope: 1 }) as object, { ifname: 'x', kind: 'dummy' });
  const recorder = new Recorder();
  const other = recorder.iproute();
  other.link('add', inherited).catch(() => {});
  other.link('add', { ifname: 'x', kind: 'dummy' }).catch(() => {});
  await new Promise(setImmediate);
  const [a, b] = recorder.sent.map((data) => Buffer.from(data.subarray(16)).toString('hex'));
  t.equal(a, b);
  t.equal(({} as { mtu?: number }).mtu, undefined);
  await ipr.close();
  await other.close();
});
