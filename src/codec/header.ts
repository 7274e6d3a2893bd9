/** The netlink message header: struct nlmsghdr of linux/netlink.h. */
import { type Bytes, LITTLE } from './bytes.js';
import { DecodeError } from './errors.js';
import type { Writer } from './writer.js';

export const NLMSG_HDRLEN = 16;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
/** Types below are the same for all protocols. */
export const NLMSG_MIN_TYPE = 16;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
export const NLM_F_ECHO = 0x8;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP_FILTERED = 0x20;
export const NLM_F_ROOT = 0x100;
export const NLM_F_MATCH = 0x200;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
/** On a DEL request: delete every match (Linux 5.19). The same bit as NLM_F_EXCL. */
export const NLM_F_BULK = 0x200;
/** On NLMSG_ERROR: the request's payload is left out. */
export const NLM_F_CAPPED = 0x100;
/** On NLMSG_ERROR and NLMSG_DONE: attributes of the extended acknowledgement follow. */
export const NLM_F_ACK_TLVS = 0x200;

/** struct nlmsghdr, members without their prefix. */
export interface NlHeader {
  /** Whole message with this header, in bytes, without padding. */
  len: number;
  type: number;
  flags: number;
  seq: number;
  /** Port id of the sender of a request, and of the addressee of a reply. */
  pid: number;
}

/** Reads a header at `p`. Throws DecodeError when it does not fit the `end - p` bytes that are there. */
export function readHeader(s: Bytes, p: number, end: number): NlHeader {
  const len = end - p >= NLMSG_HDRLEN ? s.u32[p >> 2]! : 0;
  if (len < NLMSG_HDRLEN || len > end - p)
    throw new DecodeError({
      path: '',
      type: 0,
      offset: p,
      reason: `message length ${len} does not fit the ${end - p} bytes left`,
    });
  return {
    len,
    type: s.u16[(p >> 1) + 2]!,
    flags: s.u16[(p >> 1) + 3]!,
    seq: s.u32[(p >> 2) + 2]!,
    pid: s.u32[(p >> 2) + 3]!,
  };
}

/** Starts a message; `endMessage` closes it. Returns its place. */
export function beginMessage(w: Writer, type: number, flags: number, seq: number, pid = 0): number {
  w.need(NLMSG_HDRLEN);
  const p = w.pos;
  const { u32 } = w;
  u32[p >> 2] = 0;
  u32[(p >> 2) + 1] = LITTLE ? type | (flags << 16) : (type << 16) | flags;
  u32[(p >> 2) + 2] = seq;
  u32[(p >> 2) + 3] = pid;
  w.pos = p + NLMSG_HDRLEN;
  return p;
}

export function endMessage(w: Writer, p: number): void {
  w.u32[p >> 2] = w.pos - p;
}
