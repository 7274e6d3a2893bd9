/** How a set of test files is launched: node binary, flags, wrapper process, and the namespaces around it. */
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { machinePrefix, rescued } from './rescue.mjs';
import { root, run, succeeds, tail } from './run.mjs';
import { collector, sourceOf } from './tap.mjs';

export const isRoot = process.getuid?.() === 0;
const NOBODY = '65534';

/** Compiled test files below `.build/test/<dir>`, sorted. */
export function testFiles(dir, base = join(root, '.build')) {
  const top = join(base, 'test', dir);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true })
    .filter((f) => f.endsWith('.test.js'))
    .sort()
    .map((f) => join('test', dir, f));
}

/**
 * `/run` becomes an empty filesystem of this process only: names of namespaces that tests leave there go with it, and
 * an unprivileged user may write them. A step that fails ends the lane, not the machine's own namespace.
 */
const INSIDE = 'mount -t tmpfs tmpfs /run && exec "$@"';

/** Prefix of a command that runs in network and mount namespaces of its own, as root there. */
export function isolated() {
  const unshare = isRoot ? ['unshare', '-nm'] : ['unshare', '-Urnm'];
  const command = [...unshare, 'sh', '-c', INSIDE, 'sh'];
  return rescued ? [...machinePrefix(), ...command] : command;
}

/** Why live tests cannot run here at all, or null. */
export async function liveObstacle() {
  if (process.platform !== 'linux') return 'not Linux';
  if (rescued) return 'rtnetlink of this machine does not answer, and emulation is too slow for this lane';
  const [command, ...args] = isolated();
  return (await succeeds(command, ...args, 'true')) ? null : 'this machine does not allow new network namespaces';
}

/** Why an ordinary user cannot make a user namespace here, or null. */
export async function userObstacle() {
  const [command, ...args] = asUser('true');
  return (await succeeds(command, ...args)) ? null : 'this machine does not allow user namespaces to ordinary users';
}

/** A node binary that every user may execute: a copy when the original is below someone's home. */
async function reachableNode() {
  if (await succeeds('setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', process.execPath, '-v')) {
    return process.execPath;
  }
  const copy = join(root, '.build/bin/node');
  if (!existsSync(copy)) {
    mkdirSync(join(root, '.build/bin'), { recursive: true });
    copyFileSync(process.execPath, copy);
  }
  return '.build/bin/node';
}

/** Where an ordinary user sees the tree: the folders above it may be closed to others. */
const SEEN_AT = '/mnt';
const BIND = `mount --bind "$0" ${SEEN_AT} && cd ${SEEN_AT} && exec "$@"`;

/** The command, run as an ordinary user in a user namespace. From root, the tree is mounted where everybody can read it. */
export function asUser(...command) {
  const inner = ['unshare', '-Urnm', 'sh', '-c', INSIDE, 'sh', ...command];
  if (!isRoot) return inner;
  const drop = ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'];
  return ['unshare', '-m', 'sh', '-c', BIND, root, ...drop, ...inner];
}

/**
 * Runs test files in one process. Options: `node` binary, `flags`, `script` (runner.mjs or worker.mjs), `cwd` that the
 * files are relative to, `wrap` 'isolated' | 'user' | null, `log` name, `timeout`, `env` besides this process's.
 * Resolves to `{ tests, figures }`; a process that died or hung is one more failed test.
 */
export async function runTests(files, options = {}) {
  const {
    script = 'runner.mjs',
    flags = [],
    wrap = null,
    cwd = join(root, '.build'),
    log,
    timeout = 2_500_000,
  } = options;
  const moved = wrap === 'user' && isRoot;
  const place = (path) => (moved ? path.replace(root, SEEN_AT) : path);
  const node = options.node ?? (moved ? await reachableNode() : process.execPath);
  const absolute = files.map((f) => place(join(cwd, f)));
  let command = [node, ...flags, place(join(root, 'tools/lanes', script)), ...absolute];
  if (wrap === 'isolated') command = [...isolated(), ...command];
  if (wrap === 'user') command = asUser(...command);
  const tap = collector();
  // One lane soaks for long; elsewhere a tenth has to do.
  const env = { TSROUTE2_SOAK_SHARE: '0.1', ...options.env, ...(wrap === 'user' ? { HOME: '/tmp' } : {}) };
  const result = await run(command[0], command.slice(1), { env, timeout, onOut: (text) => tap.write(text) });
  const last = tap.file || 'tools/lanes';
  const { tests, figures, problem } = tap.end();
  if (log) {
    mkdirSync(join(root, '.build/logs'), { recursive: true });
    writeFileSync(join(root, '.build/logs', `${basename(log)}.tap`), `${result.out}\n${result.err}`);
  }
  let died = problem;
  if (result.timedOut) died = `hung for ${timeout / 1000} s`;
  else if (result.code !== 0 && !tests.some((t) => t.status === 'failed')) died = `ended with ${result.code}`;
  if (died) {
    const detail = `the test process: ${died}\n${tail(result.err)}`;
    tests.push({ file: last, name: 'the test process', status: 'failed', detail });
  } else {
    // One file can end what the others would have added to.
    const ran = new Set(tests.map(({ file }) => file));
    for (const file of files.map(sourceOf))
      if (!ran.has(file)) tests.push({ file, name: 'the file', status: 'failed', detail: 'none of its tests ran' });
  }
  return { tests, figures };
}

/** Results of several processes as one. */
export function merge(results) {
  return { tests: results.flatMap((r) => r.tests), figures: results.flatMap((r) => r.figures) };
}

/** Files that take long, in seconds, where another takes one. Only how evenly they are dealt out hangs on it. */
const LONG = new Map([
  ['test/testing/resync', 140],
  ['test/fuzz/golden', 45],
  ['test/live/soak', 70],
  ['test/live/soak-workers', 60],
  ['test/live/resync-silent', 26],
  ['test/live/both-kernels', 25],
  ['test/live/loop-delay', 16],
  ['test/testing/keep-route', 15],
  ['test/live/proxy-cache', 14],
  ['test/live/tour', 12],
  ['test/codec/alike', 12],
  ['test/bundles/load', 10],
  ['test/live/ends', 9],
  ['test/testing/both', 8],
  ['test/live/events-equal', 7],
]);

/** Files in so many piles that take about as long. */
export function deal(files, count) {
  const seconds = (file) => LONG.get(file.replace('.test.js', '')) ?? 1;
  const piles = Array.from({ length: Math.min(count, files.length) }, () => ({ files: [], sum: 0 }));
  for (const file of files.toSorted((a, b) => seconds(b) - seconds(a))) {
    const lightest = piles.reduce((a, b) => (b.sum < a.sum ? b : a));
    lightest.files.push(file);
    lightest.sum += seconds(file);
  }
  return piles.map((pile) => pile.files.sort());
}

/** Several processes at once, the files dealt out among them. For tests that touch nothing outside what `wrap` makes. */
export async function runShards(files, shards, options) {
  const results = await Promise.all(
    deal(files, shards).map((pile, i) => runTests(pile, { ...options, log: `${options.log}-${i + 1}` })),
  );
  return merge(results);
}

/**
 * The live suite: its tests wait more than they compute, and each process has namespaces of its own. In an emulated
 * machine, starting a process takes longer than that saves.
 */
export const runLive = (files, options) => runShards(files, process.env.TSROUTE2_VM ? 1 : 3, options);

/** Whether a path can be executed. */
export function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
