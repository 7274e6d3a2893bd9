/** Neighbour tables, netconf, labels of addresses and counters, with `ip` as the second witness. */
import { execFileSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { NetlinkError, type NtableSpec } from 'tsroute2';
import { type Json, kernelAtLeast, type Mapped, Witness } from '../witness/compare.js';
import { namesOf, type Place, place, verdict } from '../witness/live.js';
import { bridge, type Printed } from '../witness/live-neigh.js';
import { labelToIp, netconfToIp, ntableToIp, statsToIp } from '../witness/map-others.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const AF_MPLS = 28;

const tables = new Witness('ntable', 'live');
const confs = new Witness('netconf', 'live');
const labels = new Witness('addrlabel', 'live');
const counters = new Witness('stats', 'live');

async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
}

interface Lists<T> {
  ours: T[];
  theirs: Printed[];
  later: T[];
}

/** Compares rows in the order in which both were read. */
function inOrder<T extends object>(
  t: Test,
  witness: Witness,
  how: string,
  { ours, theirs, later }: Lists<T>,
  map: (o: T) => Mapped,
): number {
  t.equal(ours.length, theirs.length, `${how}: as many rows`);
  for (const [i, row] of ours.entries())
    witness.compare(how, { label: `${i}, ${how}`, ours: row, later: later[i], theirs: theirs[i] ?? {}, map });
  return ours.length;
}

async function compareTables(t: Test, p: Place, how: string): Promise<number> {
  const names = namesOf(p.ip('link'));
  let read = { ours: await p.ipr.getNtables(), theirs: p.ip('ntable', 'show'), later: await p.ipr.getNtables() };
  // The number of entries is that of all namespaces of the machine, where they come and go.
  const restless = () =>
    read.theirs.some(({ entries }, i) => {
      const counts = [read.ours[i]?.config?.entries, read.later[i]?.config?.entries];
      return entries !== undefined && !counts.includes(entries as number);
    });
  for (let tries = 0; tries < 20 && restless(); tries++)
    read = { ours: await p.ipr.getNtables(), theirs: p.ip('ntable', 'show'), later: await p.ipr.getNtables() };
  return inOrder(t, tables, how, read, (o) => ntableToIp(o, names));
}

/** Parameters as we say them and as `ip` says them. Times are multiples of what a kernel of any frequency can count. */
const PARMS: readonly (readonly [NonNullable<NtableSpec['parms']>, string])[] = [
  [{ baseReachableTime: 12_000 }, 'base_reachable 12000'],
  [{ retransTime: 2000 }, 'retrans 2000'],
  [{ gcStaletime: 90_000 }, 'gc_stale 90000'],
  [{ delayProbeTime: 7000 }, 'delay_probe 7000'],
  [{ queueLen: 300 }, 'queue 300'],
  [{ appProbes: 2 }, 'app_probes 2'],
  [{ ucastProbes: 5 }, 'ucast_probes 5'],
  [{ mcastProbes: 9 }, 'mcast_probes 9'],
  [{ anycastDelay: 300 }, 'anycast_delay 300'],
  [{ proxyDelay: 500 }, 'proxy_delay 500'],
  [{ proxyQlen: 12 }, 'proxy_queue 12'],
  [{ locktime: 400 }, 'locktime 400'],
];

for (const how of ['changed by us', 'changed by ip'] as const) {
  t.test(`neighbour tables, ${how}`, async (t) => {
    const p = await place(t);
    await linked(p);
    t.ok((await compareTables(t, p, 'made by the kernel')) >= 8, 'two tables, each with three links');
    for (const [dev, name, family] of [
      ['e0', 'arp_cache', 'inet'],
      ['e1', 'ndisc_cache', 'inet6'],
    ] as const) {
      for (const [parms, line] of PARMS) {
        if (how === 'changed by ip') p.batch([`ntable change name ${name} dev ${dev} ${line}`]);
        else await p.ipr.ntable('set', { name, dev, parms });
      }
      const index = await p.index(dev);
      const [row] = await p.ipr.getNtables({ family, 'parms.ifindex': index });
      t.match(row?.parms, Object.assign({}, ...PARMS.map(([parms]) => parms)));
    }
    await compareTables(t, p, how);
  });
}

