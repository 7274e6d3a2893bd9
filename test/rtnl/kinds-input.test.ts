/** Kinds and encapsulations: input that cannot be a request names its field, and bytes that nobody understands stay. */
import t from 'tap';
import { InputError } from '../../src/codec/errors.js';
import { Writer } from '../../src/codec/writer.js';
import { ifinfmsg, type LinkIn } from '../../src/rtnl/ifinfmsg.js';
import { type RouteIn, rtmsg } from '../../src/rtnl/rtmsg.js';
import { rows } from './tlv.js';

type Bad = readonly [unknown, string, string];

const link = (kind: string, payload: object, code: string, field: string): Bad => [
  { linkinfo: { kind, [kind]: payload } },
  code,
  `linkinfo.${kind}.${field}`,
];
const RANGE = 'ERR_OUT_OF_RANGE';
const VALUE = 'ERR_INVALID_VALUE';
const UNKNOWN = 'ERR_UNKNOWN_KEY';

const LINKS: readonly Bad[] = [
  link('vlan', { id: 4095 }, RANGE, 'id'),
  link('vlan', { id: -1 }, RANGE, 'id'),
  link('vlan', { flags: { flags: ['sideways'], mask: 1 } }, VALUE, 'flags.flags[0]'),
  link('vlan', { flags: { flags: 1, mask: 'sideways' } }, VALUE, 'flags.mask'),
  link('vlan', { egressQos: [{ from: 1, to: 2, via: 3 }] }, UNKNOWN, 'egressQos[0].via'),
  link('vlan', { protocol: '802.1x' }, VALUE, 'protocol'),
  link('bond', { mode: 'round-robin' }, VALUE, 'mode'),
  link('bond', { mode: 256 }, RANGE, 'mode'),
  link('bond', { arpIpTarget: ['10.0.0.1', 'x'] }, VALUE, 'arpIpTarget[1]'),
  link('bond', { arpIpTarget: '10.0.0.1' }, VALUE, 'arpIpTarget'),
  link('bond', { nsIp6Target: ['10.0.0.1'] }, VALUE, 'nsIp6Target[0]'),
  link('bond', { missedMax: 0 }, RANGE, 'missedMax'),
  link('bond', { adUserPortKey: 1024 }, RANGE, 'adUserPortKey'),
  link('bond', { adActorSystem: '02:00:00:00:00' }, VALUE, 'adActorSystem'),
  link('bond', { packetsPerSlave: 65536 }, RANGE, 'packetsPerSlave'),
  link('bond', { primary: '' }, VALUE, 'primary'),
  link('bond', { useCarrier: 2 }, VALUE, 'useCarrier'),
  link('bond', { miimom: 100 }, UNKNOWN, 'miimom'),
  link('ipvlan', { mode: 'l4' }, VALUE, 'mode'),
  link('ipvtap', { flags: ['bridge'] }, VALUE, 'flags[0]'),
  link('vrf', { table: 2 ** 32 }, RANGE, 'table'),
  link('geneve', { id: 2 ** 24 }, RANGE, 'id'),
  link('geneve', { port: 65536 }, RANGE, 'port'),
  link('geneve', { remote: '2001:db8::1' }, VALUE, 'remote'),
  link('geneve', { remote6: '10.0.0.1' }, VALUE, 'remote6'),
  link('geneve', { label: 2 ** 20 }, RANGE, 'label'),
  link('geneve', { portRange: { low: 1, high: 65536 } }, RANGE, 'portRange.high'),
  link('gre', { iflags: ['keys'] }, VALUE, 'iflags[0]'),
  link('gretap', { ikey: 2 ** 32 }, RANGE, 'ikey'),
  link('erspan', { erspanHwid: 64 }, RANGE, 'erspanHwid'),
  link('erspan', { erspanIndex: 2 ** 20 }, RANGE, 'erspanIndex'),
  link('ip6gre', { local: '10.0.0.1' }, VALUE, 'local'),
  link('ip6erspan', { erspanDir: 'both' }, VALUE, 'erspanDir'),
  link('ipip', { encapType: 'vxlan' }, VALUE, 'encapType'),
  link('sit', { '6rdPrefix': '10.0.0.0' }, VALUE, '6rdPrefix'),
  link('sit', { flags: 'isatapp' }, VALUE, 'flags'),
  link('ip6tnl', { flags: [0x100000000] }, RANGE, 'flags[0]'),
  link('vti6', { remote: '10.0.0.1' }, VALUE, 'remote'),
  link('xfrm', { ifId: -1 }, RANGE, 'ifId'),
  link('hsr', { protocol: 'xyz' }, VALUE, 'protocol'),
  link('netkit', { policy: 'pass' }, VALUE, 'policy'),
  link('netkit', { peerInfo: { ifname: 'a-name-of-16-byte' } }, RANGE, 'peerInfo.ifname'),
  link('gtp', { role: 'server' }, VALUE, 'role'),
  link('macsec', { cipherSuite: 'AES' }, VALUE, 'cipherSuite'),
  link('macsec', { sci: -1n }, RANGE, 'sci'),
  link('macsec', { sci: 2n ** 64n }, RANGE, 'sci'),
  link('macsec', { sci: '1' }, VALUE, 'sci'),
  link('batadv', { algoName: 'a name of twenty byte' }, RANGE, 'algoName'),
  link('can', { ctrlmode: { mask: 1, flags: 'louder' } }, VALUE, 'ctrlmode.flags'),
  link('dummy', { x: 1 }, UNKNOWN, 'x'),
  [{ linkinfo: { kind: 'gre', gretap: {} } }, 'ERR_CONFLICT', 'linkinfo.gretap'],
  [{ linkinfo: { slaveKind: 'bond', bond_slave: { prio: 2 ** 31 } } }, RANGE, 'linkinfo.bond_slave.prio'],
];

