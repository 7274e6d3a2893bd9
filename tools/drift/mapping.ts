/**
 * What belongs to what. Attributes, message numbers and most constants need no row: their kernel names stand in the
 * headers below, once each. Rows are for what has no name of its own on our side, and for what is irregular.
 */
import { upperSnake } from '../../src/codec/table.js';

/** Headers that are searched. Every enum in them that ends in `__X_MAX` is the attribute set X, unless VALUES says otherwise. */
export const HEADERS: readonly string[] = [
  'linux/if_link.h',
  'linux/rtnetlink.h',
  'linux/if_addr.h',
  'linux/if_addrlabel.h',
  'linux/neighbour.h',
  'linux/fib_rules.h',
  'linux/nexthop.h',
  'linux/netconf.h',
  'linux/net_namespace.h',
  'linux/if_bridge.h',
  'linux/if_tunnel.h',
  'linux/ip6_tunnel.h',
  'linux/if_bonding.h',
  'linux/if_macsec.h',
  'linux/lwtunnel.h',
  'linux/mpls_iptunnel.h',
  'linux/seg6_iptunnel.h',
  'linux/seg6_local.h',
  'linux/ila.h',
  'linux/rpl_iptunnel.h',
  'linux/ioam6_iptunnel.h',
  'linux/can/netlink.h',
  'linux/can/vxcan.h',
  'linux/veth.h',
  'linux/amt.h',
  'linux/wwan.h',
  'linux/caif/if_caif.h',
  'linux/batman_adv.h',
  'linux/mroute.h',
  'linux/genetlink.h',
  'linux/netlink.h',
  'linux/mptcp.h',
  'linux/mptcp_pm.h',
  'linux/if.h',
  'linux/if_arp.h',
  'linux/if_vlan.h',
  'linux/ip.h',
  'linux/ipv6.h',
  'linux/snmp.h',
  'linux/devlink.h',
  'linux/dpll.h',
  'linux/mpls.h',
  'linux/in.h',
];

/** Enums that end like attribute sets and are none: numbers of messages and groups, counters, choices. */
export const VALUES =
  /^(RTM|RTN|RTNLGRP|FR_ACT|RT_DEL_REASON|IFLA_VF_LINK_STATE|NEXTHOP_GRP_TYPE|BR_STP_MODE|SEG6_LOCAL_ACTION|SEG6_LOCAL_FLV_OP|IOAM6_IPTUNNEL_MODE|LWTUNNEL_ENCAP|IPSTATS_MIB|ICMP6?_MIB|TCP_MIB|UDP_MIB|LINUX_MIB|AMT_MODE|\w+_CMD)$/;

/** Sets of other families, of which some attributes are borrowed: what we lack of them is not missing here. */
export const BORROWED = /^(DEVLINK_|DPLL_|BATADV_|NLMSGERR_|NL_POLICY_|MACSEC_|ILA_)/;

/** Headers whose structs are not of netlink. */
export const NO_STRUCTS =
  /^linux\/(ip|ipv6|if|if_arp|if_vlan|ip6_tunnel|if_bonding|in|snmp|mroute|batman_adv|amt|wwan)\.h$/;

/** Tables whose keys are no attributes of an enum: the constants that number them. */
export const NUMBERED_BY: Readonly<Record<string, string>> = {
  // IFLA_AF_SPEC: one attribute for each address family.
  AF: 'AF',
};

/** Struct of a message's header, where it is not called as the message. */
export const HEADER_STRUCTS: Readonly<Record<string, string>> = {
  ifinfmsg: 'ifinfomsg',
  nsidmsg: 'rtgenmsg',
  brvlanmsg: 'br_vlan_msg',
  brvlandump: 'br_vlan_msg',
  mdbmsg: 'br_port_msg',
  mdbset: 'br_port_msg',
  fibmsg: 'fib_rule_hdr',
  ifstatsmsg: 'if_stats_msg',
  ifstatsreqmsg: 'if_stats_msg',
  tunnelmsg: 'tunnel_msg',
};

/**
 * Struct of an attribute, by the attribute's name; `[enum, bytes, first]` for an array that is indexed by an enum,
 * `first` being the number at offset 0. Attributes whose struct the specs name need no row.
 */