t.test('neighbour tables: refusals, and what ip cannot say', async (t) => {
  const p = await place(t);
  await linked(p);
  const refused = async (spec: NtableSpec): Promise<unknown> => {
    const error = await p.ipr.ntable('set', spec).catch((error: unknown) => error);
    return error instanceof NetlinkError ? error.code : error;
  };
  t.equal(await refused({ name: 'none', dev: 'e0', parms: { retransTime: 1 } }), 'ENOENT');
  t.equal(await refused({ name: 'arp_cache', thresh1: 1 }), 'ENOENT', 'thresholds are of the first namespace only');
  await p.ipr.ntable('set', { name: 'arp_cache', dev: 'e0', parms: { mcastReprobes: 3, queueLenbytes: 100_000 } });
  const [row] = await p.ipr.getNtables({ name: 'arp_cache', 'parms.ifindex': await p.index('e0') });
  t.equal(row?.parms?.mcastReprobes, 3);
  t.ok((row?.parms?.queueLenbytes ?? 0) >= 100_000);
  if (kernelAtLeast('6.0')) {
    await p.ipr.ntable('set', { name: 'arp_cache', dev: 'e0', parms: { intervalProbeTimeMs: 9000 } });
    const [after] = await p.ipr.getNtables({ name: 'arp_cache', 'parms.ifindex': await p.index('e0') });
    t.equal(after?.parms?.intervalProbeTimeMs, 9000);
  }
});

/** Something else than the kernel has, of each that is compared. */
const SYSCTLS: Readonly<Record<string, number>> = {
  'ipv4/conf/e0/forwarding': 1,
  'ipv4/conf/e0/rp_filter': 1,
  'ipv4/conf/e1/rp_filter': 2,
  'ipv4/conf/e0/proxy_arp': 1,
  'ipv4/conf/e0/ignore_routes_with_linkdown': 1,
  'ipv6/conf/e0/forwarding': 1,
  'ipv6/conf/e0/proxy_ndp': 1,
  'ipv6/conf/e0/ignore_routes_with_linkdown': 1,
};

/** Writes a parameter. Some kernels report a part of what was written, which a shell takes for an error: so it is read. */
function written(p: Place, file: string, value: number): void {
  const path = `/proc/sys/net/${file}`;
  const script = `echo ${value} > ${path}; [ "$(cat ${path})" = ${value} ]`;
  execFileSync('ip', ['netns', 'exec', p.name, 'sh', '-c', script], { stdio: 'pipe' });
}

t.test('netconf', async (t) => {
  const p = await place(t);
  await linked(p);
  const names = namesOf(p.ip('link'));
  const compare = async (how: string): Promise<void> => {
    for (const family of ['inet', 'inet6'] as const) {
      const ours = await p.ipr.getNetconf({ family });
      const theirs = p.ip(family === 'inet' ? '-4' : '-6', 'netconf', 'show');
      t.ok(inOrder(t, confs, how, { ours, theirs, later: ours }, (o) => netconfToIp(o, names)) >= 5);
    }
  };
  await compare('made by the kernel');
  // Nothing of it can be set by netlink: it is written where it belongs, in the files of this namespace.
  for (const [file, value] of Object.entries(SYSCTLS)) written(p, file, value);
  await compare('changed by files');
  t.match(await p.ipr.netconf('get', { dev: 'e0', family: 'inet' }), {
    family: 2,
    ifindex: await p.index('e0'),
    forwarding: 1,
    rpFilter: 'strict',
  });
  t.match(await p.ipr.netconf('get', { dev: 'all', family: 'inet6' }), { family: 10, ifindex: -1 });
  t.match(await p.ipr.netconf('get', { ifindex: -2, family: 'inet' }), { family: 2, ifindex: -2 });
  // Kernels with MPLS tell of that as well.
  const all = await p.ipr.getNetconf();
  for (const family of [2, 10])
    t.same(
      all.filter((row) => row.family === family),
      await p.ipr.getNetconf({ family }),
    );
  t.ok(all.every(({ family }) => [2, 10, AF_MPLS].includes(family)));
  t.same(
    (await p.ipr.getNetconf({ ifindex: -1 })).map(({ family }) => family).filter((family) => family !== AF_MPLS),
    [2, 10],
  );
});

