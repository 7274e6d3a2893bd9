/** Requests on one socket: many at once, in any mixture, given up in every phase. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BatchError, ClosedError, InputError, IPRoute, NetlinkError, TimeoutError } from 'tsroute2';
import { place } from '../witness/live.js';
import { emulated } from './emulated.js';

// Emulated machines are slow.
t.setTimeout(600_000);

const fds = () => readdirSync('/proc/self/fd').length;

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

/** A veth pair that is up and has 10.99.0.1/24; gone at the end of the test. */
async function lab(t: Test, name: string): Promise<{ ipr: IPRoute; index: number }> {
  const ipr = new IPRoute();
  t.teardown(async () => {
    const cleaner = new IPRoute();
    await cleaner.link('del', { ifname: `${name}a` }).catch(() => {});
    await cleaner.close();
    await ipr.close();
  });
  const { object } = await ipr.link('add', { ifname: `${name}a`, kind: 'veth', peer: `${name}b` });
  const index = object!.index;
  await ipr.link('set', { index, state: 'up' });
  await ipr.link('set', { ifname: `${name}b`, state: 'up' });
  await ipr.addr('add', { index, address: '10.99.0.1/24' });
  return { ipr, index };
}

t.test('1,000 mixed requests in one tick are each answered by their own', async (t) => {
  const { ipr, index } = await lab(t, 'mix');
  const expected: string[] = [];
  const asked: Promise<string>[] = [];
  const ask = (want: string, call: Promise<unknown>, seen: (value: never) => string) => {
    expected.push(want);
    asked.push(
      call.then(
        (value) => seen(value as never),
        (error: NetlinkError) => `${error.code} ${error.op}`,
      ),
    );
  };
  for (let i = 0; i < 250; i++) {
    const dst = `10.${100 + (i >> 8)}.${i & 255}.0/24`;
    ask(`link ${index}`, ipr.link('get', { index }), (link: { index: number }) => `link ${link.index}`);
    ask(
      dst,
      ipr.route('add', { dst, oif: index }, { echo: true }),
      (result: { object: { dst: string } }) => result.object.dst,
    );
    ask('ENODEV RTM_GETLINK', ipr.link('get', { ifname: `none${i}` }), () => 'found');
    ask('EEXIST RTM_NEWLINK', ipr.link('add', { ifname: 'mixa', kind: 'veth' }), () => 'made');
  }
  t.equal(asked.length, 1000);
  t.same(await Promise.all(asked), expected);
  t.equal((await ipr.getRoutes({ oif: index, protocol: 'static' })).length, 250);
});

t.test('a batch of 100,000 acknowledged writes, 10,000 where the processor is emulated', async (t) => {
  const { ipr, index } = await lab(t, 'bulk');
  const count = emulated ? 10_000 : 100_000;
  const spec = (i: number) => ({ dst: `${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`, oif: index });
  const add = ipr.batch();
  for (let i = 0; i < count; i++) add.route('add', spec(i));
  t.equal(add.length, count);
  const { results } = await add.commit({ acks: 'each' });
  t.equal(results.length, count);
  t.ok(results.every(({ error }) => error === null));
  t.comment(`figure: ${count} acknowledged`);

  // The middle one is there already, so exactly that one fails.
  const again = ipr.batch();
  again
    .route('add', { dst: '12.0.0.0/8', oif: index })
    .route('add', spec(5))
    .route('add', { dst: '13.0.0.0/8', oif: index });
  const failed = await again.commit().then(
    () => null,
    (error: BatchError) => error,
  );
  t.type(failed, BatchError);
  t.same(
    failed?.results.map(({ error }) => (error as NetlinkError | null)?.code),
    [undefined, 'EEXIST', undefined],
  );

  let rows = 0;
  for await (const batch of ipr.routes({ oif: index, protocol: 'static' }).batches()) rows += batch.length;
  t.equal(rows, count + 2);
  const flushed = await ipr.flushRoutes({ oif: index, protocol: 4 });
  t.equal(flushed, count + 2);
});

t.test('a batch adds nothing when one of its messages is bad', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  const batch = ipr.batch().route('add', { dst: '10.0.0.0/8', gateway: '10.1.1.1' });
  t.throws(() => batch.route('add', { dst: '10.0.0.0/40' }), InputError);
  t.equal(batch.length, 1);
});

