'use strict';

// The package's install script: builds the native addon with node-gyp, quietly, and only where it is of use; then has
// the library compiled beforehand (compile.cjs).
// CommonJS and old syntax on purpose: it runs before anything is known about the Node.js that installs the package.

const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync, statSync } = require('node:fs');
const { dirname, join, sep } = require('node:path');

const root = dirname(__dirname);
const addon = join(root, 'build', 'Release', 'tsroute2.node');

/** What a build needs: the command that shows it is there, and the Debian package to install when it is not. */
const TOOLS = [
  {
    name: 'python3',
    commands: [process.env.npm_config_python, process.env.PYTHON, 'python3', 'python'],
    debian: 'python3',
  },
  { name: 'make', commands: [process.env.MAKE, 'make'], debian: 'make' },
  { name: 'g++', commands: [process.env.CXX?.trim().split(' ').pop(), 'g++'], debian: 'g++' },
];

function runs(command) {
  return Boolean(command) && spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Whether the addon of an earlier build is newer than its sources and loads in this Node.js. */
function upToDate() {
  if (!existsSync(addon)) return false;
  const sources = readdirSync(join(root, 'native')).map((name) => join(root, 'native', name));
  const newest = Math.max(...sources.concat(join(root, 'binding.gyp')).map((path) => statSync(path).mtimeMs));
  if (statSync(addon).mtimeMs < newest) return false;
  // In a process of its own: a broken file must not take this one down.
  return spawnSync(process.execPath, ['-e', 'require(process.argv[1])', addon], { stdio: 'ignore' }).status === 0;
}

/** Headers that came with this Node.js save a download; a folder that the environment names goes first. */
function localHeaders() {
  const prefix = dirname(dirname(process.execPath));
  try {
    const text = readFileSync(join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    const part = (name) => (new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text) || [])[1];
    const version = [part('MAJOR'), part('MINOR'), part('PATCH')].join('.');
    if (version === process.versions.node && existsSync(join(prefix, 'include', 'node', 'common.gypi'))) return prefix;
  } catch (_) {
    // No headers beside it: node-gyp fetches them.
  }
  return undefined;
}

function fail(message) {
  process.stderr.write(`tsroute2: ${message}\n`);
  process.exit(1);
}

function buildAddon() {
  // Importing the package works everywhere; only opening a socket needs Linux and the addon.
  if (process.platform !== 'linux' || upToDate()) return;

  const missing = TOOLS.filter((tool) => !tool.commands.some(runs));
  if (missing.length > 0) {
    const names = missing.map((tool) => tool.name).join(', ');
    const packages = missing.map((tool) => tool.debian).join(' ');
    fail(
      `the native addon cannot be built, missing: ${names}\n` +
        `  On Debian or Ubuntu: apt-get install ${packages}\n` +
        '  Then: npm rebuild tsroute2',
    );
  }

  const env = Object.assign({}, process.env);
  if (!env.npm_config_nodedir && !env.npm_package_config_node_gyp_nodedir) {
    const headers = localHeaders();
    if (headers) env.npm_config_nodedir = headers;
  }
  const args = [require.resolve('node-gyp/bin/node-gyp.js'), 'rebuild'];
  // As a dependency, a warning of a compiler that came after this release is no reason to fail.
  if (root.split(sep).includes('node_modules')) args.push('--', '-Dwerror=0');
  const build = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout || ''}${build.stderr || ''}`);
    fail(`building the native addon failed${build.error ? `: ${build.error.message}` : ''} (output above)`);
  }
}

buildAddon();
// Without this programs only start more slowly. A checkout has no bundles yet: its build does the same.
if (existsSync(join(root, 'dist', 'load.cjs'))) {
  spawnSync(process.execPath, [join(__dirname, 'compile.cjs')], { stdio: 'ignore' });
}
