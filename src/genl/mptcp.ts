/** Path manager of Multipath TCP: mptcp_pm, MPTCP_PM_* of linux/mptcp_pm.h. Linux 5.7. */
import { be16, bits, bool8, ifindex, ip4, ip6, nest, u8, u16, u32 } from '../codec/leaf.js';
import type { MessageDef, MessageExtras } from '../codec/message.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { defineFamily, genlEvent, genlGet, genlMessage, genlSet } from './family.js';

/** Bits of an endpoint's `flags`: MPTCP_PM_ADDR_FLAG_*. */
export const MPTCP_FLAG = {
  /** Announced to the peer. */
  signal: 0x01,
  /** Subflows are made from it. */
  subflow: 0x02,
  /** Its subflows carry data only when no other can. */
  backup: 0x04,
  /** Subflows are made to every address of the peer (Linux 5.15). */
  fullmesh: 0x08,
  /** Made by the kernel itself; it cannot be set (Linux 5.18). */
  implicit: 0x10,
  /** Subflows to addresses that the peer announced are made from it (in headers later than Linux 6.1). */
  laminar: 0x20,
} as const;

/** What a connection is, in its events: MPTCP_PM_EV_FLAG_*. */
export const MPTCP_EV_FLAG = {
  /** The peer takes no further subflows to its first address. */
  deny_join_id0: 0x01,
  /** This side listened; older kernels say so by `serverSide`. */
  server_side: 0x02,
} as const;

const addrTable = () => ({
  /** AF number: 2 inet, 10 inet6. Linux needs it with an address. */
  family: attr(1, u16),
  /** 1 to 255; 0 is the address of the first subflow. */
  id: attr(2, u8),
  addr4: attr(3, ip4),
  addr6: attr(4, ip6),
  port: attr(5, u16),
  /** MPTCP_FLAG bits. */
  flags: attr(6, bits(u32, MPTCP_FLAG)),
  /** Interface that its subflows leave by; 0 or absent: any. */
  ifIdx: attr(7, ifindex),
});

/** An address of the path manager. */
export interface MptcpAddr extends Out<typeof addrTable> {}
/** An address of the path manager as input takes it. */
export interface MptcpAddrIn extends In<typeof addrTable> {
  unknown?: UnknownAttr[] | undefined;
}

const addrType = nest<MptcpAddr, MptcpAddrIn>('MPTCP_PM_ADDR_ATTR', addrTable);

const table = () => ({
  addr: attr(1, addrType),
  /** Addresses of the peer that a connection uses at most. */
  rcvAddAddrs: attr(2, u32),
  /** Additional subflows of a connection at most. */
  subflows: attr(3, u32),
  /** The connection, as its events name it. */
  token: attr(4, u32),
  locId: attr(5, u8),
  /** The peer's address of a subflow. */
  addrRemote: attr(6, addrType),
});

/** A message of mptcp_pm. */
export interface Mptcp extends Out<typeof table> {}
/** A message of mptcp_pm as input takes it. */
export interface MptcpIn extends In<typeof table> {
  unknown?: UnknownAttr[] | undefined;
}

const message: MessageDef<Mptcp & MessageExtras, MptcpIn> = genlMessage<Mptcp, MptcpIn>({
  name: 'mptcp_msg',
  prefix: 'MPTCP_PM_ATTR',
  table,
});

const eventTable = () => ({
  /** Number of the connection. */
  token: attr(1, u32),
  /** AF number. */
  family: attr(2, u16),
  locId: attr(3, u8),
  remId: attr(4, u8),
  saddr4: attr(5, ip4),
  saddr6: attr(6, ip6),
  daddr4: attr(7, ip4),
  daddr6: attr(8, ip6),
  sport: attr(9, be16),
  dport: attr(10, be16),
  backup: attr(11, bool8),
  /** errno of the subflow. */
  error: attr(12, u8),
  /** MPTCP_EV_FLAG bits. */
  flags: attr(13, u16),
  timeout: attr(14, u32),
  ifIdx: attr(15, ifindex),
  /** MPTCP_RST_* of RFC 8684. */
  resetReason: attr(16, u32),
  resetFlags: attr(17, u32),
  serverSide: attr(18, bool8),
});

/** What happened to a connection or to one of its subflows. */
export interface MptcpEvent extends Out<typeof eventTable> {}

const event: MessageDef<MptcpEvent & MessageExtras> = genlMessage<MptcpEvent, never>({
  name: 'mptcp_event',
  prefix: 'MPTCP_ATTR',
  table: eventTable,
});

/** The path manager of Multipath TCP. */
export const mptcp_pm = defineFamily({
  name: 'mptcp_pm',
  version: 1,
  ops: {
    MPTCP_PM_CMD_ADD_ADDR: genlSet(1, message),
    MPTCP_PM_CMD_DEL_ADDR: genlSet(2, message),
    MPTCP_PM_CMD_GET_ADDR: genlGet(3, message),
    MPTCP_PM_CMD_FLUSH_ADDRS: genlSet(4, message),
    MPTCP_PM_CMD_SET_LIMITS: genlSet(5, message),
    MPTCP_PM_CMD_GET_LIMITS: genlGet(6, message, 'do'),
    MPTCP_PM_CMD_SET_FLAGS: genlSet(7, message),
    /** Those that follow are for connections whose paths a program manages (net.mptcp.pm_type 1, Linux 5.19). */
    MPTCP_PM_CMD_ANNOUNCE: genlSet(8, message),
    MPTCP_PM_CMD_REMOVE: genlSet(9, message),
    MPTCP_PM_CMD_SUBFLOW_CREATE: genlSet(10, message),
    MPTCP_PM_CMD_SUBFLOW_DESTROY: genlSet(11, message),
  },
  events: {
    MPTCP_EVENT_CREATED: genlEvent(1, event),
    MPTCP_EVENT_ESTABLISHED: genlEvent(2, event),
    MPTCP_EVENT_CLOSED: genlEvent(3, event),
    MPTCP_EVENT_ANNOUNCED: genlEvent(6, event),
    MPTCP_EVENT_REMOVED: genlEvent(7, event),
    MPTCP_EVENT_SUB_ESTABLISHED: genlEvent(10, event),
    MPTCP_EVENT_SUB_CLOSED: genlEvent(11, event),
    MPTCP_EVENT_SUB_PRIORITY: genlEvent(13, event),
    MPTCP_EVENT_LISTENER_CREATED: genlEvent(15, event),
    MPTCP_EVENT_LISTENER_CLOSED: genlEvent(16, event),
  },
  groups: ['mptcp_pm_cmds', 'mptcp_pm_events'],
});
