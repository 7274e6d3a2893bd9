/** The daemon of the examples against everything that the fake kernel can do to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { IPRoute, type OpenTransport, RTM } from 'tsroute2';
import { FakeKernel, type FakeKernelOptions } from 'tsroute2/testing';
import { type Keep, keepRoute } from '../../examples/daemon.js';
import { Random } from '../../src/testing/random.js';

t.setTimeout(300_000);

const RUNS = 60;
const DST = '10.0.0.0/8';

async function until(is: () => boolean | Promise<boolean>, ms = 20_000): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(2)) if (await is()) return true;
  return false;
}

/** Makes a change that a fault may refuse, or leave in doubt, until it is made. */
async function surely(change: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      await change();
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EEXIST' || code === 'ESRCH' || code === 'ENODEV') return;
    }
  }
  throw new Error('50 attempts were refused');
}

/** A kernel with eth0 and its address, a hand that changes it, and a daemon. */
async function machine(t: Test, options: FakeKernelOptions = {}, open?: (kernel: FakeKernel) => OpenTransport) {
  const kernel = new FakeKernel(options);
  const hand = new IPRoute({ transport: kernel.open });
  const ipr = new IPRoute({ transport: open?.(kernel) ?? kernel.open });
  t.teardown(() => Promise.all([hand.close(), ipr.close()]));
  await surely(() => hand.link('add', { ifname: 'eth0', kind: 'dummy' }));
  await surely(() => hand.link('set', { dev: 'eth0', state: 'up' }));
  await surely(() => hand.addr('add', { dev: 'eth0', address: '192.0.2.1/24' }));
  const stop = new AbortController();
  const log: string[] = [];
  const start = (keep: Partial<Keep> = {}) =>
    keepRoute(ipr, {
      dst: DST,
      gateway: '192.0.2.2',
      dev: 'eth0',
      signal: stop.signal,
      log: (line) => log.push(line),
      ...keep,
    });
  /** Gateways of the routes to a destination. */
  const gateways = async (dst = DST): Promise<(string | undefined)[]> => {
    for (;;) {
      const rows = await hand.getRoutes({ table: 'main' }).catch(() => undefined);
      if (rows !== undefined) return rows.filter((row) => row.dst === dst).map(({ gateway }) => gateway);
    }
  };
  const isThere = async (): Promise<boolean> => (await gateways()).includes('192.0.2.2');
  return { kernel, hand, stop, log, start, gateways, isThere };
}

t.test('what comes and goes', async (t) => {
  const { hand, stop, log, start, isThere, gateways } = await machine(t);
  await hand.route('add', { dst: DST, gateway: '192.0.2.9' });
  const running = start();
  t.ok(await until(isThere), 'a route that leads elsewhere is replaced');
  await hand.route('replace', { dst: DST, gateway: '192.0.2.3' });
  t.ok(await until(isThere), 'as often as it is');
  t.same(await gateways(), ['192.0.2.2']);
  t.ok(await until(() => log.at(-1) === `${DST} is in place`));
  await sleep(20);
  await hand.addr('del', { dev: 'eth0', address: '192.0.2.1/24' });
  t.notOk(await isThere(), 'a route goes with its address');
  t.ok(await until(() => log.some((line) => line.includes('ENETUNREACH'))));
  await hand.addr('add', { dev: 'eth0', address: '192.0.2.1/24' });
  t.ok(await until(isThere), 'and comes back with it');
  await hand.link('del', { dev: 'eth0' });
  t.ok(await until(() => log.at(-1) === 'eth0 is not there: waiting'));
  await hand.link('add', { ifname: 'eth0', kind: 'dummy', state: 'up' });
  await hand.addr('add', { dev: 'eth0', address: '192.0.2.1/24' });
  t.ok(await until(isThere), 'a link of the same name that is another one');
  await hand.link('set', { dev: 'eth0', state: 'down' });
  await hand.link('set', { dev: 'eth0', ifname: 'eth9' });
  t.ok(await until(() => log.at(-1) === 'eth0 is not there: waiting'), 'a link that has another name now');
  await hand.link('set', { dev: 'eth9', ifname: 'eth0' });
  await hand.link('set', { dev: 'eth0', state: 'up' });
  t.ok(await until(isThere));
  stop.abort();
  await running;
  t.ok(await isThere(), 'the route stays at the end');
});

