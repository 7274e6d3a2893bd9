/** The fake kernel as tests hold it: namespaces, sockets, work put off, faults. */
import { LITTLE } from '../codec/bytes.js';
import type { OpenTransport } from '../transport/transport.js';
import { checkDescriptor, checkFault, checkNetns, checkOptions } from './check.js';
import { carryOut } from './dispatch.js';
import { E } from './errno.js';
import { type Chaos, type Fault, Faults } from './faults.js';
import { loopback } from './link-life.js';
import { split } from './messages.js';
import { Namespace } from './namespace.js';
import { FakeSocket } from './socket.js';
import { Request } from './wire.js';

export interface FakeKernelOptions {
  /** Bytes of a dump's datagrams (16,384): small ones make a dump take many. */
  dumpBytes?: number | undefined;
  /** Faults by chance. */
  chaos?: Chaos | undefined;
}

const NETLINK_ROUTE = 0;
const EPROTONOSUPPORT = 93;
/** Descriptors of namespaces, beyond those that a process has. */
const FIRST_DESCRIPTOR = 1 << 20;

const failed = (code: string, errno: number, syscall: string, what: string): Error =>
  Object.assign(new Error(`${syscall}: ${code}, ${what}`), { code, errno: -errno, syscall });

/**
 * A kernel in memory that answers rtnetlink: links, addresses, routes, rules, neighbours, forwarding entries and next
 * hops, as Linux 6.18 does in the requests that were compared with it (docs/testing.md). `new IPRoute({ transport:
 * kernel.open })` talks to it. It knows no permissions, sends no packets and has no clock: lifetimes do not run out.
 */
export class FakeKernel {
  readonly #namespaces = new Map<string, Namespace>();
  readonly #descriptors = new Map<number, Namespace>();
  readonly #faults: Faults;
  readonly #dumpBytes: number;
  #later: (() => void)[] = [];
  #turn: NodeJS.Immediate | undefined;
  #port = 1000;

  /** Throws InputError, and an Error with `code: 'ERR_UNSUPPORTED_PLATFORM'` on a big-endian machine. */
  constructor(options: FakeKernelOptions = {}) {
    checkOptions(options);
    // Options of a new link are kept as the bytes that a little-endian kernel sends.
    if (!LITTLE)
      throw Object.assign(new Error('the fake kernel is little-endian'), { code: 'ERR_UNSUPPORTED_PLATFORM' });
    this.#dumpBytes = options.dumpBytes ?? 16_384;
    this.#faults = new Faults(options.chaos);
    this.#make('');
  }

  /** Opens a socket: the `transport` of an IPRoute. `netns` is a name or a path that ends with one, or a descriptor. */
  readonly open: OpenTransport = (protocol, options) => {
    if (protocol !== NETLINK_ROUTE)
      throw failed('EPROTONOSUPPORT', EPROTONOSUPPORT, 'socket', 'the fake kernel has rtnetlink only');
    const where = options?.netns ?? '';
    const ns =
      typeof where === 'number' ? this.#descriptors.get(where) : this.#namespaces.get(where.replace(/^.*\//, ''));
    if (ns === undefined) throw failed('ENOENT', E.NOENT, 'open', `there is no namespace ${where}`);
    const handle = (s: FakeSocket, data: Uint8Array): void => this.#handle(s, data);
    const socket = new FakeSocket(protocol, ++this.#port, ns, handle, (s) => ns.sockets.delete(s));
    ns.sockets.add(socket);
    return socket;
  };

  #make(name: string): Namespace {
    const ns = new Namespace(this, name);
    this.#namespaces.set(name, ns);
    loopback(ns);
    return ns;
  }

  /**
   * Makes a namespace. Returns a descriptor that `netNsFd` takes, of this kernel only. Throws InputError for what cannot
   * be a name, and an Error with `code: 'EEXIST'` when there is one.
   */
  addNetns(name: string): number {
    checkNetns(name);
    if (this.#namespaces.has(name)) throw failed('EEXIST', E.EXIST, 'addNetns', `namespace ${name}`);
    const fd = FIRST_DESCRIPTOR + this.#descriptors.size;
    this.aliasNetns(fd, this.#make(name).name);
    return fd;
  }

  /** Gives a namespace a further descriptor. Throws InputError, and an Error with `code: 'ENOENT'` when there is none. */
  aliasNetns(fd: number, name: string): void {
    checkDescriptor(fd);
    const ns = this.#namespaces.get(name);
    if (ns === undefined) throw failed('ENOENT', E.NOENT, 'aliasNetns', `there is no namespace ${name}`);
    this.#descriptors.set(fd, ns);
  }

  /** @internal The namespace of a descriptor. */
  namespaceOf(fd: number): Namespace | undefined {
    return this.#descriptors.get(fd);
  }

  /** @internal Does something when the request is through, as the kernel's own workers do. */
  later(work: () => void): void {
    this.#later.push(work);
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.settle();
    });
  }

  /**
   * Does what was put off, and what follows from that: states of carriers, IPv6 addresses that links give themselves.
   * It happens by itself in the next turn of the event loop.
   */
  settle(): void {
    for (let rounds = 0; this.#later.length > 0; rounds++) {
      if (rounds > 1000) throw new Error('the fake kernel does not come to rest');
      const work = this.#later;
      this.#later = [];
      for (const part of work) part();
    }
  }

  /** Has something go wrong, once or a few times. Throws InputError. */
  fault(fault: Fault): void {
    checkFault(fault);
    this.#faults.add(fault);
  }

  /** What went wrong so far, in order: for messages of failing tests. */
  get faultLog(): readonly string[] {
    return this.#faults.log;
  }

  /** @internal Whether a notification is lost at everyone who listens. */
  losesEvent(data: Uint8Array): boolean {
    return this.#faults.losesEvent(data);
  }

  #handle(socket: FakeSocket, data: Uint8Array): void {
    const requests = split(data).map((bytes) => new Request(bytes, socket.portid));
    this.#faults.around(socket, requests, this.#dumpBytes, (request, plan) => carryOut(socket, request, plan));
  }
}
