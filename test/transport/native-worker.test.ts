import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { openNative } from '../../src/transport/native.js';
import { calmThreads, fdCount, indexes, ipBatch, makeNetns, skipUnprivileged, threadCount, until } from './helpers.js';

const script = new URL('./worker-dump.js', import.meta.url);

async function runOne(netns: string, ms: number): Promise<void> {
  const worker = new Worker(script, { workerData: { netns } });
  await once(worker, 'message');
  await sleep(ms);
  await worker.terminate();
}

// Seconds on hardware, minutes in an emulated machine, which therefore has fewer.
const WORKERS = process.env.TSROUTE2_VM ? 40 : 200;
t.setTimeout(600_000);
const options = { ...skipUnprivileged, timeout: 600_000 };

t.test('200 workers terminated in the middle of dumps leave nothing behind', options, async (t) => {
  const { name, path } = makeNetns(t);
  ipBatch(
    name,
    Array.from({ length: 2000 }, (_, i) => `route add 10.0.${i >> 6}.${(i & 63) * 4}/30 dev lo`),
  );
  const socket = openNative(0);
  await runOne(path, 5);
  const threads = await calmThreads();
  const fds = fdCount();
  for (let i = 0; i < WORKERS; i += 4) {
    await Promise.all([0, 1, 2, 3].map((k) => runOne(path, (i + k) % 7)));
  }
  const left = await until(() => fdCount() === fds && threadCount() <= threads, 30_000);
  t.ok(left, `${fds} descriptors and ${threads} threads before, ${fdCount()} and ${threadCount()} after`);
  t.ok(indexes(socket).includes(1), 'and the main thread goes on');
  socket.close();
});

t.test('workers in a process whose main thread never loads the addon', skipUnprivileged, async (t) => {
  const { path } = makeNetns(t);
  // The library is then unloaded with the last worker: a callback that came later would crash.
  const source = `import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    for (let i = 0; i < 10; i++) {
      const w = new Worker(new URL(${JSON.stringify(script.href)}), { workerData: { netns: ${JSON.stringify(path)} }, execArgv: [] });
      await once(w, 'message');
      await w.terminate();
    }
    console.log('end');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  t.match(child, { status: 0, stdout: 'end\n', stderr: '' });
});

t.test('workers terminated while they open and close sockets', skipUnprivileged, async (t) => {
  const { path } = makeNetns(t);
  // Calls into JavaScript fail then: in a constructor, while an error is made, while the addon is loaded.
  const source = `import { parentPort } from 'node:worker_threads';
    import { openNative } from ${JSON.stringify(new URL('../../src/transport/native.js', import.meta.url).href)};
    parentPort.postMessage('opening');
    for (let i = 0; ; i++) {
      const socket = openNative(0, i % 4 ? {} : { netns: ${JSON.stringify(path)} });
      socket.watch(() => {});
      socket.join(1);
      socket.close();
      try { openNative(77) } catch {}
      if (i % 100 === 99) await new Promise((done) => setImmediate(done));
    }`;
  const child = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { Worker } from 'node:worker_threads';
      import { once } from 'node:events';
      import { setTimeout as sleep } from 'node:timers/promises';
      for (let i = 0; i < 40; i++) {
        const w = new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(source)})));
        await once(w, 'message');
        await sleep(i % 7);
        await w.terminate();
      }
      console.log('end');`,
    ],
    { encoding: 'utf8', timeout: 300_000 },
  );
  t.match(child, { status: 0, stdout: 'end\n', stderr: '' });
});

t.test('process.exit in the middle of a dump, on the main thread and in a worker', skipUnprivileged, async (t) => {
  const { path } = makeNetns(t);
  const env = { ...process.env };
  for (const where of ['', 'worker']) {
    const source = `import { Worker } from 'node:worker_threads';
      import { openNative } from ${JSON.stringify(new URL('../../src/transport/native.js', import.meta.url).href)};
      const s = openNative(0, { netns: ${JSON.stringify(path)} }); s.ref(); s.watch(() => {});
      const w = new Worker(new URL(${JSON.stringify(script.href)}), { workerData: { netns: ${JSON.stringify(path)} }, execArgv: [] });
      w.on('message', () => process.exit(7));
      if (${JSON.stringify(where)}) s.close();`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8', env });
    t.match(child, { status: 7, stderr: '' });
  }
});
