#!/usr/bin/env node
/**
 * Builds everything that is made of TypeScript:
 *   dist/*.{js,cjs} what `import` and `require` of an export give, from dist/code by way of dist/load.cjs
 *   dist/code/      bundles for Node.js
 *   dist/esm/       bundles for programs that are bundled themselves
 *   dist/types/     declarations
 *   .build/         src, test, tools, examples and bench compiled file by file, for tests and the tour
 * The addon is built by tools/install.cjs (npm's install step).
 *
 * Usage: node tools/build.mjs [--prepare] [--no-check]
 *   --prepare   as npm's prepare script: without the development dependencies keep what is there
 *   --no-check  types are not checked and declarations not made (for mutants)
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const flags = new Set(process.argv.slice(2));

/** Source of each public entry and the bundle it becomes; an entry whose source is not there yet is left out. */
const ENTRIES = { index: 'src/index.ts', testing: 'src/testing/index.ts' };

function installed(name) {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    return null;
  }
}

/** Runs the compiler on one project; resolves to its output when it failed, to null when all is well. */
function tsc(project, ...more) {
  const bin = join(dirname(installed('typescript')), 'bin/tsc');
  return new Promise((resolve) => {
    const pretty = ['--pretty', String(process.stdout.isTTY === true)];
    const child = spawn(process.execPath, [bin, '-p', project, ...pretty, ...more], { cwd: root });
    let out = '';
    child.stdout.on('data', (d) => (out += d));
    child.stderr.on('data', (d) => (out += d));
    child.on('error', (e) => resolve(String(e)));
    child.on('close', (code) => resolve(code === 0 ? null : out || `tsc -p ${project} ended with ${code}`));
  });
}

/**
 * Two bundles of the same: `dist/esm` for programs that are bundled themselves, and `dist/code`, which Node.js loads by
 * way of `dist/load.cjs`. An ES module cannot bring along what was compiled of it before.
 */
async function bundle() {
  const { rolldown } = await import('rolldown');
  const input = Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(join(root, file))));
  const options = {
    cwd: root,
    input,
    platform: 'node',
    external: [/^node:/, 'bindings'],
    transform: { target: 'node20' },
    tsconfig: false,
    onLog(level, log, next) {
      if (level === 'warn') throw new Error(`bundle: ${log.message}`);
      next(level, log);
    },
  };
  mkdirSync(join(root, 'dist'), { recursive: true });
  for (const dir of ['esm', 'code']) rmSync(join(root, 'dist', dir), { recursive: true, force: true });
  for (const file of readdirSync(join(root, 'dist')))
    if (/\.c?js(\.map)?$/.test(file)) rmSync(join(root, 'dist', file));
  const esm = await rolldown(options);
  const { output } = await esm.write({
    dir: 'dist/esm',
    format: 'esm',
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: 'shared.js',
  });
  await esm.close();
  const code = await rolldown({ ...options, plugins: [oneChunk], preserveEntrySignatures: 'allow-extension' });
  const made = await code.write({ dir: 'dist/code', format: 'cjs', comments: false, entryFileNames: '[name].cjs' });
  await code.close();
  for (const { fileName } of made.output) finish(join(root, 'dist/code', fileName));
  cpSync(join(root, 'src/load.cjs'), join(root, 'dist/load.cjs'));
  for (const { name, isEntry, exports } of output) if (isEntry) entry(name, exports);
}

/** What `import` and `require` of an entry get: the same, from the same bundle. */
function entry(name, exports) {
  const names = exports.map((key) => `  ${key},`).join('\n');
  const all = `load('${name}.cjs')`;
  const loader = `process.getBuiltinModule('node:module').createRequire(import.meta.url)('./load.cjs')`;
  const texts = {
    js: `const { load } = ${loader};\nexport const {\n${names}\n} = ${all};\n`,
    cjs: `'use strict';\nconst {\n${names}\n} = require('./load.cjs').${all};\nmodule.exports = {\n${names}\n};\n`,
  };
  for (const [ending, text] of Object.entries(texts)) writeFileSync(join(root, 'dist', `${name}.${ending}`), text);
}

/**
 * Has every entry import the first, so that what they share is in its bundle. In one of its own, constants would be
 * members of an object, and the code that reads messages slower.
 */
const oneChunk = {
  name: 'one-chunk',
  transform: (code, id) =>
    Object.values(ENTRIES).indexOf(relative(root, id)) > 0
      ? { code: `import ${JSON.stringify(join(root, ENTRIES.index))};${code}`, map: null }
      : null,
};

/**
 * Makes a bundle the function that Node.js makes of a module. Letters outside ASCII are escaped: with one of them, the
 * engine would keep the whole text at two bytes a letter.
 */
function finish(file) {
  const code = readFileSync(file, 'utf8').replace(
    /[\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writeFileSync(file, `(function (exports, require, module, __filename, __dirname) {${code}\n})\n`);
}

/** Files below `dir`, as paths relative to it. */
function walk(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true }).filter((f) => statSync(join(dir, f)).isFile());
}

/** Output whose source was renamed or removed would still be run by the lanes and shipped in the package. */
function prune() {
  const source = (dir, file, ext) => join(root, dir, file.replace(ext, '.ts'));
  for (const f of walk(join(root, 'dist/types'))) {
    if (f.endsWith('.d.ts') && !existsSync(source('src', f, /\.d\.ts$/))) rmSync(join(root, 'dist/types', f));
  }
  for (const dir of ['src', 'test', 'tools', 'examples', 'bench']) {
    for (const f of walk(join(root, '.build', dir))) {
      if (/\.js(\.map)?$/.test(f) && !existsSync(source(dir, f, /\.js(\.map)?$/))) rmSync(join(root, '.build', dir, f));
    }
  }
  // An incremental compiler trusts its record even when the output it recorded is gone.
  if (!existsSync(join(root, 'dist/types/index.d.ts'))) rmSync(join(root, '.build/types.tsbuildinfo'), { force: true });
  if (!existsSync(join(root, '.build/src/index.js')))
    rmSync(join(root, '.build/tsconfig.tsbuildinfo'), { force: true });
}

async function main() {
  const missing = ['rolldown', 'typescript', '@types/node'].filter((n) => installed(n) === null);
  if (missing.length > 0) {
    if (flags.has('--prepare')) {
      // `npm install --omit=dev` in a checkout: nothing to build with, and that is what was asked for.
      console.log(`tsroute2: not building dist/, development dependencies are not installed (${missing.join(', ')})`);
      return 0;
    }
    console.error(`tsroute2: cannot build without ${missing.join(', ')}: run npm install`);
    return 1;
  }
  const started = performance.now();
  prune();
  const failures = [];
  const check = !flags.has('--no-check');
  const reason = (error) => String(error.message ?? error);
  const [bundled, types] = await Promise.all([
    bundle().then(() => null, reason),
    check ? tsc('tsconfig.types.json') : null,
  ]);
  for (const f of [types, bundled]) if (f) failures.push(f);
  // Tests see the package by its own name, so its declarations come first.
  const rest = await tsc('tsconfig.json', ...(check ? [] : ['--noCheck']));
  if (rest && rest !== types) failures.push(rest);
  if (check && !bundled) {
    const { status } = spawnSync(process.execPath, [join(root, 'tools/compile.cjs')], { stdio: 'inherit' });
    if (status !== 0) failures.push(`tools/compile.cjs ended with ${status}`);
  }
  for (const f of failures) console.error(f.trimEnd());
  if (failures.length === 0) console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return failures.length === 0 ? 0 : 1;
}

process.exitCode = await main();
