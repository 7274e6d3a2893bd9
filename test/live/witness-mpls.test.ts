/** Routes between labels, made by us and read by `ip`, made by `ip` and read by us, changed and deleted by us. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { RouteSpec } from 'tsroute2';
import { Witness } from '../witness/compare.js';
import { namesOf, type Place, place, verdict } from '../witness/live.js';
import { routeToIp } from '../witness/map-route.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('mpls', 'live');
let complete = false;

type Spec = Omit<RouteSpec, 'dst' | 'family'>;
const four = { family: 'inet', addr: '10.0.0.2' } as const;
const six = { family: 'inet6', addr: '2001:db8::2' } as const;
/** A route as we say it and as `ip` says it. */
const ROUTES: readonly (readonly [string, Spec, string])[] = [
  ['100', { via: four, dev: 'e0' }, 'via inet 10.0.0.2 dev e0'],
  ['16', { newdst: '200', via: four, dev: 'e0' }, 'as 200 via inet 10.0.0.2 dev e0'],
  ['1048574', { newdst: [1048575, 16, 18], via: six, dev: 'e0' }, 'as 1048575/16/18 via inet6 2001:db8::2 dev e0'],
  [
    '103',
    { newdst: 0, via: six, dev: 'e0', ttlPropagate: true },
    'as 0 via inet6 2001:db8::2 dev e0 ttl-propagate enabled',
  ],
  ['104', { via: four, dev: 'e0', ttlPropagate: false }, 'via inet 10.0.0.2 dev e0 ttl-propagate disabled'],
  ['105', { dev: 'lo' }, 'dev lo'],
  ['106', { via: four, dev: 'e0', proto: 'bgp' }, 'via inet 10.0.0.2 dev e0 proto bgp'],
  [
    '107',
    {
      multipath: [
        { via: four, dev: 'e0', newdst: '16/17' },
        { via: six, dev: 'e0' },
      ],
    },
    'nexthop as 16/17 via inet 10.0.0.2 dev e0 nexthop via inet6 2001:db8::2 dev e0',
  ],
];

/** A link with addresses and room for labels; a reason where the kernel has none. */
async function labelled(p: Place): Promise<false | string> {
  const run = (script: string): void => void execFileSync('ip', ['netns', 'exec', p.name, 'sh', '-c', script]);
  if (process.env.TSROUTE2_VM) execFileSync('modprobe', ['-q', 'mpls_router']);
  if (!existsSync('/proc/sys/net/mpls')) return 'this kernel has no MPLS';
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await p.ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
  run('echo 1048575 > /proc/sys/net/mpls/platform_labels');
  return false;
}

async function compare(t: Test, p: Place, how: string): Promise<void> {
  const names = namesOf(p.ip('link'));
  const ours = await p.ipr.getRoutes({ family: 'mpls' });
  const theirs = p.ip('-f', 'mpls', 'route', 'show');
  t.equal(ours.length, theirs.length, `${how}: the same number of routes`);
  for (const [i, row] of ours.entries())
    witness.compare(how, {
      label: `${row.dst}, ${how}`,
      ours: row,
      theirs: { ...theirs[i], family: 'mpls' },
      map: (o) => routeToIp(o, names),
    });
  t.same(
    (await p.ipr.getRoutes()).filter(({ family }) => family === 28),
    ours,
    'the same among routes of all families',
  );
}

for (const how of ['made by us', 'made by ip'] as const)
  t.test(how, async (t) => {
    const p = await place(t);
    const reason = await labelled(p);
    if (reason !== false) {
      t.plan(0, reason);
      return;
    }
    complete = true;
    // Their table is in the header only, where a filter of the kernel's must look, too.
    const inMain = p.ipr.monitor({ groups: ['mpls-route'], filter: { table: 'main' } });
    const elsewhere = p.ipr.monitor({ groups: ['mpls-route'], filter: { table: [77, 2 ** 24 + 77] } });
    t.teardown(() => [inMain, elsewhere].map((monitor) => monitor.close()));
    if (how === 'made by us')
      for (const [dst, spec] of ROUTES) await p.ipr.route('add', { family: 'mpls', dst, ...spec });
    else
      p.batch(
        ROUTES.map(([dst, , line]) => `route add ${dst} ${line}`),
        '-f',
        'mpls',
      );
    await compare(t, p, how);
    const events: unknown[] = [];
    for (let i = 0; i < ROUTES.length; i++) {
      const { value } = await inMain.next();
      if (value?.type === 'message') events.push((value.value as { dst?: unknown }).dst);
    }
    t.same(
      events,
      ROUTES.map(([dst]) => dst),
      'events of the main table',
    );
    t.equal(await Promise.race([elsewhere.next(), sleep(200, 'none')]), 'none', 'none of other tables');
    const found = await p.ipr.route('get', { family: 'mpls', dst: '1048574' });
    t.match(found, { dst: '1048574', newdst: '1048575/16/18', via: { family: 10, addr: '2001:db8::2' } });
    await p.ipr.route('replace', { family: 'mpls', dst: '100', newdst: '305419', via: six, dev: 'e0' });
    await compare(t, p, 'changed by us');
    // What comes out can be put in again.
    const rows = await p.ipr.getRoutes({ family: 'mpls' });
    for (const row of rows) await p.ipr.route('replace', row);
    t.same(await p.ipr.getRoutes({ family: 'mpls' }), rows);
    await p.ipr.route('del', { family: 'mpls', dst: '16' });
    t.equal(p.ip('-f', 'mpls', 'route', 'show').length, ROUTES.length - 1);
    await p.ipr.flushRoutes({ family: 'mpls' });
    t.same(p.ip('-f', 'mpls', 'route', 'show'), []);
  });

t.test('every key is the same', async (t) => verdict(t, witness, complete));