t.test('IPv6, a table, no gateway, input that the kernel says otherwise', async (t) => {
  const { hand, stop, start } = await machine(t);
  const rows = async () =>
    (await hand.getRoutes({ table: 1000 })).map(({ dst, gateway }) => `${dst} ${gateway ?? ''}`).sort();
  const said: string[] = [];
  const keep = { table: 1000, remove: true, log: (line: string) => said.push(line) };
  await hand.addr('add', { dev: 'eth0', address: '2001:db8::1/64' });
  const running = [
    start({ ...keep, dst: '2001:DB8:1::/48', gateway: '2001:DB8::0:2' }),
    start({ ...keep, dst: 'default', gateway: '2001:db8::2' }),
    start({ ...keep, dst: '10.1.2.3', gateway: undefined }),
  ];
  const all = ['10.1.2.3/32 ', '2001:db8:1::/48 2001:db8::2', 'default 2001:db8::2'];
  t.ok(await until(async () => (await rows()).join() === all.join()));
  t.ok(await until(() => said.filter((line) => line.endsWith('is in place')).length === 3), 'each knows its own');
  for (const dst of ['2001:db8:1::/48', '10.1.2.3']) await hand.route('del', { dst, table: 1000 });
  t.ok(await until(async () => (await rows()).join() === all.join()));
  stop.abort();
  await Promise.all(running);
  t.same(await rows(), []);
  await t.rejects(start({ dst: 'nowhere' }), { code: 'ERR_INVALID_VALUE', field: 'dst' });
});

t.test('a route that cannot be had is tried seldom', async (t) => {
  const { kernel, stop, start, log, isThere } = await machine(t);
  kernel.fault({ kind: 'error', errno: 22, words: 'not today', type: RTM.RTM_NEWROUTE, times: 1_000_000 });
  const began = performance.now();
  const running = start();
  await sleep(1500);
  const tries = kernel.faultLog.length;
  // Each pause is twice the one before, and the first is 0.2 s.
  const most = Math.ceil(2 + Math.log2((performance.now() - began) / 200));
  t.ok(tries >= 3 && tries <= most, `${tries} attempts in 1.5 s`);
  t.equal(log.filter((line) => line.includes('not today')).length, 1, 'it says so once');
  stop.abort();
  await running;
  t.notOk(await isThere());
});

t.test('an attempt that takes longer than the pause after it', async (t) => {
  const { kernel, stop, start, log, isThere } = await machine(t);
  // Node.js 24 warns of negative times, and takes them for one millisecond.
  const timers = t.capture(globalThis, 'setTimeout', globalThis.setTimeout);
  kernel.fault({ kind: 'delay', ms: 300, type: RTM.RTM_NEWROUTE });
  const running = start();
  t.ok(await until(() => log.at(-1) === `${DST} is in place`));
  t.ok(await isThere());
  const times = timers.args().map(([, ms]) => ms as number);
  t.ok(times.includes(300), 'it took so long');
  t.same(
    times.filter((ms) => !(ms >= 0)),
    [],
    'no timer is set for the past',
  );
  stop.abort();
  await running;
});

t.test('two that want it otherwise do not run hot', async (t) => {
  const { hand, stop, start } = await machine(t);
  const events = hand.monitor({ groups: ['ipv4-route'] });
  let changes = 0;
  const counting = (async () => {
    for await (const event of events) if (event.type === 'message' && event.op === 'RTM_NEWROUTE') changes++;
  })();
  const began = performance.now();
  const running = [start(), start({ gateway: '192.0.2.3' })];
  await sleep(1000);
  stop.abort();
  const most = 4 + (2 * (performance.now() - began)) / 100;
  await Promise.all(running);
  events.close();
  await counting;
  t.ok(changes >= 2 && changes <= most, `${changes} changes in a second`);
});

t.test('no permission is an end', async (t) => {
  const { kernel, start } = await machine(t);
  kernel.fault({ kind: 'error', errno: 1, type: RTM.RTM_NEWROUTE });
  await t.rejects(start(), { code: 'EPERM' });
});

