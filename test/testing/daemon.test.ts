/** What a user does: a daemon that keeps a route in place, tested without root and without a kernel. */
import t, { type Test } from 'tap';
import { IPRoute } from 'tsroute2';
import { FakeKernel } from 'tsroute2/testing';
import { keepRoute } from '../../examples/daemon.js';

/** Waits until a condition holds, or for so long that the test fails. */
async function until(is: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 1000; i++) {
    if (await is()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

/** A kernel with eth0 and its address. */
async function machine(t: Test): Promise<{ kernel: FakeKernel; ipr: IPRoute }> {
  const kernel = new FakeKernel();
  const ipr = new IPRoute({ transport: kernel.open });
  t.teardown(() => ipr.close());
  await ipr.link('add', { ifname: 'eth0', kind: 'dummy', state: 'up' });
  await ipr.addr('add', { dev: 'eth0', address: '192.0.2.1/24' });
  return { kernel, ipr };
}

t.test('a daemon keeps a route in place', async (t) => {
  const { kernel, ipr } = await machine(t);
  const daemon = new IPRoute({ transport: kernel.open });
  const stop = new AbortController();
  const log: string[] = [];
  const running = keepRoute(daemon, {
    dst: '10.0.0.0/8',
    gateway: '192.0.2.2',
    dev: 'eth0',
    remove: true,
    signal: stop.signal,
    log: (line) => log.push(line),
  });
  const routes = async (): Promise<string[]> =>
    (await ipr.getRoutes({ family: 'inet', table: 'main' })).map((r) => `${r.dst} ${r.gateway ?? ''}`);
  const isThere = async (): Promise<boolean> => (await routes()).includes('10.0.0.0/8 192.0.2.2');
  t.ok(await until(isThere), 'it adds the route');

  await ipr.route('del', { dst: '10.0.0.0/8' });
  t.ok(await until(isThere), 'a route that somebody deletes comes back');

  // A link that goes down takes its routes along, and the kernel says nothing of those of IPv4.
  await ipr.link('set', { dev: 'eth0', state: 'down' });
  t.notOk(await isThere());
  await ipr.link('set', { dev: 'eth0', state: 'up' });
  t.ok(await until(isThere), 'so does one that went with its link');

  kernel.fault({ kind: 'lost-event' });
  await ipr.route('del', { dst: '10.0.0.0/8' });
  t.ok(await until(isThere), 'and one whose deletion was lost');
  t.ok(log.includes('1 events lost: reading again'));

  stop.abort();
  await running;
  t.same(await routes(), ['192.0.2.0/24 '], 'it takes the route along when it ends');
  await daemon.close();
});

t.test('an error of the kernel', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'error', errno: 105, type: 24 });
  await t.rejects(ipr.route('add', { dst: '10.0.0.0/8', gateway: '192.0.2.2' }), { code: 'ENOBUFS' });
  await ipr.route('add', { dst: '10.0.0.0/8', gateway: '192.0.2.2' });
  await t.rejects(ipr.route('add', { dst: '10.0.0.0/8', gateway: '192.0.2.2' }), { code: 'EEXIST' });
  await t.rejects(ipr.route('add', { dst: '10.1.0.0/16', gateway: '198.51.100.1' }), {
    code: 'ENETUNREACH',
    kernelMessage: 'Nexthop has invalid gateway',
  });
});

t.test('namespaces of the fake', async (t) => {
  const { kernel, ipr } = await machine(t);
  const fd = kernel.addNetns('blue');
  const blue = new IPRoute({ transport: kernel.open, netns: 'blue' });
  t.teardown(() => blue.close());
  await ipr.link('add', { ifname: 'v0', kind: 'veth', veth: { peer: { ifname: 'v1', netNsFd: fd } } });
  t.match(await blue.getLinks(), [{ ifname: 'lo' }, { ifname: 'v1' }]);
  await ipr.link('del', { dev: 'v0' });
  t.match(await blue.getLinks(), [{ ifname: 'lo' }]);
  t.throws(() => kernel.addNetns('blue'), { code: 'EEXIST' });
  t.throws(() => new IPRoute({ transport: kernel.open, netns: 'green' }), { code: 'ENOENT' });
});

t.test('batches, streams, flushes, ensure', async (t) => {
  const { ipr } = await machine(t);
  const batch = ipr.batch();
  for (let i = 0; i < 300; i++) batch.route('add', { dst: `10.${i % 256}.0.0/16`, gateway: '192.0.2.2' });
  const { results } = await batch.commit({ partial: true });
  t.equal(results.filter(({ error }) => error === null).length, 256);
  t.same(
    [...new Set(results.flatMap(({ error }) => (error === null ? [] : [(error as { code?: string }).code])))],
    ['EEXIST'],
  );
  let count = 0;
  for await (const { dst } of ipr.routes({ family: 2, table: 254 })) if (dst.startsWith('10.')) count++;
  t.equal(count, 256);
  t.equal(await ipr.flushRoutes({ gateway: '192.0.2.2' }), 256);
  t.same((await ipr.getRoutes({ family: 2, table: 254 })).length, 1);
  await t.rejects(ipr.link('add', { ifname: 'b0', kind: 'bond' }), { code: 'EOPNOTSUPP' });
  t.same(await ipr.ensure('route', { dst: '10.0.0.0/8', gateway: '192.0.2.2' }), 'added');
  t.same(await ipr.ensure('route', { dst: '10.0.0.0/8', gateway: '192.0.2.2' }), 'updated');
});

t.test('only rtnetlink', async (t) => {
  t.throws(() => new FakeKernel().open(16), { code: 'EPROTONOSUPPORT' });
});
