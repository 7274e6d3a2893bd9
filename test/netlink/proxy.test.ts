/** Proxies: what callbacks may do with messages on the way out. */
import t from 'tap';
import { type IPRoute, RawIPRoute } from '../../src/iproute/iproute.js';
import { BatchError, NetlinkError, TimeoutError } from '../../src/netlink/errors.js';
import { ifinfmsg } from '../../src/rtnl/classes.js';
import { ACK, consent, DELLINK, GETLINK, header, NEWLINK, opened } from './kernel.js';
import { answer, msg, newLink } from './script.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

t.test('forward: the kernel gets what the callback makes of the message', async (t) => {
  const { ipr, kernel } = opened(t);
  const seen: Uint8Array[] = [];
  ipr.sproxy.set('RTM_NEWLINK', (data) => {
    seen.push(data);
    const m = new ifinfmsg(data).decode();
    m.value.mtu = 1400;
    // A number and flags of one's own do not matter: the answer is matched all the same.
    m.header = { ...m.header, seq: 99, flags: 1 };
    return { verdict: 'forward', data: m.reset().encode().buf };
  });
  await ipr.link('set', { index: 2, mtu: 9000 });
  t.equal(new ifinfmsg(seen[0]).decode().value.mtu, 9000);
  const sent = new ifinfmsg(kernel.asked[0]!.bytes).decode();
  t.match(sent.value, { index: 2, mtu: 1400 });
  t.equal(sent.header.flags & ACK, ACK);
  t.equal(sent.header.seq, header(seen[0]!).seq);
  await ipr.link('get', { index: 2 });
  t.equal(seen.length, 1, 'other types are not looked at');
  ipr.sproxy.set('RTM_NEWLINK', () => ({ verdict: 'forward' }));
  await ipr.link('set', { index: 2, mtu: 9000 });
  t.equal(new ifinfmsg(kernel.asked.at(-1)!.bytes).decode().value.mtu, 9000, 'without data: as it is');
});

t.test('return: the kernel gets nothing, and the data is the answer', async (t) => {
  const { ipr, kernel, kernels } = opened(t);
  ipr.sproxy.set(NEWLINK, () => ({ verdict: 'return' }));
  t.same(await ipr.link('set', { index: 2, mtu: 9000 }), { warnings: [] });
  ipr.sproxy.set(GETLINK, (_data, { header: { flags } }) => ({
    verdict: 'return',
    data:
      (flags & 0x300) === 0x300 ? Buffer.concat([newLink(0, 7, 'own0'), newLink(0, 8, 'own1')]) : newLink(0, 7, 'own0'),
  }));
  t.equal((await ipr.link('get', { index: 7 })).ifname, 'own0');
  t.same(
    (await ipr.getLinks()).map(({ ifname }) => ifname),
    ['own0', 'own1'],
  );
  const rows: string[] = [];
  for await (const { ifname } of ipr.links()) rows.push(ifname!);
  t.same(rows, ['own0', 'own1'], 'also of a stream');
  ipr.sproxy.set(GETLINK, () => ({ verdict: 'return' }));
  t.same(await ipr.getLinks(), []);
  await t.rejects(ipr.link('get', { index: 7 }), { code: 'ERR_NETLINK_NO_OBJECT', message: /sent no object/ });
  t.same(
    kernels.flatMap(({ asked }) => asked),
    [],
  );
  // What looks like the kernel's own word is one.
  ipr.sproxy.set(NEWLINK, () => ({ verdict: 'return', data: answer(0, 17) }));
  await t.rejects(ipr.link('set', { index: 2, mtu: 1 }), { code: 'EEXIST', op: 'RTM_NEWLINK' });
  ipr.sproxy.clear();
  t.equal(ipr.sproxy.size, 0);
  t.equal((await ipr.link('get', { index: 7 })).ifname, 'e0');
  t.equal(kernel.asked.length, 1);
});

