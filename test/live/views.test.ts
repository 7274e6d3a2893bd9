/** Views of a table, looked at when all of it has been read: they say what `ip` shows. */
import t from 'tap';
import { place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(300_000);

const ROUTES = 4000;

t.test('views that are kept stay as they were', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
  await p.ipr.link('set', { dev: 'v0', state: 'up' });
  await p.ipr.link('set', { dev: 'v1', state: 'up' });
  await p.ipr.addr('add', { dev: 'v0', address: '10.255.0.1/16' });
  const batch = p.ipr.batch();
  for (let i = 0; i < ROUTES; i++)
    batch.route('add', { dst: `${16 + (i >> 8)}.${i & 255}.0.0/16`, gateway: `10.255.${i & 255}.9`, priority: i + 1 });
  await batch.commit();

  // The first list of a socket comes in small pieces, many at once.
  t.equal((await p.ipr.getRoutes({ family: 'inet', table: 'main' })).length, ROUTES + 1);
  const views = [];
  let batches = 0;
  for await (const some of p.ipr.routeViews({ family: 'inet', table: 'main' }).batches()) {
    views.push(...some);
    batches++;
  }
  t.ok(batches > 2, `${batches} batches: what came first was received where the rest came later`);
  const shown = p.ip('-N', '-4', 'route', 'show', 'table', 'main');
  t.equal(views.length, shown.length);
  const index = new Map(p.ip('link').map((link) => [link.ifname, link.ifindex]));
  const said = views.map((view) => [
    view.dst === 'default' ? view.dst : `${view.dst}/${view.get('dstLen')}`,
    view.get('gateway'),
    view.get('RTA_PRIORITY'),
    view.oif,
    view.toObject().protocol,
  ]);
  t.same(
    said,
    shown.map((r) => [r.dst, r.gateway, r.metric, index.get(r.dev), Number(r.protocol)]),
  );
});
