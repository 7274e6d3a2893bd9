/** A worker that dumps and watches without end, to be terminated in the middle of it. */

import { parentPort, workerData } from 'node:worker_threads';
import { openNative } from '../../src/transport/native.js';
import { dumpRoutes, Inbox } from './helpers.js';

const { netns } = workerData as { netns: string };
const inbox = new Inbox(1 << 18, 64);

for (let i = 0; i < 5; i++) {
  const socket = openNative(0, { netns });
  if (i > 0) socket.ref();
  socket.join(1);
  socket.watch(() => {
    // One piece a time, and a new dump when it is through: the socket is always in the middle of one.
    if (socket.receive(inbox.area, inbox.meta, 32768, 0) > 0) socket.send(dumpRoutes());
  });
  socket.send(dumpRoutes());
}
// A socket that was closed a moment ago has a handle that libuv still closes.
const closing = openNative(0, { netns });
closing.watch(() => {});
closing.close();
parentPort?.postMessage('dumping');
