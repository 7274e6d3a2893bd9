/** Which attribute sets belong together on the page. The first that fits has it. */
export const FAMILIES: readonly { name: string; about: string; sets: RegExp }[] = [
  { name: 'rt-addr', about: 'addresses', sets: /^IFA$/ },
  {
    name: 'rt-route',
    about: 'routes and their encapsulations',
    sets: /^(RTA|RTAX|LWT\w*|MPLS_IPTUNNEL|SEG6_\w+|RPL_IPTUNNEL|IOAM6_IPTUNNEL)$/,
  },
  {
    name: 'rt-stats',
    about: 'statistics of links (RTM_GETSTATS)',
    sets: /^(IFLA_STATS\w*|IFLA_OFFLOAD_XSTATS\w*|LINK_XSTATS_TYPE|BRIDGE_XSTATS|BOND_XSTATS|BOND_3AD_STAT|MPLS_STATS)$/,
  },
  {
    name: 'rt-link',
    about: 'links, their kinds, ports and families',
    sets: /^(IFLA|VETH_INFO|VXCAN_INFO|BRIDGE_QUERIER|IPV4_DEVCONF|DEVLINK_ATTR|DPLL_A_PIN)(_|$)/,
  },
  { name: 'rt-neigh', about: 'neighbours, forwarding entries and their tables', sets: /^(NDA|NDTA|NDTPA|NFEA)$/ },
  { name: 'rt-rule', about: 'rules', sets: /^FRA$/ },
  { name: 'nexthop', about: 'nexthop objects', sets: /^NHA/ },
  { name: 'bridge', about: 'VLANs and multicast groups of bridges', sets: /^(BRIDGE_VLANDB|MDB[AE])/ },
  { name: 'vxlan', about: 'identifiers that a vxlan takes', sets: /^(VXLAN_VNIFILTER|VNIFILTER)/ },
  {
    name: 'other',
    about: 'the rest of route netlink',
    sets: /^(NETCONFA|NETNSA|IFAL|PREFIX|NDUSEROPT|IPMRA\w*|TCA\w*)$/,
  },
  { name: 'mptcp_pm', about: 'Multipath TCP', sets: /^MPTCP_/ },
  { name: 'nlctrl', about: 'the controller of generic netlink', sets: /^(CTRL_ATTR|NL_POLICY_TYPE_ATTR)/ },
];
