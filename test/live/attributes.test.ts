/**
 * What may be set and no other test sets: each to a value that is not the default, read back by us and by `ip` or
 * `bridge`, or found where the kernel keeps it. A row whose kind or kernel is not here is passed over; that each
 * was taken by some kernel is what test/coverage/untaken.test.ts demands.
 */
import t, { type Test } from 'tap';
import { type IPRoute, NetlinkError, NLM_F_DUMP } from 'tsroute2';
import { type Json, kernelAtLeast } from '../witness/compare.js';
import { ipAtLeast, type Place, place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

type Tree = { [key: string]: Json };

interface Row {
  what: string;
  /** The kernel that it came with. */
  since?: string;
  run(t: Test, p: Place): Promise<void>;
}

/** The details of a link's kind, or of its port's, as `ip` prints them. */
const printed = (p: Place, dev: string, part: 'info_data' | 'info_slave_data'): Tree =>
  ((p.ip('link', 'show', 'dev', dev)[0]?.linkinfo as Tree)?.[part] as Tree) ?? {};
const ofLink = (p: Place, dev: string): Tree => p.ip('link', 'show', 'dev', dev)[0] as Tree;

async function veth(p: Place, ...names: string[]): Promise<void> {
  for (const ifname of names) {
    await p.ipr.link('add', { ifname, kind: 'veth', peer: `${ifname}p`, state: 'up' });
    await p.ipr.link('set', { dev: `${ifname}p`, state: 'up' });
  }
}
async function bridged(p: Place, bridge: Record<string, unknown> = {}): Promise<void> {
  await veth(p, 'e0');
  await p.ipr.link('add', { ifname: 'br0', kind: 'bridge', state: 'up', bridge });
  await p.ipr.link('set', { dev: 'e0', master: 'br0' });
}
/** Makes a link, sets `value` on it afterwards, and looks for both sides' words of it. */
async function settable(
  t: Test,
  p: Place,
  kind: string,
  made: Record<string, unknown>,
  value: Record<string, number | string | boolean>,
  theirs: Tree,
): Promise<void> {
  await p.ipr.link('add', { ifname: 'k0', kind, [kind]: made } as never);
  const part = async (): Promise<unknown> => {
    const [link] = await p.ipr.getLinks({ ifname: 'k0' });
    return (link?.linkinfo as Record<string, unknown> | undefined)?.[kind];
  };
  t.notMatch(await part(), value, 'not the default');
  await p.ipr.link('set', { dev: 'k0', kind, [kind]: value } as never);
  t.match(await part(), value);
  t.match(printed(p, 'k0', 'info_data'), theirs);
}
/** Makes a bond with a port and sets `value` on the port. */
async function ofBondPort(t: Test, p: Place, mode: string, value: Record<string, number>, theirs: Tree): Promise<void> {
  await p.ipr.link('add', { ifname: 'bond0', kind: 'bond', bond: { mode } } as never);
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e0p' });
  await p.ipr.link('set', { dev: 'e0', master: 'bond0' });
  await p.ipr.link('set', { dev: 'e0', kind: 'bond_slave', bond_slave: value } as never);
  const [link] = await p.ipr.getLinks({ ifname: 'e0' });
  t.match(link?.linkinfo?.bond_slave, value);
  t.match(printed(p, 'e0', 'info_slave_data'), theirs);
}
const mac = '02:00:00:00:99:01';
const forwarding = (p: Place, dev: string): number =>
  p.bridge('fdb', 'show').filter((row) => row.ifname === dev && row.mac === mac).length;
/** A forwarding entry that a flush takes. */
const learnt = (ipr: IPRoute) => ipr.fdb('add', { dev: 'e0', lladdr: mac, master: true, state: 'reachable' });

const ROWS: readonly Row[] = [
  {
    what: 'token of IPv6',
    async run(t, p) {
      await veth(p, 'e0');
      await p.ipr.link('set', { dev: 'e0', afSpec: { inet6: { token: '::1:2:3:4' } } });
      t.equal((await p.ipr.getLinks({ ifname: 'e0' }))[0]?.afSpec?.inet6?.token, '::1:2:3:4');
      t.match(p.ip('token', 'show', 'dev', 'e0'), [{ token: '::1:2:3:4' }]);
    },
  },
  {
    what: 'why a link is kept down',
    async run(t, p) {
      await veth(p, 'e0');
      await p.ipr.link('add', { ifname: 'm0', kind: 'macvlan', link: 'e0', macvlan: { mode: 'bridge' } });
      await p.ipr.link('set', { dev: 'm0', protoDown: true, protoDownReason: { mask: 0x41000002, value: 0x40000002 } });
      t.match(await p.ipr.getLinks({ ifname: 'm0' }), [{ protoDown: true, protoDownReason: { value: 0x40000002 } }]);
      t.match(ofLink(p, 'm0'), { proto_down: true, proto_down_reason: ['1'] });
    },
  },
  {
    what: 'carrier',
    async run(t, p) {
      await p.ipr.link('add', { ifname: 'd0', kind: 'dummy', state: 'up' });
      await p.ipr.link('set', { dev: 'd0', carrier: false });
      // The kernel looks at carriers once in a second.
      await p.ipr.poll('link', { ifname: 'd0', carrier: false, operstate: 'DOWN' });
      t.ok((ofLink(p, 'd0').flags as string[]).includes('NO-CARRIER'));
    },
  },
  {
    what: 'the index in the namespace that a link moves to, and what monitors are told of it',
    since: '6.2',
    async run(t, p) {
      const other = await place(t);
      await veth(p, 'e0');
      const events = p.ipr.monitor({ groups: ['link'] });
      await p.ipr.nsid('set', { netns: other.path, nsid: 77 });
      await p.ipr.link('set', { dev: 'e0', netNsFd: other.path, newIfindex: 4242 });
      t.match(other.ip('link', 'show', 'dev', 'e0'), [{ ifindex: 4242 }]);
      for await (const event of events) {
        if (event.type !== 'message' || event.op !== 'RTM_DELLINK') continue;
        t.match(event.value, { ifname: 'e0', newNetnsid: 77, newIfindex: 4242 });
        break;
      }
    },
  },
  {
    what: 'links and addresses of another namespace by its number',
    async run(t, p) {
      const other = await place(t);
      await p.ipr.nsid('set', { netns: other.path, nsid: 78 });
      await p.ipr.link('add', { ifname: 'far0', kind: 'bridge', targetNetnsid: 78 });
      t.match(other.ip('link', 'show', 'dev', 'far0'), [{ linkinfo: { info_kind: 'bridge' } }]);
      await other.ipr.addr('add', { dev: 'far0', address: '10.7.7.7/24' });
      // struct ifaddrmsg of family inet, and IFA_TARGET_NETNSID.
      const asked = new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 8, 0, 10, 0, 78, 0, 0, 0]);
      const rows = await p.ipr.nlmRequest(asked, 22, NLM_F_DUMP);
      t.ok(rows.some((row) => (row.value as { address?: string }).address === '10.7.7.7'));
    },
  },
  {
    what: 'no program of XDP',
    async run(t, p) {
      await veth(p, 'e0');
      await p.ipr.link('set', { dev: 'e0', xdp: { fd: -1, flags: ['skb_mode'] } });
      t.match(await p.ipr.getLinks({ ifname: 'e0' }), [{ xdp: { attached: 0 } }]);
    },
  },
  {
    what: 'forwarding entries of a bridge flushed by its link',
    async run(t, p) {
      await bridged(p);
      await learnt(p.ipr);
      t.ok(forwarding(p, 'e0') > 0);
      await p.ipr.link('set', { dev: 'br0', kind: 'bridge', bridge: { fdbFlush: true } });
      t.equal(forwarding(p, 'e0'), 0);
      await learnt(p.ipr);
      await p.ipr.brport('set', { dev: 'e0', flush: true });
      t.equal(forwarding(p, 'e0'), 0, 'those of a port');
    },
  },
  {
    what: 'limits of groups at a port',
    since: '6.3',
    async run(t, p) {
      await bridged(p);
      const value = { mcastMaxGroups: 0x01020304, mcastEhtHostsLimit: 0x01020305 };
      await p.ipr.brport('set', { dev: 'e0', ...value });
      t.match(await p.ipr.brport('get', { dev: 'e0' }), value);
      if (ipAtLeast('6.3')) t.match(p.bridge('link', 'show', 'dev', 'e0'), [{ mcast_max_groups: 0x01020304 }]);
    },
  },
  {
    what: 'next hop to use when a port is down',
    since: '6.6',
    async run(t, p) {
      await bridged(p);
      await p.ipr.nexthop('add', { id: 0x01020304, gateway: '10.0.0.2', fdb: true });
      await p.ipr.nexthop('add', { id: 0x01020305, group: [{ id: 0x01020304 }], fdb: true });
      await p.ipr.brport('set', { dev: 'e0', backupNhid: 0x01020305 });
      t.match(await p.ipr.brport('get', { dev: 'e0' }), { backupNhid: 0x01020305 });
      if (ipAtLeast('6.6')) t.match(printed(p, 'e0', 'info_slave_data'), { backup_nhid: 0x01020305 });
    },
  },
  {
    what: 'spanning trees',
    since: '5.18',
    async run(t, p) {
      const multiBoolopt = { optval: ['mst_enable'], optmask: ['mst_enable'] };
      await p.ipr.link('add', {
        ifname: 'br0',
        kind: 'bridge',
        bridge: { vlanFiltering: true, stpState: 1, multiBoolopt },
      } as never);
      await veth(p, 'e0');
      await p.ipr.link('set', { dev: 'e0', master: 'br0' });
      await p.ipr.link('set', { dev: 'br0', state: 'up' });
      for (const dev of ['br0', 'e0'])
        await p.ipr.vlanFilter('add', { dev, vlanInfo: { vid: 5 }, ...(dev === 'br0' && { self: true }) });
      await p.ipr.vlanGlobal('set', { dev: 'br0', vid: 5, msti: 4094 });
      t.match(await p.ipr.vlanGlobal('dump', { vid: 5 }), [{ vid: 5, msti: 4094 }]);
      await p.ipr.brport('set', { dev: 'e0', mst: [{ msti: 4094, state: 'learning' }] });
      const [row] = await p.ipr.brport('dump', { ifname: 'e0' });
      const tree = (list: unknown): unknown => (list as Tree[] | undefined)?.find(({ msti }) => msti === 4094);
      t.same(tree(row?.mst), { msti: 4094, state: 'learning' });
      // An older `bridge` has no word for it.
      let theirs: Tree[] = [];
      try {
        theirs = p.plainBridge('mst', 'show') as Tree[];
      } catch {
        t.comment('this bridge(8) knows no spanning trees');
        return;
      }
      t.same(tree(theirs.find(({ ifname }) => ifname === 'e0')?.mst), { msti: 4094, state: 'learning' });
    },
  },
  {
    what: 'VLANs of a port: groups and neighbours',
    since: '6.4',
    async run(t, p) {
      const multiBoolopt = { optval: ['mcast_vlan_snooping'], optmask: ['mcast_vlan_snooping'] };
      await bridged(p, { vlanFiltering: true, multiBoolopt });
      const value = { mcastMaxGroups: 0x01020304, neighSuppress: true };
      await p.ipr.vlandb('set', { dev: 'e0', vid: 1, ...value });
      t.match(await p.ipr.getVlans({ dev: 'e0' }), [value]);
      if (kernelAtLeast('7.2')) {
        await p.ipr.vlandb('set', { dev: 'e0', vid: 1, neighForwardGrat: true });
        t.match(await p.ipr.getVlans({ dev: 'e0' }), [{ ...value, neighForwardGrat: true }]);
      }
      const [row] = p.bridge('vlan', 'show', 'dev', 'e0');
      t.match(row, { vlans: [{ mcast_max_groups: 0x01020304, neigh_suppress: true }] });
    },
  },
  {
    what: 'macvlan: cutoff of broadcasts',
    since: '6.4',
    async run(t, p) {
      await veth(p, 'e0');
      await p.ipr.link('add', { ifname: 'm0', kind: 'macvlan', link: 'e0', macvlan: { mode: 'bridge' } });
      await p.ipr.link('set', { dev: 'm0', kind: 'macvlan', macvlan: { bcCutoff: 0x01020304 } });
      t.match(await p.ipr.getLinks({ ifname: 'm0' }), [{ linkinfo: { macvlan: { bcCutoff: 0x01020304 } } }]);
    },
  },
  {
    what: 'vxlan: partial checksums off',
    async run(t, p) {
      const vxlan = { id: 5, port: 4789, remcsumRx: true, remcsumTx: true, remcsumNopartial: true };
      await p.ipr.link('add', { ifname: 'x0', kind: 'vxlan', vxlan });
      t.match(await p.ipr.getLinks({ ifname: 'x0' }), [{ linkinfo: { vxlan: { remcsumNopartial: true } } }]);
    },
  },
  {
    what: 'bond: coupled control',
    since: '6.9',
    run: (t, p) => settable(t, p, 'bond', { mode: '802.3ad' }, { coupledControl: false }, { coupled_control: false }),
  },
  {
    what: 'bond: carrier by MII, which is all that there is since Linux 6.18',
    async run(t, p) {
      if (kernelAtLeast('6.18')) return void t.comment('gone');
      await settable(t, p, 'bond', {}, { useCarrier: false }, { use_carrier: 0 });
    },
  },
  {
    what: 'netkit: a single device',
    since: '7.0',
    async run(t, p) {
      await p.ipr.link('add', { ifname: 'n0', kind: 'netkit', netkit: { pairing: 'single' } } as never);
      t.match(await p.ipr.getLinks({ ifname: 'n0' }), [{ linkinfo: { netkit: { pairing: 'single' } } }]);
    },
  },
  {
    what: 'bond: neighbours by broadcast',
    since: '6.17',
    run: (t, p) => settable(t, p, 'bond', { mode: '802.3ad' }, { broadcastNeigh: true }, {}),
  },
  {
    what: 'bond port: priority',
    since: '6.0',
    run: (t, p) => ofBondPort(t, p, 'active-backup', { prio: -16_909_060 }, {}),
  },
  {
    what: 'bond port: priority of the actor',
    since: '6.18',
    run: (t, p) => ofBondPort(t, p, '802.3ad', { actorPortPrio: 0x0102 }, {}),
  },
  {
    what: 'bond: counters of aggregation',
    since: '6.1',
    async run(t, p) {
      await p.ipr.link('add', { ifname: 'bond0', kind: 'bond', bond: { mode: '802.3ad' }, state: 'up' });
      await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e0p' });
      await p.ipr.link('set', { dev: 'e0', master: 'bond0' });
      const [theirs] = p.ip('stats', 'show', 'dev', 'bond0', 'group', 'xstats', 'subgroup', 'bond') as Tree[];
      const { linkXstats } = await p.ipr.stats('get', { dev: 'bond0', filterMask: 'link_xstats' });
      const { lacpduTx, ...counted } = linkXstats?.bond?.['3ad'] ?? {};
      const { lacpdu_tx, ...printed } = (theirs?.['802.3ad'] ?? {}) as Tree;
      t.match([typeof lacpduTx, typeof lacpdu_tx], ['number', 'number'], 'which goes on');
      t.same(
        Object.entries(counted).map(([key, value]) => [
          key.replace('Resp', 'Response').replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
          value,
        ]),
        Object.entries(printed),
      );
      t.ok((await p.ipr.stats('get', { dev: 'e0', filterMask: 'link_xstats_slave' })).linkXstatsSlave?.bond?.['3ad']);
    },
  },
  {
    what: 'hsr: interlink',
    since: '6.10',
    async run(t, p) {
      await veth(p, 'e0', 'e1', 'e2');
      const hsr = { slave1: 'e0', slave2: 'e1', interlink: 'e2' };
      await p.ipr.link('add', { ifname: 'h0', kind: 'hsr', hsr } as never);
      // Older kernels take it and do not tell of it.
      if (kernelAtLeast('7.0'))
        t.match(await p.ipr.getLinks({ ifname: 'h0' }), [{ linkinfo: { hsr: { interlink: await p.index('e2') } } }]);
      t.match(ofLink(p, 'e2'), { promiscuity: 1 });
    },
  },
  {
    what: 'fdb: notifications of activity',
    async run(t, p) {
      await bridged(p);
      const entry = { dev: 'e0', lladdr: mac, master: true, state: 'noarp', flags: [] } as const;
      await p.ipr.fdb('add', { ...entry, fdbExtAttrs: { activityNotify: 1 } });
      const row = () => p.bridge('fdb', 'show').find((one) => one.mac === mac);
      t.match(await p.ipr.getFdb({ lladdr: mac }), [{ fdbExtAttrs: { activityNotify: 1 } }]);
      if (ipAtLeast('7.0')) t.match(row(), { activity_notify: true });
      await p.ipr.fdb('replace', { ...entry, fdbExtAttrs: { activityNotify: 3, dontRefresh: true } });
      t.match(await p.ipr.getFdb({ lladdr: mac }), [{ fdbExtAttrs: { activityNotify: 3 } }]);
      if (ipAtLeast('7.0')) t.match(row(), { activity_notify: true, inactive: true });
    },
  },
  {
    what: 'nexthop: encapsulation, and those on the ports of a bridge',
    async run(t, p) {
      await bridged(p);
      await p.ipr.addr('add', { dev: 'br0', address: '2001:db8::1/64', flags: ['nodad'] });
      const encap = { seg6: { mode: 'encap', segs: ['fc00::1'] } } as const;
      await p.ipr.nexthop('add', { id: 9, gateway: '2001:db8::2', dev: 'br0', encap });
      t.match(await p.ipr.nexthop('get', { id: 9 }), { encap });
      t.match(JSON.stringify(p.ip('nexthop', 'show', 'id', '9')), /"seg6".*"mode":"encap".*"segs":\["fc00::1"\]/);
      await p.ipr.nexthop('add', { id: 10, family: 'inet6', dev: 'e0' });
      t.same(
        (await p.ipr.getNexthops({ master: 'br0' })).map(({ id }) => id),
        [10],
      );
    },
  },
  {
    what: 'nexthop: counters of hardware',
    since: '6.9',
    async run(t, p) {
      await p.ipr.nexthop('add', { id: 9, blackhole: true, family: 'inet' });
      await p.ipr.nexthop('add', { id: 10, group: [{ id: 9 }], hwStatsEnable: 1 });
      t.match(await p.ipr.nexthop('get', { id: 10 }), { group: [{ id: 9 }] });
    },
  },
  {
    what: 'the flow label in a lookup',
    since: '6.14',
    async run(t, p) {
      await veth(p, 'e0');
      await p.ipr.addr('add', { dev: 'e0', address: '2001:db8::1/64', flags: ['nodad'] });
      await p.ipr.route('add', { dst: '2001:db8:9::/48', gateway: '2001:db8::2' });
      await p.ipr.route('add', { dst: '2001:db8:9::/48', gateway: '2001:db8::3', table: 100 });
      await p.ipr.rule('add', { family: 'inet6', flowlabel: 0x12345, flowlabelMask: 0xfffff, table: 100 });
      const found = await p.ipr.route('get', { dst: '2001:db8:9::1', flowlabel: 0x12345 });
      t.equal(found.gateway, '2001:db8::3');
    },
  },
];

for (const { what, since, run } of ROWS)
  t.test(what, async (t) => {
    if (since !== undefined && !kernelAtLeast(since)) return t.comment(`needs Linux ${since}`);
    try {
      await run(t, await place(t));
    } catch (error) {
      if (!(error instanceof NetlinkError && error.code === 'EOPNOTSUPP')) throw error;
      t.comment(`this kernel does not support it: ${error.message}`);
    }
  });
