/** Workers that are terminated in the middle of what they do: lists, monitors, namespaces, everything else. */
import t from 'tap';
import { soaked, sum } from './soak-child.js';
import { share } from './soak-share.js';

t.setTimeout(600_000);
const WORKERS = share(500, 22);

t.test('500 workers terminated in the middle of cycles leave nothing; fewer where a share is asked for', async (t) => {
  const found = await soaked('--cycles=0', `--workers=${WORKERS}`, '--sockets=0');
  t.equal(sum(found.workers), WORKERS);
  // Of each kind about as many.
  t.ok(Object.keys(found.workers).length >= 20);
  t.same(found.afterWorkers, found.before, 'descriptors and threads are as before');
  t.same(found.descriptors, []);
  t.same(found.left, []);
  t.same(found.problems, []);
});
