/**
 * Every recorded row that iproute2 read too: decoded strictly, compared with iproute2's reading key by key, and (for
 * addresses and routes; test/rtnl has the links) written back with the same attributes.
 */
import t from 'tap';
import { Writer } from '../../src/codec/writer.js';
import { ifaddrmsg } from '../../src/rtnl/ifaddrmsg.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import { rtmsg } from '../../src/rtnl/rtmsg.js';
import { lines, type Row, rows, type Shape, tlvs } from '../rtnl/tlv.js';
import { atLeast, type Json, Witness } from '../witness/compare.js';
import { addrToIp } from '../witness/map-addr.js';
import { linkinfo as linkinfoToIp } from '../witness/map-kinds.js';
import { bridgeLinkToIp, linkToIp } from '../witness/map-link.js';
import { routeToIp } from '../witness/map-route.js';
import { lowerLinks, NamesFromWitness } from '../witness/names.js';

const all = ['links', 'kinds', 'addrs', 'routes', 'encaps'].flatMap((area) =>
  rows(area).map((row) => ({ ...row, scene: `${area} ${row.name.split(':')[0]}` })),
);
type Golden = (typeof all)[number];
const witnessed = all.filter((row) => row.witness !== null);
const payload = (row: Row): Buffer => Buffer.from(row.hex, 'hex').subarray(16);
const of = (def: { types: Readonly<Record<string, number>> }): Golden[] =>
  witnessed.filter((row) => row.type in def.types);

/** Every `unknown` and `rest` in a message, by path. */
function leftovers(o: object, path = ''): string[] {
  return Object.entries(o).flatMap(([key, value]) => {
    if (key === 'unknown' || key === 'rest') return [`${path}${key}`];
    const inner = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
    return inner ? leftovers(value, `${path}${key}.`) : [];
  });
}

const nothingLeft = (row: Row, o: object): string[] => leftovers(o).map((path) => `${row.name}: ${path}`);
const object = (row: Row): Record<string, Json> => structuredClone(row.witness) as Record<string, Json>;

/** The witness is of another message of the same dump: the recorded one is of br0, which `bridge link` does not print. */
const OTHERS = new Set(['show: vlan show / reply']);

/** The iproute2 that printed the witness. */
const reader = (row: Row): string => row.reader ?? '6.1.0';

/** `ip` reads requests as if they were answers: requests and answers are counted apart. */
const side = (row: Row): string => (row.direction === 'request' ? 'made by ip' : 'made by the kernel');

t.test('links', async (t) => {
  const witness = new Witness('link', 'golden');
  const ports = new Witness('port', 'golden');
  const names = new NamesFromWitness();
  const bad: string[] = [];
  for (const row of of(ifinfmsg)) {
    if (OTHERS.has(row.name)) continue;
    const o = ifinfmsg.decode(payload(row), { strict: true });
    bad.push(...nothingLeft(row, o));
    const theirs = object(row);
    // A request that selects by index has no name to tell.
    if (row.direction !== 'request' || o.ifname !== undefined) names.rename(row.scene, o.index, theirs.ifname);
    names.learn(row.scene, [o.link, theirs.link], [o.master, theirs.master]);
    const info = theirs.linkinfo as
      | { info_data?: Record<string, Json>; info_slave_data?: Record<string, Json>; info_kind?: string }
      | undefined;
    names.learn(
      row.scene,
      [o.linkinfo?.vxlan?.link, info?.info_data?.link],
      [o.linkinfo?.bridge_slave?.backupPort, info?.info_slave_data?.backup_port],
    );
    names.learn(row.scene, ...lowerLinks(o.linkinfo, { ...info?.info_data, ...info?.info_slave_data }));
    // Users of the machine of the capture; their numbers are above those of its links.
    names.learn(row.scene, [o.linkinfo?.tun?.owner, info?.info_data?.user]);
    // Whether the lower link was up is not in these bytes.
    if (Array.isArray(theirs.flags)) theirs.flags = theirs.flags.filter((word) => word !== 'M-DOWN');
    const context = { ...names.of(row.scene, reader(row)), stats: 1, deleted: row.type === 'RTM_DELLINK' };
    // What is the same for every link is compared in the area of links.
    if (row.scene.startsWith('kinds ')) {
      witness.compare(`${o.linkinfo?.kind ?? 'without kind'}, ${side(row)}`, {
        label: row.name,
        ours: { linkinfo: o.linkinfo },
        theirs: theirs.linkinfo === undefined ? {} : { linkinfo: theirs.linkinfo },
        map: ({ linkinfo }) => ({ linkinfo: linkinfoToIp(linkinfo, context) }),
      });
      continue;
    }
    // `ip` writes a kind without a final zero, and then reads on into the next attribute.
    if (row.direction === 'request' && info?.info_kind !== undefined)
      info.info_kind = info.info_kind.replace(/[^a-z_]$/, '');
    if (o.family === 7)
      ports.compare(side(row), { label: row.name, ours: o, theirs, map: (o) => bridgeLinkToIp(o, context) });
    else
      witness.compare(`${o.linkinfo?.kind ?? 'without kind'}, ${side(row)}`, {
        label: row.name,
        ours: o,
        theirs,
        map: (o) => linkToIp(o, context),
      });
  }
  t.same(bad, []);
  for (const one of [witness, ports]) {
    t.same(one.problems(), []);
    t.same(one.unneeded(), [], 'every exception is needed');
    for (const line of one.figures()) t.comment(`figure: ${line}`);
  }
});

