/** What input the link message takes and refuses, and kinds from outside. */
import t from 'tap';
import { InputError } from '../../src/codec/errors.js';
import { cstr, nest, u32 } from '../../src/codec/leaf.js';
import { attr, type In, type Out } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';
import { ifinfmsg, type LinkIn } from '../../src/rtnl/ifinfmsg.js';
import { linkKinds, registerLinkKind, registerSlaveKind } from '../../src/rtnl/kinds/index.js';
import { lines } from './tlv.js';

const mine = {
  depth: attr(1, u32),
  label: attr(2, cstr),
} as const;
interface Mine extends Out<typeof mine> {}
interface MineIn extends In<typeof mine> {}
const mykind = nest<Mine, MineIn>('IFLA_MYKIND', mine);

declare module '../../src/rtnl/kinds/index.js' {
  interface LinkKinds {
    mykind: typeof mykind;
  }
}

const w = new Writer();
const encode = (o: LinkIn): Buffer => Buffer.from(ifinfmsg.encode(w, o));
const again = (o: LinkIn) => ifinfmsg.decode(encode(o), { strict: true });
/** Attributes of what `o` encodes to. */
const attrs = (o: LinkIn): string[] => lines(encode(o).subarray(16), {});

function refused(t: Tap, o: unknown, code: string, field: string, reason?: RegExp): void {
  try {
    encode(o as LinkIn);
    t.fail(`${field} was taken`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    t.match({ code: error.code, field: error.field }, { code, field });
    if (reason !== undefined) t.match(error.reason, reason);
  }
}
type Tap = { fail(message: string): unknown; match(found: unknown, pattern: object): unknown };

t.test('state is IFF_UP and its bit of change', async (t) => {
  t.equal(encode({ index: 7, state: 'up' }).toString('hex'), '00000000070000000100000001000000');
  t.equal(encode({ index: 7, state: 'down' }).toString('hex'), '00000000070000000000000001000000');
  t.match(again({ flags: ['MULTICAST'], change: ['MULTICAST'] }), { flags: 0x1000, change: 0x1000, state: 'down' });
  t.match(again({ change: ['MULTICAST'], state: 'up' }), { flags: 1, change: 0x1001 });
  t.match(
    again({ flags: ['MULTICAST'], state: 'up' }),
    { flags: 0x1001, change: 0 },
    'flags without change mean all flags',
  );
  t.match(again({ flags: 0x1003, change: 0x1000, state: 'up' }), { flags: 0x1003, change: 0x1000 }, 'as it was read');
  refused(t, { flags: 0x1002, change: 0, state: 'up' }, 'ERR_CONFLICT', 'state');
  refused(t, { state: 'sideways' }, 'ERR_INVALID_VALUE', 'state');
});

t.test('words, bits and numbers', async (t) => {
  t.same(attrs({ extMask: ['vf', 'skip_stats'] }), ['29=09000000']);
  t.same(attrs({ extMask: 'vf' }), ['29=01000000']);
  t.same(attrs({ operstate: 'UP', linkmode: 'DORMANT' }), ['16=06', '17=01']);
  t.match(again({ family: 'bridge', type: 'ether' }), { family: 7, type: 1 });
  t.same(
    again({ linkinfo: { kind: 'vxlan', vxlan: { df: 9 } } }).linkinfo,
    { kind: 'vxlan', vxlan: { df: 9 } },
    'the kernel decides about states',
  );
  t.same(
    again({
      linkinfo: { kind: 'macvlan', macvlan: { mode: 'source', flags: ['nodst'], macaddrData: ['02:00:00:00:00:01'] } },
    }).linkinfo,
    {
      kind: 'macvlan',
      macvlan: { mode: 'source', flags: 2, macaddrData: ['02:00:00:00:00:01'] },
    },
  );
  refused(t, { extMask: 'all' }, 'ERR_INVALID_VALUE', 'extMask', /one of vf/);
  refused(t, { operstate: 'up' }, 'ERR_INVALID_VALUE', 'operstate');
  refused(t, { linkinfo: { kind: 'vxlan', vxlan: { df: 256 } } }, 'ERR_OUT_OF_RANGE', 'linkinfo.vxlan.df');
});

t.test('ranges and lengths', async (t) => {
  refused(t, { ifname: 'a-name-of-16byte' }, 'ERR_OUT_OF_RANGE', 'ifname');
  t.same(attrs({ ifname: 'a-name-of-15byt' }).length, 1);
  refused(t, { ifalias: 'x'.repeat(256) }, 'ERR_OUT_OF_RANGE', 'ifalias');
  refused(t, { propList: { altIfname: ['x'.repeat(128)] } }, 'ERR_OUT_OF_RANGE', 'propList.altIfname[0]');
  refused(t, { linkinfo: { kind: 'x'.repeat(32) } }, 'ERR_OUT_OF_RANGE', 'linkinfo.kind');
  refused(t, { linkinfo: { kind: 'vxlan', vxlan: { id: 0x1000000 } } }, 'ERR_OUT_OF_RANGE', 'linkinfo.vxlan.id');
  refused(t, { linkinfo: { kind: 'vxlan', vxlan: { label: 0x100000 } } }, 'ERR_OUT_OF_RANGE', 'linkinfo.vxlan.label');
  refused(
    t,
    { linkinfo: { kind: 'bridge', bridge: { priority: 65536 } } },
    'ERR_OUT_OF_RANGE',
    'linkinfo.bridge.priority',
  );
  refused(
    t,
    { linkinfo: { kind: 'vxlan', vxlan: { idd: 1 } } },
    'ERR_UNKNOWN_KEY',
    'linkinfo.vxlan.idd',
    /did you mean "id"/,
  );
});

t.test('the kind names the payload', async (t) => {
  refused(t, { linkinfo: { kind: 'bridge', vxlan: { id: 1 } } }, 'ERR_CONFLICT', 'linkinfo.vxlan');
  refused(t, { linkinfo: { vxlan: { id: 1 } } }, 'ERR_CONFLICT', 'linkinfo.vxlan');
  const raw = { kind: 'nobody', data: Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0) };
  t.same(again({ linkinfo: raw }).linkinfo, raw, 'bytes of an unknown kind');
  t.same(again({ linkinfo: { slaveKind: 'bridge', bridge_slave: { state: 'forwarding', cost: 4 } } }).linkinfo, {
    slaveKind: 'bridge',
    bridge_slave: { state: 'forwarding', cost: 4 },
  });
  const late = `${'00'.repeat(16)}1c001280${'0c000280080001002a000000'}${'0a00010076786c616e000000'}`;
  const o = ifinfmsg.decode(Buffer.from(late, 'hex'), { strict: true });
  t.same(o.linkinfo, { kind: 'vxlan', vxlan: { id: 42 } }, 'a payload in front of its kind');
});