const encap = (encapType: string, payload: unknown, code: string, field: string): Bad => [
  { dst: 'default', encapType, encap: { [encapType]: payload } },
  code,
  `encap.${encapType}${field === '' ? '' : `.${field}`}`,
];
const SEGS = { segs: ['fc00::1'] };

const ENCAPS: readonly Bad[] = [
  encap('mpls', { dst: '1048576' }, RANGE, 'dst'),
  encap('mpls', { dst: '100/x' }, VALUE, 'dst'),
  encap('mpls', { dst: '100/' }, VALUE, 'dst'),
  encap('mpls', { dst: '' }, VALUE, 'dst'),
  encap('mpls', { dst: '0x10' }, VALUE, 'dst'),
  encap('mpls', { dst: [] }, VALUE, 'dst'),
  encap('mpls', { dst: [1.5] }, VALUE, 'dst'),
  encap('mpls', { dst: [100, -1] }, RANGE, 'dst'),
  encap('seg6', { mode: 'around', ...SEGS }, VALUE, 'mode'),
  encap('seg6', { ...SEGS }, VALUE, 'mode'),
  encap('seg6', { mode: 'encap' }, VALUE, 'segs'),
  encap('seg6', { mode: 'encap', segs: [] }, RANGE, 'segs'),
  encap('seg6', { mode: 'encap', segs: ['fc00::1', '10.0.0.1'] }, VALUE, 'segs[1]'),
  encap('seg6', { mode: 'encap', segs: 'fc00::1,,fc00::2' }, VALUE, 'segs'),
  encap('seg6', { mode: 'encap', segs: new Array<string>(128).fill('fc00::1') }, RANGE, 'segs'),
  encap('seg6', { mode: 'encap', segs: new Array<string>(127).fill('fc00::1'), hmac: 1 }, RANGE, 'segs'),
  encap('seg6', { mode: 'encap', ...SEGS, hmac: 0 }, RANGE, 'hmac'),
  encap('seg6', { mode: 'encap', ...SEGS, hmac: 2 ** 32 }, RANGE, 'hmac'),
  encap('seg6', { mode: 'encap', ...SEGS, tag: 65536 }, RANGE, 'tag'),
  encap('seg6', { mode: 'encap', ...SEGS, srh: {} }, UNKNOWN, 'srh'),
  encap('seg6', { mode: 'encap', ...SEGS, hmca: 1 }, UNKNOWN, 'hmca'),
  encap('seg6', 'fc00::1', VALUE, ''),
  encap('seg6local', { action: 'End.Y' }, VALUE, 'action'),
  encap('seg6local', { action: 'End.B6', srh: { mode: 'encap', ...SEGS } }, UNKNOWN, 'srh.mode'),
  encap('seg6local', { action: 'End.B6', srh: ['fc00::1'] }, VALUE, 'srh'),
  encap('seg6local', { action: 'End.DX4', nh4: 'fe80::1' }, VALUE, 'nh4'),
  encap('seg6local', { action: 'End', flavors: { operation: 'csid' } }, VALUE, 'flavors.operation'),
  encap('ip', { id: -1n }, RANGE, 'id'),
  encap('ip', { dst: '2001:db8::1' }, VALUE, 'dst'),
  encap('ip', { flags: 'keyed' }, VALUE, 'flags'),
  encap('ip', { opts: [] }, VALUE, 'opts'),
  encap('ip', { opts: { geneve: [{ class: 65536 }] } }, RANGE, 'opts.geneve[0].class'),
  encap('ip6', { opts: { erspan: { dir: 'both' } } }, VALUE, 'opts.erspan.dir'),
  encap('ip6', { dst: '10.0.0.1' }, VALUE, 'dst'),
  encap('rpl', { segs: ['fc00::1', 'fc00'] }, VALUE, 'segs[1]'),
  encap('rpl', {}, VALUE, 'segs'),
  encap('rpl', { segs: 'fc00::1', srh: [] }, UNKNOWN, 'srh'),
  encap('ila', { locator: 2n ** 64n }, RANGE, 'locator'),
  encap('ila', { csumMode: 'none' }, VALUE, 'csumMode'),
  encap('xfrm', { ifId: 2 ** 32 }, RANGE, 'ifId'),
];

