/**
 * Numbers of which no specification tells the width: each at 0, 1, its greatest value and one whose bytes all differ, as
 * far as the kernel takes them, so that width, sign and byte order cannot be wrong. Set by us, printed by `ip` or `bridge`.
 */
import t, { type Test } from 'tap';
import { NetlinkError } from 'tsroute2';
import { type Json, kernelAtLeast } from '../witness/compare.js';
import { ipAtLeast, type Place, place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

type Tree = { [key: string]: Json };
type Values = Record<string, unknown>;

/** What `ip` prints of each link's kind, by name. */
const kinds = (p: Place): Map<string, Tree> =>
  new Map(p.ip('link', 'show').map((l) => [String(l.ifname), ((l.linkinfo as Tree)?.info_data ?? {}) as Tree]));
const ours = async (p: Place, kind: string): Promise<Map<string, Values>> =>
  new Map(
    (await p.ipr.getLinks()).map((l) => [l.ifname!, ((l.linkinfo as Values | undefined)?.[kind] ?? {}) as Values]),
  );

/** Links of one kind with several values each: what we set, and what `ip` prints of it. */
async function links(t: Test, p: Place, kind: string, sets: readonly (readonly [Values, Tree])[], rest: Values = {}) {
  for (const [i, [values]] of sets.entries())
    await p.ipr.link('add', { ifname: `k${i}`, kind, ...rest, [kind]: values } as never);
  const [theirs, read] = [kinds(p), await ours(p, kind)];
  for (const [i, [values, printed]] of sets.entries()) {
    t.match(read.get(`k${i}`), values, `${kind} ${i}: as it was set`);
    t.match(theirs.get(`k${i}`), printed, `${kind} ${i}: as ip prints it`);
  }
}

/** A number as `ip` prints it: with six digits. */
const six = (value: number): number => Number(value.toPrecision(6));

/** Flow labels are of IPv6. */
const SIX = { local6: '2001:db8::1' };

t.test('vxlan', async (t) => {
  const p = await place(t);
  await links(t, p, 'vxlan', [
    [
      { ...SIX, id: 0, port: 1, ttl: 1, tos: 2, limit: 0, portRange: { low: 0, high: 0 }, label: 0 },
      { id: 0, port: 1, ttl: 1, tos: '0x2' },
    ],
    [
      { ...SIX, id: 1, port: 2, ttl: 2, tos: 4, ageing: 1, limit: 1, portRange: { low: 1, high: 1 }, label: 1 },
      { id: 1, port: 2, ttl: 2, tos: '0x4', ageing: 1, limit: 1, port_range: { low: 1, high: 1 }, label: '0x1' },
    ],
    [
      {
        ...SIX,
        id: 0xffffff,
        port: 0xffff,
        ttl: 255,
        tos: 0xff,
        ageing: 0xffffffff,
        limit: 0xffffffff,
        portRange: { low: 0xffff, high: 0xffff },
        label: 0xfffff,
      },
      {
        id: 0xffffff,
        port: 0xffff,
        ttl: 255,
        tos: '0xff',
        port_range: { low: 0xffff, high: 0xffff },
        label: '0xfffff',
      },
    ],
    [
      {
        ...SIX,
        id: 0x010203,
        port: 0x0102,
        ttl: 0x12,
        tos: 0x2c,
        ageing: 0x01020304,
        limit: 0x05060708,
        portRange: { low: 0x0304, high: 0x0506 },
        label: 0x12345,
      },
      {
        id: 0x010203,
        port: 0x0102,
        ttl: 0x12,
        tos: '0x2c',
        ageing: 0x01020304,
        limit: 0x05060708,
        port_range: { low: 0x0304, high: 0x0506 },
        label: '0x12345',
      },
    ],
  ]);
});

t.test('macvlan', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  const sets = [0, 1, 0x01020304, 0xffffffff].map(
    (n) => [{ mode: 'bridge', bcQueueLen: n }, { bcqueuelen: n }] as const,
  );
  await links(t, p, 'macvlan', sets, { link: 'e0' });
});

