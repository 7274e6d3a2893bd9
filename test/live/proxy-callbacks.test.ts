/** Proxies with a real kernel, which carries out what callbacks forward and nothing of what they keep. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BatchError, IPRoute, ifinfmsg, NetlinkError, netns, RawIPRoute } from 'tsroute2';

let count = 0;

/** An IPRoute in a namespace of its own, and `ip` there. */
async function inside(t: Test) {
  const name = `proxy-cb-${process.pid}-${count++}`;
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  t.teardown(async () => {
    await ipr.close();
    await netns.remove(name);
  });
  const ip = (...args: string[]) =>
    JSON.parse(execFileSync('ip', ['-n', name, '-j', '-d', ...args], { encoding: 'utf8' })) as Record<string, never>[];
  return { name, ipr, ip };
}

t.test('what is sent', async (t) => {
  const { name, ipr, ip } = await inside(t);
  const mine = new Error('not here');
  for (const late of [0, 2]) {
    const x = `x${late}`;
    ipr.sproxy.set('RTM_NEWLINK', async (data, { nl }) => {
      const m = new ifinfmsg(data).decode();
      if (m.value.ifname === 'never') throw mine;
      if (m.value.ifname === 'kept') return { verdict: 'return' };
      // A request of its own, in the middle of another.
      t.equal((await nl.link('get', { dev: 'lo' })).index, 1);
      if (late > 0) await sleep(late);
      m.value.txqlen = 77;
      return { verdict: 'forward', data: m.reset().encode().buf };
    });
    const { object } = await ipr.link('add', { ifname: x, kind: 'bridge' });
    t.match(ip('link', 'show', x), [{ txqlen: 77, ifindex: object?.index }]);
    t.equal(await ipr.link('add', { ifname: 'never', kind: 'bridge' }).catch((error: unknown) => error), mine);
    t.same(await ipr.link('add', { ifname: 'kept', kind: 'bridge' }, { echo: false }), { warnings: [] });
    const batch = ipr.batch();
    batch.link('add', { ifname: `a${late}`, kind: 'bridge' });
    batch.addr('add', { dev: `a${late}`, address: '192.0.2.1/24' });
    batch.link('add', { ifname: 'never', kind: 'bridge' });
    batch.link('add', { ifname: x, kind: 'bridge' });
    batch.link('set', { dev: `a${late}`, state: 'up' });
    const error = (await batch.commit().catch((reason: unknown) => reason)) as BatchError;
    t.type(error, BatchError);
    t.same(
      error.results.map(({ error }) => (error instanceof NetlinkError ? error.code : (error?.message ?? null))),
      [null, null, 'not here', 'EEXIST', null],
    );
    t.match(ip('addr', 'show', `a${late}`), [{ txqlen: 77, addr_info: [{ local: '192.0.2.1' }] }]);
    await ipr.addr('del', { dev: `a${late}`, address: '192.0.2.1/24' });
  }
  ipr.sproxy.set('RTM_NEWLINK', () => ({ verdict: 'error', data: mine }));
  const raw = new RawIPRoute({ netns: name });
  await raw.link('add', { ifname: 'raw0', kind: 'bridge' });
  await raw.close();
  t.equal(ip('link', 'show', 'raw0').length, 1, 'a RawIPRoute has none');
  t.same(
    ip('link').map(({ ifname }) => ifname),
    ['lo', 'x0', 'a0', 'x2', 'a2', 'raw0'],
  );
});

t.test('what is received', async (t) => {
  const { ipr, ip } = await inside(t);
  await ipr.link('add', { ifname: 'v0', kind: 'bridge' });
  ipr.bind({ groups: ['link'] });
  for (const late of [false, true]) {
    let bytes = 0;
    ipr.rproxy.set('RTM_NEWLINK', async (data) => {
      bytes += data.length;
      if (late) await sleep(1);
      const m = new ifinfmsg(data).decode();
      m.value.ifalias = `about ${m.value.ifname}`;
      return { verdict: 'forward', data: m.reset().encode().buf };
    });
    t.equal((await ipr.link('get', { dev: 'v0' })).ifalias, 'about v0');
    t.same(
      (await ipr.getLinks()).map(({ ifalias }) => ifalias),
      ['about lo', 'about v0'],
    );
    const events = ipr.monitor({ groups: ['link'] });
    const next = events.next();
    const note = ipr.get();
    await ipr.link('set', { dev: 'v0', mtu: late ? 1401 : 1402 });
    t.match(await note, { value: { ifname: 'v0', ifalias: 'about v0' } });
    t.match((await next).value, { value: { ifname: 'v0', ifalias: 'about v0' } });
    events.close();
    t.ok(bytes > 1000);
  }
  t.equal(ip('link', 'show', 'v0')[0]?.ifalias, undefined, 'the kernel knows nothing of it');
  const mine = new Error('mine');
  ipr.rproxy.set('RTM_NEWLINK', () => ({ verdict: 'error', data: mine }));
  t.equal(await ipr.getLinks().catch((error: unknown) => error), mine);
  ipr.rproxy.clear();
  t.equal((await ipr.getLinks()).length, 2);
});

