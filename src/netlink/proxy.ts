/** Proxies: callbacks that see messages before the kernel does, or before the program does. */
import { aligned } from '../codec/bytes.js';
import { InputError, show } from '../codec/errors.js';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_OVERRUN, readHeader } from '../codec/header.js';
import { cookieOf, dropDescriptor, isWaiting } from './descriptors.js';
import { type FindMessage, type MessageHeader, type NetlinkMessage, readMessage } from './message.js';
import { namedMessage } from './names.js';
import { NETLINK_ROUTE } from './options.js';
import type { NetlinkSocket } from './socket.js';
import { isThrown } from './thrown.js';
import { errnoOf, onlyWhole, typeOf } from './wire.js';

/**
 * What becomes of a message that is sent. `forward`: the kernel gets `data`, one whole message with its header; without
 * `data` the message as it is. `return`: the kernel does not get it; `data`, any number of whole messages, is the answer,
 * and without data an acknowledgement is. `error`: the request rejects with `data`.
 */
export type SendVerdict =
  | { verdict: 'forward'; data?: Uint8Array | undefined }
  | { verdict: 'return'; data?: Uint8Array | undefined }
  | { verdict: 'error'; data: Error };

/**
 * What becomes of a message that is received. `forward`: the program gets `data`, one whole message with its header;
 * without `data` the message as it is. `error`: whoever waits for it gets the error `data`.
 */
export type ReceiveVerdict = { verdict: 'forward'; data?: Uint8Array | undefined } | { verdict: 'error'; data: Error };

/** What a callback may want to know besides the bytes. */
export interface ProxyContext<N extends NetlinkSocket = NetlinkSocket> {
  readonly header: MessageHeader;
  /** The message decoded, where there is a table for it. */
  decode(): NetlinkMessage;
  /**
   * A socket in the same namespace whose messages pass no proxies; of an IPRoute it is a RawIPRoute. A callback that
   * awaits a request of the socket itself would wait for ever, since that waits for the callback.
   */
  readonly nl: N;
}

/**
 * Sees a message: its bytes, a copy of its own with the netlink header. The messages of a socket are looked at one after
 * the other, in order; while a promise is waited for, those that follow wait. Lists and monitors have sockets of their
 * own, so that callbacks may overlap. What it throws is the error of the request.
 */
export type ProxyCallback<V extends SendVerdict, N extends NetlinkSocket = NetlinkSocket> = {
  // A method, so that a callback for the socket of a kind is one for a socket, too.
  call(data: Uint8Array, context: ProxyContext<N>): V | Promise<V>;
}['call'];

/** The types that all protocols have. */
const CONTROL = new Map([
  ['NLMSG_NOOP', 1],
  ['NLMSG_ERROR', NLMSG_ERROR],
  ['NLMSG_DONE', NLMSG_DONE],
  ['NLMSG_OVERRUN', NLMSG_OVERRUN],
]);

/** Callbacks by type of message: one for each type. */
export class NetlinkProxy<V extends SendVerdict, N extends NetlinkSocket = NetlinkSocket> {
  readonly #callbacks = new Map<number, ProxyCallback<V, N>>();
  readonly #numberOf: (name: string) => number | undefined;
  readonly #used: () => void;

  /** Made by a socket: `numberOf` gives the number of a type by its name, `used` is called before the first callback. */
  constructor(numberOf: (name: string) => number | undefined, used: () => void) {
    this.#numberOf = numberOf;
    this.#used = used;
  }

  #type(type: number | string): number {
    const number = typeof type === 'string' ? (CONTROL.get(type) ?? this.#numberOf(type)) : type;
    if (number === undefined || !Number.isInteger(number) || number < 1 || number > 0xffff)
      throw new InputError('ERR_INVALID_VALUE', 'type', `${show(type)} is no type of message here`);
    return number;
  }

  /**
   * Has a callback see messages of a type, by its number or the kernel's name (`'RTM_NEWLINK'`); one that was there before
   * is replaced. It holds for what is sent or received from now on; monitors and lists that run already go on without.
   */
  set(type: number | string, callback: ProxyCallback<V, N>): this {
    const number = this.#type(type);
    if (typeof callback !== 'function')
      throw new InputError('ERR_INVALID_VALUE', 'callback', `expected a function, got ${show(callback)}`);
    this.#used();
    this.#callbacks.set(number, callback);
    return this;
  }

