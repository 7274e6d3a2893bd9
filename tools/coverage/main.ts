/**
 * Makes docs/coverage.md from tools/drift/facts.json, test/coverage/*.json and the tables.
 *
 * Usage: npm run coverage [-- --collect] [-- --check]
 *   --collect   first takes over what the live lanes have recorded since they ran last (npm test -- --lane live,vm)
 *   --check     writes nothing; status 1 when the page is not as it would be made
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readFacts, root } from '../drift/facts.js';
import { findTables } from '../drift/tables.js';
import { page } from './page.js';
import { collect, readResults } from './results.js';

const { values: options } = parseArgs({ options: { collect: { type: 'boolean' }, check: { type: 'boolean' } } });

const facts = readFacts();
if (options.collect) {
  const kernels = collect(facts);
  console.log(kernels.length > 0 ? `recorded on ${kernels.join(', ')}` : 'no traces: run the live lanes first');
}
const file = join(root, 'docs/coverage.md');
const text = page(facts, await findTables(), readResults());
if (!options.check) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/coverage.md is not what the results give: npm run coverage');
  process.exitCode = 1;
}
for (const row of text.split('\n').filter((l) => /^\| (\[|all)/.test(l) || l.startsWith('|  | attr')))
  console.log(row.replace(/\[([\w-]+)\]\([^)]*\)/, '$1'));