t.test('addresses', async (t) => {
  const witness = new Witness('addr', 'golden');
  const bad: string[] = [];
  for (const row of of(ifaddrmsg)) {
    const o = ifaddrmsg.decode(payload(row), { strict: true });
    bad.push(...nothingLeft(row, o));
    const deleted = row.type === 'RTM_DELADDR';
    witness.compare(`${o.family === 10 ? 'inet6' : 'inet'}, ${side(row)}`, {
      label: row.name,
      ours: o,
      theirs: object(row),
      map: (o) => addrToIp(o, { deleted, ip: (version) => atLeast(reader(row), version) }),
    });
  }
  t.same(bad, []);
  t.same(witness.problems(), []);
  t.same(witness.unneeded(), [], 'every exception is needed');
  for (const line of witness.figures()) t.comment(`figure: ${line}`);
});

t.test('routes', async (t) => {
  const witness = new Witness('route', 'golden');
  const encaps = new Witness('encap', 'golden');
  const names = new NamesFromWitness();
  const bad: string[] = [];
  for (const row of of(rtmsg)) {
    const o = rtmsg.decode(payload(row), { strict: true });
    bad.push(...nothingLeft(row, o));
    // The row was printed by the `ip` of its family.
    const theirs: Record<string, Json> = { ...object(row), family: payload(row)[0] === 10 ? 'inet6' : 'inet' };
    // A request's own spelling of the default route.
    if (row.direction === 'request' && /^(0\.0\.0\.0|::)\/0$/.test(String(theirs.dst))) theirs.dst = 'default';
    const hops = (theirs.nexthops ?? []) as { dev?: Json }[];
    const printed = theirs.encap as Record<string, Json> | undefined;
    names.learn(row.scene, [o.encap?.seg6local?.oif, printed?.oif], [o.encap?.xfrm?.link, printed?.link_dev]);
    // Of several options `ip` reads the first, in what it has written itself.
    const geneve = o.encap?.ip?.opts?.geneve;
    if (row.direction === 'request') geneve?.splice(1);
    // Encapsulations without a table are bytes to us.
    if (o.encap?.data !== undefined) delete theirs.encap;
    names.learn(
      row.scene,
      [o.oif, theirs.dev],
      [o.iif, theirs.iif],
      ...(o.multipath ?? []).map((hop, i) => [hop.ifindex, hops[i]?.dev] as const),
    );
    const context = { ...names.of(row.scene, reader(row)), deleted: row.type === 'RTM_DELROUTE' };
    const encap = o.encapType !== undefined || o.multipath?.some((hop) => hop.encapType !== undefined);
    (encap ? encaps : witness).compare(`${theirs.family as string}, ${side(row)}`, {
      label: row.name,
      ours: o,
      theirs,
      map: (o) => routeToIp(o, context),
    });
  }
  t.same(bad, []);
  for (const one of [witness, encaps]) {
    t.same(one.problems(), []);
    t.same(one.unneeded(), [], 'every exception is needed');
    for (const line of one.figures()) t.comment(`figure: ${line}`);
  }
});

