/** Events: a socket that only listens, as a stream. */
import { align4, type Bytes } from '../codec/bytes.js';
import { InputError, show, unknownKey } from '../codec/errors.js';
import { NLMSG_ERROR, NLMSG_HDRLEN } from '../codec/header.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { RESERVE, receiveArea, receiveMeta, TURN_US } from './area.js';
import { debugging, debugMessage } from './debug.js';
import { EAGAIN, ENOBUFS, ENOPROTOOPT } from './errno.js';
import { systemError } from './errors.js';
import type { FindMessage, MessageHeader } from './message.js';
import { Serial } from './serial.js';
import { checkReceiveBuffer } from './socket-options.js';
import { thrownAt } from './thrown.js';

/** Here `dropped` datagrams were lost: what is known must be read again. Later events follow. */
export interface OverrunEvent {
  type: 'overrun';
  dropped: number;
}

/** A message that this version has no table for, or that could not be decoded. */
export type StrangeEvent =
  | { type: 'raw'; header: MessageHeader; data: Uint8Array }
  | { type: 'error'; header: MessageHeader; error: Error };

type UntypedEvent = { type: 'message'; op: string; header: MessageHeader; value: object } | StrangeEvent;

/** What every monitor may be asked for. */
interface Listening {
  groups: readonly unknown[];
  rcvbuf?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Refuses options that are none; `more` are those of one kind of monitor besides `groups`, `rcvbuf` and `signal`. */
export function checkListening(options: Listening, more: readonly string[] = []): void {
  const given: unknown = (options as Partial<Listening> | null | undefined)?.groups;
  if (given !== undefined && !Array.isArray(given))
    throw new InputError('ERR_INVALID_VALUE', 'groups', `expected an array of groups, got ${show(given)}`);
  if (
    typeof options !== 'object' ||
    options === null ||
    !Array.isArray(options.groups) ||
    options.groups.length === 0
  ) {
    throw new InputError('ERR_MISSING_KEY', 'groups', 'is needed: the multicast groups to listen to');
  }
  const known = [...more, 'groups', 'rcvbuf', 'signal'];
  for (const key of Object.keys(options)) if (!known.includes(key)) throw unknownKey(key, known);
  checkReceiveBuffer(options.rcvbuf);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    throw new InputError('ERR_INVALID_VALUE', 'signal', `expected an AbortSignal, got ${show(options.signal)}`);
}

/** How a stream of events is made: by a socket's `monitor`. */
interface EventSource<E> {
  /** Numbers of the groups to join. */
  groups: readonly number[];
  signal: AbortSignal | undefined;
  /** Program by which the kernel chooses what is queued (bpf.ts); undefined: everything. */
  program?: Uint8Array | undefined;
  /** What the message of `len` bytes at `p` means. It must not throw. */
  read(s: Bytes, p: number, len: number): E;
}

/**
 * Notifications of multicast groups as a stream. It listens from the moment it is made. Events wait in the kernel's
 * buffer until they are asked for; when that is full, the kernel drops events, and the stream says how many and where.
 */
export class EventStream<E> implements AsyncIterableIterator<E | OverrunEvent> {
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  readonly #forget: () => void;
  readonly #read: EventSource<E>['read'];
  #queue: (E | OverrunEvent)[] = [];
  #at = 0;
  #drops: number;
  #closed = false;
  #aborted = false;
  #wake: (() => void) | undefined;
  #fresh = true;
  readonly #serial = new Serial();

