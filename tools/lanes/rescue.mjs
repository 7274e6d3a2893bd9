/**
 * A machine whose rtnetlink hangs (a task died holding the RTNL lock) still runs every lane: those that need rtnetlink
 * in the virtual machine, all else without route netlink sockets. See tools/vm/rtnetlink.sh.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './run.mjs';
import { inMachine, vmObstacle } from './vm.mjs';

const script = join(root, 'tools/vm/rtnetlink.sh');
const SUITE = 'bookworm-backports';

/** Lanes for the machine, by start. One start for many: a start takes seconds. */
const STARTS = [
  ['native', 'live-node20', 'live-node22'],
  ['live-node24', 'worker', 'no-codegen', 'user', 'docs'],
];

/** Whether route netlink is shut off for this process, because it would hang. */
export const rescued = process.env.TSROUTE2_RTNL === 'dead';

/** Runs this program again without route netlink when it would hang; then there is no return. */
export function rescue() {
  if (rescued || process.platform !== 'linux') return;
  if (spawnSync('bash', [script, 'probe'], { stdio: 'ignore' }).status === 0) return;
  const again = [script, 'run', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync('bash', again, { stdio: 'inherit' }).status ?? 1);
}

/** Prefix of a command that runs in the virtual machine. */
export function machinePrefix() {
  const options = ['--suite', SUITE, '-e', 'TAP_TIMEOUT=600', '--timeout', '900'];
  return ['bash', join(root, 'tools/vm/vm.sh'), ...options, '--'];
}

/** What the lanes that cannot run here gave in the virtual machine, by name. */
export async function rescuedLanes(selection) {
  const wanted = STARTS.map((names) => names.filter((n) => selection.some((l) => l.name === n)));
  const starts = wanted.filter((names) => names.length > 0);
  if (!rescued || starts.length === 0) return new Map();
  const obstacle = await vmObstacle(SUITE);
  const outcomes = await Promise.all(starts.map((names) => start(names, obstacle)));
  return new Map(outcomes.flat());
}

async function start(names, obstacle) {
  if (obstacle) return names.map((lane) => [lane, { lane, what: lane, obstacle, tests: [], ms: 0 }]);
  const { results, problem } = await inMachine(SUITE, '--judge', names);
  return names.map((lane) => {
    const failed = { file: 'tools/vm/vm.sh', name: lane, status: 'failed', detail: problem ?? 'gave no result' };
    const result = results.get(lane) ?? { lane, what: 'in the virtual machine', tests: [failed], ms: 0 };
    return [lane, { ...result, what: `${result.what}, in kernel ${result.kernel ?? '-'}` }];
  });
}
