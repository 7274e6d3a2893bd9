/** `ip -j -s ntable`, `ip -j netconf`, `ip -j addrlabel` and `ip -j stats`, from our rows. */
import type { AddrLabelRow, NetconfRow, NtableRow, StatsRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { ipAtLeast } from './live.js';
import { family, type Names, when, yes } from './words.js';

export function ntableToIp(o: NtableRow, c: Names): Mapped {
  const { config, stats, parms } = o;
  return {
    family: family(o.family),
    name: o.name,
    dev: parms?.ifindex === undefined ? undefined : c.name(parms.ifindex),
    thresh1: o.thresh1,
    thresh2: o.thresh2,
    thresh3: o.thresh3,
    gc_interval: o.gcInterval,
    key_length: config?.keyLen,
    entry_size: config?.entrySize,
    entries: config?.entries,
    hash_rnd: config?.hashRnd,
    hash_mask: config && `0x${config.hashMask.toString(16)}`,
    hash_chain_gc: config?.hashChainGc,
    proxy_qlen: config?.proxyQlen,
    refcnt: parms?.refcnt,
    reachable: parms?.reachableTime,
    base_reachable: parms?.baseReachableTime,
    retrans: parms?.retransTime,
    gc_stale: parms?.gcStaletime,
    delay_probe: parms?.delayProbeTime,
    queue: parms?.queueLen,
    app_probes: parms?.appProbes,
    ucast_probes: parms?.ucastProbes,
    mcast_probes: parms?.mcastProbes,
    mcast_reprobes: when(parms?.mcastReprobes, ipAtLeast('7.0')),
    anycast_delay: parms?.anycastDelay,
    proxy_delay: parms?.proxyDelay,
    proxy_queue: parms?.proxyQlen,
    locktime: parms?.locktime,
    allocs: stats?.allocs,
    destroys: stats?.destroys,
    hash_grows: stats?.hashGrows,
    res_failed: stats?.resFailed,
    lookups: stats?.lookups,
    hits: stats?.hits,
    rcv_probes_mcast: stats?.rcvProbesMcast,
    rcv_probes_ucast: stats?.rcvProbesUcast,
    periodic_gc_runs: stats?.periodicGcRuns,
    forced_gc_runs: stats?.forcedGcRuns,
    table_fulls: stats?.tableFulls,
  };
}

const ALL: Readonly<Record<number, string>> = { [-1]: 'all', [-2]: 'default' };
const on = (value: number | undefined): boolean | undefined => (value === undefined ? undefined : value !== 0);

export function netconfToIp(o: NetconfRow, c: Names, deleted = false): Mapped {
  return {
    deleted: yes(deleted),
    family: family(o.family),
    interface: o.ifindex === undefined ? undefined : (ALL[o.ifindex] ?? c.name(o.ifindex)),
    forwarding: on(o.forwarding),
    rp_filter: o.rpFilter,
    mc_forwarding: on(o.mcForwarding),
    proxy_neigh: on(o.proxyNeigh),
    ignore_routes_with_linkdown: on(o.ignoreRoutesWithLinkdown),
  };
}

export function labelToIp(o: AddrLabelRow, c: Names, deleted = false): Mapped {
  return {
    deleted: yes(deleted),
    address: o.address,
    ifname: o.index === 0 ? undefined : c.name(o.index),
    prefixlen: o.prefixlen,
    label: o.label,
    // `ip` prints labels of this family only.
    family: o.family === 10 ? undefined : o.family,
  };
}

type Stats64 = NonNullable<StatsRow['link64']>;

const stats64 = (s: Stats64): Mapped => ({
  rx: {
    bytes: s.rxBytes,
    packets: s.rxPackets,
    errors: s.rxErrors,
    dropped: s.rxDropped,
    over_errors: s.rxOverErrors,
    multicast: s.multicast,
    compressed: when(s.rxCompressed, s.rxCompressed !== 0),
    length_errors: s.rxLengthErrors,
    crc_errors: s.rxCrcErrors,
    frame_errors: s.rxFrameErrors,
    fifo_errors: s.rxFifoErrors,
    missed_errors: s.rxMissedErrors,
    nohandler: when(s.rxNohandler, s.rxNohandler !== 0),
    otherhost_dropped: when(s.rxOtherhostDropped, s.rxOtherhostDropped !== 0),
  },
  tx: {
    bytes: s.txBytes,
    packets: s.txPackets,
    errors: s.txErrors,
    dropped: s.txDropped,
    carrier_errors: s.txCarrierErrors,
    collisions: s.collisions,
    compressed: when(s.txCompressed, s.txCompressed !== 0),
    aborted_errors: s.txAbortedErrors,
    fifo_errors: s.txFifoErrors,
    window_errors: s.txWindowErrors,
    heartbeat_errors: s.txHeartbeatErrors,
  },
});

type Bridge = NonNullable<NonNullable<StatsRow['linkXstats']>['bridge']>;

const mcast = (m: NonNullable<Bridge['mcast']>): Mapped => ({
  igmp_queries: {
    rx_v1: m.igmpV1queriesRx,
    rx_v2: m.igmpV2queriesRx,
    rx_v3: m.igmpV3queriesRx,
    tx_v1: m.igmpV1queriesTx,
    tx_v2: m.igmpV2queriesTx,
    tx_v3: m.igmpV3queriesTx,
  },
  igmp_reports: {
    rx_v1: m.igmpV1reportsRx,
    rx_v2: m.igmpV2reportsRx,
    rx_v3: m.igmpV3reportsRx,
    tx_v1: m.igmpV1reportsTx,
    tx_v2: m.igmpV2reportsTx,
    tx_v3: m.igmpV3reportsTx,
  },
  igmp_leaves: { rx: m.igmpLeavesRx, tx: m.igmpLeavesTx },
  igmp_parse_errors: m.igmpParseErrors,
  mld_queries: { rx_v1: m.mldV1queriesRx, rx_v2: m.mldV2queriesRx, tx_v1: m.mldV1queriesTx, tx_v2: m.mldV2queriesTx },
  mld_reports: { rx_v1: m.mldV1reportsRx, rx_v2: m.mldV2reportsRx, tx_v1: m.mldV1reportsTx, tx_v2: m.mldV2reportsTx },
  mld_leaves: { rx: m.mldLeavesRx, tx: m.mldLeavesTx },
  mld_parse_errors: m.mldParseErrors,
});

const stp = (s: NonNullable<Bridge['stp']>): Mapped => ({
  rx_bpdu: s.rxBpdu,
  tx_bpdu: s.txBpdu,
  rx_tcn: s.rxTcn,
  tx_tcn: s.txTcn,
  transition_blk: s.transitionBlk,
  transition_fwd: s.transitionFwd,
});

/** VLANs as `bridge -s vlan` prints them. */
const vlans = (list: Bridge['vlan']): Mapped =>
  list?.map((v) => ({
    vlan: v.vid,
    flags: when([...(v.flags & 0x2 ? ['PVID'] : []), ...(v.flags & 0x4 ? ['Egress Untagged'] : [])], v.flags !== 0),
    rx_bytes: v.rxBytes,
    rx_packets: v.rxPackets,
    tx_bytes: v.txBytes,
    tx_packets: v.txPackets,
  }));

/** The same as a newer `ip stats` prints them. */
const suite = (list: Bridge['vlan']): Mapped =>
  list && ipAtLeast('7.0')
    ? { vlans: (vlans(list) as Record<string, Mapped>[]).map(({ vlan, ...counts }) => ({ vid: vlan, ...counts })) }
    : undefined;

const mpls = (m: NonNullable<NonNullable<StatsRow['afSpec']>['mpls']>['link']): Mapped =>
  m && {
    mpls_stats: {
      rx: {
        bytes: m.rxBytes,
        packets: m.rxPackets,
        errors: m.rxErrors,
        dropped: m.rxDropped,
        noroute: m.rxNoroute,
      },
      tx: { bytes: m.txBytes, packets: m.txPackets, errors: m.txErrors, dropped: m.txDropped },
    },
  };

/** The groups that `ip stats` prints one by one, each under its name; what has no counters is left out. */
export function statsToIp(o: StatsRow, c: Names): Mapped {
  const used = o.linkOffloadXstats?.hwSInfo?.l3Stats;
  return {
    ifindex: o.ifindex,
    ifname: c.name(o.ifindex),
    vlans: vlans(o.linkXstats?.bridge?.vlan ?? o.linkXstatsSlave?.bridge?.vlan),
    link: o.link64 && { stats64: stats64(o.link64) },
    'xstats bridge vlan': suite(o.linkXstats?.bridge?.vlan),
    'xstats_slave bridge vlan': suite(o.linkXstatsSlave?.bridge?.vlan),
    'afstats mpls': mpls(o.afSpec?.mpls?.link),
    'xstats bridge mcast': o.linkXstats?.bridge?.mcast && { multicast: mcast(o.linkXstats.bridge.mcast) },
    'xstats bridge stp': o.linkXstats?.bridge?.stp && { stp: stp(o.linkXstats.bridge.stp) },
    'xstats_slave bridge mcast': o.linkXstatsSlave?.bridge?.mcast && {
      multicast: mcast(o.linkXstatsSlave.bridge.mcast),
    },
    'xstats_slave bridge stp': o.linkXstatsSlave?.bridge?.stp && { stp: stp(o.linkXstatsSlave.bridge.stp) },
    'offload l3_stats': used && { info: { request: used.request, used: used.used } },
    'offload hw_stats_info': used && { info: { l3_stats: { request: used.request, used: used.used } } },
  };
}
