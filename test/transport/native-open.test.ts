import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, fstatSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openNative } from '../../src/transport/native.js';
import type { Transport } from '../../src/transport/transport.js';
import {
  calmThreads,
  EBADF,
  EINVAL,
  fdCount,
  getLink,
  Inbox,
  indexes,
  ip,
  makeNetns,
  SO_RCVBUF,
  SOL_SOCKET,
  skipUnprivileged,
  threadCount,
  until,
} from './helpers.js';

const url = new URL('../../src/transport/native.js', import.meta.url).href;
const addonPath = process.env.TSROUTE2_ADDON ?? join(process.cwd(), 'build/Release/tsroute2.node');

function runModule(source: string, env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  const args = ['--input-type=module', '-e', source];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env } });
}

t.test('many sockets have distinct port ids, which the kernel knows', async (t) => {
  const before = fdCount();
  const sockets = Array.from({ length: 200 }, () => openNative(0));
  const ports = new Set(sockets.map((s) => s.portid));
  t.equal(ports.size, 200);
  t.notOk(ports.has(0));
  const kernel = new Set(
    readFileSync('/proc/net/netlink', 'utf8')
      .split('\n')
      .map((line) => Number(line.trim().split(/\s+/)[2])),
  );
  t.ok([...ports].every((port) => kernel.has(port)));
  t.equal(sockets[0]?.protocol, 0);
  for (const socket of sockets) socket.close();
  t.equal(fdCount(), before);
});