function thrown(write: () => void): InputError | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

t.test('input that cannot be a request', async (t) => {
  const w = new Writer();
  for (const [value, code, field] of LINKS) {
    const error = thrown(() => ifinfmsg.encode(w, value as LinkIn));
    t.same([error?.code, error?.field], [code, field], `${field}: ${error?.reason}`);
  }
  for (const [value, code, field] of ENCAPS) {
    const error = thrown(() => rtmsg.encode(w, value as RouteIn));
    t.same([error?.code, error?.field], [code, field], `${field}: ${error?.reason}`);
  }
});

/** The bytes of a recorded request. */
function recorded(area: string, name: string): Buffer {
  const row = rows(area).find((row) => row.name.includes(name) && row.direction === 'request');
  if (row === undefined) throw new Error(`no row ${name}`);
  return Buffer.from(row.hex, 'hex').subarray(16);
}

t.test('input in the words of ip', async (t) => {
  const w = new Writer();
  const same = (name: string, payload: object): void => {
    const [encapType] = Object.keys(payload) as [string];
    const before = rtmsg.decode(recorded('encaps', name));
    t.same(
      before.encap,
      rtmsg.decode(rtmsg.encode(w, { ...before, encapType, encap: payload } as RouteIn)).encap,
      name,
    );
  };
  same('segs fc00::1,fc00::2 dev v0', { seg6: { mode: 'encap.red', segs: 'fc00::1,fc00::2' } });
  same('mode inline segs fc00::1,fc00::2', { seg6: { mode: 'inline', segs: ['fc00::1', 'fc00::2'] } });
  same('mode inline segs fc00::1,fc00::2', { seg6: { mode: 0, segs: ['fc00::1', 'fc00::2', '::'] } });
  same('encap mpls 100 via 10.0.0.2', { mpls: { dst: 100 } });
  same('encap mpls 100/200 via 10.0.0.2', { mpls: { dst: [100, 200] } });
  same('rpl segs fc00::1,fc00::2', { rpl: { segs: 'fc00::1,fc00::2' } });
});

t.test('headers that say something else are kept as bytes', async (t) => {
  const w = new Writer();
  const message = recorded('encaps', 'segs fc00::1,fc00::2 hmac 305419896');
  const at = message.indexOf(Buffer.from('fc000000000000000000000000000002', 'hex')) - 8;
  t.equal(message[at + 2], 4, 'a segment routing header');
  const size = message.readUInt16LE(at - 8) - 8;
  const places: [string, number, number][] = [
    ['next header', at, 6],
    ['length', at + 1, 1],
    ['type', at + 2, 3],
    ['segments left', at + 3, 0],
    ['first segment', at + 4, 9],
    ['flags', at + 5, 1],
    ['no HMAC', at + 5, 0],
    ['type of the HMAC', at + size - 40, 4],
    ['length of the HMAC', at + size - 39, 37],
    ['reserved', at + size - 37, 1],
    ['digest', at + size - 1, 1],
  ];
  for (const [what, place, value] of places) {
    const broken = Buffer.from(message);
    broken[place] = value;
    const o = rtmsg.decode(broken);
    t.equal(o.encap?.seg6?.segs, undefined, what);
    t.match(o.errors, [{ path: 'encap.seg6.srh' }], `${what}: told`);
    t.ok(Buffer.from(rtmsg.encode(w, o as RouteIn)).includes(broken.subarray(at - 4, at + size)), `${what}: goes back`);
  }
  const tagged = Buffer.from(message);
  tagged.writeUInt16BE(0x1234, at + 6);
  t.match(rtmsg.decode(tagged).encap?.seg6, { mode: 'encap', tag: 0x1234, hmac: 0x12345678 });

  const labels = recorded('encaps', 'mpls 16/1048575/74565');
  const first = labels.indexOf(Buffer.from('00010000fffff000', 'hex'));
  t.equal(rtmsg.decode(labels).encap?.mpls?.dst, '16/1048575/74565');
  for (const [what, place, value] of [
    ['the bottom comes too early', first + 2, 0x01],
    ['a traffic class', first + 2, 0x02],
    ['a TTL', first + 3, 9],
    ['no bottom', first + 10, 0x50],
  ] as const) {
    const broken = Buffer.from(labels);
    broken[place] = value;
    t.match(rtmsg.decode(broken).errors, [{ path: 'encap.mpls.dst' }], what);
  }
});
