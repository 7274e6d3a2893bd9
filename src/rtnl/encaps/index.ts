/** Encapsulations of routes (RTA_ENCAP): one file each, one row here. */
import type { AnyType, Type } from '../../codec/type.js';

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

/** Payloads by the encapsulation's name. Open to declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface RouteEncaps {}

const encaps = new Map<string, AnyType>();

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
