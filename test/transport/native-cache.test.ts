/** The cache: a thread that takes datagrams off the socket while JavaScript is busy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { openNative } from '../../src/transport/native.js';
import {
  calmThreads,
  EAGAIN,
  EBADF,
  ENOBUFS,
  fdCount,
  getLink,
  Inbox,
  ipBatch,
  makeNetns,
  RTNLGRP_LINK,
  SO_RCVBUF,
  SOL_SOCKET,
  skipUnprivileged,
  threadCount,
  until,
} from './helpers.js';

const LIMIT = 64 << 20;

/** Names of a bridge that is made and deleted: four messages each way at least. */
const churn = (n: number) =>
  Array.from({ length: n }, (_, i) => [`link add c${i} type bridge`, `link del c${i}`]).flat();

function listening(t: Test, path: string, limit: number | undefined, rcvbuf?: number) {
  const socket = openNative(0, { netns: path });
  t.teardown(() => socket.close());
  if (rcvbuf !== undefined) socket.setOption(SOL_SOCKET, SO_RCVBUF, rcvbuf);
  if (limit !== undefined) t.equal(socket.cache!(limit), 0);
  t.equal(socket.join(RTNLGRP_LINK), 0);
  return socket;
}

t.test('datagrams come as they would from the socket', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const [plain, cached] = [listening(t, path, undefined, 4 << 20), listening(t, path, LIMIT)];
  ipBatch(name, churn(20));
  const read = (socket: typeof plain) => {
    const inbox = new Inbox();
    const found: unknown[] = [];
    let reason = 0;
    do {
      socket.receive(inbox.area, inbox.meta, 65536, 1e6);
      reason = inbox.reason;
      found.push(...inbox.messages, ...inbox.datagrams.map(({ length, portid, nsid }) => [length, portid, nsid]));
    } while (reason === 0);
    t.equal(reason, EAGAIN);
    return found;
  };
  // The thread needs a moment.
  await sleep(100);
  const [one, other] = [read(plain), read(cached)];
  t.ok(one.length >= 80);
  t.same(other, one);
  // Answers to requests come the same way, when the event loop is told of them.
  const inbox = new Inbox();
  const readable = new Promise<void>((resolve) => cached.watch(() => resolve()));
  cached.ref();
  cached.exchange(getLink(1, 7), inbox.area, inbox.meta, 65536, 0);
  // The thread may have been quicker.
  if (inbox.messages.length === 0) await readable;
  if (inbox.messages.length === 0) cached.receive(inbox.area, inbox.meta, 65536, 0);
  t.match(inbox.messages, [{ type: 16, seq: 7, index: 1 }]);
  let calls = 0;
  cached.watch(() => calls++);
  await sleep(50);
  t.equal(calls, 0, 'what was read is not told of again');
  cached.watch(null);
});

t.test(
  'answers are taken in the call: many do not fill a small socket before the thread runs',
  skipUnprivileged,
  (t) => {
    const { path } = makeNetns(t);
    const socket = listening(t, path, LIMIT, 16_384);
    const inbox = new Inbox();
    const seen = new Set<number>();
    const reasons = new Set<number>();
    const note = () => {
      for (const { seq } of inbox.messages) seen.add(seq);
      reasons.add(inbox.reason);
    };
    for (let seq = 1; seq <= 3000; seq++) {
      socket.exchange(getLink(1, seq), inbox.area, inbox.meta, 65536, 0);
      note();
    }
    // What the thread had just taken.
    const end = performance.now() + 5000;
    while (seen.size < 3000 && performance.now() < end) {
      socket.receive(inbox.area, inbox.meta, 65536, 0);
      note();
    }
    t.equal(seen.size, 3000);
    t.notOk(reasons.has(ENOBUFS), 'none was lost');
    t.end();
  },
);

