/** Run in the guest by test/vm/lane.test.ts: a test that nothing in its process can end. */
import { writeFileSync } from 'node:fs';
import t from 'tap';

t.test('hangs', async () => {
  writeFileSync('/dev/kmsg', '<1>said before it hung\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
