/** Whole messages as bytes, and their headers. */
import { align4, LITTLE } from '../codec/bytes.js';
import {
  beginMessage,
  endMessage,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
} from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import type { MessageHeader } from './message.js';

const NLMSGERR_ATTR_COOKIE = 3;

const viewOf = (message: Uint8Array): DataView => new DataView(message.buffer, message.byteOffset, message.byteLength);

export const typeOf = (message: Uint8Array): number => viewOf(message).getUint16(4, LITTLE);
export const flagsOf = (message: Uint8Array): number => viewOf(message).getUint16(6, LITTLE);
export const seqOf = (message: Uint8Array): number => viewOf(message).getUint32(8, LITTLE);
export const pidOf = (message: Uint8Array): number => viewOf(message).getUint32(12, LITTLE);

/** Length of the message that starts at `p`, or 0 when there is no whole one. */
export function lengthAt(data: Uint8Array, p: number): number {
  if (data.length - p < NLMSG_HDRLEN) return 0;
  const length = viewOf(data).getUint32(p, LITTLE);
  return length < NLMSG_HDRLEN || length > data.length - p ? 0 : length;
}

/** The messages of a datagram, without their padding; what is no whole message at its end is left out. */
export function messagesOf(data: Uint8Array): Uint8Array[] {
  const list: Uint8Array[] = [];
  for (let p = 0, length = lengthAt(data, 0); length > 0; p += align4(length), length = lengthAt(data, p))
    list.push(data.subarray(p, p + length));
  return list;
}

/** The messages that `data` consists of; undefined when there is something else in it. */
export function onlyWhole(data: Uint8Array): Uint8Array[] | undefined {
  const list = messagesOf(data);
  const end = list.reduce((sum, { length }) => align4(sum) + length, 0);
  return data.length <= align4(end) ? list : undefined;
}

/** The errno in a NLMSG_ERROR or NLMSG_DONE; undefined where there is no room for one. */
export const errnoOf = (message: Uint8Array): number | undefined =>
  message.length < NLMSG_HDRLEN + 4 ? undefined : viewOf(message).getInt32(NLMSG_HDRLEN, LITTLE);

/** Messages as one datagram. */
export function joined(messages: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(messages.reduce((sum, { length }) => align4(sum) + length, 0));
  let p = 0;
  for (const message of messages) {
    data.set(message, p);
    p += align4(message.length);
  }
  return data;
}

/** A copy of a message with another number and port, and `set` and `clear` of its flags. */
export function readdressed(message: Uint8Array, seq: number, pid: number, set = 0, clear = 0): Uint8Array {
  const copy = message.slice();
  const view = viewOf(copy);
  view.setUint16(6, (view.getUint16(6, LITTLE) & ~clear) | set, LITTLE);
  view.setUint32(8, seq, LITTLE);
  view.setUint32(12, pid, LITTLE);
  return copy;
}

/** An acknowledgement with a cookie (NLMSGERR_ATTR_COOKIE). */
export function acknowledged({ type, flags, seq, pid }: MessageHeader, cookie: Uint8Array): Uint8Array {
  const w = new Writer(64);
  const p = beginMessage(w, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, seq, pid);
  w.append(new Uint8Array(4));
  const request = beginMessage(w, type, flags, seq, pid);
  endMessage(w, request);
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint16(0, 4 + cookie.length, LITTLE);
  new DataView(header.buffer).setUint16(2, NLMSGERR_ATTR_COOKIE, LITTLE);
  w.append(header);
  w.append(cookie);
  endMessage(w, p);
  return w.bytes();
}

/** An acknowledgement of a request, or with `dump` the end of a list. */
export function lastWord(request: Uint8Array, pid: number, dump: boolean): Uint8Array {
  const bytes = new Uint8Array(NLMSG_HDRLEN + 4 + (dump ? 0 : NLMSG_HDRLEN));
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, LITTLE);
  view.setUint16(4, dump ? NLMSG_DONE : NLMSG_ERROR, LITTLE);
  view.setUint16(6, dump ? NLM_F_MULTI : NLM_F_CAPPED, LITTLE);
  view.setUint32(8, seqOf(request), LITTLE);
  view.setUint32(12, pid, LITTLE);
  if (!dump) bytes.set(request.subarray(0, NLMSG_HDRLEN), NLMSG_HDRLEN + 4);
  return bytes;
}
