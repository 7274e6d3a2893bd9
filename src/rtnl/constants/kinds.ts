/** Constants of kinds of links. Every object is keyed by the kernel's word. */

/** Flags of a VLAN: VLAN_FLAG_* of linux/if_vlan.h. */
export const VLAN_FLAG = {
  reorder_hdr: 0x1,
  gvrp: 0x2,
  loose_binding: 0x4,
  mvrp: 0x8,
  /** Up when a port of the bridge in the VLAN is. */
  bridge_binding: 0x10,
} as const;

/** IPVLAN_F_* of linux/if_link.h. */
export const IPVLAN_F = {
  private: 0x1,
  vepa: 0x2,
} as const;

/** State of LACP: LACP_STATE_* of linux/if_bonding.h. */
export const LACP_STATE = {
  lacp_activity: 0x1,
  lacp_timeout: 0x2,
  aggregation: 0x4,
  synchronization: 0x8,
  collecting: 0x10,
  distributing: 0x20,
  defaulted: 0x40,
  expired: 0x80,
} as const;

/** What the header of GRE has, as the keys `iflags` and `oflags` take it: GRE_* of linux/if_tunnel.h. */
export const GRE = {
  csum: 0x8000,
  routing: 0x4000,
  key: 0x2000,
  seq: 0x1000,
  strict: 0x800,
} as const;

/** Foo over UDP: TUNNEL_ENCAP_FLAG_* of linux/if_tunnel.h. */
export const TUNNEL_ENCAP_FLAG = {
  csum: 0x1,
  csum6: 0x2,
  remcsum: 0x4,
} as const;

/** Flags of tunnels over IPv6: IP6_TNL_F_* of linux/ip6_tunnel.h. */
export const IP6_TNL_F = {
  ign_encap_limit: 0x1,
  use_orig_tclass: 0x2,
  use_orig_flowlabel: 0x4,
  mip6_dev: 0x8,
  rcv_dscp_copy: 0x10,
  use_orig_fwmark: 0x20,
  allow_local_remote: 0x40,
} as const;

/** CAN_CTRLMODE_* of linux/can/netlink.h. */
export const CAN_CTRLMODE = {
  loopback: 0x1,
  listenonly: 0x2,
  '3_samples': 0x4,
  one_shot: 0x8,
  berr_reporting: 0x10,
  fd: 0x20,
  presume_ack: 0x40,
  fd_non_iso: 0x80,
  cc_len8_dlc: 0x100,
  tdc_auto: 0x200,
  tdc_manual: 0x400,
  restricted: 0x800,
  xl: 0x1000,
  xl_tdc_auto: 0x2000,
  xl_tdc_manual: 0x4000,
  xl_tms: 0x8000,
} as const;

/** What the header of a tunnel has, in routes with the encapsulation ip or ip6: TUNNEL_* of linux/if_tunnel.h. */
export const TUNNEL = {
  csum: 0x1,
  routing: 0x2,
  key: 0x4,
  seq: 0x8,
  strict: 0x10,
  rec: 0x20,
  version: 0x40,
  no_key: 0x80,
  dont_fragment: 0x100,
  oam: 0x200,
  crit_opt: 0x400,
  geneve_opt: 0x800,
  vxlan_opt: 0x1000,
  nocache: 0x2000,
  erspan_opt: 0x4000,
  gtp_opt: 0x8000,
} as const;

/** Flavours of the actions of seg6local, as bits: 1 << SEG6_LOCAL_FLV_OP_* of linux/seg6_local.h. */
export const SEG6_LOCAL_FLV_OP = {
  psp: 0x2,
  usp: 0x4,
  usd: 0x8,
  next_csid: 0x10,
} as const;
