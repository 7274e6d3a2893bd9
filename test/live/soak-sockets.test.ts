/** Many sockets at once, and no more than the process may open. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { soaked } from './soak-child.js';
import { share } from './soak-share.js';

t.setTimeout(600_000);
const SOCKETS = share(2000, 500);

t.test('2,000 sockets open at once, each used; fewer where a share is asked for', async (t) => {
  const found = await soaked('--cycles=0', '--workers=0', `--sockets=${SOCKETS}`);
  t.equal(found.sockets, SOCKETS);
  t.same(found.afterSockets, found.before, 'descriptors and threads are as before');
  t.same(found.descriptors, []);
  t.same(found.problems, []);
});

t.test('where the process may open no more: an error that says so, and what is open goes on', async (t) => {
  const script = fileURLToPath(new URL('./soak-limit.js', import.meta.url));
  const args = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, script];
  const { status, stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8', timeout: 120_000 });
  t.equal(stderr, '');
  t.equal(status, 0);
  const { opened, refused, links, after, before } = JSON.parse(stdout);
  t.ok(opened > 10 && opened < 64, `${opened} sockets`);
  t.same([...new Set(refused)], ['EMFILE'], 'a socket, a list, a monitor, the cache thread, a namespace');
  t.equal(refused.length, 6);
  t.equal(links, opened, 'each answers');
  t.same(after, before);
});
