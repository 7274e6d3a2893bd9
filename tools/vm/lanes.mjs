#!/usr/bin/env node
/**
 * The guest's half of the lanes that run in the virtual machine: one line of JSON a lane into FILE, written as it ends,
 * because a machine that dies must not take along what was done. The lane `suite` is the live suite in this Node.js but
 * for OWN_LIFE, `guest` what only runs here, `witness` what is compared with `ip` and `bridge`, `file:broken/fails` one
 * file of test/vm.
 *
 * Usage: node tools/vm/lanes.mjs FILE --judge|--raw LANE...
 */
import { appendFileSync, cpSync, existsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { iproute2Version } from '../lanes/capabilities.mjs';
import { runTests, testFiles } from '../lanes/launch.mjs';
import { judgeLane, lackingHere, lanes, live } from '../lanes/registry.mjs';
import { root } from '../lanes/run.mjs';
import { witnessFiles } from '../lanes/witness.mjs';

/**
 * What is about the ends of processes, threads and sockets of this library, not about a kernel: a tenth of it would take an
 * emulated processor ten minutes. The lanes of the machine itself run it, six of them.
 */
const OWN_LIFE = ['ends', 'soak', 'soak-sockets', 'soak-workers', 'proxy-cache', 'proxy-callbacks'];
const without = OWN_LIFE.map((name) => `test/live/${name}.test.js`);

const [file, how, ...names] = process.argv.slice(2);
const own = [
  { name: 'suite', live: true, run: () => live('suite', { without }) },
  { name: 'guest', run: guest },
  { name: 'witness', run: () => runTests(witnessFiles(), { wrap: 'isolated', log: 'witness' }) },
];

/** A file that is in no lane. */
const alone = (name) => ({
  name,
  run: () => runTests([`test/vm/${name.replace('file:', '')}.js`], { log: name.replace(/\W/g, '-') }),
});

async function guest() {
  const files = testFiles('guest');
  return { files, ...(await runTests(files, { wrap: 'isolated', log: 'guest' })) };
}

/** The host holds the results of `--raw` against its own lists. */
async function outcome(lane) {
  if (how === '--judge') return judgeLane(lane);
  const started = performance.now();
  const result = await lane.run();
  const lacks = await lackingHere(lane, ['live', 'guest']);
  return { tests: [], lacks, ...result, ms: performance.now() - started };
}

for (const name of names) {
  const lane = name.startsWith('file:') ? alone(name) : [...own, ...lanes].find((l) => l.name === name);
  const result = await outcome(lane);
  const iproute2 = await iproute2Version();
  const failed = result.tests.filter((t) => t.status === 'failed').length;
  appendFileSync(file, `${JSON.stringify({ ...result, lane: name, kernel: release(), iproute2 })}\n`);
  const seconds = (result.ms / 1000).toFixed(1);
  console.log(`${name} ${result.obstacle ?? `${result.tests.length} tests, ${failed} failed`} (${seconds} s)`);
}
const logs = join(root, '.build/logs');
if (existsSync(logs)) cpSync(logs, join(dirname(file), 'logs'), { recursive: true });
