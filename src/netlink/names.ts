/** Which message a type number of a protocol is, for NLDEBUG and for traces; the messages that are loaded tell. */
import type { Bytes } from '../codec/bytes.js';
import type { MessageDef } from '../codec/message.js';

/** Finds the message of a type whose payload starts at `p`; `seq` tells an answer from a notification, which has 0. */
export type Lookup = (
  type: number,
  s: Bytes,
  p: number,
  seq: number,
  sent: boolean,
) => { op: string; def: MessageDef<object> } | undefined;

const lookups = new Map<number, Lookup>();

/** Sets the lookup of a protocol. */
export function nameMessages(protocol: number, find: Lookup): void {
  lookups.set(protocol, find);
}

/** The message of a protocol, as its lookup finds it. */
export const namedMessage = (protocol: number, ...of: Parameters<Lookup>): ReturnType<Lookup> =>
  lookups.get(protocol)?.(...of);