t.test('types know the kinds', async (t) => {
  // @ts-expect-error no such attribute
  t.throws(() => encode({ linkinfo: { kind: 'vxlan', vxlan: { idd: 1 } } }));
  // @ts-expect-error no such kind of port
  t.throws(() => encode({ linkinfo: { slaveKind: 'nobody', nobody_slave: {} } }));
  const id: number | undefined = again({ linkinfo: { kind: 'vxlan', vxlan: { id: 1 } } }).linkinfo?.vxlan?.id;
  t.equal(id, 1);
});

t.test('a peer is a link inside the link', async (t) => {
  const peer = {
    index: 9,
    flags: 1,
    change: 1,
    ifname: 'v1',
    mtu: 1400,
    afSpec: { inet6: { addrGenMode: 'none' } },
  } as const;
  const o = again({ ifname: 'v0', linkinfo: { kind: 'veth', veth: { peer } } });
  t.match(o.linkinfo?.veth?.peer, { ...peer, family: 0, type: 0 });
  refused(t, { linkinfo: { kind: 'veth', veth: { peer: { mtuu: 1 } } } }, 'ERR_UNKNOWN_KEY', 'linkinfo.veth.peer.mtuu');
});

t.test('af_spec and protinfo go by the family', async (t) => {
  const o = again({
    family: 'bridge',
    afSpec: {
      flags: 'self',
      mode: 'vepa',
      vlanInfo: [{ flags: ['pvid', 'untagged'], vid: 10 }, { vid: 20 }],
      vlanTunnelInfo: [{ id: 100, vid: 10 }],
    },
    protinfo: { state: 'forwarding', isolated: true },
  });
  t.same(o.afSpec, {
    flags: 2,
    mode: 'vepa',
    vlanInfo: [
      { flags: 6, vid: 10 },
      { flags: 0, vid: 20 },
    ],
    vlanTunnelInfo: [{ id: 100, vid: 10 }],
  });
  t.same(o.protinfo, { state: 'forwarding', isolated: true });
  t.same(
    attrs({ afSpec: { inet: { conf: { forwarding: 1, rpFilter: 2 } } } }),
    ['26=180002801400018008000100010000000800080002000000'],
    'settings go in as a nest',
  );
  refused(t, { afSpec: { vlanInfo: [] } }, 'ERR_UNKNOWN_KEY', 'afSpec.vlanInfo');
  refused(t, { family: 'bridge', afSpec: { inet6: {} } }, 'ERR_UNKNOWN_KEY', 'afSpec.inet6');
});

