/** RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE: struct rtmsg and RTA_* of linux/rtnetlink.h. */
import { InputError, show, within } from '../codec/errors.js';
import {
  be16,
  be32,
  bool8,
  byFamily,
  bytes,
  cstrMax,
  custom,
  ifindex,
  ip,
  ipByFamily,
  nest,
  prefix,
  skip,
  structOf,
  u8,
  u16,
  u32,
  words,
  wrapped,
} from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { BAD, readAttrs } from '../codec/read.js';
import { integer, struct, wordOrNumber } from '../codec/struct.js';
import { Table } from '../codec/table.js';
import { formatIp6, ip4Text, parsePrefix } from '../codec/text.js';
import { attr, type Custom, type In, type Out, type Rec, type Type, type UnknownAttr } from '../codec/type.js';
import { interfaceIndex, isRec, writeAttrs } from '../codec/write.js';
import { AF, RT_SCOPE, RT_TABLE, RTM_F, RTN, RTNH_F, RTPROT } from './constants.js';
import { encapVariant, LWTUNNEL_ENCAP, type RouteEncaps } from './encaps/index.js';
import { type LabelsIn, label, labels } from './labels.js';
import { USUAL_ROUTES } from './rtmsg-usual.js';

const header = struct(
  (r) => ({
    family: r.u8(0),
    dstLen: r.u8(1),
    srcLen: r.u8(2),
    tos: r.u8(3),
    table: r.u8(4),
    protocol: r.u8(5),
    scope: r.u8(6),
    type: r.u8(7),
    flags: r.u32(8),
  }),
  12,
  { family: AF, table: RT_TABLE, protocol: RTPROT, scope: RT_SCOPE, type: RTN, flags: { ...RTM_F, ...RTNH_F } },
);

const metrics = () => ({
  /** Bits (1 << RTAX_*) of the metrics that path MTU discovery and the like must not change. */
  lock: attr(1, u32),
  /** Bytes. */
  mtu: attr(2, u32),
  window: attr(3, u32),
  /** Eighths of a millisecond. */
  rtt: attr(4, u32),
  /** Quarters of a millisecond. */
  rttvar: attr(5, u32),
  ssthresh: attr(6, u32),
  cwnd: attr(7, u32),
  /** Bytes. */
  advmss: attr(8, u32),
  reordering: attr(9, u32),
  hoplimit: attr(10, u32),
  initcwnd: attr(11, u32),
  /** RTAX_FEATURE_* bits. */
  features: attr(12, u32),
  /** Milliseconds. */
  rtoMin: attr(13, u32),
  initrwnd: attr(14, u32),
  quickack: attr(15, u32),
  /** Name of a TCP congestion control algorithm. */
  ccAlgo: attr(16, cstrMax(15)),
  fastopenNoCookie: attr(17, u32),
});
export interface RouteMetrics extends Out<typeof metrics> {}
export interface RouteMetricsIn extends In<typeof metrics> {}

const cacheinfo = struct(
  (r) => ({
    clntref: r.u32(0),
    /** Ticks (USER_HZ). */
    lastuse: r.u32(4),
    /** Ticks (USER_HZ) until it expires. */
    expires: r.s32(8),
    error: r.s32(12),
    used: r.u32(16),
    id: r.u32(20),
    ts: r.u32(24),
    tsage: r.u32(28),
  }),
  32,
);

const mfcStats = struct((r) => ({ packets: r.u64(0), bytes: r.u64(8), wrongIf: r.u64(16) }), 24);

/** A next hop of another family than the route's (RTA_VIA). */
export interface RouteVia {
  /** AF number of `addr`. */
  family: number;
  addr: string;
}

const via: Custom<RouteVia, string | { family?: number | keyof typeof AF; addr: string }> = {
  read(s, p, n) {
    const family = n >= 2 ? s.u16[p >> 1]! : 0;
    if (family === AF.inet && n === 6) return { family, addr: ip4Text(s.u8, p + 2) };
    if (family === AF.inet6 && n === 18) return { family, addr: formatIp6(s.u8, p + 2) };
    return BAD as never;
  },
  write(w, value) {
    const addr: unknown = isRec(value) ? value.addr : value;
    const found = typeof addr === 'string' ? parsePrefix(addr) : null;
    if (found === null || found.len >= 0)
      throw new InputError('ERR_INVALID_VALUE', isRec(value) ? 'addr' : '', `${show(addr)} is not an IP address`);
    const family = found.bytes.length === 4 ? AF.inet : AF.inet6;
    if (isRec(value) && value.family !== undefined && wordOrNumber(value.family, AF) !== family)
      throw new InputError('ERR_CONFLICT', 'family', `${show(value.family)} is not the family of ${addr as string}`);
    const size = 2 + found.bytes.length;
    const p = w.reserve(size);
    w.u16[p >> 1] = family;
    w.u8.set(found.bytes, p + 2);
    return size;
  },
};

