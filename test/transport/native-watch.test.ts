import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { openNative } from '../../src/transport/native.js';
import {
  EAGAIN,
  EINVAL,
  ENOBUFS,
  getLink,
  Inbox,
  ip,
  ipBatch,
  makeNetns,
  RTM_NEWLINK,
  RTNLGRP_LINK,
  SO_RCVBUF,
  SOL_SOCKET,
  skipUnprivileged,
  until,
} from './helpers.js';

const url = new URL('../../src/transport/native.js', import.meta.url).href;
const RTNLGRP_BRVLAN = 33;
const RTNLGRP_IPV4_MCADDR = 37;

t.test('calls back while there is input, and microtasks run after it', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  const inbox = new Inbox();
  const order: string[] = [];
  let drain = false;
  socket.ref();
  socket.watch(() => {
    order.push('callback');
    queueMicrotask(() => order.push('microtask'));
    if (drain) socket.receive(inbox.area, inbox.meta, 65536, 5000);
    if (order.length > 5) drain = true;
  });
  await sleep(20);
  t.equal(order.length, 0, 'nothing to read');
  socket.send(getLink(1));
  t.ok(await until(() => drain && order.length >= 10), 'level-triggered: again until it is read');
  await sleep(50);
  t.equal(order.length, 10, 'then no more');
  t.same(order.slice(0, 4), ['callback', 'microtask', 'callback', 'microtask']);
});

t.test('watching stops, changes and closes from inside the callback', async (t) => {
  const inbox = new Inbox();
  const socket = openNative(0);
  let [first, second] = [0, 0];
  socket.ref();
  socket.watch(() => {
    first++;
    socket.watch(() => {
      second++;
      socket.watch(null);
    });
  });
  socket.send(getLink(1));
  t.ok(await until(() => second === 1));
  await sleep(30);
  t.same([first, second], [1, 1]);
  t.equal(socket.receive(inbox.area, inbox.meta, 0, 0), 1);

  let third = 0;
  socket.watch(() => {
    third++;
    socket.close();
    socket.close();
  });
  socket.send(getLink(1));
  t.ok(await until(() => third === 1));
  await sleep(30);
  t.equal(third, 1);
  t.equal(socket.fd, -1);
});

t.test('survives an overrun', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const socket = openNative(0, { netns: path });
  t.teardown(() => socket.close());
  socket.setOption(SOL_SOCKET, SO_RCVBUF, 4096);
  t.equal(socket.join(RTNLGRP_LINK), 0);
  const inbox = new Inbox();
  let [calls, events, overruns] = [0, 0, 0];
  socket.ref();
  socket.watch(() => {
    calls++;
    do {
      socket.receive(inbox.area, inbox.meta, 65536, 5000);
      events += inbox.messages.filter((m) => m.type === RTM_NEWLINK).length;
      if (inbox.reason === ENOBUFS) overruns++;
    } while (inbox.reason !== EAGAIN);
  });

  for (let round = 1; round <= 5; round++) {
    // execFileSync holds the event loop, so these overflow the small buffer.
    ipBatch(
      name,
      Array.from({ length: 50 }, (_, i) => `link set lo mtu ${1300 + i}`),
    );
    t.ok(await until(() => overruns === round), `round ${round}: the overrun is told`);
    t.ok(socket.drops() > 0);
    await sleep(50);
    const [calm, before] = [calls, events];
    await sleep(100);
    t.equal(calls, calm, 'and does not spin');
    ip('-n', name, 'link', 'set', 'lo', 'mtu', String(9000 + round));
    t.ok(await until(() => events > before), 'later events arrive');
  }
  t.ok(calls < 100, `${calls} calls`);
});

