/** What the kernel refuses, and which attribute the error names. iproute2's words for the same request are the second witness. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { attr, BatchError, InputError, IPRoute, IPRSocket, message, NetlinkError, struct, u32 } from 'tsroute2';

// Emulated machines are slow.
t.setTimeout(300_000);

async function refusal(call: Promise<unknown>): Promise<NetlinkError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

interface Expected {
  code: string;
  attribute: string | undefined;
  attributeSource: 'kernel' | 'missing' | 'inferred' | undefined;
  kernelMessage?: RegExp;
  op?: string;
}
type Case = [what: string, call: (ipr: IPRoute) => Promise<unknown>, expected: Expected, ip?: string];

const kernel = (attribute: string, kernelMessage: RegExp, code = 'EINVAL'): Expected => ({
  code,
  attribute,
  attributeSource: 'kernel',
  kernelMessage,
});
const inferred = (attribute: string, code: string, kernelMessage?: RegExp): Expected => ({
  code,
  attribute,
  attributeSource: 'inferred',
  ...(kernelMessage && { kernelMessage }),
});
const nothing = (code: string, op: string): Expected => ({
  code,
  op,
  attribute: undefined,
  attributeSource: undefined,
});
const vxlan = { ifname: 'vx0', kind: 'vxlan' } as const;

const cases: Case[] = [
  [
    'vxlan df 9',
    (ipr) => ipr.link('add', { ...vxlan, vxlan: { id: 1, port: 4789, df: 9 } }),
    kernel('linkinfo.vxlan.df', /Invalid DF attribute/),
  ],
  [
    'inverted port range',
    (ipr) => ipr.link('add', { ...vxlan, vxlan: { id: 1, port: 4789, portRange: { low: 200, high: 100 } } }),
    kernel('linkinfo.vxlan.portRange', /Invalid source port range/),
    'link add vx0 type vxlan id 1 dstport 4789 srcport 200 100',
  ],
  [
    'MTU 10 at creation',
    (ipr) => ipr.link('add', { ...vxlan, mtu: 10, vxlan: { id: 1, port: 4789 } }),
    kernel('mtu', /MTU must be between 68 and 65535/),
    'link add vx0 mtu 10 type vxlan id 1 dstport 4789',
  ],
  [
    'attribute of the wrong width',
    (ipr) => ipr.link('set', { dev: 'br0', unknown: [{ type: 4, data: new Uint8Array(2) }] }),
    kernel('mtu', /Attribute failed policy validation/, 'ERANGE'),
  ],
  [
    'attribute of the wrong width in a nest',
    (ipr) => ipr.link('add', { ...vxlan, vxlan: { id: 1, unknown: [{ type: 15, data: new Uint8Array(1) }] } as never }),
    kernel('linkinfo.vxlan.port', /Attribute failed policy validation/, 'ERANGE'),
  ],
  [
    'MTU below the minimum',
    (ipr) => ipr.link('set', { dev: 'br0', mtu: 10 }),
    inferred('mtu', 'EINVAL', /mtu less than device minimum/),
    'link set br0 mtu 10',
  ],
  [
    'unknown kind',
    (ipr) => ipr.link('add', { ifname: 'x0', kind: 'nosuchkind' }),
    inferred('linkinfo.kind', 'EOPNOTSUPP', /Unknown device type/),
  ],
  [
    'timer of a bridge with STP',
    (ipr) => ipr.link('set', { dev: 'br0', kind: 'bridge', bridge: { forwardDelay: 1 } }),
    inferred('linkinfo.bridge.forwardDelay', 'ERANGE'),
    'link set br0 type bridge forward_delay 1',
  ],
  [
    'two timers: one of them, so none is named',
    (ipr) => ipr.link('set', { dev: 'br0', kind: 'bridge', bridge: { forwardDelay: 1, helloTime: 1 } }),
    nothing('ERANGE', 'RTM_NEWLINK'),
  ],
  [
    'multicast as own address',
    (ipr) => ipr.link('set', { dev: 'br0', address: '01:00:00:00:00:01' }),
    inferred('address', 'EADDRNOTAVAIL'),
  ],
  [
    'unreachable gateway',
    (ipr) => ipr.route('add', { dst: '10.1.0.0/16', gateway: '10.99.0.1' }),
    inferred('gateway', 'ENETUNREACH', /Nexthop has invalid gateway/),
    'route add 10.1.0.0/16 via 10.99.0.1',
  ],
  [
    'unreachable gateway, IPv6',
    (ipr) => ipr.route('add', { dst: '2001:db8::/32', gateway: '2001:db9::1' }),
    inferred('gateway', 'EHOSTUNREACH'),
  ],
  [
    'bits behind the prefix',
    (ipr) => ipr.route('add', { dst: '10.1.2.3/16', oif: 'lo' }),
    inferred('dst', 'EINVAL', /Invalid prefix for given prefix length/),
    'route add 10.1.2.3/16 dev lo',
  ],
  [
    'source that is not here',
    (ipr) => ipr.route('add', { dst: '10.1.0.0/16', oif: 'lo', prefsrc: '9.9.9.9' }),
    inferred('prefsrc', 'EINVAL', /Invalid prefsrc/),
  ],
  [
    'interface that is not there',
    (ipr) => ipr.route('add', { dst: '10.1.0.0/16', oif: 9999 }),
    inferred('oif', 'ENODEV'),
  ],
  [
    'interface that is down',
    (ipr) => ipr.route('add', { dst: '10.1.0.0/16', oif: 'br0' }),
    inferred('oif', 'ENETDOWN'),
  ],
  [
    'congestion control',
    (ipr) => ipr.route('add', { dst: '10.1.0.0/16', oif: 'lo', metrics: { ccAlgo: 'nosuch' } }),
    inferred('metrics.ccAlgo', 'EINVAL'),
  ],
  ['EEXIST', (ipr) => ipr.link('add', { ifname: 'br0', kind: 'bridge' }), nothing('EEXIST', 'RTM_NEWLINK')],
  ['ENODEV', (ipr) => ipr.link('set', { index: 9999, mtu: 1500 }), nothing('ENODEV', 'RTM_NEWLINK')],
  ['ENODEV of a name', (ipr) => ipr.link('get', { ifname: 'nope' }), nothing('ENODEV', 'RTM_GETLINK')],
  ['ENODEV of a deletion', (ipr) => ipr.link('del', { index: 9999 }), nothing('ENODEV', 'RTM_DELLINK')],
  [
    'EADDRNOTAVAIL',
    (ipr) => ipr.addr('del', { dev: 'lo', address: '10.6.0.1/24' }),
    nothing('EADDRNOTAVAIL', 'RTM_DELADDR'),
    'addr del 10.6.0.1/24 dev lo',
  ],
  [
    'ESRCH',
    (ipr) => ipr.route('del', { dst: '10.77.0.0/16' }),
    nothing('ESRCH', 'RTM_DELROUTE'),
    'route del 10.77.0.0/16',
  ],
];

/** iproute2's exit status and words. */
function ip(command: string): { status: number | null; text: string } {
  const { status, stderr } = spawnSync('ip', command.split(' '), { encoding: 'utf8' });
  return { status, text: stderr.trim() };
}

