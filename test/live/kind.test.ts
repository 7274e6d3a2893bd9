/** A link kind that the library does not have, from outside: registered, created, read back, taken away again. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import {
  attr,
  type In,
  InputError,
  IPRoute,
  NetlinkError,
  nest,
  type Out,
  registerLinkKind,
  u8,
  words,
} from 'tsroute2';

// Emulated machines are slow.
t.setTimeout(300_000);

const table = {
  mode: attr(1, words(u8, { p2p: 0, mp: 1 })),
} as const;
interface OvpnData extends Out<typeof table> {}
interface OvpnDataIn extends In<typeof table> {}
const ovpn = nest<OvpnData, OvpnDataIn>('IFLA_OVPN', table);

declare module 'tsroute2' {
  interface LinkKinds {
    ovpn: typeof ovpn;
  }
}

/** Whether this kernel makes links of the kind; null when it does. */
async function missing(ipr: IPRoute): Promise<string | null> {
  // The module does not load by the kind's name. The machine's own kernel is left as it is.
  if (process.env.TSROUTE2_VM !== undefined) spawnSync('modprobe', ['-q', 'ovpn']);
  try {
    await ipr.link('add', { ifname: 'probe0', kind: 'ovpn' });
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'EOPNOTSUPP') return 'this kernel has no ovpn';
    throw error;
  }
  await ipr.link('del', { ifname: 'probe0' });
  return null;
}

t.test('ovpn', async (t) => {
  const ipr = new IPRoute();
  t.teardown(async () => {
    await ipr.link('del', { ifname: 'o0' }).catch(() => {});
    await ipr.close();
  });
  const reason = await missing(ipr);
  if (reason !== null) {
    t.plan(0, reason);
    return;
  }
  const spec = { ifname: 'o0', kind: 'ovpn', ovpn: { mode: 'mp' } } as const;

  await t.rejects(ipr.link('add', spec), InputError, 'before: nobody knows its payload');
  const unregister = registerLinkKind('ovpn', ovpn);
  t.throws(() => registerLinkKind('ovpn', ovpn), /registered already/);

  const { object } = await ipr.link('add', spec);
  t.match(object?.linkinfo, { kind: 'ovpn', ovpn: { mode: 'mp' } }, 'made and read back');
  const [listed] = await ipr.getLinks({ kind: 'ovpn', 'linkinfo.ovpn.mode': 'mp' });
  t.equal(listed?.ifname, 'o0', 'a filter sees it');
  t.same(await ipr.getLinks({ kind: 'ovpn', 'linkinfo.ovpn.mode': 'p2p' }), [], 'and sees what is different');
  const { stdout } = spawnSync('ip', ['-j', '-d', 'link', 'show', 'o0'], { encoding: 'utf8' });
  t.match(JSON.parse(stdout), [{ linkinfo: { info_kind: 'ovpn' } }], 'ip agrees');

  const refused = await ipr.link('add', { ifname: 'o1', kind: 'ovpn', ovpn: { mode: 7 } }).then(
    () => undefined,
    (error: unknown) => error as NetlinkError,
  );
  t.match(refused, { code: 'ERANGE', attribute: 'linkinfo.ovpn.mode', attributeSource: 'kernel' }, 'refused by name');
  await t.rejects(ipr.link('add', { ifname: 'x', kind: 'ovpn', ovpn: { mode: 256 } }), {
    code: 'ERR_OUT_OF_RANGE',
    field: 'ovpn.mode',
  } as never);
  await t.rejects(ipr.link('add', { ifname: 'x', kind: 'ovpn', ovpn: { moode: 1 } as never }), {
    code: 'ERR_UNKNOWN_KEY',
    field: 'ovpn.moode',
  } as never);

  const monitor = ipr.monitor({ groups: ['link'] });
  await ipr.link('set', { dev: 'o0', mtu: 1400 });
  for await (const event of monitor) {
    if (event.type !== 'message' || event.op !== 'RTM_NEWLINK' || event.value.ifname !== 'o0') continue;
    t.equal(event.value.linkinfo?.ovpn?.mode, 'mp', 'events have it');
    break;
  }

  unregister();
  const bare = await ipr.link('get', { ifname: 'o0' });
  t.equal(bare.linkinfo?.ovpn, undefined, 'after: bytes again');
  t.ok(bare.linkinfo?.data instanceof Uint8Array);
  await t.rejects(ipr.link('add', spec), InputError);
});

t.test('names that a kind cannot have', async (t) => {
  for (const name of ['data', 'kind', 'unknown', 'xstats', 'slaveKind', 'x_slave', 'vxlan', 'vlan'])
    t.throws(() => registerLinkKind(name, ovpn), name);
});
