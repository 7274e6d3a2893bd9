/** What a process holds of the system, and how its memory grows. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** Collects garbage now. */
const collect = runInNewContext('gc') as () => void;

/** Lets the event loop turn, so that what is closed goes away. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Held {
  fds: number;
  tasks: number;
}

const held = (): Held => ({
  fds: readdirSync('/proc/self/fd').length,
  tasks: readdirSync('/proc/self/task').length,
});

/** What descriptors lead to, without their numbers: for telling which are too many. */
export function descriptors(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, 'N');
    } catch {
      return 'gone';
    }
  });
}

/** Garbage collected, and what its finalizers left to the event loop done. */
export async function settle(rounds = 3): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    collect();
    await turn();
  }
}

/**
 * What is held once it stays the same, or is as `expected`: a thread that was joined is listed for a moment longer, on a
 * busy machine for a long one.
 */
export async function count(expected?: Held): Promise<Held> {
  await settle();
  let last = held();
  const done = () => expected?.fds === last.fds && expected.tasks === last.tasks;
  for (let same = 0, i = 0; i < 500 && (expected === undefined ? same < 5 : !done()); i++) {
    await sleep(10);
    const next = held();
    same = next.fds === last.fds && next.tasks === last.tasks ? same + 1 : 0;
    last = next;
  }
  return last;
}

/** Resident memory in bytes, after garbage was collected. */
export async function memory(): Promise<number> {
  await settle();
  return process.memoryUsage.rss();
}

/** A point of a line: cycles, bytes. */
export type Sample = readonly [x: number, y: number];

/** By how much y grows for each x: the line with the least squares. */
export function slope(samples: readonly Sample[]): number {
  const n = samples.length;
  if (n < 2) return 0;
  const mean = (k: 0 | 1) => samples.reduce((sum, s) => sum + s[k], 0) / n;
  const [x, y] = [mean(0), mean(1)];
  const above = samples.reduce((sum, s) => sum + (s[0] - x) * (s[1] - y), 0);
  const below = samples.reduce((sum, s) => sum + (s[0] - x) ** 2, 0);
  return above / below;
}
