/** Run in the guest by test/vm/lane.test.ts: a test that fails, with a line on the kernel's console. */
import { writeFileSync } from 'node:fs';
import t from 'tap';

t.test('adds up', async (t) => {
  writeFileSync('/dev/kmsg', '<1>said before it failed\n');
  t.equal(1 + 1, 3, 'two and two');
});
t.test('is fine', async (t) => t.pass());