t.test('next hops', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
  await p.ipr.link('set', { dev: 'e1', state: 'up' });
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  for (const id of [1, 0x01020304, 0xffffffff]) await p.ipr.nexthop('add', { id, gateway: '10.0.0.2', dev: 'e0' });
  const wide = kernelAtLeast('6.12');
  const weights = [1, 2, 256, ...(wide ? [0x0304, 0xffff] : [])];
  for (const [i, weight] of weights.entries())
    await p.ipr.nexthop('add', { id: 100 + i, group: [{ id: 0x01020304, weight }] } as never);
  const timers = [
    { buckets: 1, idleTimer: 0, unbalancedTimer: 0 },
    { buckets: 0x0102, idleTimer: 100, unbalancedTimer: 100 },
    { buckets: 0xffff, idleTimer: 0x01020300, unbalancedTimer: 0x01020380 },
  ];
  for (const [i, resGroup] of timers.entries())
    await p.ipr.nexthop('add', { id: 200 + i, group: [{ id: 1 }], groupType: 'resilient', resGroup });
  const theirs = new Map(p.ip('nexthop', 'show').map((row) => [row.id as number, row]));
  const read = new Map((await p.ipr.getNexthops()).map((row) => [row.id, row]));
  for (const id of [1, 0x01020304, 0xffffffff]) t.match([read.get(id)?.id, theirs.get(id)?.id], [id, id]);
  for (const [i, weight] of weights.entries()) {
    t.match(read.get(100 + i)?.group, [{ weight }]);
    // An `ip` that is older than the kernel cuts it.
    if (weight <= 256 || ipAtLeast('6.12'))
      t.match(theirs.get(100 + i)?.group, [{ id: 0x01020304, ...(weight > 1 && { weight }) }]);
  }
  for (const [i, resGroup] of timers.entries()) {
    t.match(read.get(200 + i)?.resGroup, resGroup);
    const { buckets, idleTimer, unbalancedTimer } = resGroup;
    t.match(theirs.get(200 + i)?.resilient_args, {
      buckets,
      idle_timer: six(idleTimer / 100),
      unbalanced_timer: six(unbalancedTimer / 100),
    });
  }
});

t.test('labels of addresses, numbers of namespaces', async (t) => {
  const p = await place(t);
  const labels = [0, 1, 0x01020304, 0xfffffffe];
  for (const [i, label] of labels.entries()) await p.ipr.addrlabel('add', { address: `2001:db8:${i + 1}::/48`, label });
  const theirs = p.ip('addrlabel', 'show').filter(({ address }) => String(address).startsWith('2001:db8'));
  t.same(theirs.map(({ label }) => label as number).sort(), [...labels].sort());
  t.same(
    (await p.ipr.getAddrLabels({ address: (a) => a?.startsWith('2001:db8') })).map(({ label }) => label).sort(),
    [...labels].sort(),
  );
  for (const nsid of [0, 1, 0x01020304, 0x7ffffffe]) {
    const other = await place(t);
    await p.ipr.nsid('set', { netns: other.path, nsid });
    t.match(await p.ipr.nsid('get', { netns: other.path }), { nsid });
    t.ok(
      p.ip('netns', 'list-id').some((row) => row.nsid === nsid),
      `${nsid} for ip`,
    );
  }
});

