/**
 * All lanes in the order they are listed. `system` lanes need Debian packages, `packages` are folders with npm packages of
 * the lanes' own. Lanes that run `beside` others come after the rest, the last of them first: none of them measures times.
 */
import { availableParallelism, release } from 'node:os';
import { checks } from '../checks/main.mjs';
import { asan } from './asan.mjs';
import { lacking } from './capabilities.mjs';
import { docs } from './docs.mjs';
import { drift } from './drift.mjs';
import {
  asUser,
  isolated,
  isRoot,
  liveObstacle,
  merge,
  runLive,
  runShards,
  runTests,
  testFiles,
  userObstacle,
} from './launch.mjs';
import { packed } from './packed.mjs';
import { allNeeds, expectedSkips, judgeSkips } from './skips.mjs';
import { sourceOf } from './tap.mjs';
import { nodeVersion, toolchainNode } from './toolchains.mjs';
import { freshTrace } from './traces.mjs';
import { types } from './types.mjs';
import { statusLane, vmLanes } from './vm.mjs';

/** Directories below test/ that have a lane of their own. */
const NOT_UNIT = [
  'test/guest/',
  'test/vm/',
  'test/live/',
  'test/transport/',
  'test/types/',
  'test/consumer/',
  'test/mutants/',
  'test/cost/',
];

async function unit() {
  const files = testFiles('').filter((f) => !NOT_UNIT.some((d) => f.startsWith(d)));
  return { files, ...(await runShards(files, availableParallelism(), { log: 'unit' })) };
}

/** Tests of the addon alone. They count descriptors and threads, so each file has a process of its own. */
async function native() {
  const obstacle = await liveObstacle();
  if (obstacle) return { obstacle };
  const files = testFiles('transport');
  const results = [];
  for (const file of files)
    results.push(await runTests([file], { wrap: 'isolated', log: `native-${results.length + 1}` }));
  return { what: `tests of the addon, ${files.length} files`, files, ...merge(results) };
}

/** The live suite, launched in one of several ways; `without` some of its files. */
export async function live(name, { without = [], ...options } = {}) {
  const obstacle = await liveObstacle();
  if (obstacle) return { obstacle };
  const files = testFiles('live').filter((f) => !without.includes(f));
  return { files, ...(await runLive(files, { wrap: 'isolated', log: name, ...options })) };
}

function underNode(major) {
  return {
    name: `live-node${major}`,
    about: `live suite under Node.js ${major}${major === 20 ? ' (oldest supported)' : ''}`,
    system: true,
    packages: ['nodes'],
    live: true,
    async run() {
      const node = toolchainNode(major);
      if (!node) return { obstacle: `no Node.js ${major} binary for ${process.arch} in tools/lanes/nodes` };
      // One of the three records what the kernel sends and takes, for docs/coverage.md, and soaks for long.
      const recorded = major === 20;
      const env = recorded ? { TSROUTE2_TRACE: freshTrace('host'), TSROUTE2_SOAK_SHARE: '1' } : {};
      const what = `live suite, node ${await nodeVersion(node)}`;
      return { what, ...(await live(this.name, { node, env })) };
    },
  };
}

const here = process.version.slice(1);

export const lanes = [
  {
    name: 'checks',
    about: 'lint, format, direction of imports, unused code, file sizes, what is shipped',
    packages: ['compilers'],
    run: checks,
  },
  { name: 'unit', about: 'tests without privileges', run: unit },
  { name: 'drift', about: "tables against the kernel's newest headers", system: true, run: drift },
  { name: 'native', about: 'tests of the addon, in namespaces', system: true, run: native },
  {
    name: 'types',
    about: 'compile-time cases; a consumer project under TypeScript 5.9, 6 and 7',
    packages: ['compilers'],
    run: types,
  },
  underNode(20),
  underNode(22),
  underNode(24),
  {
    name: 'packed',
    about: `npm pack, installed in an empty directory: import, require, tsc, live suite (node ${here})`,
    system: true,
    live: true,
    run: packed,
  },
  {
    name: 'user',
    about: `live suite as an ordinary user in a user namespace (node ${here})`,
    system: true,
    live: true,
    async run() {
      const obstacle = await userObstacle();
      if (obstacle) return { obstacle };
      const files = testFiles('live');
      return { files, ...(await runLive(files, { wrap: 'user', log: 'user' })) };
    },
  },
  {
    name: 'worker',
    about: `live suite in a worker thread (node ${here})`,
    system: true,
    live: true,
    run: () => live('worker', { script: 'worker.mjs' }),
  },
  {
    name: 'no-codegen',
    about: 'live suite with --disallow-code-generation-from-strings',
    system: true,
    live: true,
    run: () => live('no-codegen', { flags: ['--disallow-code-generation-from-strings'] }),
  },
  {
    name: 'docs',
    about: 'every code block of README.md and docs/, compiled and run in a namespace',
    system: true,
    beside: true,
    run: docs,
  },
  {
    name: 'cost',
    about: 'instructions of the hot loops, counted by valgrind, against test/cost/counts.json; the benchmark itself',
    system: true,
    beside: true,
    async run() {
      const files = testFiles('cost');
      return {
        what: 'instructions of the hot loops, the benchmark',
        files,
        ...(await runTests(files, { log: 'cost' })),
      };
    },
  },
  {
    name: 'asan',
    about: 'native tests and a short soak under AddressSanitizer and UBSan',
    system: true,
    beside: true,
    run: asan,
  },
  statusLane,
  ...vmLanes,
];

/** What tests listed for these rows need and this machine, as this lane sees it, does not have. */
export async function lackingHere(lane, rows) {
  const needs = allNeeds(rows);
  if (needs.length === 0) return [];
  return lacking(needs, lane.name === 'user' ? asUser() : isolated());
}

/** Runs a lane and holds its skips against the committed list. Never throws. */
export async function judgeLane(lane) {
  const started = performance.now();
  let result;
  try {
    result = await lane.run();
  } catch (error) {
    result = { tests: [{ file: 'tools/lanes', name: lane.name, status: 'failed', detail: error.stack }] };
  }
  const tests = result.tests ?? [];
  const files = result.files?.map(sourceOf) ?? [];
  if (!result.obstacle) {
    // Without root, live lanes run in a user namespace and skip what the user lane skips.
    const rows = [lane.name, ...(lane.skips ?? []), ...(lane.live ? ['live', ...(isRoot ? [] : ['user'])] : [])];
    const lacks = result.lacks ?? (await lackingHere(lane, rows));
    tests.push(...judgeSkips(tests, expectedSkips(rows, { kernel: result.kernel, lacks })));
    if (tests.length === 0)
      tests.push({ file: 'tools/lanes', name: lane.name, status: 'failed', detail: 'the lane ran no tests' });
  }
  const what =
    result.what ??
    (files.length > 0 ? `${lane.name === 'unit' ? 'unit tests' : 'live suite'}, ${files.length} files` : lane.about);
  // Lanes without privileges say nothing about a kernel.
  const kernel = result.kernel ?? (lane.system && !result.obstacle ? release() : undefined);
  return { ...result, lane: lane.name, what, kernel, tests, ms: performance.now() - started };
}