t.test('tables in motion, lost events, lost answers', async (t) => {
  const { kernel, hand, stop, start, log, isThere } = await machine(t);
  const running = start({ remove: true });
  t.ok(await until(isThere));
  kernel.fault({ kind: 'interrupted', type: RTM.RTM_GETROUTE, times: 10 });
  kernel.fault({ kind: 'lost-event', type: RTM.RTM_DELROUTE });
  await hand.route('del', { dst: DST });
  t.ok(await until(isThere), 'a dump that is marked ten times');
  t.ok(log.includes('1 events lost: reading again'));
  kernel.fault({ kind: 'lost', type: RTM.RTM_NEWROUTE });
  await hand.route('del', { dst: DST });
  t.ok(await until(isThere), 'an answer that is lost');
  kernel.fault({ kind: 'error', errno: 105, type: RTM.RTM_GETROUTE, times: 3 });
  kernel.fault({ kind: 'lost-event', type: RTM.RTM_DELROUTE });
  await hand.route('del', { dst: DST });
  t.ok(await until(() => log.some((line) => line.startsWith('not read: ENOBUFS'))), 'it says so');
  t.ok(await until(isThere), 'a table that cannot be read for a while');
  kernel.fault({ kind: 'lost', type: RTM.RTM_DELROUTE });
  stop.abort();
  await running;
  t.notOk(await isThere(), 'removed, though the answer was lost');
});

t.test('deleted at once, and both events are lost', async (t) => {
  let hand: IPRoute | undefined;
  // Whoever deletes the route does so before the daemon can read anything.
  const open =
    (kernel: FakeKernel): OpenTransport =>
    (protocol, options) => {
      const inner = kernel.open(protocol, options);
      const send = inner.send.bind(inner);
      // Before the answer is received: all sockets receive into the same area.
      inner.send = (data) => {
        const done = send(data);
        if (new DataView(data.buffer, data.byteOffset).getUint16(4, true) === RTM.RTM_NEWROUTE) {
          void hand?.route('del', { dst: DST }).catch(() => {});
          hand = undefined;
        }
        return done;
      };
      return inner;
    };
  const { kernel, hand: other, stop, start, log, isThere } = await machine(t, {}, open);
  hand = other;
  kernel.fault({ kind: 'lost-event', type: RTM.RTM_NEWROUTE });
  const running = start();
  t.ok(await until(() => log.includes('2 events lost: reading again')));
  t.ok(await until(isThere, 5000), 'it is added again, though its picture never changed');
  stop.abort();
  await running;
});

t.test(`chaos: ${RUNS} runs`, async (t) => {
  const faults = new Map<string, number>();
  for (let seed = 1; seed <= RUNS; seed++) {
    const random = new Random(seed);
    const { kernel, hand, stop, log, start, isThere, gateways } = await machine(t, {
      chaos: { seed, rate: 0.2 },
      dumpBytes: random.pick([1, 200, 16_384]),
    });
    const running = start({ remove: true, rcvbuf: random.pick([2048, 65_536]) });
    let ended: unknown;
    running.catch((error: unknown) => {
      ended = error;
    });
    for (let i = 0; i < 12; i++) {
      const moves = [
        () => hand.route('del', { dst: DST }),
        () => hand.route('replace', { dst: DST, gateway: `192.0.2.${3 + random.below(5)}` }),
        () => hand.route('add', { dst: `10.${random.below(256)}.0.0/16`, gateway: '192.0.2.7' }),
        () => hand.link('set', { dev: 'eth0', state: 'down' }),
        () => hand.link('set', { dev: 'eth0', state: 'up' }),
        () => hand.link('del', { dev: 'eth0' }),
        () => hand.link('add', { ifname: 'eth0', kind: 'dummy', state: 'up' }),
        () => hand.addr('replace', { dev: 'eth0', address: '192.0.2.1/24' }),
      ];
      await random
        .pick(moves)()
        .catch(() => {});
      await sleep(random.below(8));
    }
    await surely(() => hand.link('add', { ifname: 'eth0', kind: 'dummy' }));
    await surely(() => hand.link('set', { dev: 'eth0', state: 'up' }));
    await surely(() => hand.addr('replace', { dev: 'eth0', address: '192.0.2.1/24' }));
    const there = await until(() => isThere(), 30_000);
    stop.abort();
    await running.catch(() => {});
    for (const line of kernel.faultLog) faults.set(line.split(' ')[0]!, 1 + (faults.get(line.split(' ')[0]!) ?? 0));
    const left = await gateways();
    if (there && ended === undefined && !left.includes('192.0.2.2')) continue;
    t.fail(`seed ${seed}`, { there, ended, left, log, faults: kernel.faultLog });
    break;
  }
  for (const kind of ['split', 'interleave', 'late-ack', 'delay', 'interrupted', 'lost', 'lost-event', 'error'])
    t.ok((faults.get(kind) ?? 0) > 5, `${kind}: ${faults.get(kind)}`);
});
