/** What goes wrong on purpose, and what becomes of it in a program. */
import t, { type Test } from 'tap';
import {
  DumpInterruptedError,
  IPRoute,
  type MonitorEvent,
  OutcomeUnknownError,
  type RouteColumns,
  TimeoutError,
} from 'tsroute2';
import { FakeKernel, type FakeKernelOptions, type Fault } from 'tsroute2/testing';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;

/** A kernel with eth0 (2), an address and some routes. */
async function machine(t: Test, options: FakeKernelOptions = {}): Promise<{ kernel: FakeKernel; ipr: IPRoute }> {
  const kernel = new FakeKernel(options);
  const ipr = new IPRoute({ transport: kernel.open, timeout: 2000 });
  t.teardown(() => ipr.close());
  await ipr.link('add', { ifname: 'eth0', kind: 'dummy', state: 'up' });
  await ipr.addr('add', { dev: 'eth0', address: '192.0.2.1/24' });
  for (let i = 0; i < 20; i++) await ipr.route('add', { dst: `10.${i}.0.0/16`, gateway: '192.0.2.2' });
  return { kernel, ipr };
}

const destinations = async (ipr: IPRoute): Promise<unknown[]> =>
  (await ipr.getRoutes({ family: 2, table: 254 })).map(({ dst }) => dst);

t.test('a request is refused, after some that are not, so many times', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'error', errno: 12, words: 'no room', type: RTM_NEWROUTE, after: 1, times: 2 });
  const add = (i: number) => ipr.route('add', { dst: `172.16.${i}.0/24`, gateway: '192.0.2.2' });
  await add(0);
  await t.rejects(add(1), { code: 'ENOMEM', kernelMessage: 'no room' });
  await t.rejects(add(2), { code: 'ENOMEM' });
  await add(3);
  t.match(kernel.faultLog, ['error at request of type 24', 'error at request of type 24']);
  t.equal((await destinations(ipr)).length, 23);
});

t.test('a request is altered into one that fails', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({
    kind: 'alter',
    type: RTM_NEWADDR,
    alter(message) {
      message[17] = 33; // ifa_prefixlen
    },
  });
  await t.rejects(ipr.addr('add', { dev: 'eth0', address: '192.0.2.9/24' }), {
    code: 'EINVAL',
    kernelMessage: 'ipv4: Invalid prefix length',
  });
  t.equal((await ipr.getAddr({ family: 2 })).length, 1);
});

t.test('a dump in many datagrams', async (t) => {
  const { kernel, ipr } = await machine(t);
  const whole = await destinations(ipr);
  kernel.fault({ kind: 'split', type: RTM_GETROUTE, times: 2 });
  t.same(await destinations(ipr), whole);
  const streamed: unknown[] = [];
  for await (const { dst } of ipr.routes({ family: 2, table: 254 })) streamed.push(dst);
  t.same(streamed, whole);
});

t.test('what belongs to others comes between', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'interleave', times: 100 });
  t.equal((await ipr.link('get', { dev: 'eth0' })).index, 2);
  t.equal((await destinations(ipr)).length, 21);
  t.match(await ipr.getLinks(), [{ ifname: 'lo' }, { ifname: 'eth0' }], 'links of others are not among the rows');
  await ipr.link('set', { dev: 'eth0', mtu: 1400 });
  await t.rejects(ipr.link('get', { dev: 'none' }), { code: 'ENODEV' });
});

t.test('an acknowledgement that comes late', async (t) => {
  const { kernel, ipr } = await machine(t);
  let order: string[] = [];
  // Where five milliseconds pass between them, the second one ends a turn later as well (turns.ts).
  for (let tries = 0; tries < 5 && order[0] !== 'mtu 1400'; tries++) {
    order = [];
    kernel.fault({ kind: 'late-ack', type: RTM_NEWLINK });
    await Promise.all([
      ipr.link('set', { index: 2, mtu: 1400 }).then(() => order.push('late')),
      ipr.link('get', { index: 2 }).then(({ mtu }) => order.push(`mtu ${mtu}`)),
    ]);
  }
  t.same(order, ['mtu 1400', 'late'], 'what was asked later is answered first');
});

