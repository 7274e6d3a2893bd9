/** `linkinfo.info_data` of `ip -j -d link`: vlan, bond, ipvlan, hsr, netkit, gtp, macsec and their like. */
import type { LinkRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { bit, type Names, when, yes } from './words.js';

type Info = NonNullable<LinkRow['linkinfo']>;
type Payload<K extends keyof Info> = NonNullable<Info[K]>;

const VLAN_FLAGS: readonly (readonly [string, number])[] = [
  ['REORDER_HDR', 0x1],
  ['GVRP', 0x2],
  ['MVRP', 0x8],
  ['LOOSE_BINDING', 0x4],
  ['BRIDGE_BINDING', 0x10],
];
const wordsOf = (table: readonly (readonly [string, number])[], flags: number): string[] =>
  table.filter(([, bit]) => flags & bit).map(([word]) => word);
const pairs = (list: readonly { from: number; to: number }[] | undefined): Mapped =>
  list?.map(({ from, to }) => ({ from, to }));

export const vlan = (o: Payload<'vlan'>): Mapped => {
  const printed = {
    // The word for what a request leaves out is spelt in small letters.
    protocol: o.protocol ?? '802.1q',
    id: o.id,
    flags: o.flags && when(wordsOf(VLAN_FLAGS, o.flags.flags), o.flags.mask !== undefined),
    ingress_qos: pairs(o.ingressQos),
    egress_qos: pairs(o.egressQos),
  };
  // Without a number (a change) nothing is printed.
  return when(printed, o.id !== undefined);
};

export const bond = (o: Payload<'bond'>, names: Names): Mapped => ({
  mode: o.mode,
  // 0 in a request.
  active_slave: o.activeSlave ? name(o.activeSlave, names) : undefined,
  miimon: o.miimon,
  updelay: o.updelay,
  downdelay: o.downdelay,
  peer_notify_delay: o.peerNotifDelay,
  use_carrier: bit(o.useCarrier),
  arp_interval: o.arpInterval,
  arp_missed_max: o.missedMax,
  arp_ip_target: o.arpIpTarget,
  ns_ip6_target: o.nsIp6Target,
  // No word for none.
  arp_validate: o.arpValidate === 'none' ? null : o.arpValidate,
  arp_all_targets: o.arpAllTargets,
  primary: o.primary === undefined ? undefined : name(o.primary, names),
  primary_reselect: o.primaryReselect,
  fail_over_mac: o.failOverMac,
  xmit_hash_policy: o.xmitHashPolicy,
  resend_igmp: o.resendIgmp,
  num_peer_notif: o.numPeerNotif,
  all_slaves_active: bit(o.allSlavesActive),
  min_links: o.minLinks,
  lp_interval: o.lpInterval,
  packets_per_slave: o.packetsPerSlave,
  ad_lacp_active: o.adLacpActive,
  ad_lacp_rate: o.adLacpRate,
  coupled_control: when(o.coupledControl, names.ip('6.9')),
  broadcast_neighbor: when(o.broadcastNeigh, names.ip('6.17')),
  lacp_strict: when(o.lacpStrict, names.ip('7.3')),
  ad_select: o.adSelect,
  ad_info: o.adInfo && {
    aggregator: o.adInfo.aggregator,
    num_ports: o.adInfo.numPorts,
    actor_key: o.adInfo.actorKey,
    partner_key: o.adInfo.partnerKey,
    partner_mac: o.adInfo.partnerMac,
  },
  ad_actor_sys_prio: o.adActorSysPrio,
  ad_user_port_key: o.adUserPortKey,
  ad_actor_system: o.adActorSystem,
  tlb_dynamic_lb: bit(o.tlbDynamicLb),
});

const LACP = [
  'active',
  'short_timeout',
  'aggregating',
  'in_sync',
  'collecting',
  'distributing',
  'defaulted',
  'expired',
];
const lacp = (state: number | undefined): Mapped =>
  state === undefined ? undefined : LACP.filter((_, i) => (state >> i) & 1);

const churn = (state: string | number | undefined): string | undefined => state as string | undefined;

export const bondSlave = (o: Payload<'bond_slave'>, names: Names): Mapped => ({
  state: o.state,
  mii_status: o.miiStatus,
  link_failure_count: o.linkFailureCount,
  perm_hwaddr: o.permHwaddr,
  queue_id: o.queueId,
  prio: when(o.prio, names.ip('6.1')),
  churn_actor_state: when(churn(o.adChurnActorState), names.ip('7.2')),
  churn_partner_state: when(churn(o.adChurnPartnerState), names.ip('7.2')),
  actor_port_prio: when(o.actorPortPrio, names.ip('6.18')),
  ad_aggregator_id: o.adAggregatorId,
  ad_actor_oper_port_state: o.adActorOperPortState,
  ad_actor_oper_port_state_str: lacp(o.adActorOperPortState),
  ad_partner_oper_port_state: o.adPartnerOperPortState,
  ad_partner_oper_port_state_str: lacp(o.adPartnerOperPortState),
});

const name = (index: number, names: Names): string => names.name(index);

export const ipvlan = (o: Payload<'ipvlan'>): Mapped => {
  const { flags } = o;
  return {
    mode: o.mode,
    bridge: flags === undefined ? undefined : yes((flags & 3) === 0),
    private: yes(((flags ?? 0) & 1) !== 0),
    vepa: yes(((flags ?? 0) & 2) !== 0),
  };
};

export const vrf = (o: Payload<'vrf'>): Mapped => ({ table: o.table });

const PROTO: Readonly<Record<string, number>> = { hsr: 0, prp: 1 };
export const hsr = (o: Payload<'hsr'>, names: Names): Mapped => ({
  slave1: o.slave1 === undefined ? undefined : name(o.slave1, names),
  slave2: o.slave2 === undefined ? undefined : name(o.slave2, names),
  interlink: when(o.interlink === undefined ? undefined : name(o.interlink, names), names.ip('6.10')),
  version: when(o.version, names.ip('7.2')),
  seq_nr: o.seqNr,
  supervision_addr: o.supervisionAddr,
  proto: when(o.protocol === undefined ? undefined : PROTO[o.protocol], names.ip('5.10')),
});

export const netkit = (o: Payload<'netkit'>): Mapped => ({
  mode: o.mode,
  type: o.primary === undefined ? undefined : o.primary ? 'primary' : 'peer',
  policy: o.policy,
  peer_policy: o.peerPolicy,
  scrub: o.scrub,
  peer_scrub: o.peerScrub,
});

export const gtp = (o: Payload<'gtp'>): Mapped => ({
  role: o.role,
  hsize: o.pdpHashsize,
  restart_count: o.restartCount,
});

const sci = (value: bigint | undefined): string | undefined => value?.toString(16).padStart(16, '0');
const onOff = (value: boolean | undefined): boolean | undefined => value;

export const macsec = (o: Payload<'macsec'>): Mapped => ({
  sci: sci(o.sci),
  protect: onOff(o.protect),
  cipher_suite: o.cipherSuite as string | undefined,
  icv_len: o.icvLen,
  encoding_sa: o.encodingSa,
  validation: o.validation,
  encrypt: onOff(o.encrypt),
  inc_sci: onOff(o.incSci),
  es: onOff(o.es),
  scb: onOff(o.scb),
  replay_protect: onOff(o.replayProtect),
  // Printed as if it had a sign.
  window: o.window === undefined ? undefined : o.window | 0,
  offload: o.offload,
});
