/** Every recorded link message: read without a rest and written back the same. What iproute2 reads from it: test/golden/decode.test.ts. */
import t from 'tap';
import { Writer } from '../../src/codec/writer.js';
import { ifinfmsg, type Link, type LinkIn } from '../../src/rtnl/ifinfmsg.js';
import { linkKind } from '../../src/rtnl/kinds/index.js';
import { lines, type Row, rows, type Shape, tlvs } from './tlv.js';

const HEADER = 32;

/** IFLA_INET_CONF comes out as an array of numbers and goes in as a nest of them. */
const conf = (data: Buffer): string => {
  const array = data.length === 132;
  const values = array
    ? Array.from({ length: 33 }, (_, i) => data.readUInt32LE(4 * i))
    : tlvs(data).map((tlv, i) => {
        if (tlv.type !== i + 1) throw new Error('devconf out of order');
        return tlv.data.readUInt32LE();
      });
  return values.join(' ');
};
/** IFLA_VXLAN_TTL_INHERIT comes out as a byte and goes in as a flag. */
const ttlInherit = (data: Buffer): string | undefined => (data.length === 0 || data[0] !== 0 ? 'set' : undefined);

/** IFLA_MACSEC_CIPHER_SUITE has two numbers for the suite that is the default. */
const cipher = (data: Buffer): string => data.toString('hex').replace('0100000100028000', '0100000100c28000');

const vlans: Shape = { nests: { 3: {} } };
const brport: Shape = { pads: [26] };
const link: Shape = { strings: [3, 6, 20, 38, 53, 56, 57], pads: [42] };
const base: Record<number, Shape> = {
  22: { nests: { 1: { nests: { 8: { pads: [6] }, 12: {} } } } },
  43: {},
  52: { strings: [53] },
  55: {},
  62: { strings: [1, 2] },
  65: {},
};
const kinds: Record<string, Shape> = {
  bridge: { nests: { 47: { pads: [4] } }, pads: [40] },
  macvlan: { nests: { 5: {} } },
  macvtap: { nests: { 5: {} } },
  veth: { nests: { 1: { ...link, header: 16, nests: base } } },
  vxlan: { same: { 28: ttlInherit } },
  vxcan: { nests: { 1: { ...link, header: 16, nests: base } } },
  netkit: { nests: { 1: { ...link, header: 16, nests: base } } },
  vlan: { nests: { 3: {}, 4: {} } },
  bond: { nests: { 8: {}, 23: {}, 31: {} } },
  batadv: { strings: [1] },
  macsec: { pads: [14], same: { 4: cipher } },
};

/** The shape of one message, which depends on its family and its kinds. */
function shapeOf(message: Buffer): Shape {
  const family = message[16];
  const info = tlvs(message.subarray(HEADER)).find((tlv) => tlv.type === 18);
  const text = (type: number): string => {
    const found = info === undefined ? undefined : tlvs(info.data).find((tlv) => tlv.type === type);
    return found === undefined ? '' : found.data.toString('latin1').replace(/\0+$/, '');
  };
  const kind = text(1);
  const linkinfo: Shape = { strings: [1, 4], nests: {} };
  if (linkKind(kind) !== undefined) linkinfo.nests![2] = kinds[kind] ?? {};
  if (text(4) === 'bridge') linkinfo.nests![5] = brport;
  const nests: Record<number, Shape> = {
    ...base,
    18: linkinfo,
    26: family === 7 ? vlans : { nests: { 2: { same: { 1: conf } }, 10: {} } },
  };
  if (family === 7) nests[12] = brport;
  if (family === 10) nests[12] = {};
  return { ...link, nests };
}

/** Every `unknown` and `rest` in a message, by path. */
function leftovers(o: object, path = ''): string[] {
  return Object.entries(o).flatMap(([key, value]) => {
    if (key === 'unknown' || key === 'rest') return [`${path}${key}`];
    return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
      ? leftovers(value, `${path}${key}.`)
      : [];
  });
}

const isLink = (row: Row): boolean => row.type in ifinfmsg.types;
const bytesOf = (row: Row): Buffer => Buffer.from(row.hex, 'hex');
const decode = (row: Row): Link => ifinfmsg.decode(bytesOf(row).subarray(16), { strict: true });
const links = [...rows('links'), ...rows('kinds')].filter(isLink);

t.ok(links.length > 500, `${links.length} link messages`);

t.test('read strictly, nothing unknown', async (t) => {
  const bad: string[] = [];
  for (const row of links) {
    try {
      const left = leftovers(decode(row));
      if (left.length > 0) bad.push(`${row.name}: ${left.join(' ')}`);
    } catch (error) {
      bad.push(`${row.name}: ${error}`);
    }
  }
  t.same(bad, []);
});

t.test('written back: the same header and the same attributes', async (t) => {
  const w = new Writer();
  for (const row of links) {
    const message = bytesOf(row);
    const again = Buffer.from(ifinfmsg.encode(w, decode(row) satisfies LinkIn));
    const shape = shapeOf(message);
    const name = `${row.name} (${row.type})`;
    const header = { type: message.readUInt16LE(18), rest: message.toString('hex', 20, 32), family: message[16] };
    const headerAgain = { type: again.readUInt16LE(2), rest: again.toString('hex', 4, 16), family: again[0] };
    if (JSON.stringify(header) !== JSON.stringify(headerAgain)) t.same(headerAgain, header, name);
    const before = lines(message.subarray(HEADER), shape);
    const after = lines(again.subarray(16), shape);
    if (before.join('\n') !== after.join('\n')) t.same(after, before, name);
  }
  t.pass(`${links.length} messages`);
});

t.test('a second reading gives the same object', async (t) => {
  const w = new Writer();
  for (const row of links) {
    const first = decode(row);
    const second = ifinfmsg.decode(ifinfmsg.encode(w, first), { strict: true });
    // The kernel's flag is not sent when it is false, and its array of settings comes back only from the kernel.
    for (const o of [first, second]) {
      if (o.linkinfo?.vxlan?.ttlInherit === false) delete o.linkinfo.vxlan.ttlInherit;
      if (o.afSpec?.inet) delete o.afSpec.inet.conf;
    }
    if (JSON.stringify(sorted(first)) !== JSON.stringify(sorted(second))) t.same(second, first, row.name);
  }
  t.pass(`${links.length} messages`);
});

/** Keys in one order: attributes of unknown kinds and padding aside, order is no information. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  const o = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(o)
      .sort()
      .map((key) => [key, sorted(o[key])]),
  );
}