t.test('refusals', async (t) => {
  const ipr = new IPRoute();
  t.teardown(async () => {
    await ipr.link('del', { ifname: 'br0' }).catch(() => {});
    await ipr.close();
  });
  await ipr.link('set', { dev: 'lo', state: 'up' });
  await ipr.link('add', { ifname: 'br0', kind: 'bridge', bridge: { stpState: 1 } });
  for (const [what, call, { kernelMessage, ...expected }, command] of cases) {
    await t.test(what, async (t) => {
      const error = await refusal(call(ipr));
      t.match(error, { name: 'NetlinkError', syscall: 'netlink', ...expected });
      if (kernelMessage !== undefined) t.match(error.kernelMessage, kernelMessage);
      t.ok(Number.isInteger(error.errno) && error.errno < 0 && error.seq > 0, 'errno is negative, seq is there');
      t.equal(error.offset !== undefined, expected.attributeSource === 'kernel', 'an offset where the kernel gave one');
      t.ok(error.message.startsWith(`${error.code}: `) && error.message.includes(error.op), error.message);
      if (expected.attribute !== undefined) t.ok(error.message.includes(`at ${expected.attribute}`));
      if (command === undefined) return;
      const witness = ip(command);
      t.equal(witness.status, 2, `ip ${command}`);
      if (error.kernelMessage !== undefined)
        t.equal(witness.text, `Error: ${error.kernelMessage}.`, 'iproute2 prints the same');
      else t.match(witness.text, /^RTNETLINK answers: /);
    });
  }
});

