/** `bridge -j -d link`, from our ports. */
import type { Brport } from 'tsroute2';
import type { Mapped } from './compare.js';
import { type Names, when } from './words.js';

export function brportToIp(o: Brport, names: Names): Mapped {
  return {
    ifindex: o.index,
    ifname: o.ifname,
    master: names.name(o.bridge),
    state: o.state,
    priority: o.priority,
    cost: o.cost,
    hairpin: o.mode,
    guard: o.guard,
    root_block: o.protect,
    fastleave: o.fastLeave,
    learning: o.learning,
    flood: o.unicastFlood,
    mcast_flood: o.mcastFlood,
    bcast_flood: o.bcastFlood,
    mcast_router: o.multicastRouter,
    mcast_to_unicast: o.mcastToUcast,
    neigh_suppress: o.neighSuppress,
    vlan_tunnel: o.vlanTunnel,
    isolated: o.isolated,
    locked: o.locked,
    backup_port: o.backupPort ? names.name(o.backupPort) : undefined,
    mab: when(o.mab, names.ip('6.2')),
    mcast_n_groups: when(o.mcastNGroups, names.ip('6.3')),
    mcast_max_groups: when(o.mcastMaxGroups, names.ip('6.3')),
    neigh_vlan_suppress: when(o.neighVlanSuppress, names.ip('6.4')),
    neigh_forward_grat: when(o.neighForwardGrat, names.ip('7.2')),
    backup_nhid: when(o.backupNhid, names.ip('6.7')),
  };
}
