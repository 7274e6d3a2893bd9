/** Calls that say less than is meant are refused, and nothing is sent. */
import t from 'tap';
import { dangerous } from './dangerous.js';
import { refused } from './refused.js';

for (const [object, cases] of Object.entries(dangerous)) {
  t.test(`${object}: refused, and nothing is sent`, async (t) => {
    for (const [what, call, code, field] of cases)
      t.same(await refused(call), { found: { code, field }, sent: 0, opened: 0, leaked: 0 }, what);
  });
}

t.test('the table has at least 30 rows', async (t) => {
  const count = Object.values(dangerous).reduce((sum, cases) => sum + cases.length, 0);
  t.comment(`figure: ${count} dangerous calls refused`);
  t.ok(count >= 30);
});
