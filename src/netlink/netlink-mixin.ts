/** NetlinkMixin: raw messages, put and get, recv and sendto, over any class of sockets. */
import { aligned, type Bytes } from '../codec/bytes.js';
import { InputError, show, within } from '../codec/errors.js';
import {
  beginMessage,
  endMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
} from '../codec/header.js';
import type { MessageDef } from '../codec/message.js';
import { integer } from '../codec/struct.js';
import { Writer } from '../codec/writer.js';
import { startCache } from './cache.js';
import { ClosedError, OverrunError, ReaderError, systemError } from './errors.js';
import { Collect, type FindMessage, type MessageHeader, type NetlinkMessage, readMessage } from './message.js';
import type { Mixed, SocketClass } from './mixin.js';
import { NETLINK_ROUTE } from './options.js';
import { checkOptions, type RequestOptions } from './pending.js';
import { assertPaused, RawReader, sendRaw } from './raw.js';
import type { NetlinkSocket } from './socket.js';
import { thrownAt } from './thrown.js';

/** Notifications that wait for `get()` at most; beyond that they count as dropped. */
const BACKLOG = 16384;

/** A message to be sent: the value of a message class, or payload bytes. */
export type RawMessage = { readonly def: MessageDef; readonly value: object } | Uint8Array;

/** What `bind` takes: groups, the cache thread, or both. */
export interface BindOptions<G = number> {
  groups?: readonly G[] | undefined;
  /** Start the cache thread. It ends with the socket. Default false. */
  async?: boolean | undefined;
  /** Bytes that the thread's queue may take, 65,536 at least; what finds it full counts as dropped. Default 64 MiB. */
  cacheSize?: number | undefined;
}

/** Default size of the cache thread's queue, in bytes. */
const CACHE_SIZE = 64 << 20;
/** The kernel makes datagrams of up to 32 KiB; answers that find no room are lost, and their requests fail. */
const LEAST_CACHE = 64 << 10;

/** What NetlinkMixin adds to a class of sockets. */
export interface Netlink {
  /**
   * Joins multicast groups by number; their messages come from `get()` without a number. With `async` a native thread
   * takes messages off the socket while JavaScript is busy; the kernel's buffer is only to last for that thread.
   */
  bind(options: BindOptions): this;
  /**
   * Sends a message and returns its sequence number; `get` with that number gives the answer.
   * `type` is the number of the message type, `flags` are NLM_F_* besides REQUEST.
   */
  put(message: RawMessage, type: number, flags?: number, options?: RequestOptions): number;
  /** All messages of the answer to `put`; without a number the next notification. Rejects with OverrunError where some were lost. */
  get(seq: number): Promise<NetlinkMessage[]>;
  get(): Promise<NetlinkMessage>;
  /** `put` and `get` in one. */
  nlmRequest(message: RawMessage, type: number, flags?: number, options?: RequestOptions): Promise<NetlinkMessage[]>;
  /** File descriptor of the main socket, -1 when closed. */
  fileno(): number;
  /**
   * Stops the reader of the main socket, so that `recv` and `sendto` have it to themselves; requests and `put` are
   * refused meanwhile. Lists and monitors, which have sockets of their own, go on. Throws ReaderError while answers are
   * outstanding.
   */
  pause(): this;
  /** Starts the reader again. A `recv` that waits rejects. */
  resume(): this;
  /** Whether the reader is stopped. */
  readonly paused: boolean;
  /**
   * The next datagram of a paused socket: one or more whole messages with their headers, as they came. Waits for one.
   * Rejects with OverrunError where some were lost, ReaderError when the socket is not paused.
   */
  recv(options?: RequestOptions): Promise<Uint8Array>;
  /**
   * Sends one datagram on a paused socket: one or more whole messages with their headers, as they are. Resolves to the
   * number of bytes. Rejects with the error of the system call, ReaderError when the socket is not paused.
   */
  sendto(data: Uint8Array): Promise<number>;
}

/**
 * Adds raw messages to a class of sockets: `class MySocket extends NetlinkMixin(NetlinkSocket) {}`. The request is sent
 * by `put`, the answer comes from `get`, in whatever order the kernel answers; `nlmRequest` is both.
 */
