/** What `ip -j route` prints of an encapsulation, among the keys of the route or of its next hop. */
import type { NextHop, RouteRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { hex, type Names, routeTable, when, yes } from './words.js';

type Encap = NonNullable<RouteRow['encap']>;
type Payload<K extends keyof Encap> = NonNullable<Encap[K]>;

const bytesText = (data: Uint8Array | undefined): string | undefined =>
  data && [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** `ip` prints 64 bits as a number. */
const number = (id: bigint | undefined): number | undefined => (id === undefined ? undefined : Number(id));

const DIRECTION: Readonly<Record<string, number>> = { ingress: 0, egress: 1 };

function options(o: Payload<'ip'>['opts']): Record<string, Mapped> {
  return {
    geneve_opts: o?.geneve?.map((one) => ({ class: one.class, type: one.type, data: bytesText(one.data) })),
    vxlan_opts: o?.vxlan && [{ gbp: o.vxlan.gbp }],
    erspan_opts: o?.erspan && [
      {
        ver: o.erspan.ver,
        // What the version does not have is printed as 0.
        index: o.erspan.index ?? 0,
        dir: DIRECTION[o.erspan.dir ?? 'ingress'],
        hwid: o.erspan.hwid ?? 0,
      },
    ],
  };
}

const flags = (bits: number | undefined): Record<string, Mapped> => ({
  key: yes(((bits ?? 0) & 4) !== 0),
  csum: yes(((bits ?? 0) & 1) !== 0),
  seq: yes(((bits ?? 0) & 8) !== 0),
});

const ip = (o: Payload<'ip'>): Record<string, Mapped> => ({
  id: number(o.id),
  src: o.src,
  dst: o.dst,
  ttl: o.ttl,
  tos: o.tos,
  ...flags(o.flags),
  ...options(o.opts),
});
const ip6 = (o: Payload<'ip6'>): Record<string, Mapped> => ({
  id: number(o.id),
  src: o.src,
  dst: o.dst,
  hoplimit: o.hoplimit,
  tc: o.tc,
  ...flags(o.flags),
  ...options(o.opts),
});
const mpls = (o: Payload<'mpls'>): Record<string, Mapped> => ({ dst: o.dst, ttl: o.ttl });
const seg6 = (o: Payload<'seg6'>): Record<string, Mapped> => ({ mode: o.mode, segs: o.segs, hmac: hex(o.hmac) });

const rpl = (o: Payload<'rpl'>): Record<string, Mapped> => ({ segs: o.segs });

const FLAVORS = ['unspec', 'psp', 'usp', 'usd', 'next-csid'];
const seg6local = (o: Payload<'seg6local'>, names: Names): Record<string, Mapped> => {
  const operation = o.flavors?.operation;
  return {
    action: o.action,
    srh: o.srh && { segs: o.srh.segs, hmac: hex(o.srh.hmac) },
    table: o.table === undefined ? undefined : routeTable(o.table),
    nh4: o.nh4,
    nh6: o.nh6,
    iif: o.iif === undefined ? undefined : names.name(o.iif),
    oif: o.oif === undefined ? undefined : names.name(o.oif),
    vrftable: o.vrftable === undefined ? undefined : routeTable(o.vrftable),
    stats64: o.counters && { packets: o.counters.packets, bytes: o.counters.bytes, errors: o.counters.errors },
    flavors: operation === undefined ? undefined : FLAVORS.filter((_, i) => (operation >> i) & 1),
    lblen: o.flavors?.lcblockBits,
    nflen: o.flavors?.lcnodeFnBits,
  };
};

const xfrm = (o: Payload<'xfrm'>, names: Names): Record<string, Mapped> => ({
  if_id: o.ifId,
  link_dev: o.link === undefined ? undefined : names.name(o.link),
});

/** Four groups of hexadecimal, as the upper half of an IPv6 address in full. */
const locator = (value: bigint | undefined): string | undefined =>
  value === undefined ? undefined : [48n, 32n, 16n, 0n].map((by) => ((value >> by) & 0xffffn).toString(16)).join(':');
const ila = (o: Payload<'ila'>): Record<string, Mapped> => ({
  locator: locator(o.locator),
  csum_mode: o.csumMode,
  ident_type: o.identType,
  hook_type: o.hookType,
});

/** The keys of an encapsulation: an object of their own, or (older) among those of the route, where `encap` names it. */
export function encapToIp(o: Pick<RouteRow | NextHop, 'encap' | 'encapType'>, names: Names): Record<string, Mapped> {
  const { encap, encapType } = o;
  if (encapType === undefined || encap === undefined || encap.data !== undefined) return {};
  const keys: Record<string, Mapped> =
    (encap.ip && ip(encap.ip)) ??
    (encap.ip6 && ip6(encap.ip6)) ??
    (encap.mpls && mpls(encap.mpls)) ??
    (encap.seg6 && seg6(encap.seg6)) ??
    (encap.seg6local && seg6local(encap.seg6local, names)) ??
    (encap.xfrm && xfrm(encap.xfrm, names)) ??
    (encap.ila && ila(encap.ila)) ??
    (encap.rpl && rpl(encap.rpl)) ??
    {};
  if (names.ip('6.15')) return { encap: { encap_type: encapType, ...keys } };
  const { table, ...flat } = keys;
  // The route's own table comes later under the same key.
  when(table, false);
  return { encap: encapType, ...Object.fromEntries(Object.entries(flat).filter(([, value]) => value !== undefined)) };
}