t.test('virtual functions', async (t) => {
  const info = {
    mac: { vf: 1, mac: '02:00:00:00:00:00' },
    vlanList: { info: [{ vf: 1, vlan: 5, qos: 2, vlanProto: 0x88a8 }] },
    ibNodeGuid: { vf: 1, guid: 0xfedcba9876543210n },
    stats: { rxPackets: 1, txPackets: 2 },
    linkState: { vf: 1, linkState: 2 },
  };
  t.same(again({ vfinfoList: { info: [info] } }).vfinfoList, { info: [info] });
  t.same(
    again({
      vfinfoList: { info: [{ mac: { vf: 0, mac: '80:00:00:00:fe:80:00:00:00:00:00:00:00:11:22:33:44:55:66:77' } }] },
    }).vfinfoList?.info?.[0]?.mac?.mac,
    '80:00:00:00:fe:80:00:00:00:00:00:00:00:11:22:33:44:55:66:77',
    'InfiniBand',
  );
  refused(
    t,
    { vfinfoList: { info: [{ ibNodeGuid: { vf: 1, guid: 5 } }] } },
    'ERR_INVALID_VALUE',
    'vfinfoList.info[0].ibNodeGuid.guid',
  );
});

t.test('64-bit attributes that shrink', async (t) => {
  t.same(attrs({ maxPacingOffloadHorizon: 5 }), ['66=05000000']);
  t.same(attrs({ maxPacingOffloadHorizon: 2 ** 40 }), ['66=0000000000010000']);
  t.equal(again({ maxPacingOffloadHorizon: 2 ** 40 }).maxPacingOffloadHorizon, 2 ** 40);
});

t.test("a user's own kind", async (t) => {
  const data = { kind: 'mykind', mykind: { depth: 3, label: 'deep' } } as const;
  refused(t, { linkinfo: data }, 'ERR_UNKNOWN_KEY', 'linkinfo.mykind');
  const unregister = registerLinkKind('mykind', mykind);
  t.ok(linkKinds().includes('mykind'));
  t.same(again({ linkinfo: data }).linkinfo, data);
  const depth: number | undefined = again({ linkinfo: data }).linkinfo?.mykind?.depth;
  t.equal(depth, 3, 'typed');
  t.throws(() => registerLinkKind('mykind', mykind), /registered already/);
  t.throws(() => registerLinkKind('vxlan', mykind), /registered already/);
  t.throws(() => registerLinkKind('data', mykind), /cannot be called/);
  t.throws(() => registerLinkKind('my_slave', mykind), /cannot be called/);
  unregister();
  unregister();
  t.notOk(linkKinds().includes('mykind'));
  t.ok(again({ linkinfo: { kind: 'mykind', data: Uint8Array.of(4, 0, 1, 0) } }).linkinfo?.data, 'bytes again');
  const off = registerSlaveKind('mykind', mykind);
  t.match(again({ linkinfo: { slaveKind: 'mykind', mykind_slave: { depth: 1 } } } as LinkIn).linkinfo, {
    mykind_slave: { depth: 1 },
  });
  off();
});
