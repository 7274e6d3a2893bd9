/**
 * One socket's conversation: requests go out, answers are matched by sequence number, whatever order they come in.
 * Dumps have sockets of their own (dump.ts), since the kernel runs one dump a socket; so have monitors.
 */
import { align4, type Bytes } from '../codec/bytes.js';
import { NLM_F_CAPPED, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_OVERRUN } from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { RESERVE, receiveArea, receiveMeta, TURN_US } from './area.js';
import { debugging, debugMessage } from './debug.js';
import { EAGAIN, ENOBUFS } from './errno.js';
import { ClosedError, OutcomeUnknownError, ReaderError, systemError, TimeoutError } from './errors.js';
import { extAckStart, readExtAck } from './extack.js';
import { Outstanding } from './outstanding.js';
import type { Pending, RequestOptions } from './pending.js';
import { errorOf } from './refusal.js';
import { isThrown, NLM_F_INSTEAD } from './thrown.js';
import { Turns } from './turns.js';

/** A budget that is used up by the first datagram. */
const ONE_DATAGRAM = 0;
/** Default time without an answer after which a call fails. */
export const DEFAULT_TIMEOUT = 30_000;

/** Times that a read is sent again after its answer was lost. */
const RESENDS = 3;

const FIRST_SEQ = 1;
const LAST_SEQ = 0xfffffff0;

/** A message that no request waits for: a notification, or an answer whose caller has gone. */
export type Unclaimed = (s: Bytes, p: number, n: number, type: number, flags: number, seq: number, pid: number) => void;

export class Session {
  /** For messages to be sent; the bytes are used up before the next request. */
  readonly writer = new Writer(1024);
  readonly #pending = new Outstanding();
  /** Requests of several messages each; there is mostly none. */
  readonly #portions: Pending<unknown>[] = [];
  #seq = FIRST_SEQ;
  #closed = false;
  #paused = false;
  #proxied = false;
  #watching = false;
  #awaited = false;
  #turn: NodeJS.Immediate | undefined;
  readonly turns = new Turns();
  /** Receives what is not an answer. Set while somebody listens. */
  unclaimed: Unclaimed | undefined;
  /** Called with the number of datagrams that were dropped, after those before the loss were handed on. */
  overrun: ((dropped: number) => void) | undefined;
  #drops = 0;
  /** Whether a cache thread stands before the socket. */
  cached = false;

  constructor(
    public transport: Transport,
    readonly timeout: number = DEFAULT_TIMEOUT,
  ) {}

  get closed(): boolean {
    return this.#closed;
  }

  /** Requests whose answers are still to come, those given up among them. */
  get outstanding(): number {
    return this.#pending.size;
  }

