/** Events: a socket that only listens, as a stream. */
import { align4, Bytes } from '../codec/bytes.js';
import { InputError, show, unknownKey } from '../codec/errors.js';
import { NLMSG_ERROR, NLMSG_HDRLEN } from '../codec/header.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { RESERVE, receiveArea, receiveMeta, TURN_US } from './area.js';
import { now } from './clock.js';
import { debugging, debugMessage } from './debug.js';
import { EAGAIN, ENOBUFS, ENOPROTOOPT } from './errno.js';
import { systemError } from './errors.js';
import type { FindMessage, MessageHeader } from './message.js';
import { ProxiedTransport } from './proxied.js';
import { Serial } from './serial.js';
import { checkReceiveBuffer } from './socket-options.js';
import { thrownAt } from './thrown.js';

/**
 * Here `dropped` datagrams were lost: what is known must be read again. Later events follow. 0: they were counted with
 * the loss before.
 */
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
  const hole = Array.from(options.groups).indexOf(undefined);
  if (hole >= 0) throw new InputError('ERR_INVALID_VALUE', 'groups', `there is no group at ${hole}`);
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
 * Bytes of datagrams, and of what says where they are, that are taken off the kernel's queue before the program asks for
 * them, where they come faster than they are read: 100,000 small events of routes.
 */
const AHEAD = 8 << 20;

/** What was received and is not decoded yet: datagrams and where they are (transport.ts), or what is to be told there. */
type Held = { s: Bytes; meta: Int32Array } | OverrunEvent | Error;

/**
 * Notifications of multicast groups as a stream. It listens from the moment it is made. Events wait in the kernel's
 * buffer until they are asked for, and what one turn does not read, as it came, in the process; when both are full, the
 * kernel drops events, and the stream says how many and where.
 */
export class EventStream<E> implements AsyncIterableIterator<E | OverrunEvent> {
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  readonly #forget: () => void;
  readonly #read: EventSource<E>['read'];
  #queue: (E | OverrunEvent)[] = [];
  #at = 0;
  #held: Held[] = [];
  #heldBytes = 0;
  /** The kernel has dropped events, and what it had queued before has not been read to its end. */
  #lost = false;
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
      if (error < 0) throw systemError('setsockopt', error, doing);
    };
    try {
      // Before the groups, so that nothing comes past it.
      if (source.program !== undefined) done(transport.filter?.(source.program) ?? -ENOPROTOOPT, 'filtering events');
      for (const group of source.groups) done(transport.join(group), `joining multicast group ${group}`);
    } catch (error) {
      transport.close();
      throw error;
    }
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

  /** Events in arrays of what one turn received. Whoever else reads the same stream gets other events. */
  async *batches(): AsyncGenerator<(E | OverrunEvent)[], void, undefined> {
    try {
      while (!this.#closed) {
        const batch = await this.#serial.run(() => this.#batch());
        if (batch.length > 0) yield batch;
      }
      if (this.#aborted) throw this.#signal!.reason;
    } finally {
      this.close();
    }
  }

  /** What has been received and not been read, or else what comes next. */
  async #batch(): Promise<(E | OverrunEvent)[]> {
    if (this.#at === this.#queue.length) await this.#fill();
    const batch = this.#at === 0 ? this.#queue : this.#queue.slice(this.#at);
    this.#queue = [];
    this.#at = 0;
    return batch;
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
    this.#held = [];
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
    let why = 0;
    const behind = this.#held.length > 0;
    if (!behind) {
      why = this.#receive();
      // A proxy may have closed the socket: a closed transport reports nothing any more.
      if (this.#closed) return;
      this.#decode(receiveArea(), receiveMeta);
    }
    if (why !== EAGAIN) this.#ahead(why);
    if (this.#closed) return;
    if (behind) this.#take();
    if (this.#queue.length === 0 && why === EAGAIN) await this.#readable();
  }

  /**
   * Takes what waits off the kernel's queue, so that there is room while the program looks at what came before. It does
   * not wait: what is queued when the program asks is handed on in the turns that follow.
   */
  #ahead(first: number): void {
    let why = first;
    // What passes callbacks is decoded in the turn in which it does: of the errors that they throw only so many are kept.
    const proxied = this.#transport instanceof ProxiedTransport;
    let most = proxied ? 0 : AHEAD;
    const end = now() + TURN_US / 1000;
    for (let turns = 0; turns < 4096; turns++) {
      if (why === ENOBUFS && !this.#lost) {
        // What was queued before the loss comes before it; the kernel queues nothing more until all of that is read.
        this.#lost = true;
        most = AHEAD + Math.max(this.rcvbuf, 0);
      }
      if (this.#lost ? why === EAGAIN : why !== 0 || now() >= end) break;
      if (this.#heldBytes >= most) return;
      why = this.#receive();
      if (this.#closed) return;
      if (proxied) this.#decode(receiveArea(), receiveMeta);
      else this.#hold();
    }
    if (this.#lost) {
      this.#lost = false;
      const drops = this.#transport.drops();
      this.#held.push({ type: 'overrun', dropped: (drops - this.#drops) >>> 0 });
      this.#drops = drops;
    } else if (why !== 0 && why !== EAGAIN) this.#held.push(systemError('recvmsg', why));
  }

  /** Keeps what was just received as it is: the area is that of all sockets. */
  #hold(): void {
    const count = receiveMeta[1]!;
    if (count === 0) return;
    const meta = receiveMeta.slice(0, META_HEAD + count * META_STRIDE);
    const last = meta.length - META_STRIDE;
    const data = receiveArea().u8.slice(0, meta[last]! + meta[last + 1]!);
    this.#held.push({ s: new Bytes(data), meta });
    this.#heldBytes += data.length + meta.byteLength;
  }

  /** Decodes what was held longest. */
  #take(): void {
    const held = this.#held.shift()!;
    if (held instanceof Error) throw held;
    if ('type' in held) {
      this.#queue.push(held);
      return;
    }
    this.#heldBytes -= held.s.u8.length + held.meta.byteLength;
    this.#decode(held.s, held.meta);
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

  /** One turn's datagrams, into the area; why it stopped. */
  #receive(): number {
    this.#transport.receive(receiveArea().u8, receiveMeta, RESERVE, TURN_US);
    return receiveMeta[0]!;
  }

  #decode(s: Bytes, meta: Int32Array): void {
    const count = meta[1]!;
    for (let i = 0, m = META_HEAD; i < count; i++, m += META_STRIDE) {
      if (meta[m + 2] !== 0) continue;
      let p = meta[m]!;
      const end = Math.min(p + meta[m + 1]!, s.u8.length);
      while (end - p >= NLMSG_HDRLEN) {
        const len = s.u32[p >> 2]!;
        if (len < NLMSG_HDRLEN || len > end - p) break;
        if (debugging) debugMessage('<', this.#transport.protocol, s.u8, p, len);
        this.#queue.push(this.#read(s, p, len));
        p += align4(len);
      }
    }
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