/** One next hop of RTA_MULTIPATH: struct rtnexthop and attributes of a route. */
export interface NextHop extends NextHopAttrs {
  /** RTNH_F_* bits. */
  flags: number;
  /** Weight less 1. */
  hops: number;
  /** Index of the interface, 0 for none. */
  ifindex: number;
}
export interface NextHopIn extends NextHopAttrsIn {
  flags?: number | readonly (keyof typeof RTNH_F)[] | undefined;
  hops?: number | undefined;
  /** Index or name. */
  ifindex?: number | string | undefined;
}

const rtnexthop = struct((r) => ({ flags: r.u8(2), hops: r.u8(3), ifindex: r.s32(4) }), 8, { flags: RTNH_F });
const rtnexthopKeys = new Set(rtnexthop.fields.map((field) => field.key));

// Not a nest: a run of struct rtnexthop, each with its own length and attributes.
const multipath: Custom<NextHop[], readonly NextHopIn[]> = {
  read(s, p, n, base) {
    const list: NextHop[] = [];
    const end = p + n;
    while (end - p >= 8) {
      const len = s.u16[p >> 1]!;
      if (len < 8 || len > end - p) return BAD as never;
      const hop = rtnexthop.read(s, p, 8);
      readAttrs(nextHopTable, s, p + 8, p + len, hop as unknown as Rec, base);
      list.push(hop);
      p += (len + 3) & ~3;
    }
    return p === end ? list : (BAD as never);
  },
  write(w, value, base) {
    if (!Array.isArray(value))
      throw new InputError('ERR_INVALID_VALUE', '', `expected an array of next hops, got ${show(value)}`);
    const start = w.pos;
    value.forEach((hop: Rec, i) => {
      within(`[${i}]`, () => {
        if (!isRec(hop)) throw new InputError('ERR_INVALID_VALUE', '', `expected a next hop, got ${show(hop)}`);
        const at = w.pos;
        const head: Rec = {};
        for (const key of rtnexthopKeys) if (hop[key] !== undefined) head[key] = hop[key];
        if (typeof head.ifindex === 'string')
          head.ifindex = within('ifindex', () => interfaceIndex(w, at + 4, head.ifindex));
        rtnexthop.write(w, head);
        writeAttrs(nextHopTable, w, hop, base, rtnexthopKeys);
        w.u16[at >> 1] = w.pos - at;
      });
    });
    return w.pos - start;
  },
};

const newdst = byFamily<string, LabelsIn>({ [AF.mpls]: labels }, ip as Type<string, LabelsIn>);

const nextHop = () => ({
  gateway: attr(5, ipByFamily),
  via: attr(18, custom('rtvia', via)),
  newdst: attr(19, newdst),
  encapType: attr(21, words(u16, LWTUNNEL_ENCAP)),
  encap: attr(22, wrapped<RouteEncapOut, RouteEncapIn>(encapVariant)),
  /** Realm of the source in the upper 16 bits, of the destination in the lower. */
  flow: attr(11, u32),
});
export interface NextHopAttrs extends Out<typeof nextHop> {}
export interface NextHopAttrsIn extends In<typeof nextHop> {}
const nextHopTable = new Table('RTA', nextHop);

/** Payload of an encapsulation under its name; raw `data` for one that has no table. */
export type RouteEncapOut = { data?: Uint8Array } & {
  [K in keyof RouteEncaps]?: RouteEncaps[K] extends { out: infer O } ? O : never;
};
export type RouteEncapIn = { data?: Uint8Array } & {
  [K in keyof RouteEncaps]?: RouteEncaps[K] extends { in: infer I } ? I : never;
};

/** RTA_PREF: router preference of RFC 4191. */
const ROUTER_PREF = { medium: 0, high: 1, low: 3 } as const;

const table = () => ({
  /** A prefix; of routes between labels (`family: 'mpls'`) the label. */
  dst: attr(1, prefix(1, { [AF.mpls]: { type: label, length: 20 } })),
  src: attr(2, prefix(2)),
  iif: attr(3, ifindex),
  oif: attr(4, ifindex),
  gateway: attr(5, ipByFamily),
  priority: attr(6, u32),
  prefsrc: attr(7, ipByFamily),
  metrics: attr(8, nest<RouteMetrics, RouteMetricsIn>('RTAX', metrics)),
  multipath: attr(9, custom('rtnexthop array', multipath, { run: { header: rtnexthop, table: nextHopTable } })),
  protoinfo: attr(10, bytes),
  /** Realm of the source in the upper 16 bits, of the destination in the lower. */
  flow: attr(11, u32),
  cacheinfo: attr(12, structOf(cacheinfo)),
  session: attr(13, bytes),
  mpAlgo: attr(14, bytes, 'RTA_MP_ALGO'),
  table: attr(15, u32),
  mark: attr(16, u32),
  mfcStats: attr(17, structOf(mfcStats)),
  via: attr(18, custom('rtvia', via)),
  /** Of routes between labels: the labels to send with instead, `'200/300'`. Of others an address, as `ip route ... as` sends it. */
  newdst: attr(19, newdst),
  pref: attr(20, words(u8, ROUTER_PREF)),
  encapType: attr(21, words(u16, LWTUNNEL_ENCAP)),
  encap: attr(22, wrapped<RouteEncapOut, RouteEncapIn>(encapVariant)),
  /** Seconds. */
  expires: attr(23, u32),
  pad: attr(24, skip),
  uid: attr(25, u32),
  /** Whether the TTL of the label goes into the packet; of routes between labels. */
  ttlPropagate: attr(26, bool8),
  ipProto: attr(27, u8),
  sport: attr(28, be16),
  dport: attr(29, be16),
  nhId: attr(30, u32),
  flowlabel: attr(31, be32),
  /** RT_DEL_REASON_*: why the kernel deleted the route, 1 that it expired; of notifications alone (Linux 7.3). */
  delReason: attr(32, u32),
});

