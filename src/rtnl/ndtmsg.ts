/** RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL: struct ndtmsg and NDTA_* of linux/neighbour.h. */
import { cstr, ifindex, nest, skip, structOf, u32, u64 } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF } from './constants.js';

const header = struct((r) => ({ family: r.u8(0) }), 4, { family: AF });

/** struct ndt_config: the table itself. Times in milliseconds. */
const config = struct(
  (r) => ({
    keyLen: r.u16(0),
    entrySize: r.u16(2),
    entries: r.u32(4),
    lastFlush: r.u32(8),
    lastRand: r.u32(12),
    hashRnd: r.u32(16),
    hashMask: r.u32(20),
    hashChainGc: r.u32(24),
    proxyQlen: r.u32(28),
  }),
  32,
);

/** struct ndt_stats. */
const stats = struct(
  (r) => ({
    allocs: r.u64(0),
    destroys: r.u64(8),
    hashGrows: r.u64(16),
    resFailed: r.u64(24),
    lookups: r.u64(32),
    hits: r.u64(40),
    rcvProbesMcast: r.u64(48),
    rcvProbesUcast: r.u64(56),
    periodicGcRuns: r.u64(64),
    forcedGcRuns: r.u64(72),
    tableFulls: r.u64(80),
  }),
  88,
);

const parms = () => ({
  /** Interface that they are of; absent: what new interfaces get. */
  ifindex: attr(1, ifindex),
  refcnt: attr(2, u32),
  /** Milliseconds; drawn anew from time to time, around `baseReachableTime`. */
  reachableTime: attr(3, u64),
  /** Milliseconds. */
  baseReachableTime: attr(4, u64),
  /** Milliseconds. */
  retransTime: attr(5, u64),
  /** Milliseconds. */
  gcStaletime: attr(6, u64),
  /** Milliseconds. */
  delayProbeTime: attr(7, u64),
  /** Packets that wait for an answer. */
  queueLen: attr(8, u32),
  appProbes: attr(9, u32),
  ucastProbes: attr(10, u32),
  mcastProbes: attr(11, u32),
  /** Milliseconds. */
  anycastDelay: attr(12, u64),
  /** Milliseconds. */
  proxyDelay: attr(13, u64),
  proxyQlen: attr(14, u32),
  /** Milliseconds. */
  locktime: attr(15, u64),
  /** Bytes that wait for an answer. */
  queueLenbytes: attr(16, u32),
  /** Linux 4.0. */
  mcastReprobes: attr(17, u32),
  pad: attr(18, skip),
  /** Milliseconds (Linux 6.0). */
  intervalProbeTimeMs: attr(19, u64),
});
export interface NeighbourParms extends Out<typeof parms> {}
export interface NeighbourParmsIn extends In<typeof parms> {}

const table = () => ({
  /** `arp_cache` or `ndisc_cache`. */
  name: attr(1, cstr),
  /** Entries below which nothing is collected. */
  thresh1: attr(2, u32),
  thresh2: attr(3, u32),
  /** Most entries. */
  thresh3: attr(4, u32),
  config: attr(5, structOf(config)),
  parms: attr(6, nest<NeighbourParms, NeighbourParmsIn>('NDTPA', parms)),
  stats: attr(7, structOf(stats)),
  /** Milliseconds. */
  gcInterval: attr(8, u64),
  pad: attr(9, skip),
});

export interface NeighbourTableAttrs extends Out<typeof table> {}
export interface NeighbourTableAttrsIn extends In<typeof table> {}

/** A neighbour table, or its parameters for one interface. */
export interface NeighbourTable extends NeighbourTableAttrs {
  /** AF number: 2 inet, 10 inet6. */
  family: number;
}

/** A neighbour table as input takes it. */
export interface NeighbourTableIn extends NeighbourTableAttrsIn {
  family?: number | keyof typeof AF | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Messages about neighbour tables. */
export const ndtmsg: MessageDef<NeighbourTable & MessageExtras, NeighbourTableIn> = message<
  NeighbourTable,
  NeighbourTableIn
>({
  name: 'ndtmsg',
  prefix: 'NDTA',
  header,
  table,
  types: { RTM_NEWNEIGHTBL: 64, RTM_GETNEIGHTBL: 66, RTM_SETNEIGHTBL: 67 },
});
