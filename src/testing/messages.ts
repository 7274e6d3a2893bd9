/** Datagrams in messages, and answers to requests as a whole. */
import { LITTLE } from '../codec/bytes.js';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_ERROR } from '../codec/header.js';
import type { Refusal } from './errno.js';
import type { FakeSocket } from './socket.js';
import { message, type Request, viewOf } from './wire.js';

/** The messages of a datagram; what is cut off at its end is left out. */
export function split(data: Uint8Array): Uint8Array[] {
  const view = viewOf(data);
  const list: Uint8Array[] = [];
  for (let p = 0; p + 16 <= data.length; ) {
    const length = view.getUint32(p, LITTLE);
    if (length < 16 || p + length > data.length) break;
    list.push(data.subarray(p, p + length));
    p += (length + 3) & ~3;
  }
  return list;
}

/** The acknowledgement of a request, or its refusal. */
export function acknowledgement(socket: FakeSocket, request: Request, refusal: Refusal | undefined): Uint8Array {
  const errno = refusal?.errno ?? 0;
  const capped = errno === 0 || socket.capped;
  const { words, offset, missing } = refusal ?? {};
  const told = socket.extended && (words !== undefined || offset !== undefined || missing !== undefined);
  const flags = (capped ? NLM_F_CAPPED : 0) | (told ? NLM_F_ACK_TLVS : 0);
  return message(NLMSG_ERROR, flags, { seq: request.seq, port: socket.portid }, (m) => {
    m.head([4, -errno]);
    m.w.append(capped ? request.bytes.subarray(0, 16) : request.bytes);
    if (!told) return;
    if (words !== undefined) m.str(1, words);
    if (offset !== undefined) m.u32(2, offset);
    if (missing !== undefined) m.u32(5, missing);
  });
}