t.test('error: verdicts, exceptions, rejections, and what is no verdict', async (t) => {
  const { ipr, kernel } = opened(t);
  const mine = new RangeError('not today');
  const callbacks = [
    () => ({ verdict: 'error', data: mine }),
    () => {
      throw mine;
    },
    () => Promise.reject(mine),
    async () => ({ verdict: 'error', data: mine }),
  ];
  for (const callback of callbacks) {
    ipr.sproxy.set('RTM_NEWLINK', callback as never).set('RTM_GETLINK', callback as never);
    for (const call of [
      () => ipr.link('set', { index: 2, mtu: 9000 }),
      () => ipr.link('get', { index: 2 }),
      () => ipr.getLinks(),
      () => ipr.links()[Symbol.asyncIterator]().next(),
      () => ipr.nlmRequest(new Uint8Array(16), GETLINK),
    ])
      t.equal(await call().catch((error: unknown) => error), mine);
  }
  for (const bad of [
    undefined,
    null,
    {},
    { verdict: 'drop' },
    { verdict: 'error', data: 'text' },
    { verdict: 'forward', data: 'text' },
    { verdict: 'forward', data: new Uint8Array(7) },
    { verdict: 'forward', data: Buffer.concat([newLink(0, 1, 'a'), newLink(0, 1, 'b')]) },
  ]) {
    ipr.sproxy.set(NEWLINK, () => bad as never);
    const error = await ipr.link('set', { index: 2, mtu: 9000 }).catch((reason: unknown) => reason);
    t.type(error, TypeError);
    t.match(error, { code: 'ERR_PROXY_VERDICT' });
  }
  for (const bytes of [
    new Uint8Array(64).fill(0xff),
    new Uint8Array(7),
    Buffer.concat([newLink(0, 1, 'a'), new Uint8Array(8)]),
    newLink(0, 1, 'a').subarray(0, 20),
    msg(2, 0, 0),
    msg(2, 0, 0, [0xff, 0, 0, 0x80]),
  ]) {
    ipr.sproxy.set(GETLINK, () => ({ verdict: 'return', data: bytes }));
    await t.rejects(ipr.getLinks(), { code: 'ERR_PROXY_VERDICT' }, 'bytes that are no whole messages');
  }
  ipr.sproxy.set(GETLINK, () => ({ verdict: 'return', data: new Uint8Array(0) }));
  t.same(await ipr.getLinks(), [], 'any number of messages, also none');
  ipr.sproxy.set(GETLINK, () => ({ verdict: 'return', data: msg(3, 2, 0) }));
  t.same(await ipr.getLinks(), [], 'the end of a list without a word');
  t.equal(kernel.asked.length, 0);
  const bad = { name: 'InputError', field: 'type' };
  for (const type of ['RTM_NOTHING', 0, -1, 1.5, 65536, undefined])
    t.throws(() => ipr.sproxy.set(type as never, () => ({ verdict: 'forward' })), bad);
  t.throws(() => ipr.sproxy.set(NEWLINK, {} as never), { name: 'InputError', field: 'callback' });
});

t.test('callbacks that take their time keep the order', async (t) => {
  const { ipr, kernel } = opened(t);
  ipr.sproxy.set('RTM_NEWLINK', async (data) => {
    const m = new ifinfmsg(data).decode();
    if (m.value.mtu === 1) await sleep(30);
    return { verdict: 'forward' };
  });
  const ended: number[] = [];
  await Promise.all([
    ipr.link('set', { index: 2, mtu: 1 }).then(() => ended.push(1)),
    ipr.link('set', { index: 2, mtu: 2 }).then(() => ended.push(2)),
    ipr.link('get', { index: 2 }).then(() => ended.push(3)),
  ]);
  t.same(
    kernel.asked.map(({ type, bytes }) => (type === NEWLINK ? new ifinfmsg(bytes).decode().value.mtu : 'get')),
    [1, 2, 'get'],
  );
  t.same(ended, [1, 2, 3]);
  const slow = ipr.link('set', { index: 2, mtu: 1 }, { timeout: 5 });
  await t.rejects(slow, TimeoutError, 'the time allowed counts');
  const stop = new AbortController();
  const stopped = ipr.link('set', { index: 2, mtu: 1 }, { signal: stop.signal });
  stop.abort();
  await t.rejects(stopped, { name: 'AbortError' });
  const last = ipr.link('set', { index: 2, mtu: 1 });
  await ipr.close();
  await t.rejects(last, { code: 'ERR_NETLINK_CLOSED' });
  await sleep(40);
  t.equal(kernel.asked.filter(({ type }) => type === NEWLINK).length, 2, 'nothing is sent after the end');
});

t.test('batches: a result for each message, in order', async (t) => {
  for (const late of [false, true]) {
    const { ipr, kernel } = opened(t);
    const mine = new Error('mine');
    const order: string[] = [];
    ipr.sproxy.set('RTM_NEWLINK', (data): never => {
      const { mtu } = new ifinfmsg(data).decode().value;
      order.push(`callback ${mtu} after ${kernel.asked.length}`);
      const verdict =
        mtu === 1
          ? { verdict: 'return' }
          : mtu === 2
            ? { verdict: 'error', data: mine }
            : { verdict: 'forward', data: new ifinfmsg(data).decode().reset().encode().buf };
      return (late ? sleep(1).then(() => verdict) : verdict) as never;
    });
    const batch = ipr.batch();
    batch.link('del', { index: 9 });
    batch.link('set', { index: 2, mtu: 3 });
    batch.link('del', { index: 9 });
    batch.link('set', { index: 2, mtu: 2 });
    batch.addr('add', { index: 2, address: '192.0.2.1/24' });
    batch.link('set', { index: 2, mtu: 1 });
    const error = (await batch.commit().catch((reason: unknown) => reason)) as BatchError;
    t.type(error, BatchError);
    t.same(
      error.results.map(({ error }) => (error instanceof NetlinkError ? error.code : (error?.message ?? null))),
      ['ENODEV', null, 'ENODEV', 'mine', null, null],
    );
    t.equal(error.results[3]!.error, mine);
    t.same(
      kernel.asked.map(({ type }) => type),
      [17, 16, 17, 20],
    );
    t.same(order, ['callback 3 after 1', 'callback 2 after 3', 'callback 1 after 4'], 'what came before is done');
    t.equal(ipr.session.outstanding, 0);
    kernel.refusal = -105;
    const refused = ipr.batch().link('set', { index: 2, mtu: 3 }).link('set', { index: 2, mtu: 1 });
    const { results } = await refused.commit({ partial: true });
    t.match(results, [{ error: { code: 'ENOBUFS', syscall: 'sendmsg' } }, { error: null }]);
  }
});

