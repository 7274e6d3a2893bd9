/** Many messages in few system calls. */
import { NLM_F_ACK, NLM_F_CAPPED } from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import { BatchError, type BatchResult, ClosedError, OutcomeUnknownError } from './errors.js';
import { extAckStart, readExtAck } from './extack.js';
import { checkOptions, Pending, type Reply, type RequestOptions } from './pending.js';
import { errorOf } from './refusal.js';
import { type NetlinkSocket, type Outgoing, writeMessage } from './socket.js';
import { asError } from './thrown.js';

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
/** The kernel passes over a message of this type. */
const NLMSG_NOOP = 1;

/** Results of messages that nothing is said against yet. Those of one kind share theirs: most messages are taken. */
function successes(outs: readonly Kept[]): BatchResult[] {
  let last: BatchResult | undefined;
  return outs.map(({ op }) => {
    if (last?.op !== op) last = Object.freeze({ op, error: null });
    return last;
  });
}

/** Notes what is wrong with a message; the first word counts. */
function fail(results: BatchResult[], i: number, error: Error): void {
  const { op, error: before } = results[i]!;
  if (before === null) results[i] = { op, error };
}

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
    super(op, batch.w.u8.subarray(batch.starts[from]!, batch.starts[to]!), def, true, false);
    this.first = first;
    this.seq = first + to - from - 1;
  }

  override part(seq: number, error: Reply): void {
    const i = this.from + seq - this.first;
    const { starts, w, outs } = this.batch;
    const { s, p, end, flags, errno } = error;
    if (errno === 0) {
      const { msg } = readExtAck(s, extAckStart(s, p, (flags & NLM_F_CAPPED) !== 0), end);
      if (msg !== undefined) this.outcome.warnings.push(msg);
    } else
      fail(
        this.outcome.results,
        i,
        errorOf({ ...outs[i]!, bytes: w.u8.slice(starts[i]!, starts[i + 1]!), seq }, s, p, end, flags, errno),
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
  /** Where each starts, and where the last ends. */
  starts: number[];
  outs: Kept[];
}

export interface BatchOutcome {
  /** One result a message, in order. */
  results: BatchResult[];
  warnings: string[];
}

/**
 * Collects messages and sends many of them at a time. Each is checked when it is added: bad input throws there, and
 * nothing is sent before `commit`. A message that the kernel refuses does not keep the others from being carried out.
 */
export class MessageBatch {
  #w: Writer | undefined;
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
    if (out.outside === true) this.#socket.arm();
    this.#w ??= takeWriter();
    const w = this.#w;
    const start = w.pos;
    const references = w.references.length;
    try {
      writeMessage(w, out, 0, 0);
    } catch (error) {
      w.back(start, references);
      throw error;
    }
    this.#starts.push(start);
    const last = this.#outs[this.#outs.length - 1];
    const { op, def, renames } = out;
    this.#outs.push(last?.op === op && last.def === def && last.renames === renames ? last : { op, def, renames });
    return this;
  }

  /** Takes back what was not sent, unless others were added meanwhile. */
  #restore({ w, starts, outs }: Collected): void {
    if (this.#outs.length > 0) return;
    starts.pop();
    this.#w = w;
    this.#starts = starts;
    this.#outs = outs;
  }

  /**
   * Sends everything and empties the batch; what could not be sent at all stays in it. Throws BatchError when a message failed, unless `partial`. What ends the
   * call in the middle (an abort, a timeout, `close`) is the error of the messages that were not sent, and the `cause`
   * of the BatchError; before anything was sent it is thrown itself.
   */
  async commit(options: BatchOptions = {}): Promise<BatchOutcome> {
    checkOptions(options);
    const batch: Collected = { w: this.#w ?? new Writer(0), starts: this.#starts, outs: this.#outs };
    batch.starts.push(batch.w.pos);
    this.#w = undefined;
    this.#starts = [];
    this.#outs = [];
    const outcome: BatchOutcome = { results: successes(batch.outs), warnings: [] };
    const run = new Run(this.#socket, batch, outcome, options);
    let cause: unknown;
    try {
      await run.all();
      if (run.answered) giveWriter(batch.w);
    } catch (reason) {
      if (run.sent === 0) {
        this.#restore(batch);
        throw reason;
      }
      cause = reason;
      const error = asError(reason);
      for (let i = run.sent; i < outcome.results.length; i++) fail(outcome.results, i, error);
    } finally {
      run.release();
    }
    if (!options.partial && outcome.results.some(({ error }) => error !== null))
      throw new BatchError(outcome.results, cause);
    return outcome;
  }
}

/** A writer that the last batch needed no more: the memory of a large one takes longer to get than to fill. */
let spare: Writer | undefined;
const SPARE_MAX = 1 << 20;

function takeWriter(): Writer {
  const w = spare ?? new Writer(4096);
  spare = undefined;
  return w;
}

function giveWriter(w: Writer): void {
  if (w.u8.length > SPARE_MAX) return;
  w.reset();
  spare = w;
}

/** Puts the numbers into the headers, from `first` on, and asks for acknowledgements. */
function prepare({ w, starts }: Collected, from: number, to: number, first: number, each: boolean): void {
  const { u16, u32 } = w;
  for (let i = from; i < to; i++) u32[(starts[i]! >> 2) + 2] = first + i - from;
  for (let i = each ? from : to - 1; i < to; i++) u16[(starts[i]! >> 1) + 3]! |= NLM_F_ACK;
}

/** One commit. */
class Run {
  /** Messages that were sent, or failed before. */
  sent = 0;
  /** Whether every portion was answered, so that nothing looks at what was sent any more. */
  answered = true;
  #known = new Map<string, number>();
  /** Place in the writer's lists up to which names are looked up. */
  #at = 0;
  #opened: (() => void)[] = [];
  /** Messages of a portion at most: each may be refused. */
  readonly #most: number;

  constructor(
    private readonly socket: NetlinkSocket,
    private readonly batch: Collected,
    private readonly outcome: BatchOutcome,
    private readonly options: BatchOptions,
  ) {
    this.#most = Math.max(1, Math.floor(socket.rcvbuf / ACK_ROOM));
  }

  async all(): Promise<void> {
    const { outs, w } = this.batch;
    while (this.sent < outs.length) {
      const from = this.sent;
      let to = this.#full(from);
      if (this.#at < w.references.length) to = await this.#named(from, to);
      this.options.signal?.throwIfAborted();
      if (this.socket.closed) throw new ClosedError(outs[from]!.op);
      try {
        const answered = this.#send(from, to);
        this.sent = to;
        await answered;
      } catch (error) {
        this.answered = false;
        this.#unanswered(from, to, error);
        if (!(error instanceof OutcomeUnknownError)) throw error;
      }
      this.release();
    }
  }

  release(): void {
    for (const close of this.#opened.splice(0)) close();
  }

  /** Where the messages end that fit into the portion from `from` on. */
  #full(from: number): number {
    const { starts, outs } = this.batch;
    const end = starts[from]! + SEND_MAX;
    // The first is sent whatever it takes. `starts` rises: what fits is found in ten steps.
    let to = from + 1;
    let over = Math.min(outs.length, from + this.#most) + 1;
    while (over - to > 1) {
      const middle = (to + over) >> 1;
      if (starts[middle]! <= end) to = middle;
      else over = middle;
    }
    return to;
  }

  /** Looks up the names in the messages that are sent next, at most up to `last`, and returns where they end. */
  async #named(from: number, last: number): Promise<number> {
    const { starts, w, outs } = this.batch;
    let renamed = false;
    let to = from;
    for (; to < last; to++) {
      const end = starts[to + 1]!;
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
      const { results } = this.outcome;
      if (results[i]!.error !== null) continue;
      const missing = await this.socket.resolve(w, w.references[this.#at]!, this.#known, this.#opened, this.options);
      if (missing === undefined) continue;
      fail(results, i, missing);
      w.u16[(starts[i]! >> 1) + 2] = NLMSG_NOOP;
    }
  }

  /** Sends the messages `[from, to)`; resolves when the fate of each is known. */
  #send(from: number, to: number): Promise<void> {
    const { session } = this.socket;
    const first = session.takeSeqs(to - from);
    prepare(this.batch, from, to, first, this.options.acks === 'each');
    return session.submit(new Portion(this.batch, from, to, first, this.outcome), this.options);
  }

  /** Of messages that were sent and not answered nobody knows whether they were carried out. */
  #unanswered(from: number, to: number, reason: unknown): void {
    const unsent = (reason as NodeJS.ErrnoException | undefined)?.syscall === 'sendmsg';
    const { results } = this.outcome;
    for (let i = from; i < to; i++)
      fail(
        results,
        i,
        unsent
          ? (reason as Error)
          : reason instanceof OutcomeUnknownError
            ? reason
            : new OutcomeUnknownError(results[i]!.op, 'the call ended before'),
      );
    if (unsent) this.sent = from;
  }
}
