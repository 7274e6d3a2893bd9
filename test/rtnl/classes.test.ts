/** Message classes: read from bytes, changed, written back; classes of one's own. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  attr,
  cstr,
  DecodeError,
  genlmsg,
  type In,
  InputError,
  ifaddrmsg,
  ifinfmsg,
  nla,
  nlmsg,
  type Out,
  rtmsg,
  struct,
  u16,
  u32,
} from 'tsroute2';

interface Row {
  name: string;
  type: string;
  direction: string;
  hex: string;
}
const golden = (area: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/golden/${area}.json`, import.meta.url), 'utf8')) as Row[];
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

t.test('mangling: decode, change, reset, encode', async (t) => {
  const row = golden('routes').find(({ type, hex }) => type === 'RTM_NEWROUTE' && hex.length > 100)!;
  const m = new rtmsg(bytes(row.hex));
  m.decode({ strict: true });
  t.equal(m.header.type, 24);
  t.equal(m.header.len, row.hex.length / 2);
  const { seq } = m.header;
  m.value.priority = 77;
  m.reset();
  t.equal(m.buf.length, 0);
  m.encode();
  const again = new rtmsg(m.buf).decode({ strict: true });
  t.equal(again.header.seq, seq);
  t.equal(again.get('RTA_PRIORITY'), 77);
  t.same(again.value, m.value);
});

t.test('keys, kernel names and paths', async (t) => {
  const row = golden('links').find(({ name, direction }) => direction === 'reply' && name.includes('vxlan'))!;
  const m = new ifinfmsg(bytes(row.hex)).decode();
  t.equal(m.get('IFLA_MTU'), m.value.mtu);
  t.equal(m.get('mtu'), m.value.mtu);
  t.equal(m.get('linkinfo.vxlan.id'), m.value.linkinfo?.vxlan?.id);
  t.equal(m.get('linkinfo.none.id'), undefined);
  const addr = new ifaddrmsg({ index: 2, address: '10.0.0.1', prefixlen: 8 });
  addr.header.type = 20;
  t.equal(new ifaddrmsg(addr.encode().buf).decode().get('IFA_ADDRESS'), '10.0.0.1');
});

t.test('bytes that are no message, values that cannot be written', async (t) => {
  t.throws(() => new rtmsg(new Uint8Array(7)).decode(), DecodeError);
  t.throws(() => new rtmsg(new Uint8Array(20)).decode(), DecodeError);
  t.throws(() => new rtmsg({ oif: 'eth0' }).encode(), InputError, 'a message takes an index');
  t.throws(() => new rtmsg({ gatewy: '10.0.0.1' } as object).encode(), { name: 'InputError', field: 'gatewy' });
});

t.test('messages of one’s own', async (t) => {
  const table = { label: attr(1, cstr), size: attr(2, u32) } as const;
  interface Mine extends Out<typeof table> {
    kind: number;
  }
  interface MineIn extends In<typeof table> {
    kind?: number;
  }
  class minemsg extends nlmsg<Mine, MineIn>({
    name: 'minemsg',
    prefix: 'MINE',
    header: struct((r) => ({ kind: r.u16(0) }), 4),
    table,
    types: { MINE_NEW: 100 },
  }) {}
  const m = new minemsg({ kind: 3, label: 'x', size: 9 });
  m.header.type = minemsg.def.types.MINE_NEW!;
  const back = new minemsg(m.encode().buf).decode({ strict: true });
  t.same(back.value, { kind: 3, label: 'x', size: 9 });
  t.equal(back.get('MINE_LABEL'), 'x');

  class minegenl extends genlmsg<{ cmd: number; version: number; size?: number }>({
    name: 'minegenl',
    prefix: 'MINE',
    table,
  }) {}
  const g = new minegenl({ cmd: 5, version: 1, size: 7 });
  t.same(new minegenl(g.encode().buf).decode().value, { cmd: 5, version: 1, size: 7 });
  // struct genlmsghdr: command, version, two bytes reserved.
  t.same([...g.buf.subarray(16, 20)], [5, 1, 0, 0]);

  class pair extends nla<{ left?: number; right?: number }>('PAIR', { left: attr(1, u16), right: attr(2, u16) }) {}
  const p = new pair({ left: 1, right: 2 }).encode();
  t.same([...p.buf], [6, 0, 1, 0, 1, 0, 0, 0, 6, 0, 2, 0, 2, 0, 0, 0]);
  t.same(new pair(p.buf).decode().value, { left: 1, right: 2 });
  t.equal(new pair(p.buf).decode().get('PAIR_RIGHT'), 2);
  t.throws(() => new pair(Uint8Array.of(5, 0, 1, 0, 9)).decode({ strict: true }), DecodeError);
});
