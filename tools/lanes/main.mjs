#!/usr/bin/env node
/**
 * The test command: sets up what the lanes need beyond npm, builds, runs the lanes, prints one summary.
 * The last line is `N passed, N failed, N skipped`; the exit status is 0 only when nothing failed.
 *
 * Usage: npm test [-- --lane NAME[,NAME]] [--list] [--no-setup] [--no-build]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { acceptance } from './acceptance.mjs';
import { judgeLane, lanes } from './registry.mjs';
import { rescue, rescuedLanes } from './rescue.mjs';
import { root, run, tail } from './run.mjs';
import { setup } from './setup.mjs';
import { ranNowhere } from './skips.mjs';
import { printFailures, printSummary } from './summary.mjs';

const { values } = parseArgs({
  options: {
    lane: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    'no-setup': { type: 'boolean' },
    'no-build': { type: 'boolean' },
  },
});

/** The lanes asked for; `live` stands for all lanes whose name begins so. */
function chosen() {
  if (!values.lane) return lanes.filter((l) => !l.extra);
  const names = values.lane.flatMap((v) => v.split(','));
  const wrong = names.filter((n) => !lanes.some((l) => l.name === n || l.name.startsWith(`${n}-`)));
  if (wrong.length > 0)
    throw new Error(`no lane ${wrong.join(', ')}; there are ${lanes.map((l) => l.name).join(', ')}`);
  return lanes.filter((l) => names.some((n) => l.name === n || l.name.startsWith(`${n}-`)));
}

async function build() {
  for (const script of ['tools/install.cjs', 'tools/build.mjs']) {
    const result = await run(process.execPath, [script]);
    if (result.code === 0) continue;
    console.error(tail(result.out + result.err, 60));
    return {
      lane: script,
      what: 'building',
      tests: [{ file: script, name: 'builds', status: 'failed', detail: '' }],
      ms: 0,
    };
  }
  return null;
}

/** Every test with the kernel and the lane that ran it, for whoever wants more than the summary. */
function writeResults(results) {
  const rows = results.flatMap(({ lane, kernel, iproute2, tests }) =>
    tests.map(({ file, name, status, missing, reason }) => ({
      lane,
      kernel,
      iproute2,
      file,
      name,
      status,
      missing,
      reason,
    })),
  );
  mkdirSync(join(root, '.build'), { recursive: true });
  writeFileSync(join(root, '.build/results.json'), `[\n${rows.map((r) => JSON.stringify(r)).join(',\n')}\n]\n`);
}

function print(result) {
  const failed = result.tests.filter((t) => t.status === 'failed').length;
  const verdict = result.obstacle ? 'skipped' : failed > 0 ? `${failed} failed` : 'ok';
  console.log(`${result.lane} ... ${verdict} (${(result.ms / 1000).toFixed(1)} s)`);
  printFailures(result);
}

/** Runs lanes, those that measure times one after the other. Resolves to their results in the order of `selection`. */
async function runLanes(selection) {
  const results = new Map();
  const elsewhere = await rescuedLanes(selection);
  const runOne = async (lane) => {
    const result = elsewhere.get(lane.name) ?? (await judgeLane(lane));
    results.set(lane, result);
    print(result);
  };
  for (const lane of selection) if (!lane.beside) await runOne(lane);
  // Those that are listed last take longest, so they come first.
  const waiting = selection.filter((l) => l.beside);
  const next = async () => {
    for (let lane = waiting.pop(); lane; lane = waiting.pop()) await runOne(lane);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
  return selection.map((lane) => results.get(lane));
}

async function main() {
  const selection = chosen();
  if (values.list) {
    for (const lane of lanes) console.log(`${lane.name.padEnd(14)} ${lane.about}`);
    return 0;
  }
  if (!values['no-setup'] && !(await setup(selection))) return 1;
  const broken = values['no-build'] ? null : await build();
  const results = broken ? [broken] : await runLanes(selection);
  // Whether every promised line has a test that ran can only be told when all lanes ran.
  if (!broken && !values.lane) {
    for (const result of [acceptance(results), ...ranNowhere(results)]) {
      results.push(result);
      printFailures(result);
    }
  }
  writeResults(results);
  return printSummary(results) ? 0 : 1;
}

rescue();
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
