/** Kinds of links that the kernel does not make by a message: their options, as they travel to whoever makes them. */
import { bool8, cstr, nest, u8, u32, words } from '../codec/leaf.js';
import { type AnyType, attr, type In, type Out } from '../codec/type.js';
import { registerLinkKind } from '../rtnl/kinds/index.js';

const tuntapTable = () => ({
  /** `tun`: packets; `tap`: Ethernet frames. It is needed. */
  mode: attr(1, words(u8, { tun: 1, tap: 2 })),
  /** Uid that may attach. Default: only who may administer the network. */
  owner: attr(2, u32),
  /** Gid that may attach. */
  group: attr(3, u32),
  /** Frames start with struct tun_pi. Default false. */
  pi: attr(4, bool8),
  /** Frames start with struct virtio_net_hdr. Default false. */
  vnetHdr: attr(5, bool8),
  /** Several descriptors may attach, a queue each (Linux 3.8). Default false. */
  multiQueue: attr(6, bool8),
  /** It stays when nobody has it open. Default true; with false the result has the open descriptor, as `fd`. */
  persist: attr(7, bool8),
});
export interface TuntapData extends Out<typeof tuntapTable> {}
export interface TuntapDataIn extends In<typeof tuntapTable> {}
export const tuntap = nest<TuntapData, TuntapDataIn>('IFLA_TUNTAP', tuntapTable);

const ovsTable = () => ({
  /** `system` (default): the kernel's; `netdev`: ovs-vswitchd forwards itself. */
  datapathType: attr(1, cstr),
  /** What it does without a controller: `standalone` or `secure`. */
  failMode: attr(2, cstr),
});
export interface OpenvswitchData extends Out<typeof ovsTable> {}
export interface OpenvswitchDataIn extends In<typeof ovsTable> {}
export const openvswitch = nest<OpenvswitchData, OpenvswitchDataIn>('IFLA_OPENVSWITCH', ovsTable);

const teamdTable = () => ({
  /** How ports are used: `activebackup` (default), `loadbalance`, `lacp`, `roundrobin`, `broadcast`, `random`. */
  runner: attr(1, cstr),
  /** How it is seen whether a port works: `ethtool` (default), `arp_ping`, `nsna_ping`. */
  linkWatch: attr(2, cstr),
  /** The configuration as JSON (teamd.conf(5)), in the place of the other two. */
  config: attr(3, cstr),
});
export interface TeamdData extends Out<typeof teamdTable> {}
export interface TeamdDataIn extends In<typeof teamdTable> {}
export const teamd = nest<TeamdData, TeamdDataIn>('IFLA_TEAMD', teamdTable);

declare module '../rtnl/kinds/index.js' {
  interface LinkKinds {
    tuntap: typeof tuntap;
    openvswitch: typeof openvswitch;
    'ovs-bridge': typeof openvswitch;
    teamd: typeof teamd;
  }
}

/** Kinds that another program than the kernel makes. */
export type ProxiedKind = 'tuntap' | 'openvswitch' | 'ovs-bridge' | 'teamd';

/** The kind as which the kernel tells of a link that was made as another one. */
const READ_AS: Readonly<Record<string, string>> = { tuntap: 'tun', 'ovs-bridge': 'openvswitch', teamd: 'team' };

/** The kind that rows of links have of which `kind` says how they are made; undefined where it is the same. */
export const readAs = (kind: string): string | undefined => (Object.hasOwn(READ_AS, kind) ? READ_AS[kind] : undefined);

/** The options of each. */
export const KINDS: ReadonlyMap<string, AnyType> = new Map<string, AnyType>(
  Object.entries<AnyType>({ tuntap, openvswitch, 'ovs-bridge': openvswitch, teamd } satisfies Record<
    ProxiedKind,
    AnyType
  >),
);
for (const [kind, type] of KINDS) registerLinkKind(kind, type);
