/** Proxies: what callbacks may do with messages on the way in. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { DumpInterruptedError } from '../../src/netlink/errors.js';
import { ifinfmsg } from '../../src/rtnl/classes.js';
import { consent, GETLINK, NEWLINK, opened } from './kernel.js';
import { answer, msg, newLink } from './script.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The message with another name, longer than the one before. */
function renamed(data: Uint8Array): Uint8Array {
  const m = new ifinfmsg(data).decode();
  m.value.ifname = `changed-${m.value.ifname}`;
  m.header = { ...m.header, seq: 4711, pid: 4711 };
  return m.reset().encode().buf;
}

t.test('answers, rows and notifications are what the callback makes of them', async (t) => {
  for (const late of [false, true]) {
    const { ipr, kernel } = opened(t);
    ipr.bind({ groups: ['link'] });
    ipr.rproxy.set('RTM_NEWLINK', (data): never => {
      const verdict = { verdict: 'forward', data: renamed(data) };
      return (late ? sleep(1).then(() => verdict) : verdict) as never;
    });
    t.equal((await ipr.link('get', { index: 2 })).ifname, 'changed-e0');
    t.same(
      (await ipr.getLinks()).map(({ ifname }) => ifname),
      ['changed-lo', 'changed-e0'],
    );
    t.match(await ipr.nlmRequest(new Uint8Array(16), GETLINK), [{ value: { ifname: 'changed-e0' } }]);
    const next = [ipr.get(), ipr.get(), ipr.get()];
    kernel.notify(newLink(0, 5, 'n0'), msg(20, 0, 0, [2, 24, 0, 0, 1, 0, 0, 0]));
    kernel.notify(newLink(0, 6, 'n1'));
    const got = await Promise.all(next);
    t.match(
      got.map(({ op, value }) => [op, value?.ifname]),
      [
        ['RTM_NEWLINK', 'changed-n0'],
        ['RTM_NEWADDR', undefined],
        ['RTM_NEWLINK', 'changed-n1'],
      ],
      'in order, with those that have no callback',
    );
    ipr.pause();
    const raw = ipr.recv();
    kernel.notify(newLink(0, 7, 'n2'));
    t.equal(new ifinfmsg(await raw).decode().value.ifname, 'changed-n2');
    ipr.resume();
    await ipr.close();
  }
});

t.test('monitors that are made later', async (t) => {
  const { ipr, kernels } = opened(t);
  const mine = new Error('mine');
  ipr.rproxy.set('RTM_NEWLINK', async (data) => {
    const { ifname } = new ifinfmsg(data).decode().value;
    await sleep(1);
    if (ifname === 'bad') throw mine;
    return { verdict: 'forward', data: renamed(data) };
  });
  const events = ipr.monitor({ groups: ['link'] });
  const kernel = kernels.at(-1)!;
  kernel.notify(newLink(0, 5, 'n0'), newLink(0, 6, 'bad'), newLink(0, 7, 'n1'));
  t.match((await events.next()).value, { type: 'message', value: { ifname: 'changed-n0' } });
  const failed = (await events.next()).value as unknown as { type: string; error: Error };
  t.match(failed, { type: 'error', header: { type: NEWLINK } });
  t.equal(failed.error, mine);
  const last = events.next();
  t.match((await last).value, { value: { ifname: 'changed-n1' } });
  events.close();
});

t.test('errors belong to the request whose answer it is, or to who waits for the notification', async (t) => {
  const { ipr, kernel, kernels } = opened(t);
  ipr.bind({ groups: ['link'] });
  const mine = new Error('mine');
  for (const callback of [
    () => ({ verdict: 'error', data: mine }) as const,
    async () => {
      throw mine;
    },
    () => {
      throw mine;
    },
  ]) {
    ipr.rproxy.set('RTM_NEWLINK', callback as never);
    t.equal(await ipr.link('get', { index: 2 }).catch((error: unknown) => error), mine);
    t.equal(await ipr.getLinks().catch((error: unknown) => error), mine);
    const next = ipr.get();
    kernel.notify(newLink(0, 5, 'n0'));
    t.equal(await next.catch((error: unknown) => error), mine);
    t.same(await ipr.link('set', { index: 2, mtu: 1 }), { warnings: [] }, 'an acknowledgement is another message');
  }
  t.ok(
    kernels.slice(1).every(({ closed }) => closed),
    'a list that was given up is not read on',
  );
  for (const bad of [undefined, { verdict: 'return' }, { verdict: 'forward', data: new Uint8Array(3) }]) {
    ipr.rproxy.set('RTM_NEWLINK', () => bad as never);
    await t.rejects(ipr.link('get', { index: 2 }), TypeError);
  }
  t.equal(ipr.session.outstanding, 0);
  ipr.rproxy.clear();
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'e0');
});