t.test('groups of a VXLAN, its identifiers', async (t) => {
  const p = await place(t);
  await p.ipr.link('add', {
    ifname: 'x0',
    kind: 'vxlan',
    vxlan: { port: 4789, collectMetadata: true, vnifilter: true },
    state: 'up',
  } as never);
  for (const vni of [1, 0x010203, 0xffffff]) await p.ipr.vni('add', { dev: 'x0', vni });
  t.same(
    (await p.ipr.vni('dump', { dev: 'x0' })).flatMap(({ entry }) => entry?.map(({ start }) => start)),
    [1, 0x010203, 0xffffff],
  );
  const [row] = p.bridge('vni', 'show', 'dev', 'x0');
  t.same(
    ((row?.vnis ?? []) as Tree[]).map(({ vni }) => Number(vni)),
    [1, 0x010203, 0xffffff],
  );
  if (!kernelAtLeast('6.4')) return;
  const groups = [
    { rtprot: 4, dstPort: 1, vni: 1, srcVni: 1 },
    { rtprot: 0x12, dstPort: 0x0102, vni: 0x010203, srcVni: 0x040506 },
    { rtprot: 0xfe, dstPort: 0xffff, vni: 0xffffff, srcVni: 0xfffffe },
  ];
  for (const [i, group] of groups.entries())
    await p.ipr.mdb('add', {
      dev: 'x0',
      port: 'x0',
      grp: `239.1.1.${i + 1}`,
      dst: '10.0.0.9',
      state: 'permanent',
      ...group,
    });
  const read = await p.ipr.mdb('dump', { dev: 'x0' });
  for (const [i, group] of groups.entries())
    t.match(
      read.find(({ grp }) => grp === `239.1.1.${i + 1}`),
      group,
    );
  if (!ipAtLeast('6.4')) return;
  const [printed] = p.bridge('mdb', 'show', 'dev', 'x0');
  for (const [i, { dstPort, vni, srcVni }] of groups.entries())
    t.match(
      ((printed?.mdb ?? []) as Tree[]).find(({ grp }) => grp === `239.1.1.${i + 1}`),
      { src_vni: srcVni, ...(dstPort !== 4789 && { dst_port: dstPort }), ...(vni !== 0 && { vni }) },
    );
});

t.test('options of VLANs', async (t) => {
  const p = await place(t);
  const multiBoolopt = { optval: ['mcast_vlan_snooping'], optmask: ['mcast_vlan_snooping'] };
  try {
    await p.ipr.link('add', { ifname: 'br0', kind: 'bridge', bridge: { vlanFiltering: true, multiBoolopt } } as never);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'EOPNOTSUPP') return t.comment('no VLAN filtering');
    throw error;
  }
  const counts = ['mcastLastMemberCnt', 'mcastStartupQueryCnt'] as const;
  const times = [
    'mcastLastMemberIntvl',
    'mcastMembershipIntvl',
    'mcastQuerierIntvl',
    'mcastQueryResponseIntvl',
  ] as const;
  // Times in hundredths of a second; the kernel counts them in ticks of its own.
  const sets = [
    [0, 0],
    [1, 100],
    [0x01020304, 0x0102030400],
    [0xffffffff, 0x010203040000],
  ] as const;
  for (const [i, [count, time]] of sets.entries()) {
    const vid = 10 + i;
    await p.ipr.vlanFilter('add', { dev: 'br0', vlanInfo: { vid }, self: true });
    const values = {
      ...Object.fromEntries(counts.map((k) => [k, count])),
      ...Object.fromEntries(times.map((k) => [k, time])),
    };
    await p.ipr.vlanGlobal('set', { dev: 'br0', vid, ...values });
    t.match(await p.ipr.vlanGlobal('dump', { vid }), [values], `VLAN ${vid}`);
  }
  const [row] = p.bridge('vlan', 'global', 'show', 'dev', 'br0');
  for (const [i, [count, time]] of sets.entries())
    t.match(
      ((row?.vlans ?? []) as Tree[]).find(({ vlan }) => vlan === 10 + i),
      {
        mcast_last_member_count: count,
        mcast_startup_query_count: count,
        mcast_last_member_interval: time,
        mcast_membership_interval: time,
        mcast_querier_interval: time,
        mcast_query_response_interval: time,
      },
    );
});
