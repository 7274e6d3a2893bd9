/** Our tables against what headers and specs say, as kept in tools/drift/facts.json. */
import t from 'tap';
import { compare } from '../../tools/drift/compare.js';
import { readFacts, readMissing } from '../../tools/drift/facts.js';
import { judgeMissing } from '../../tools/drift/missing.js';
import { findTables } from '../../tools/drift/tables.js';

const found = await findTables();
const facts = readFacts();
const report = compare(found, facts);

t.test("ids, names, widths, signs, byte orders and offsets are the kernel's", async (t) => {
  t.same(report.problems, []);
});

t.test('what is missing is listed, and nothing else is', async (t) => {
  t.same(judgeMissing(readMissing(), report.lacks, facts).problems, []);
});

t.test('every table was found', async (t) => {
  const paths = found.tables.map(({ path }) => path);
  for (const path of [
    'ifinfmsg',
    'rtmsg.metrics',
    'rtmsg.multipath',
    'ifinfmsg.linkinfo.vxlan',
    'ifinfmsg.afSpec.inet',
  ])
    t.ok(paths.includes(path), path);
  const { counts } = report;
  t.comment(
    `figure: ${counts.attributes} attributes of ${counts.tables} tables, ${counts.typed} with a type in the specs`,
  );
  t.ok(counts.attributes > 400, `${counts.attributes} attributes`);
  t.ok(counts.typed * 2 > counts.attributes, `${counts.typed} typed`);
});
