/** Adds and deletes routes in a namespace, and tells how many it did; the main thread may be blocked meanwhile. */
import { workerData } from 'node:worker_threads';
import { IPRoute } from 'tsroute2';

const { netns, count, shared } = workerData as { netns: string; count: number; shared: SharedArrayBuffer };
const done = new Int32Array(shared);
const ipr = new IPRoute({ netns });
const oif = (await ipr.link('get', { dev: 'd0' })).index!;
const dst = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}/32`;
// Over a second and more, not in one burst: on a machine with two processors and other work the thread needs its turn.
const PIECE = 2500;
const pause = new Int32Array(new SharedArrayBuffer(4));
for (const cmd of ['add', 'del'] as const) {
  for (let from = 0; from < count; from += PIECE) {
    const batch = ipr.batch();
    for (let i = from; i < Math.min(count, from + PIECE); i++) batch.route(cmd, { dst: dst(i), oif });
    await batch.commit();
    Atomics.wait(pause, 0, 0, 30);
  }
}
await ipr.close();
Atomics.store(done, 0, 1);
Atomics.notify(done, 0);
