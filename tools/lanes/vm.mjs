/** The live suite, and tests/guest, in stock Debian kernels, in a virtual machine; and how other lanes get there. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTests, testFiles } from './launch.mjs';
import { root, run, tail } from './run.mjs';
import { keepTrace } from './traces.mjs';

const script = join(root, 'tools/vm/vm.sh');

/** Why there can be no virtual machine here, or null. Installs and fetches what is missing. */
export async function vmObstacle(suite, ...options) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `${process.platform} on ${process.arch}`;
  const { code, err } = await run('bash', [script, '--suite', suite, ...options, '--prepare'], { timeout: 900_000 });
  if (code === 0) return null;
  // Without the emulator this is a machine that cannot; all else that goes wrong is a failure.
  if (!existsSync('/usr/bin/qemu-system-x86_64')) return `no qemu-system-x86_64: ${tail(err, 1)}`;
  throw new Error(`the kernel of ${suite} could not be prepared\n${tail(err)}`);
}

/**
 * Runs lanes in one machine. Resolves to `{ results, problem, console }`: what each lane that ended gave, by name, why
 * others are missing, and what the kernel said. With `record` the attributes that the kernel sends and takes are traced.
 */
export async function inMachine(suite, how, names, timeout = 2_600_000, record = false) {
  const dir = join(root, '.build/vm', `${suite}-${names.join('-').replace(/[^\w-]/g, '_')}`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'results');
  const log = join(dir, 'console');
  const command = [process.execPath, 'tools/vm/lanes.mjs', file, how, ...names];
  const machine = ['--suite', suite, '--cwd', root, '--rw', dir, '--console', log];
  const trace = record ? ['-e', `TSROUTE2_TRACE=${join(dir, 'trace')}`] : [];
  const options = [...machine, '-e', 'TAP_TIMEOUT=2480', ...trace, '--timeout', String(timeout / 1000)];
  const { code, out, err } = await run('bash', [script, ...options, '--', ...command], { timeout: timeout + 60_000 });
  if (record) keepTrace(suite, join(dir, 'trace'));
  const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r', '') : '');
  const lines = read(file).split('\n').filter(Boolean);
  const results = new Map(lines.map((l) => JSON.parse(l)).map((r) => [r.lane, r]));
  const problem = code === 0 ? null : `the machine ended with ${code}\n${tail(out + err, 35)}`;
  return { results, problem, console: read(log) };
}

/** Lanes of the guest (tools/vm/lanes.mjs) under one kernel, as the result of the lane `lane`. */
export async function underSuite(suite, lane, names, timeout) {
  const { results, problem, console } = await inMachine(suite, '--raw', names, timeout, names.includes('suite'));
  const all = [...results.values()];
  const tests = all.flatMap((r) => r.tests);
  const failed = tests.find((t) => t.status === 'failed');
  if (failed) failed.detail = `${failed.detail}\nthe kernel's console ends:\n${tail(console, 10)}`;
  const broken = (detail) => tests.push({ file: 'tools/vm/vm.sh', name: lane, status: 'failed', detail });
  if (problem) broken(problem);
  for (const { lane: name, obstacle } of all) if (obstacle) broken(`in the guest: ${name}: ${obstacle}`);
  if (!problem) for (const name of names) if (!results.has(name)) broken(`the guest gave no result of ${name}`);
  const { kernel, iproute2 } = all[0] ?? {};
  const complaint = /^.*\b(BUG|WARNING|Oops|UBSAN|general protection fault)\b.*$/m.exec(console)?.[0];
  return {
    what: kernel ? `live suite, kernel ${kernel}, iproute2 ${iproute2}` : 'live suite, no kernel that told of itself',
    ...(complaint && { note: `the kernel said: ${complaint}` }),
    kernel,
    iproute2,
    lacks: [...new Set(all.flatMap((r) => r.lacks ?? []))],
    files: all.flatMap((r) => r.files ?? []),
    tests,
    figures: all.flatMap((r) => r.figures ?? []),
  };
}

/**
 * A lane of one kernel. `live` rows of test/skips.json hold for it, by the guest's kernel. One of them builds the modules
 * that Debian leaves out: they cost 150 MB and a minute a kernel.
 */
function underKernel(version, suite, { extra = false, modules = false } = {}) {
  return {
    name: `vm-${version}`,
    about: `live suite in Debian's kernel ${version}${extra ? ' (only when asked for)' : ''}`,
    skips: ['live', 'guest'],
    suite,
    extra,
    system: true,
    beside: true,
    async run() {
      const obstacle = await vmObstacle(suite, ...(modules ? ['--modules'] : []));
      return obstacle ? { obstacle } : underSuite(suite, this.name, ['suite', 'guest']);
    },
  };
}

/** What the machine and these lanes report when something goes wrong in it. */
export const statusLane = {
  name: 'vm-status',
  about: 'the virtual machine: a panic, a hang, a missing program, a test that fails',
  beside: true,
  async run() {
    const obstacle = await vmObstacle('bookworm');
    if (obstacle) return { obstacle };
    const files = testFiles('vm');
    return {
      what: 'what a panic, a hang and a failure report',
      files,
      ...(await runTests(files, { log: 'vm-status' })),
    };
  },
};

export const vmLanes = [
  underKernel('6.1', 'bookworm'),
  underKernel('6.12', 'bookworm-backports', { extra: true }),
  underKernel('7.2', 'trixie-backports', { modules: true }),
];
