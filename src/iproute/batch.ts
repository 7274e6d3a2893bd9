/** Many changes in few system calls. */
import { NLM_F_ACK, NLM_F_CAPPED } from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import { BatchError, type BatchResult, OutcomeUnknownError } from '../netlink/errors.js';
import { extAckStart, readExtAck } from '../netlink/extack.js';
import { checkOptions, Pending, type Reply, type RequestOptions } from '../netlink/pending.js';
import { refusal } from '../netlink/refusal.js';
import { type NetlinkSocket, type Outgoing, writeMessage } from '../netlink/socket.js';
import { type AddrChange, type AddrSpec, addrRequest } from './addr.js';
import { closeAll, type LinkArgument, type LinkChange, linkRequest, type Opened } from './link.js';
import { type RouteChange, type RouteSpec, routeRequest } from './route.js';

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

/** Messages that were written one after the other. */
interface Collected {
  w: Writer;
  starts: number[];
  outs: { op: string; def: Outgoing['def'] }[];
}

export interface BatchOutcome {
  /** One result a message, in order. */
  results: BatchResult[];
  warnings: string[];
}

/**
 * Collects changes and sends many of them at a time. Each is checked when it is added: bad input throws there, and
 * nothing is sent before `commit`. A message that the kernel refuses does not keep the others from being carried out.
 */
export class Batch {
  #w = new Writer(4096);
  #starts: number[] = [];
  #outs: { op: string; def: Outgoing['def'] }[] = [];
  readonly #opened: Opened = [];
  readonly #socket: NetlinkSocket;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /** Number of messages collected. */
  get length(): number {
    return this.#starts.length;
  }

  link<C extends LinkChange>(cmd: C, spec: LinkArgument<C>): this {
    const before = this.#opened.length;
    try {
      return this.add(linkRequest(cmd, spec, this.#opened));
    } catch (error) {
      closeAll(this.#opened.splice(before));
      throw error;
    }
  }

  addr(cmd: AddrChange, spec: AddrSpec): this {
    return this.add(addrRequest(cmd, spec));
  }

  route(cmd: RouteChange, spec: RouteSpec): this {
    return this.add(routeRequest(cmd, spec));
  }

  /** Adds any request. */
  add(out: Outgoing): this {
    const w = this.#w;
    const start = w.pos;
    const named = w.names.length;
    try {
      writeMessage(w, out, 0, 0);
    } catch (error) {
      w.pos = start;
      w.names.length = named;
      throw error;
    }
    this.#starts.push(start);
    // Not the request itself, which would keep what the caller gave for as long as the batch lives.
    const last = this.#outs[this.#outs.length - 1];
    const { op, def } = out;
    this.#outs.push(last !== undefined && last.op === op && last.def === def ? last : { op, def });
    return this;
  }

  /** Sends everything and empties the batch. Throws BatchError when a message failed, unless `partial`. */
  async commit(options: BatchOptions = {}): Promise<BatchOutcome> {
    checkOptions(options);
    const batch: Collected = { w: this.#w, starts: this.#starts, outs: this.#outs };
    this.#w = new Writer(4096);
    this.#starts = [];
    this.#outs = [];
    // What is added from now on belongs to the next commit, and so do its descriptors.
    const opened = this.#opened.splice(0);
    try {
      await this.#socket.resolveNames(batch.w, options);
      const outcome = await this.#send(batch, options);
      if (!options.partial && outcome.results.some(({ error }) => error !== null))
        throw new BatchError(outcome.results);
      return outcome;
    } finally {
      closeAll(opened);
    }
  }

  async #send(batch: Collected, options: BatchOptions): Promise<BatchOutcome> {
    const { starts, outs, w } = batch;
    const outcome: BatchOutcome = { results: outs.map(({ op }) => ({ op, error: null })), warnings: [] };
    const most = Math.max(1, Math.floor(this.#socket.rcvbuf / ACK_ROOM));
    let turn = performance.now() + TURN_MS;
    for (let from = 0; from < starts.length; ) {
      let to = from + 1;
      while (to < starts.length && to - from < most && (starts[to + 1] ?? w.pos) - starts[from]! <= SEND_MAX) to++;
      try {
        await this.#portion(batch, from, to, outcome, options);
      } catch (error) {
        if (!(error instanceof OutcomeUnknownError)) throw error;
        for (let i = from; i < to; i++) outcome.results[i]!.error ??= error;
      }
      from = to;
      if (performance.now() > turn) {
        await new Promise(setImmediate);
        turn = performance.now() + TURN_MS;
      }
    }
    return outcome;
  }

  /** Sends the messages `[from, to)` and waits until the fate of each is known. */
  #portion(batch: Collected, from: number, to: number, outcome: BatchOutcome, options: BatchOptions): Promise<void> {
    const { session } = this.#socket;
    const { w, starts } = batch;
    const first = session.takeSeqs(to - from);
    const each = options.acks === 'each';
    for (let i = from; i < to; i++) {
      const at = starts[i]!;
      if (each || i === to - 1) w.u16[(at >> 1) + 3]! |= NLM_F_ACK;
      w.u32[(at >> 2) + 2] = first + i - from;
    }
    return session.submit(new Portion(batch, from, to, first, outcome), options);
  }
}
