/** Encapsulations of routes (RTA_ENCAP): one file each, one row here. */
import type { AnyType, Type } from '../../codec/type.js';
import { ila } from './ila.js';
import { ip, ip6 } from './ip.js';
import { mpls } from './mpls.js';
import { rpl } from './rpl.js';
import { seg6 } from './seg6.js';
import { seg6local } from './seg6local.js';
import { xfrm } from './xfrm.js';

export type { IlaEncap, IlaEncapIn } from './ila.js';
export type {
  ErspanOption,
  ErspanOptionIn,
  GeneveOption,
  GeneveOptionIn,
  Ip6Encap,
  Ip6EncapIn,
  IpEncap,
  IpEncapIn,
  TunnelOptions,
  TunnelOptionsIn,
  VxlanOption,
  VxlanOptionIn,
} from './ip.js';
export type { MplsEncap, MplsEncapIn } from './mpls.js';
export type { RplEncap, RplEncapIn } from './rpl.js';
export type { Seg6Encap, Seg6EncapIn } from './seg6.js';
export type { Seg6LocalEncap, Seg6LocalEncapIn } from './seg6local.js';
export type { SegmentList, SegmentListIn } from './srh.js';
export type { XfrmEncap, XfrmEncapIn } from './xfrm.js';

/** LWTUNNEL_ENCAP_* of linux/lwtunnel.h. */
export const LWTUNNEL_ENCAP = {
  none: 0,
  mpls: 1,
  ip: 2,
  ila: 3,
  ip6: 4,
  seg6: 5,
  bpf: 6,
  seg6local: 7,
  rpl: 8,
  ioam6: 9,
  xfrm: 10,
} as const;

const builtinEncaps = { ila, ip, ip6, mpls, rpl, seg6, seg6local, xfrm };

/** Payloads by the encapsulation's name. Open to declaration merging. */
export interface RouteEncaps extends Readonly<typeof builtinEncaps> {}

const encaps = new Map<string, AnyType>(Object.entries(builtinEncaps));

/** Adds the payload of an encapsulation; returns a function that takes it away again. */
export function registerEncap<O, I>(name: keyof typeof LWTUNNEL_ENCAP, type: Type<O, I>): () => void {
  if (encaps.has(name)) throw new Error(`encapsulation ${name} is registered already`);
  encaps.set(name, type);
  return () => {
    encaps.delete(name);
  };
}

/** Chooses RTA_ENCAP's payload by RTA_ENCAP_TYPE. */
export const encapVariant = {
  by: 'encapType',
  pick: (name: string | number): AnyType | undefined => encaps.get(String(name)),
  place: (name: string | number): string => String(name),
  places: (): Iterable<string> => encaps.keys(),
  siblingOf: (place: string): string | undefined => (encaps.has(place) ? place : undefined),
};