t.test('labels of addresses', async (t) => {
  const p = await place(t);
  await linked(p);
  const compare = async (how: string): Promise<void> => {
    const names = namesOf(p.ip('link'));
    const ours = await p.ipr.getAddrLabels();
    inOrder(t, labels, how, { ours, theirs: p.ip('addrlabel', 'show'), later: ours }, (o) => labelToIp(o, names));
  };
  await compare('made by the kernel');
  await p.ipr.addrlabel('add', { address: '2001:db8::/32', label: 99 });
  await p.ipr.addrlabel('add', { address: '2001:db8:1::', prefixlen: 48, dev: 'e0', label: 16_909_060 });
  await p.ipr.addrlabel('add', { address: '2001:db8::1', label: 0 });
  await compare('made by us');
  p.batch(['addrlabel add prefix 2001:db8:2::/48 label 5', 'addrlabel add prefix 2001:db8:3::/48 dev e0 label 6']);
  await compare('made by ip');
  t.match(await p.ipr.addrlabel('get', { address: '2001:db8::2' }), {
    address: '2001:db8::',
    prefixlen: 32,
    label: 99,
  });
  t.equal((await p.ipr.addrlabel('get', { address: '2001:db8:1::7', dev: 'e0' })).label, 16_909_060);
  t.equal((await p.ipr.addrlabel('get', { address: '2001:db8:1::7' })).label, 99);
  for (const row of await p.ipr.getAddrLabels({ address: (address) => address?.startsWith('2001:db8') })) {
    const { address, prefixlen, index } = row;
    await p.ipr.addrlabel('del', { address: address!, prefixlen, index });
  }
  t.same(
    p.ip('addrlabel', 'show').filter(({ address }) => String(address).startsWith('2001:db8')),
    [],
    'gone for ip',
  );
  await t.rejects(p.ipr.addrlabel('del', { address: '2001:db8::/32' }), { code: 'ESRCH' } as never);
});

/** The groups that `ip stats` prints of each link, under their names; those without counters are left out. */
function grouped(rows: readonly Printed[]): Map<number, Printed> {
  const found = new Map<number, Printed>();
  for (const { ifindex, ifname, group, subgroup, suite, ...rest } of rows) {
    const link = found.get(ifindex as number) ?? { ifindex: ifindex!, ifname: ifname! };
    found.set(ifindex as number, link);
    const { vlans } = rest;
    if (Object.keys(rest).length > 0 && !(Array.isArray(vlans) && vlans.length === 0))
      link[[group, subgroup, suite].filter((word) => word !== undefined).join(' ')] = rest;
  }
  return found;
}

t.test('counters', { skip: !kernelAtLeast('5.18') && 'ip asks for filters that came with Linux 5.18' }, async (t) => {
  const p = await place(t);
  await linked(p);
  await p.ipr.link('add', {
    ifname: 'br0',
    kind: 'bridge',
    state: 'up',
    bridge: { mcastStatsEnabled: true, mcastQuerier: true },
  });
  await p.ipr.link('set', { dev: 'e1', master: 'br0' });
  const names = namesOf(p.ip('link'));
  const ours = await p.ipr.getStats();
  const theirs = grouped(p.ip('stats', 'show'));
  // Those of VLANs, where bridges have them, are printed by another program.
  const hasVlans = ours.some(({ linkXstats }) => linkXstats?.bridge?.vlan !== undefined);
  for (const { ifname, vlans } of hasVlans ? bridge(p, 'vlan', 'show') : []) {
    const link = [...theirs.values()].find((one) => one.ifname === ifname);
    // It prints the options of each as well, which are no counters.
    if (link !== undefined)
      link.vlans = (vlans as Record<string, Json>[]).map((vlan) =>
        Object.fromEntries(Object.entries(vlan).filter(([key]) => /^(vlan|flags|[rt]x_.*)$/.test(key))),
      );
  }
  const later = new Map((await p.ipr.getStats()).map((row) => [row.ifindex, row]));
  t.equal(ours.length, theirs.size, 'as many links');
  for (const row of ours)
    counters.compare('made by the kernel', {
      label: names.name(row.ifindex),
      ours: row,
      later: later.get(row.ifindex),
      theirs: theirs.get(row.ifindex) ?? {},
      map: (o) => statsToIp(o, names),
    });
  const index = await p.index('e1');
  const one = await p.ipr.stats('get', { dev: 'e1', filterMask: ['link_64', 'link_xstats_slave'] });
  t.equal(one.ifindex, index);
  t.ok(
    one.link64 !== undefined && one.linkXstatsSlave?.bridge?.stp !== undefined && one.linkOffloadXstats === undefined,
  );
  const info = { filterMask: 'link_offload_xstats', getFilters: { linkOffloadXstats: 2 } } as const;
  t.same((await p.ipr.stats('get', { dev: 'e0', ...info })).linkOffloadXstats, {
    hwSInfo: { l3Stats: { request: false, used: false } },
  });
  t.same((await p.ipr.getStats({ ...info, ifindex: index })).length, 1);
  const streamed: number[] = [];
  for await (const row of p.ipr.linkStats({ filterMask: 1 })) streamed.push(row.ifindex);
  t.same(
    streamed,
    ours.map(({ ifindex }) => ifindex),
  );
  await p.ipr.stats('set', { dev: 'e0', l3Stats: false });
});

t.test('every key is the same', async (t) => {
  for (const witness of [tables, confs, labels, counters]) verdict(t, witness, true);
});