  /** A number that no request under way has. */
  nextSeq(): number {
    do this.#seq = this.#seq >= LAST_SEQ ? FIRST_SEQ : this.#seq + 1;
    while (this.#pending.get(this.#seq) !== undefined);
    return this.#seq;
  }

  /** Numbers for `count` requests in a row; returns the first. */
  takeSeqs(count: number): number {
    if (this.#seq + count >= LAST_SEQ) this.#seq = FIRST_SEQ;
    const first = this.#seq + 1;
    this.#seq += count;
    return first;
  }

  /** Sends a request whose bytes have its number, and settles it when the answer is there; that is mostly at once. */
  submit<T>(request: Pending<T>, options: RequestOptions | undefined): Promise<T> {
    const pending = request as unknown as Pending<unknown>;
    const signal = options?.signal;
    if (this.#closed) pending.reject(new ClosedError(pending.op));
    else if (this.#paused) pending.reject(new ReaderError(pending.op, true));
    else if (signal?.aborted) pending.reject(signal.reason);
    else {
      this.track(pending);
      // A proxy may send requests of its own, before it is known how this one ends.
      if (this.#proxied) pending.bytes = pending.bytes.slice();
      if (options?.offload === true && this.transport.sendLater !== undefined) return this.#offload(request, options);
      debugMessage('>', this.transport.protocol, pending.bytes);
      // The answer to one message is mostly one datagram: asking for more would be a system call that finds nothing.
      const budget = pending.first > 0 ? TURN_US : ONE_DATAGRAM;
      if (this.#exchange(pending, budget)) this.#received(pending);
      if (pending.refusal !== undefined) Error.captureStackTrace(pending.refusal, this.submit);
      if (!pending.settled) this.#guard(pending, options);
      // The answers of others may have come along.
      else if (this.#watching) this.#rest();
    }
    return this.turns.after(request.promise);
  }

  /** Sends, and receives for `budget`; returns whether it was sent. What a transport throws ends the request. */
  #exchange(pending: Pending<unknown>, budget: number): boolean {
    try {
      const sent = this.transport.exchange(pending.bytes, receiveArea().u8, receiveMeta, RESERVE, budget);
      if (sent >= 0) return true;
      pending.reject(systemError('sendmsg', sent));
    } catch (error) {
      pending.reject(error);
    }
    this.untrack(pending);
    return false;
  }

  /** Has another thread send it; the answers come as they do when nobody waits for them in the call. */
  #offload<T>(request: Pending<T>, options: RequestOptions): Promise<T> {
    const pending = request as unknown as Pending<unknown>;
    debugMessage('>', this.transport.protocol, pending.bytes);
    this.transport.sendLater!(pending.bytes).catch(({ errno }: NodeJS.ErrnoException) => {
      this.untrack(pending);
      pending.reject(systemError('sendmsg', errno ?? -EAGAIN));
      this.#rest();
    });
    this.#guard(pending, options);
    return request.promise;
  }

  /** Makes answers with the number of `pending` its own. */
  track(pending: Pending<unknown>): void {
    this.#pending.add(pending);
    if (pending.first > 0) this.#portions.push(pending);
  }

  untrack(pending: Pending<unknown>): void {
    this.#pending.delete(pending);
    if (pending.first > 0) this.#portions.splice(this.#portions.indexOf(pending), 1);
  }

  /** An answer that takes more than one turn: its time and its signal are watched. */
  #guard(pending: Pending<unknown>, options: RequestOptions | undefined): void {
    // The writer's buffer is used again by the next request.
    pending.bytes = pending.bytes.slice();
    const signal = options?.signal;
    if (signal !== undefined) {
      const onAbort = () => {
        pending.abandoned = true;
        pending.reject(signal.reason);
        this.#rest();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      pending.release = () => signal.removeEventListener('abort', onAbort);
    }
    const ms = options?.timeout ?? this.timeout;
    if (ms > 0) {
      pending.timer = setTimeout(() => {
        pending.abandoned = true;
        pending.reject(new TimeoutError(pending.op, ms));
        this.#rest();
      }, ms);
      pending.timer.unref();
    }
    this.#rest();
  }

  /** Receives for one turn. */
  receive(): void {
    if (this.#closed || this.#paused) return;
    this.transport.receive(receiveArea().u8, receiveMeta, RESERVE, TURN_US);
    this.#received();
    this.#rest();
  }

  /** Handles what is in the receive area. With `only` there may be more, which matters unless that was all that is awaited. */
  #received(only?: Pending<unknown>): void {
    let why = this.#deliver();
    if (why === 0 && only !== undefined && only.first === 0) {
      if (only.settled && this.#pending.size === 0 && this.unclaimed === undefined) return;
      this.transport.receive(receiveArea().u8, receiveMeta, RESERVE, TURN_US);
      why = this.#deliver();
    }
    if (why === 0) this.#again();
    else if (why === ENOBUFS) this.#overrun();
    else if (why !== EAGAIN) this.#fail(() => systemError('recvmsg', why));
  }

  /** Hands on the datagrams in the receive area; returns why receiving stopped. */
  #deliver(): number {
    const meta = receiveMeta;
    const s = receiveArea();
    const why = meta[0]!;
    const count = meta[1]!;
    for (let i = 0, m = META_HEAD; i < count; i++, m += META_STRIDE) {
      // Only the kernel answers; anybody may send to a port.
      if (meta[m + 2] === 0) this.#datagram(s, meta[m]!, Math.min(meta[m]! + meta[m + 1]!, s.u8.length));
    }
    return why;
  }

  #datagram(s: Bytes, p: number, end: number): void {
    while (end - p >= NLMSG_HDRLEN) {
      const len = s.u32[p >> 2]!;
      if (len < NLMSG_HDRLEN || len > end - p) return;
      const type = s.u16[(p >> 1) + 2]!;
      const flags = s.u16[(p >> 1) + 3]!;
      const seq = s.u32[(p >> 2) + 2]!;
      const pid = s.u32[(p >> 2) + 3]!;
      // Among notifications are those that other programs caused, under numbers of their own.
      const control = type < 16 && (flags & NLM_F_INSTEAD) === 0;
      const ours = control || this.unclaimed === undefined || pid === this.transport.portid;
      const pending = ours ? (this.#pending.get(seq) ?? this.#several(seq)) : undefined;
      if (debugging) debugMessage('<', this.transport.protocol, s.u8, p, len);
      if (pending !== undefined && (control || pending.wantsData))
        this.#answer(pending, seq, s, p + NLMSG_HDRLEN, len - NLMSG_HDRLEN, type, flags);
      else if (!control) this.unclaimed?.(s, p + NLMSG_HDRLEN, len - NLMSG_HDRLEN, type, flags, seq, pid);
      p += align4(len);
    }
  }

  /** The request of several messages that `seq` is one of. */
  #several(seq: number): Pending<unknown> | undefined {
    return this.#portions.length === 0
      ? undefined
      : this.#portions.find((portion) => seq >= portion.first && seq < portion.seq);
  }

  #answer(pending: Pending<unknown>, seq: number, s: Bytes, p: number, n: number, type: number, flags: number): void {
    try {
      if (type === NLMSG_ERROR && pending.first > 0) {
        pending.part(seq, { s, p, end: p + n, flags, errno: -s.i32[p >> 2]! });
        if (seq === pending.seq) {
          this.untrack(pending);
          pending.end({});
        }
      } else if (type === NLMSG_ERROR) {
        this.#pending.delete(pending);
        const errno = s.i32[p >> 2]!;
        if (errno !== 0) this.#refuse(pending, s, p, p + n, flags, -errno);
        else pending.end(readExtAck(s, extAckStart(s, p, (flags & NLM_F_CAPPED) !== 0), p + n));
      } else if (type === NLMSG_DONE) {
        this.#pending.delete(pending);
        const errno = n >= 4 ? s.i32[p >> 2]! : 0;
        if (errno < 0) this.#refuse(pending, s, p, p + n, flags, -errno);
        else pending.end(readExtAck(s, p + 4, p + n));
      } else if (type >= 16) {
        pending.timer?.refresh();
        // Of a read that was given up, the object is the last that comes.
        const last = pending.abandoned ? !pending.writes : pending.data(s, p, n, type, flags);
        if (last && (flags & NLM_F_MULTI) === 0) this.#pending.delete(pending);
      } else if (type === NLMSG_OVERRUN) pending.reject(new OutcomeUnknownError(pending.op));
    } catch (error) {
      if (!pending.writes && (flags & NLM_F_MULTI) === 0) this.#pending.delete(pending);
      pending.reject(error);
    }
  }

  /** The call puts in the stack. */
  #refuse(pending: Pending<unknown>, s: Bytes, p: number, end: number, flags: number, errno: number): void {
    const error = errorOf(pending, s, p, end, flags, errno);
    if (!isThrown(errno)) pending.refusal = error;
    pending.reject(error);
  }

  /** Answers or notifications were lost. What was queued before the loss is read first. */
  #overrun(): void {
    // A cache thread has emptied the kernel's queue; what is behind the loss comes in turns, as everything else.
    let why = this.cached && this.#pending.size === 0 ? EAGAIN : 0;
    for (let turns = 0; why !== EAGAIN && turns < 4096; turns++) {
      this.transport.receive(receiveArea().u8, receiveMeta, RESERVE, TURN_US);
      why = this.#deliver();
      if (why !== 0 && why !== EAGAIN && why !== ENOBUFS) break;
    }
    if (this.#closed) return;
    for (const pending of this.#pending.all()) {
      // A read may be asked again; of a write nobody knows whether it was carried out.
      if (!pending.writes && !pending.settled && pending.resends++ < RESENDS) this.#resend(pending);
      else {
        this.untrack(pending);
        pending.reject(new OutcomeUnknownError(pending.op));
      }
    }
    this.overrun?.(this.newlyDropped());
  }

  /** Datagrams that were dropped since this was last asked. */
  newlyDropped(): number {
    const drops = this.transport.drops();
    const dropped = (drops - this.#drops) >>> 0;
    this.#drops = drops;
    return dropped;
  }

  /** Has the conversation go on over another transport, which stands before the one it has. */
  proxy(make: (transport: Transport) => Transport): void {
    this.transport = make(this.transport);
    this.#proxied = true;
    this.watchAgain();
  }

  /** Watches on, after the transport has stopped by itself. */
  watchAgain(): void {
    if (this.#watching) this.transport.watch(() => this.receive());
  }

  /** Whether somebody else reads the socket. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Leaves the socket to somebody else. Throws while answers are outstanding. */
  pause(): void {
    if (this.#closed) throw new ClosedError('pause');
    for (const pending of this.#pending.all())
      throw new ReaderError('pause', false, `the answer of ${pending.op} is outstanding`);
    this.#paused = true;
    this.#rest();
  }

  /** Reads on. */
  resume(): void {
    this.#paused = false;
    this.#rest();
  }

  /** Sends a read again, after whoever fills the socket had a turn. */
  #resend(pending: Pending<unknown>): void {
    setImmediate(() => {
      if (this.#closed || pending.settled) return;
      pending.again();
      if (this.#exchange(pending, TURN_US)) this.#received();
      this.#rest();
    });
  }

  #fail(reason: (op: string) => Error): void {
    for (const pending of this.#pending.all()) pending.reject(reason(pending.op));
    this.#pending.clear();
    this.#portions.length = 0;
  }

  /** There may be more to receive: another turn, after everybody else had theirs. */
  #again(): void {
    if (this.#turn !== undefined || this.#closed) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.receive();
    });
  }

  /** Watches the socket while answers are to come, those to requests given up among them, or somebody listens. */
  #rest(): void {
    if (this.#closed) return;
    const wanted = !this.#paused && (this.#pending.size > 0 || this.unclaimed !== undefined);
    if (wanted !== this.#watching) {
      this.#watching = wanted;
      this.transport.watch(wanted ? () => this.receive() : null);
    }
    if (wanted) {
      if (this.#awaited || this.#pending.awaited) this.transport.ref();
      else this.transport.unref();
    }
  }

  /** Whether somebody waits for a notification, so that the process must not end meanwhile. */
  await(awaited: boolean): void {
    if (this.#awaited === awaited) return;
    this.#awaited = awaited;
    this.#rest();
  }

  /** Starts or stops handing on notifications. */
  listen(unclaimed: Unclaimed | undefined, overrun?: (dropped: number) => void): void {
    this.unclaimed = unclaimed;
    this.overrun = overrun;
    if (unclaimed !== undefined) this.#drops = this.transport.drops();
    this.#rest();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.transport.close();
    this.#fail((op) => new ClosedError(op));
  }
}
