/** Run in the guest by test/vm/lane.test.ts: a test in which the kernel panics. */
import { writeFileSync } from 'node:fs';
import t from 'tap';

t.test('crashes', async () => writeFileSync('/proc/sysrq-trigger', 'c'));