t.test('the descriptor is close-on-exec and non-blocking', async (t) => {
  const socket = openNative(0);
  const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${socket.fd}`, 'utf8'))?.[1] ?? '';
  t.equal(Number.parseInt(flags, 8) & 0o2004000, 0o2004000);
  socket.close();
});

t.test('another protocol', async (t) => {
  const socket = openNative(16);
  t.equal(socket.protocol, 16);
  socket.close();
});

t.test('close is idempotent, and a closed socket refuses everything', async (t) => {
  const socket = openNative(0);
  const { fd } = socket;
  fstatSync(fd);
  socket.close();
  t.throws(() => fstatSync(fd), { code: 'EBADF' });
  t.equal(socket.fd, -1);
  const other = openSync('/dev/null', 'r');
  socket.close();
  fstatSync(other);
  closeSync(other);

  const inbox = new Inbox();
  inbox.meta.fill(7);
  t.equal(socket.send(getLink(1)), -EBADF);
  t.equal(socket.receive(inbox.area, inbox.meta, 0, 0), -EBADF);
  t.same([...inbox.meta.subarray(0, 2)], [EBADF, 0]);
  t.equal(socket.exchange(getLink(1), inbox.area, inbox.meta, 0, 0), -EBADF);
  t.equal(socket.join(1), -EBADF);
  t.equal(socket.leave(1), -EBADF);
  t.equal(socket.setOption(SOL_SOCKET, SO_RCVBUF, 4096), -EBADF);
  t.equal(socket.getOption(SOL_SOCKET, SO_RCVBUF), -EBADF);
  t.equal(socket.drops(), -EBADF);
  t.throws(() => socket.watch(() => {}), { code: 'EBADF', errno: -EBADF, syscall: 'watch' });
  socket.watch(null);
  socket.ref();
  socket.unref();
});

t.test('arguments are checked', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  const loose = socket as unknown as Record<keyof Transport, (...args: unknown[]) => unknown>;
  const area = new Uint8Array(4096);
  const meta = new Int32Array(6);
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  for (const data of [
    undefined,
    null,
    1,
    'x',
    [],
    {},
    new ArrayBuffer(16),
    new Uint16Array(8),
    new DataView(area.buffer),
  ]) {
    t.throws(() => loose.send(data), type);
    t.throws(() => loose.exchange(data, area, meta, 0, 0), type);
    t.throws(() => loose.receive(data, meta, 0, 0), type);
    t.throws(() => loose.receive(area, data, 0, 0), type);
  }
  t.throws(() => loose.receive(area, meta, '1', 0), type);
  t.throws(() => loose.receive(area, meta, 0), type);
  t.throws(() => loose.receive(area.subarray(0, 15), meta, 0, 0), range);
  t.throws(() => loose.receive(area, meta.subarray(0, 5), 0, 0), range);
  const moved = new Uint8Array(4096);
  structuredClone(moved.buffer, { transfer: [moved.buffer] });
  t.throws(() => loose.receive(moved, meta, 0, 0), range);
  for (const group of [-1, 1.5, Number.NaN, 2 ** 32, '1', undefined]) {
    t.throws(() => loose.join(group), type);
    t.throws(() => loose.leave(group), type);
  }
  t.throws(() => loose.setOption(1, 8, Number.NaN), type);
  t.throws(() => loose.setOption(1, 8), type);
  t.throws(() => loose.getOption(1), type);
  t.throws(() => loose.watch(1), type);
  t.throws(() => loose.send.call({}, area), { name: 'TypeError' });
  t.equal(loose.send.call(Object.create(socket), getLink(1)), getLink(1).length, 'what inherits from a socket is it');
  for (const protocol of [undefined, '0', 1.5, Number.NaN]) t.throws(() => openNative(protocol as number), type);
  for (const netns of [null, '', 'a\0b', 1.5, {}]) t.throws(() => openNative(0, { netns: netns as string }), type);
});

t.test('options and groups report the errno', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  t.equal(socket.setOption(SOL_SOCKET, SO_RCVBUF, 50_000), 0);
  t.equal(socket.getOption(SOL_SOCKET, SO_RCVBUF), 100_000);
  t.equal(socket.setOption(270, 9999, 1), -92);
  t.equal(socket.getOption(270, 9999), -92);
  t.equal(socket.join(100_000), -EINVAL);
  t.equal(socket.join(0), -EINVAL);
  t.equal(socket.join(1), 0);
  t.equal(socket.join(1), 0);
  t.equal(socket.leave(1), 0);
  t.equal(socket.drops(), 0);
});

t.test(
  'opens in a namespace by path and by descriptor, and leaves this process where it was',
  skipUnprivileged,
  async (t) => {
    const { name, path } = makeNetns(t);
    ip('-n', name, 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1');
    const expected = (JSON.parse(ip('-n', name, '-j', 'link')) as { ifindex: number }[]).map((l) => l.ifindex).sort();
    const here = readlinkSync('/proc/self/ns/net');
    const threads = await calmThreads();
    const fds = fdCount();

    const byPath = openNative(0, { netns: path });
    const fd = openSync(path, 'r');
    const byFd = openNative(0, { netns: fd });
    closeSync(fd);
    const own = openNative(0);
    t.same(indexes(byPath).sort(), expected);
    t.same(indexes(byFd).sort(), expected);
    t.not(indexes(own).join(), expected.join());
    for (const socket of [byPath, byFd, own]) socket.close();

    for (let i = 0; i < 200; i++) openNative(0, { netns: path }).close();
    t.equal(readlinkSync('/proc/self/ns/net'), here);
    t.equal(readlinkSync('/proc/thread-self/ns/net'), here);
    t.ok(await until(() => threadCount() <= threads), `${threads} threads before, ${threadCount()} after`);
    t.equal(fdCount(), fds);
  },
);

t.test('errors of opening', async (t) => {
  const fds = fdCount();
  const missing = { code: 'ENOENT', errno: -2, syscall: 'open', path: '/run/netns/tsr2-missing' };
  t.throws(() => openNative(0, { netns: '/run/netns/tsr2-missing' }), {
    ...missing,
    message: "ENOENT: no such file or directory, open '/run/netns/tsr2-missing'",
  });
  t.throws(() => openNative(0, { netns: '/etc/passwd/x' }), { code: 'ENOTDIR', syscall: 'open' });
  t.throws(() => openNative(0, { netns: '/etc/passwd' }), { code: 'EINVAL', syscall: 'setns', path: '/etc/passwd' });
  t.throws(() => openNative(0, { netns: '/proc/self/ns/mnt' }), { code: 'EINVAL', syscall: 'setns' });
  t.throws(() => openNative(0, { netns: 99_999 }), { code: 'EBADF', errno: -EBADF, syscall: 'setns' });
  t.throws(() => openNative(0, { netns: -1 }), { code: 'EBADF', syscall: 'setns' });
  t.throws(() => openNative(77), { code: 'EPROTONOSUPPORT', syscall: 'socket' });
  t.equal(fdCount(), fds);
});

t.test('a FIFO in place of a namespace fails instead of waiting for a writer', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const fifo = join(folder, 'fifo');
  t.equal(spawnSync('mkfifo', [fifo]).status, 0);
  t.throws(() => openNative(0, { netns: fifo }), { code: 'EINVAL', syscall: 'setns' });
});

t.test('two copies of the addon live in one process', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'copy.node');
  copyFileSync(addonPath, copy);
  const require = createRequire(import.meta.url);
  type Raw = Transport & { transfer(...args: unknown[]): number };
  const load = () => require(copy) as { Socket: new (protocol: number) => Raw };
  // As src/transport/native.ts does for the addon that it loads.
  const indexesOf = (raw: Raw) =>
    indexes({
      send: (data: Uint8Array) => raw.transfer(data, null),
      receive: (...args: unknown[]) => raw.transfer(null, ...args),
    } as never);
  const [first, one] = [load(), openNative(0)];
  const two = new first.Socket(0);
  t.not(one.portid, two.portid);
  t.ok(indexesOf(two).includes(1));
  t.same(indexes(one), indexesOf(two));
  one.close();
  two.close();
  // The same file again, as a new module.
  delete require.cache[copy];
  const second = load();
  t.not(second.Socket, first.Socket);
  const again = new second.Socket(0);
  t.ok(indexesOf(again).includes(1));
  again.close();
});

t.test('without the addon the error says how to build it', async (t) => {
  const source = `import { openNative } from ${JSON.stringify(url)};
    try { openNative(0) } catch (e) { console.log(JSON.stringify([e.code, e.message, e.cause.code])) }`;
  const [code, text, cause] = JSON.parse(runModule(source, { TSROUTE2_ADDON: '/nonexistent.node' }).stdout);
  t.equal(code, 'ERR_ADDON_UNAVAILABLE');
  t.match(text, /npm rebuild tsroute2/);
  t.equal(cause, 'ERR_DLOPEN_FAILED');
});

t.test('on another platform importing works and opening throws', async (t) => {
  const source = `Object.defineProperty(process, 'platform', { value: 'darwin' });
    const { openNative } = await import(${JSON.stringify(url)});
    try { openNative(0) } catch (e) { console.log(e.code, e.message) }`;
  t.match(runModule(source).stdout, /^ERR_UNSUPPORTED_PLATFORM .*darwin/);
});

t.test('sockets that were forgotten are closed by the garbage collector', async (t) => {
  const source = `import { openNative } from ${JSON.stringify(url)};
    import { readdirSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const count = () => readdirSync('/proc/self/fd').length;
    openNative(0).close();
    const before = count();
    const forget = () => { const s = openNative(0); s.watch(() => {}); s.watch(null); };
    for (let i = 0; i < 100; i++) forget();
    const open = count();
    for (let i = 0; i < 20 && count() > before; i++) { globalThis.gc(); await sleep(20); }
    console.log(open - before >= 100, count() - before);`;
  const child = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], { encoding: 'utf8' });
  t.match(child.stdout, /^true 0$/m, child.stderr);
});

t.test('a socket lives as long as the function that sends on it', async (t) => {
  const source = `import { openNative } from ${JSON.stringify(url)};
    import { setTimeout as sleep } from 'node:timers/promises';
    const functions = Array.from({ length: 50 }, () => openNative(0).transfer);
    for (let i = 0; i < 10; i++) { globalThis.gc(); await sleep(10); }
    const request = new Uint8Array(${JSON.stringify([...getLink(1)])});
    console.log(functions.filter((transfer) => transfer(request, null) === request.length).length);`;
  const child = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], { encoding: 'utf8' });
  t.match(child.stdout, /^50$/m, child.stderr);
});
