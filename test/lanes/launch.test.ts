/** What is made of test files that run in one process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { runTests } from './lanes.js';

const TAP = import.meta.resolve('tap');

t.test('a file that none of the tests are of is a failure', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'tsroute2-lanes-'));
  t.teardown(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, 'test'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(cwd, `test/${name}.test.js`), `import t from '${TAP}';\n${text}\n`);
    return `test/${name}.test.js`;
  };
  const files = [
    file('first', "t.test('one', async (t) => t.pass());"),
    // A hook of all files ends them when nothing is under way, as skipped tests are not.
    file('ends', "t.teardown(() => {}); t.test('two', { skip: 'not here' }, async () => {});"),
    file('empty', ''),
    file('last', "t.test('three', async (t) => t.pass());"),
  ];
  const { tests } = await runTests(files, { cwd });
  const of = (name: string) => tests.filter((one) => one.file === `test/${name}.test.ts`);
  t.match(of('first'), [{ name: 'one', status: 'passed' }]);
  t.match(of('ends'), [{ name: 'two', status: 'skipped' }]);
  t.match(of('empty'), [{ name: 'the file', status: 'failed', detail: 'none of its tests ran' }]);
  t.equal(of('last').length, 1, 'whether it ran or not, something is said of it');
});