t.test('a full queue: counted, and told of once', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const [plain, cached] = [listening(t, path, undefined, 8 << 20), listening(t, path, 20_000, 8 << 20)];
  ipBatch(name, churn(50));
  await sleep(200);
  const count = (socket: typeof plain) => {
    const inbox = new Inbox();
    const reasons: number[] = [];
    let datagrams = 0;
    do {
      socket.receive(inbox.area, inbox.meta, 65536, 1e6);
      datagrams += inbox.datagrams.length;
      reasons.push(inbox.reason);
    } while (inbox.reason !== EAGAIN);
    return { datagrams, reasons };
  };
  const sent = count(plain).datagrams;
  const got = count(cached);
  t.ok(got.datagrams > 0 && got.datagrams < sent);
  t.equal(got.datagrams + cached.drops(), sent, 'none is lost without being counted');
  t.ok(got.reasons.includes(ENOBUFS));
  ipBatch(name, churn(1));
  await sleep(100);
  const [after, later] = [count(plain), count(cached)];
  t.equal(later.datagrams, after.datagrams, 'it goes on');
  t.same(later.reasons, [EAGAIN]);
});

t.test('an overrun of the socket itself is told of through the queue', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const plain = listening(t, path, undefined, 16 << 20);
  const socket = listening(t, path, undefined, 2304);
  ipBatch(name, churn(50));
  t.equal(socket.cache!(LIMIT), 0, 'started behind the loss');
  await sleep(100);
  const inbox = new Inbox();
  let got = 0;
  const reasons: number[] = [];
  do {
    socket.receive(inbox.area, inbox.meta, 65536, 1e6);
    got += inbox.datagrams.length;
    reasons.push(inbox.reason);
  } while (inbox.reason !== EAGAIN);
  t.ok(reasons.includes(ENOBUFS));
  let sent = 0;
  do {
    plain.receive(inbox.area, inbox.meta, 65536, 1e6);
    sent += inbox.datagrams.length;
  } while (inbox.reason !== EAGAIN);
  t.equal(got + socket.drops(), sent);
});

t.test('threads and descriptors go with the socket', skipUnprivileged, async (t) => {
  const { path } = makeNetns(t);
  const [fds, threads] = [fdCount(), await calmThreads()];
  for (let i = 0; i < 200; i++) {
    const socket = openNative(0, { netns: path });
    t.equal(socket.cache!(LIMIT), 0);
    if (i % 2 === 0) socket.watch(() => {});
    if (i % 3 === 0) socket.exchange(getLink(1), new Uint8Array(4096), new Int32Array(6), 0, 0);
    socket.close();
    t.equal(socket.cache!(LIMIT), -EBADF);
  }
  t.ok(await until(() => fdCount() === fds && threadCount() <= threads));
  const loose = openNative(0) as unknown as { cache: (limit: unknown) => number; close(): void };
  for (const bad of [undefined, null, -1, 0.5, 2 ** 31, '1'])
    t.throws(() => loose.cache(bad), { code: 'ERR_INVALID_ARG_TYPE' });
  t.equal(loose.cache(LIMIT), 0);
  t.equal(loose.cache(LIMIT), 0, 'once is enough');
  t.ok(await until(() => threadCount() === threads + 1));
  loose.close();
});

t.test('workers that are terminated', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const [fds, threads] = [fdCount(), await calmThreads()];
  const code = `
    const { openNative } = await import(${JSON.stringify(new URL('../../src/transport/native.js', import.meta.url).href)});
    const { parentPort } = await import('node:worker_threads');
    for (let i = 0; i < 5; i++) {
      const s = openNative(0, { netns: ${JSON.stringify(path)} }); s.cache(1 << 20); s.join(1); s.ref(); s.watch(() => {});
    }
    parentPort.postMessage('ready');`;
  for (let i = 0; i < 10; i++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    await new Promise((resolve) => worker.once('message', resolve));
    ipBatch(name, churn(3));
    await worker.terminate();
  }
  t.ok(await until(() => fdCount() === fds && threadCount() <= threads));
});

t.test('a datagram that another thread sends', skipUnprivileged, async (t) => {
  const { path } = makeNetns(t);
  const socket = openNative(0, { netns: path });
  const inbox = new Inbox();
  const fds = fdCount();
  t.equal(await socket.sendLater!(getLink(1, 9)), 32);
  socket.receive(inbox.area, inbox.meta, 65536, 0);
  t.match(inbox.messages, [{ type: 16, seq: 9, index: 1 }]);
  // What is closed meanwhile was sent, or not; never to another descriptor.
  const last = socket.sendLater!(getLink(1, 10));
  socket.close();
  t.equal(await last, 32);
  await t.rejects(socket.sendLater!(getLink(1, 11)), { code: 'EBADF', syscall: 'sendmsg' });
  t.ok(await until(() => fdCount() === fds - 1));
});
