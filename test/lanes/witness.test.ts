/** What `npm run test:witness` makes of figures, and what a run of all lanes makes of docs/parity.md. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { acceptance, type TestResult, witness } from './lanes.js';

t.test('figures become rows', async (t) => {
  t.same(witness.tally('link veth + bridge_slave, made by us: 3 objects, 246 fields'), {
    object: 'link',
    what: 'veth + bridge_slave',
    direction: 'made by us',
    objects: 3,
    fields: 246,
  });
  t.match(witness.tally('neigh made by ip: 28 objects, 115 fields'), {
    object: 'neigh',
    what: '',
    direction: 'made by ip',
  });
  t.match(witness.tally('vlan global reply: 2 objects, 9 fields'), { object: 'vlan global', direction: 'reply' });
  t.match(witness.tally('nexthop changed by us: 1 objects, 2 fields'), { object: 'nexthop' });
  for (const other of ['100000 acknowledged', 'nobody made by us: 1 objects, 2 fields', 'p99 3.7 ms'])
    t.equal(witness.tally(other), null, other);
});

t.test('rows of one object and direction are added up', async (t) => {
  const figures = ['mdb made by us: 1 objects, 9 fields', 'mdb made by us: 2 objects, 20 fields', 'x'].map((text) => ({
    text,
  }));
  t.same(witness.table(figures, false), [{ object: 'mdb', what: '', direction: 'made by us', objects: 3, fields: 29 }]);
  t.match(witness.table(figures, true), [{ direction: 'recorded, made by us', fields: 29 }]);
});

t.test('the files are those of the witness', async (t) => {
  const files = witness.witnessFiles();
  t.ok(files.length >= 11, `${files.length} files`);
  t.ok(files.every((file) => file.startsWith('test/live/witness-')));
});

const page = readFileSync(fileURLToPath(new URL('../../../docs/parity.md', import.meta.url)), 'utf8');
const named = [...new Set([...page.matchAll(/`(test\/[^`]+ > [^`]+)`/g)].map((m) => m[1]!))];

/** Tables of the page that fail, when all tests that it names ended so. */
function failing(status: (reference: string) => string | undefined): string[] {
  const tests = named.flatMap((reference): TestResult[] => {
    const [file = '', ...name] = reference.split(' > ');
    const ended = status(reference);
    return ended === undefined ? [] : [{ file, name: name.join(' > '), status: ended }];
  });
  const { tests: judged } = acceptance([{ lane: 'x', what: '', tests, ms: 0 }]);
  return judged.filter((r) => r.file === 'docs/parity.md' && r.status === 'failed').map(({ name }) => name);
}

t.test('docs/parity.md fails where a test is missing or skipped everywhere', async (t) => {
  t.same(
    failing(() => 'passed'),
    [],
    'all passed',
  );
  const one = named.find((reference) => reference.includes('> addr > label'))!;
  t.same(
    failing((reference) => (reference === one ? undefined : 'passed')),
    ['addr'],
    'one is missing',
  );
  t.same(
    failing((reference) => (reference === one ? 'skipped' : 'passed')),
    ['addr'],
    'one is skipped in every lane',
  );
  t.ok(failing(() => 'skipped').length >= 10, 'all are skipped');
});
