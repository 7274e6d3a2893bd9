/** A netlink socket as programs use it: requests, raw messages, dumps, notifications, and its end. */
import { closeSync } from 'node:fs';
import { LITTLE } from '../codec/bytes.js';
import { InputError, show, within } from '../codec/errors.js';
import { beginMessage, endMessage, NLM_F_ACK, NLM_F_DUMP, NLM_F_ECHO, NLM_F_REQUEST } from '../codec/header.js';
import type { MessageDef } from '../codec/message.js';
import { integer } from '../codec/struct.js';
import { type Reference, Writer } from '../codec/writer.js';
import { openNative } from '../transport/native.js';
import type { OpenTransport, Transport, TransportOptions } from '../transport/transport.js';
import { RESERVE } from './area.js';
import { type Dump, type DumpOptions, DumpPool, type DumpRequest, Dump as DumpRun, type RowSink } from './dump.js';
import { ClosedError, NetlinkError } from './errors.js';
import type { FindMessage } from './message.js';
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  SO_RCVBUF,
  SOL_NETLINK,
  SOL_SOCKET,
} from './options.js';
import { checkOptions, Get, type Pending, type RequestOptions, Write, type WriteResult } from './pending.js';
import { ProxiedTransport } from './proxied.js';
import { type BuiltIn, type NetlinkProxy, type ReceiveVerdict, type SendVerdict, SocketProxies } from './proxy.js';
import { Session } from './session.js';
import {
  checkSocketOptions,
  holdNamespace,
  netnsPath,
  type SocketOptions,
  setReceiveBuffer,
} from './socket-options.js';
import { traced, traceFile } from './trace.js';

/** Default receive buffer of a socket that only listens, in bytes. */
const LISTEN_BUFFER = 4 << 20;

/** One message to be sent. */
export interface Outgoing {
  /** Kernel's name of the type: `'RTM_NEWLINK'`. */
  op: string;
  type: number;
  /** NLM_F_* besides REQUEST and ACK. */
  flags: number;
  def: MessageDef<object>;
  /** Whether it may be for another program than the kernel. */
  outside?: boolean | undefined;
  /** Whether names of interfaces may mean others afterwards. */
  renames?: boolean | undefined;
  /** The errno by which the kernel says that a dump has no rows. */
  none?: number | undefined;
  /** Appends the payload; throws InputError. */
  put(w: Writer): void;
}

/** Appends a whole message. */
export function writeMessage(w: Writer, out: Outgoing, flags: number, seq: number): void {
  const p = beginMessage(w, out.type, out.flags | flags | NLM_F_REQUEST, seq);
  out.put(w);
  endMessage(w, p);
}

/** Base of all sockets: opening, requests, dumps, closing. */
export class NetlinkSocket implements AsyncDisposable {
  /** The conversation on the main socket. */
  readonly session: Session;
  protected readonly pool: DumpPool;
  readonly #open: OpenTransport;
  readonly #where: TransportOptions;
  /** Descriptor of the namespace, open as long as this is. */
  #netns: number | undefined;
  /** Whether the kernel checks and filters dumps by what was asked (NETLINK_GET_STRICT_CHK). */
  protected strict: boolean;
  readonly #rcvbuf: number | undefined;
  readonly #timeout: number;
  #proxies: SocketProxies | undefined;
  readonly #extra = new Set<{ close(): void }>();

  /** Opens at once, and throws what opening gives: an Error with `code`, `errno` and `syscall`. */
  constructor(
    /** NETLINK_* number. */
    readonly protocol: number,
    options: SocketOptions = {},
  ) {
    const { netns, rcvbuf, strictCheck, timeout, transport } = checkSocketOptions(options);
    this.#open = transport;
    const place = netns === undefined || typeof netns === 'number' ? netns : netnsPath(netns);
    // One namespace for all sockets to come, whatever becomes of its name or of the caller's descriptor.
    if (place !== undefined && transport === openNative && process.platform === 'linux')
      this.#netns = holdNamespace(place);
    this.#where = place === undefined ? {} : { netns: this.#netns ?? place };
    this.strict = strictCheck;
    this.#rcvbuf = rcvbuf;
    this.#timeout = timeout;
    try {
      this.session = new Session(this.openTransport(), timeout);
    } catch (error) {
      this.#release();
      throw error;
    }
    this.pool = new DumpPool(() => this.openTransport());
  }

  /**
   * Callbacks by type of message that see what this socket sends before the kernel does: single requests, lists, batches,
   * `put`, `sendto`. See [proxies](../../docs/proxies.md).
   */
  get sproxy(): NetlinkProxy<SendVerdict> {
    return this.proxies.send;
  }

  /**
   * Callbacks by type of message that see what this socket receives before the program does: answers, rows of lists,
   * notifications, `recv`, and the events of monitors that are made later.
   */
  get rproxy(): NetlinkProxy<ReceiveVerdict> {
    return this.proxies.receive;
  }

