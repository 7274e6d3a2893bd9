#!/usr/bin/env node
/**
 * Applies each test/mutants/*.patch to a copy of the tree and demands that the test it names goes red. A patch that
 * leaves its test green means that nothing guards the line it breaks. See test/mutants/README.md.
 *
 * Usage: npm run mutants [-- --seconds N] [NAME ...]
 *   --seconds N  begin no more after so long, and say how many are left; which come first changes from commit to commit
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from './launch.mjs';
import { rescue, rescued } from './rescue.mjs';
import { root, run, tail } from './run.mjs';

const copies = join(root, '.build/mutants');
const folder = join(root, 'test/mutants');
const node = process.execPath;

/** Fields of the comment lines above the first hunk. */
function parse(file) {
  const text = readFileSync(join(folder, file), 'utf8');
  const field = (name) => new RegExp(`^# ${name}: (.+)$`, 'm').exec(text)?.[1].trim();
  const [test, ...name] = (field('red') ?? '').split(' > ');
  const only = name.join(' > ');
  const alone = /^# alone$/m.test(text);
  return {
    name: basename(file, '.patch'),
    patch: join(folder, file),
    test,
    only,
    /** Whether the test is run without the others of its file, which would take long. */
    alone,
    /** What is run for it. */
    key: alone ? `${test} > ${only}` : test,
    native: field('build') === 'native',
    /** Some leave their test hanging, which need not be watched for minutes. */
    seconds: Number(field('seconds') ?? 240),
  };
}

