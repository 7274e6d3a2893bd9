/** The cache thread: `bind({ async: true })`. */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { IPRoute, netns, OutcomeUnknownError, OverrunError } from 'tsroute2';
import { calmThreads, threadCount } from './threads.js';

t.setTimeout(300_000);

// An emulated processor would take minutes for it.
const EVENTS = /QEMU|TCG/.test(readFileSync('/proc/cpuinfo', 'utf8')) ? 10_000 : 100_000;
const BLOCKED = 2000;
/** Room for a fraction of the events only: each takes 768 bytes at least. The kernel doubles it. */
const RCVBUF = 128 * EVENTS;
let count = 0;

/** A namespace with a bridge that routes may go to. */
async function home(t: Test): Promise<string> {
  const name = `cache-${process.pid}-${count++}`;
  await netns.create(name);
  t.teardown(() => netns.remove(name));
  await using ipr = new IPRoute({ netns: name });
  await ipr.link('add', { ifname: 'd0', kind: 'bridge', state: 'up' });
  return name;
}

/** Events that come while the event loop stands still: how many were read and how many were counted as lost. */
async function flooded(ipr: IPRoute, name: string): Promise<{ read: number; lost: number; overruns: number }> {
  const shared = new SharedArrayBuffer(4);
  const done = new Int32Array(shared);
  const worker = new Worker(new URL('./proxy-cache-worker.js', import.meta.url), {
    workerData: { netns: name, count: EVENTS / 2, shared },
  });
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  await Promise.race([failed, new Promise((resolve) => worker.once('online', resolve))]);
  const until = performance.now() + BLOCKED;
  // Nothing of JavaScript runs here until everything was sent.
  Atomics.wait(done, 0, 0, 120_000);
  while (performance.now() < until);
  let read = 0;
  let lost = 0;
  let overruns = 0;
  while (read + lost < EVENTS) {
    const next = await ipr.get().catch((error: unknown) => error);
    if (next instanceof OverrunError) {
      lost += next.dropped;
      overruns++;
    } else if (next instanceof Error) throw next;
    else read++;
  }
  await Promise.race([failed, gone]);
  return { read, lost, overruns };
}

/** Whether an event still comes. */
async function goesOn(ipr: IPRoute, name: string): Promise<unknown> {
  const next = ipr.get();
  await using other = new IPRoute({ netns: name });
  await other.route('add', { dst: '192.0.2.0/24', dev: 'd0' });
  return next;
}

t.test('the event loop is blocked while routes change: with the thread nothing is lost', async (t) => {
  const name = await home(t);
  const threads = await calmThreads();
  await using ipr = new IPRoute({ netns: name, rcvbuf: RCVBUF });
  ipr.bind({ groups: ['ipv4-route'], async: true });
  t.equal(await calmThreads(), threads + 1);
  t.ok(ipr.rcvbuf >= 1 << 20);
  const { read, lost, overruns } = await flooded(ipr, name);
  t.comment(`figure: ${read} read, ${lost} lost`);
  t.same({ read, lost, overruns }, { read: EVENTS, lost: 0, overruns: 0 });
  t.match(await goesOn(ipr, name), { op: 'RTM_NEWROUTE', value: { dst: '192.0.2.0/24' } });
  // Requests go their way as ever.
  t.equal((await ipr.link('get', { dev: 'd0' })).ifname, 'd0');
  t.ok((await ipr.getRoutes()).length > 0);
});

t.test('without it that buffer is too small for them', async (t) => {
  const name = await home(t);
  await using ipr = new IPRoute({ netns: name, rcvbuf: RCVBUF });
  ipr.bind({ groups: ['ipv4-route'] });
  const { read, lost, overruns } = await flooded(ipr, name);
  t.comment(`figure: ${read} read, ${lost} lost`);
  t.ok(overruns > 0, 'so it was the thread');
  t.equal(read + lost, EVENTS);
});

t.test('without it: an overrun with an exact count, and it goes on', async (t) => {
  const name = await home(t);
  await using ipr = new IPRoute({ netns: name, rcvbuf: 106_496 });
  t.equal(ipr.rcvbuf, 212_992);
  ipr.bind({ groups: ['ipv4-route'] });
  const { read, lost, overruns } = await flooded(ipr, name);
  t.comment(`figure: ${read} read, ${lost} lost`);
  t.ok(overruns > 0, 'it must overrun, or this shows nothing');
  t.equal(read + lost, EVENTS);
  t.match(await goesOn(ipr, name), { op: 'RTM_NEWROUTE', value: { dst: '192.0.2.0/24' } });
});

