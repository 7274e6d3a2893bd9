/** Proxies whose callbacks close the socket that they belong to. */
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import type { IPRoute } from '../../src/iproute/iproute.js';
import { consent, NEWLINK, opened } from './kernel.js';
import { newLink } from './script.js';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** Rejects where the call hangs, of which a process without a timer would end. */
async function soon<T>(call: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const hangs = wait(500, undefined, { signal: stop.signal }).then(() => {
    throw new Error('it hangs');
  });
  hangs.catch(() => {});
  return Promise.race([call, hangs]).finally(() => stop.abort());
}

type Proxied = Pick<IPRoute, 'sproxy' | 'rproxy' | 'close'>;
const closers: Record<string, (ipr: Proxied) => void> = {
  'received, at once': (ipr) =>
    ipr.rproxy.set('RTM_NEWLINK', () => {
      void ipr.close();
      return { verdict: 'forward' };
    }),
  'received, refused': (ipr) =>
    ipr.rproxy.set('RTM_NEWLINK', () => {
      void ipr.close();
      throw new Error('not any more');
    }),
  'received, waited for': (ipr) =>
    ipr.rproxy.set('RTM_NEWLINK', async () => {
      await ipr.close();
      return { verdict: 'forward' };
    }),
  'received, later': (ipr) =>
    ipr.rproxy.set('RTM_NEWLINK', async () => {
      await wait(2);
      await ipr.close();
      return { verdict: 'forward' };
    }),
  'sent, at once': (ipr) =>
    ipr.sproxy.set('RTM_GETLINK', () => {
      void ipr.close();
      return { verdict: 'forward' };
    }),
  'sent, answered': (ipr) =>
    ipr.sproxy.set('RTM_GETLINK', () => {
      void ipr.close();
      return { verdict: 'return' };
    }),
  'sent, waited for': (ipr) =>
    ipr.sproxy.set('RTM_GETLINK', async () => {
      await ipr.close();
      return { verdict: 'forward' };
    }),
  'sent, later': (ipr) =>
    ipr.sproxy.set('RTM_GETLINK', async () => {
      await wait(2);
      await ipr.close();
      return { verdict: 'forward' };
    }),
};

t.test('requests, lists and streams end with ClosedError', async (t) => {
  const calls: Record<string, (ipr: IPRoute) => Promise<unknown>> = {
    get: (ipr) => ipr.link('get', { index: 2 }, { timeout: 0 }),
    list: (ipr) => ipr.getLinks({}, { timeout: 0 }),
    'list with a timeout': (ipr) => ipr.getLinks({}, { timeout: 20_000 }),
    stream: (ipr) => ipr.links({}, { timeout: 20_000 })[Symbol.asyncIterator]().next(),
    batches: (ipr) => ipr.links({}, { timeout: 20_000 }).batches().next(),
  };
  for (const [when, proxy] of Object.entries(closers)) {
    for (const [name, call] of Object.entries(calls)) {
      const { ipr, kernels } = opened(t);
      proxy(ipr);
      const before = timers();
      await t.rejects(soon(call(ipr)), { code: 'ERR_NETLINK_CLOSED' }, `${when}: ${name}`);
      t.equal(timers(), before, 'no timer is left');
      t.ok(
        kernels.every(({ closed }) => closed),
        'no socket is left',
      );
    }
  }
});

t.test('monitors end, recv rejects', async (t) => {
  const read: ((ipr: IPRoute) => Promise<unknown>)[] = [
    (ipr) => ipr.monitor({ groups: ['link'] }).next(),
    (ipr: IPRoute) =>
      ipr
        .monitor({ groups: ['link'] })
        .batches()
        .next(),
  ];
  for (const [when, proxy] of Object.entries(closers)) {
    if (when.startsWith('sent')) continue;
    for (const next of read) {
      const { ipr, kernels } = opened(t);
      proxy(ipr);
      const event = next(ipr);
      kernels.at(-1)!.notify(newLink(0, 5, 'n0'), newLink(0, 6, 'n1'));
      t.same(await soon(event), { done: true, value: undefined }, when);
    }
    const { ipr, kernel } = opened(t);
    proxy(ipr);
    ipr.pause();
    kernel.notify(newLink(0, 5, 'n0'));
    const before = timers();
    await t.rejects(soon(ipr.recv({ timeout: 20_000 })), { code: 'ERR_NETLINK_CLOSED' }, when);
    t.equal(timers(), before, 'no timer is left');
  }
});

t.test('a callback that gives the call up', async (t) => {
  const { ipr } = opened(t, consent);
  const stop = new AbortController();
  ipr.rproxy.set(NEWLINK, () => {
    stop.abort(new RangeError('enough'));
    return new Promise(() => {});
  });
  await t.rejects(soon(ipr.getLinks({}, { signal: stop.signal, timeout: 0 })), RangeError);
});
