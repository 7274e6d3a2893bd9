/** Kinds of links: one file each, one row here. */
import { InputError, show } from '../../codec/errors.js';
import { type AnyType, Type, type Variant } from '../../codec/type.js';
import { batadv } from './batadv.js';
import { bond } from './bond.js';
import { bondSlave } from './bond_slave.js';
import { bridge } from './bridge.js';
import { bridgeSlave } from './bridge_slave.js';
import { can } from './can.js';
import { dummy } from './dummy.js';
import { geneve } from './geneve.js';
import { gre } from './gre.js';
import { gtp } from './gtp.js';
import { hsr } from './hsr.js';
import { ifb } from './ifb.js';
import { ip6gre } from './ip6gre.js';
import { ip6tnl } from './ip6tnl.js';
import { ipip } from './ipip.js';
import { ipvlan } from './ipvlan.js';
import { lowpan } from './lowpan.js';
import { macsec } from './macsec.js';
import { macvlan } from './macvlan.js';
import { netkit } from './netkit.js';
import { nlmon } from './nlmon.js';
import { sit } from './sit.js';
import { team } from './team.js';
import { tun } from './tun.js';
import { vcan } from './vcan.js';
import { veth } from './veth.js';
import { vlan } from './vlan.js';
import { vrf } from './vrf.js';
import { vrfSlave } from './vrf_slave.js';
import { vti } from './vti.js';
import { vti6 } from './vti6.js';
import { vxcan } from './vxcan.js';
import { vxlan } from './vxlan.js';
import { wireguard } from './wireguard.js';
import { xfrm } from './xfrm.js';

export type { BatadvData, BatadvDataIn } from './batadv.js';
export type { BondData, BondDataIn } from './bond.js';
export type { BondSlaveData, BondSlaveDataIn } from './bond_slave.js';
export type { BridgeData, BridgeDataIn } from './bridge.js';
export type { BridgeSlaveData, BridgeSlaveDataIn } from './bridge_slave.js';
export type { CanData, CanDataIn } from './can.js';
export type { DummyData, DummyDataIn } from './dummy.js';
export type { GeneveData, GeneveDataIn } from './geneve.js';
export type { GreData, GreDataIn } from './gre.js';
export type { GtpData, GtpDataIn } from './gtp.js';
export type { HsrData, HsrDataIn } from './hsr.js';
export type { IfbData, IfbDataIn } from './ifb.js';
export type { Ip6greData, Ip6greDataIn } from './ip6gre.js';
export type { Ip6tnlData, Ip6tnlDataIn } from './ip6tnl.js';
export type { IpipData, IpipDataIn } from './ipip.js';
export type { IpvlanData, IpvlanDataIn } from './ipvlan.js';
export type { LowpanData, LowpanDataIn } from './lowpan.js';
export type { MacsecData, MacsecDataIn } from './macsec.js';
export type { MacvlanData, MacvlanDataIn } from './macvlan.js';
export type { NetkitData, NetkitDataIn } from './netkit.js';
export type { NlmonData, NlmonDataIn } from './nlmon.js';
export type { SitData, SitDataIn } from './sit.js';
export type { TeamData, TeamDataIn } from './team.js';
export type { TunData, TunDataIn } from './tun.js';
export type { VcanData, VcanDataIn } from './vcan.js';
export type { VethData, VethDataIn } from './veth.js';
export type { VlanData, VlanDataIn } from './vlan.js';
export type { VrfData, VrfDataIn } from './vrf.js';
export type { VrfSlaveData, VrfSlaveDataIn } from './vrf_slave.js';
export type { VtiData, VtiDataIn } from './vti.js';
export type { Vti6Data, Vti6DataIn } from './vti6.js';
export type { VxcanData, VxcanDataIn } from './vxcan.js';
export type { VxlanData, VxlanDataIn } from './vxlan.js';
export type { WireguardData, WireguardDataIn } from './wireguard.js';
export type { XfrmData, XfrmDataIn } from './xfrm.js';

const builtinKinds = {
  batadv,
  bond,
  bridge,
  can,
  dummy,
  erspan: gre,
  geneve,
  gre,
  gretap: gre,
  gtp,
  hsr,
  ifb,
  ip6erspan: ip6gre,
  ip6gre,
  ip6gretap: ip6gre,
  ip6tnl,
  ipip,
  ipvlan,
  ipvtap: ipvlan,
  lowpan,
  macsec,
  macvlan,
  macvtap: macvlan,
  netkit,
  nlmon,
  sit,
  team,
  tun,
  vcan,
  veth,
  vlan,
  vrf,
  vti,
  vti6,
  vxcan,
  vxlan,
  wireguard,
  xfrm,
};
const builtinSlaves = { bond: bondSlave, bridge: bridgeSlave, vrf: vrfSlave };

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
  if (!(type instanceof Type))
    throw new InputError(
      'ERR_INVALID_VALUE',
      'type',
      `expected a type such as nest('IFLA_MYKIND', table), got ${show(type)}`,
    );
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