t.test('an answer that takes its time', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'delay', ms: 30, type: RTM_GETLINK });
  const began = performance.now();
  t.equal((await ipr.getLinks()).length, 2);
  t.ok(performance.now() - began >= 29);
  kernel.fault({ kind: 'delay', ms: 200, type: RTM_GETLINK });
  await t.rejects(ipr.link('get', { index: 2 }, { timeout: 20 }), TimeoutError);
  t.equal((await ipr.link('get', { index: 1 })).ifname, 'lo', 'the late answer is not taken for another');
});

t.test('a dump that ends with an error', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'done-error', errno: 12, type: RTM_GETROUTE });
  await t.rejects(destinations(ipr), { code: 'ENOMEM' });
  t.equal((await destinations(ipr)).length, 21);
});

t.test('a dump that is interrupted', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'interrupted', type: RTM_GETLINK });
  t.equal((await ipr.getLinks()).length, 2, 'it is read again');
  kernel.fault({ kind: 'interrupted', type: RTM_GETLINK });
  await t.rejects(ipr.getLinks({}, { onInterrupted: 'throw' }), DumpInterruptedError);
  const table = { family: 'inet', table: 254 } as const;
  const whole = await ipr.getRouteColumns(table);
  t.ok(whole.length > 0);
  kernel.fault({ kind: 'interrupted', type: RTM_GETROUTE });
  const error = await ipr.getRouteColumns(table, { onInterrupted: 'throw' }).catch((reason: unknown) => reason);
  t.type(error, DumpInterruptedError);
  t.same((error as DumpInterruptedError<RouteColumns>).partial, whole, 'columns are columns in the error as well');
});

t.test('a dump that the table changes under is marked by itself', async (t) => {
  const { ipr } = await machine(t, { dumpBytes: 1 });
  const seen: string[] = [];
  await t.rejects(async () => {
    for await (const { ifname = '' } of ipr.links()) {
      seen.push(ifname);
      if (ifname === 'lo') await ipr.link('set', { dev: 'eth0', mtu: 1300 });
    }
  }, DumpInterruptedError);
  t.same(seen, ['lo', 'eth0']);
});

t.test('an answer is lost', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'lost', type: RTM_GETLINK });
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'eth0', 'a read is sent again');
  kernel.fault({ kind: 'lost', type: RTM_NEWROUTE });
  await t.rejects(ipr.route('add', { dst: '172.16.0.0/16', gateway: '192.0.2.2' }), OutcomeUnknownError);
  t.ok((await destinations(ipr)).includes('172.16.0.0/16'), 'of a write nobody knows; here it was done');
});

t.test('an answer is cut', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'truncate', bytes: 200, type: RTM_GETLINK });
  await t.rejects(ipr.link('get', { index: 2 }, { timeout: 30 }), TimeoutError);
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'eth0');
});

t.test('a list is cut: it is read again, or said to be no whole one', async (t) => {
  const { kernel, ipr } = await machine(t);
  const whole = (await ipr.getLinks()).map(({ ifname }) => ifname);
  t.ok(whole.length > 1);
  const fault: Fault = { kind: 'truncate', bytes: 200, type: RTM_GETLINK };
  kernel.fault(fault);
  t.same(
    (await ipr.getLinks()).map(({ ifname }) => ifname),
    whole,
  );
  kernel.fault(fault);
  await t.rejects(ipr.getLinks({}, { onInterrupted: 'throw' }), DumpInterruptedError);
  kernel.fault(fault);
  await t.rejects(
    async () => {
      for await (const _ of ipr.links());
    },
    DumpInterruptedError,
    'a stream cannot begin again',
  );
  kernel.fault({ ...fault, bytes: 10 });
  await t.rejects(ipr.getLinks({}, { onInterrupted: 'throw' }), DumpInterruptedError, 'within a header as well');
  t.equal(kernel.faultLog.length, 4);
});

/** A batch of links that are made; `at` is the one that a fault is for. */
async function links(t: Test, fault: Fault, at: number, options: { acks?: 'each' | 'last' } = {}) {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ ...fault, type: RTM_NEWLINK, after: at });
  const batch = ipr.batch();
  for (const name of ['a', 'b', 'c']) batch.link('add', { ifname: name, kind: 'dummy' });
  const began = performance.now();
  const { results } = await batch.commit({ partial: true, timeout: 60, ...options });
  const names = results.map(({ error }) => error?.name ?? 'done');
  const made = (await ipr.getLinks({ kind: 'dummy' })).length;
  return { names, made, took: performance.now() - began, log: kernel.faultLog };
}

