/** Constants of addresses and routes. Every object is keyed by the kernel's word. */

/** Flags of an address: IFA_F_* of linux/if_addr.h. `secondary` of IPv4 is `temporary` of IPv6. */
export const IFA_F = {
  secondary: 0x1,
  temporary: 0x1,
  nodad: 0x2,
  optimistic: 0x4,
  dadfailed: 0x8,
  homeaddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  managetempaddr: 0x100,
  noprefixroute: 0x200,
  mcautojoin: 0x400,
  stable_privacy: 0x800,
} as const;

/** Types of routes: RTN_* of linux/rtnetlink.h. */
export const RTN = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
} as const;

/** Distance to a destination: RT_SCOPE_* of linux/rtnetlink.h. `global` is `ip`'s word for `universe`. */
export const RT_SCOPE = {
  global: 0,
  universe: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
} as const;

/** Who made a route: RTPROT_* of linux/rtnetlink.h. */
export const RTPROT = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  mrouted: 17,
  keepalived: 18,
  babel: 42,
  ovn: 84,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
} as const;

/** Routing tables with a name: RT_TABLE_* of linux/rtnetlink.h. `compat` in the header means: see RTA_TABLE. */
export const RT_TABLE = {
  unspec: 0,
  compat: 252,
  default: 253,
  main: 254,
  local: 255,
} as const;

/** Flags of a route: RTM_F_* of linux/rtnetlink.h. */
export const RTM_F = {
  notify: 0x100,
  cloned: 0x200,
  equalize: 0x400,
  prefix: 0x800,
  lookup_table: 0x1000,
  fib_match: 0x2000,
  offload: 0x4000,
  trap: 0x8000,
  offload_failed: 0x20000000,
} as const;

/** Flags of a next hop: RTNH_F_* of linux/rtnetlink.h. */
export const RTNH_F = {
  dead: 0x1,
  pervasive: 0x2,
  onlink: 0x4,
  offload: 0x8,
  linkdown: 0x10,
  unresolved: 0x20,
  trap: 0x40,
} as const;
