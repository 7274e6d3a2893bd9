/** Counters of a link, and its map of memory: structs of linux/if_link.h. */
import { struct } from '../codec/struct.js';

/** struct rtnl_link_stats: 32 bits, so they wrap; `stats64` has the same in full. */
export const linkStats = struct((r) => ({
  rxPackets: r.u32(0),
  txPackets: r.u32(4),
  rxBytes: r.u32(8),
  txBytes: r.u32(12),
  rxErrors: r.u32(16),
  txErrors: r.u32(20),
  rxDropped: r.u32(24),
  txDropped: r.u32(28),
  multicast: r.u32(32),
  collisions: r.u32(36),
  rxLengthErrors: r.u32(40),
  rxOverErrors: r.u32(44),
  rxCrcErrors: r.u32(48),
  rxFrameErrors: r.u32(52),
  rxFifoErrors: r.u32(56),
  rxMissedErrors: r.u32(60),
  txAbortedErrors: r.u32(64),
  txCarrierErrors: r.u32(68),
  txFifoErrors: r.u32(72),
  txHeartbeatErrors: r.u32(76),
  txWindowErrors: r.u32(80),
  rxCompressed: r.u32(84),
  txCompressed: r.u32(88),
  rxNohandler: r.u32(92),
}));
export interface LinkStats extends ReturnType<typeof linkStats.make> {}

/** struct rtnl_link_stats64. */
export const linkStats64 = struct((r) => ({
  rxPackets: r.u64(0),
  txPackets: r.u64(8),
  rxBytes: r.u64(16),
  txBytes: r.u64(24),
  rxErrors: r.u64(32),
  txErrors: r.u64(40),
  rxDropped: r.u64(48),
  txDropped: r.u64(56),
  multicast: r.u64(64),
  collisions: r.u64(72),
  rxLengthErrors: r.u64(80),
  rxOverErrors: r.u64(88),
  rxCrcErrors: r.u64(96),
  rxFrameErrors: r.u64(104),
  rxFifoErrors: r.u64(112),
  rxMissedErrors: r.u64(120),
  txAbortedErrors: r.u64(128),
  txCarrierErrors: r.u64(136),
  txFifoErrors: r.u64(144),
  txHeartbeatErrors: r.u64(152),
  txWindowErrors: r.u64(160),
  rxCompressed: r.u64(168),
  txCompressed: r.u64(176),
  rxNohandler: r.u64(184),
  rxOtherhostDropped: r.u64(192),
}));
export interface LinkStats64 extends ReturnType<typeof linkStats64.make> {}

/** struct rtnl_link_ifmap. */
export const linkMap = struct(
  (r) => ({
    memStart: r.u64(0),
    memEnd: r.u64(8),
    baseAddr: r.u64(16),
    irq: r.u16(24),
    dma: r.u8(26),
    port: r.u8(27),
  }),
  32,
);
export interface LinkMap extends ReturnType<typeof linkMap.make> {}
