/** Runs cycles until it is terminated in the middle of one. */
import { parentPort, workerData } from 'node:worker_threads';
import { arena } from './arena.js';
import { turn } from './gauge.js';
import { kinds } from './kinds.js';

export interface WorkerTask {
  netns: string;
  /** Begins the names of what it makes. */
  mark: string;
  /** Which worker it is: every kind has its turn. */
  turn: number;
  /** As in SoakOptions. */
  kind: string;
}

const { netns, mark, turn: mine, kind } = workerData as WorkerTask;
const place = arena(netns, mark, mine);
const list = kinds(place, kind);
const { name, run } = list[mine % list.length]!;
parentPort!.postMessage(name);
for (;;) {
  await run(place);
  await turn();
}