export interface RouteAttrs extends Out<typeof table> {}
export interface RouteAttrsIn extends In<typeof table> {}

/** A route as the kernel has it. */
export interface Route extends RouteAttrs {
  /** AF number: 2 inet, 10 inet6. */
  family: number;
  /** `a.b.c.d/len`, or `default`. Undefined only when it could not be decoded. */
  dst: string;
  tos: number;
  table: number;
  /** RTPROT_* number. */
  protocol: number;
  /** RT_SCOPE_* number. */
  scope: number;
  /** RTN_* number. */
  type: number;
  /** RTM_F_* and RTNH_F_* bits. */
  flags: number;
}

/** A route as input takes it: numbers, or the words that `ip` prints. */
export interface RouteIn extends Omit<RouteAttrsIn, 'table'> {
  family?: number | keyof typeof AF | undefined;
  /** Length of `dst` when that is a bare address. */
  dstLen?: number | undefined;
  srcLen?: number | undefined;
  tos?: number | undefined;
  table?: number | keyof typeof RT_TABLE | undefined;
  protocol?: number | keyof typeof RTPROT | undefined;
  scope?: number | keyof typeof RT_SCOPE | undefined;
  type?: number | keyof typeof RTN | undefined;
  flags?:
    | number
    | keyof typeof RTM_F
    | keyof typeof RTNH_F
    | readonly (keyof typeof RTM_F | keyof typeof RTNH_F)[]
    | undefined;
  /** Interface of `oif`, by name or index. */
  dev?: number | string | undefined;
  /** Short for `protocol`. */
  proto?: number | keyof typeof RTPROT | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Route messages. Table numbers above 255 go into RTA_TABLE. */
export const rtmsg: MessageDef<Route & MessageExtras, RouteIn> = message<Route, RouteIn>({
  name: 'rtmsg',
  prefix: 'RTA',
  header,
  init: (r) => ({
    family: r.u8(0),
    dst: r.u8(1) === 0 ? 'default' : undefined,
    tos: r.u8(3),
    table: r.u8(4),
    protocol: r.u8(5),
    scope: r.u8(6),
    type: r.u8(7),
    flags: r.u32(8),
  }),
  usual: USUAL_ROUTES,
  table,
  types: { RTM_NEWROUTE: 24, RTM_DELROUTE: 25, RTM_GETROUTE: 26 },
  wide: { table: () => RT_TABLE.unspec },
  virtual: {
    dev(w, base, value, o) {
      if (o.oif !== undefined) throw new InputError('ERR_CONFLICT', '', 'is another word for oif, which is given');
      try {
        writeAttrs(rtmsg.table, w, { oif: value }, base);
      } catch (error) {
        // Named as it was given.
        throw error instanceof InputError ? new InputError(error.code, '', error.reason) : error;
      }
    },
    proto(w, base, value, o) {
      if (o.protocol !== undefined)
        throw new InputError('ERR_CONFLICT', '', 'is another word for protocol, which is given');
      w.u8[base + 5] = integer(wordOrNumber(value, RTPROT), 0, 255);
    },
  },
});

/** Keys of the columns of a routing table. */
export const ROUTE_COLUMNS = [
  'family',
  'dst',
  'dstLen',
  'table',
  'protocol',
  'scope',
  'type',
  'priority',
  'gateway',
  'oif',
] as const satisfies readonly (keyof RouteColumns['data'])[];

/**
 * Routes as typed arrays, one element a route; what a route does not have is 0. An array may be the start of a buffer with
 * room for up to four times as many, of which what was not written takes no memory: that goes along when the buffer is
 * transferred, and `slice()` leaves it behind.
 */
export interface RouteColumns {
  readonly length: number;
  readonly data: {
    readonly family: Uint8Array;
    /** Sixteen bytes a route, of which IPv4 uses the first four: `addressAt(data.dst, i, data.family[i])`. */
    readonly dst: Uint8Array;
    readonly dstLen: Uint8Array;
    readonly table: Uint32Array;
    readonly protocol: Uint8Array;
    readonly scope: Uint8Array;
    readonly type: Uint8Array;
    readonly priority: Uint32Array;
    /** As `dst`. */
    readonly gateway: Uint8Array;
    readonly oif: Uint32Array;
  };
}
