/** Columns of a table of both families, transferred to a worker: it reads there what `ip` shows. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { IPRoute, type RouteColumns } from 'tsroute2';
import { type Place, place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(300_000);

const ROUTES = 600;
const TYPES = ['', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit'];

/** Routes of all lengths, in several tables, with and without a next hop. */
async function fill(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'c0', kind: 'veth', peer: 'c1' });
  // No addresses that the kernel gives later, by itself, with their routes. First: of one request it does this last.
  for (const dev of ['c0', 'c1']) {
    await p.ipr.link('set', { dev, afSpec: { inet6: { addrGenMode: 'none' } } });
    await p.ipr.link('set', { dev, state: 'up' });
  }
  await p.ipr.addr('add', { dev: 'c0', address: '10.255.0.1/16' });
  await p.ipr.addr('add', { dev: 'c0', address: '2001:db8::1/64', flags: ['nodad'] });
  const batch = p.ipr.batch();
  for (let i = 0; i < ROUTES; i++) {
    const table = [254, 77, 100_000][i % 3]!;
    const [four, six] = [`${16 + (i >> 8)}.${i & 255}.0.0`, `2001:db8:${i.toString(16)}::`];
    if (i % 5 === 0) batch.route('add', { dst: `${four}/16`, table, type: 'blackhole', priority: i });
    else
      batch.route('add', { dst: `${four}/${16 + (i % 17)}`, table, gateway: `10.255.${i & 255}.9`, priority: i + 1 });
    batch.route('add', {
      dst: `${six}/${48 + (i % 81)}`,
      table,
      gateway: `2001:db8::${i.toString(16)}9`,
      priority: i + 1,
    });
  }
  await batch.commit();
}

/** The same lines of what `ip` shows. */
function shown(p: Place): string[] {
  const index = new Map(p.ip('link').map((link) => [link.ifname, link.ifindex]));
  const number = (words: readonly string[], word: unknown): number => words.indexOf(`${word}`);
  return [4, 6].flatMap((version) =>
    // Numbers instead of names; next hops of a blackhole of IPv6 are the kernel's own.
    p.ip('-N', `-${version}`, 'route', 'show', 'table', 'all').map((r) => {
      const length = version === 4 ? 32 : 128;
      const none = version === 4 ? '0.0.0.0' : '::';
      const dst = `${r.dst}` === 'default' || `${r.dst}`.includes('/') ? r.dst : `${r.dst}/${length}`;
      const type = /^\d+$/.test(`${r.type ?? 1}`) ? (r.type ?? 1) : number(TYPES, r.type);
      const numbers = [r.table ?? 254, r.protocol, r.scope ?? 0, type, r.metric ?? 0, index.get(r.dev) ?? 0];
      return [version === 4 ? 2 : 10, dst, r.gateway ?? none, ...numbers].join(' ');
    }),
  );
}

t.test('a worker reads them, and here they are gone', async (t) => {
  const p = await place(t);
  await fill(p);
  const columns = await p.ipr.getRouteColumns();
  const arrays = Object.values(columns.data);
  const buffers = arrays.map(({ buffer }) => buffer as ArrayBuffer);
  t.equal(new Set(buffers).size, arrays.length, 'each has memory of its own');

  const worker = new Worker(new URL('./columns-worker.js', import.meta.url));
  t.teardown(() => worker.terminate());
  const answer = once(worker, 'message');
  worker.postMessage(columns, buffers);
  for (const array of arrays) t.equal(array.byteLength, 0, 'moved, not copied');
  const [lines] = (await answer) as [string[]];

  t.ok(lines.length > 2 * ROUTES, `${lines.length} routes`);
  t.same(lines.sort(), shown(p).sort());
  // The next ones have memory of their own again.
  t.equal((await p.ipr.getRouteColumns()).length, lines.length);
});

/** A sum over what columns say: to show how large arrays differ takes the test framework minutes. */
function sumOf({ length, data }: RouteColumns): string {
  const hash = createHash('sha256').update(`${length}`);
  for (const [key, { buffer, byteOffset, byteLength }] of Object.entries(data))
    hash.update(key).update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}

t.test('beside other calls of the same moment', async (t) => {
  const p = await place(t);
  await fill(p);
  // What the kernel adds to others when links come up is in none of these.
  const [some, others] = [{ table: 100_000 }, { family: 'inet6', table: 77 }] as const;
  const alone = await p.ipr.getRouteColumns(some);
  await using other = new IPRoute({ netns: p.name });
  const six = await p.ipr.getRouteColumns(others);
  for (let i = 0; i < 20; i++) {
    const [all, inet6] = await Promise.all([
      p.ipr.getRouteColumns(some),
      p.ipr.getRouteColumns(others),
      ...(i % 2 === 0 ? [p.ipr.getLinks(), other.getRoutes()] : [p.ipr.link('get', { dev: 'c0' }), other.getAddr()]),
      // Two turns of the microtask queue later.
      Promise.resolve()
        .then(() => {})
        .then(() => other.link('get', { dev: 'c1' })),
    ]);
    t.equal(sumOf(all), sumOf(alone), 'of both families');
    t.equal(sumOf(inet6), sumOf(six), 'of IPv6');
  }
});

t.test('room for as many as there were the last time, and no more is kept than four times what is there', async (t) => {
  const p = await place(t);
  await fill(p);
  const filter = { family: 'inet', table: 99 } as const;
  const room = ({ data }: RouteColumns): number[] =>
    Object.values(data).map(({ buffer, byteLength }) => buffer.byteLength / byteLength);
  const batch = p.ipr.batch();
  for (let i = 0; i < 6000; i++)
    batch.route('add', { dst: `20.${i >> 8}.${i & 255}.0/24`, table: 99, gateway: '10.255.0.9', priority: i });
  await batch.commit();
  const first = await p.ipr.getRouteColumns(filter);
  const second = await p.ipr.getRouteColumns(filter);
  t.equal(first.length, 6000);
  t.equal(sumOf(second), sumOf(first));
  t.ok(
    room(first).every((times) => times >= 1 && times < 4),
    `${room(first)}`,
  );
  t.same(room(second), room(second).fill(6375 / 6000), 'a sixteenth more');
  // Another request has nothing to do with that.
  const other = await p.ipr.getRouteColumns({ ...filter, protocol: 'kernel' });
  t.equal(other.length, 0);

  await p.ipr.flushRoutes(filter);
  await p.ipr.route('add', { dst: '20.0.0.0/24', table: 99, gateway: '10.255.0.9' });
  const one = await p.ipr.getRouteColumns(filter);
  t.equal(one.length, 1);
  t.same(room(one), room(one).fill(1), 'what is hardly used is let go');
  t.match(p.ip('-4', 'route', 'show', 'table', '99'), [{ dst: '20.0.0.0/24' }]);
});