t.test('nested streams, and leaving one in the middle', async (t) => {
  const { ipr, index } = await lab(t, 'nest');
  const batch = ipr.batch();
  for (let i = 0; i < 5000; i++) batch.route('add', { dst: `20.${i >> 8}.${i & 255}.0/24`, oif: index });
  await batch.commit();
  const before = fds();
  let pairs = 0;
  for await (const link of ipr.links()) {
    let inner = 0;
    for await (const route of ipr.routes({ oif: link.index, protocol: 'static' })) {
      if (route.oif !== link.index) t.fail('a row of another dump');
      if (++inner % 1000 === 0) {
        for await (const addr of ipr.addrs({ index: link.index })) if (addr.index === link.index) pairs++;
        const again = await ipr.link('get', { index: link.index });
        if (again.ifname !== link.ifname) t.fail('an answer of another request');
      }
    }
    if (link.index === index) t.equal(inner, 5000);
  }
  t.ok(pairs >= 5);
  for (let i = 0; i < 20; i++) {
    for await (const route of ipr.routes()) {
      t.ok(route.dst !== '');
      break;
    }
  }
  t.equal((await ipr.getRoutes({ oif: index, protocol: 'static' })).length, 5000, 'reading goes on as before');
  t.ok(fds() <= before + 2, 'no descriptor is left but the two that are kept');
});

t.test('abort in every phase', async (t) => {
  const { ipr, index } = await lab(t, 'abrt');
  const reason = new Error('enough');
  const stopped = AbortSignal.abort(reason);
  await t.rejects(ipr.getLinks({}, { signal: stopped }), reason, 'before a dump');
  await t.rejects(ipr.link('get', { index }, { signal: stopped }), reason, 'before a request');
  await t.rejects(ipr.route('add', { dst: '10.50.0.0/16', oif: index }, { signal: stopped }), reason);
  t.same(await ipr.getRoutes({ table: 'main', dst: '10.50.0.0/16' }), [], 'nothing was sent');
  const batch = ipr.batch();
  for (let i = 0; i < 20_000; i++) batch.route('add', { dst: `30.${i >> 8}.${i & 255}.0/24`, oif: index });
  await batch.commit();

  const during = new AbortController();
  let rows = 0;
  await t.rejects(
    (async () => {
      for await (const _ of ipr.routes({}, { signal: during.signal })) if (++rows === 10) during.abort(reason);
    })(),
    reason,
    'in the middle of a stream',
  );
  t.ok(rows < 20_000);
  const array = new AbortController();
  const dump = ipr.getRoutes({}, { signal: array.signal });
  setImmediate(() => array.abort(reason));
  await t.rejects(dump, reason, 'in the middle of an array');
  const monitor = ipr.monitor({ groups: ['link'], signal: AbortSignal.timeout(20) });
  await t.rejects(monitor.next(), { name: 'TimeoutError' }, 'while an event is awaited');
  t.ok(monitor.closed);
  t.equal((await ipr.link('get', { index })).index, index, 'the socket works on');
});

t.test('closing ends what is under way', async (t) => {
  const before = fds();
  const ipr = new IPRoute({ groups: ['link'] });
  const monitor = ipr.monitor({ groups: ['link'] });
  const event = monitor.next();
  const raw = ipr.get();
  const stream = ipr.links()[Symbol.asyncIterator]();
  await stream.next();
  await ipr.close();
  t.same(await event, { done: true, value: undefined });
  await t.rejects(raw, ClosedError);
  await t.rejects(ipr.getLinks(), ClosedError);
  await t.rejects(ipr.link('get', { index: 1 }), ClosedError);
  await ipr.close();
  t.equal(fds(), before);
});

t.test('a socket in another namespace, and a link moved there', async (t) => {
  const other = spawn('unshare', ['-n', 'sleep', '60'], { stdio: 'ignore' });
  t.teardown(() => other.kill());
  const path = `/proc/${other.pid}/ns/net`;
  const own = readlinkSync('/proc/self/ns/net');
  for (let i = 0; i < 1000 && [own, ''].includes(linkOf(path)); i++) await sleep(10);
  const ipr = new IPRoute();
  const there = new IPRoute({ netns: path });
  t.teardown(() => Promise.all([ipr.close(), there.close()]));
  t.same(
    (await there.getLinks()).map(({ ifname }) => ifname),
    ['lo'],
  );
  const made = await ipr.link('add', { ifname: 'nsa', kind: 'veth', peer: { ifname: 'nsb', netns: path } });
  t.teardown(() => ipr.link('del', { ifname: 'nsa' }));
  t.same(await ipr.linkLookup({ ifname: 'nsb' }), []);
  const peer = await there.link('get', { ifname: 'nsb' });
  t.equal(peer.linkinfo?.kind, 'veth');
  t.equal(made.object?.link, peer.index);
  await ipr.link('add', { ifname: 'nsm', kind: 'ifb' });
  await ipr.link('set', { ifname: 'nsm', netns: path });
  t.equal((await there.link('get', { ifname: 'nsm' })).linkinfo?.kind, 'ifb');
  t.throws(() => new IPRoute({ netns: '/proc/self/none' }), { code: 'ENOENT', syscall: 'open' });
  await t.rejects(ipr.link('set', { ifname: 'nsa', netns: '/proc/self/none' }), { name: 'InputError', field: 'netns' });
});

