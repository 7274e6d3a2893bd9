/** Tun devices, which are made by ioctl: inside a namespace, on a native thread that ends with the call. */
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { nativeCall } from '../../src/transport/native.js';
import { calmThreads, fdCount, ip, makeNetns, POOL, privileged, threadCount, until } from './helpers.js';

const IFF_TUN = 1;
const IFF_TAP = 2;
const IFF_NO_PI = 0x1000;
const IFF_TUN_EXCL = 0x8000;
const TUNSETPERSIST = String(0x400454cb);
const TUNSETOWNER = String(0x400454cc);
const FILE = '/dev/net/tun';

t.test(
  'a device and its descriptor',
  privileged ? {} : { skip: 'needs root to make network namespaces' },
  async (t) => {
    const { name, path } = makeNetns(t);
    const [fds, threads] = [fdCount(), await calmThreads()];
    for (const later of [false, true]) {
      const call = <C extends Parameters<typeof nativeCall>[0]>(step: C) =>
        later ? nativeCall(step, true) : nativeCall(step, false);
      const flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL;
      const made = await call({ call: 'tun', number: flags, first: path, second: FILE, data: 't%d' });
      const [fd = '', ifname] = made.split(' ');
      t.equal(ifname, 't0', 'the name is the kernel’s');
      t.match(ip('-n', name, '-d', 'link', 'show', 't0'), /tun type tap pi off .* persist off/);
      t.equal(await call({ call: 'ioctl', number: Number(fd), first: TUNSETPERSIST, second: '1' }), '');
      t.equal(await call({ call: 'ioctl', number: Number(fd), first: TUNSETOWNER, second: '4294967294' }), '');
      t.match(ip('-n', name, '-d', 'link', 'show', 't0'), /persist on .*user 4294967294/);
      t.equal(await call({ call: 'release', number: Number(fd), first: 'close' }), '');
      t.match(ip('-n', name, 'link', 'show', 't0'), /t0/);
      const refused = async (step: Parameters<typeof nativeCall>[0], error: object) => {
        try {
          await call(step);
          t.fail('it was not refused');
        } catch (reason) {
          t.match(reason, error);
        }
      };
      const again = { call: 'tun', number: flags, first: path, second: FILE, data: 't0' } as const;
      await refused(again, { code: 'EBUSY', syscall: 'ioctl', path: undefined });
      await refused({ ...again, number: 0 }, { code: 'EINVAL', syscall: 'ioctl' });
      await refused(
        { ...again, second: '/dev/net/nothing' },
        { code: 'ENOENT', syscall: 'open', path: '/dev/net/nothing' },
      );
      await refused({ ...again, first: '/nonexistent' }, { code: 'ENOENT', syscall: 'open', path: '/nonexistent' });
      await refused(
        { call: 'ioctl', number: 9999, first: TUNSETPERSIST, second: '1' },
        { code: 'EBADF', syscall: 'ioctl' },
      );
      await refused({ call: 'release', number: 9999, first: 'close' }, { code: 'EBADF', syscall: 'close' });
      // A name that is too long is cut, never written beyond its place.
      const long = await call({ ...again, number: IFF_TUN | IFF_NO_PI, data: 'n'.repeat(300) });
      t.equal(long.split(' ')[1], 'n'.repeat(15));
      t.equal(await call({ call: 'release', number: Number(long.split(' ')[0]), first: '' }), '');
      closeSync(Number(long.split(' ')[0]));
      ip('-n', name, 'link', 'del', 't0');
    }
    t.equal(ip('-n', name, '-br', 'link').split('\n').length, 2, 'only lo is left');
    t.equal(fdCount(), fds);
    t.ok(threadCount() <= threads + POOL, 'no thread stays but those of the pool');
  },
);

t.test(
  'descriptors that are not released end with their worker, others do not',
  privileged ? {} : { skip: 'needs root to make network namespaces' },
  async (t) => {
    const { name, path } = makeNetns(t);
    const source = `import { parentPort } from 'node:worker_threads';
      import { nativeCall } from ${JSON.stringify(new URL('../../src/transport/native.js', import.meta.url).href)};
      const tun = (later) =>
        nativeCall({ call: 'tun', number: ${IFF_TAP | IFF_NO_PI}, first: ${JSON.stringify(path)}, second: '${FILE}', data: 't%d' }, later);
      tun(false);
      const kept = Number.parseInt(await tun(true));
      nativeCall({ call: 'release', number: kept, first: '' }, false);
      parentPort.postMessage(kept);
      for (;;) await Promise.all([tun(true), tun(true), tun(true)]);`;
    const fds = fdCount();
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const [kept] = await once(worker, 'message');
    t.ok(await until(() => fdCount() > fds + 5), 'they are open');
    await worker.terminate();
    t.ok(await until(() => fdCount() === fds + 1), 'one is left, which belongs to the program');
    closeSync(kept);
    t.equal(fdCount(), fds);
    t.equal(ip('-n', name, '-br', 'link').split('\n').length, 2, 'and no device');
  },
);