t.test('faults of answers in the middle of a batch', async (t) => {
  const lost = Array(3).fill('OutcomeUnknownError');
  for (const at of [0, 1, 2]) {
    const own = at === 2 ? '' : ' that has no answer of its own: of that to message 3 of the send';
    const first = await links(t, { kind: 'lost' }, at);
    t.same(first.names, lost, 'the answer that is lost is that of all three');
    t.equal(first.made, 4, 'they were carried out');
    t.same(first.log, [`lost at request of type 16${own}`]);

    const cut = await links(t, { kind: 'truncate', bytes: 12 }, at);
    t.same(cut.names, lost, 'there is no answer that could be understood');
    t.same(cut.log, [`truncate at request of type 16${own}`]);

    const late = await links(t, { kind: 'delay', ms: 30 }, at);
    t.same(late.names, Array(3).fill('done'));
    t.ok(late.took >= 29, `${late.took} ms`);
    t.same(late.log, [`delay at request of type 16${own}`]);
  }
});

t.test('faults of answers where each message has its own', async (t) => {
  const late = await links(t, { kind: 'delay', ms: 30 }, 1, { acks: 'each' });
  t.same(late.names, ['done', 'done', 'done']);
  t.same(late.log, ['delay at request of type 16']);
  const cut = await links(t, { kind: 'truncate', bytes: 12 }, 1, { acks: 'each' });
  t.same(cut.names, ['done', 'done', 'done'], 'without its acknowledgement nothing is known against it');
  t.same(cut.log, ['truncate at request of type 16']);
});

t.test('a refusal that comes late comes before the answers to what was sent with it', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'delay', ms: 20, type: RTM_NEWLINK, after: 1 });
  const batch = ipr.batch();
  for (const name of ['a', 'eth0', 'c']) batch.link('add', { ifname: name, kind: 'dummy' });
  const { results } = await batch.commit({ partial: true });
  t.match(results, [{ error: null }, { error: { code: 'EEXIST' } }, { error: null }]);
});

t.test('an alter that throws', async (t) => {
  const { kernel, ipr } = await machine(t);
  const broken = () => {
    throw new RangeError('my mistake');
  };
  const before = kernel.faultLog.length;
  kernel.fault({ kind: 'alter', alter: broken, times: 3 });
  await t.rejects(ipr.link('set', { index: 2, mtu: 1400 }), { name: 'RangeError', message: 'my mistake' });
  await t.rejects(ipr.link('get', { index: 2 }), { name: 'RangeError' });
  await t.rejects(ipr.getLinks(), { name: 'RangeError' });
  t.equal(kernel.faultLog.length, before + 3);
  t.equal(ipr.session.outstanding, 0, 'nothing is left behind');
  t.equal((await ipr.link('get', { index: 2 })).mtu, 1500, 'it was not carried out');
  kernel.fault({ kind: 'alter', alter: broken, after: 1 });
  const batch = ipr.batch();
  for (const name of ['a', 'b', 'c']) batch.link('add', { ifname: name, kind: 'dummy' });
  await t.rejects(batch.commit(), { name: 'BatchError', cause: { message: 'my mistake' } });
  t.equal(ipr.session.outstanding, 0);
  t.match(await ipr.getLinks({ kind: 'dummy' }), [{ ifname: 'eth0' }, { ifname: 'a' }], 'those after it were not met');
});

async function waiting(events: AsyncIterator<MonitorEvent>, count: number): Promise<MonitorEvent[]> {
  const list: MonitorEvent[] = [];
  while (list.length < count) list.push((await events.next()).value as MonitorEvent);
  return list;
}

t.test('a notification is lost, and what follows until the queue is read', async (t) => {
  const { kernel, ipr } = await machine(t);
  const monitor = ipr.monitor({ groups: ['ipv4-route'] });
  const del = (i: number) => ipr.route('del', { dst: `10.${i}.0.0/16` });
  await del(0);
  kernel.fault({ kind: 'lost-event' });
  for (let i = 1; i < 5; i++) await del(i);
  const [first, loss] = await waiting(monitor, 2);
  t.match(first, { op: 'RTM_DELROUTE', value: { dst: '10.0.0.0/16' } }, 'what was queued before comes first');
  t.same(loss, { type: 'overrun', dropped: 4 }, 'the kernel queues nothing more until the queue is empty');
  await del(5);
  t.match(await waiting(monitor, 1), [{ op: 'RTM_DELROUTE', value: { dst: '10.5.0.0/16' } }], 'then it goes on');
  monitor.close();
});

