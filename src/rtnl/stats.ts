/** Counters of a link, and its map of memory: structs of linux/if_link.h. */
import { struct, structOfEqual } from '../codec/struct.js';

/** struct rtnl_link_stats: 32 bits, so they wrap; `stats64` has the same in full. */
export const linkStats = structOfEqual('u32', (m) => ({
  rxPackets: m[0],
  txPackets: m[1],
  rxBytes: m[2],
  txBytes: m[3],
  rxErrors: m[4],
  txErrors: m[5],
  rxDropped: m[6],
  txDropped: m[7],
  multicast: m[8],
  collisions: m[9],
  rxLengthErrors: m[10],
  rxOverErrors: m[11],
  rxCrcErrors: m[12],
  rxFrameErrors: m[13],
  rxFifoErrors: m[14],
  rxMissedErrors: m[15],
  txAbortedErrors: m[16],
  txCarrierErrors: m[17],
  txFifoErrors: m[18],
  txHeartbeatErrors: m[19],
  txWindowErrors: m[20],
  rxCompressed: m[21],
  txCompressed: m[22],
  rxNohandler: m[23],
}));
export interface LinkStats extends ReturnType<typeof linkStats.make> {}

/** struct rtnl_link_stats64. */
export const linkStats64 = structOfEqual('u64', (m) => ({
  rxPackets: m[0],
  txPackets: m[1],
  rxBytes: m[2],
  txBytes: m[3],
  rxErrors: m[4],
  txErrors: m[5],
  rxDropped: m[6],
  txDropped: m[7],
  multicast: m[8],
  collisions: m[9],
  rxLengthErrors: m[10],
  rxOverErrors: m[11],
  rxCrcErrors: m[12],
  rxFrameErrors: m[13],
  rxFifoErrors: m[14],
  rxMissedErrors: m[15],
  txAbortedErrors: m[16],
  txCarrierErrors: m[17],
  txFifoErrors: m[18],
  txHeartbeatErrors: m[19],
  txWindowErrors: m[20],
  rxCompressed: m[21],
  txCompressed: m[22],
  rxNohandler: m[23],
  rxOtherhostDropped: m[24],
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
