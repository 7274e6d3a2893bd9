/** Many messages in few system calls. */
import { NLM_F_ACK, NLM_F_CAPPED } from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import { BatchError, type BatchResult, ClosedError, OutcomeUnknownError } from './errors.js';
import { extAckStart, readExtAck } from './extack.js';
import { checkOptions, Pending, type Reply, type RequestOptions } from './pending.js';
import { refusal } from './refusal.js';
import { type NetlinkSocket, type Outgoing, writeMessage } from './socket.js';

export interface BatchOptions extends RequestOptions {
  /** Resolve with the results even when some messages failed, instead of throwing BatchError. */
  partial?: boolean | undefined;
  /**
   * `'last'` (default): the kernel acknowledges the last message of each portion and reports every failure: the fastest.
   * `'each'`: it acknowledges every message, so that warnings are not lost.
   */
  acks?: 'last' | 'each' | undefined;
}

/** Room in the receive buffer that one acknowledgement or refusal takes: an skb of its own, with the kernel's words. */
const ACK_ROOM = 1280;
/** Bytes of one send; a socket's send buffer holds more. */
const SEND_MAX = 96 << 10;
/** Milliseconds after which a long batch lets the event loop run. */
const TURN_MS = 5;
/** The kernel passes over a message of this type. */
const NLMSG_NOOP = 1;

/** What became of the messages `[from, to)` of a batch, sent together. Their numbers follow one another. */
class Portion extends Pending<void> {
  constructor(
    private readonly batch: Collected,
    private readonly from: number,
    to: number,
    first: number,
    private readonly outcome: BatchOutcome,
  ) {
    const { op, def } = batch.outs[to - 1]!;
    super(op, batch.w.u8.subarray(batch.starts[from]!, batch.starts[to] ?? batch.w.pos), def, true, false);
    this.first = first;
    this.seq = first + to - from - 1;
  }

  override part(seq: number, error: Reply): void {
    const i = this.from + seq - this.first;
    const { starts, w, outs } = this.batch;
    const result = this.outcome.results[i]!;
    const { s, p, end, flags, errno } = error;
    if (errno === 0) {
      const { msg } = readExtAck(s, extAckStart(s, p, (flags & NLM_F_CAPPED) !== 0), end);
      if (msg !== undefined) this.outcome.warnings.push(msg);
    } else
      result.error = refusal(
        { ...outs[i]!, bytes: w.u8.slice(starts[i]!, starts[i + 1] ?? w.pos), seq },
        s,
        p,
        end,
        flags,
        errno,
      );
  }

  override data(): boolean {
    return false;
  }

  override end(): void {
    this.resolve();
  }
}

/** What is kept of a request. Not the request itself, which would keep what the caller gave for as long as the batch lives. */
type Kept = Pick<Outgoing, 'op' | 'def' | 'renames'>;

/** Messages that were written one after the other. */
interface Collected {
  w: Writer;
  starts: number[];
  outs: Kept[];
}

export interface BatchOutcome {
  /** One result a message, in order. */
  results: BatchResult[];
  warnings: string[];
}

/** Any thrown value as an Error. */
const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason), { cause: reason });

/**
 * Collects messages and sends many of them at a time. Each is checked when it is added: bad input throws there, and
 * nothing is sent before `commit`. A message that the kernel refuses does not keep the others from being carried out.
 */
export class MessageBatch {
  #w = new Writer(4096);
  #starts: number[] = [];
  #outs: Kept[] = [];
  readonly #socket: NetlinkSocket;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /** Number of messages collected. */
  get length(): number {
    return this.#starts.length;
  }

  /** Adds any request. */
  add(out: Outgoing): this {
    const w = this.#w;
    const mark = w.mark();
    try {
      writeMessage(w, out, 0, 0);
    } catch (error) {
      w.back(mark);
      throw error;
    }
    this.#starts.push(mark.pos);
    const last = this.#outs[this.#outs.length - 1];
    const { op, def, renames } = out;
    this.#outs.push(last?.op === op && last.def === def && last.renames === renames ? last : { op, def, renames });
    return this;
  }

