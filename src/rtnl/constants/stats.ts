/** Constants of counters. Every object is keyed by the kernel's word. */

/** Groups of counters, as bits of `filterMask`: IFLA_STATS_FILTER_BIT of IFLA_STATS_* of linux/if_link.h. */
export const IFLA_STATS = {
  link_64: 0x1,
  link_xstats: 0x2,
  link_xstats_slave: 0x4,
  link_offload_xstats: 0x8,
  af_spec: 0x10,
} as const;

/** What a list of a tunnel's identifiers is to contain: TUNNEL_MSG_FLAG_* of linux/if_link.h. */
export const TUNNEL_MSG_FLAG = { stats: 0x1 } as const;
