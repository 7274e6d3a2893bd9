/** docs/parity.md: no cell is empty, and every test that it names is in the tree. What a run makes of them, the lanes say. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { hasTest, parityRows } from './named-tests.js';

const page = fileURLToPath(new URL('../../../docs/parity.md', import.meta.url));
const rows = parityRows(readFileSync(page, 'utf8'));

t.test('every row has a call and a test, or says why not', async (t) => {
  t.ok(rows.length > 250, `${rows.length} rows`);
  for (const { line, theirs, ours, tests } of rows) {
    const why = /^No equivalent: (.*)$/.exec(ours)?.[1];
    t.not(theirs, '', `line ${line}`);
    if (why !== undefined) {
      t.ok(why.split(' ').length >= 4, `${theirs}: says why`);
      t.same(tests, [], `${theirs}: nothing can show it`);
    } else {
      t.not(ours, '', `${theirs}: has a call`);
      t.ok(tests.length > 0, `${theirs}: has a test`);
    }
  }
  const without = rows.filter(({ ours }) => ours.startsWith('No equivalent')).length;
  t.comment(`figure: ${rows.length} rows, ${rows.length - without} with tests, ${without} without an equivalent`);
});

t.test('every named test is in the tree', async (t) => {
  for (const reference of new Set(rows.flatMap(({ tests }) => tests))) t.ok(hasTest(reference), reference);
});

t.test('what is not in the tree is found', async (t) => {
  t.notOk(hasTest('test/docs/nobody.test.ts > x'));
  t.notOk(hasTest('test/live/parity-link.test.ts > link > mtuu'));
  t.notOk(hasTest('test/live/parity-link.test.ts > lonk > mtu'));
  t.notOk(hasTest('test/live/parity-link.test.ts > mtu > link > x'));
  t.ok(hasTest('test/live/parity-link.test.ts > link > mtu'));
  t.ok(
    hasTest('test/live/conveniences.test.ts > routes saved by ip, restored by both'),
    'a name with a part filled in',
  );
  const bad = parityRows(
    '| pyroute2 | Here | Test |\n|---|---|---|\n| `a` |  | - |\n| `b` | `c` | `x > y` `z > w` |\n',
  );
  t.same(bad, [
    { line: 3, theirs: '`a`', ours: '', tests: [] },
    { line: 4, theirs: '`b`', ours: '`c`', tests: ['x > y', 'z > w'] },
  ]);
  t.ok(existsSync(page));
});
