/** What a soak found, in words. */
import type { Tally } from './phases.js';
import { type Soaked, type SoakOptions, WARM_UP } from './soak.js';

/** Bytes a cycle. */
const MOST = 1024;

const times = (tally: Tally): number => Object.values(tally).reduce((sum, { times }) => sum + times, 0);

/** What should not be. */
export function problems(found: Soaked, { cycles, workers, sockets }: SoakOptions, memory: boolean): string[] {
  const wrong: string[] = [];
  const parts = { cycles: found.afterCycles, workers: found.afterWorkers, sockets: found.afterSockets };
  for (const [part, after] of Object.entries(parts))
    for (const what of ['fds', 'tasks'] as const)
      if (after[what] !== found.before[what])
        wrong.push(`${what} after ${part}: ${after[what]}, before there were ${found.before[what]}`);
  if (found.descriptors.length > 0) wrong.push(`descriptors left: ${found.descriptors.slice(0, 10).join(', ')}`);
  if (found.left.length > 0) wrong.push(`namespaces left: ${found.left.join(', ')}`);
  if (found.listeners > 0) wrong.push(`${found.listeners} listeners left at a signal`);
  if (found.sockets !== sockets) wrong.push(`${found.sockets} sockets were open at once, not ${sockets}`);
  if (memory && found.samples > 0 && found.slope > MOST)
    wrong.push(`memory grows by ${Math.round(found.slope)} bytes a cycle`);
  const late = { cycles: [times(found.cycles), cycles], workers: [times(found.workers), workers] };
  for (const [part, [ran, wanted]] of Object.entries(late))
    if (ran !== wanted) console.error(`note: the time was over after ${ran} ${part} of ${wanted}`);
  return wrong;
}

/** A table for people. */
export function table(found: Soaked, seconds: number): string {
  const lines = [`${'kind'.padEnd(32)}${'cycles'.padStart(8)}${'ms each'.padStart(10)}${'workers'.padStart(9)}`];
  const names = [...new Set([...Object.keys(found.cycles), ...Object.keys(found.workers)])].sort();
  for (const name of names) {
    const { times, ms } = found.cycles[name] ?? { times: 0, ms: 0 };
    const each = times === 0 ? '' : (ms / times).toFixed(2);
    const workers = found.workers[name]?.times ?? 0;
    lines.push(`${name.padEnd(32)}${String(times).padStart(8)}${each.padStart(10)}${String(workers).padStart(9)}`);
  }
  lines.push(
    `${'together'.padEnd(32)}${String(times(found.cycles)).padStart(8)}${''.padStart(10)}${String(times(found.workers)).padStart(9)}`,
    '',
    `${found.sockets} sockets open at once; ${seconds.toFixed(1)} s in all`,
  );
  const row = (name: string, of: { fds: number; tasks: number }) =>
    `${name.padEnd(16)}${String(of.fds).padStart(5)} descriptors${String(of.tasks).padStart(5)} threads`;
  lines.push(row('before', found.before), row('after cycles', found.afterCycles));
  lines.push(row('after workers', found.afterWorkers), row('after sockets', found.afterSockets));
  const slope =
    found.samples > 1
      ? `${Math.round(found.slope)} bytes a cycle after ${WARM_UP}, of ${found.samples} samples`
      : `not judged: fewer than ${WARM_UP} cycles`;
  lines.push(`resident memory: ${slope}`);
  return lines.join('\n');
}
