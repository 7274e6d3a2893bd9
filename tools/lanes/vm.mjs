/** The live suite in stock Debian kernels, in a virtual machine; and how other lanes get there. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, tail } from './run.mjs';
import { keepTrace } from './traces.mjs';

const script = join(root, 'tools/vm/vm.sh');

/** Why there can be no virtual machine here, or null. Installs and fetches what is missing. */
export async function vmObstacle(suite) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `${process.platform} on ${process.arch}`;
  const { code, err } = await run('bash', [script, '--suite', suite, '--prepare'], { timeout: 900_000 });
  if (code === 0) return null;
  // Without the emulator this is a machine that cannot; all else that goes wrong is a failure.
  if (!existsSync('/usr/bin/qemu-system-x86_64')) return `no qemu-system-x86_64: ${tail(err, 1)}`;
  throw new Error(`the kernel of ${suite} could not be prepared\n${tail(err)}`);
}

/**
 * Runs lanes in one machine. Resolves to `{ results, problem }`: what each lane that ended gave, by name, and why
 * others are missing. With `record` the attributes that the kernel sends and takes are traced.
 */
export async function inMachine(suite, how, names, timeout = 1_500_000, record = false) {
  const dir = join(root, '.build/vm', `${suite}-${names.join('-')}`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'results');
  const command = [process.execPath, 'tools/vm/lanes.mjs', file, how, ...names];
  const options = [
    '--suite',
    suite,
    '--cwd',
    root,
    '--rw',
    dir,
    '-e',
    'TAP_TIMEOUT=600',
    ...(record ? ['-e', `TSROUTE2_TRACE=${join(dir, 'trace')}`] : []),
    '--timeout',
    String(timeout / 1000),
  ];
  const { code, out, err } = await run('bash', [script, ...options, '--', ...command], { timeout: timeout + 60_000 });
  if (record) keepTrace(suite, join(dir, 'trace'));
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const results = new Map(lines.map((l) => JSON.parse(l)).map((r) => [r.lane, r]));
  return { results, problem: code === 0 ? null : `the machine ended with ${code}\n${tail(out + err, 35)}` };
}

async function suiteUnder(suite, name) {
  const obstacle = await vmObstacle(suite);
  if (obstacle) return { obstacle };
  const { results, problem } = await inMachine(suite, '--raw', ['suite'], undefined, true);
  const all = [...results.values()];
  const tests = all.flatMap((r) => r.tests);
  if (problem) tests.push({ file: 'tools/vm/vm.sh', name, status: 'failed', detail: problem });
  const inner = all.find((r) => r.obstacle)?.obstacle;
  if (inner) tests.push({ file: 'tools/vm/vm.sh', name, status: 'failed', detail: `in the guest: ${inner}` });
  const kernel = all[0]?.kernel;
  return {
    what: `live suite, kernel ${kernel ?? 'did not start'}`,
    kernel,
    files: all.flatMap((r) => r.files ?? []),
    tests,
    figures: all.flatMap((r) => r.figures ?? []),
  };
}

/** A lane of one kernel. `live` rows of test/skips.json hold for it, by the guest's kernel. */
function underKernel(version, suite, extra) {
  return {
    name: `vm-${version}`,
    about: `live suite in Debian's kernel ${version}${extra ? ' (only when asked for)' : ''}`,
    skips: ['live'],
    suite,
    extra,
    system: true,
    run() {
      return suiteUnder(suite, this.name);
    },
  };
}

export const vmLanes = [
  underKernel('6.1', 'bookworm', false),
  underKernel('6.12', 'bookworm-backports', true),
  underKernel('7.2', 'trixie-backports', false),
];
