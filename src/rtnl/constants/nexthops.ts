/** Constants of next-hop objects and of bridges' tables. Every object is keyed by the kernel's word. */

/** What a request about next hops wants besides, and what the kernel says of its answer: NHA_OP_FLAG_* of linux/nexthop.h (Linux 6.9). */
export const NHA_OP_FLAG = {
  dump_stats: 0x1,
  dump_hw_stats: 0x2,
  /** In answers: the bytes of a group that have no meaning are zero. */
  resp_grp_resvd_0: 0x80000000,
} as const;