export const STRUCTS: Readonly<Record<string, string | readonly [string, number, number]>> = {
  IFLA_STATS: 'rtnl_link_stats',
  IFLA_STATS64: 'rtnl_link_stats64',
  IFLA_MAP: 'rtnl_link_ifmap',
  IFLA_INET_CONF: ['IPV4_DEVCONF', 4, 1],
  IFLA_INET6_CONF: ['DEVCONF', 4, 0],
  IFLA_INET6_ICMP6STATS: ['ICMP6_MIB', 8, 0],
  IFLA_INET6_CACHEINFO: 'ifla_cacheinfo',
  IFLA_BR_ROOT_ID: 'ifla_bridge_id',
  IFLA_BR_BRIDGE_ID: 'ifla_bridge_id',
  IFLA_BR_MULTI_BOOLOPT: 'br_boolopt_multi',
  IFLA_BRPORT_ROOT_ID: 'ifla_bridge_id',
  IFLA_BRPORT_BRIDGE_ID: 'ifla_bridge_id',
  IFLA_BRIDGE_VLAN_INFO: 'bridge_vlan_info',
  IFLA_VXLAN_PORT_RANGE: 'ifla_vxlan_port_range',
  IFLA_VF_VLAN: 'ifla_vf_vlan',
  IFLA_VF_TX_RATE: 'ifla_vf_tx_rate',
  IFLA_VF_SPOOFCHK: 'ifla_vf_spoofchk',
  IFLA_VF_LINK_STATE: 'ifla_vf_link_state',
  IFLA_VF_RATE: 'ifla_vf_rate',
  IFLA_VF_RSS_QUERY_EN: 'ifla_vf_rss_query_en',
  IFLA_VF_TRUST: 'ifla_vf_trust',
  IFLA_VF_IB_NODE_GUID: 'ifla_vf_guid',
  IFLA_VF_IB_PORT_GUID: 'ifla_vf_guid',
  IFLA_VF_VLAN_INFO: 'ifla_vf_vlan_info',
  IFLA_CAN_BITTIMING: 'can_bittiming',
  IFLA_CAN_DATA_BITTIMING: 'can_bittiming',
  bittimingLimits: 'can_bittiming_const',
  IFLA_CAN_CLOCK: 'can_clock',
  IFLA_CAN_CTRLMODE: 'can_ctrlmode',
  IFLA_CAN_BERR_COUNTER: 'can_berr_counter',
  IFA_CACHEINFO: 'ifa_cacheinfo',
  IFLA_STATS_LINK_64: 'rtnl_link_stats64',
  IFLA_OFFLOAD_XSTATS_CPU_HIT: 'rtnl_link_stats64',
  IFLA_OFFLOAD_XSTATS_L3_STATS: 'rtnl_hw_stats64',
  BRIDGE_XSTATS_VLAN: 'bridge_vlan_xstats',
  BRIDGE_XSTATS_STP: 'bridge_stp_xstats',
  MPLS_STATS_LINK: 'mpls_link_stats',
  RTA_MULTIPATH: 'rtnexthop',
  RTA_CACHEINFO: 'rta_cacheinfo',
  RTA_MFC_STATS: 'rta_mfc_stats',
};

/** Arrays whose elements are an attribute of their own in the headers: the name of the element, by that of the array. */
export const ELEMENTS: Readonly<Record<string, string>> = {
  IFLA_VLAN_EGRESS_QOS: 'IFLA_VLAN_QOS_MAPPING',
  IFLA_VLAN_INGRESS_QOS: 'IFLA_VLAN_QOS_MAPPING',
  IFLA_MACVLAN_MACADDR_DATA: 'IFLA_MACVLAN_MACADDR',
};

/** Structs whose members have other names, or another layout, than a header shows: why. */
export const OWN_STRUCTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['ctrlmsg', 'mptcp_msg', 'mptcp_event'].map((name) => [name, 'genlmsghdr, whose command and version are no keys']),
  ),
  BRIDGE_XSTATS_MCAST:
    'struct br_mcast_stats, whose arrays have a member for each direction here (golden rows, ip stats)',
  MDBA_ROUTER_PORT: 'a number in front of attributes, of which no header makes a struct',
  IFLA_VXLAN_RESERVED_BITS: 'struct vxlanhdr, which no header for programs declares',
};

/** How the words of a group of constants become the kernel's names. Without a row: `GROUP_WORD`, all names `GROUP_*`. */
export interface ConstantsRow {
  /** Names of the kernel that belong to the group; what they have and we lack is missing. */
  names: RegExp;
  /** The kernel's name of a word. */
  nameOf?: (word: string) => string;
  /** The kernel numbers the bits, and the group has their values. */
  bits?: boolean;
  /** With `bits`: the number whose bit is 1, where it is not 0. */
  first?: number;
  /** Words of `ip` that stand beside the kernel's own. */
  aliases?: readonly string[];
}

