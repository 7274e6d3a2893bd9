/** `bridge -j -d link`, from our ports. */
import type { Brport } from 'tsroute2';
import type { Mapped } from './compare.js';
import type { Names } from './words.js';

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
  };
}
