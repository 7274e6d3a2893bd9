/** `bridge -j vlan`, `bridge -j -d vlan`, `bridge -j vlan tunnelshow` and `bridge -j -d vlan global`, from ours. */
import type { VlanFilterRow, VlanGlobalRow, VlanRow } from 'tsroute2';
import type { Json, Mapped } from './compare.js';
import { querier } from './map-kinds.js';
import { bit, type Names, when } from './words.js';

const FLAGS: readonly (readonly [string, number])[] = [
  ['PVID', 0x2],
  ['Egress Untagged', 0x4],
];
const words = (flags: number): string[] | undefined => {
  const found = FLAGS.filter(([, one]) => flags & one).map(([word]) => word);
  return flags === 0 ? undefined : found;
};

/** A row with its VLANs alone, as `bridge vlan` prints them. */
export const vlansOnly = ({ tunnels: _, ...row }: VlanFilterRow): Omit<VlanFilterRow, 'tunnels'> => row;
/** A row with its tunnel ids alone, as `bridge vlan tunnelshow` prints them. */
export const tunnelsOnly = ({ vlans: _, ...row }: VlanFilterRow): Omit<VlanFilterRow, 'vlans'> => row;

/** What `bridge vlan` printed, without the empty lists of flags that it has for ranges. */
export function printedFlags(printed: Json): Json {
  const { vlans = [], ...rest } = printed as { vlans?: Record<string, Json>[] };
  const plain = vlans.map(({ flags, ...vlan }) =>
    flags === undefined || (Array.isArray(flags) && flags.length === 0) ? vlan : { ...vlan, flags },
  );
  return { ...rest, vlans: plain } as Json;
}

/** The VLANs of one link by link messages. */
export function vlansToIp(o: Omit<VlanFilterRow, 'tunnels'>, names: Names): Mapped {
  return {
    ifname: names.name(o.index),
    vlans: o.vlans.map(({ vid, vidEnd, flags }) => ({ vlan: vid, vlanEnd: vidEnd, flags: words(flags) })),
  };
}

/** The tunnel ids of one link. */
export function tunnelsToIp(o: Omit<VlanFilterRow, 'vlans'>, names: Names): Mapped {
  return {
    ifname: names.name(o.index),
    tunnels: o.tunnels.map(({ vid, vidEnd, id, idEnd }) => ({
      vlan: vid,
      vlanEnd: vidEnd,
      tunid: id,
      tunidEnd: idEnd,
    })),
  };
}

export interface VlanContext extends Pick<Names, 'ip'> {
  /** Whether it prints counters: those that are not there as 0. */
  stats?: boolean;
}

/** A row of the VLAN database. */
export function vlanToIp(o: VlanRow, c: VlanContext): Mapped {
  return {
    vlan: o.vid,
    vlanEnd: o.vidEnd,
    flags: words(o.flags),
    state: o.state,
    mcast_router: o.mcastRouter,
    mcast_n_groups: when(o.mcastNGroups, c.ip('6.3')),
    mcast_max_groups: when(o.mcastMaxGroups, c.ip('6.3')),
    neigh_suppress: when(o.neighSuppress, c.ip('6.4')),
    neigh_forward_grat: when(o.neighForwardGrat, c.ip('7.2')),
    ...(c.stats && {
      rx_bytes: o.stats?.rxBytes ?? 0,
      rx_packets: o.stats?.rxPackets ?? 0,
      tx_bytes: o.stats?.txBytes ?? 0,
      tx_packets: o.stats?.txPackets ?? 0,
    }),
  };
}

/** Options of a VLAN that are the same for all ports. */
export function vlanGlobalToIp(o: VlanGlobalRow, names: Names): Mapped {
  return {
    vlan: o.vid,
    vlanEnd: o.vidEnd,
    mcast_snooping: bit(o.mcastSnooping),
    mcast_querier: bit(o.mcastQuerier),
    mcast_igmp_version: o.mcastIgmpVersion,
    mcast_mld_version: o.mcastMldVersion,
    mcast_last_member_count: o.mcastLastMemberCnt,
    mcast_last_member_interval: o.mcastLastMemberIntvl,
    mcast_startup_query_count: o.mcastStartupQueryCnt,
    mcast_startup_query_interval: o.mcastStartupQueryIntvl,
    mcast_membership_interval: o.mcastMembershipIntvl,
    mcast_querier_interval: o.mcastQuerierIntvl,
    mcast_query_interval: o.mcastQueryIntvl,
    mcast_query_response_interval: o.mcastQueryResponseIntvl,
    msti: when(o.msti, names.ip('6.10')),
    mcast_querier_state_ipv4: when(querier(o.mcastQuerierState, 4), o.mcastQuerierState && names.ip('7.0')),
    mcast_querier_state_ipv6: when(querier(o.mcastQuerierState, 6), o.mcastQuerierState && names.ip('7.0')),
    router_ports: o.mcastRouterPorts?.router?.port?.map(({ ifindex }) => ({ port: names.name(ifindex) })),
  };
}
