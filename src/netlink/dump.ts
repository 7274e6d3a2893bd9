/** Dumps: a table of the kernel, row after row, on a socket of its own. */
import { align4, Bytes } from '../codec/bytes.js';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from '../codec/header.js';
import type { MessageDef } from '../codec/message.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { receiveArea, receiveMeta, TURN_US } from './area.js';
import { debugging, debugMessage } from './debug.js';
import { EAGAIN, ENOBUFS } from './errno.js';
import { ClosedError, DumpInterruptedError, systemError, TimeoutError } from './errors.js';
import type { RequestOptions } from './pending.js';
import { errorOf } from './refusal.js';
import { isThrown } from './thrown.js';

/** What to do when the table changed during the dump (NLM_F_DUMP_INTR). */
export interface DumpOptions extends RequestOptions {
  /**
   * `'retry'`: dump again, a few times, then throw DumpInterruptedError (default of arrays; streams cannot).
   * `'partial'`: give what came. `'throw'`: throw DumpInterruptedError with what came (default of streams, at their end).
   */
  onInterrupted?: 'retry' | 'partial' | 'throw' | undefined;
}

/** A dump request, ready to be sent. */
export interface DumpRequest {
  op: string;
  def: MessageDef<object>;
  /** The message, with a header whose sequence number is `seq`. */
  bytes: Uint8Array;
  seq: number;
  /** The errno by which the kernel says that there are no rows. */
  none: number | undefined;
  /** Where it is not 0, rows of other families are passed over: their first byte says it, or is 0 where they have none. */
  family: number;
}

/** Sockets for dumps, opened as needed; a few stay open for the next. */
export class DumpPool {
  readonly #idle: Transport[] = [];
  readonly #busy = new Map<Transport, () => void>();
  #closed = false;

  constructor(
    private readonly open: () => Transport,
    private readonly keep = 2,
  ) {}

