/** Messages as programs see them that work with the socket itself. */
import type { Bytes } from '../codec/bytes.js';
import type { MessageDef } from '../codec/message.js';
import { Pending } from './pending.js';

/** What the netlink header said. */
export interface MessageHeader {
  /** Number of the message's type. */
  type: number;
  /** NLM_F_* bits. */
  flags: number;
  seq: number;
  /** Port id of whoever caused the message, 0 for the kernel itself. */
  pid: number;
}

/** A message of any type: decoded where there is a table for it, else as bytes. */
export interface NetlinkMessage {
  /** Kernel's name of the type, or `type N`. */
  op: string;
  header: MessageHeader;
  /** The decoded message; undefined when there is no table for the type. */
  value: Record<string, unknown> | undefined;
  /** The payload, when there is no table for the type. */
  data?: Uint8Array;
}

/**
 * Finds the table of a message by its type; where that is not enough, by its payload, which starts at `p`. `seq` tells
 * an answer from a notification, which has 0.
 */
export type FindMessage = (
  type: number,
  s: Bytes,
  p: number,
  seq: number,
) => { op: string; def: MessageDef } | undefined;

/** The message of `n` bytes of payload at `p`. */
export function readMessage(find: FindMessage, s: Bytes, p: number, n: number, header: MessageHeader): NetlinkMessage {
  const known = find(header.type, s, p, header.seq);
  if (known === undefined) return { op: `type ${header.type}`, header, value: undefined, data: s.u8.slice(p, p + n) };
  return { op: known.op, header, value: known.def.read(s, p, n) as Record<string, unknown> };
}

/** All messages of an answer: `nlmRequest`, `put` and `get`. */
export class Collect extends Pending<NetlinkMessage[]> {
  readonly #messages: NetlinkMessage[] = [];
  readonly #find: FindMessage;
  readonly #acked: boolean;

  constructor(
    op: string,
    bytes: Uint8Array,
    def: MessageDef | undefined,
    find: FindMessage,
    writes: boolean,
    wantsData: boolean,
    acked: boolean,
  ) {
    super(op, bytes, def, writes, wantsData);
    this.#find = find;
    this.#acked = acked;
  }

  override data(s: Bytes, p: number, n: number, type: number, flags: number): boolean {
    this.#messages.push(readMessage(this.#find, s, p, n, { type, flags, seq: this.seq, pid: 0 }));
    // An answer of one message ends with it, unless an acknowledgement was asked for.
    if ((flags & 2) !== 0 || this.#acked) return false;
    this.resolve(this.#messages);
    return true;
  }

  override again(): void {
    this.#messages.length = 0;
  }

  override end(): void {
    this.resolve(this.#messages);
  }
}
