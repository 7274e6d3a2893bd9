/** The system calls about namespaces: each on a native thread of its own, at once or while the event loop goes on. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { type NativeCall, nativeCall } from '../../src/transport/native.js';
import { calmThreads, fdCount, ip, makeNetns, POOL, skipUnprivileged, threadCount, until } from './helpers.js';

const MS_BIND = 0x1000;
const MNT_DETACH = 2;
const OWN = '/proc/thread-self/ns/net';

/** Makes the call at once and later, for tests whose outcome must be the same. */
const both = async (call: NativeCall): Promise<unknown[]> => {
  const catching = (error: NodeJS.ErrnoException) => {
    const { code, errno, syscall, path } = error;
    return { code, errno, syscall, ...(path !== undefined && { path }) };
  };
  let now: unknown;
  try {
    now = nativeCall(call, false);
  } catch (error) {
    now = catching(error as NodeJS.ErrnoException);
  }
  return [now, await nativeCall(call, true).catch(catching)];
};

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'tsroute2-'));
  t.teardown(() => {
    for (const name of readdirSync(path)) spawnSync('umount', ['-l', join(path, name)]);
    rmSync(path, { recursive: true });
  });
  return path;
}

function file(t: Test): string {
  const path = join(folder(t), 'file');
  writeFileSync(path, '');
  return path;
}

const inode = (path: string) => statSync(path).ino;

t.test('arguments are checked', async (t) => {
  const addon = createRequire(import.meta.url)(
    process.env.TSROUTE2_ADDON ?? join(process.cwd(), 'build/Release/tsroute2.node'),
  ) as { call: (...args: unknown[]) => unknown };
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const good = [2, MNT_DETACH, '/nonexistent', '', '', false];
  t.throws(() => addon.call(...good), [2, 'umount2', '/nonexistent'] as never);
  for (const [at, values] of [
    [0, [undefined, -1, 9, 1.5, Number.NaN, '2']],
    [1, [undefined, null, 2 ** 31, 0.5, '2']],
    [2, [undefined, null, 1, {}, 'a\0b', Buffer.from('a')]],
    [3, [undefined, 'a\0']],
    [4, [undefined, '\0', 7]],
  ] as const) {
    for (const value of values) {
      const args: unknown[] = [...good];
      args[at] = value;
      t.throws(() => addon.call(...args), type, `argument ${at}: ${String(value)}`);
      args[5] = true;
      t.throws(() => addon.call(...args), type, 'later as well');
    }
  }
  t.throws(() => addon.call(), type);
});

t.test('errors name the system call, its errno and the path', skipUnprivileged, async (t) => {
  const fds = fdCount();
  const path = file(t);
  const twice = (error: object) => [error, error];
  const ENOENT = { code: 'ENOENT', errno: -2 };
  const EINVAL = { code: 'EINVAL', errno: -22 };
  t.same(
    await both({ call: 'unmount', number: MNT_DETACH, first: '/none' }),
    twice({ ...ENOENT, syscall: 'umount2', path: '/none' }),
  );
  t.same(
    await both({ call: 'unmount', number: MNT_DETACH, first: path }),
    twice({ ...EINVAL, syscall: 'umount2', path }),
  );
  for (const call of ['mount', 'mountNew'] as const)
    t.same(
      await both({ call, number: MS_BIND, first: '/none', second: path }),
      twice({ ...ENOENT, syscall: 'mount', path }),
    );
  t.same(await both({ call: 'lock', number: 99_999 }), twice({ code: 'EBADF', errno: -9, syscall: 'flock' }));
  t.same(
    await both({ call: 'file', first: '/none', second: path }),
    twice({ ...ENOENT, syscall: 'open', path: '/none' }),
  );
  t.same(await both({ call: 'file', first: path, second: path }), twice({ ...EINVAL, syscall: 'setns', path }));
  t.same(
    await both({ call: 'file', first: OWN, second: '/none' }),
    twice({ ...ENOENT, syscall: 'open', path: '/none' }),
  );
  t.same(
    await both({ call: 'file', first: OWN, second: '/proc' }),
    twice({ code: 'EISDIR', errno: -21, syscall: 'read', path: '/proc' }),
  );
  const second = '/proc/sys/net/ipv4/ip_forward';
  t.same(
    await both({ call: 'file', first: OWN, second, data: 'x\n' }),
    twice({ ...EINVAL, syscall: 'write', path: second }),
  );
  t.equal(fdCount(), fds);
});

