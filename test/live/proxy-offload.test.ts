/** `{ offload: true }`: another thread sends a request, so that the event loop goes on while the kernel carries it out. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import t from 'tap';
import { type BatchError, IPRoute, NetlinkError, netns } from 'tsroute2';
import { emulated } from './emulated.js';

t.setTimeout(120_000);

t.test('the same outcome, without the wait', async (t) => {
  const name = `offload-${process.pid}`;
  await netns.create(name);
  const fds = readdirSync('/proc/self/fd').length;
  const ipr = new IPRoute({ netns: name });
  try {
    const offload = { offload: true };
    const { object } = await ipr.link('add', { ifname: 'b0', kind: 'bridge' }, offload);
    t.equal(object?.ifname, 'b0');
    t.equal((await ipr.link('get', { dev: 'b0' }, offload)).index, object?.index);
    const error = await ipr.link('add', { ifname: 'b0', kind: 'bridge' }, offload).catch((e: unknown) => e);
    t.type(error, NetlinkError);
    t.match(error, { code: 'EEXIST', op: 'RTM_NEWLINK' });
    const batch = ipr.batch();
    for (let i = 0; i < 3000; i++) batch.route('add', { dst: `10.1.${i >> 8}.${i & 255}/32`, dev: 'b0' });
    batch.link('set', { dev: 'b0', state: 'up' });
    const failed = (await batch.commit({ ...offload, partial: true })) as unknown as BatchError;
    t.equal(failed.results.filter(({ error }) => (error as NetlinkError | null)?.code === 'ENETDOWN').length, 3000);
    const [seen] = JSON.parse(execFileSync('ip', ['-n', name, '-j', 'link', 'show', 'b0'], { encoding: 'utf8' }));
    t.ok(seen.flags.includes('UP'));

    // What a call takes of the event loop, until it returns its promise, when nothing else is on the processor.
    const took = async (options: object) => {
      let ms = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 20; i++) {
        await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
        const index = (await ipr.link('get', { dev: 'v0' })).index!;
        const start = performance.now();
        const gone = ipr.link('del', { index }, options);
        ms = Math.min(ms, performance.now() - start);
        await gone;
      }
      return ms;
    };
    const [waited, offloaded] = [await took({}), await took(offload)];
    t.comment(
      `figure: ${waited.toFixed(2)} ms of the event loop to delete a link, ${offloaded.toFixed(2)} ms offloaded`,
    );
    // An emulated processor takes as long for a thread as for the kernel.
    t.ok(emulated || offloaded < waited / 2);
    t.same(await ipr.linkLookup({ ifname: 'v0' }), []);

    const stop = new AbortController();
    const stopped = ipr.link('add', { ifname: 'b1', kind: 'bridge' }, { ...offload, signal: stop.signal });
    stop.abort();
    await t.rejects(stopped, { name: 'AbortError' });
    await t.rejects(ipr.link('get', { dev: 'b0' }, { offload: 1 } as never), { name: 'InputError' });
    ipr.sproxy.set('RTM_DELLINK', async () => ({ verdict: 'return' }));
    await ipr.link('del', { dev: 'b0' }, offload);
    t.equal((await ipr.linkLookup({ ifname: 'b0' })).length, 1, 'a callback sees it');
    ipr.sproxy.clear();
    const last = ipr.link('del', { index: object!.index! }, offload).catch((e: unknown) => e);
    await ipr.close();
    t.match(await last, { code: 'ERR_NETLINK_CLOSED' });
    for (let i = 0; i < 100 && readdirSync('/proc/self/fd').length > fds; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    t.equal(readdirSync('/proc/self/fd').length, fds);
  } finally {
    await ipr.close();
    await netns.remove(name);
  }
});
