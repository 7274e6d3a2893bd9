/** How a key of `ip -j -d link` follows from a link. `null`: it follows from something else than the message. */
import { ARPHRD, IFF, MACVLAN_FLAG, names } from '../../src/rtnl/constants.js';
import type { Link } from '../../src/rtnl/ifinfmsg.js';

type Rule = (o: Link) => unknown;

/** `ip` prints flags in an order of its own, and leaves IFF_RUNNING to others. */
export const IP_FLAGS = Object.fromEntries(
  [
    'LOOPBACK',
    'BROADCAST',
    'POINTOPOINT',
    'MULTICAST',
    'NOARP',
    'ALLMULTI',
    'PROMISC',
    'MASTER',
    'SLAVE',
    'DEBUG',
    'DYNAMIC',
    'AUTOMEDIA',
    'PORTSEL',
    'NOTRAILERS',
    'UP',
    'LOWER_UP',
    'DORMANT',
    'ECHO',
  ].map((word) => [word, IFF[word as keyof typeof IFF]]),
);

const flags: Rule = (o) => {
  const words = names(IP_FLAGS, o.flags);
  if (o.flags & IFF.UP && !(o.flags & IFF.RUNNING)) words.unshift('NO-CARRIER');
  return words;
};

/** `8000.2:0:0:0:0:30`. */
const id = (value: { prio?: number; addr?: string } | undefined): string | undefined =>
  value &&
  `${value.prio!.toString(16).padStart(4, '0')}.${value
    .addr!.split(':')
    .map((byte) => Number.parseInt(byte, 16).toString(16))
    .join(':')}`;
const hex = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : value === 0 ? '0' : `0x${value.toString(16)}`;
const bit = (value: boolean | undefined): number | undefined => (value === undefined ? undefined : Number(value));
const seconds = (ticks: number | undefined): number | undefined => (ticks === undefined ? undefined : ticks / 100);
const portState =
  (key: string): Rule =>
  (o) =>
    (o.linkinfo?.bridge_slave as Record<string, unknown> | undefined)?.[key];
const bridge =
  (key: string): Rule =>
  (o) => {
    const value = (o.linkinfo?.bridge as Record<string, unknown> | undefined)?.[key];
    return typeof value === 'boolean' ? Number(value) : value;
  };
const opt =
  (n: number): Rule =>
  (o) =>
    (o.linkinfo!.bridge!.multiBoolopt!.optval >> n) & 1;
const macvlan = (o: Link) => o.linkinfo?.macvlan ?? o.linkinfo?.macvtap;
const vx =
  (key: string): Rule =>
  (o) =>
    (o.linkinfo?.vxlan as Record<string, unknown> | undefined)?.[key];
const snake = (key: string): string => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const same = (prefix: string, from: (key: string) => Rule, keys: string): Record<string, Rule> =>
  Object.fromEntries(keys.split(' ').map((key) => [`${prefix}${snake(key)}`, from(key)]));
const linkType = Object.fromEntries(Object.entries(ARPHRD).map(([word, number]) => [number, word]));
/** `ip` calls the 32-bit counters stats64 too, when a message has only those, and prints zeros when it has none. */
const stats = (to: string, from: string): Record<string, Rule> => ({
  [`stats64.${to}`]: (o) => ((o.stats64 ?? o.stats) as unknown as Record<string, number> | undefined)?.[from] ?? 0,
});

const DATA = 'linkinfo.info_data.';
const SLAVE = 'linkinfo.info_slave_data.';

const ofBridge: Record<string, Rule | null> = {
  ...same(
    DATA,
    bridge,
    'forwardDelay helloTime maxAge ageingTime stpState priority vlanFiltering vlanProtocol rootPort rootPathCost topologyChange topologyChangeDetected groupAddr mcastRouter mcastSnooping mcastQueryUseIfaddr mcastQuerier mcastHashElasticity mcastHashMax mcastLastMemberCnt mcastStartupQueryCnt mcastLastMemberIntvl mcastMembershipIntvl mcastQuerierIntvl mcastQueryIntvl mcastQueryResponseIntvl mcastStartupQueryIntvl nfCallIptables nfCallIp6tables nfCallArptables vlanDefaultPvid vlanStatsEnabled mcastStatsEnabled mcastIgmpVersion mcastMldVersion vlanStatsPerPort',
  ),
  [`${DATA}root_id`]: (o) => id(o.linkinfo?.bridge?.rootId),
  [`${DATA}bridge_id`]: (o) => id(o.linkinfo?.bridge?.bridgeId),
  [`${DATA}group_fwd_mask`]: (o) => hex(o.linkinfo?.bridge?.groupFwdMask),
  [`${DATA}hello_timer`]: (o) => seconds(o.linkinfo?.bridge?.helloTimer),
  [`${DATA}tcn_timer`]: (o) => seconds(o.linkinfo?.bridge?.tcnTimer),
  [`${DATA}topology_change_timer`]: (o) => seconds(o.linkinfo?.bridge?.topologyChangeTimer),
  [`${DATA}gc_timer`]: (o) => seconds(o.linkinfo?.bridge?.gcTimer),
  [`${DATA}no_linklocal_learn`]: opt(0),
  [`${DATA}mcast_vlan_snooping`]: opt(1),
  [`${DATA}bridge`]: null,
};