export const CONSTANTS: Readonly<Record<string, ConstantsRow>> = {
  RTM: { names: /^RTM_(NEW|DEL|GET|SET)\w+$/, nameOf: (word) => word },
  RTNLGRP: {
    names: /^RTNLGRP_(?!NONE$|NOP)\w+$/,
    nameOf: (word) => `RTNLGRP_${word.toUpperCase().replaceAll('-', '_').replace('DECNET', 'DECnet')}`,
  },
  // Of the C library, and under other names there: DECnet, and local for unix.
  AF: { names: /^AF_\w+$/, nameOf: (word) => `AF_${word.toUpperCase().replace('DECNET', 'DECnet')}` },
  GENL_OP: { names: /^GENL_(ADMIN_PERM|CMD_CAP_\w+|UNS_ADMIN_PERM)$/, nameOf: (word) => `GENL_${word}` },
  MPTCP_FLAG: { names: /^MPTCP_PM_ADDR_FLAG_\w+$/, nameOf: (word) => `MPTCP_PM_ADDR_FLAG_${word.toUpperCase()}` },
  MPTCP_EV_FLAG: { names: /^MPTCP_PM_EV_FLAG_\w+$/, nameOf: (word) => `MPTCP_PM_EV_FLAG_${word.toUpperCase()}` },
  IFF: { names: /^IFF_(?!VOLATILE$)\w+$/ },
  XDP_FLAGS: { names: /^XDP_FLAGS_(?!MASK$|MODES$)\w+$/ },
  BRIDGE_MODE: { names: /^BRIDGE_MODE_(VEB|VEPA|UNDEF)$/ },
  IPSTATS_MIB: { names: /^IPSTATS_MIB_\w+$/, nameOf: (word) => `IPSTATS_MIB_${upperSnake(word)}` },
  GRE: { names: /^GRE_(CSUM|ROUTING|KEY|SEQ|STRICT)$/ },
  TUNNEL: { names: /^TUNNEL_(?!ENCAP_|OPTIONS_PRESENT$)\w+$/ },
  IP6_TNL_F: { names: /^IP6_TNL_F_\w+$/ },
  SEG6_LOCAL_FLV_OP: { names: /^SEG6_LOCAL_FLV_OP_(?!UNSPEC$)\w+$/, bits: true },
  NHA_OP_FLAG: { names: /^NHA_OP_FLAG_\w+$/ },
  MDB_RTR_TYPE: {
    names: /^MDB_RTR_TYPE_\w+$/,
    nameOf: (word) => `MDB_RTR_TYPE_${word === 'permanent' ? 'PERM' : word.toUpperCase()}`,
  },
  MDB_STATE: {
    names: /^MDB_(TEMPORARY|PERMANENT)$/,
    nameOf: (word) => `MDB_${word === 'temp' ? 'TEMPORARY' : word.toUpperCase()}`,
  },
  MDB_GROUP_MODE: { names: /^MCAST_(EXCLUDE|INCLUDE)$/, nameOf: (word) => `MCAST_${word.toUpperCase()}` },
  BR_BOOLOPT: { names: /^BR_BOOLOPT_\w+$/, bits: true },
  FR_ACT: { names: /^FR_ACT_(?!RES)\w+$/, aliases: ['lookup'] },
  NTF: { names: /^NTF_(?!EXT_(MANAGED|LOCKED|EXT_VALIDATED)$)\w+$/, aliases: ['extern_learn'] },
  NTF_EXT: { names: /^NTF_EXT_(MANAGED|LOCKED|EXT_VALIDATED)$/ },
  IFLA_STATS: { names: /^IFLA_STATS_(LINK_\w+|AF_SPEC)$/, bits: true, first: 1 },
  // Those that a rule is likely to name.
  IPPROTO: { names: /^IPPROTO_(ICMP|IGMP|IPIP|TCP|UDP|DCCP|IPV6|GRE|ESP|AH|ICMPV6|PIM|SCTP|UDPLITE)$/ },
  RT_SCOPE: { names: /^RT_SCOPE_\w+$/, aliases: ['global'] },
  LWTUNNEL_ENCAP: {
    names: /^LWTUNNEL_ENCAP_\w+$/,
    nameOf: (word) => `LWTUNNEL_ENCAP_${word.toUpperCase().replace('SEG6LOCAL', 'SEG6_LOCAL')}`,
  },
};