  /**
   * Sends everything and empties the batch. Throws BatchError when a message failed, unless `partial`. What ends the
   * call in the middle (an abort, a timeout, `close`) is the error of the messages that were not sent, and the `cause`
   * of the BatchError; before anything was sent it is thrown itself.
   */
  async commit(options: BatchOptions = {}): Promise<BatchOutcome> {
    checkOptions(options);
    const batch: Collected = { w: this.#w, starts: this.#starts, outs: this.#outs };
    this.#w = new Writer(4096);
    this.#starts = [];
    this.#outs = [];
    const outcome: BatchOutcome = { results: batch.outs.map(({ op }) => ({ op, error: null })), warnings: [] };
    const run = new Run(this.#socket, batch, outcome, options);
    let cause: unknown;
    try {
      await run.all();
    } catch (reason) {
      if (run.sent === 0) throw reason;
      cause = reason;
      const error = asError(reason);
      for (let i = run.sent; i < outcome.results.length; i++) outcome.results[i]!.error ??= error;
    } finally {
      run.release();
    }
    if (!options.partial && outcome.results.some(({ error }) => error !== null))
      throw new BatchError(outcome.results, cause);
    return outcome;
  }
}

/** One commit. */
class Run {
  /** Messages that were sent, or failed before. */
  sent = 0;
  #known = new Map<string, number>();
  /** Place in the writer's lists up to which names are looked up. */
  #at = 0;
  #opened: (() => void)[] = [];

  constructor(
    private readonly socket: NetlinkSocket,
    private readonly batch: Collected,
    private readonly outcome: BatchOutcome,
    private readonly options: BatchOptions,
  ) {}

  async all(): Promise<void> {
    const { starts } = this.batch;
    let turn = performance.now() + TURN_MS;
    while (this.sent < starts.length) {
      const from = this.sent;
      const to = await this.#portion(from);
      this.options.signal?.throwIfAborted();
      if (this.socket.closed) throw new ClosedError(this.batch.outs[from]!.op);
      try {
        const answered = this.#send(from, to);
        this.sent = to;
        await answered;
      } catch (error) {
        this.#unanswered(from, to, error);
        if (!(error instanceof OutcomeUnknownError)) throw error;
      }
      this.release();
      if (performance.now() > turn) {
        await new Promise(setImmediate);
        turn = performance.now() + TURN_MS;
      }
    }
  }

  release(): void {
    for (const close of this.#opened.splice(0)) close();
  }

  /** Looks up the names in the messages that are sent next, and returns where they end. */
  async #portion(from: number): Promise<number> {
    const { starts, w, outs } = this.batch;
    const most = Math.max(1, Math.floor(this.socket.rcvbuf / ACK_ROOM));
    const bytes = (to: number) => (starts[to + 1] ?? w.pos) - starts[from]!;
    let renamed = false;
    let to = from;
    for (; to < starts.length && to - from < most && (to === from || bytes(to) <= SEND_MAX); to++) {
      const end = starts[to + 1] ?? w.pos;
      if (this.#at < w.references.length && w.references[this.#at]!.p < end) {
        // A name may be that of a link which an earlier message makes.
        if (renamed) break;
        await this.#lookUp(to, end);
      }
      if (outs[to]!.renames === true) {
        renamed = true;
        this.#known.clear();
      }
    }
    return to;
  }

  /** Puts in what message `i` has by name; where there is no such thing the message is not carried out. */
  async #lookUp(i: number, end: number): Promise<void> {
    const { starts, w } = this.batch;
    for (; this.#at < w.references.length && w.references[this.#at]!.p < end; this.#at++) {
      const result = this.outcome.results[i]!;
      if (result.error !== null) continue;
      const missing = await this.socket.resolve(w, w.references[this.#at]!, this.#known, this.#opened, this.options);
      if (missing === undefined) continue;
      result.error = missing;
      w.u16[(starts[i]! >> 1) + 2] = NLMSG_NOOP;
    }
  }

  /** Sends the messages `[from, to)`; resolves when the fate of each is known. */
  #send(from: number, to: number): Promise<void> {
    const { session } = this.socket;
    const { w, starts } = this.batch;
    const first = session.takeSeqs(to - from);
    const each = this.options.acks === 'each';
    for (let i = from; i < to; i++) {
      const at = starts[i]!;
      if (each || i === to - 1) w.u16[(at >> 1) + 3]! |= NLM_F_ACK;
      w.u32[(at >> 2) + 2] = first + i - from;
    }
    return session.submit(new Portion(this.batch, from, to, first, this.outcome), this.options);
  }

  /** Of messages that were sent and not answered nobody knows whether they were carried out. */
  #unanswered(from: number, to: number, reason: unknown): void {
    const unsent = (reason as NodeJS.ErrnoException | undefined)?.syscall === 'sendmsg';
    const { results } = this.outcome;
    for (let i = from; i < to; i++)
      results[i]!.error ??= unsent
        ? (reason as Error)
        : reason instanceof OutcomeUnknownError
          ? reason
          : new OutcomeUnknownError(results[i]!.op, 'the call ended before');
    if (unsent) this.sent = from;
  }
}