t.test('the notification of one’s own change, which fails in a callback, leaves the change alone', async (t) => {
  const { ipr } = opened(t, (asked) =>
    asked.type === NEWLINK ? [newLink(asked.seq, 2, 'e0'), answer(asked.seq, 0)] : consent(asked),
  );
  ipr.bind({ groups: ['link'] });
  const mine = new Error('mine');
  ipr.rproxy.set('RTM_NEWLINK', () => ({ verdict: 'error', data: mine }));
  const next = ipr.get();
  t.same(await ipr.link('set', { index: 2, mtu: 1 }), { warnings: [] });
  t.equal(await next.catch((error: unknown) => error), mine);
});

t.test('the kernel’s own word, by its number', async (t) => {
  const { ipr } = opened(t);
  const seen: number[] = [];
  ipr.rproxy.set(2, (data) => {
    seen.push(new DataView(data.buffer, data.byteOffset).getInt32(16, true));
    return { verdict: 'forward' };
  });
  await ipr.link('set', { index: 2, mtu: 1 });
  await t.rejects(ipr.link('del', { index: 2 }), { code: 'ENODEV' });
  t.same(seen, [0, -19]);
});

t.test('the kernel’s own word, by its name: what refuses it is the outcome of the request', async (t) => {
  const { ipr, kernel } = opened(t);
  ipr.bind({ groups: ['link'] });
  const mine = new RangeError('mine');
  // Where an error goes astray, only this keeps the process until the request ends.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  const late = async () => ({ verdict: 'error', data: mine }) as const;
  for (const callback of [() => ({ verdict: 'error', data: mine }) as const, late]) {
    ipr.rproxy.set('NLMSG_ERROR', callback);
    t.equal(ipr.rproxy.get(2), callback);
    for (const call of [
      () => ipr.link('set', { index: 2, mtu: 1 }),
      () => ipr.link('set', { index: 2, mtu: 1 }, { echo: false }),
      () => ipr.link('del', { index: 2 }),
      () => ipr.nlmRequest(new Uint8Array(16), NEWLINK, 4),
    ])
      t.equal(await call().catch((error: unknown) => error), mine);
    const batch = ipr
      .batch()
      .link('set', { index: 2, mtu: 1 })
      .link('del', { index: 9 })
      .link('set', { index: 2, mtu: 2 });
    const { results } = await batch.commit({ partial: true });
    // The first is not acknowledged.
    t.same(
      results.map(({ error }) => error),
      [null, mine, mine],
    );
    const each = ipr.batch().link('set', { index: 2, mtu: 1 }).link('set', { index: 2, mtu: 2 });
    t.same(
      (await each.commit({ partial: true, acks: 'each' })).results.map(({ error }) => error),
      [mine, mine],
    );
    t.equal(ipr.session.outstanding, 0);
  }
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'e0', 'an object is another message');
  t.equal(kernel.asked.length > 10, true, 'all was carried out');
  ipr.rproxy.clear();
  ipr.rproxy.set('NLMSG_DONE', late);
  t.equal(await ipr.getLinks().catch((error: unknown) => error), mine);
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'e0');
  for (const [name, number] of Object.entries({ NLMSG_NOOP: 1, NLMSG_ERROR: 2, NLMSG_DONE: 3, NLMSG_OVERRUN: 4 })) {
    ipr.sproxy.clear();
    ipr.sproxy.set(name, () => ({ verdict: 'forward' }));
    t.same([...ipr.sproxy.callbacks.keys()], [number]);
  }
});

