#!/usr/bin/env node
/** House rules that a program can check. `node tools/checks/main.mjs [name ...]` runs them alone; the checks lane runs all. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run, tail } from '../lanes/run.mjs';

const MAX_LINES = 400;
const SOURCE = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs', '.cc', '.h', '.sh', '.py']);

/** Files that git tracks or would track. */
async function files(...under) {
  const { out } = await run('git', ['ls-files', '-co', '--exclude-standard', '--', ...under]);
  return out.split('\n').filter((f) => f !== '' && existsSync(join(root, f)));
}

const read = (file) => readFileSync(join(root, file), 'utf8');

/** Lines of files that match, as `file:line: text`. */
function grep(list, pattern) {
  return list.flatMap((f) =>
    read(f)
      .split('\n')
      .flatMap((text, i) => (pattern.test(text) ? [`${f}:${i + 1}: ${text.trim().slice(0, 120)}`] : [])),
  );
}

async function tool(path, ...args) {
  if (!existsSync(join(root, path))) return [`${path} is not installed`];
  const { code, out, err } = await run(process.execPath, [path, ...args]);
  return code === 0 ? [] : [tail(out + err, 60)];
}

/** Lives with the compilers of the lanes: it reads TypeScript through the JavaScript API that TypeScript 7 no longer has. */
function direction() {
  const cruise = 'tools/lanes/compilers/node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
  return tool(cruise, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err');
}

async function longFiles() {
  const list = (await files('src', 'native', 'test', 'tools', 'examples', 'bench')).filter((f) =>
    SOURCE.has(extname(f)),
  );
  const lines = (f) => read(f).trimEnd().split('\n').length;
  return list
    .map((f) => [f, lines(f)])
    .filter(([, n]) => n > MAX_LINES)
    .map(([f, n]) => `${f}: ${n} lines`);
}

/** `any` as a type; the word in a comment, in quotes or as a property name is not meant. */
async function anyInTypes() {
  const dir = 'dist/types';
  const list = readdirSync(join(root, dir), { recursive: true })
    .filter((f) => f.endsWith('.d.ts'))
    .map((f) => join(dir, f));
  return list.flatMap((f) => {
    const code = read(f)
      .replace(/\/\*[\s\S]*?\*\//g, (c) => c.replace(/[^\n]/g, ' '))
      .replace(/\/\/.*$/gm, '')
      .replace(/'[^'\n]*'/g, "''");
    return code
      .split('\n')
      .flatMap((text, i) =>
        /(?<![.\w$"'])any(?![\w$"']|\s*[?]?:|\()/.test(text) ? [`${f}:${i + 1}: ${text.trim()}`] : [],
      );
  });
}

/** Nothing that only makes sense on the machine or in the folder where it was written. */
async function privatePaths() {
  const list = (await files()).filter((f) => statSync(join(root, f)).size < 2_000_000 && f !== 'tools/checks/main.mjs');
  const names = grep(list, /\.\.\/shared\b|\/work\/|CONTEXT\.tmp|\/root\/\.|\/tmp\/bash_/);
  return names.filter((l) => !l.startsWith('CONTEXT.tmp.md'));
}

async function unfinished() {
  const list = (await files())
    .filter((f) => SOURCE.has(extname(f)) || f.endsWith('.md'))
    .filter((f) => f !== 'tools/checks/main.mjs');
  return grep(
    list.filter((f) => !f.startsWith('CONTEXT.tmp')),
    /\b(TODO|FIXME|XXX|HACK)\b/,
  );
}

/** Lock files must work with any registry: no address of one in them. */
async function lockFiles() {
  const list = (await files()).filter((f) => f.endsWith('package-lock.json'));
  return grep(
    list,
    /"resolved"|https?:\/\/(?!(github\.com|opencollective\.com|[\w.-]+\/(sponsors?|fund|donate)))/,
  ).filter((l) => !/"url":/.test(l));
}

/** What `npm pack` would ship: no tests, no sources of other rooms, and the pieces a user cannot do without. */
async function shipped() {
  const { code, out, err } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json']);
  if (code !== 0) return [tail(err)];
  const list = JSON.parse(out)[0].files.map((f) => f.path);
  const allowed =
    /^(dist|native|docs)\/|^(binding\.gyp|package\.json|README\.md|CHANGELOG\.md|LICENSE|NOTICE|tools\/(compile|install)\.cjs)$/;
  const needed = [
    'dist/index.js',
    'dist/index.cjs',
    'dist/load.cjs',
    'dist/code/index.cjs',
    'dist/esm/index.js',
    'dist/types/index.d.ts',
    'binding.gyp',
    'tools/compile.cjs',
    'tools/install.cjs',
    'README.md',
    'LICENSE',
    'NOTICE',
  ];
  const wrong = list.filter((f) => !allowed.test(f)).map((f) => `${f} must not be shipped`);
  return [...wrong, ...needed.filter((f) => !list.includes(f)).map((f) => `${f} is missing from the package`)];
}

/** Whether a file of tests has one of this name, as far as can be told where titles are computed. */
function hasTest(file, name) {
  if (!existsSync(join(root, file))) return false;
  const text = read(file);
  return text.replaceAll("\\'", "'").includes(name.split(' > ').at(-1)) || /\.test\((?!\s*['"])/.test(text);
}

/**
 * Patches of test/mutants that their lines have moved away from, and tests that they name but nobody wrote: they would
 * be told of only after all lanes.
 */
async function mutantsApply() {
  const wrong = [];
  for (const f of await files('test/mutants/*.patch')) {
    const [, file, name = ''] = /^# red: (\S+)(?: > (.+))?$/m.exec(read(f)) ?? [];
    if (file === undefined || !hasTest(file, name)) wrong.push(`${f}: names no test that there is`);
    const { code, err } = await run('git', ['apply', '--unidiff-zero', '--recount', '--check', f]);
    if (code !== 0) wrong.push(`${f}: ${tail(err, 1)}`);
  }
  return wrong;
}

const CHECKS = {
  'biome: lint and format': () =>
    tool(
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      '--error-on-warnings',
      '--max-diagnostics=30',
      '--colors=off',
      '.',
    ),
  'dependency-cruiser: direction of imports': () => direction(),
  'knip: unused files, exports and dependencies': () =>
    tool('node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  [`no file over ${MAX_LINES} lines`]: longFiles,
  'no any in the declarations': anyInTypes,
  'no path of one machine': privatePaths,
  'nothing left to do in comments': unfinished,
  'lock files name no registry': lockFiles,
  'what is shipped': shipped,
  'mutants apply': mutantsApply,
};

/** The checks lane. */
export async function checks(only = []) {
  const tests = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    if (only.length > 0 && !only.some((o) => name.includes(o))) continue;
    const problems = await check();
    const status = problems.length > 0 ? 'failed' : 'passed';
    tests.push({ file: 'tools/checks/main.mjs', name, status, detail: problems.join('\n') });
  }
  return { what: `${tests.length} checks`, tests };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { tests } = await checks(process.argv.slice(2));
  for (const t of tests)
    console.log(`${t.status === 'passed' ? 'ok    ' : 'not ok'} ${t.name}${t.detail ? `\n${t.detail}` : ''}`);
  process.exitCode = tests.every((t) => t.status === 'passed') ? 0 : 1;
}