/** The tree as git sees it, with the built addon; only what is compiled or run. */
async function makeCopy(copy) {
  const { out } = await run('git', [
    'ls-files',
    '-co',
    '--exclude-standard',
    'src',
    'docs',
    'test',
    'tools',
    'bench',
    'examples',
    'native',
    'binding.gyp',
    'package.json',
    'tsconfig*.json',
  ]);
  for (const f of out.split('\n').filter((f) => f !== '' && existsSync(join(root, f)))) {
    mkdirSync(dirname(join(copy, f)), { recursive: true });
    copyFileSync(join(root, f), join(copy, f));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  restoreAddon(copy);
}

/** The addon as it was built last, newer than every source, so that nothing is compiled for mutants of TypeScript. */
function restoreAddon(copy) {
  mkdirSync(join(copy, 'build/Release'), { recursive: true });
  for (const f of readdirSync(join(root, 'build/Release')).filter((n) => n.endsWith('.node'))) {
    copyFileSync(join(root, 'build/Release', f), join(copy, 'build/Release', f));
  }
}

/** Compiles the copy; types are not checked, a mutant has to be found by its test. Null when all is well. */
async function build(copy, native) {
  if (native) {
    const { code, out, err } = await run(node, ['tools/install.cjs'], { cwd: copy });
    if (code !== 0) return tail(out + err);
  }
  const { code, out, err } = await run(node, ['tools/build.mjs', '--no-check'], { cwd: copy });
  return code === 0 ? null : tail(out + err);
}

/** Runs the tests of a mutant's file in the copy as it is now. */
async function outcome(copy, { test, only, alone }, seconds = 240) {
  const compiled = test.replace(/\.ts$/, '.js');
  if (!existsSync(join(copy, '.build', compiled))) throw new Error(`there is no ${test}`);
  const wrap = /^test\/(live|transport)\//.test(test) ? 'isolated' : null;
  const { tests } = await runTests([compiled], {
    cwd: join(copy, '.build'),
    wrap,
    env: { TSROUTE2_SOAK_SHARE: '0.6', ...(alone ? { TAP_GREP: only.replace(/[^\w ]/g, '.') } : {}) },
    timeout: (rescued ? 600 : seconds) * 1000,
  });
  return tests;
}

/** The test of a mutant that is red among those of its file, if any; throws when there is no such test. */
function red({ test, only }, tests) {
  if (tests instanceof Error) throw tests;
  const concerned = only === '' ? tests : tests.filter((t) => t.name === only || t.name === 'the test process');
  if (concerned.length === 0) throw new Error(`${test} has no test "${only}"`);
  if (concerned.every((t) => t.status === 'skipped')) throw new Error(`${test} is skipped here`);
  return concerned.find((t) => t.status === 'failed');
}

/** The copy lies inside the repository, whose top git would apply to; the ceiling makes it a plain folder. */
const apply = (copy, patch, ...flags) =>
  run('git', ['apply', '--unidiff-zero', '--recount', ...flags, patch], {
    cwd: copy,
    env: { GIT_CEILING_DIRECTORIES: dirname(copy) },
  });

async function judge(copy, mutant, baseline) {
  if (mutant.test === '') return 'names no test (# red: test/...)';
  // A test that is red without the mutant says nothing about it.
  const already = red(mutant, baseline);
  if (already) return `${mutant.test} is red without it: ${already.name}\n${tail(already.detail ?? '', 20)}`;
  const applied = await apply(copy, mutant.patch);
  if (applied.code !== 0) return `does not apply: ${tail(applied.err, 2)}`;
  const broken = await build(copy, mutant.native);
  const verdict = broken
    ? `does not build: ${broken}`
    : await outcome(copy, mutant, mutant.seconds).then((tests) =>
        red(mutant, tests) ? null : `${mutant.test} stays green`,
      );
  // Compiled again for the next.
  await apply(copy, mutant.patch, '-R');
  if (mutant.native) restoreAddon(copy);
  return verdict;
}

/** Mutants in piles by what is run for them. */
function byFile(mutants) {
  const piles = new Map();
  for (const m of mutants) piles.set(m.key, [...(piles.get(m.key) ?? []), m]);
  return [...piles.values()];
}

/** Makes a copy and compiles it. */
async function worker(copy) {
  await makeCopy(copy);
  const broken = await build(copy, false);
  if (broken) throw new Error(broken);
  return copy;
}

/** Piles, of which another comes first at each commit. */
async function turned(piles) {
  const { out } = await run('git', ['rev-parse', '--short=7', 'HEAD']);
  const first = (Number.parseInt(out, 16) || 0) % piles.length;
  return [...piles.slice(first), ...piles.slice(0, first)];
}

async function main(names, seconds) {
  const begun = performance.now();
  const all = readdirSync(folder)
    .filter((f) => f.endsWith('.patch'))
    .sort()
    .map(parse);
  const unknown = names.filter((n) => !all.some((m) => m.name === n));
  if (unknown.length > 0) throw new Error(`no mutant ${unknown.join(', ')}`);
  const mutants = names.length > 0 ? all.filter((m) => names.includes(m.name)) : all;
  const waiting = await turned(byFile(mutants));
  const width = Math.max(6, ...mutants.map((m) => m.name.length));
  rmSync(copies, { recursive: true, force: true });
  const count = Math.min(availableParallelism(), waiting.length);
  const workers = await Promise.all(Array.from({ length: count }, (_, i) => worker(join(copies, String(i)))));
  let failed = 0;
  let found = 0;
  const inTime = () => performance.now() - begun < seconds * 1000;
  /** What is run for a pile, without any mutant and with each. */
  const work = async (copy, pile) => {
    // Of what the last mutant left compiled.
    const broken = await build(copy, false);
    if (broken) throw new Error(broken);
    const [{ test }] = pile;
    const baseline = test === '' ? [] : await outcome(copy, pile[0]).catch((error) => error);
    for (const mutant of pile) {
      if (!inTime()) return;
      const started = performance.now();
      const problem = await judge(copy, mutant, baseline).catch((e) => e.message);
      if (problem) failed++;
      else found++;
      const took = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
      const verdict = problem ? `NOT FOUND  ${problem}` : `found      ${mutant.test}`;
      console.log(`${mutant.name.padEnd(width)}  ${took} s  ${verdict}`);
    }
  };
  await Promise.all(
    workers.map(async (copy) => {
      for (let pile = inTime() && waiting.shift(); pile; pile = inTime() && waiting.shift()) await work(copy, pile);
    }),
  );
  const left = mutants.length - found - failed;
  console.log(`\n${found} of ${mutants.length} mutants found${left > 0 ? `, ${left} not tried for lack of time` : ''}`);
  return failed === 0 ? 0 : 1;
}

rescue();
try {
  const options = { seconds: { type: 'string', default: 'Infinity' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (!(Number(values.seconds) > 0)) throw new Error(`--seconds ${values.seconds}: expected a number above 0`);
  process.exitCode = await main(positionals, Number(values.seconds));
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  rmSync(copies, { recursive: true, force: true });
}
