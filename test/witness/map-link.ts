/** `ip -j -d -s link`, from our link: for each key that iproute2 6.1 to 7.2 prints, what of ours it follows from. */
import { inet6Stats, type LinkRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { linkinfo } from './map-kinds.js';
import { linkFlags, linkType, type Names, when, yes } from './words.js';

export interface LinkContext extends Names {
  /** How often `-s` was given: errors are printed in detail from the second on. */
  stats: number;
  /** How the message came: a notification of a deletion says so. */
  deleted?: boolean;
}

function flags(o: LinkRow, names: Names): string[] {
  const words = linkFlags(o.flags);
  // The lower link is down, when it is one of this namespace.
  if (o.link && o.linkNetnsid === undefined && names.up(o.link) === false) words.push('M-DOWN');
  return words;
}

/**
 * Of IPv6's own messages `ip` shows the counters of IPv6. Those of errors are zero in all that was recorded. It takes
 * the places of the headers that it was built with, whatever kernel sent them.
 */
function stats6(counters: readonly number[]): Mapped {
  const o = inet6Stats(counters, '6.1');
  return {
    rx: { bytes: o.inoctets, packets: o.inpkts, errors: 0, dropped: 0, over_errors: 0, multicast: o.inmcastpkts },
    tx: { bytes: o.outoctets, packets: o.outrequests, errors: 0, dropped: 0, carrier_errors: 0, collisions: 0 },
  };
}

function stats(o: LinkRow, detail: number): Mapped {
  if (o.family === 10 && o.protinfo?.stats !== undefined) return stats6(o.protinfo.stats);
  // The narrow ones, when there are no others, have the same name.
  const from = o.stats64 ?? (o.stats as Partial<NonNullable<LinkRow['stats64']>> | undefined);
  if (from === undefined) return undefined;
  const count = (key: keyof typeof from): number => from[key] ?? 0;
  const some = (key: keyof typeof from): number | undefined => from[key] || undefined;
  const more = detail > 1;
  return {
    rx: {
      bytes: count('rxBytes'),
      packets: count('rxPackets'),
      errors: count('rxErrors'),
      dropped: count('rxDropped'),
      over_errors: count('rxOverErrors'),
      multicast: count('multicast'),
      compressed: some('rxCompressed'),
      ...(more && {
        length_errors: count('rxLengthErrors'),
        crc_errors: count('rxCrcErrors'),
        frame_errors: count('rxFrameErrors'),
        fifo_errors: count('rxFifoErrors'),
        missed_errors: count('rxMissedErrors'),
        nohandler: some('rxNohandler'),
        otherhost_dropped: some('rxOtherhostDropped'),
      }),
    },
    tx: {
      bytes: count('txBytes'),
      packets: count('txPackets'),
      errors: count('txErrors'),
      dropped: count('txDropped'),
      carrier_errors: count('txCarrierErrors'),
      collisions: count('collisions'),
      compressed: some('txCompressed'),
      ...(more && {
        aborted_errors: count('txAbortedErrors'),
        fifo_errors: count('txFifoErrors'),
        window_errors: count('txWindowErrors'),
        heartbeat_errors: count('txHeartbeatErrors'),
        carrier_changes: o.carrierChanges,
      }),
    },
  };
}

/** The address of a tunnel over IP is an IP address. */
function addressText(o: LinkRow, address: string | undefined): string | undefined {
  const bytes = address?.split(':').map((byte) => Number.parseInt(byte, 16)) ?? [];
  if ([768, 776, 778].includes(o.type) && bytes.length === 4) return bytes.join('.');
  if (![769, 823].includes(o.type) || bytes.length !== 16) return address;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  // The longest run of zeros, the first of equal ones, is left out.
  const runs = groups
    .map((_, i) => groups.slice(i).findIndex((group) => group !== '0'))
    .map((n, i) => (n < 0 ? 8 - i : n));
  const longest = Math.max(...runs);
  if (longest < 2) return groups.join(':');
  const at = runs.indexOf(longest);
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + longest).join(':')}`;
}

export function linkToIp(o: LinkRow, c: LinkContext): Mapped {
  const far = o.linkNetnsid !== undefined;
  return {
    deleted: yes(c.deleted),
    ifindex: o.index,
    ifname: o.ifname ?? `if${o.index}`,
    link: o.link === undefined || far ? undefined : o.link === 0 ? null : c.name(o.link),
    link_index: far ? o.link : undefined,
    link_netnsid: o.linkNetnsid,
    flags: flags(o, c),
    mtu: o.mtu,
    qdisc: o.qdisc,
    master: o.master === undefined ? undefined : o.master === 0 ? null : c.name(o.master),
    operstate: o.operstate,
    linkmode: o.linkmode,
    group: o.group === undefined ? undefined : o.group === 0 ? 'default' : String(o.group),
    txqlen: o.txqlen || undefined,
    event: o.event,
    link_type: linkType(o.type),
    address: addressText(o, o.address),
    link_pointtopoint: yes(o.broadcast !== undefined && (o.flags & 0x10) !== 0),
    broadcast: addressText(o, o.broadcast),
    permaddr: o.permAddress === o.address ? undefined : addressText(o, o.permAddress),
    proto_down: yes(o.protoDown),
    promiscuity: o.promiscuity,
    allmulti: o.allmulti,
    min_mtu: o.minMtu,
    max_mtu: o.maxMtu,
    'netns-immutable': when(yes(o.netnsImmutable), c.ip('6.16')),
    linkinfo: linkinfo(o.linkinfo, c),
    inet6_addr_gen_mode: o.afSpec?.inet6?.addrGenMode,
    num_tx_queues: o.numTxQueues,
    num_rx_queues: o.numRxQueues,
    gso_max_size: o.gsoMaxSize,
    gso_max_segs: o.gsoMaxSegs,
    tso_max_size: o.tsoMaxSize,
    tso_max_segs: o.tsoMaxSegs,
    gro_max_size: o.groMaxSize,
    gso_ipv4_max_size: when(o.gsoIpv4MaxSize, c.ip('6.3')),
    gro_ipv4_max_size: when(o.groIpv4MaxSize, c.ip('6.3')),
    parentbus: o.parentDevBusName,
    parentdev: o.parentDevName,
    ifalias: o.ifalias,
    altnames: o.propList?.altIfname,
    stats64: stats(o, c.stats),
  };
}

/** `bridge -j -d link`, from a message of family 7. */
export function bridgeLinkToIp(o: LinkRow, c: LinkContext): Mapped {
  const p = o.protinfo;
  return {
    deleted: yes(c.deleted),
    ifindex: o.index,
    ifname: o.ifname,
    link: o.link ? c.name(o.link) : undefined,
    flags: flags(o, c),
    mtu: o.mtu,
    master: o.master ? c.name(o.master) : undefined,
    ...(p && {
      state: p.state,
      priority: p.priority,
      cost: p.cost,
      hairpin: p.mode,
      guard: p.guard,
      root_block: p.protect,
      fastleave: p.fastLeave,
      learning: p.learning,
      flood: p.unicastFlood,
      mcast_flood: p.mcastFlood,
      bcast_flood: p.bcastFlood,
      mcast_router: p.multicastRouter,
      mcast_to_unicast: p.mcastToUcast,
      neigh_suppress: p.neighSuppress,
      vlan_tunnel: p.vlanTunnel,
      isolated: p.isolated,
      locked: p.locked,
      backup_port: p.backupPort ? c.name(p.backupPort) : undefined,
    }),
  };
}
