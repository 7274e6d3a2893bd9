#!/usr/bin/env node
/**
 * The guest's half of the lanes that run in the virtual machine: one line of JSON a lane into FILE, written as it ends,
 * because a machine that dies must not take along what was done. The lane `suite` is the live suite in this Node.js.
 *
 * Usage: node tools/vm/lanes.mjs FILE --judge|--raw LANE...
 */
import { appendFileSync, cpSync, existsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { judgeLane, lanes, live } from '../lanes/registry.mjs';
import { root, run } from '../lanes/run.mjs';

const [file, how, ...names] = process.argv.slice(2);
const suite = { name: 'suite', live: true, run: () => live('suite') };

/** The host holds the results of `--raw` against its own lists. */
async function outcome(lane) {
  if (how === '--judge') return judgeLane(lane);
  const started = performance.now();
  const result = await lane.run();
  return { tests: [], ...result, ms: performance.now() - started };
}

for (const name of names) {
  const lane = [suite, ...lanes].find((l) => l.name === name);
  const result = await outcome(lane);
  const iproute2 = /iproute2-([\w.]+)/.exec((await run('ip', ['-V'])).out)?.[1];
  const failed = result.tests.filter((t) => t.status === 'failed').length;
  appendFileSync(file, `${JSON.stringify({ ...result, lane: name, kernel: release(), iproute2 })}\n`);
  const seconds = (result.ms / 1000).toFixed(1);
  console.log(`${name} ${result.obstacle ?? `${result.tests.length} tests, ${failed} failed`} (${seconds} s)`);
}
const logs = join(root, '.build/logs');
if (existsSync(logs)) cpSync(logs, join(dirname(file), 'logs'), { recursive: true });
