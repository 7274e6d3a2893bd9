/**
 * Compares our tables with the kernel's headers and the YAML specs of netlink. Status 1 when something differs.
 *
 * Usage: npm run drift [-- OPTION...]
 *   --specs DIR     also with these specs (default: the environment's TSROUTE2_SPECS); without, with what was kept of them
 *   --headers DIR   the folder that holds linux/, instead of the newest that Debian has
 *   --offline       with what is kept of headers and specs, in tools/drift/facts.json
 *   --write         keeps what headers and specs say, and takes from tools/drift/missing.json what is not missing any more
 */
import { parseArgs } from 'node:util';
import { compare, type Report } from './compare.js';
import { type Facts, readFacts, readMissing, writeFacts, writeMissing } from './facts.js';
import { factChanges, keepTypes } from './fresh.js';
import { fetchHeaders, givenHeaders, headerFacts } from './headers.js';
import { judgeMissing, shrink } from './missing.js';
import { readSpecFolder } from './specs.js';
import { findTables } from './tables.js';

const { values: options } = parseArgs({
  options: {
    specs: { type: 'string' },
    headers: { type: 'string' },
    offline: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});

function say({ counts }: Report, facts: Facts): void {
  const { tables, attributes, typed, messages, structs, members, constants, words } = counts;
  console.log(`headers ${facts.headers}: ${tables} tables, ${attributes} attributes, ${messages} message numbers,`);
  console.log(`  ${structs} structs with ${members} members, ${constants} constants, ${words} words`);
  console.log(`specs: type of ${typed} attributes compared, of ${attributes - typed} unknown (the specs are silent)`);
}

async function main(): Promise<number> {
  const found = await findTables();
  const kept = readFacts();
  const problems: string[] = [];
  let facts = kept;
  if (!options.offline) {
    const folder = options.specs ?? process.env.TSROUTE2_SPECS;
    const specs = folder === undefined || folder === '' ? undefined : readSpecFolder(folder);
    if (specs === undefined) console.log('note: no specs given (--specs DIR): types are those that were kept of them');
    const headers = options.headers === undefined ? fetchHeaders() : givenHeaders(options.headers);
    facts = headerFacts(headers, [...found.constants.keys()], specs ?? new Map());
    if (specs === undefined) keepTypes(facts, kept);
    if (!options.write) problems.push(...factChanges(facts, kept));
  }
  const report = compare(found, facts);
  problems.push(...report.problems);
  if (options.write) {
    writeFacts(facts);
    writeMissing(shrink(readMissing(), report.lacks, facts, kept));
  }
  const { problems: unlisted, count } = judgeMissing(readMissing(), report.lacks, facts);
  problems.push(...unlisted);
  say(report, facts);
  console.log(
    `missing: ${count} attributes, constants and members, all listed in tools/drift/missing.json`.replace(
      ', all listed',
      unlisted.length > 0 ? '; listed' : ', all listed',
    ),
  );
  for (const line of problems) console.error(`DRIFT ${line}`);
  console.log(problems.length === 0 ? 'no drift' : `${problems.length} differences`);
  return problems.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`drift: ${(error as Error).message}`);
  process.exitCode = 2;
}