t.test('a receive buffer that is full', async (t) => {
  const { ipr } = await machine(t);
  const monitor = ipr.monitor({ groups: ['ipv4-route'], rcvbuf: 8192 });
  t.equal(monitor.rcvbuf, 16_384, 'the kernel doubles it');
  for (let i = 0; i < 300; i++) {
    const dst = `172.16.${i & 255}.${i >> 8 ? 128 : 0}/25`;
    await ipr.route('add', { dst, gateway: '192.0.2.2' });
  }
  const list: MonitorEvent[] = [];
  let dropped = 0;
  for await (const event of monitor) {
    if (event.type === 'overrun') {
      dropped = event.dropped;
      break;
    }
    list.push(event);
  }
  t.ok(dropped > 0 && list.length > 0);
  t.equal(list.length + dropped, 300, 'each of them was queued or counted');
});

t.test('filters of monitors', async (t) => {
  const { ipr } = await machine(t);
  const monitor = ipr.monitor({ groups: ['ipv4-route'], filter: { op: 'RTM_NEWROUTE', table: 77, index: 2 } });
  await ipr.route('add', { dst: '172.16.0.0/16', gateway: '192.0.2.2' });
  await ipr.route('add', { dst: '172.17.0.0/16', gateway: '192.0.2.2', table: 77 });
  await ipr.route('del', { dst: '172.17.0.0/16', table: 77 });
  await ipr.route('add', { dst: '172.18.0.0/16', gateway: '192.0.2.2', table: 77 });
  t.match(await waiting(monitor, 2), [{ value: { dst: '172.17.0.0/16' } }, { value: { dst: '172.18.0.0/16' } }]);
  monitor.close();
});

/** Changes and reads by chance, over a kernel in which much goes wrong. Every call ends; what it says is noted. */
async function trouble(seed: number): Promise<{ log: readonly string[]; ends: string[]; left: unknown[] }> {
  const kernel = new FakeKernel({ chaos: { seed, rate: 0.3 }, dumpBytes: 256 });
  const ipr = new IPRoute({ transport: kernel.open, timeout: 1000 });
  const ends: string[] = [];
  const end = async (what: string, call: Promise<unknown>): Promise<void> => {
    ends.push(
      `${what} ${await call.then(
        () => 'done',
        (error: { code?: string; name: string }) => error.code ?? error.name,
      )}`,
    );
  };
  try {
    await end('link', ipr.link('add', { ifname: 'e0', kind: 'dummy' }));
    await end('up', ipr.link('set', { index: 2, state: 'up' }));
    await end('addr', ipr.addr('add', { index: 2, address: '10.0.0.1/24' }));
    for (let i = 0; i < 40; i++) {
      await end(`add ${i}`, ipr.route('replace', { dst: `10.${i % 7}.0.0/16`, gateway: `10.0.0.${2 + (i % 3)}` }));
      if (i % 5 === 0) await end(`del ${i}`, ipr.route('del', { dst: `10.${i % 7}.0.0/16` }));
      await end(`dump ${i}`, ipr.getRoutes({ family: 2 }));
      await end(`get ${i}`, ipr.link('get', { index: 2 }));
    }
  } finally {
    await ipr.close();
  }
  return { log: kernel.faultLog, ends, left: [] };
}

t.test('chaos: every call ends, and the same seed does the same', async (t) => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 10; seed++) {
    const first = await trouble(seed);
    const second = await trouble(seed);
    t.same(second.log, first.log, `seed ${seed}: the same faults`);
    t.same(second.ends, first.ends, 'and the same ends');
    t.ok(first.log.length > 10, `${first.log.length} faults`);
    for (const line of first.log) kinds.add(line.split(' ')[0]!);
  }
  t.same([...kinds].sort(), ['delay', 'error', 'interleave', 'interrupted', 'late-ack', 'lost', 'split']);
});