t.test('2,000 changes in one tick through a callback are carried out in order', async (t) => {
  const { ipr, ip } = await inside(t);
  await ipr.link('add', { ifname: 'v0', kind: 'bridge' });
  let turn = 0;
  ipr.sproxy.set('RTM_NEWADDR', (data) =>
    turn++ % 3 === 0 ? Promise.resolve({ verdict: 'forward' }) : { verdict: 'forward', data },
  );
  const index = (await ipr.link('get', { dev: 'v0' })).index!;
  const address = (i: number) => `10.9.${i >> 8}.${i & 255}`;
  await Promise.all(
    Array.from({ length: 2000 }, (_, i) => ipr.addr('add', { index, address: address(i), prefixlen: 32 })),
  );
  const [{ addr_info: list } = { addr_info: [] }] = ip('addr', 'show', 'dev', 'v0') as never as {
    addr_info: { local: string }[];
  }[];
  t.same(
    list.map(({ local }) => local),
    Array.from({ length: 2000 }, (_, i) => address(i)),
  );
});

t.test('the kernel’s own word about changes', async (t) => {
  const { ipr, ip } = await inside(t);
  const mine = new RangeError('mine');
  for (const callback of [() => ({ verdict: 'error', data: mine }) as const, () => Promise.reject(mine)]) {
    ipr.rproxy.set('NLMSG_ERROR', callback);
    const add = ipr.link('add', { ifname: 'w0', kind: 'bridge' }, { timeout: 5000 });
    t.equal(await add.catch((error: unknown) => error), mine);
    t.equal(ip('link', 'show', 'w0').length, 1, 'it was carried out');
    const batch = ipr.batch();
    const [w0] = ip('link', 'show', 'w0') as unknown as { ifindex: number }[];
    batch.link('del', { index: w0!.ifindex });
    batch.link('del', { index: 4711 });
    batch.link('add', { ifname: 'w1', kind: 'bridge' });
    const { results } = await batch.commit({ partial: true, timeout: 5000 });
    t.same(
      results.map(({ error }) => error),
      [null, mine, mine],
    );
    t.same(
      ip('link').map(({ ifname }) => ifname),
      ['lo', 'w1'],
    );
    ipr.rproxy.clear();
    await ipr.link('del', { dev: 'w1' });
  }
});

t.test('a callback that closes the socket ends what is under way, at once', async (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const { name } = await inside(t);
  const forward = { verdict: 'forward' } as const;
  const atOnce = (ipr: IPRoute) => {
    void ipr.close();
    return forward;
  };
  const closers: ((ipr: IPRoute) => unknown)[] = [
    (ipr) => ipr.rproxy.set('RTM_NEWLINK', () => atOnce(ipr)),
    (ipr) => ipr.rproxy.set('RTM_NEWLINK', () => ipr.close().then(() => forward)),
    (ipr) => ipr.sproxy.set('RTM_GETLINK', () => atOnce(ipr)),
    (ipr) => ipr.sproxy.set('RTM_GETLINK', () => ipr.close().then(() => forward)),
  ];
  const calls: ((ipr: IPRoute) => Promise<unknown>)[] = [
    (ipr) => ipr.link('get', { index: 1 }),
    (ipr) => ipr.getLinks(),
    (ipr) => ipr.links()[Symbol.asyncIterator]().next(),
    (ipr) => ipr.links().batches().next(),
  ];
  for (const [i, proxy] of closers.entries()) {
    for (const [j, call] of calls.entries()) {
      const ipr = new IPRoute({ netns: name, timeout: 0 });
      proxy(ipr);
      await t.rejects(call(ipr), { code: 'ERR_NETLINK_CLOSED' }, `callback ${i}, call ${j}`);
      const other = new IPRoute({ netns: name, timeout: 60_000 });
      proxy(other);
      const before = timers();
      await t.rejects(call(other), { code: 'ERR_NETLINK_CLOSED' });
      t.equal(timers(), before, 'no timer is left');
    }
  }
  for (const proxy of closers.slice(0, 2)) {
    const ipr = new IPRoute({ netns: name });
    const raw = new RawIPRoute({ netns: name });
    proxy(ipr);
    const next = ipr.monitor({ groups: ['link'] }).next();
    await raw.link('add', { ifname: 'seen', kind: 'bridge' });
    t.same(await next, { done: true, value: undefined });
    await raw.link('del', { dev: 'seen' });
    await raw.close();
  }
});