t.test('a socket stays in its namespace when the descriptor or the name that led there is gone', async (t) => {
  const other = spawn('unshare', ['-n', 'sleep', '60'], { stdio: 'ignore' });
  t.teardown(() => other.kill());
  const path = `/proc/${other.pid}/ns/net`;
  const own = readlinkSync('/proc/self/ns/net');
  for (let i = 0; i < 1000 && [own, ''].includes(linkOf(path)); i++) await sleep(10);
  const before = fds();
  const fd = openSync(path, 'r');
  const there = new IPRoute({ netns: fd });
  closeSync(fd);
  other.kill();
  await once(other, 'exit');
  await there.link('add', { ifname: 'held', kind: 'ifb' });
  // Streams and monitors open sockets of their own, later.
  const monitor = there.monitor({ groups: ['link'] });
  const names: (string | undefined)[] = [];
  for await (const { ifname } of there.links()) names.push(ifname);
  t.same(names, ['lo', 'held']);
  await there.link('set', { ifname: 'held', mtu: 1400 });
  const { value } = await monitor.next();
  t.match(value, { op: 'RTM_NEWLINK', value: { ifname: 'held', mtu: 1400 } });
  const here = new IPRoute();
  t.same(await here.linkLookup({ ifname: 'held' }), [], 'not here');
  await Promise.all([here.close(), there.close()]);
  t.equal(fds(), before, 'nothing stays open');
});

t.test('a batch makes links and uses them by name', async (t) => {
  const { ipr } = await lab(t, 'usd');
  t.teardown(() => ipr.link('del', { ifname: 'usd1' }).catch(() => {}));
  const batch = ipr.batch();
  batch.link('add', { ifname: 'usd0', kind: 'veth', peer: 'usd1' });
  batch.link('set', { dev: 'usd0', state: 'up' });
  batch.link('set', { dev: 'usd1', state: 'up' });
  batch.addr('add', { dev: 'usd0', address: '10.98.0.1/24' });
  batch.route('add', { dst: '10.97.0.0/16', gateway: '10.98.0.2', oif: 'usd0' });
  batch.link('set', { dev: 'usd0', state: 'down' });
  batch.link('set', { dev: 'usd0', ifname: 'usd9' });
  batch.link('set', { dev: 'usd9', mtu: 1400 });
  batch.link('set', { dev: 'nowhere0', mtu: 1400 });
  const { results } = await batch.commit({ partial: true });
  t.match(
    results.map(({ error }) => (error as NetlinkError | null)?.message ?? null),
    [...Array.from({ length: 8 }, () => null), /^ENODEV: there is no interface "nowhere0"/],
  );
  t.equal((await ipr.link('get', { ifname: 'usd9' })).mtu, 1400);
  t.same(
    (await ipr.getAddr({ dev: 'usd9', family: 'inet' })).map(({ address }) => address),
    ['10.98.0.1'],
  );
});

t.test('a table that nobody filled is empty', async (t) => {
  const { ipr } = await lab(t, 'emp');
  for (const family of ['inet', 'inet6'] as const) t.same(await ipr.getRoutes({ table: 4711, family }), []);
  t.same(await ipr.getRoutes({ table: 4711 }), []);
});

t.test('a flush deletes what matches and nothing else', async (t) => {
  const { ipr, index } = await lab(t, 'flsh');
  const left = async () =>
    (await ipr.getRoutes({ table: 'main', protocol: 'static', oif: index })).map(
      ({ dst, gateway }) => `${dst} ${gateway}`,
    );
  await ipr.route('add', { dst: '10.5.0.0/16', gateway: '10.99.0.2' });
  await ipr.route('append', { dst: '10.5.0.0/16', gateway: '10.99.0.3' });
  await ipr.route('add', { dst: '10.6.0.0/16', gateway: '10.99.0.2', metrics: { mtu: 1300 } });
  t.equal(await ipr.flushRoutes({ gateway: '10.99.0.3' }), 1);
  t.same(await left(), ['10.5.0.0/16 10.99.0.2', '10.6.0.0/16 10.99.0.2']);
  // To the kernel 0 means any; to whoever flushes it must not.
  // Of IPv4 alone: link-local addresses of IPv6 come when they like.
  const count = async () => [
    (await ipr.getRoutes({ family: 'inet' })).length,
    (await ipr.getAddr({ family: 'inet' })).length,
  ];
  const before = await count();
  t.equal(await ipr.flushAddr({ index: 0 }), 0);
  t.equal(await ipr.flushRoutes({ protocol: 0 }), 0);
  t.equal(await ipr.flushRoutes({ table: 0 }), 0);
  t.same(await count(), before);
  await t.rejects(ipr.getLinks({ master: 0 }), { name: 'InputError', field: 'master' });
  t.equal(await ipr.flushRoutes((route) => route.oif === index && route.dst === '10.6.0.0/16'), 1);
  t.same(await left(), ['10.5.0.0/16 10.99.0.2']);
});

