/** From an offset in a request to the path of the attribute there. Every attribute of every golden request is asked for. */
import t from 'tap';
import { Bytes } from '../../src/codec/bytes.js';
import * as leaf from '../../src/codec/leaf.js';
import type { MessageDef } from '../../src/codec/message.js';
import { pathAt } from '../../src/codec/path.js';
import { attr } from '../../src/codec/type.js';
import { Writer } from '../../src/codec/writer.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { rtmsg } from '../../src/rtnl/rtmsg.js';
import { rows } from '../rtnl/tlv.js';
import { define } from './fixture.js';

const w = new Writer();
const HEADER = 16;

/** Asks for each attribute of `o`, at its header and inside its payload. */
function paths(def: MessageDef, o: object, missing?: number): (string | undefined)[] {
  const payload = def.encode(w, o);
  const s = new Bytes(new Uint8Array([...new Uint8Array(HEADER), ...payload]));
  const found: (string | undefined)[] = [];
  const walk = (from: number, to: number): void => {
    for (let at = from; to - at >= 4; ) {
      const len = s.u16[at >> 1]!;
      if (len < 4 || at + len > to) return;
      found.push(pathAt(def, s, HEADER, payload.length, at, missing));
      if ((s.u16[(at >> 1) + 1]! & 0x8000) !== 0) walk(at + 4, at + len);
      at += (len + 3) & ~3;
    }
  };
  walk(HEADER + ((def.header.size + 3) & ~3), s.u8.length);
  return found;
}
const link = ifinfmsg as unknown as MessageDef;
const route = rtmsg as unknown as MessageDef;

t.test('offsets of attributes', async (t) => {
  t.same(
    paths(link, {
      mtu: 1400,
      linkinfo: { kind: 'vxlan', vxlan: { id: 1, port: 4789, portRange: { low: 2, high: 1 } } },
    }),
    [
      'mtu',
      'linkinfo',
      'linkinfo.kind',
      'linkinfo.vxlan',
      'linkinfo.vxlan.id',
      'linkinfo.vxlan.port',
      'linkinfo.vxlan.portRange',
    ],
  );
  t.same(paths(link, { linkinfo: { slaveKind: 'bridge', bridge_slave: { cost: 1 } } }), [
    'linkinfo',
    'linkinfo.slaveKind',
    'linkinfo.bridge_slave',
    'linkinfo.bridge_slave.cost',
  ]);
  t.same(paths(link, { linkinfo: { kind: 'nobody', data: Uint8Array.of(4, 0, 1, 0) } }), [
    'linkinfo',
    'linkinfo.kind',
    'linkinfo.data',
  ]);
  t.same(paths(route, { dst: '10.0.0.0/8', oif: 1, metrics: { mtu: 1, hoplimit: 2 } }), [
    'dst',
    'oif',
    'metrics',
    'metrics.mtu',
    'metrics.hoplimit',
  ]);
  t.same(
    paths(link, { afSpec: { inet6: { token: '::1' } } }),
    ['afSpec', 'afSpec.inet6', 'afSpec.inet6.token'],
    'by family',
  );
  t.same(paths(link, { family: 7, afSpec: { vlanInfo: [{ vid: 1 }] } }), ['afSpec', 'afSpec.vlanInfo']);
  t.same(paths(link, { unknown: [{ type: 1000, data: new Uint8Array(4) }] }), ['1000'], 'one without a name');
});

t.test('behind the header of a nest', async (t) => {
  const def = ifinfmsg;
  const payload = def.encode(w, { ifname: 'v0', linkinfo: { kind: 'veth', veth: { peer: { ifname: 'v1', mtu: 5 } } } });
  const s = new Bytes(new Uint8Array(payload));
  const found = new Set<string | undefined>();
  for (let offset = 16; offset < payload.length; offset += 4) found.add(pathAt(link, s, 0, payload.length, offset));
  for (const path of [
    'ifname',
    'linkinfo.kind',
    'linkinfo.veth',
    'linkinfo.veth.peer',
    'linkinfo.veth.peer.ifname',
    'linkinfo.veth.peer.mtu',
  ])
    t.ok(found.has(path), path);
});

t.test('inside repeated nests, and offsets into a payload', async (t) => {
  const inner = leaf.nest('IN', { n: attr(1, leaf.u32) });
  const def = define({
    many: attr(1, leaf.many(inner)),
    late: attr(
      2,
      leaf.variant({
        by: 'kind',
        pick: (k) => (k === 'in' ? inner : undefined),
        place: String,
        places: () => ['in'],
        siblingOf: (p) => (p === 'in' ? p : undefined),
        wrap: false,
      }),
    ),
    kind: attr(3, leaf.cstr),
  });
  t.same(paths(def as unknown as MessageDef, { many: [{ n: 1 }, { n: 2 }] }), ['many', 'many.n', 'many', 'many.n']);
  t.same(paths(def as unknown as MessageDef, { kind: 'in', in: { n: 1 } }), ['kind', 'in', 'in.n']);
});

t.test('members of the header, what is missing, what is nowhere', async (t) => {
  const payload = rtmsg.encode(w, { dst: '10.0.0.0/8', metrics: { mtu: 1 } });
  const s = new Bytes(new Uint8Array(payload));
  const at = (offset: number | undefined, missing?: number) => pathAt(route, s, 0, payload.length, offset, missing);
  t.equal(at(0), 'family');
  t.equal(at(4), 'table');
  t.equal(at(8), 'flags');
  t.equal(at(10), 'flags');
  t.equal(at(12), 'dst');
  t.equal(at(16), 'dst', 'the payload is the attribute');
  t.equal(at(payload.length), undefined);
  t.equal(at(1 << 20), undefined);
  t.equal(at(undefined), undefined);
  t.equal(at(undefined, 4), 'oif', 'missing at the top');
  t.equal(at(20, 10), 'metrics.hoplimit', 'missing in a nest');
  t.equal(at(20, 999), 'metrics.999');
  t.equal(at(undefined, 999), '999');
});

t.test('hostile bytes end a walk', async (t) => {
  for (const hex of ['00000100', '03000100', 'ffff0100', '0400']) {
    const s = new Bytes(new Uint8Array(Buffer.from('00'.repeat(12) + hex, 'hex')));
    t.equal(pathAt(route, s, 0, s.u8.length, 13), undefined, hex);
  }
});

t.test('golden requests: each attribute has a path, and those of known tables a name', async (t) => {
  let count = 0;
  const nameless: string[] = [];
  for (const [area, def] of [
    ['links', link],
    ['routes', route],
  ] as const) {
    for (const row of rows(area)) {
      if (row.direction !== 'request' || !(row.type in def.types)) continue;
      const s = new Bytes(new Uint8Array(Buffer.from(row.hex, 'hex')));
      const n = s.u8.length - HEADER;
      for (let at = HEADER + def.header.size; at + 4 <= s.u8.length; ) {
        const path = pathAt(def, s, HEADER, n, at);
        count++;
        if (path === undefined || /^\d/.test(path)) nameless.push(`${row.name}: ${path}`);
        at += (s.u16[at >> 1]! + 3) & ~3;
      }
    }
  }
  t.same(nameless, []);
  t.ok(count > 300, `${count} attributes`);
});