t.test('an overrun and a callback that throws or stops watching', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const source = `import { openNative } from ${JSON.stringify(url)};
    import { execFileSync } from 'node:child_process';
    import { setTimeout as sleep } from 'node:timers/promises';
    const caught = [];
    process.on('uncaughtException', (e, origin) => caught.push(e.message + ' ' + origin));
    const s = openNative(0, { netns: ${JSON.stringify(path)} });
    s.setOption(1, 8, 4096); s.join(1); s.ref();
    const area = new Uint8Array(65536), meta = new Int32Array(402), reasons = [];
    const overflow = () => execFileSync('ip', ['-n', ${JSON.stringify(name)}, '-batch', '-'],
      { input: Array.from({ length: 50 }, (_, i) => 'link set lo mtu ' + (1300 + i)).join('\\n') });
    let n = 0;
    s.watch(() => {
      n++;
      s.receive(area, meta, 32768, 5000); reasons.push(meta[0]);
      if (n === 1) throw new Error('first');
      if (n === 2) Promise.reject(new Error('second'));
    });
    overflow();
    await sleep(100);
    s.watch(null);
    overflow();
    await sleep(50);
    const before = n;
    s.watch(() => { s.watch(null); n += 100; });
    await sleep(50);
    s.close();
    console.log(JSON.stringify({ caught, first: reasons[0], n: n - before }));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  t.same(JSON.parse(child.stdout || '{}'), {
    caught: ['first uncaughtException', 'second unhandledRejection'],
    first: ENOBUFS,
    n: 100,
  });
  t.equal(child.stderr, '');
});

t.test('what the callback throws ends the process when nobody handles it', async (t) => {
  const source = `import { openNative } from ${JSON.stringify(url)};
    const s = openNative(0); s.ref();
    s.watch(() => { throw new Error('from the callback') });
    s.send(new Uint8Array(${JSON.stringify([...getLink(1)])}));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  t.equal(child.status, 1);
  t.match(child.stderr, /Error: from the callback/);
});

t.test('a group beyond the first 32', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const socket = openNative(0, { netns: path });
  t.teardown(() => socket.close());
  ip('-n', name, 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1');
  // Multicast addresses are told since Linux 6.15, VLANs of bridges since 5.6.
  let group = RTNLGRP_IPV4_MCADDR;
  let cause = (dev: string) => ip('-n', name, 'link', 'set', dev, 'up');
  if (socket.join(group) === -EINVAL) {
    group = RTNLGRP_BRVLAN;
    t.equal(socket.join(group), 0);
    ip('-n', name, 'link', 'add', 'br0', 'type', 'bridge', 'vlan_filtering', '1');
    for (const dev of ['veth0', 'veth1']) ip('-n', name, 'link', 'set', dev, 'master', 'br0');
    cause = (dev) => execFileSync('bridge', ['-n', name, 'vlan', 'add', 'dev', dev, 'vid', '7'], { encoding: 'utf8' });
  }
  const inbox = new Inbox();
  const receive = () => socket.receive(inbox.area, inbox.meta, 65536, 5000);
  receive();
  cause('veth0');
  t.ok(receive() > 0, 'joined: the event arrives');
  t.equal(socket.leave(group), 0);
  cause('veth1');
  t.equal(receive(), 0, 'left: it does not');
  t.equal(inbox.reason, EAGAIN);
});

/** How long a process may take that ends by itself; Node.js starts slowly where it is emulated. */
const PATIENCE = process.env.TSROUTE2_VM ? 20_000 : 3000;

t.test('a watching socket keeps the process alive only while it is ref-ed', async (t) => {
  const run = (calls: string) => {
    const source = `import { openNative } from ${JSON.stringify(url)};
      const s = openNative(0); s.join(1); ${calls} console.log('end');`;
    const started = Date.now();
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      timeout: PATIENCE,
    });
    return {
      out: child.stdout.trim(),
      exited: child.status === 0,
      killed: child.signal !== null,
      ms: Date.now() - started,
    };
  };
  t.match(run('s.watch(() => {});'), { out: 'end', exited: true });
  t.match(run('s.ref();'), { out: 'end', exited: true });
  t.match(run('s.watch(() => {}); s.ref(); s.unref();'), { out: 'end', exited: true });
  t.match(run('s.ref(); s.watch(() => {}); s.watch(null);'), { out: 'end', exited: true });
  t.match(run('s.ref(); s.watch(() => {}); s.close();'), { out: 'end', exited: true });
  t.match(run('s.ref(); s.watch(() => {}); setTimeout(() => s.unref(), 300);'), { out: 'end', exited: true });
  t.match(run('s.ref(); s.watch(() => {});'), { out: 'end', killed: true });
  t.match(run('s.watch(() => {}); s.ref();'), { out: 'end', killed: true });
});
