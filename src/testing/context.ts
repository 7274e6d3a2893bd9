/** What a handler of requests works with, and how handlers and dumps are declared. */
import { E, refuse } from './errno.js';
import type { Marked, Namespace } from './namespace.js';
import { AF_INET, AF_INET6, NLM } from './numbers.js';
import type { FakeSocket } from './socket.js';
import { type Cause, type Fill, message, type Request } from './wire.js';

export class Context {
  /** The request as the cause of what follows. */
  readonly cause: Cause;

  constructor(
    readonly ns: Namespace,
    readonly socket: FakeSocket,
    readonly request: Request,
  ) {
    this.cause = { seq: request.seq, port: socket.portid };
  }

  /** Answers with an object. */
  reply(type: number, fill: Fill, flags = 0): void {
    this.socket.answer(message(type, flags, this.cause, fill));
  }

  /** Tells a group what the request did, and who asked, if it wants to know (NLM_F_ECHO). */
  announce(group: number, type: number, fill: Fill, flags = 0): void {
    const data = message(type, flags, this.cause, fill);
    const echo = this.request.has(NLM.ECHO);
    const listening = [...this.ns.sockets].filter((s) => s.groups.has(group) && !(echo && s === this.socket));
    const lost = listening.length > 0 && this.ns.kernel.losesEvent(data);
    for (const socket of listening) socket.notify(data, lost);
    if (echo) this.socket.answer(data);
  }
}

export type Handler = (c: Context) => void;

/** The handler of a request by the family that its first byte says. */
export const byFamily =
  (four: Handler, six: Handler): Handler =>
  (c) => {
    const family = c.request.h8(0);
    if (family === AF_INET) four(c);
    else if (family === AF_INET6) six(c);
    else refuse(E.OPNOTSUPP);
  };

/** A row of a dump. */
export interface DumpRow {
  type: number;
  fill: Fill;
  /** What stays the same of the row, however the table changes: a dump goes on behind it. */
  id?: readonly number[];
}

export interface Dump {
  /** The rows as they are now: asked for each datagram again, as the kernel goes on in a table that may have changed. */
  rows(): DumpRow[];
  /** The table, where the kernel marks dumps that it changed under. */
  marked?: Marked | undefined;
  /** Flags of rows, and of the end, besides NLM_F_MULTI. */
  rowFlags?: number | undefined;
  doneFlags?: number | undefined;
  /** Error and words at the end. */
  done?: { errno: number; words?: string | undefined } | undefined;
}

export interface Handlers {
  /** One object, or a change. */
  one?: Handler;
  /** All objects. */
  dump?: (c: Context) => Dump;
}
