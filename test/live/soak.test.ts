/** A long life in short: what is left of sockets that were opened, used, refused, aborted, left and closed. */
import t from 'tap';
import { soaked, sum } from './soak-child.js';
import { share } from './soak-share.js';

// Emulated machines are slow.
t.setTimeout(600_000);
const CYCLES = share(10_000, 300);

t.test(
  '10,000 cycles of all kinds leave nothing, and memory does not grow; fewer where a share is asked for',
  async (t) => {
    const found = await soaked(`--cycles=${CYCLES}`, '--workers=0', '--sockets=0');
    t.equal(sum(found.cycles), CYCLES);
    t.ok(Object.keys(found.cycles).length >= 20, 'of all kinds');
    t.same(found.afterCycles, found.before, 'descriptors and threads are as before');
    t.same(found.descriptors, []);
    t.same(found.left, [], 'no namespace is left');
    t.equal(found.listeners, 0, 'nor a listener at a signal that lives on');
    t.same(found.problems, []);
    // Fewer say nothing about growth.
    if (CYCLES >= 4000) {
      t.ok(found.samples >= 8);
      t.ok(found.slope < 1024, `${found.slope} bytes a cycle`);
      t.comment(`figure: ${CYCLES} cycles, memory grows by ${Math.round(found.slope)} bytes a cycle after 2,000`);
    }
  },
);