t.test('the stack of a refusal shows the line of its caller', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  async function caller(call: () => Promise<unknown>) {
    await call();
  }
  const calls: Record<string, () => Promise<unknown>> = {
    'by number': () => ipr.link('set', { index: 9999, mtu: 1500 }),
    'by name, which is looked up': () => ipr.addr('del', { dev: 'lo', address: '192.0.2.1/24' }),
    'one object': () => ipr.link('get', { index: 9999 }),
    // An interface that is none (ip route show oif).
    'an array': () => ipr.getRoutes({ oif: 9999 }),
    columns: () => ipr.getRouteColumns({ oif: 9999 }),
  };
  for (const [what, call] of Object.entries(calls)) {
    const { stack } = await refusal(caller(call));
    t.match(stack, /^NetlinkError: E[A-Z]+: /, what);
    t.match(stack, / at (async )?caller /, what);
  }
  async function loop(rows: AsyncIterable<unknown>) {
    for await (const _ of rows) t.fail('there is no such interface');
  }
  for (const [what, stream] of Object.entries({
    rows: ipr.routes({ oif: 9999 }),
    views: ipr.routeViews({ oif: 9999 }),
  })) {
    t.match((await refusal(loop(stream))).stack, / at (async )?loop /, what);
    t.match((await refusal(loop(stream.batches()))).stack, / at (async )?loop /, `${what} in batches`);
  }
});

t.test('policy of a refused attribute', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  const error = await refusal(ipr.link('set', { dev: 'lo', unknown: [{ type: 4, data: new Uint8Array(2) }] }));
  // NL_ATTR_TYPE_U32.
  t.equal(error.policy?.type, 4);
  t.equal(error.attribute, 'mtu');
});

t.test('each message of a batch has an error of its own', async (t) => {
  const ipr = new IPRoute();
  t.teardown(async () => {
    await ipr.link('del', { ifname: 'vx7' }).catch(() => {});
    await ipr.close();
  });
  const batch = ipr.batch();
  batch.link('add', { ...vxlan, vxlan: { id: 1, port: 4789, df: 9 } });
  batch.link('add', { ifname: 'vx7', kind: 'vxlan', vxlan: { id: 7, port: 4777 } });
  batch.link('add', { ifname: 'vx7', kind: 'vxlan', vxlan: { id: 7, port: 4777 } });
  try {
    await batch.commit();
    t.fail('nothing was refused');
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    t.match(
      error.results.map(({ op, error }) => ({
        op,
        code: (error as NetlinkError | null)?.code,
        attribute: (error as NetlinkError | null)?.attribute,
      })),
      [
        { op: 'RTM_NEWLINK', code: 'EINVAL', attribute: 'linkinfo.vxlan.df' },
        { op: 'RTM_NEWLINK', code: undefined },
        { op: 'RTM_NEWLINK', code: 'EEXIST' },
      ],
    );
    t.match(error.message, /2 of 3 messages failed/);
  }
  t.equal((await ipr.linkLookup({ ifname: 'vx7' })).length, 1, 'the good one was carried out');
});

t.test('bad input is no refusal of the kernel', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  await t.rejects(ipr.link('add', { ...vxlan, vxlan: { id: 2 ** 24 } }), InputError);
  t.same(await ipr.linkLookup({ ifname: 'vx0' }), []);
});

/** Generic netlink: the number of a family by its name, or undefined. */
async function family(socket: IPRSocket, name: string): Promise<number | undefined> {
  const padded = Buffer.alloc((name.length + 4) & ~3);
  padded.write(name);
  const request = Buffer.concat([
    Buffer.from([3, 1, 0, 0]),
    Buffer.from(Uint16Array.of(4 + name.length + 1, 2).buffer),
    padded,
  ]);
  try {
    const [answer] = await socket.nlmRequest(new Uint8Array(request), 16);
    const data = Buffer.from(answer!.data!);
    for (let at = 4; at + 4 <= data.length; at += (data.readUInt16LE(at) + 3) & ~3)
      if (data.readUInt16LE(at + 2) === 1) return data.readUInt16LE(at + 4);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
  }
  return undefined;
}

t.test('a missing attribute is named', async (t) => {
  const netdev = message<{ ifindex?: number }, { ifindex?: number }>({
    name: 'netdevmsg',
    prefix: 'NETDEV_A_DEV',
    header: struct((r) => ({ cmd: r.u8(0), version: r.u8(1) }), 4),
    table: { ifindex: attr(1, u32) },
    types: {},
  });
  let id: number | undefined;
  const socket = new IPRSocket(16, {}, (type) =>
    type === id ? { op: 'NETDEV_CMD_DEV_GET', def: netdev as never } : undefined,
  );
  t.teardown(() => socket.close());
  id = await family(socket, 'netdev');
  if (id === undefined) {
    t.plan(0, 'the family netdev came with Linux 6.3');
    return;
  }
  const error = await refusal(socket.nlmRequest({ def: netdev as never, value: { cmd: 1, version: 1 } }, id));
  t.match(error, {
    code: 'EINVAL',
    errno: -22,
    op: 'NETDEV_CMD_DEV_GET',
    attribute: 'ifindex',
    attributeSource: 'missing',
  });
  t.match(error.message, /missing ifindex/);
});
