/** What a resync does at its edges: silent changes, stale events, errors, its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { IPRoute, OverrunError, type Resynced, type ResyncSource, resync, resyncTable } from 'tsroute2';
import { FakeKernel } from 'tsroute2/testing';

async function machine(t: Test): Promise<{ kernel: FakeKernel; ipr: IPRoute }> {
  const kernel = new FakeKernel();
  const ipr = new IPRoute({ transport: kernel.open });
  t.teardown(() => ipr.close());
  await ipr.link('add', { ifname: 'eth0', kind: 'dummy', state: 'up' });
  await ipr.addr('add', { dev: 'eth0', address: '192.0.2.1/24' });
  await ipr.route('add', { dst: '10.0.0.0/8', gateway: '192.0.2.2' });
  return { kernel, ipr };
}

const main = ({ table }: { table: number }): boolean => table === 254;

/** `added 10.0.0.0/8` */
const said = (change: Resynced<{ dst?: string }>): string =>
  change.type === 'snapshot' ? `snapshot ${change.rows.size}` : `${change.type} ${change.row.dst}`;

t.test('routes that vanish without a word', async (t) => {
  const { ipr } = await machine(t);
  const routes = resyncTable(ipr, 'route', { family: 'inet', where: main });
  const next = async (): Promise<string> => said((await routes.next()).value!);
  t.equal(await next(), 'snapshot 2');
  await ipr.link('set', { dev: 'eth0', state: 'down' });
  t.same([await next(), await next()].sort(), ['removed 10.0.0.0/8', 'removed 192.0.2.0/24']);
  t.equal(routes.rows.size, 0);
  t.equal(routes.reads, 2);
  await ipr.link('set', { dev: 'eth0', state: 'up' });
  t.equal(await next(), 'added 192.0.2.0/24');
  routes.close();
  t.same(await routes.next(), { done: true, value: undefined });
});

t.test('an event from before the first read is not applied to it', async (t) => {
  const { ipr } = await machine(t);
  const routes = resyncTable(ipr, 'route', { family: 'inet', where: main });
  // Queued already; then it goes without a word.
  await ipr.route('add', { dst: '10.1.0.0/16', gateway: '192.0.2.2' });
  await ipr.link('set', { dev: 'eth0', state: 'down' });
  t.equal(said((await routes.next()).value!), 'snapshot 0');
  await ipr.link('set', { dev: 'eth0', state: 'up' });
  t.equal(said((await routes.next()).value!), 'added 192.0.2.0/24');
  routes.close();
});

t.test('rows that do not fit any more are removed', async (t) => {
  const { ipr } = await machine(t);
  const links = resyncTable(ipr, 'link', { where: ({ mtu = 0 }) => mtu >= 1400 });
  const first = (await links.next()).value!;
  t.same(first.type === 'snapshot' && [...first.rows.values()].map(({ ifname }) => ifname), ['lo', 'eth0']);
  await ipr.link('set', { dev: 'eth0', mtu: 1300 });
  t.match((await links.next()).value, { type: 'removed', row: { ifname: 'eth0' } });
  await ipr.link('set', { dev: 'eth0', mtu: 1500 });
  t.match((await links.next()).value, { type: 'added', row: { ifname: 'eth0', mtu: 1500 } });
  await ipr.link('set', { dev: 'eth0', mtu: 1450 });
  t.match((await links.next()).value, { type: 'changed', row: { mtu: 1450 }, before: { mtu: 1500 } });
  links.close();
});

t.test('its end', async (t) => {
  const { ipr } = await machine(t);
  for await (const change of resyncTable(ipr, 'rule')) {
    t.equal(change.type, 'snapshot');
    break;
  }
  const stop = new AbortController();
  const addrs = resyncTable(ipr, 'addr', { signal: stop.signal });
  await addrs.next();
  const waiting = addrs.next();
  stop.abort(new Error('enough'));
  await t.rejects(waiting, { message: 'enough' });
  const closed = resyncTable(ipr, 'neigh');
  await closed.next();
  const ended = closed.next();
  await ipr.close();
  t.same(await ended, { done: true, value: undefined });
});

/** A table whose every read is spoilt. */
const spoilt = (read: () => Promise<number[]>): ResyncSource<number, string> => {
  let open = true;
  return {
    events: {
      next: async () => {
        await sleep(0);
        return open ? { done: false, value: { type: 'overrun', dropped: 1 } } : { done: true, value: undefined };
      },
      close: () => {
        open = false;
      },
    },
    read,
    key: String,
    change: () => undefined,
    attempts: 3,
  };
};

t.test('a table that does not come to rest', async (t) => {
  let reads = 0;
  const keeper = resync(
    spoilt(async () => {
      reads++;
      await sleep(5);
      return [1];
    }),
  );
  await t.rejects(keeper.next(), OverrunError);
  t.equal(reads, 3);
});

t.test('a read that fails', async (t) => {
  const { kernel, ipr } = await machine(t);
  kernel.fault({ kind: 'done-error', errno: 12, type: 26 });
  await t.rejects(resyncTable(ipr, 'route').next(), { code: 'ENOMEM' });
});

