/** Threads of this process. One that was waited for may still be listed, on a busy machine for a long moment. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export const threadCount = (): number => readdirSync('/proc/self/task').length;

/** How many there are when their number stands still. */
export async function calmThreads(): Promise<number> {
  let count = threadCount();
  for (let calm = 0, tries = 0; calm < 10 && tries < 400; tries++) {
    await sleep(5);
    const next = threadCount();
    calm = next === count ? calm + 1 : 0;
    count = next;
  }
  return count;
}
