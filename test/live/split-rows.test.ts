/** Tables whose rows the kernel splits, or says again, where an answer does not fit: ours are whole, and each is there once. */
import t from 'tap';
import type { StatsRow } from 'tsroute2';
import { place } from '../witness/live.js';

t.setTimeout(600_000);

const LINKS = 150;
const PORTS = 40;

/** What is there of counters. */
const groups = ({ link64, linkXstats, linkXstatsSlave, linkOffloadXstats, afSpec }: StatsRow): string[] => [
  ...Object.entries({ link64, linkOffloadXstats, afSpec }).flatMap(([key, value]) => (value ? [key] : [])),
  ...Object.keys(linkXstats?.bridge ?? {}),
  ...Object.keys(linkXstatsSlave?.bridge ?? {}),
];

t.test('many links', async (t) => {
  const p = await place(t);
  const batch = p.ipr.batch();
  for (let i = 0; i < LINKS; i++)
    batch.link('add', { ifname: `br${i}`, kind: 'bridge', state: 'up', bridge: { mcastStatsEnabled: true } });
  for (let i = 0; i < PORTS; i++) batch.link('add', { ifname: `p${i}`, kind: 'veth', peer: `q${i}`, master: `br${i}` });
  await batch.commit();
  const links = (await p.ipr.getLinks()).map(({ index }) => index);

  await t.test('counters', async (t) => {
    const rows = await p.ipr.getStats();
    t.same(rows.map(({ ifindex }) => ifindex).sort(), links.sort(), 'a row a link');
    const bridges = rows.filter(({ linkXstats }) => linkXstats?.bridge?.mcast !== undefined);
    t.equal(bridges.length, LINKS, 'each has its counters of groups');
    t.ok(bridges.every(({ link64 }) => link64 !== undefined));
    const streamed: number[] = [];
    for await (const { ifindex } of p.ipr.linkStats()) streamed.push(ifindex);
    t.same(streamed.sort(), links, 'streamed');
    // What one answer is about is never cut.
    for (const row of rows)
      t.same(groups(row), groups(await p.ipr.stats('get', { ifindex: row.ifindex })), `of ${row.ifindex}, everything`);
    const some = await p.ipr.getStats({ filterMask: ['link_xstats', 'link_xstats_slave'] });
    t.same(some.length, links.length);
    t.equal(some.filter(({ linkXstats }) => linkXstats?.bridge?.mcast).length, LINKS);
    t.equal(some.filter(({ linkXstatsSlave }) => linkXstatsSlave?.bridge?.stp).length, PORTS);
    t.ok(some.every(({ link64, filterMask }) => link64 === undefined && filterMask === 6));
    t.equal((await p.ipr.getStats(({ linkXstats }) => linkXstats?.bridge?.mcast !== undefined)).length, LINKS);
  });

  await t.test('neighbour tables', async (t) => {
    for (const name of ['arp_cache', 'ndisc_cache']) {
      const rows = await p.ipr.getNtables({ name });
      t.equal(rows.filter(({ parms }) => parms?.ifindex === undefined).length, 1, `${name} is told once`);
      const devices = rows.flatMap(({ parms }) => parms?.ifindex ?? []);
      t.equal(new Set(devices).size, devices.length);
      t.ok(devices.length > (name === 'arp_cache' ? LINKS : 0), `${devices.length} interfaces`);
    }
  });
});
