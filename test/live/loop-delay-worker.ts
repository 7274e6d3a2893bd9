/**
 * Streams a table of many routes and tells how long its event loop was kept waiting. It is a thread of its own because
 * the test framework's hooks on promises would be measured along.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { IPRoute } from 'tsroute2';

const { oif } = workerData as { oif: number };
const ipr = new IPRoute();
const delay = monitorEventLoopDelay({ resolution: 1 });
let rows = 0;
delay.enable();
for await (const route of ipr.routes({ oif })) if (route.oif === oif) rows++;
delay.disable();
await ipr.close();
parentPort!.postMessage({ rows, p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6 });
