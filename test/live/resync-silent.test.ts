/** resyncTable where another program takes a link down: the kernel tells of the link before it takes the routes away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, netns, resyncTable } from 'tsroute2';
import { emulated } from './emulated.js';

t.setTimeout(600_000);

// The more there are, the longer they are there after the event.
const ROUTES = emulated ? 2000 : 20_000;
const ROUNDS = emulated ? 3 : 12;
const NAME = 'resync-silent';

/** Waits until something is so; the test fails by what comes after it. */
async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 6000 && !(await is()); i++) await sleep(10);
}

t.test('routes that go with their link', async (t) => {
  await netns.create(NAME);
  const ip = spawn('ip', ['-n', NAME, '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ipr = new IPRoute({ netns: NAME });
  try {
    await ipr.link('add', { ifname: 'br0', kind: 'bridge' });
    const routes = Array.from({ length: ROUTES }, (_, i) => `route add 10.${i >> 8}.${i & 255}.0/24 dev br0\n`).join(
      '',
    );
    const keeper = resyncTable(ipr, 'route', { family: 'inet', rcvbuf: 32 << 20 });
    const watching = (async () => {
      for await (const _ of keeper);
    })();
    let wrong = 0;
    for (let round = 0; round < ROUNDS; round++) {
      ip.stdin.write(`link set br0 up\n${routes}`);
      await until(() => keeper.rows.size >= ROUTES);
      if (!t.equal(keeper.rows.size, ROUTES, `round ${round}: all are there`)) break;
      const { reads } = keeper;
      ip.stdin.write('link set br0 down\n');
      await until(() => keeper.reads > reads && !keeper.reading);
      await until(async () => (await ipr.getRoutes({ family: 'inet' })).length === 0);
      await until(() => !keeper.reading);
      if (keeper.rows.size > 0) wrong++;
    }
    t.equal(wrong, 0, 'no picture has routes that are gone');
    keeper.close();
    await watching;
  } finally {
    ip.stdin.end();
    await once(ip, 'close');
    await ipr.close();
    await netns.remove(NAME);
  }
});
