/** A long life in short: what is left after many cycles, workers and sockets, and how memory grows. */
import { getEventListeners } from 'node:events';
import { netns } from 'tsroute2';
import { arena, prepare } from './arena.js';
import { count, descriptors, type Held, type Sample, slope } from './gauge.js';
import { removeMarked, runCycles, runMany, runWorkers, type Tally } from './phases.js';

export interface SoakOptions {
  cycles: number;
  workers: number;
  /** Sockets open at once. */
  sockets: number;
  seed: number;
  /** Words in the name of the kinds of cycles that are run; empty: all. */
  kind: string;
  /** Milliseconds after which nothing more is begun. */
  ms: number;
}

export interface Soaked {
  cycles: Tally;
  workers: Tally;
  sockets: number;
  /** Before, and after each part. */
  before: Held;
  afterCycles: Held;
  afterWorkers: Held;
  afterSockets: Held;
  /** Bytes by which resident memory grows with each cycle, after the first 2,000. */
  slope: number;
  /** How many samples that is of. */
  samples: number;
  /** Listeners at a signal that outlived all. */
  listeners: number;
  /** Names of namespaces. */
  left: string[];
  /** Where descriptors lead to that were not there before. */
  descriptors: string[];
}

/** Cycles in which caches fill and the compiler works. */
export const WARM_UP = 2000;

/** Those before the first look: with them the threads of the pool start, and what is opened once for good. */
const FIRST = 200;

function additional(before: string[], after: string[]): string[] {
  const rest = [...after];
  for (const one of before) if (rest.includes(one)) rest.splice(rest.indexOf(one), 1);
  return rest;
}

export async function soak({ cycles, workers, sockets, seed, ms, kind }: SoakOptions): Promise<Soaked> {
  const until = Date.now() + ms;
  const mark = `soak-${process.pid}-`;
  const place = arena(`${mark}arena`, mark, seed);
  const samples: Sample[] = [];
  try {
    await prepare(place.netns);
    await runCycles(arena(place.netns, `${mark}first-`, seed), FIRST, until, kind, []);
    // libuv opens one for good with its first stream, which is one of these or of a worker.
    void [process.stdout, process.stderr];
    if (workers > 0) await runWorkers(place, 2, until, kind, `${mark}first-`);
    const before = await count();
    const known = descriptors();
    const ran = await runCycles(place, cycles, until, kind, samples);
    const afterCycles = await count(before);
    const died = await runWorkers(place, workers, until, kind, mark);
    const afterWorkers = await count(before);
    const most = await runMany(place, sockets);
    const afterSockets = await count(before);
    const warm = samples.filter(([at]) => at > WARM_UP);
    return {
      cycles: ran,
      workers: died,
      sockets: most,
      before,
      afterCycles,
      afterWorkers,
      afterSockets,
      slope: slope(warm),
      samples: warm.length,
      listeners: getEventListeners(place.stop, 'abort').length,
      left: netns.list().filter((name) => name.startsWith(mark) && name !== place.netns),
      descriptors: additional(known, descriptors()),
    };
  } finally {
    await removeMarked(mark);
  }
}