const ofVxlan: Record<string, Rule | null> = {
  ...same(
    DATA,
    vx,
    'id group local group6 local6 port ttl df ageing limit learning proxy rsc l2miss l3miss gbp gpe vnifilter',
  ),
  ...same(DATA, vx, 'udpCsum remcsumTx remcsumRx'),
  [`${DATA}remote`]: vx('group'),
  [`${DATA}remote6`]: vx('group6'),
  [`${DATA}udp_zero_csum6_tx`]: vx('udpZeroCsum6Tx'),
  [`${DATA}udp_zero_csum6_rx`]: vx('udpZeroCsum6Rx'),
  [`${DATA}external`]: vx('collectMetadata'),
  [`${DATA}tos`]: (o) => (o.linkinfo?.vxlan?.tos === 1 ? '0x1' : hex(o.linkinfo?.vxlan?.tos)),
  [`${DATA}label`]: (o) => hex(o.linkinfo?.vxlan?.label),
  [`${DATA}port_range.low`]: (o) => o.linkinfo?.vxlan?.portRange?.low,
  [`${DATA}port_range.high`]: (o) => o.linkinfo?.vxlan?.portRange?.high,
  [`${DATA}link`]: null,
  [`${DATA}link_index`]: null,
};

const rest: Record<string, Rule | null> = {
  ...Object.fromEntries(
    (
      [
        ['bcqueuelen', (o) => macvlan(o)?.bcQueueLen],
        ['usedbcqueuelen', (o) => macvlan(o)?.bcQueueLenUsed],
        ['macaddr_count', (o) => macvlan(o)?.macaddrCount],
        ['macaddr_data', (o) => macvlan(o)?.macaddrData],
        ['nopromisc', (o) => ((macvlan(o)?.flags ?? 0) & MACVLAN_FLAG.nopromisc) !== 0],
        ['nodst', (o) => ((macvlan(o)?.flags ?? 0) & MACVLAN_FLAG.nodst) !== 0],
        ['mode', (o) => macvlan(o)?.mode],
        ['type', (o) => o.linkinfo?.tun?.type],
        ['pi', (o) => o.linkinfo?.tun?.pi],
        ['vnet_hdr', (o) => o.linkinfo?.tun?.vnetHdr],
        ['persist', (o) => o.linkinfo?.tun?.persist],
        ['multi_queue', (o) => o.linkinfo?.tun?.multiQueue],
        ['numqueues', (o) => o.linkinfo?.tun?.numQueues],
        ['numdisabled', (o) => o.linkinfo?.tun?.numDisabledQueues],
      ] as [string, Rule][]
    ).map(([key, rule]) => [`${DATA}${key}`, rule]),
  ),
  // A user's name, from the machine of the capture.
  [`${DATA}user`]: null,
  // Of tun a group's number, of vxlan the multicast group.
  [`${DATA}group`]: (o) => o.linkinfo?.vxlan?.group ?? o.linkinfo?.tun?.group,
};

