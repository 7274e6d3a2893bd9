/** The three parts of a soak: cycles one after the other, workers that are terminated, many sockets at once. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { IPRoute, netns } from 'tsroute2';
import { type Arena, chance } from './arena.js';
import { memory, type Sample, settle, turn } from './gauge.js';
import { choose, kinds } from './kinds.js';
import type { WorkerTask } from './worker.js';

/** So that garbage does not have memory grow: how much of it there may be is for Node.js to choose, and grows for a while. */
const COLLECT_EVERY = 10;
/** Between two looks at the memory. */
const SAMPLE_EVERY = 200;

/** How many there were of each kind, and how many milliseconds they took. */
export type Tally = Record<string, { times: number; ms: number }>;

function note(tally: Tally, name: string, ms: number): void {
  tally[name] ??= { times: 0, ms: 0 };
  tally[name].times++;
  tally[name].ms += ms;
}

/** Runs `cycles`, fewer when it is late. */
export async function runCycles(
  place: Arena,
  cycles: number,
  until: number,
  kind: string,
  samples: Sample[],
): Promise<Tally> {
  const tally: Tally = {};
  const list = kinds(place, kind);
  for (let i = 1; i <= cycles && Date.now() < until; i++) {
    const { name, run } = choose(list, place.below);
    const start = performance.now();
    try {
      await run(place);
    } catch (error) {
      throw new Error(`cycle ${i}, ${name}`, { cause: error });
    }
    await turn();
    note(tally, name, performance.now() - start);
    if (i % COLLECT_EVERY === 0) await settle(1);
    if (i % SAMPLE_EVERY === 0) samples.push([i, await memory()]);
  }
  return tally;
}

/** One worker's life. Resolves to what it was doing. */
async function life(task: WorkerTask, ms: number): Promise<string> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task });
  const failed = once(worker, 'error').then(([error]) => {
    throw new Error(`worker ${task.turn}`, { cause: error });
  });
  // Mostly it is terminated before it can fail.
  failed.catch(() => {});
  const [name] = (await Promise.race([once(worker, 'message'), failed])) as [string];
  await Promise.race([sleep(ms), failed]);
  await worker.terminate();
  await turn();
  return name;
}

/** Starts `workers`, two at a time, and terminates each in the middle of what it does. */
export async function runWorkers(
  place: Arena,
  workers: number,
  until: number,
  kind: string,
  mark: string,
): Promise<Tally> {
  const tally: Tally = {};
  const below = chance(workers);
  for (let i = 0; i < workers && Date.now() < until; i += 2) {
    const start = performance.now();
    const lives = [i, i + 1].slice(0, workers - i).map((turn) => {
      const task: WorkerTask = { netns: place.netns, mark: `${mark}w${turn}-`, turn, kind };
      return life(task, below(16));
    });
    const names = await Promise.all(lives);
    for (const name of names) note(tally, name, (performance.now() - start) / names.length);
    await removeMarked(`${mark}w`);
  }
  return tally;
}

/** Removes what terminated programs left: namespaces with names are there for all, and stay until somebody removes them. */
export async function removeMarked(mark: string): Promise<void> {
  for (const name of netns.list()) if (name.startsWith(mark)) await netns.remove(name);
}

/** One of so many sockets has a cache thread. */
const CACHED = 40;

/** Opens `many` sockets, half of them waiting for events, uses all, and closes them. Resolves to how many were open. */
export async function runMany(place: Arena, many: number): Promise<number> {
  const open: IPRoute[] = [];
  const waits: Promise<unknown>[] = [];
  let most = 0;
  try {
    for (let i = 0; i < many; i++) {
      const listening = i % 2 === 1;
      open.push(new IPRoute(i % 4 < 2 ? {} : { netns: place.netns, ...(listening && { groups: ['link' as const] }) }));
      if (i % CACHED === 1) open[i]!.bind({ async: true });
      if (listening) waits.push(open[i]!.get().catch(() => {}));
    }
    most = open.length;
    const links = await Promise.all(open.map((ipr) => ipr.link('get', { dev: 'lo' })));
    if (links.some(({ index }) => index !== 1)) throw new Error('void: a socket gave no lo');
  } finally {
    await Promise.all(open.map((ipr) => ipr.close()));
    await Promise.all(waits);
  }
  return most;
}
