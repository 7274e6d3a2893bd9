#!/usr/bin/env node
/**
 * Applies each test/mutants/*.patch to a copy of the tree and demands that the test it names goes red. A patch that
 * leaves its test green means that nothing guards the line it breaks. See test/mutants/README.md.
 *
 * Usage: npm run mutants [-- NAME ...]
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runTests } from './launch.mjs';
import { rescue, rescued } from './rescue.mjs';
import { root, run, tail } from './run.mjs';

const copy = join(root, '.build/mutants');
const folder = join(root, 'test/mutants');
const node = process.execPath;

/** Fields of the comment lines above the first hunk. */
function parse(file) {
  const text = readFileSync(join(folder, file), 'utf8');
  const field = (name) => new RegExp(`^# ${name}: (.+)$`, 'm').exec(text)?.[1].trim();
  const [test, ...name] = (field('red') ?? '').split(' > ');
  const only = name.join(' > ');
  // Tests of the virtual machine take seconds each and do not need one another.
  const alone = test.startsWith('test/vm/') && only !== '';
  return {
    name: basename(file, '.patch'),
    patch: join(folder, file),
    test,
    only,
    alone,
    /** What is run for it. */
    key: alone ? `${test} > ${only}` : test,
    native: field('build') === 'native',
  };
}

/** The tree as git sees it, with the built addon; only what is compiled or run. */
async function makeCopy() {
  rmSync(copy, { recursive: true, force: true });
  const { out } = await run('git', [
    'ls-files',
    '-co',
    '--exclude-standard',
    'src',
    'docs',
    'test',
    'tools',
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
  restoreAddon();
}

/** The addon as it was built last, newer than every source, so that nothing is compiled for mutants of TypeScript. */
function restoreAddon() {
  mkdirSync(join(copy, 'build/Release'), { recursive: true });
  for (const f of readdirSync(join(root, 'build/Release')).filter((n) => n.endsWith('.node'))) {
    copyFileSync(join(root, 'build/Release', f), join(copy, 'build/Release', f));
  }
}

/** Compiles the copy; types are not checked, a mutant has to be found by its test. Null when all is well. */
async function build(native) {
  if (native) {
    const { code, out, err } = await run(node, ['tools/install.cjs'], { cwd: copy });
    if (code !== 0) return tail(out + err);
  }
  const { code, out, err } = await run(node, ['tools/build.mjs', '--no-check'], { cwd: copy });
  return code === 0 ? null : tail(out + err);
}

/** Runs the tests of a mutant's file in the copy as it is now. */
async function outcome({ test, only, alone }) {
  const compiled = test.replace(/\.ts$/, '.js');
  if (!existsSync(join(copy, '.build', compiled))) throw new Error(`there is no ${test}`);
  const wrap = /^test\/(live|transport)\//.test(test) ? 'isolated' : null;
  const { tests } = await runTests([compiled], {
    cwd: join(copy, '.build'),
    wrap,
    env: { TSROUTE2_SOAK_SHARE: '0.6', ...(alone ? { TAP_GREP: only.replace(/[^\w ]/g, '.') } : {}) },
    timeout: rescued ? 600_000 : 240_000,
  });
  return tests;
}

/** Whether the test of a mutant is red among those of its file; throws when it is not there. */
function red({ test, only }, tests) {
  if (tests instanceof Error) throw tests;
  const concerned = only === '' ? tests : tests.filter((t) => t.name === only || t.name === 'the test process');
  if (concerned.length === 0) throw new Error(`${test} has no test "${only}"`);
  if (concerned.every((t) => t.status === 'skipped')) throw new Error(`${test} is skipped here`);
  return concerned.some((t) => t.status === 'failed');
}

/** The copy lies inside the repository, whose top git would apply to; the ceiling makes it a plain folder. */
const apply = (patch, ...flags) =>
  run('git', ['apply', '--unidiff-zero', '--recount', ...flags, patch], {
    cwd: copy,
    env: { GIT_CEILING_DIRECTORIES: dirname(copy) },
  });

async function judge(mutant, baseline) {
  if (mutant.test === '') return 'names no test (# red: test/...)';
  // A test that is red without the mutant says nothing about it.
  if (red(mutant, baseline.get(mutant.key))) return `${mutant.test} is red without it`;
  const applied = await apply(mutant.patch);
  if (applied.code !== 0) return `does not apply: ${tail(applied.err, 2)}`;
  const broken = await build(mutant.native);
  const verdict = broken
    ? `does not build: ${broken}`
    : await outcome(mutant).then((tests) => (red(mutant, tests) ? null : `${mutant.test} stays green`));
  // Compiled again for the next.
  await apply(mutant.patch, '-R');
  if (mutant.native) restoreAddon();
  return verdict;
}

async function main(names) {
  const all = readdirSync(folder)
    .filter((f) => f.endsWith('.patch'))
    .sort()
    .map(parse);
  const unknown = names.filter((n) => !all.some((m) => m.name === n));
  if (unknown.length > 0) throw new Error(`no mutant ${unknown.join(', ')}`);
  const mutants = names.length > 0 ? all.filter((m) => names.includes(m.name)) : all;
  await makeCopy();
  const broken = await build(false);
  if (broken) throw new Error(broken);
  const baseline = new Map();
  for (const mutant of mutants) {
    if (mutant.test === '' || baseline.has(mutant.key)) continue;
    baseline.set(mutant.key, await outcome(mutant).catch((error) => error));
  }
  console.log(`${baseline.size} files of tests were run without any`);
  const width = Math.max(6, ...mutants.map((m) => m.name.length));
  let failed = 0;
  for (const mutant of mutants) {
    const started = performance.now();
    const problem = await judge(mutant, baseline).catch((e) => e.message);
    if (problem) failed++;
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    console.log(
      `${mutant.name.padEnd(width)}  ${seconds} s  ${problem ? `NOT FOUND  ${problem}` : `found      ${mutant.test}`}`,
    );
  }
  console.log(`\n${mutants.length - failed} of ${mutants.length} mutants found`);
  return failed === 0 ? 0 : 1;
}

rescue();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
