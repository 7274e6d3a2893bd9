/** A long life in short: what is left of sockets that were opened, used, refused, aborted, left and closed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { emulated } from './emulated.js';
import { soaked, sum } from './soak-child.js';

// Emulated machines are slow.
t.setTimeout(600_000);
const CYCLES = emulated ? 300 : 10_000;
const SOCKETS = emulated ? 500 : 2000;

t.test(
  '10,000 cycles of all kinds leave nothing, and memory does not grow; 300 where the processor is emulated',
  async (t) => {
    const found = await soaked(`--cycles=${CYCLES}`, '--workers=0', '--sockets=0');
    t.equal(sum(found.cycles), CYCLES);
    t.ok(Object.keys(found.cycles).length >= 20, 'of all kinds');
    t.same(found.afterCycles, found.before, 'descriptors and threads are as before');
    t.same(found.descriptors, []);
    t.same(found.left, [], 'no namespace is left');
    t.equal(found.listeners, 0, 'nor a listener at a signal that lives on');
    t.same(found.problems, []);
    if (!emulated) {
      t.ok(found.samples >= 40);
      t.ok(found.slope < 1024, `${found.slope} bytes a cycle`);
      t.comment(`figure: ${CYCLES} cycles, memory grows by ${Math.round(found.slope)} bytes a cycle after 2,000`);
    }
  },
);

t.test('2,000 sockets open at once, each used; 500 where the processor is emulated', async (t) => {
  const found = await soaked('--cycles=0', '--workers=0', `--sockets=${SOCKETS}`);
  t.equal(found.sockets, SOCKETS);
  t.same(found.afterSockets, found.before, 'descriptors and threads are as before');
  t.same(found.descriptors, []);
  t.same(found.problems, []);
});

t.test('where the process may open no more: an error that says so, and what is open goes on', async (t) => {
  const script = fileURLToPath(new URL('./soak-limit.js', import.meta.url));
  const args = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, script];
  const { status, stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8', timeout: 120_000 });
  t.equal(stderr, '');
  t.equal(status, 0);
  const { opened, refused, links, after, before } = JSON.parse(stdout);
  t.ok(opened > 10 && opened < 64, `${opened} sockets`);
  t.same([...new Set(refused)], ['EMFILE'], 'a socket, a list, a monitor, the cache thread, a namespace');
  t.equal(refused.length, 6);
  t.equal(links, opened, 'each answers');
  t.same(after, before);
});