  /** The callback of a type. */
  get(type: number | string): ProxyCallback<V, N> | undefined {
    return this.#callbacks.get(this.#type(type));
  }

  /** Takes the callback of a type away. Returns whether there was one. */
  delete(type: number | string): boolean {
    return this.#callbacks.delete(this.#type(type));
  }

  /** Takes all callbacks away. */
  clear(): void {
    this.#callbacks.clear();
  }

  /** The callbacks by number of the type. */
  get callbacks(): ReadonlyMap<number, ProxyCallback<V, N>> {
    return this.#callbacks;
  }

  /** Number of types that have a callback. */
  get size(): number {
    return this.#callbacks.size;
  }
}

/** What callbacks of the library know besides. */
export interface BuiltInContext extends ProxyContext {
  /** Path of the socket's namespace, also for other processes; empty: that of this process. */
  readonly place: string;
  /** The cookie by which an acknowledgement hands a descriptor to the caller. It is closed when that does not get it. */
  hand(fd: number): Uint8Array;
}

/** Chooses a callback that the library brings, for messages that are for other programs than the kernel. */
export type BuiltIn = (
  data: Uint8Array,
) => ((data: Uint8Array, context: BuiltInContext) => SendVerdict | Promise<SendVerdict>) | undefined;

/** All proxies of a socket, and what they need of it. */
export interface Proxies {
  readonly send: NetlinkProxy<SendVerdict>;
  readonly receive: NetlinkProxy<ReceiveVerdict>;
  /** Chooses, by the bytes of a message, a callback that the library brings. */
  builtIn: BuiltIn | undefined;
  readonly find: FindMessage;
  /** Opens the socket of `ProxyContext.nl`, once. */
  readonly nl: () => NetlinkSocket;
  readonly place: string;
  hand(fd: number): Uint8Array;
}

/** What proxies need of their socket. */
interface ProxyHost {
  numberOf(name: string): number | undefined;
  find: FindMessage;
  nl(): NetlinkSocket;
  builtIn: BuiltIn | undefined;
  place: string;
  /** Called once, before there is something to be called. */
  install(proxies: SocketProxies): void;
}

/** The proxies of one socket. Nothing of it is in the way of messages before the first callback. */
export class SocketProxies implements Proxies {
  readonly send: NetlinkProxy<SendVerdict>;
  readonly receive: NetlinkProxy<ReceiveVerdict>;
  builtIn: BuiltIn | undefined;
  readonly find: FindMessage;
  readonly #host: ProxyHost;
  #nl: NetlinkSocket | undefined;
  #installed = false;
  /** Those of descriptors that may be on their way. */
  #cookies: Uint8Array[] = [];
  #closed = false;

  constructor(host: ProxyHost) {
    this.#host = host;
    this.find = host.find;
    const used = () => this.#use();
    this.send = new NetlinkProxy(host.numberOf, used);
    this.receive = new NetlinkProxy(host.numberOf, used);
  }

  #use(): void {
    if (this.#installed) return;
    this.#installed = true;
    this.#host.install(this);
  }

