/** Where datagrams are received. */
import { Bytes } from '../codec/bytes.js';
import { META_HEAD, META_STRIDE } from '../transport/transport.js';

/** Room for datagrams: shared by all sockets of a thread, since what is received is decoded before anything else runs. */
const AREA = 1 << 20;
/** What one turn receives at most, so that the event loop goes on: about 3,000 routes. */
export const TURN_BYTES = 256 << 10;
/**
 * The same for streams, whose rows the program looks at within the turn: a datagram. The fewer rows live when the collector
 * comes, the longer what it has for young objects fits into the processor's caches; with 96 KiB a stream of mixed routes
 * was a third slower in every second process.
 */
export const STREAM_BYTES = 32 << 10;
/** Microseconds that one turn may take from the event loop in the kernel. */
export const TURN_US = 5000;
let area: Bytes | undefined;
export const receiveArea = (): Bytes => {
  area ??= new Bytes(new Uint8Array(AREA));
  return area;
};
export const receiveMeta = new Int32Array(META_HEAD + META_STRIDE * 1024);
export const RESERVE = AREA - TURN_BYTES;
export const STREAM_RESERVE = AREA - STREAM_BYTES;
