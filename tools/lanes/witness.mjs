#!/usr/bin/env node
/**
 * Runs the tests that compare what the library reads and makes with what `ip` and `bridge` print, and prints what they
 * compared as one table: object, direction, objects, fields. Recorded messages are compared here, live ones on this
 * machine's kernel, or on a guest's. The exit status is 1 when a test fails or an object was not compared at all.
 *
 * Usage: npm run test:witness [-- --suite bookworm|bookworm-backports|trixie-backports] [--no-build]
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { iproute2Version } from './capabilities.mjs';
import { liveObstacle, merge, runTests, testFiles } from './launch.mjs';
import { root, run, tail } from './run.mjs';
import { printFailures } from './summary.mjs';
import { inMachine, vmObstacle } from './vm.mjs';

/** What must be in the table, live and recorded. */
const OBJECTS = [
  ...['link', 'addr', 'route', 'encap', 'rule', 'neigh', 'fdb', 'vni', 'brport', 'mdb', 'nexthop', 'bucket'],
  ...['ntable', 'netconf', 'addrlabel', 'stats'],
];
/** What kernels without VLAN filtering of bridges do not have. */
const VLANS = ['vlan', 'vlandb', 'vlan global'];
/** Ports of bridges are compared under two names: as `bridge` prints them, and as they are in link messages. */
const NAMES = [...OBJECTS, ...VLANS, 'port'].sort((a, b) => b.length - a.length);

const WITNESS = /^witness-.*\.test\.js$/;

/** The live ones, in namespaces of their own. */
export const witnessFiles = () => testFiles('live').filter((f) => WITNESS.test(f.split('/').at(-1)));

/** `link bridge, made by us: 12 objects, 900 fields` as a row; null for other figures. */
export function tally(text) {
  const found = /^(.*): (\d+) objects, (\d+) fields$/.exec(text);
  const object = NAMES.find((n) => found?.[1].startsWith(n));
  if (!found || !object) return null;
  const rest = found[1].slice(object.length).trim();
  const comma = rest.lastIndexOf(', ');
  const [what, direction] = comma >= 0 ? [rest.slice(0, comma), rest.slice(comma + 2)] : ['', rest];
  return { object, what, direction, objects: Number(found[2]), fields: Number(found[3]) };
}

/** Rows of figures, those of one object, kind and direction added up. */
export function table(figures, recorded) {
  const rows = new Map();
  for (const row of figures.map(({ text }) => tally(text)).filter(Boolean)) {
    const { object, what, objects, fields } = row;
    const direction = recorded ? `recorded, ${row.direction}` : row.direction;
    const key = `${object}\n${what}\n${direction}`;
    const known = rows.get(key) ?? { object, what, direction, objects: 0, fields: 0 };
    rows.set(key, { ...known, objects: known.objects + objects, fields: known.fields + fields });
  }
  return [...rows.values()];
}

function print(rows) {
  const cells = rows.map((r) => [
    [r.object, r.what].filter(Boolean).join(' '),
    r.direction,
    `${r.objects}`,
    `${r.fields}`,
  ]);
  const sum = (key) => String(rows.reduce((n, r) => n + r[key], 0));
  const all = [['object', 'direction', 'objects', 'fields'], ...cells, ['all', '', sum('objects'), sum('fields')]];
  const widths = all[0].map((_, i) => Math.max(...all.map((c) => c[i].length)));
  const pad = (c, i) => (i >= 2 ? c.padStart(widths[i]) : c.padEnd(widths[i]));
  for (const line of all) console.log(line.map(pad).join('  ').trimEnd());
}

/** The live ones here. */
async function here() {
  const obstacle = await liveObstacle();
  if (obstacle) throw new Error(obstacle);
  const result = await runTests(witnessFiles(), { wrap: 'isolated', log: 'witness' });
  return { ...result, where: `kernel ${release()}, iproute2 ${await iproute2Version()}` };
}

/** The live ones in a guest. */
async function guest(suite) {
  const obstacle = await vmObstacle(suite);
  if (obstacle) throw new Error(obstacle);
  const { results, problem } = await inMachine(suite, '--raw', ['witness']);
  const result = results.get('witness');
  if (problem || !result || result.obstacle) throw new Error(problem ?? result?.obstacle ?? 'the guest gave no result');
  return { ...result, where: `kernel ${result.kernel}, iproute2 ${result.iproute2}` };
}

async function main() {
  const { values } = parseArgs({ options: { suite: { type: 'string' }, 'no-build': { type: 'boolean' } } });
  if (!values['no-build']) {
    const built = await run(process.execPath, ['tools/build.mjs']);
    if (built.code !== 0) throw new Error(tail(built.out + built.err));
  }
  const recorded = merge([await runTests(testFiles('golden'), { log: 'witness-golden' })]);
  const live = values.suite ? await guest(values.suite) : await here();
  const rows = [...table(live.figures, false), ...table(recorded.figures, true)];
  const order = (r) => NAMES.length - [...OBJECTS, ...VLANS, 'port'].toReversed().indexOf(r.object);
  rows.sort((a, b) => order(a) - order(b) || a.what.localeCompare(b.what));
  print(rows);
  const tests = [...live.tests, ...recorded.tests];
  const count = (status) => tests.filter((t) => t.status === status).length;
  const exceptions = JSON.parse(readFileSync(join(root, 'test/witness/exceptions.json'), 'utf8')).length;
  console.log(`\n${live.where}; ${exceptions} exceptions, with reasons, in test/witness/exceptions.json`);
  for (const t of tests.filter((t) => t.status === 'skipped'))
    console.log(`skipped: ${t.file} > ${t.name}: ${t.reason}`);
  printFailures({ lane: 'witness', tests });
  const compared = new Set(
    rows.filter((r) => !r.direction.startsWith('recorded') && r.fields > 0).map((r) => r.object),
  );
  const lacking = OBJECTS.filter((o) => !compared.has(o));
  if (lacking.length > 0) console.log(`not compared: ${lacking.join(', ')}`);
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return count('failed') === 0 && lacking.length === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith('witness.mjs')) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