/** The network namespace of a thread; undefined when that is gone. */
function namespaceOf(task: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/task/${task}/ns/net`);
  } catch {
    return undefined;
  }
}

t.test('a namespace that is mounted is new, and no thread that stays is in it', skipUnprivileged, async (t) => {
  const path = folder(t);
  const here = readlinkSync('/proc/self/ns/net');
  await nativeCall({ call: 'lock', number: 99_999 }, true).catch(() => {});
  const names = Array.from({ length: 40 }, (_, i) => join(path, `n${i}`));
  for (const name of names) writeFileSync(name, '');
  const before = { fds: fdCount(), threads: await calmThreads() };
  const call = (second: string) => ({ call: 'mountNew', number: MS_BIND, first: OWN, second }) as const;
  let turns = 0;
  const ticker = setInterval(() => turns++, 1);
  await Promise.all(names.slice(0, 20).map((name) => nativeCall(call(name), true)));
  clearInterval(ticker);
  for (const name of names.slice(20)) t.equal(nativeCall(call(name), false), '');
  t.ok(await until(() => threadCount() <= before.threads + POOL), 'the pool is all that may have grown');
  t.equal(fdCount(), before.fds);
  t.ok(turns > 0, 'the event loop went on');
  t.equal(new Set([...names.map(inode), inode('/proc/self/ns/net')]).size, 41, 'each is another');
  // One that ends may still be listed, or be gone when it is looked at.
  const strays = () => readdirSync('/proc/self/task').filter((task) => namespaceOf(task) !== here);
  t.ok(await until(() => strays().length === 0), 'none stays in another');
  await Promise.all(names.map((first) => nativeCall({ call: 'unmount', number: MNT_DETACH, first }, true)));
  t.ok(names.every((name) => statSync(name).size === 0 && inode(name) !== inode('/proc/self/ns/net')));
});

t.test('a file is read and written in the namespace', skipUnprivileged, async (t) => {
  const [one, two] = [makeNetns(t), makeNetns(t)];
  ip('-n', one.name, 'link', 'add', 'only', 'type', 'veth', 'peer', 'name', 'here');
  const second = '/proc/sys/net/ipv4/conf/only/forwarding';
  t.same(await both({ call: 'file', first: one.path, second }), ['0\n', '0\n']);
  t.same(await both({ call: 'file', first: one.path, second, data: '1\n' }), ['', '']);
  t.same(await both({ call: 'file', first: one.path, second }), ['1\n', '1\n']);
  t.match(await both({ call: 'file', first: two.path, second }), [{ code: 'ENOENT' }, { code: 'ENOENT' }]);
  t.throws(() => statSync(second), 'nor is it here');
});

t.test('a FIFO is not waited for', skipUnprivileged, async (t) => {
  const fifo = join(folder(t), 'fifo');
  t.equal(spawnSync('mkfifo', [fifo]).status, 0);
  t.same(await both({ call: 'file', first: OWN, second: fifo }), ['', '']);
  t.match(await both({ call: 'file', first: OWN, second: fifo, data: 'x' }), [{ code: 'ENXIO' }, { code: 'ENXIO' }]);
});

t.test('a lock is not waited for', async (t) => {
  const path = file(t);
  const [one, two] = [openSync(path, 'r'), openSync(path, 'r')];
  t.same(await both({ call: 'lock', number: one }), ['', '']);
  t.match(await both({ call: 'lock', number: two }), [{ code: 'EAGAIN', syscall: 'flock' }, { code: 'EAGAIN' }]);
  closeSync(one);
  t.same(await both({ call: 'lock', number: two }), ['', '']);
  closeSync(two);
});

t.test('workers that end in the middle of calls, good ones and bad ones', skipUnprivileged, async (t) => {
  const { path } = makeNetns(t);
  const source = `import { parentPort } from 'node:worker_threads';
    import { nativeCall } from ${JSON.stringify(new URL('../../src/transport/native.js', import.meta.url).href)};
    const good = { call: 'file', first: ${JSON.stringify(path)}, second: '/proc/sys/net/ipv4/ip_forward' };
    const bad = { call: 'unmount', number: 2, first: '/none' };
    const again = (call) => nativeCall(call, true).catch(() => {}).then(() => again(call));
    for (let i = 0; i < 40; i++) again(i % 2 ? good : bad);
    parentPort.postMessage('calling');`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  await nativeCall({ call: 'lock', number: 99_999 }, true).catch(() => {});
  const [fds, threads] = [fdCount(), await calmThreads()];
  for (let i = 0; i < 20; i++) {
    const worker = new Worker(url);
    await once(worker, 'message');
    await sleep(i % 5);
    await worker.terminate();
  }
  t.ok(await until(() => fdCount() <= fds && threadCount() <= threads + 3), 'descriptors and threads as before');
  t.equal(nativeCall({ call: 'file', first: path, second: '/proc/sys/net/ipv4/ip_forward' }, false), '0\n');
});
