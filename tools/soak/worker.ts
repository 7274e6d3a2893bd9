/** Runs cycles until it is terminated in the middle of one. */
import { parentPort, workerData } from 'node:worker_threads';
import { arena } from './arena.js';
import { turn } from './gauge.js';
import { kinds } from './kinds.js';

export interface WorkerTask {
  netns: string;
  /** Begins the names of what it makes. */
  mark: string;
  seed: number;
  /** Counts on through the kinds, so that every kind has its turn. */
  kind: number;
}

const { netns, mark, seed, kind } = workerData as WorkerTask;
const place = arena(netns, mark, seed);
const list = kinds(place);
const { name, run } = list[kind % list.length]!;
parentPort!.postMessage(name);
for (;;) {
  await run(place);
  await turn();
}