  /** From now on messages may be for a callback that the library brings. */
  arm(): void {
    if (this.#host.builtIn === undefined || this.builtIn !== undefined) return;
    this.builtIn = this.#host.builtIn;
    this.#use();
  }

  get installed(): boolean {
    return this.#installed;
  }

  get place(): string {
    return this.#host.place;
  }

  hand(fd: number): Uint8Array {
    const cookie = cookieOf(fd);
    this.#cookies = [...this.#cookies.filter(isWaiting), cookie];
    if (this.#closed) this.close();
    return cookie;
  }

  close(): void {
    this.#closed = true;
    for (const cookie of this.#cookies.splice(0)) dropDescriptor(cookie);
  }

  readonly nl = (): NetlinkSocket => {
    this.#nl ??= this.#host.nl();
    return this.#nl;
  };
}

/** Requests may have other tables than the answers under the same number. */
const asSent =
  (protocol: number, find: FindMessage): FindMessage =>
  (...message) =>
    (namedMessage(protocol, ...message, true) as ReturnType<FindMessage>) ?? find(...message);

/** The context of the message `data`; of one that is sent, `sent` is the protocol. */
export function contextOf(data: Uint8Array, { find, nl }: Proxies, sent?: number): ProxyContext {
  const s = aligned(data.slice());
  const { type, flags, seq, pid, len } = readHeader(s, 0, data.length);
  const header = { type, flags, seq, pid };
  return {
    header,
    decode: () =>
      readMessage(sent === undefined ? find : asSent(sent, find), s, NLMSG_HDRLEN, len - NLMSG_HDRLEN, header),
    get nl() {
      return nl();
    },
  };
}

/** The same for a callback of the library. */
export function builtInContextOf(data: Uint8Array, proxies: Proxies): BuiltInContext {
  const { header, decode } = contextOf(data, proxies, NETLINK_ROUTE);
  return {
    header,
    decode,
    place: proxies.place,
    hand: (fd) => proxies.hand(fd),
    get nl() {
      return proxies.nl();
    },
  };
}

const noVerdict = (message: string): TypeError => Object.assign(new TypeError(message), { code: 'ERR_PROXY_VERDICT' });

/** Refuses what says how a request ended, but holds no errno: a row, say, whose type was changed. */
function checkWord(message: Uint8Array): void {
  const type = typeOf(message);
  const name = type === NLMSG_ERROR ? 'NLMSG_ERROR' : type === NLMSG_DONE ? 'NLMSG_DONE' : undefined;
  if (name === undefined) return;
  const errno = errnoOf(message);
  // The end of a list may do without.
  if (errno === undefined ? type === NLMSG_ERROR : errno > 0 || isThrown(errno))
    throw noVerdict(
      `a message of type ${name} holds 0 or a negative errno of the kernel, this one ${errno ?? 'has no room for it'}`,
    );
}

/** What a callback gave, as a verdict that can be acted on. Throws what it is not. */
export function checkVerdict(given: unknown, kinds: readonly string[], data: Uint8Array): SendVerdict {
  const { verdict, data: changed } = (given ?? {}) as { verdict?: unknown; data?: unknown };
  if (!kinds.includes(verdict as string))
    throw noVerdict(`a callback of a proxy returns { verdict, data }, verdict one of ${kinds.join(', ')}`);
  if (verdict === 'error') {
    if (changed instanceof Error) return { verdict, data: changed };
    throw noVerdict(`the verdict error needs an Error as data, got ${show(changed)}`);
  }
  if (changed !== undefined && !(changed instanceof Uint8Array))
    throw noVerdict(`the verdict ${String(verdict)} takes bytes as data, got ${show(changed)}`);
  if (changed !== undefined) {
    const messages = onlyWhole(changed);
    if (verdict === 'return' && messages === undefined)
      throw noVerdict('the verdict return takes the bytes of whole messages as data');
    // One for one: answers are matched by the number of the message.
    if (verdict === 'forward' && messages?.length !== 1)
      throw noVerdict('the verdict forward takes the bytes of one whole message as data');
    for (const message of messages!) checkWord(message);
  }
  if (verdict === 'return') return { verdict, data: changed };
  return { verdict: 'forward', data: changed ?? data };
}

/** Gives a callback's verdict, at once where it can. What is thrown is a verdict too. */
export function ask(call: () => unknown, check: (given: unknown) => SendVerdict): SendVerdict | Promise<SendVerdict> {
  const failed = (error: unknown): SendVerdict => ({ verdict: 'error', data: error as Error });
  const checked = (given: unknown): SendVerdict => {
    try {
      return check(given);
    } catch (error) {
      return failed(error);
    }
  };
  try {
    const given = call();
    return typeof (given as PromiseLike<unknown> | null)?.then === 'function'
      ? Promise.resolve(given).then(checked, failed)
      : checked(given);
  } catch (error) {
    return failed(error);
  }
}