t.test('a queue that is too small counts what it lost', async (t) => {
  const name = await home(t);
  await using ipr = new IPRoute({ netns: name, rcvbuf: RCVBUF });
  ipr.bind({ groups: ['ipv4-route'], async: true, cacheSize: 40 * EVENTS });
  const { read, lost, overruns } = await flooded(ipr, name);
  t.comment(`figure: ${read} read, ${lost} lost`);
  t.ok(overruns > 0);
  t.equal(read + lost, EVENTS);
  // Each is counted with some 110 bytes: what found room is read, however much it is.
  t.ok(read > EVENTS / 4);
  const event = await goesOn(ipr, name).catch((error: unknown) => {
    // The thread may have come to a second loss, whose datagrams were counted with the first.
    if (error instanceof OverrunError && error.dropped === 0) return ipr.get();
    throw error;
  });
  t.match(event, { op: 'RTM_NEWROUTE' });
});

t.test('answers that are lost at the socket are asked for again, or told of', async (t) => {
  const name = await home(t);
  const ipr = new IPRoute({ netns: name, rcvbuf: 20_000, timeout: 10_000 });
  ipr.bind({ async: true });
  let lost = 0;
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.allSettled(Array.from({ length: 300 }, () => ipr.link('get', { dev: 'd0' })));
    for (const answer of answers) {
      if (answer.status === 'fulfilled') continue;
      // Never a wait for what does not come. Where the kernel finds no room for the object, it may find some for saying so.
      const { code } = answer.reason as NodeJS.ErrnoException;
      t.ok(
        answer.reason instanceof OutcomeUnknownError || code === 'EAGAIN' || code === 'ENOBUFS',
        String(answer.reason),
      );
      lost++;
    }
  }
  t.comment(`figure: ${lost} of 6000 given up`);
  await ipr.close();
});

t.test('requests, recv and proxies over the thread; what cannot be', async (t) => {
  const name = await home(t);
  const threads = await calmThreads();
  const ipr = new IPRoute({ netns: name });
  ipr.bind({ async: true });
  const answers = await Promise.all(Array.from({ length: 500 }, () => ipr.link('get', { dev: 'd0' })));
  t.ok(answers.every(({ ifname }) => ifname === 'd0'));
  await t.rejects(ipr.link('del', { ifname: 'nobody' }), { code: 'ENODEV' });
  const batch = ipr.batch();
  for (let i = 0; i < 2000; i++) batch.route('add', { dst: `10.1.${i >> 8}.${i & 255}/32`, dev: 'd0' });
  await batch.commit();
  let seen = 0;
  ipr.rproxy.set('RTM_NEWLINK', async () => {
    seen++;
    return { verdict: 'forward' };
  });
  await ipr.link('get', { dev: 'd0' });
  t.equal(seen, 1);
  ipr.rproxy.clear();
  ipr.bind({ groups: ['link'] }).pause();
  const next = ipr.recv();
  await using other = new IPRoute({ netns: name });
  await other.link('set', { dev: 'd0', mtu: 1400 });
  t.ok((await next).length > 100);
  t.throws(() => ipr.bind({ async: true }), { code: 'ERR_NETLINK_READER' });
  ipr.resume();
  for (const [bad, field] of [
    [{}, 'groups'],
    [{ async: 1 }, 'async'],
    [{ groups: [], async: 1 }, 'async'],
    [{ async: true, cacheSize: 0 }, 'cacheSize'],
    [{ async: true, cacheSize: 1 }, 'cacheSize'],
    [{ async: true, cacheSize: 65_535 }, 'cacheSize'],
    [{ async: true, cacheSize: 2 ** 31 }, 'cacheSize'],
  ] as const)
    t.throws(() => ipr.bind(bad as never), { name: 'InputError', field });
  await ipr.close();
  t.throws(() => ipr.bind({ async: true }), { code: 'ERR_NETLINK_CLOSED' });
  for (let i = 0; i < 500 && threadCount() > threads; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  t.ok(threadCount() <= threads, 'the thread has ended');
});