const ofPort: Record<string, Rule | null> = {
  ...same(
    SLAVE,
    portState,
    'state priority cost guard learning designatedPort designatedCost multicastRouter mcastFlood bcastFlood neighSuppress vlanTunnel isolated locked',
  ),
  [`${SLAVE}hairpin`]: portState('mode'),
  [`${SLAVE}root_block`]: portState('protect'),
  [`${SLAVE}fastleave`]: portState('fastLeave'),
  [`${SLAVE}flood`]: portState('unicastFlood'),
  [`${SLAVE}proxy_arp`]: portState('proxyarp'),
  [`${SLAVE}proxy_arp_wifi`]: portState('proxyarpWifi'),
  [`${SLAVE}mcast_to_unicast`]: portState('mcastToUcast'),
  [`${SLAVE}id`]: (o) => hex(o.linkinfo?.bridge_slave?.id),
  [`${SLAVE}no`]: (o) => hex(o.linkinfo?.bridge_slave?.no),
  [`${SLAVE}root_id`]: (o) => id(o.linkinfo?.bridge_slave?.rootId),
  [`${SLAVE}bridge_id`]: (o) => id(o.linkinfo?.bridge_slave?.bridgeId),
  [`${SLAVE}hold_timer`]: (o) => seconds(o.linkinfo?.bridge_slave?.holdTimer),
  [`${SLAVE}message_age_timer`]: (o) => seconds(o.linkinfo?.bridge_slave?.messageAgeTimer),
  [`${SLAVE}forward_delay_timer`]: (o) => seconds(o.linkinfo?.bridge_slave?.forwardDelayTimer),
  [`${SLAVE}topology_change_ack`]: (o) => bit(o.linkinfo?.bridge_slave?.topologyChangeAck),
  [`${SLAVE}config_pending`]: (o) => bit(o.linkinfo?.bridge_slave?.configPending),
  [`${SLAVE}group_fwd_mask`]: (o) => hex(o.linkinfo?.bridge_slave?.groupFwdMask),
  [`${SLAVE}group_fwd_mask_str`]: null,
  [`${SLAVE}backup_port`]: null,
};

/** `bridge -j link` prints IFLA_PROTINFO of a message of family 7 beside the link. */
const port =
  (key: string): Rule =>
  (o) =>
    (o.protinfo as Record<string, unknown> | undefined)?.[key];
const ofBridgeLink: Record<string, Rule | null> = {
  ...same('', port, 'state priority cost guard learning isolated locked'),
  hairpin: port('mode'),
  root_block: port('protect'),
  fastleave: port('fastLeave'),
  flood: port('unicastFlood'),
  mcast_flood: port('mcastFlood'),
  bcast_flood: port('bcastFlood'),
  mcast_router: port('multicastRouter'),
  mcast_to_unicast: port('mcastToUcast'),
  neigh_suppress: port('neighSuppress'),
  vlan_tunnel: port('vlanTunnel'),
};

export const WITNESS: Readonly<Record<string, Rule | null>> = {
  ifindex: (o) => o.index,
  ifname: (o) => o.ifname,
  flags,
  mtu: (o) => o.mtu,
  qdisc: (o) => o.qdisc,
  operstate: (o) => o.operstate,
  linkmode: (o) => o.linkmode,
  group: (o) => (o.group === 0 ? 'default' : String(o.group)),
  txqlen: (o) => o.txqlen,
  link_type: (o) => linkType[o.type],
  address: (o) => o.address,
  broadcast: (o) => o.broadcast,
  promiscuity: (o) => o.promiscuity,
  allmulti: (o) => o.allmulti,
  min_mtu: (o) => o.minMtu,
  max_mtu: (o) => o.maxMtu,
  num_tx_queues: (o) => o.numTxQueues,
  num_rx_queues: (o) => o.numRxQueues,
  gso_max_size: (o) => o.gsoMaxSize,
  gso_max_segs: (o) => o.gsoMaxSegs,
  tso_max_size: (o) => o.tsoMaxSize,
  tso_max_segs: (o) => o.tsoMaxSegs,
  gro_max_size: (o) => o.groMaxSize,
  inet6_addr_gen_mode: (o) => o.afSpec?.inet6?.addrGenMode,
  ifalias: (o) => o.ifalias,
  altnames: (o) => o.propList?.altIfname,
  link_netnsid: (o) => o.linkNetnsid,
  link_index: (o) => o.link,
  event: (o) => o.event,
  'linkinfo.info_kind': (o) => o.linkinfo?.kind,
  'linkinfo.info_slave_kind': (o) => o.linkinfo?.slaveKind,
  ...stats('rx.bytes', 'rxBytes'),
  ...stats('rx.packets', 'rxPackets'),
  ...stats('rx.errors', 'rxErrors'),
  ...stats('rx.dropped', 'rxDropped'),
  ...stats('rx.over_errors', 'rxOverErrors'),
  ...stats('rx.multicast', 'multicast'),
  ...stats('tx.bytes', 'txBytes'),
  ...stats('tx.packets', 'txPackets'),
  ...stats('tx.errors', 'txErrors'),
  ...stats('tx.dropped', 'txDropped'),
  ...stats('tx.carrier_errors', 'txCarrierErrors'),
  ...stats('tx.collisions', 'collisions'),
  // The message's type says it.
  deleted: null,
  // Names of other links, looked up by index.
  link: null,
  master: null,
  ...ofBridge,
  ...ofVxlan,
  ...rest,
  ...ofPort,
  ...ofBridgeLink,
};
