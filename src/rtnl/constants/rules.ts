/** Constants of policy rules. Every object is keyed by the kernel's word. */

/** What a rule does: FR_ACT_* of linux/fib_rules.h. `lookup` is `ip`'s word for `to_tbl`. */
export const FR_ACT = {
  unspec: 0,
  to_tbl: 1,
  lookup: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
} as const;

/** Flags of a rule: FIB_RULE_* of linux/fib_rules.h. */
export const FIB_RULE = {
  permanent: 0x1,
  /** Matches what does not have the rule's properties: `not` of `ip rule`. */
  invert: 0x2,
  /** A `goto` whose target is not there. */
  unresolved: 0x4,
  /** The interface `iifname` is not there. */
  iif_detached: 0x8,
  /** The interface `oifname` is not there. */
  oif_detached: 0x10,
  find_saddr: 0x10000,
} as const;

/** Protocols above IP by name: IPPROTO_* of linux/in.h and linux/in6.h, those that a rule is likely to name. */
export const IPPROTO = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  pim: 103,
  sctp: 132,
  udplite: 136,
} as const;
