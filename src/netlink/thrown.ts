/**
 * Errors of proxies travel as messages, so that they come in order and to whom they belong: an NLMSG_ERROR whose errno is
 * beyond those of the kernel stands for an Error that waits here.
 */
import { type Bytes, LITTLE } from '../codec/bytes.js';
import { NLM_F_CAPPED, NLMSG_ERROR, NLMSG_HDRLEN } from '../codec/header.js';
import { seqOf } from './wire.js';

/** Errnos of the kernel end here (MAX_ERRNO). */
const MAX_ERRNO = 4095;
/** Flag of a NLMSG_ERROR that stands in the place of a message, and is no word about a request. */
export const NLM_F_INSTEAD = 0x8000;

/**
 * Errors that have not arrived, each with the socket that it is on. One that nobody waits for any more goes with its socket,
 * or is pushed out by later ones: it may hold on to everything that its stack has seen.
 */
const waiting = new Map<number, { error: unknown; on: object }>();
const MOST = 1024;
let last = MAX_ERRNO;

/**
 * A message that stands for an error about `message`, on a socket `on`; it is addressed as an answer to it, or as the
 * message itself.
 */
export function thrownMessage(error: unknown, message: Uint8Array, on: object, pid: number, flags = 0): Uint8Array {
  last = last >= 0x7ffffffe ? MAX_ERRNO + 1 : last + 1;
  waiting.set(last, { error, on });
  if (waiting.size > MOST) waiting.delete(waiting.keys().next().value!);
  // The errno, and the header of the message.
  const bytes = new Uint8Array(NLMSG_HDRLEN + 4 + NLMSG_HDRLEN);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, LITTLE);
  view.setUint16(4, NLMSG_ERROR, LITTLE);
  view.setUint16(6, flags | NLM_F_CAPPED, LITTLE);
  view.setUint32(8, seqOf(message), LITTLE);
  view.setUint32(12, pid, LITTLE);
  view.setInt32(NLMSG_HDRLEN, -last, LITTLE);
  bytes.set(message.subarray(0, NLMSG_HDRLEN), NLMSG_HDRLEN + 4);
  return bytes;
}

/** Whether an errno stands for an error of a proxy. */
export const isThrown = (errno: number): boolean => Math.abs(errno) > MAX_ERRNO;

/** The error that an errno stands for. */
export function takeThrown(errno: number): unknown {
  const key = Math.abs(errno);
  const found = waiting.get(key);
  waiting.delete(key);
  return found === undefined
    ? Object.assign(new Error('a proxy refused the message; its error has been forgotten'), {
        code: 'ERR_PROXY_FORGOTTEN',
      })
    : found.error;
}

/** Forgets the errors that were on their way on a socket. */
export function forgetThrown(on: object): void {
  for (const [key, one] of waiting) if (one.on === on) waiting.delete(key);
}

/** The error that the message of type NLMSG_ERROR stands for whose payload starts at `p`, with the type that it had. */
export function thrownAt(s: Bytes, p: number): { error: Error; type: number } | undefined {
  const errno = s.i32[p >> 2]!;
  if (!isThrown(errno)) return undefined;
  return { error: asError(takeThrown(errno)), type: s.u16[((p + 4) >> 1) + 2]! };
}

/** Any thrown value as an Error. */
export const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason), { cause: reason });
