/** Constants of next-hop objects and of bridges' tables. Every object is keyed by the kernel's word. */

/** What a request about next hops wants besides, and what the kernel says of its answer: NHA_OP_FLAG_* of linux/nexthop.h (Linux 6.9). */
export const NHA_OP_FLAG = {
  dump_stats: 0x1,
  dump_hw_stats: 0x2,
  /** In answers: the bytes of a group that have no meaning are zero. */
  resp_grp_resvd_0: 0x80000000,
} as const;

/** State of a bridge port, or of a VLAN of it: BR_STATE_* of linux/if_bridge.h. */
export const BR_STATE = { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 } as const;

/** What a dump of VLANs has besides: BRIDGE_VLANDB_DUMPF_* of linux/if_bridge.h. */
export const BRIDGE_VLANDB_DUMPF = { stats: 0x1, global: 0x2 } as const;

/** How a port came to have a multicast router: MDB_RTR_TYPE_* of linux/if_bridge.h, with the words of `bridge`. */
export const MDB_RTR_TYPE = { disabled: 0, temp_query: 1, permanent: 2, temp: 3 } as const;

/** State of a group: MDB_TEMPORARY and MDB_PERMANENT of linux/if_bridge.h, with the words of `bridge`. */
export const MDB_STATE = { temp: 0, permanent: 1 } as const;

/** Flags of a group: MDB_FLAGS_* of linux/if_bridge.h. */
export const MDB_FLAGS = { offload: 0x1, fast_leave: 0x2, star_excl: 0x4, blocked: 0x8, offload_failed: 0x10 } as const;

/** Whether the sources of a group are who may send, or who may not: MCAST_INCLUDE and MCAST_EXCLUDE of linux/in.h. */
export const MDB_GROUP_MODE = { exclude: 0, include: 1 } as const;
