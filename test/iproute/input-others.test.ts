/** Bad input about rules, neighbours and tables: refused with a code and the path of the key, before anything is sent. */
import t from 'tap';
import { entries, neighbours, tables } from './bad-neighbours.js';
import { rules } from './bad-rules.js';
import { refused } from './refused.js';

for (const [area, cases] of Object.entries({
  rules,
  neighbours,
  'forwarding entries': entries,
  'tables, netconf, labels, counters': tables,
})) {
  t.test(`${area}: ${cases.length} calls are refused, and nothing is sent`, async (t) => {
    for (const [what, call, code, field] of cases)
      t.same(await refused(call), { found: { code, field }, sent: 0, opened: 0, leaked: 0 }, what);
  });
}
