/** A link kind that the library does not have, from outside: registered, created, read back, taken away again. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import {
  attr,
  type In,
  InputError,
  IPRoute,
  type IPRoute as IPRouteType,
  NetlinkError,
  nest,
  nestArray,
  type Out,
  registerLinkKind,
  struct,
  structOf,
  u16,
  words,
} from 'tsroute2';

// Emulated machines are slow.
t.setTimeout(300_000);

/** struct ifla_vlan_flags. */
const flags = struct((r) => ({ flags: r.u32(0), mask: r.u32(4) }));
/** struct ifla_vlan_qos_mapping. */
const mapping = struct((r) => ({ from: r.u32(0), to: r.u32(4) }));

const table = {
  /** 12 bits. */
  id: attr(1, u16),
  flags: attr(2, structOf(flags)),
  egressQos: attr(3, nestArray(structOf(mapping), 1)),
  ingressQos: attr(4, nestArray(structOf(mapping), 1)),
} as const;
interface VlanData extends Out<typeof table> {}
interface VlanDataIn extends In<typeof table> {}
const vlan = nest<VlanData, VlanDataIn>('IFLA_VLAN', table);

/** As `vlan`, with fewer attributes. */
const ipvlanTable = {
  mode: attr(1, words(u16, { l2: 0, l3: 1, l3s: 2 })),
  flags: attr(2, u16),
} as const;
interface IpvlanData extends Out<typeof ipvlanTable> {}
interface IpvlanDataIn extends In<typeof ipvlanTable> {}
const ipvlan = nest<IpvlanData, IpvlanDataIn>('IFLA_IPVLAN', ipvlanTable);

declare module 'tsroute2' {
  interface LinkKinds {
    vlan: typeof vlan;
    ipvlan: typeof ipvlan;
  }
}

/** Whether this kernel makes links of a kind; null when it does. */
async function missing(ipr: IPRouteType, kind: string): Promise<string | null> {
  try {
    await ipr.link('add', { ifname: 'probe0', kind, link: 'low0' });
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'EOPNOTSUPP') return `this kernel has no ${kind}`;
    // Anything else means that the kind is there and wants more.
    return null;
  }
  await ipr.link('del', { ifname: 'probe0' });
  return null;
}

async function lab(): Promise<IPRoute> {
  const ipr = new IPRoute();
  await ipr.link('add', { ifname: 'low0', kind: 'veth', peer: 'low1' });
  return ipr;
}
async function done(ipr: IPRoute): Promise<void> {
  await ipr.link('del', { ifname: 'low0' }).catch(() => {});
  await ipr.close();
}

t.test('vlan', async (t) => {
  const ipr = await lab();
  t.teardown(() => done(ipr));
  const reason = await missing(ipr, 'vlan');
  if (reason !== null) {
    t.plan(0, reason);
    return;
  }
  const spec = {
    ifname: 'low0.5',
    kind: 'vlan',
    link: 'low0',
    vlan: {
      id: 5,
      flags: { flags: 2, mask: 2 },
      egressQos: [
        { from: 1, to: 2 },
        { from: 3, to: 4 },
      ],
    },
  } as const;

  await t.rejects(ipr.link('add', spec), InputError, 'before: nobody knows its payload');
  const unregister = registerLinkKind('vlan', vlan);
  t.throws(() => registerLinkKind('vlan', vlan), /registered already/);

  const { object } = await ipr.link('add', spec);
  t.match(
    object?.linkinfo,
    {
      kind: 'vlan',
      vlan: {
        id: 5,
        egressQos: [
          { from: 1, to: 2 },
          { from: 3, to: 4 },
        ],
      },
    },
    'made and read back',
  );
  t.equal((object?.linkinfo?.vlan?.flags?.flags ?? 0) & 2, 2);
  const [listed] = await ipr.getLinks({ kind: 'vlan', 'linkinfo.vlan.id': 5 });
  t.equal(listed?.ifname, 'low0.5', 'a filter sees it');
  const { stdout } = spawnSync('ip', ['-j', '-d', 'link', 'show', 'low0.5'], { encoding: 'utf8' });
  t.match(
    JSON.parse(stdout),
    [
      {
        linkinfo: {
          info_kind: 'vlan',
          info_data: {
            id: 5,
            egress_qos: [
              { from: 1, to: 2 },
              { from: 3, to: 4 },
            ],
          },
        },
      },
    ],
    'ip agrees',
  );

  await ipr.link('set', { dev: 'low0.5', kind: 'vlan', vlan: { ingressQos: [{ from: 5, to: 6 }] } });
  t.match((await ipr.link('get', { ifname: 'low0.5' })).linkinfo?.vlan?.ingressQos, [{ from: 5, to: 6 }], 'changed');

  for (const [payload, code, attribute] of [
    [{ id: 5000 }, 'ERANGE', 'linkinfo'],
    [{}, 'EINVAL', undefined],
  ] as const) {
    const error = await ipr.link('add', { ifname: 'low0.6', kind: 'vlan', link: 'low0', vlan: payload }).then(
      () => undefined,
      (error: unknown) => error as NetlinkError,
    );
    t.ok(error instanceof NetlinkError && [code, 'EINVAL'].includes(error.code), `refused: ${error?.message}`);
    if (error?.attributeSource === 'kernel')
      t.ok(error.attribute?.startsWith(attribute ?? 'linkinfo'), `${error.attribute}`);
  }
  await t.rejects(ipr.link('add', { ifname: 'x', kind: 'vlan', vlan: { id: 2 ** 16 } }), {
    code: 'ERR_OUT_OF_RANGE',
    field: 'linkinfo.vlan.id',
  } as never);
  await t.rejects(ipr.link('add', { ifname: 'x', kind: 'vlan', vlan: { idd: 1 } as never }), {
    code: 'ERR_UNKNOWN_KEY',
    field: 'linkinfo.vlan.idd',
  } as never);

  const monitor = ipr.monitor({ groups: ['link'] });
  await ipr.link('set', { dev: 'low0.5', mtu: 1400 });
  for await (const event of monitor) {
    if (event.type !== 'message' || event.op !== 'RTM_NEWLINK' || event.value.ifname !== 'low0.5') continue;
    t.equal(event.value.linkinfo?.vlan?.id, 5, 'events have it');
    break;
  }

  unregister();
  const bare = await ipr.link('get', { ifname: 'low0.5' });
  t.equal(bare.linkinfo?.vlan, undefined, 'after: bytes again');
  t.ok(bare.linkinfo?.data instanceof Uint8Array);
  await t.rejects(ipr.link('add', spec), InputError);
});

t.test('ipvlan', async (t) => {
  const ipr = await lab();
  t.teardown(() => done(ipr));
  const reason = await missing(ipr, 'ipvlan');
  if (reason !== null) {
    t.plan(0, reason);
    return;
  }
  const unregister = registerLinkKind('ipvlan', ipvlan);
  t.teardown(unregister);
  const { object } = await ipr.link('add', { ifname: 'ipv0', kind: 'ipvlan', link: 'low0', ipvlan: { mode: 'l3' } });
  t.equal(object?.linkinfo?.ipvlan?.mode, 'l3');
});

t.test('names that a kind cannot have', async (t) => {
  for (const name of ['data', 'kind', 'unknown', 'xstats', 'slaveKind', 'x_slave', 'vxlan'])
    t.throws(() => registerLinkKind(name, vlan), name);
});