export function NetlinkMixin<B extends SocketClass>(Base: B): Mixed<B, Netlink> {
  // A mixin's constructor would have to take `any`. Every base is a NetlinkSocket, and what its constructor takes is
  // passed on as it is.
  const Socket = Base as unknown as typeof NetlinkSocket;
  class WithNetlink extends Socket implements Netlink {
    readonly #gets = new Map<number, Promise<NetlinkMessage[]>>();
    readonly #backlog: (NetlinkMessage | Error)[] = [];
    #waiting: { resolve: (message: NetlinkMessage) => void; reject: (error: unknown) => void }[] = [];
    #raw: RawReader | undefined;
    readonly #find: FindMessage = (type, s, p, seq) => this.find(type, s, p, seq);

    bind(options: BindOptions): this {
      const { async = false, cacheSize = CACHE_SIZE, groups = async ? [] : undefined } = options ?? {};
      if (!Array.isArray(groups))
        throw new InputError('ERR_INVALID_VALUE', 'groups', `expected an array of groups, got ${show(groups)}`);
      if (typeof async !== 'boolean')
        throw new InputError('ERR_INVALID_VALUE', 'async', `expected true or false, got ${show(async)}`);
      within('cacheSize', () => integer(cacheSize, LEAST_CACHE, 0x7fffffff));
      const numbers = groups.map((group) => this.groupNumber(group));
      if (async) startCache(this.session, cacheSize);
      for (const group of numbers) {
        const error = this.session.transport.join(group);
        if (error < 0) throw systemError('setsockopt', error, `joining multicast group ${group}`);
      }
      if (options.groups === undefined) return this;
      this.session.listen(
        (s, p, n, type, flags, seq, pid) => this.#heard(s, p, n, { type, flags, seq, pid }),
        (dropped) => this.#notify(new OverrunError(dropped)),
      );
      return this;
    }

    /** A notification; one that cannot be decoded is told where it would have been. */
    #heard(s: Bytes, p: number, n: number, header: MessageHeader): void {
      let message: NetlinkMessage | Error;
      try {
        const thrown = header.type === NLMSG_ERROR ? thrownAt(s, p) : undefined;
        message = thrown?.error ?? readMessage(this.#find, s, p, n, header);
      } catch (error) {
        message = error as Error;
      }
      this.#notify(message);
    }

    #notify(message: NetlinkMessage | Error): void {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        if (this.#waiting.length === 0) this.session.await(false);
        if (message instanceof Error) next.reject(message);
        else next.resolve(message);
      } else if (this.#backlog.length < BACKLOG) this.#backlog.push(message);
      else {
        // What is lost from here on is told where it would have been.
        const dropped = message instanceof OverrunError ? message.dropped : 1;
        const last = this.#backlog[this.#backlog.length - 1];
        if (last instanceof OverrunError)
          this.#backlog[this.#backlog.length - 1] = new OverrunError(last.dropped + dropped);
        else this.#backlog.push(new OverrunError(dropped));
      }
    }

    put(message: RawMessage, type: number, flags = 0, options?: RequestOptions): number {
      if (this.closed) throw new ClosedError('put');
      if (this.paused) throw new ReaderError('put', true);
      within('type', () => integer(type, 0, 0xffff));
      within('flags', () => integer(flags, 0, 0xffff));
      if (!(message instanceof Uint8Array || typeof message?.def?.write === 'function'))
        throw new InputError('ERR_INVALID_VALUE', 'message', `expected a message or bytes, got ${show(message)}`);
      if (options !== undefined) checkOptions(options);
      this.putting(type);
      const { session } = this;
      const seq = session.nextSeq();
      const w = new Writer(256);
      const p = beginMessage(w, type, flags | NLM_F_REQUEST, seq);
      if (message instanceof Uint8Array) w.append(message);
      else message.def.write(w, message.value as Record<string, unknown>);
      endMessage(w, p);
      if (w.references.length > 0)
        throw new InputError(
          'ERR_INVALID_VALUE',
          'dev',
          `${show(w.references[0]!.name)}: a raw message takes the index of an interface`,
        );
      const bytes = w.bytes();
      const known = this.find(type, aligned(bytes), NLMSG_HDRLEN, seq);
      const def = message instanceof Uint8Array ? known?.def : message.def;
      // rtnetlink numbers its messages new, del, get, set; a GET's answers are its own. Elsewhere only a dump is known to
      // change nothing, so that it may be sent again.
      const route = this.protocol === NETLINK_ROUTE;
      const reads = route ? (type & 3) === 2 : (flags & NLM_F_DUMP) === NLM_F_DUMP;
      const answer = new Collect(
        known?.op ?? `type ${type}`,
        bytes,
        def,
        this.#find,
        !reads,
        reads || !route || (flags & NLM_F_ECHO) !== 0,
        (flags & NLM_F_ACK) !== 0,
      );
      answer.seq = seq;
      // Whoever does not ask for the answer is not told of its failure.
      answer.promise.catch(() => {});
      this.#gets.set(seq, answer.promise);
      session
        .submit(answer, options)
        .finally(() => setImmediate(() => this.#gets.delete(seq)))
        .catch(() => {});
      return seq;
    }

    get(seq: number): Promise<NetlinkMessage[]>;
    get(): Promise<NetlinkMessage>;
    get(seq?: number): Promise<NetlinkMessage[] | NetlinkMessage> {
      if (seq !== undefined) {
        const answer = this.#gets.get(seq);
        return answer ?? Promise.reject(new InputError('ERR_INVALID_VALUE', 'seq', `no request ${seq} is under way`));
      }
      const first = this.#backlog.shift();
      if (first instanceof Error) return Promise.reject(first);
      if (first !== undefined) return Promise.resolve(first);
      if (this.closed) return Promise.reject(new ClosedError('get'));
      this.session.await(true);
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }

    async nlmRequest(
      message: RawMessage,
      type: number,
      flags = 0,
      options?: RequestOptions,
    ): Promise<NetlinkMessage[]> {
      return this.get(this.put(message, type, flags, options));
    }

    fileno(): number {
      return this.session.transport.fd;
    }

    pause(): this {
      this.session.pause();
      this.#raw ??= new RawReader(this.session);
      return this;
    }

    resume(): this {
      this.#raw?.stop();
      this.session.resume();
      return this;
    }

    get paused(): boolean {
      return this.session.paused;
    }

    async recv(options: RequestOptions = {}): Promise<Uint8Array> {
      checkOptions(options);
      assertPaused(this.session, 'recv');
      return this.#raw!.recv(options);
    }

    async sendto(data: Uint8Array): Promise<number> {
      assertPaused(this.session, 'sendto');
      return sendRaw(this.session.transport, data);
    }

    override async close(): Promise<void> {
      await super.close();
      this.#raw?.stop();
      for (const { reject } of this.#waiting) reject(new ClosedError('get'));
      this.#waiting = [];
    }
  }
  return WithNetlink as unknown as Mixed<B, Netlink>;
}
