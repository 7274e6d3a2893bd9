/**
 * Streams a table of many routes and tells how long its event loop was kept waiting. It is a thread of its own because
 * the test framework's hooks on promises would be measured along.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { IPRoute } from 'tsroute2';

/** What the machine alone makes a loop wait that works for a millisecond a turn. */
async function machine(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (const end = performance.now() + 1500; performance.now() < end; ) {
    for (const turn = performance.now() + 1; performance.now() < turn; );
    await new Promise(setImmediate);
  }
  delay.disable();
  return delay.percentile(99) / 1e6;
}

const { oif } = workerData as { oif: number };
const ipr = new IPRoute();
const busy = await machine();
const delay = monitorEventLoopDelay({ resolution: 1 });
let rows = 0;
delay.enable();
for await (const route of ipr.routes({ oif })) if (route.oif === oif) rows++;
delay.disable();
await ipr.close();
parentPort!.postMessage({ rows, busy, p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6 });