  protected get proxies(): SocketProxies {
    this.#proxies ??= new SocketProxies({
      numberOf: (name) => this.typeNumber(name),
      find: (...message) => this.find(...message),
      // Another transport than the kernel's has no programs beside it.
      builtIn: this.#open === openNative ? this.builtIn() : undefined,
      place: this.#place(),
      nl: () => {
        if (this.closed) throw new ClosedError('proxy');
        const { netns } = this.#where;
        const nl = this.bypass({ netns, transport: this.#open, timeout: this.#timeout, strictCheck: this.strict });
        this.attach({ close: () => void nl.close() });
        return nl;
      },
      install: (proxies) => {
        this.session.proxy((transport) => new ProxiedTransport(transport, proxies));
        this.pool.renew();
      },
    });
    return this.#proxies;
  }

  /** The namespace as a path that other processes can open, too. */
  #place(): string {
    const { netns } = this.#where;
    return netns === undefined ? '' : typeof netns === 'number' ? `/proc/${process.pid}/fd/${netns}` : netns;
  }

  /** A socket in the same namespace whose messages pass no proxies. */
  protected bypass(options: SocketOptions): NetlinkSocket {
    return new NetlinkSocket(this.protocol, options);
  }

  /** Callbacks that the library brings for sockets of this kind. */
  protected builtIn(): BuiltIn | undefined {
    return undefined;
  }

  /** Called before a message is written that may be for another program than the kernel. */
  arm(): void {
    this.proxies.arm();
  }

  /** Called before `put` sends a message of a type. */
  protected putting(_type: number): void {}

  /** Number of a type of message by its name. */
  protected typeNumber(_name: string): number | undefined {
    return undefined;
  }

  /** Another socket in the same namespace. */
  protected openTransport(rcvbuf = this.#rcvbuf, protocol = this.protocol): Transport {
    const transport = this.#openPlain(rcvbuf, protocol);
    return this.#proxies?.installed ? new ProxiedTransport(transport, this.#proxies) : transport;
  }

  #openPlain(rcvbuf: number | undefined, protocol: number): Transport {
    const opened = this.#open(protocol, this.#where);
    const transport = traceFile === undefined || this.#open !== openNative ? opened : traced(opened, traceFile);
    // Refused by old kernels only, which then answer with less.
    transport.setOption(SOL_NETLINK, NETLINK_EXT_ACK, 1);
    transport.setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1);
    if (this.strict) this.strict = transport.setOption(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1) === 0;
    if (rcvbuf !== undefined) setReceiveBuffer(transport, rcvbuf);
    return transport;
  }

  get closed(): boolean {
    return this.session.closed;
  }

  /** The main socket's receive buffer in bytes, as the kernel counts it (twice what was asked for). */
  get rcvbuf(): number {
    return this.session.transport.getOption(SOL_SOCKET, SO_RCVBUF);
  }

  /**
   * A request that names interfaces or namespaces, in a writer of its own, with their numbers. What was opened is to be
   * closed when it is through.
   */
  async #completed(out: Outgoing, flags: number, options: RequestOptions | undefined, opened: (() => void)[]) {
    const w = new Writer(512);
    writeMessage(w, out, flags, 0);
    const known = new Map<string, number>();
    for (const reference of w.references) {
      const missing = await this.resolve(w, reference, known, opened, options);
      if (missing !== undefined) throw missing;
    }
    return w;
  }

  /**
   * Puts the number of an interface or namespace where it was given by name. Returns the error when there is none of
   * that name; throws what else keeps it from being looked up.
   */
  async resolve(
    w: Writer,
    { what, p, name }: Reference,
    known: Map<string, number>,
    opened: (() => void)[],
    options: RequestOptions | undefined,
  ): Promise<Error | undefined> {
    try {
      if (what === 'namespace') {
        const fd = holdNamespace(netnsPath(name));
        opened.push(() => closeSync(fd));
        w.u32[p >> 2] = fd;
        return undefined;
      }
      let index = known.get(name);
      if (index === undefined) {
        index = await this.indexOf(name, options);
        known.set(name, index);
      }
      w.u32[p >> 2] = index;
      return undefined;
    } catch (error) {
      if (error instanceof NetlinkError || (error as NodeJS.ErrnoException).syscall === 'open') return error as Error;
      throw error;
    }
  }

  /** The table of a message, by its type and, where that is not enough, its payload. Overridden by who has tables. */
  protected find(..._message: Parameters<FindMessage>): ReturnType<FindMessage> {
    return undefined;
  }

  /** Number of a multicast group that `bind` was given. */
  protected groupNumber(group: unknown): number {
    return within('groups', () => integer(group, 1, 0x7fffffff));
  }

  /** Index of an interface by its name; only protocols that have interfaces know. */
  protected indexOf(name: string, _options: RequestOptions | undefined): Promise<number> {
    return Promise.reject(
      new InputError('ERR_INVALID_VALUE', 'dev', `${show(name)}: names of interfaces cannot be looked up here`),
    );
  }

  /** A change, acknowledged; with `reply` the object is echoed (NLM_F_ECHO). */
  write<T extends object>(out: Outgoing, options?: RequestOptions, reply?: MessageDef<T>): Promise<WriteResult<T>> {
    const flags = reply === undefined ? NLM_F_ACK : NLM_F_ACK | NLM_F_ECHO;
    return this.transact(out, flags, options, (bytes) => new Write<T>(out.op, bytes, out.def, reply));
  }

  /** One object. */
  read<T extends object>(out: Outgoing, reply: MessageDef<T>, options?: RequestOptions): Promise<T> {
    return this.transact(out, 0, options, (bytes) => new Get<T>(out.op, bytes, out.def, reply));
  }

  /**
   * Sends a request, with `flags` besides its own, and what names it has looked up before. What is wrong is a rejection,
   * so that nobody on the way needs an async function: each would cost a promise and two turns of the microtask queue.
   */
  protected transact<T>(
    out: Outgoing,
    flags: number,
    options: RequestOptions | undefined,
    make: (bytes: Uint8Array) => Pending<T>,
  ): Promise<T> {
    try {
      if (options !== undefined) checkOptions(options);
      if (out.outside === true) this.arm();
      const w = this.session.writer;
      w.reset();
      writeMessage(w, out, flags, 0);
      if (w.references.length > 0) return this.#named(out, flags, options, make);
      return this.#submit(make(w.view), w, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #named<T>(
    out: Outgoing,
    flags: number,
    options: RequestOptions | undefined,
    make: (bytes: Uint8Array) => Pending<T>,
  ): Promise<T> {
    const opened: (() => void)[] = [];
    try {
      const w = await this.#completed(out, flags, options, opened);
      return await this.#submit(make(w.view), w, options);
    } finally {
      for (const close of opened) close();
    }
  }

  #submit<T>(request: Pending<T>, w: Writer, options: RequestOptions | undefined): Promise<T> {
    request.seq = this.session.nextSeq();
    w.u32[2] = request.seq;
    return this.session.submit(request, options);
  }

  /** A dump request, ready to be started any number of times. */
  async prepareDump(out: Outgoing, options: DumpOptions): Promise<DumpRequest> {
    if (this.closed) throw new ClosedError(out.op);
    checkOptions(options);
    await this.session.turns.before();
    const opened: (() => void)[] = [];
    try {
      const w = await this.#completed(out, NLM_F_DUMP, options, opened);
      return { op: out.op, def: out.def, bytes: w.bytes(), seq: 0, none: out.none, family: 0 };
    } finally {
      for (const close of opened) close();
    }
  }

  /** Starts a dump on a socket of the pool. Each try has a number of its own. */
  startDump(request: DumpRequest, sink: RowSink, options: DumpOptions, reserve = RESERVE): Dump {
    request.seq = this.session.nextSeq();
    new DataView(request.bytes.buffer, request.bytes.byteOffset).setUint32(8, request.seq, LITTLE);
    // Member by member: what spread makes is of another kind the first time than later.
    const { op, def, bytes, seq, none, family } = request;
    return new DumpRun(
      this.pool,
      { op, def, bytes, seq, none, family },
      sink,
      options,
      options.timeout ?? this.#timeout,
      reserve,
    );
  }

  /** Opens a socket that only listens, and has what `make` makes of it closed with this one. */
  protected listening<T extends { readonly closed: boolean; close(): void }>(
    rcvbuf: number | undefined,
    make: (transport: Transport, forget: () => void) => T,
  ): T {
    if (this.closed) throw new ClosedError('monitor');
    const transport = this.openTransport(LISTEN_BUFFER);
    if (rcvbuf !== undefined) setReceiveBuffer(transport, rcvbuf);
    let forget = () => {};
    const stream = make(transport, () => forget());
    if (!stream.closed) forget = this.attach(stream);
    return stream;
  }

  /** Has `part` closed with this socket. Returns a function that forgets it. */
  protected attach(part: { close(): void }): () => void {
    this.#extra.add(part);
    return () => {
      this.#extra.delete(part);
    };
  }

  /** Ends everything under way: every pending promise rejects with ClosedError, every stream ends. Idempotent. */
  async close(): Promise<void> {
    this.session.close();
    this.pool.close();
    this.#proxies?.close();
    for (const part of [...this.#extra]) part.close();
    this.#release();
  }

  #release(): void {
    if (this.#netns !== undefined) closeSync(this.#netns);
    this.#netns = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
