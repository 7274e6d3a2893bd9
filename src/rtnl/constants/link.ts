/** Constants of links, and of bridges. Every object is keyed by the kernel's word. */

/** Address families: AF_* of linux/socket.h. */
export const AF = {
  unspec: 0,
  unix: 1,
  inet: 2,
  ax25: 3,
  ipx: 4,
  appletalk: 5,
  netrom: 6,
  bridge: 7,
  atmpvc: 8,
  x25: 9,
  inet6: 10,
  rose: 11,
  decnet: 12,
  netbeui: 13,
  security: 14,
  key: 15,
  netlink: 16,
  packet: 17,
  ash: 18,
  econet: 19,
  atmsvc: 20,
  rds: 21,
  sna: 22,
  irda: 23,
  pppox: 24,
  wanpipe: 25,
  llc: 26,
  ib: 27,
  mpls: 28,
  can: 29,
  tipc: 30,
  bluetooth: 31,
  iucv: 32,
  rxrpc: 33,
  isdn: 34,
  phonet: 35,
  ieee802154: 36,
  caif: 37,
  alg: 38,
  nfc: 39,
  vsock: 40,
  kcm: 41,
  qipcrtr: 42,
  smc: 43,
  xdp: 44,
  mctp: 45,
} as const;

/** Types of hardware: ARPHRD_* of linux/if_arp.h. */
export const ARPHRD = {
  netrom: 0,
  ether: 1,
  eether: 2,
  ax25: 3,
  pronet: 4,
  chaos: 5,
  ieee802: 6,
  arcnet: 7,
  appletlk: 8,
  dlci: 15,
  atm: 19,
  metricom: 23,
  ieee1394: 24,
  eui64: 27,
  infiniband: 32,
  slip: 256,
  cslip: 257,
  slip6: 258,
  cslip6: 259,
  rsrvd: 260,
  adapt: 264,
  rose: 270,
  x25: 271,
  hwx25: 272,
  can: 280,
  mctp: 290,
  ppp: 512,
  cisco: 513,
  lapb: 516,
  ddcmp: 517,
  rawhdlc: 518,
  rawip: 519,
  tunnel: 768,
  tunnel6: 769,
  frad: 770,
  skip: 771,
  loopback: 772,
  localtlk: 773,
  fddi: 774,
  bif: 775,
  sit: 776,
  ipddp: 777,
  ipgre: 778,
  pimreg: 779,
  hippi: 780,
  ash: 781,
  econet: 782,
  irda: 783,
  fcpp: 784,
  fcal: 785,
  fcpl: 786,
  fcfabric: 787,
  ieee802_tr: 800,
  ieee80211: 801,
  ieee80211_prism: 802,
  ieee80211_radiotap: 803,
  ieee802154: 804,
  ieee802154_monitor: 805,
  phonet: 820,
  phonet_pipe: 821,
  caif: 822,
  ip6gre: 823,
  netlink: 824,
  '6lowpan': 825,
  vsockmon: 826,
  void: 65535,
  none: 65534,
} as const;

/** Flags of a link: IFF_* of linux/if.h, with the words of `ip`. */
export const IFF = {
  UP: 0x1,
  BROADCAST: 0x2,
  DEBUG: 0x4,
  LOOPBACK: 0x8,
  POINTOPOINT: 0x10,
  NOTRAILERS: 0x20,
  RUNNING: 0x40,
  NOARP: 0x80,
  PROMISC: 0x100,
  ALLMULTI: 0x200,
  MASTER: 0x400,
  SLAVE: 0x800,
  MULTICAST: 0x1000,
  PORTSEL: 0x2000,
  AUTOMEDIA: 0x4000,
  DYNAMIC: 0x8000,
  LOWER_UP: 0x10000,
  DORMANT: 0x20000,
  ECHO: 0x40000,
} as const;

/** What a link request wants besides: RTEXT_FILTER_* of linux/rtnetlink.h, for IFLA_EXT_MASK. */
export const RTEXT_FILTER = {
  vf: 0x1,
  brvlan: 0x2,
  brvlan_compressed: 0x4,
  skip_stats: 0x8,
  mrp: 0x10,
  cfm_config: 0x20,
  cfm_status: 0x40,
  mst: 0x80,
  name_only: 0x100,
} as const;

/** How a program is attached: XDP_FLAGS_* of linux/if_link.h. */
export const XDP_FLAGS = {
  update_if_noexist: 0x1,
  skb_mode: 0x2,
  drv_mode: 0x4,
  hw_mode: 0x8,
  replace: 0x10,
} as const;

/** MACVLAN_FLAG_* of linux/if_link.h. */
export const MACVLAN_FLAG = {
  nopromisc: 0x1,
  nodst: 0x2,
} as const;

/** Whom a bridge request addresses: BRIDGE_FLAGS_* of linux/if_bridge.h. */
export const BRIDGE_FLAGS = {
  master: 0x1,
  self: 0x2,
} as const;

/** BRIDGE_MODE_* of linux/if_bridge.h. */
export const BRIDGE_MODE = {
  veb: 0,
  vepa: 1,
  undef: 65535,
} as const;

/** Flags of a VLAN of a bridge port: BRIDGE_VLAN_INFO_* of linux/if_bridge.h. */
export const BRIDGE_VLAN_INFO = {
  master: 0x1,
  pvid: 0x2,
  untagged: 0x4,
  range_begin: 0x8,
  range_end: 0x10,
  brentry: 0x20,
  only_opts: 0x40,
} as const;

/** Bits of `multiBoolopt`: 1 << BR_BOOLOPT_* of linux/if_bridge.h. */
export const BR_BOOLOPT = {
  no_ll_learn: 0x1,
  mcast_vlan_snooping: 0x2,
  mst_enable: 0x4,
  mdb_offload_fail_notification: 0x8,
  fdb_local_vlan_0: 0x10,
} as const;