  /** `transport` belongs to the stream; `forget` is called once when it is closed. */
  constructor(transport: Transport, source: EventSource<E>, forget: () => void) {
    this.#transport = transport;
    this.#signal = source.signal;
    this.#read = source.read;
    this.#forget = forget;
    this.#drops = transport.drops();
    const done = (error: number, doing: string) => {
      if (error >= 0) return;
      transport.close();
      throw systemError('setsockopt', error, doing);
    };
    // Before the groups, so that nothing comes past it.
    if (source.program !== undefined) done(transport.filter?.(source.program) ?? -ENOPROTOOPT, 'filtering events');
    for (const group of source.groups) done(transport.join(group), `joining multicast group ${group}`);
    this.#signal?.addEventListener('abort', this.#abort, { once: true });
    if (this.#signal?.aborted) this.#abort();
  }

  /** The receive buffer in bytes, as the kernel counts it. */
  get rcvbuf(): number {
    return this.#transport.getOption(1, 8);
  }

  get closed(): boolean {
    return this.#closed;
  }

  readonly #abort = (): void => {
    this.#aborted = true;
    this.close();
  };

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<E | OverrunEvent, undefined>> {
    if (this.#serial.idle && this.#at < this.#queue.length)
      return Promise.resolve({ done: false, value: this.#queue[this.#at++]! });
    return this.#serial.run(() => this.#next());
  }

  async #next(): Promise<IteratorResult<E | OverrunEvent, undefined>> {
    while (this.#at === this.#queue.length) {
      if (this.#aborted) throw this.#signal!.reason;
      if (this.#closed) return { done: true, value: undefined };
      await this.#fill();
    }
    return { done: false, value: this.#queue[this.#at++]! };
  }

  /** Events in arrays of what one turn received. Not to be mixed with reading one at a time. */
  async *batches(): AsyncGenerator<(E | OverrunEvent)[], void, undefined> {
    try {
      while (!this.#closed) {
        await this.#fill();
        const batch = this.#queue;
        this.#queue = [];
        if (batch.length > 0) yield batch;
      }
      if (this.#aborted) throw this.#signal!.reason;
    } finally {
      this.close();
    }
  }

  async return(): Promise<IteratorResult<E | OverrunEvent, undefined>> {
    this.close();
    this.#queue = [];
    this.#at = 0;
    return { done: true, value: undefined };
  }

  /** Stops listening; a loop over the events ends at once. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#at = 0;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#transport.close();
    this.#forget();
    this.#wake?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Receives one turn's events, waiting for the first. */
  async #fill(): Promise<void> {
    this.#queue = [];
    this.#at = 0;
    // Whoever reads in a loop must let the rest of the program run.
    if (!this.#fresh) await new Promise(setImmediate);
    this.#fresh = false;
    if (this.#closed) return;
    const why = this.#receive();
    // A proxy may have closed the socket: a closed transport reports nothing any more.
    if (this.#closed) return;
    if (why === ENOBUFS) {
      // What was queued before the loss comes first; the error is reported once, until the queue is empty.
      for (let turns = 0; turns < 4096 && !this.#closed && this.#receive() !== EAGAIN; turns++);
      if (this.#closed) return;
      const drops = this.#transport.drops();
      this.#queue.push({ type: 'overrun', dropped: (drops - this.#drops) >>> 0 });
      this.#drops = drops;
    } else if (why !== 0 && why !== EAGAIN) throw systemError('recvmsg', why);
    if (this.#queue.length === 0 && why === EAGAIN) await this.#readable();
  }

  #readable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        if (!this.#closed) {
          this.#transport.watch(null);
          this.#transport.unref();
        }
        this.#fresh = true;
        resolve();
      };
      this.#transport.watch(() => this.#wake?.());
      this.#transport.ref();
    });
  }

  #receive(): number {
    const s = receiveArea();
    this.#transport.receive(s.u8, receiveMeta, RESERVE, TURN_US);
    const count = receiveMeta[1]!;
    for (let i = 0, m = META_HEAD; i < count; i++, m += META_STRIDE) {
      if (receiveMeta[m + 2] !== 0) continue;
      let p = receiveMeta[m]!;
      const end = Math.min(p + receiveMeta[m + 1]!, s.u8.length);
      while (end - p >= NLMSG_HDRLEN) {
        const len = s.u32[p >> 2]!;
        if (len < NLMSG_HDRLEN || len > end - p) break;
        if (debugging) debugMessage('<', this.#transport.protocol, s.u8, p, len);
        this.#queue.push(this.#read(s, p, len));
        p += align4(len);
      }
    }
    return receiveMeta[0]!;
  }
}

/** What the message of `len` bytes at `p` means, by the tables that `find` gives. */
export function eventAt(find: FindMessage, s: Bytes, p: number, len: number): UntypedEvent {
  const header: MessageHeader = {
    type: s.u16[(p >> 1) + 2]!,
    flags: s.u16[(p >> 1) + 3]!,
    seq: s.u32[(p >> 2) + 2]!,
    pid: s.u32[(p >> 2) + 3]!,
  };
  const at = p + NLMSG_HDRLEN;
  const n = len - NLMSG_HDRLEN;
  const thrown = header.type === NLMSG_ERROR ? thrownAt(s, at) : undefined;
  if (thrown !== undefined) return { type: 'error', header: { ...header, type: thrown.type }, error: thrown.error };
  try {
    const known = find(header.type, s, at, header.seq);
    if (known === undefined) return { type: 'raw', header, data: s.u8.slice(at, at + n) };
    return { type: 'message', op: known.op, header, value: known.def.read(s, at, n) };
  } catch (error) {
    return { type: 'error', header, error: error as Error };
  }
}
