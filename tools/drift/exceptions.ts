/**
 * Where our tables differ from the specs or the headers on purpose. A row is for attributes that the specs, or members
 * (`struct.member`) that the headers describe as `theirs`. It fails when it is not needed any more.
 */
export interface Exception {
  names: readonly string[];
  theirs: string;
  ours: string;
  why: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    names: [
      'IFLA_BRPORT_MODE',
      'IFLA_BRPORT_GUARD',
      'IFLA_BRPORT_PROTECT',
      'IFLA_BRPORT_FAST_LEAVE',
      'IFLA_BRPORT_LEARNING',
      'IFLA_BRPORT_UNICAST_FLOOD',
      'IFLA_BRPORT_PROXYARP',
      'IFLA_BRPORT_LEARNING_SYNC',
      'IFLA_BRPORT_PROXYARP_WIFI',
      'IFLA_BRPORT_MCAST_FLOOD',
      'IFLA_BRPORT_MCAST_TO_UCAST',
      'IFLA_BRPORT_VLAN_TUNNEL',
      'IFLA_BRPORT_BCAST_FLOOD',
      'IFLA_BRPORT_NEIGH_SUPPRESS',
      'IFLA_BRPORT_ISOLATED',
      'IFLA_BRPORT_MRP_RING_OPEN',
      'IFLA_BRPORT_MRP_IN_OPEN',
      'IFLA_BRPORT_LOCKED',
      'IFLA_BRPORT_MAB',
      'IFLA_BRPORT_NEIGH_VLAN_SUPPRESS',
    ],
    theirs: 'flag',
    ours: 'u8',
    why: 'the kernel sends and takes a byte that is 0 or 1 (golden rows)',
  },
  {
    names: ['RTA_SPORT', 'RTA_DPORT', 'IFLA_BR_VLAN_PROTOCOL'],
    theirs: 'u16',
    ours: 'be16',
    why: 'the kernel has them in network order, as witnesses of golden rows show',
  },
  {
    names: ['IFLA_PROTO_DOWN_REASON'],
    theirs: 'string',
    ours: 'nest',
    why: 'a nest of IFLA_PROTO_DOWN_REASON_* (golden rows)',
  },
  {
    names: ['IFLA_PROTINFO'],
    theirs: 'string',
    ours: 'nest',
    why: 'attributes of the bridge port or of IPv6, by the family of the message',
  },
  {
    names: ['IFLA_IPTUN_FLAGS'],
    theirs: 'be16',
    ours: 'u16',
    why: 'the flags of sit are constants of the machine that the kernel forces into a network type; iproute2 reads them so',
  },
  {
    names: ['IFLA_IPTUN_FLAGS'],
    theirs: 'be32',
    ours: 'u32',
    why: 'the flags of ip6tnl are a word of the machine (golden rows)',
  },
  {
    names: ['IFLA_BOND_SLAVE_PRIO'],
    theirs: 'u32',
    ours: 's32',
    why: 'the kernel has a sign and takes negative numbers (golden rows)',
  },
  {
    names: ['IFLA_COST', 'IFLA_PRIORITY', 'IFLA_WIRELESS'],
    theirs: 'string',
    ours: 'bytes',
    why: 'no kernel of ours sends or takes the first two; the third is an event of the wireless extensions',
  },
  {
    names: ['IFA_TARGET_NETNSID'],
    theirs: 'binary',
    ours: 's32',
    why: 'an id of a namespace as everywhere: signed, four bytes',
  },
  { names: ['IFLA_BR_FDB_FLUSH'], theirs: 'binary', ours: 'flag', why: 'only its presence counts' },
  {
    names: ['FRA_DST', 'FRA_SRC'],
    theirs: 'u32',
    ours: 'ip',
    why: 'an address of the family of the message; rules of IPv6 have them too (golden rows)',
  },
  { names: ['FRA_TUN_ID'], theirs: 'u64', ours: 'be64', why: 'in network order, as witnesses of golden rows show' },
  { names: ['NDA_PORT'], theirs: 'u16', ours: 'be16', why: 'in network order, as witnesses of golden rows show' },
  {
    names: ['IFLA_STATS_LINK_XSTATS', 'IFLA_STATS_LINK_XSTATS_SLAVE', 'IFLA_STATS_AF_SPEC'],
    theirs: 'binary',
    ours: 'u32',
    why: 'in IFLA_STATS_GET_FILTERS they are masks, under the names of the groups they are for',
  },
  {
    names: ['IFLA_STATS_LINK_OFFLOAD_XSTATS'],
    theirs: 'nest',
    ours: 'u32',
    why: 'in IFLA_STATS_GET_FILTERS it is a mask, under the name of the group it is for',
  },
  { names: ['RTA_PAD'], theirs: 'binary', ours: 'pad', why: 'padding' },
  {
    names: ['rta_cacheinfo.rta_error'],
    theirs: 'u32',
    ours: 's32',
    why: 'a negative errno in an unsigned member; ip prints it signed',
  },
];