/** Options of tunnels: those of geneve go in one by one and come out together. */
function options(data: Buffer): string {
  return tlvs(data)
    .flatMap(({ type, data }) => tlvs(data).map((tlv) => `${type}.${tlv.type}=${tlv.data.toString('hex')}`))
    .join(' ');
}

const TUNNEL: Shape = { pads: [7], same: { 8: options } };
/** By LWTUNNEL_ENCAP number. */
const ENCAPS: Readonly<Record<number, Shape>> = {
  1: {},
  2: TUNNEL,
  3: {},
  4: TUNNEL,
  5: {},
  7: { nests: { 10: { pads: [1] }, 11: {} } },
  8: {},
  10: {},
};
/** RTA_ENCAP as RTA_ENCAP_TYPE says. */
function encapOf(attributes: Buffer): Record<number, Shape> {
  const type = tlvs(attributes).find((tlv) => tlv.type === 21);
  const shape = type && ENCAPS[type.data.readUInt16LE()];
  return shape === undefined ? {} : { 22: shape };
}

/** RTA_MULTIPATH without what is in its padding: iproute2 leaves old bytes there. */
function hops(data: Buffer): string {
  const found: string[] = [];
  for (let at = 0; data.length - at >= 8; ) {
    const length = data.readUInt16LE(at);
    found.push(
      data.toString('hex', at + 2, at + 8),
      ...lines(data.subarray(at + 8, at + length), { nests: encapOf(data.subarray(at + 8, at + length)) }),
    );
    at += (length + 3) & ~3;
  }
  return found.join(' ');
}

const ADDR: Shape = { strings: [3], header: 8 };
const ROUTE: Shape = { nests: { 8: { strings: [16] } }, same: { 9: hops }, pads: [24], header: 12 };

/**
 * Where a value has two places, the header's member and an attribute that overrules it, what it comes to. The address of
 * a prefix /0 says nothing.
 */
function meaning(all: string[], isAddr: boolean): string[] {
  const header = Buffer.from(all[0]!.slice('header='.length), 'hex');
  const [id, at] = isAddr ? [8, 2] : [15, 4];
  const wide = all.find((line) => line.startsWith(`${id}=`));
  const value = wide === undefined ? header[at]! : Buffer.from(wide.slice(`${id}=`.length), 'hex').readUInt32LE();
  header[at] = 0;
  const empty = (line: string): boolean => !isAddr && header[1] === 0 && /^1=0+$/.test(line);
  return [
    `header=${header.toString('hex')}`,
    `wide=${value}`,
    ...all.slice(1).filter((line) => line !== wide && !empty(line)),
  ];
}

t.test('addresses and routes written back: the same header and the same attributes', async (t) => {
  const w = new Writer();
  let count = 0;
  const bad: unknown[] = [];
  for (const row of all) {
    const bytes = payload(row);
    const isAddr = row.type in ifaddrmsg.types;
    if (!isAddr && !(row.type in rtmsg.types)) continue;
    const encap = isAddr || bytes.length < 12 ? {} : encapOf(bytes.subarray(12));
    const route = { ...ROUTE, nests: { ...ROUTE.nests, ...encap } };
    const [def, shape] = isAddr ? [ifaddrmsg, ADDR] : [rtmsg, route];
    // `ip` asks for dumps with headers shorter than the message's own.
    if (bytes.length < shape.header!) continue;
    const again = Buffer.from(def.encode(w, def.decode(bytes, { strict: true }) as never));
    const before = meaning(lines(bytes, shape), isAddr);
    const after = meaning(lines(again, shape), isAddr);
    if (before.join('\n') !== after.join('\n')) bad.push({ name: row.name, before, after });
    count++;
  }
  t.same(bad, []);
  t.comment(`figure: ${count} addresses and routes written back`);
});