t.test('bad input', async (t) => {
  const { ipr } = await machine(t);
  const bad = (table: string, options: object, field: string): void => {
    t.throws(() => resyncTable(ipr, table as 'link', options), { name: 'InputError', field }, `${table} ${field}`);
  };
  bad('links', {}, 'table');
  bad('link', { families: 2 }, 'families');
  bad('addr', { family: 2 }, 'family');
  bad('addr', { where: {} }, 'where');
  bad('addr', { attempts: 0 }, 'attempts');
  bad('addr', { rcvbuf: -1 }, 'rcvbuf');
  bad(undefined as never, {}, 'table');
  bad(7 as never, {}, 'table');
  bad('addr', [], 'options');
  bad('addr', null as never, 'options');
  t.throws(() => resyncTable(undefined as never, 'link'), { name: 'InputError', field: 'ipr' });
});

/** A source of one event that reads what it is told to. */
function source(given: object = {}) {
  const seen = { reads: 0, closed: false };
  let told = false;
  const parts = {
    events: {
      next: async () => {
        // Behind the turns in which what came before the read is left out.
        await sleep(30);
        const done = told || seen.closed;
        told = true;
        return done ? { done: true, value: undefined } : { done: false, value: 'event' };
      },
      close: () => {
        seen.closed = true;
      },
    },
    read: async () => {
      seen.reads++;
      return [1];
    },
    key: String,
    change: () => undefined,
    ...given,
  };
  return { parts: parts as never, seen };
}

t.test('what is no source', async (t) => {
  const refused = (given: object, code: string, field: string, message?: RegExp): void => {
    const { parts, seen } = source(given);
    const like = { name: 'InputError', code, field, ...(message && { message }) };
    t.throws(() => resync(parts), like, `${code} ${field}`);
    t.equal(seen.reads, 0, 'nothing was read');
  };
  for (const nothing of [undefined, null, 7, 'link', []])
    t.throws(() => resync(nothing as never), { name: 'InputError', field: 'source' });
  for (const key of ['events', 'read', 'key', 'change']) {
    refused({ [key]: undefined }, 'ERR_MISSING_KEY', key);
    refused({ [key]: 7 }, 'ERR_INVALID_VALUE', key);
    refused({ [key]: null }, 'ERR_INVALID_VALUE', key);
  }
  refused({ events: { next: async () => {} } }, 'ERR_INVALID_VALUE', 'events');
  refused({ same: true }, 'ERR_INVALID_VALUE', 'same');
  refused({ exact: 1 }, 'ERR_INVALID_VALUE', 'exact');
  for (const attempts of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null])
    refused({ attempts }, 'ERR_INVALID_VALUE', 'attempts');
  refused({ atempts: 3 }, 'ERR_UNKNOWN_KEY', 'atempts', /did you mean "attempts"/);
  class Table {
    readonly own = 1;
    events = (source().parts as ResyncSource<number, string>).events;
    read = async () => [this.own];
    key = String;
    change = () => undefined;
  }
  t.match((await resync(new Table()).next()).value, { type: 'snapshot' }, 'of a class it may have more');
});

t.test('functions of a source that give what they are not to', async (t) => {
  const fails = async (given: object, field: string): Promise<void> => {
    const { parts, seen } = source(given);
    const keeper = resync<number, string>(parts);
    const all = (async () => {
      for await (const _ of keeper);
    })();
    await t.rejects(all, { name: 'InputError', field } as never, field);
    t.ok(seen.closed, 'its events have ended');
  };
  for (const rows of [undefined, null, { 0: 1 }, 'rows', new Map()]) await fails({ read: async () => rows }, 'read');
  await fails({ key: () => 7 }, 'key');
  await fails({ key: () => undefined }, 'key');
  for (const change of ['garbage', null, 7, []]) await fails({ change: () => change }, 'change');
  await fails({ change: async () => Promise.reject(new Error('nobody’s')) }, 'change');
  await fails({ change: () => ({ agian: true }) }, 'change.agian');
  await fails({ change: () => ({ drop: '1' }) }, 'change.drop');
  await fails({ change: () => ({ drop: [1] }) }, 'change.drop');
  await fails({ change: () => ({ again: 'no' }) }, 'change.again');
  await fails({ change: () => ({ set: 1 }), same: () => 'no' }, 'same');
  const thrown = source({
    read: () => {
      throw new Error('at once');
    },
  });
  await t.rejects(resync(thrown.parts).next(), { message: 'at once' });
});

t.test('before is the row that was told before', async (t) => {
  type Row = { n: number; passing: number };
  const events = [
    { n: 1, passing: 1 },
    { n: 1, passing: 2 },
    { n: 2, passing: 3 },
  ];
  const { parts } = source({
    read: async () => [{ n: 1, passing: 0 }],
    key: () => 'one',
    same: (a: Row, b: Row) => a.n === b.n,
    change: (set: Row) => ({ set }),
    events: {
      next: async () => {
        // Behind the turns in which what came before the read is left out.
        await sleep(30);
        const value = events.shift();
        return { done: value === undefined, value };
      },
      close: () => {},
    },
  });
  const keeper = resync<Row, Row>(parts);
  const snapshot = (await keeper.next()).value;
  const told = snapshot?.type === 'snapshot' && snapshot.rows.get('one');
  const left = events.length;
  t.ok(left > 1, 'events that change nothing are to come');
  const change = (await keeper.next()).value;
  t.match(change, { type: 'changed', row: { n: 2, passing: 3 }, before: { n: 1, passing: 0 } });
  t.equal(change?.type === 'changed' && change.before, told);
  t.equal(change?.type === 'changed' && change.row, keeper.rows.get('one'));
  keeper.close();
});
