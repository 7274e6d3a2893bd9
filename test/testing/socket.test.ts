/** A socket of the fake kernel keeps to the contract of Transport. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { FakeKernel } from '../../src/testing/kernel.js';
import { META_HEAD, META_STRIDE } from '../../src/transport/transport.js';

const EBADF = 9;
const EAGAIN = 11;
const ENOPROTOOPT = 92;

/** RTM_GETLINK of index 1, and a dump of links. */
const get = Buffer.from('2000000012000100050000000000000000000000010000000000000000000000', 'hex');
const dump = Buffer.from('2000000012000103060000000000000000000000000000000000000000000000', 'hex');

const area = new Uint8Array(1 << 16);
const meta = new Int32Array(META_HEAD + META_STRIDE * 4);

t.test('receiving', async (t) => {
  const kernel = new FakeKernel();
  const socket = kernel.open(0);
  t.equal(socket.fd, -1);
  t.not(kernel.open(0).portid, socket.portid);
  t.equal(socket.receive(area, meta, 0, 1000), 0);
  t.same([...meta.subarray(0, 2)], [EAGAIN, 0], 'nothing is there');
  t.equal(socket.exchange(get, area, meta, 0, 1000), 1);
  t.equal(meta[0], EAGAIN);
  t.equal(meta[META_HEAD + 2], 0, 'it is from the kernel');
  t.equal(meta[META_HEAD + 3], -1);

  for (let i = 0; i < 6; i++) socket.send(get);
  t.equal(socket.receive(area, meta, 0, 1000), 4, 'as many as meta has places for');
  t.equal(meta[0], 0, 'there may be more');
  t.ok(
    [0, 1, 2, 3].every((i) => meta[META_HEAD + META_STRIDE * i]! % 8 === 0),
    'each at a multiple of 8',
  );
  t.equal(socket.receive(area, meta, area.length - 100, 1000), 1, 'the first may take all of the area');
  t.equal(meta[0], 0);
  t.equal(socket.receive(area, meta, 0, 0), 1, 'without a budget it is one');
  t.equal(socket.send(dump), dump.length);
  t.equal(socket.exchange(dump, area, meta, 0, 1000), 2, 'the first dump, and that there cannot be a second');
});

t.test('options', async (t) => {
  const socket = new FakeKernel().open(0);
  t.equal(socket.getOption(1, 8), 212_992);
  t.equal(socket.setOption(1, 8, 1 << 30), 0);
  t.equal(socket.getOption(1, 8), 425_984, 'up to the limit of the system, doubled');
  t.equal(socket.setOption(1, 33, 1 << 20), 0);
  t.equal(socket.getOption(1, 8), 1 << 21, 'beyond it by force');
  t.equal(socket.setOption(270, 99, 1), -ENOPROTOOPT);
  t.equal(socket.setOption(270, 11, 1), 0);
  t.equal(socket.getOption(270, 11), 1);
  t.equal(socket.join(0), -22);
  t.equal(socket.join(1), 0);
  t.equal(socket.leave(1), 0);
  t.equal(socket.drops(), 0);
});

t.test('a closed one', async (t) => {
  const socket = new FakeKernel().open(0);
  socket.watch(() => t.fail('it says nothing'));
  socket.send(get);
  socket.close();
  socket.close();
  t.equal(socket.send(get), -EBADF);
  t.equal(socket.receive(area, meta, 0, 1000), -EBADF);
  t.same([...meta.subarray(0, 2)], [EBADF, 0]);
  t.equal(socket.exchange(get, area, meta, 0, 1000), -EBADF);
  t.equal(socket.join(1), -EBADF);
  t.equal(socket.setOption(1, 8, 1), -EBADF);
  t.throws(() => socket.watch(() => {}), { code: 'EBADF' });
  socket.watch(null);
  await new Promise(setImmediate);
});

t.test('watching: as long as something is there', async (t) => {
  const socket = new FakeKernel().open(0);
  let calls = 0;
  socket.watch(() => {
    if (++calls === 3) socket.receive(area, meta, 0, 1000);
  });
  socket.ref();
  socket.send(get);
  for (let i = 0; i < 8; i++) await new Promise(setImmediate);
  t.equal(calls, 3);
  socket.close();
});

t.test('the process ends when nothing is waited for', async (t) => {
  const program = (body: string): number | null =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { IPRoute } from 'tsroute2'; import { FakeKernel } from 'tsroute2/testing';
         const ipr = new IPRoute({ transport: new FakeKernel().open });
         setTimeout(() => process.exit(7), 150).unref();
         ${body}`,
      ],
      { timeout: 30_000 },
    ).status;
  t.equal(program("await ipr.link('add', { ifname: 'd0', kind: 'dummy', state: 'up' });"), 0, 'idle');
  t.equal(program("ipr.monitor({ groups: ['link'] });"), 0, 'a monitor that nobody reads');
  t.equal(program("ipr.monitor({ groups: ['link'] }).next();"), 7, 'one that somebody waits for');
});
