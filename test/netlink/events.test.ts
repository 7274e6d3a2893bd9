/** Events that come faster than they are read: what is taken off the kernel's queue early stays in order and is bounded. */
import t, { type Test } from 'tap';
import { stepClock } from './clock.js';

// The clock comes before the library.

import { IPRoute, type MonitorEvent } from '../../src/index.js';
import { EAGAIN, ENOBUFS, type Given, msg, newLink, Script } from './script.js';

const EPERM = 1;

/** A monitor whose n-th receive gives what `play` says. */
function listening(t: Test, play: (turn: number) => Given | undefined) {
  const script = new Script(play);
  const ipr = new IPRoute({ transport: () => script });
  t.teardown(() => ipr.close());
  return { script, monitor: ipr.monitor({ groups: ['link'] }) };
}

const link = (index: number): Uint8Array[] => [newLink(0, index, `v${index}`)];
const told = (event: MonitorEvent | undefined) =>
  event?.type === 'message' && event.op === 'RTM_NEWLINK' ? event.value.index : event;

t.test('what was queued before a loss comes before it, also when it was taken early', async (t) => {
  const turns: Given[] = [
    { datagrams: [link(1), link(2)], why: 0 },
    { datagrams: [link(3)], why: 0 },
    { datagrams: [link(4)], why: ENOBUFS },
    { datagrams: [link(5)], why: 0 },
    { datagrams: [link(6)], why: EAGAIN },
    { datagrams: [link(7)], why: EAGAIN },
  ];
  const { script, monitor } = listening(t, (turn) => {
    if (turn === 2) script.dropped = 3;
    return turns[turn];
  });
  const seen: unknown[] = [];
  while (seen.length < 8) seen.push(told((await monitor.next()).value));
  t.same(seen, [1, 2, 3, 4, 5, 6, { type: 'overrun', dropped: 3 }, 7]);
});

t.test('an error comes after the events before it, and reception goes on', async (t) => {
  const turns: Given[] = [
    { datagrams: [link(1)], why: 0 },
    { datagrams: [link(2)], why: EPERM },
    { datagrams: [link(3)], why: EAGAIN },
  ];
  const { monitor } = listening(t, (turn) => turns[turn]);
  t.equal(told((await monitor.next()).value), 1);
  t.equal(told((await monitor.next()).value), 2);
  await t.rejects(monitor.next(), { code: 'EPERM', syscall: 'recvmsg' });
  t.equal(told((await monitor.next()).value), 3);
});

t.test('a kernel that never falls silent fills 8 MiB and no more', async (t) => {
  stepClock(t, 1);
  const datagram = [msg(1000, 0, 0, new Array<number>(32_752).fill(1))];
  const turn = 8 * 32_768;
  let received = 0;
  const { monitor } = listening(t, () => {
    received += turn;
    return { datagrams: new Array<Uint8Array[]>(8).fill(datagram), why: 0 };
  });
  let read = 0;
  let most = 0;
  for (let i = 0; i < 1000; i++) {
    const { value } = await monitor.next();
    read += value?.type === 'raw' ? value.data.length + 16 : 0;
    most = Math.max(most, received - read);
  }
  t.equal(read, 1000 * 32_768);
  t.ok(most > (8 << 20) - turn && most <= (8 << 20) + 2 * turn, `${most} bytes`);
});

t.test('a closed monitor forgets what it took early', async (t) => {
  const { script, monitor } = listening(t, (turn) => ({ datagrams: [link(turn + 1)], why: turn < 4 ? 0 : EAGAIN }));
  t.equal(told((await monitor.next()).value), 1);
  monitor.close();
  t.ok(script.closed);
  t.same(await monitor.next(), { done: true, value: undefined });
});

t.test('draining after a loss goes on where it was left: no loss is forgotten', async (t) => {
  const datagram = [msg(1000, 0, 0, new Array<number>(32_752).fill(1))];
  // More than is held, before the kernel falls silent.
  const { script, monitor } = listening(t, (turn) => {
    if (turn === 60) script.dropped = 1005;
    if (turn > 60) return undefined;
    return { datagrams: new Array<Uint8Array[]>(8).fill(datagram), why: turn === 0 ? ENOBUFS : 0 };
  });
  script.dropped = 5;
  for (let i = 0; i < 61 * 8; i++) t.equal((await monitor.next()).value?.type, 'raw');
  t.same((await monitor.next()).value, { type: 'overrun', dropped: 1005 });
});

t.test('errors of proxies are told, however many come at once', async (t) => {
  // However slow the machine, one turn has time for all of them.
  stepClock(t, 0);
  let calls = 0;
  const script = new Script((turn) =>
    turn < 8 ? { datagrams: Array.from({ length: 1000 }, (_, i) => link(turn * 1000 + i + 1)), why: 0 } : undefined,
  );
  const ipr = new IPRoute({ transport: () => script });
  t.teardown(() => ipr.close());
  ipr.rproxy.set('RTM_NEWLINK', () => {
    calls++;
    throw new Error('mine');
  });
  const refusing = ipr.monitor({ groups: ['link'] });
  for (let i = 0; i < 8000; i++) {
    const { value } = await refusing.next();
    if (value?.type !== 'error' || value.error.message !== 'mine') return t.fail(`${i}: ${JSON.stringify(value)}`);
  }
  t.equal(calls, 8000);
});

t.test('what came first is not kept back for what comes behind it', async (t) => {
  let received = 0;
  const { monitor } = listening(t, () => {
    for (const end = performance.now() + 2; performance.now() < end; );
    return received++ < 100 ? { datagrams: [link(received)], why: 0 } : undefined;
  });
  t.equal(told((await monitor.next()).value), 1);
  t.ok(received < 10, `told after ${received}`);
});

t.test('callbacks that take their time: what was queued before a loss comes before it', async (t) => {
  const script = new Script((turn) => {
    if (turn === 1) script.dropped = 5;
    return [
      { datagrams: [], why: ENOBUFS },
      { datagrams: [link(1), link(2)], why: 0 },
      { datagrams: [link(3)], why: EAGAIN },
      { datagrams: [link(4)], why: EAGAIN },
    ][turn];
  });
  const ipr = new IPRoute({ transport: () => script });
  t.teardown(() => ipr.close());
  ipr.rproxy.set('RTM_NEWLINK', async () => {
    await new Promise(setImmediate);
    return { verdict: 'forward' };
  });
  const monitor = ipr.monitor({ groups: ['link'] });
  const seen: unknown[] = [];
  while (seen.length < 5) {
    const next = monitor.next();
    setImmediate(() => script.readable());
    seen.push(told((await next).value));
  }
  t.same(seen, [1, 2, 3, { type: 'overrun', dropped: 5 }, 4]);
});

t.test('errors of proxies are told also where events were lost', async (t) => {
  const script = new Script((turn) =>
    turn < 40
      ? { datagrams: Array.from({ length: 200 }, (_, i) => link(turn * 200 + i + 1)), why: turn === 0 ? ENOBUFS : 0 }
      : undefined,
  );
  const ipr = new IPRoute({ transport: () => script });
  t.teardown(() => ipr.close());
  ipr.rproxy.set('RTM_NEWLINK', () => {
    throw new Error('mine');
  });
  const monitor = ipr.monitor({ groups: ['link'] });
  for (let i = 0; i < 8000; i++) {
    const { value } = await monitor.next();
    if (value?.type !== 'error' || value.error.message !== 'mine') return t.fail(`${i}: ${JSON.stringify(value)}`);
  }
  t.same((await monitor.next()).value, { type: 'overrun', dropped: 0 });
});