t.test('put and sendto', async (t) => {
  const { ipr, kernel } = opened(t);
  const types: (number | string)[] = [];
  ipr.sproxy.set(GETLINK, (data, { header, decode }) => {
    types.push(header.type, decode().op, data.length);
    return { verdict: 'return', data: newLink(0, 5, 'own') };
  });
  const seq = ipr.put(new Uint8Array(16), GETLINK);
  t.match(await ipr.get(seq), [{ value: { ifname: 'own' }, header: { seq } }]);
  t.match(types, [GETLINK, 'RTM_GETLINK', 32]);
  ipr.pause();
  t.equal(await ipr.sendto(msg(GETLINK, 1, 77, new Array<number>(16).fill(0))), 32);
  t.equal(header(await ipr.recv()).seq, 77, 'what is returned comes from recv');
  ipr.sproxy.set(GETLINK, async () => {
    throw new Error('mine');
  });
  await t.rejects(ipr.sendto(msg(GETLINK, 1, 78, new Array<number>(16).fill(0))), { message: 'mine' });
  t.equal(await ipr.sendto(msg(DELLINK, 1, 79, new Array<number>(16).fill(0))), 32);
  kernel.refusal = -90;
  await t.rejects(ipr.sendto(msg(DELLINK, 1, 79)), { code: 'EMSGSIZE', syscall: 'sendmsg' });
  t.equal(kernel.asked.length, 1);
});

t.test('requests out of a callback', async (t) => {
  const { ipr, kernel, kernels } = opened(t);
  ipr.sproxy.set('RTM_NEWLINK', async (_data, { nl }) => {
    t.type(nl, RawIPRoute);
    t.throws(() => nl.sproxy, { name: 'InputError' });
    t.throws(() => nl.rproxy, { name: 'InputError' });
    t.equal((await nl.link('get', { index: 2 })).ifname, 'e0');
    await nl.link('set', { index: 2, mtu: 1 });
    // On the socket itself it comes after what is under way, so nobody may wait for it here.
    later = ipr.link('get', { index: 3 });
    return { verdict: 'forward' };
  });
  let later: Promise<unknown> | undefined;
  await ipr.link('set', { index: 2, mtu: 9000 });
  await later;
  t.same(
    kernel.asked.map(({ type }) => type),
    [NEWLINK, GETLINK],
  );
  t.same(
    kernels[1]!.asked.map(({ type }) => type),
    [GETLINK, NEWLINK],
  );
  await ipr.link('set', { index: 2, mtu: 9000 });
  t.equal(kernels.length, 2, 'it is one socket for all');
  // Without a wait, too: what is under way is not mixed up.
  ipr.sproxy.set('RTM_NEWLINK', () => {
    later = ipr.link('get', { index: 4 });
    return { verdict: 'forward' };
  });
  kernel.asked.length = 0;
  await ipr.link('set', { index: 2, mtu: 9000, ifname: 'a-long-name' });
  await later;
  t.equal(new ifinfmsg(kernel.asked[0]!.bytes).decode().value.ifname, 'a-long-name');
  await ipr.close();
  t.ok(kernels[1]!.closed, 'it is closed with the socket');
});

t.test('without callbacks nothing is in the way', async (t) => {
  const { ipr, kernel, kernels } = opened(t);
  t.equal(ipr.sproxy.get(NEWLINK), undefined);
  t.equal(ipr.session.transport, kernel);
  await ipr.getLinks();
  ipr.rproxy.set('RTM_NEWLINK', () => ({ verdict: 'forward' }));
  t.not(ipr.session.transport, kernel);
  t.ok(kernels[1]!.closed, 'sockets of lists that are kept are replaced');
  t.ok(ipr.rproxy.delete('RTM_NEWLINK'));
  t.notOk(ipr.rproxy.delete('RTM_NEWLINK'));
  const raw = opened(t, consent, RawIPRoute as typeof IPRoute).ipr;
  t.throws(() => raw.sproxy, { name: 'InputError' });
  t.equal((await raw.link('get', { index: 2 })).ifname, 'e0');
});
