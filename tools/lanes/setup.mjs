/**
 * What the lanes need beyond npm's dependencies: some Debian packages, and other Node.js versions and compilers (npm
 * packages of their own, so that neither users nor a plain `npm install` download them). Says what it installs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { executable, isRoot } from './launch.mjs';
import { root, run, tail } from './run.mjs';

const has = (command) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin', '/sbin')
    .some((d) => executable(join(d, command)));

async function hasAsan() {
  const { code, out } = await run('g++', ['-print-file-name=libasan.so']);
  return code === 0 && out.trim().startsWith('/');
}

/** Debian package, what it is for, how its presence is seen, and whether the lanes can do nothing without it. */
const PACKAGES = [
  { name: 'iproute2', why: 'second witness of the live tests', there: () => has('ip') && has('bridge'), hard: true },
  {
    name: 'util-linux',
    why: 'namespaces for the tests',
    there: () => ['unshare', 'nsenter', 'setpriv'].every(has),
    hard: true,
  },
  { name: 'g++', why: 'builds the addon', there: () => has('g++') && hasAsan(), hard: true },
  { name: 'make', why: 'builds the addon', there: () => has('make'), hard: true },
  { name: 'python3', why: 'node-gyp', there: () => has('python3'), hard: true },
  {
    name: 'strace',
    why: 'the capture tool, and the test that namespaces take no process',
    there: () => has('strace'),
    hard: false,
  },
  {
    name: 'openvswitch-switch',
    why: 'the test of bridges of Open vSwitch, which starts the daemons itself',
    there: () => has('ovs-vswitchd') && has('ovs-vsctl'),
    hard: false,
  },
  { name: 'libteam-utils', why: 'the test of team devices by teamd', there: () => has('teamd'), hard: false },
];

async function debian() {
  const missing = [];
  for (const p of PACKAGES) if (!(await p.there())) missing.push(p);
  if (missing.length === 0) return true;
  const names = missing.map((p) => p.name);
  const list = missing.map((p) => `  ${p.name.padEnd(12)} ${p.why}`).join('\n');
  if (isRoot && has('apt-get')) {
    console.log(`Installing Debian packages:\n${list}`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run('apt-get', ['-qq', 'update'], { env });
    const install = await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...names], { env });
    if (install.code === 0) return true;
    console.error(tail(update.err + install.err));
  }
  console.error(`Missing on this machine:\n${list}\n  install them with: sudo apt-get install ${names.join(' ')}`);
  return !missing.some((p) => p.hard);
}

/** Installs what the lock file of a folder says, unless it is there. Optional packages are for other machines. */
async function packages(folder) {
  const dir = join(root, 'tools/lanes', folder);
  const read = (file) =>
    existsSync(join(dir, file)) ? JSON.parse(readFileSync(join(dir, file), 'utf8')).packages : {};
  const fits = ([path, p]) => path !== '' && (!p.cpu || [p.cpu].flat().includes(process.arch));
  const wanted = Object.entries(read('package-lock.json')).filter(fits);
  const got = read('node_modules/.package-lock.json');
  if (wanted.every(([path, p]) => got[path]?.version === p.version)) return;
  const names = Object.keys(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).dependencies ?? {});
  const list = names.length > 0 ? names : wanted.map(([path]) => path.replace('node_modules/', ''));
  console.log(`Installing npm packages into tools/lanes/${folder}: ${list.join(', ')}`);
  const { code, err } = await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: dir });
  // Not fatal: the lanes that need one of them say so.
  if (code !== 0) console.error(tail(err, 5));
}

/** Prepares the machine for the lanes; false when something is missing that no lane can do without. */
export async function setup(lanes) {
  const system = process.platform === 'linux' && lanes.some((l) => l.system);
  if (system && !(await debian())) return false;
  for (const folder of new Set(lanes.flatMap((l) => l.packages ?? []))) await packages(folder);
  return true;
}
