/** `linkinfo.info_data` and `linkinfo.info_slave_data` of `ip -j -d link`, from our payloads. */
import type { LinkRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import * as more from './map-kinds-more.js';
import * as tunnels from './map-kinds-tunnels.js';
import { bit, hex, type Names, when, yes } from './words.js';

type Info = NonNullable<LinkRow['linkinfo']>;
type Payload<K extends keyof Info> = NonNullable<Info[K]>;
type Id = { prio: number; addr: string } | undefined;

/** `8000.2:0:0:0:0:30`. */
const bridgeId = (id: Id): string | undefined =>
  id &&
  `${id.prio.toString(16).padStart(4, '0')}.${id.addr
    .split(':')
    .map((byte) => Number.parseInt(byte, 16).toString(16))
    .join(':')}`;

/** Timers are the only times that `ip` prints in seconds. */
const seconds = (ticks: number | undefined): number | undefined => (ticks === undefined ? undefined : ticks / 100);

/** The other querier of multicast: its address is 0 while there is none. */
export const querier = (q: Payload<'bridge'>['mcastQuerierState'], family: 4 | 6): Mapped => {
  return {
    [`mcast_querier_ipv${family}_addr`]: family === 4 ? q?.ipAddress : q?.ipv6Address,
    [`mcast_querier_ipv${family}_port`]: family === 4 ? q?.ipPort : q?.ipv6Port,
  };
};

const bridge = (o: Payload<'bridge'>, names: Names): Mapped => ({
  forward_delay: o.forwardDelay,
  hello_time: o.helloTime,
  max_age: o.maxAge,
  ageing_time: o.ageingTime,
  stp_state: o.stpState,
  priority: o.priority,
  vlan_filtering: bit(o.vlanFiltering),
  vlan_protocol: o.vlanProtocol,
  group_fwd_mask: hex(o.groupFwdMask),
  root_id: bridgeId(o.rootId as Id),
  bridge_id: bridgeId(o.bridgeId as Id),
  root_port: o.rootPort,
  root_path_cost: o.rootPathCost,
  topology_change: bit(o.topologyChange),
  topology_change_detected: bit(o.topologyChangeDetected),
  hello_timer: seconds(o.helloTimer),
  tcn_timer: seconds(o.tcnTimer),
  topology_change_timer: seconds(o.topologyChangeTimer),
  gc_timer: seconds(o.gcTimer),
  stp_mode: when(o.stpMode, names.ip('7.2')),
  fdb_n_learned: when(o.fdbNLearned, names.ip('6.7')),
  fdb_max_learned: when(o.fdbMaxLearned, names.ip('6.7')),
  group_addr: o.groupAddr,
  mcast_router: o.mcastRouter,
  mcast_snooping: bit(o.mcastSnooping),
  mcast_query_use_ifaddr: bit(o.mcastQueryUseIfaddr),
  mcast_querier: bit(o.mcastQuerier),
  mcast_querier_state_ipv4: when(querier(o.mcastQuerierState, 4), names.ip('6.13')),
  mcast_querier_state_ipv6: when(querier(o.mcastQuerierState, 6), names.ip('6.13')),
  mcast_hash_elasticity: o.mcastHashElasticity,
  mcast_hash_max: o.mcastHashMax,
  mcast_last_member_cnt: o.mcastLastMemberCnt,
  mcast_startup_query_cnt: o.mcastStartupQueryCnt,
  mcast_last_member_intvl: o.mcastLastMemberIntvl,
  mcast_membership_intvl: o.mcastMembershipIntvl,
  mcast_querier_intvl: o.mcastQuerierIntvl,
  mcast_query_intvl: o.mcastQueryIntvl,
  mcast_query_response_intvl: o.mcastQueryResponseIntvl,
  mcast_startup_query_intvl: o.mcastStartupQueryIntvl,
  nf_call_iptables: bit(o.nfCallIptables),
  nf_call_ip6tables: bit(o.nfCallIp6tables),
  nf_call_arptables: bit(o.nfCallArptables),
  vlan_default_pvid: o.vlanDefaultPvid,
  vlan_stats_enabled: bit(o.vlanStatsEnabled),
  vlan_stats_per_port: bit(o.vlanStatsPerPort),
  mcast_stats_enabled: bit(o.mcastStatsEnabled),
  mcast_igmp_version: o.mcastIgmpVersion,
  mcast_mld_version: o.mcastMldVersion,
  no_linklocal_learn: boolopt(o, 0),
  mcast_vlan_snooping: boolopt(o, 1),
  mst_enabled: when(boolopt(o, 2), names.ip('6.11')),
  mdb_offload_fail_notification: when(boolopt(o, 3), names.ip('6.16')),
  fdb_local_vlan_0: when(boolopt(o, 4), names.ip('6.18')),
});

/** A bit of the switches, when the message means it. */
function boolopt(o: Payload<'bridge'>, n: number): number | undefined {
  const opt = o.multiBoolopt;
  return opt === undefined || !((opt.optmask >> n) & 1) ? undefined : (opt.optval >> n) & 1;
}

const MASK_WORDS: Readonly<Record<number, string>> = { 0: 'stp', 2: 'lacp', 14: 'lldp' };

function maskWords(mask: number | undefined): string | undefined {
  if (mask === undefined) return undefined;
  const bits = Array.from({ length: 16 }, (_, n) => n).filter((n) => (mask >> n) & 1);
  return bits.map((n) => MASK_WORDS[n] ?? `0x${(1 << n).toString(16)}`).join(',') || '0x0';
}

const slave = (o: Payload<'bridge_slave'>, names: Names): Mapped => ({
  state: o.state,
  priority: o.priority,
  cost: o.cost,
  hairpin: o.mode,
  guard: o.guard,
  root_block: o.protect,
  fastleave: o.fastLeave,
  learning: o.learning,
  flood: o.unicastFlood,
  id: hex(o.id),
  no: hex(o.no),
  designated_port: o.designatedPort,
  designated_cost: o.designatedCost,
  bridge_id: bridgeId(o.bridgeId as Id),
  root_id: bridgeId(o.rootId as Id),
  hold_timer: seconds(o.holdTimer),
  message_age_timer: seconds(o.messageAgeTimer),
  forward_delay_timer: seconds(o.forwardDelayTimer),
  topology_change_ack: bit(o.topologyChangeAck),
  config_pending: bit(o.configPending),
  proxy_arp: o.proxyarp,
  proxy_arp_wifi: o.proxyarpWifi,
  multicast_router: o.multicastRouter,
  mcast_flood: o.mcastFlood,
  bcast_flood: o.bcastFlood,
  mcast_to_unicast: o.mcastToUcast,
  neigh_suppress: o.neighSuppress,
  neigh_vlan_suppress: when(o.neighVlanSuppress, names.ip('6.4')),
  neigh_forward_grat: when(o.neighForwardGrat, names.ip('7.2')),
  group_fwd_mask: hex(o.groupFwdMask),
  group_fwd_mask_str: maskWords(o.groupFwdMask),
  vlan_tunnel: o.vlanTunnel,
  isolated: o.isolated,
  locked: o.locked,
  mab: when(o.mab, names.ip('6.2')),
  backup_port: o.backupPort ? names.name(o.backupPort) : undefined,
});

const isMulticast = (ip: string): boolean =>
  ip.includes(':') ? /^ff/i.test(ip) : Number(ip.split('.')[0]) >> 4 === 14;

/** `ip` calls a unicast destination `remote`. */
function destination(ip: string | undefined, six: '' | '6'): Record<string, string> {
  if (ip === undefined || ip === '0.0.0.0' || ip === '::') return {};
  return { [`${isMulticast(ip) ? 'group' : 'remote'}${six}`]: ip };
}

/** struct vxlanhdr as one number. */
const headerBits = (o: { flags: number; vni: number } | undefined): string | undefined =>
  o && `0x${((BigInt(o.flags) << 32n) | BigInt(o.vni)).toString(16)}`;

/** Older ones print no `false`. */
const said = (value: boolean | undefined, names: Names): boolean | undefined => (names.ip('6.4') ? value : yes(value));
/** A flag has no value for newer ones. */
const flagged = (value: boolean | undefined, names: Names): true | null | undefined =>
  value && names.ip('6.4') ? null : yes(value);

const vxlan = (o: Payload<'vxlan'>, names: Names): Mapped => ({
  external: said(o.collectMetadata, names),
  vnifilter: yes(o.vnifilter),
  id: o.id,
  ...destination(o.group, ''),
  ...destination(o.group6, '6'),
  local: o.local === '0.0.0.0' ? undefined : o.local,
  local6: o.local6 === '::' ? undefined : o.local6,
  link: o.link ? names.name(o.link) : undefined,
  port_range: o.portRange && { low: o.portRange.low, high: o.portRange.high },
  port: o.port,
  learning: o.learning,
  proxy: said(o.proxy, names),
  rsc: said(o.rsc, names),
  l2miss: said(o.l2miss, names),
  l3miss: said(o.l3miss, names),
  tos: o.tos === 0 ? undefined : hex(o.tos),
  // The word is printed in plain text only.
  ttl: when(o.ttl, !o.ttlInherit),
  df: o.df,
  label: o.label === 0 ? undefined : hex(o.label),
  ageing: o.ageing,
  limit: o.limit === 0 ? undefined : o.limit,
  udp_csum: o.udpCsum,
  udp_zero_csum6_tx: o.udpZeroCsum6Tx,
  udp_zero_csum6_rx: o.udpZeroCsum6Rx,
  remcsum_tx: said(o.remcsumTx, names),
  remcsum_rx: said(o.remcsumRx, names),
  localbypass: when(o.localbypass, names.ip('6.5')),
  reserved_bits: when(headerBits(o.reservedBits), names.ip('6.14')),
  gbp: flagged(o.gbp, names),
  gpe: flagged(o.gpe, names),
});

const macvlan = (o: Payload<'macvlan'>): Mapped => ({
  mode: o.mode,
  nopromisc: yes(((o.flags ?? 0) & 1) !== 0),
  nodst: yes(((o.flags ?? 0) & 2) !== 0),
  bcqueuelen: o.bcQueueLen,
  usedbcqueuelen: o.bcQueueLenUsed,
  macaddr_count: when(o.macaddrCount, o.mode === 'source'),
  macaddr_data: when(o.macaddrData, o.macaddrCount !== undefined),
});

const tun = (o: Payload<'tun'>, names: Names): Mapped => ({
  type: o.type,
  pi: o.pi,
  vnet_hdr: o.vnetHdr,
  multi_queue: o.multiQueue ?? false,
  numqueues: when(o.numQueues, o.multiQueue),
  numdisabled: when(o.numDisabledQueues, o.multiQueue),
  persist: o.persist,
  user: o.owner === undefined ? undefined : names.user(o.owner),
  group: o.group === undefined ? undefined : names.group(o.group),
});

type Map<K extends keyof Info> = (o: Payload<K>, names: Names) => Mapped;
const KINDS: { readonly [K in keyof Info]?: Map<K> } = {
  bridge,
  vxlan,
  macvlan,
  macvtap: macvlan,
  tun,
  vlan: more.vlan,
  bond: more.bond,
  ipvlan: more.ipvlan,
  ipvtap: more.ipvlan,
  vrf: more.vrf,
  hsr: more.hsr,
  netkit: more.netkit,
  gtp: more.gtp,
  macsec: more.macsec,
  geneve: tunnels.geneve,
  xfrm: tunnels.xfrm,
  gre: tunnels.gre,
  gretap: tunnels.gre,
  erspan: tunnels.gre,
  ip6gre: tunnels.ip6gre,
  ip6gretap: tunnels.ip6gre,
  ip6erspan: tunnels.ip6gre,
  ipip: tunnels.ipip,
  sit: tunnels.sit,
  ip6tnl: tunnels.ip6tnl,
  vti: tunnels.vti,
  vti6: tunnels.vti,
};
const PORTS: { readonly [K in keyof Info]?: Map<K> } = {
  bridge_slave: slave,
  bond_slave: more.bondSlave,
  vrf_slave: more.vrf,
};

/** The payload under one of the keys. */
function payload(info: Info, maps: Readonly<Record<string, unknown>>, key: string, names: Names): Mapped {
  const o = info[key as keyof Info];
  const map = maps[key] as Map<never> | undefined;
  return o === undefined || map === undefined ? undefined : map(o as never, names);
}

export function linkinfo(info: Info | undefined, names: Names): Mapped {
  if (info === undefined) return undefined;
  return {
    info_kind: info.kind,
    info_data: payload(info, KINDS, info.kind ?? '', names),
    info_slave_kind: info.slaveKind,
    info_slave_data: payload(info, PORTS, `${info.slaveKind}_slave`, names),
  };
}