t.test('a predicate may ask the kernel itself', async (t) => {
  const { ipr } = await lab(t, 'pred');
  const all = (await ipr.getLinks()).map(({ ifname }) => ifname);
  const asked: Promise<unknown>[] = [];
  const ask = () => asked.push(ipr.link('get', { ifname: 'preda' })) > 0;
  t.same(
    (await ipr.getLinks(ask)).map(({ ifname }) => ifname),
    all,
  );
  const streamed: string[] = [];
  for await (const link of ipr.links(ask)) streamed.push(String(link.ifname));
  t.same(streamed, all);
  t.equal((await Promise.all(asked)).length, 2 * all.length);
});

t.test('raw messages: put, get, nlmRequest, notifications', async (t) => {
  const { ipr, index } = await lab(t, 'raw');
  const header = new Uint8Array(16);
  new DataView(header.buffer).setInt32(4, index, true);
  const seq = ipr.put(header, 18);
  const other = ipr.put(header, 18);
  t.not(seq, other);
  const [second] = await ipr.get(other);
  const [first] = await ipr.get(seq);
  t.equal(first?.value?.ifname, 'rawa');
  t.equal(first?.op, 'RTM_NEWLINK');
  t.equal(second?.header.seq, other);
  const all = await ipr.nlmRequest(new Uint8Array(16), 18, 0x300);
  t.ok(all.length >= 3, 'a dump');
  await t.rejects(ipr.nlmRequest(new Uint8Array(16), 18), NetlinkError);
  await t.rejects(ipr.get(999_999), InputError);
  ipr.bind({ groups: [1] });
  let event = ipr.get();
  await ipr.link('set', { index, mtu: 1300 });
  // The kernel announces late that the pair has a carrier.
  for (let i = 0; i < 10 && (await event).value?.mtu !== 1300; i++) event = ipr.get();
  const { op, value } = await event;
  t.equal(op, 'RTM_NEWLINK');
  t.equal(value?.index, index);
});

t.test('a call ends when nothing comes for the time allowed', async (t) => {
  // A transport that swallows everything: what a kernel that hangs would look like.
  const { openSilent } = await import('./silent.js');
  const ipr = new IPRoute({ transport: openSilent, timeout: 30 });
  t.teardown(() => ipr.close());
  await t.rejects(ipr.link('get', { index: 1 }), TimeoutError);
  await t.rejects(ipr.getLinks(), TimeoutError);
  await t.rejects(ipr.link('set', { index: 1, state: 'up' }, { timeout: 10 }), TimeoutError);
  const controller = new AbortController();
  const waiting = ipr.link('get', { index: 1 }, { signal: controller.signal, timeout: 0 });
  const dump = ipr.getLinks({}, { signal: controller.signal, timeout: 0 });
  setTimeout(() => controller.abort(), 5);
  await t.rejects(waiting, { name: 'AbortError' }, 'while the answer is awaited');
  await t.rejects(dump, { name: 'AbortError' }, 'while a dump is awaited');
});

t.test('requests that are awaited one after the other leave the event loop its turns', async (t) => {
  const { ipr } = await place(t);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  t.teardown(() => clearInterval(timer));
  const signal = AbortSignal.timeout(200);
  let requests = 0;
  await t.rejects(
    async () => {
      for (let end = performance.now() + 20_000; performance.now() < end; requests++) {
        await ipr.link('get', { dev: 'lo' }, { signal });
        // What fails must be told as well, in whichever turn.
        await ipr.link('get', { dev: 'nobody' }, { signal }).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENODEV') throw error;
        });
      }
    },
    { name: 'TimeoutError' },
  );
  // Where the processor is emulated there is time for few, each of them longer than a tick.
  t.ok(requests > 0 && ticks >= Math.min(10, requests), `${ticks} ticks of a timer beside ${requests} requests`);
  const loops: Record<string, () => Promise<unknown>> = {
    batches: () => {
      const batch = ipr.batch();
      batch.link('set', { dev: 'lo', group: 1 });
      return batch.commit();
    },
    lists: () => ipr.getLinks(),
    columns: () => ipr.getRouteColumns({ family: 'inet' }),
  };
  for (const [what, once] of Object.entries(loops)) {
    ticks = 0;
    let times = 0;
    // Where the processor is emulated each takes long.
    for (const end = performance.now() + 20_000; ticks < 10 && times < 50_000 && performance.now() < end; times++)
      await once();
    t.ok(ticks >= 10, `${ticks} ticks beside ${times} ${what}`);
  }
});