t.test('a row that is made a word about the request', async (t) => {
  const { ipr } = opened(t);
  for (const type of [2, 3]) {
    ipr.rproxy.set('RTM_NEWLINK', (data) => {
      new DataView(data.buffer, data.byteOffset).setUint16(4, type, true);
      return { verdict: 'forward', data };
    });
    const error = await ipr.getLinks().catch((reason: unknown) => reason);
    t.match(error, {
      code: 'ERR_PROXY_VERDICT',
      message: /a message of type NLMSG_(ERROR|DONE) holds 0 or a negative/,
    });
    t.type(error, TypeError);
  }
  ipr.rproxy.set('RTM_NEWLINK', () => ({ verdict: 'forward', data: answer(0, 1) }));
  await t.rejects(ipr.getLinks(), { code: 'EPERM' }, 'a refusal of one’s own is one');
});

t.test('lists: interrupted ones, what follows while a callback is waited for, closing', async (t) => {
  const { ipr, kernels } = opened(t, (asked) =>
    asked.type === GETLINK
      ? [newLink(asked.seq, 1, 'lo', 0x12), newLink(asked.seq, 2, 'e0', 2), msg(3, 2, asked.seq, [0, 0, 0, 0])]
      : consent(asked),
  );
  ipr.rproxy.set('RTM_NEWLINK', async (data) => {
    await sleep(2);
    return { verdict: 'forward', data: renamed(data) };
  });
  const error = await ipr.getLinks({}, { onInterrupted: 'throw' }).catch((reason: unknown) => reason);
  t.type(error, DumpInterruptedError, 'that the table changed is in the flags');
  t.match((error as DumpInterruptedError).partial, [{ ifname: 'changed-lo' }, { ifname: 'changed-e0' }]);
  const listed = ipr.getLinks({}, { onInterrupted: 'partial' });
  const changed = ipr.link('set', { index: 2, mtu: 1 });
  await changed;
  t.equal((await listed).length, 2);
  const last = ipr.getLinks();
  await new Promise(setImmediate);
  await ipr.close();
  await t.rejects(last, { code: 'ERR_NETLINK_CLOSED' });
  t.ok(kernels.every(({ closed }) => closed));
});

t.test('lists have a queue of their own; to delete a callback does not set free what waits behind it', async (t) => {
  const { ipr } = opened(t);
  let running = 0;
  let most = 0;
  ipr.rproxy.set('RTM_NEWLINK', async () => {
    most = Math.max(most, ++running);
    await sleep(2);
    running--;
    return { verdict: 'forward' };
  });
  await Promise.all([ipr.getLinks(), ipr.getLinks(), ipr.link('get', { index: 2 }), ipr.link('get', { index: 2 })]);
  t.equal(most, 3, 'two lists, and the answers one after the other');
  // A promise holds no process.
  const alive = setTimeout(() => {}, 10_000);
  ipr.rproxy.set('RTM_NEWLINK', () => new Promise(() => {}));
  const stuck = ipr.link('get', { index: 2 }, { timeout: 20 });
  ipr.rproxy.clear();
  await t.rejects(stuck, { code: 'ERR_NETLINK_TIMEOUT' });
  await t.rejects(ipr.link('set', { index: 2, mtu: 1 }, { timeout: 20 }), { code: 'ERR_NETLINK_TIMEOUT' });
  t.equal((await ipr.getLinks()).length, 2, 'a list comes past it');
  clearTimeout(alive);
});

t.test('errors that nobody waits for any more are not held', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { ipr } = opened(t);
  const errors: WeakRef<Error>[] = [];
  ipr.rproxy.set('RTM_NEWLINK', () => {
    const data = new Error('not for you');
    errors.push(new WeakRef(data));
    return { verdict: 'error', data };
  });
  for (let i = 0; i < 5; i++) await ipr.getLinks().catch(() => {});
  t.equal(errors.length, 10, 'one for each row, of which the first ends the list');
  for (let i = 0; i < 100 && errors.some((one) => one.deref() !== undefined); i++) {
    await sleep(5);
    collect();
  }
  t.same(
    errors.map((one) => one.deref()),
    errors.map(() => undefined),
  );
});
