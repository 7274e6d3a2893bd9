/** What may change of a VXLAN link that is there, and what may not: then the refusal names it. */
import t from 'tap';
import { NetlinkError, type VxlanDataIn } from 'tsroute2';
import { kernelAtLeast } from '../witness/compare.js';
import { type Place, place } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

type Key = keyof VxlanDataIn & string;

/** Another value than the link has, and `ip`'s words for the key and the value. */
type Change = readonly [key: Key, value: unknown, printed: string, as?: string];

const CHANGES: readonly Change[] = [
  ['group', '239.1.1.2', 'group'],
  ['link', 'e2', 'link'],
  ['local', '10.0.0.2', 'local'],
  ['ttl', 9, 'ttl'],
  ['tos', 4, 'tos', '0x4'],
  ['learning', false, 'learning'],
  ['ageing', 77, 'ageing'],
  ['df', 'set', 'df'],
];

/** Refused with EOPNOTSUPP. */
const STAYS: readonly (readonly [key: Key, value: unknown, since?: string])[] = [
  ['id', 43],
  ['limit', 9],
  ['portRange', { low: 5, high: 99 }],
  ['port', 4999],
  ['proxy', true],
  ['rsc', true],
  ['l2miss', true],
  ['l3miss', true],
  ['udpCsum', false],
  ['udpZeroCsum6Tx', true],
  ['udpZeroCsum6Rx', true],
  ['remcsumTx', true],
  ['remcsumRx', true],
  ['remcsumNopartial', true],
  ['gbp', true],
  ['gpe', true],
  ['collectMetadata', true],
  ['ttlInherit', true],
  ['vnifilter', true, '5.18'],
  ['reservedBits', { flags: 0, vni: 0xff }, '6.14'],
];

async function made(p: Place): Promise<void> {
  await p.ipr.link('add', {
    ifname: 'vx0',
    kind: 'vxlan',
    state: 'up',
    vxlan: { id: 42, port: 4789, link: 'e0', group: '239.1.1.1', local: '10.0.0.1' },
  });
}

async function linked(p: Place): Promise<void> {
  for (const [ifname, peer] of [
    ['e0', 'e1'],
    ['e2', 'e3'],
  ] as const) {
    await p.ipr.link('add', { ifname, kind: 'veth', peer, state: 'up' });
    await p.ipr.link('set', { dev: peer, state: 'up' });
  }
  await p.ipr.addr('add', { dev: 'e0', address: '10.0.0.1/24' });
  await made(p);
}

const printed = (p: Place): Record<string, unknown> =>
  (p.ip('link', 'show', 'dev', 'vx0')[0]!.linkinfo as { info_data: Record<string, unknown> }).info_data;

t.test('what may change', async (t) => {
  const p = await place(t);
  await linked(p);
  for (const [key, value, word, as] of CHANGES) {
    await p.ipr.link('set', { dev: 'vx0', kind: 'vxlan', vxlan: { [key]: value } as VxlanDataIn });
    t.equal(printed(p)[word], as ?? value, key);
  }
  if (kernelAtLeast('6.5')) {
    await p.ipr.link('set', { dev: 'vx0', kind: 'vxlan', vxlan: { localbypass: false } });
    t.equal((await p.ipr.link('get', { dev: 'vx0' })).linkinfo?.vxlan?.localbypass, false);
  }
});

t.test('what may not: the refusal names it, and nothing has changed', async (t) => {
  const p = await place(t);
  await linked(p);
  const before = printed(p);
  for (const [key, value, since] of STAYS) {
    if (since !== undefined && !kernelAtLeast(since)) continue;
    const error = await p.ipr
      .link('set', { dev: 'vx0', kind: 'vxlan', vxlan: { [key]: value } as VxlanDataIn })
      .catch((error: unknown) => error);
    if (!(error instanceof NetlinkError)) t.fail(`${key} was taken`);
    else t.match(error, { code: 'EOPNOTSUPP', attribute: `linkinfo.vxlan.${key}` }, `${key}: ${error.kernelMessage}`);
  }
  t.same(printed(p), before);
});

t.test('a flow label is for IPv6', async (t) => {
  const p = await place(t);
  await linked(p);
  const attribute = 'linkinfo.vxlan.label';
  await t.rejects(p.ipr.link('set', { dev: 'vx0', kind: 'vxlan', vxlan: { label: 5 } }), {
    code: 'EINVAL',
    attribute,
  } as never);
});
