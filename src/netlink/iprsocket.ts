/** IPRSocket: the plain socket, for programs that put messages together themselves. */
import { aligned } from '../codec/bytes.js';
import { InputError, show, within } from '../codec/errors.js';
import {
  beginMessage,
  endMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_ECHO,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
} from '../codec/header.js';
import type { MessageDef } from '../codec/message.js';
import { integer } from '../codec/struct.js';
import { Writer } from '../codec/writer.js';
import { ClosedError, OverrunError, systemError } from './errors.js';
import { Collect, type FindMessage, type NetlinkMessage, readMessage } from './message.js';
import { NETLINK_ROUTE } from './options.js';
import { checkOptions, type RequestOptions } from './pending.js';
import { NetlinkSocket, type SocketOptions } from './socket.js';

/** Notifications that wait for `get()` at most; beyond that they count as dropped. */
const BACKLOG = 16384;

/** A message to be sent: the value of a message class, or payload bytes. */
export type RawMessage = { readonly def: MessageDef; readonly value: object } | Uint8Array;

export class IPRSocket extends NetlinkSocket {
  readonly #find: FindMessage;
  readonly #gets = new Map<number, Promise<NetlinkMessage[]>>();
  readonly #backlog: (NetlinkMessage | OverrunError)[] = [];
  #waiting: { resolve: (message: NetlinkMessage) => void; reject: (error: unknown) => void }[] = [];

  /** `find` gives the tables by which messages are decoded; without it their payload stays bytes. */
  constructor(protocol: number, options: SocketOptions = {}, find: FindMessage = () => undefined) {
    super(protocol, options);
    this.#find = find;
  }

  /** Joins multicast groups by number; their messages come from `get()` without a number. */
  bind(options: { groups: readonly number[] }): this {
    if (!Array.isArray(options?.groups))
      throw new InputError('ERR_INVALID_VALUE', 'groups', `expected an array of numbers, got ${show(options?.groups)}`);
    for (const group of options.groups) within('groups', () => integer(group, 1, 0x7fffffff));
    for (const group of options.groups) {
      const error = this.session.transport.join(group);
      if (error < 0) throw systemError('setsockopt', error, `joining multicast group ${group}`);
    }
    this.session.listen(
      (s, p, n, type, flags, seq, pid) => this.#notify(readMessage(this.#find, s, p, n, { type, flags, seq, pid })),
      (dropped) => this.#notify(new OverrunError(dropped)),
    );
    return this;
  }

  #notify(message: NetlinkMessage | OverrunError): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      if (this.#waiting.length === 0) this.session.await(false);
      if (message instanceof OverrunError) next.reject(message);
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

  /**
   * Sends a message and returns its sequence number; `get` with that number gives the answer.
   * `type` is the number of the message type, `flags` are NLM_F_* besides REQUEST.
   */
  put(message: RawMessage, type: number, flags = 0, options?: RequestOptions): number {
    if (this.closed) throw new ClosedError('put');
    within('type', () => integer(type, 0, 0xffff));
    within('flags', () => integer(flags, 0, 0xffff));
    if (!(message instanceof Uint8Array || typeof message?.def?.write === 'function'))
      throw new InputError('ERR_INVALID_VALUE', 'message', `expected a message or bytes, got ${show(message)}`);
    if (options !== undefined) checkOptions(options);
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
    const known = this.#find(type, aligned(bytes), NLMSG_HDRLEN, seq);
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

  /** All messages of the answer to `put`; without a number the next notification. Rejects with OverrunError where some were lost. */
  get(seq: number): Promise<NetlinkMessage[]>;
  get(): Promise<NetlinkMessage>;
  get(seq?: number): Promise<NetlinkMessage[] | NetlinkMessage> {
    if (seq !== undefined) {
      const answer = this.#gets.get(seq);
      return answer ?? Promise.reject(new InputError('ERR_INVALID_VALUE', 'seq', `no request ${seq} is under way`));
    }
    const first = this.#backlog.shift();
    if (first instanceof OverrunError) return Promise.reject(first);
    if (first !== undefined) return Promise.resolve(first);
    if (this.closed) return Promise.reject(new ClosedError('get'));
    this.session.await(true);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** `put` and `get` in one. */
  async nlmRequest(message: RawMessage, type: number, flags = 0, options?: RequestOptions): Promise<NetlinkMessage[]> {
    return this.get(this.put(message, type, flags, options));
  }

  /** File descriptor of the main socket, -1 when closed. */
  fileno(): number {
    return this.session.transport.fd;
  }

  override async close(): Promise<void> {
    await super.close();
    for (const { reject } of this.#waiting) reject(new ClosedError('get'));
    this.#waiting = [];
  }
}
