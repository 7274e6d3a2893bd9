/** Kinds of links: one file each, one row here. */
import type { AnyType, Type, Variant } from '../../codec/type.js';
import { bridge } from './bridge.js';
import { bridgeSlave } from './bridge_slave.js';
import { ifb } from './ifb.js';
import { macvlan } from './macvlan.js';
import { tun } from './tun.js';
import { veth } from './veth.js';
import { vxlan } from './vxlan.js';

export type { BridgeData, BridgeDataIn } from './bridge.js';
export type { BridgeSlaveData, BridgeSlaveDataIn } from './bridge_slave.js';
export type { IfbData, IfbDataIn } from './ifb.js';
export type { MacvlanData, MacvlanDataIn } from './macvlan.js';
export type { TunData, TunDataIn } from './tun.js';
export type { VethData, VethDataIn } from './veth.js';
export type { VxlanData, VxlanDataIn } from './vxlan.js';

const builtinKinds = { bridge, ifb, macvlan, macvtap: macvlan, tun, veth, vxlan };
const builtinSlaves = { bridge: bridgeSlave };

/** Payloads of IFLA_INFO_DATA by kind. Open to declaration merging: `interface LinkKinds { mykind: typeof mykind }`. */
export interface LinkKinds extends Readonly<typeof builtinKinds> {}

/** Payloads of IFLA_INFO_SLAVE_DATA by kind of the master. Open to declaration merging. */
export interface SlaveKinds extends Readonly<typeof builtinSlaves> {}

const kinds = new Map<string, AnyType>(Object.entries(builtinKinds));
const slaves = new Map<string, AnyType>(Object.entries(builtinSlaves));

const SUFFIX = '_slave';
/** Keys of IFLA_LINKINFO, which a kind's own key must not hide. */
const TAKEN = new Set(['kind', 'data', 'xstats', 'slaveKind', 'slaveData', 'unknown', 'rest']);

function register(map: Map<string, AnyType>, what: string, kind: string, type: AnyType): () => void {
  if (map.has(kind)) throw new Error(`${what} ${kind} is registered already`);
  map.set(kind, type);
  return () => {
    if (map.get(kind) === type) map.delete(kind);
  };
}

/**
 * Adds the payload of a kind of link: `registerLinkKind('mykind', nest('IFLA_MYKIND', table))`.
 * Returns a function that takes it away again. Throws when the kind has one already.
 */
export function registerLinkKind<O, I>(kind: string, type: Type<O, I>): () => void {
  if (TAKEN.has(kind) || kind.endsWith(SUFFIX)) throw new Error(`a link kind cannot be called ${kind}`);
  return register(kinds, 'link kind', kind, type);
}

/** Adds the payload that ports of a kind of master have. It goes under `<kind>_slave`. */
export function registerSlaveKind<O, I>(kind: string, type: Type<O, I>): () => void {
  return register(slaves, 'slave kind', kind, type);
}

/** Kinds of links whose payload is known now. */
export const linkKinds = (): string[] => [...kinds.keys()];

/** Kinds of masters whose ports' payload is known now. */
export const slaveKinds = (): string[] => [...slaves.keys()];

/** The payload of a kind, or undefined. */
export const linkKind = (kind: string): AnyType | undefined => kinds.get(kind);

/** The payload of a master's ports, or undefined. */
export const slaveKind = (kind: string): AnyType | undefined => slaves.get(kind);

/** Chooses IFLA_INFO_DATA's payload by IFLA_INFO_KIND. */
export const kindVariant: Variant = {
  by: 'kind',
  pick: (kind) => kinds.get(String(kind)),
  place: (kind) => String(kind),
  places: () => kinds.keys(),
  siblingOf: (place) => (kinds.has(place) ? place : undefined),
  wrap: false,
};

/** Chooses IFLA_INFO_SLAVE_DATA's payload by IFLA_INFO_SLAVE_KIND. */
export const slaveVariant: Variant = {
  by: 'slaveKind',
  pick: (kind) => slaves.get(String(kind)),
  place: (kind) => `${kind}${SUFFIX}`,
  places: () => [...slaves.keys()].map((kind) => `${kind}${SUFFIX}`),
  siblingOf: (place) => {
    const kind = place.endsWith(SUFFIX) ? place.slice(0, -SUFFIX.length) : '';
    return slaves.has(kind) ? kind : undefined;
  },
  wrap: false,
};