  /** A socket for one dump; `closed` is called when it is closed under that. */
  take(op: string, closed: () => void): Transport {
    if (this.#closed) throw new ClosedError(op);
    const transport = this.#idle.pop() ?? this.open();
    this.#busy.set(transport, closed);
    return transport;
  }

  /** Gives a socket back; one whose dump was not read to its end is closed, which ends the dump. */
  give(transport: Transport, clean: boolean): void {
    this.#busy.delete(transport);
    if (clean && !this.#closed && this.#idle.length < this.keep) {
      transport.watch(null);
      transport.unref();
      this.#idle.push(transport);
    } else transport.close();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Has the dumps to come take new sockets. */
  renew(): void {
    for (const transport of this.#idle.splice(0)) transport.close();
  }

  close(): void {
    this.#closed = true;
    for (const transport of [...this.#idle, ...this.#busy.keys()]) transport.close();
    // A closed socket reports nothing any more, so that who waits for it must be told.
    for (const closed of [...this.#busy.values()]) closed();
    this.#idle.length = 0;
  }
}

/** Takes the message of `n` bytes at `p`. */
export type RowSink = (s: Bytes, p: number, n: number, type: number) => void;

/** One dump under way. Each `turn` receives and hands rows to the sink; it yields to the event loop in between. */
export class Dump {
  readonly #transport: Transport;
  #started = false;
  #ended = false;
  #clean = false;
  /** Whether no datagram was cut. */
  #whole = true;
  /** The table changed meanwhile. */
  interrupted = false;
  /** Runs when a turn's rows were handed on, and before anything else may receive into the same area. */
  turned: (() => void) | undefined;
  /** Whether rows may be kept: then they are in a copy of their datagram, else in memory that the next turn fills. */
  lasting = false;
  #wake: (() => void) | undefined;
  #stop: unknown;
  /** What the kernel refused it with, for `turn` to put its stack in. */
  #refusal: Error | undefined;
  readonly #onAbort: (() => void) | undefined;

  constructor(
    private readonly pool: DumpPool,
    private readonly request: DumpRequest,
    private readonly sink: RowSink,
    private readonly options: RequestOptions,
    private readonly timeout: number,
    /** Room of the receive area that a turn leaves free. */
    private readonly reserve: number,
  ) {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#transport = pool.take(request.op, () => this.#wake?.());
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.#stop = signal.reason;
        this.#wake?.();
      };
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** One turn; resolves to whether there may be more. Throws what ended the dump. */
  async turn(): Promise<boolean> {
    if (this.#ended) return false;
    try {
      if (this.#started) await new Promise(setImmediate);
      this.#check();
      const { u8 } = receiveArea();
      let sent = 0;
      if (this.#started) this.#transport.receive(u8, receiveMeta, this.reserve, TURN_US);
      else {
        this.#started = true;
        debugMessage('>', this.#transport.protocol, this.request.bytes);
        sent = this.#transport.exchange(this.request.bytes, u8, receiveMeta, this.reserve, TURN_US);
      }
      // A proxy may have closed the socket, or given the call up: a closed transport reports nothing any more.
      this.#check();
      if (sent < 0) throw systemError('sendmsg', sent);
      const why = receiveMeta[0]!;
      const ended = this.#rows();
      this.turned?.();
      if (ended) {
        this.#clean = this.#whole;
        this.end();
        return false;
      }
      if (why === EAGAIN) await this.#readable();
      else if (why !== 0 && why !== ENOBUFS) throw systemError('recvmsg', why);
      return true;
    } catch (error) {
      this.end();
      if (this.#refusal !== undefined) Error.captureStackTrace(this.#refusal, this.turn);
      throw error;
    }
  }

  #check(): void {
    if (this.#stop !== undefined) throw this.#stop;
    if (this.pool.closed) throw new ClosedError(this.request.op);
  }

  #readable(): Promise<void> {
    const ms = this.options.timeout ?? this.timeout;
    return new Promise((resolve, reject) => {
      const timer =
        ms > 0 ? setTimeout(() => done(() => reject(new TimeoutError(this.request.op, ms))), ms) : undefined;
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.#wake = undefined;
        if (!this.pool.closed) {
          this.#transport.watch(null);
          this.#transport.unref();
        }
        settle();
      };
      this.#wake = () => done(resolve);
      this.#transport.watch(() => done(resolve));
      this.#transport.ref();
    });
  }

  /** Hands on the rows in the receive area; returns whether the dump has ended. */
  #rows(): boolean {
    const s = receiveArea();
    const count = receiveMeta[1]!;
    for (let i = 0, m = META_HEAD; i < count; i++, m += META_STRIDE) {
      if (receiveMeta[m + 2] !== 0) continue;
      const p = receiveMeta[m]!;
      const end = p + receiveMeta[m + 1]!;
      const there = Math.min(end, s.u8.length);
      const last = this.lasting
        ? this.#datagram(new Bytes(s.u8.slice(p, there)), 0, there - p)
        : this.#datagram(s, p, there);
      if (last) return true;
      if (end > s.u8.length) return this.#cut();
    }
    return false;
  }

  /** The same of one datagram. */
  #datagram(s: Bytes, start: number, end: number): boolean {
    const { u8, u16, u32 } = s;
    const { seq, family } = this.request;
    let p = start;
    while (end - p >= NLMSG_HDRLEN) {
      const len = u32[p >> 2]!;
      if (len < NLMSG_HDRLEN || len > end - p) return this.#cut();
      if (u32[(p >> 2) + 2] === seq) {
        const type = u16[(p >> 1) + 2]!;
        const flags = u16[(p >> 1) + 3]!;
        if (debugging) debugMessage('<', this.#transport.protocol, s.u8, p, len);
        if (flags & NLM_F_DUMP_INTR) this.interrupted = true;
        if (type >= 16) {
          const found = family === 0 ? 0 : u8[p + NLMSG_HDRLEN];
          // Through `call` the engine compiles what reads rows once, by itself, and not into this loop once more.
          if (found === family || found === 0) this.sink.call(undefined, s, p + NLMSG_HDRLEN, len - NLMSG_HDRLEN, type);
        } else if (type === NLMSG_DONE || type === NLMSG_ERROR) return this.#done(s, p, len, flags);
      }
      p += align4(len);
    }
    return end - p > 0 && this.#cut();
  }

  /** A datagram is not whole: what is missing is in no other, and that may be the end. */
  #cut(): true {
    this.interrupted = true;
    this.#whole = false;
    return true;
  }

  /** The last word of the kernel; throws when it is a refusal. */
  #done(s: Bytes, p: number, len: number, flags: number): true {
    const errno = len >= NLMSG_HDRLEN + 4 ? s.i32[(p + NLMSG_HDRLEN) >> 2]! : 0;
    if (errno === 0 || -errno === this.request.none) return true;
    // After an error of a proxy there are rows to come.
    this.#clean = !isThrown(errno);
    const error = errorOf(this.request, s, p + NLMSG_HDRLEN, p + len, flags, Math.abs(errno));
    if (!isThrown(errno)) this.#refusal = error;
    throw error;
  }

  /** Ends the dump, whether it was read to its end or not. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#onAbort !== undefined) this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.pool.give(this.#transport, this.#clean);
  }
}

const TRIES = 6;

/** Makes a dump; called again for each new try. */
export type StartDump = (sink: RowSink) => Dump;

/**
 * Runs a dump to its end, again when it was interrupted and that is wanted. `begin` starts a try's collection; its
 * `turned` runs at the end of each turn (Dump.turned), when code of the program may use the receive area.
 */
export async function collect<R extends { length: number }>(
  op: string,
  start: StartDump,
  begin: () => { sink: RowSink; turned?: () => void; rows: () => R },
  options: DumpOptions,
): Promise<R> {
  const policy = options.onInterrupted ?? 'retry';
  for (let attempt = 1; ; attempt++) {
    const { sink, turned, rows } = begin();
    const dump = start(sink);
    dump.turned = turned;
    try {
      for (let more = true; more; ) more = await dump.turn();
    } finally {
      dump.end();
    }
    if (!dump.interrupted || policy === 'partial') return rows();
    if (policy === 'throw' || attempt === TRIES) throw new DumpInterruptedError(op, rows());
    // What changes the table needs a moment; a random one, so that two programs do not keep step.
    await new Promise((resolve) => setTimeout(resolve, attempt * 2 * (1 + Math.random())));
  }
}
