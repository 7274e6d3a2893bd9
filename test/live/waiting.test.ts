/** A program that waits for a notification and for nothing else does not end meanwhile. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { place } from '../witness/live.js';

// Emulated machines are slow.
t.setTimeout(300_000);

const PACKAGE = JSON.stringify(import.meta.resolve('tsroute2'));

t.test('get() without a number keeps the process', async (t) => {
  const p = await place(t);
  const script = `import { IPRoute } from ${PACKAGE};
    const ipr = new IPRoute({ netns: ${JSON.stringify(p.path)}, groups: ['link'] });
    const next = ipr.get();
    console.log('ready');
    console.log((await next).op);
    await ipr.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  let out = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const ready = new Promise<void>((resolve) =>
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('ready')) resolve();
    }),
  );
  await Promise.race([ready, ended]);
  await sleep(500);
  await p.ipr.link('add', { ifname: 'w0', kind: 'bridge' });
  t.equal(await ended, 0);
  t.equal(out, 'ready\nRTM_NEWLINK\n');
});
