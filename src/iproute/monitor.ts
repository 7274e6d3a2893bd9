/** Notifications: `ip monitor`. */
import type { Bytes } from '../codec/bytes.js';
import { align4 } from '../codec/bytes.js';
import { InputError, show, suggest, unknownKey } from '../codec/errors.js';
import { NLMSG_HDRLEN } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { EAGAIN, ENOBUFS } from '../netlink/errno.js';
import { systemError } from '../netlink/errors.js';
import type { MessageHeader } from '../netlink/message.js';
import { Serial } from '../netlink/serial.js';
import { RESERVE, receiveArea, receiveMeta, TURN_US } from '../netlink/session.js';
import { checkReceiveBuffer } from '../netlink/socket.js';
import type { BridgeVlans } from '../rtnl/brvlanmsg.js';
import { RTNLGRP } from '../rtnl/constants.js';
import type { Addr } from '../rtnl/ifaddrmsg.js';
import type { Link } from '../rtnl/ifinfmsg.js';
import type { Mdb } from '../rtnl/mdbmsg.js';
import type { Nexthop } from '../rtnl/nhmsg.js';
import type { Route } from '../rtnl/rtmsg.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { knownMessage } from './messages.js';

/** Name or number of a multicast group: RTNLGRP_* in lower case, such as `'link'`, `'ipv4-route'`. */
export type GroupName = keyof typeof RTNLGRP;

export interface MonitorOptions {
  /** Groups to listen to. */
  groups: readonly (GroupName | number)[];
  /** Receive buffer in bytes (4 MiB; up to the system's limit without CAP_NET_ADMIN). */
  rcvbuf?: number | undefined;
  /** Ends the stream; what waits for an event rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

interface Notification<Op extends string, T> {
  type: 'message';
  /** Kernel's name of the message; it tells what `value` is. */
  op: Op;
  header: MessageHeader;
  value: T & MessageExtras;
}

/** What a monitor yields, in the order in which it happened. */
export type MonitorEvent =
  | Notification<'RTM_NEWLINK' | 'RTM_DELLINK', Link>
  | Notification<'RTM_NEWADDR' | 'RTM_DELADDR', Addr>
  | Notification<'RTM_NEWROUTE' | 'RTM_DELROUTE', Route>
  | Notification<'RTM_NEWNEXTHOP' | 'RTM_DELNEXTHOP' | 'RTM_NEWNEXTHOPBUCKET' | 'RTM_DELNEXTHOPBUCKET', Nexthop>
  | Notification<'RTM_NEWVLAN' | 'RTM_DELVLAN', BridgeVlans>
  | Notification<'RTM_NEWMDB' | 'RTM_DELMDB', Mdb>
  /** A message that this version has no table for. */
  | { type: 'raw'; header: MessageHeader; data: Uint8Array }
  /** A message that could not be decoded. */
  | { type: 'error'; header: MessageHeader; error: Error }
  /** Here `dropped` datagrams were lost: what is known must be read again. Later events follow. */
  | { type: 'overrun'; dropped: number };

const OPTIONS = ['groups', 'rcvbuf', 'signal'];

/** Refuses options that are none. */
export function checkMonitor(options: MonitorOptions): void {
  if (
    typeof options !== 'object' ||
    options === null ||
    !Array.isArray(options.groups) ||
    options.groups.length === 0
  ) {
    throw new InputError('ERR_MISSING_KEY', 'groups', 'is needed: the multicast groups to listen to');
  }
  for (const key of Object.keys(options)) if (!OPTIONS.includes(key)) throw unknownKey(key, OPTIONS);
  options.groups.forEach(groupNumber);
  checkReceiveBuffer(options.rcvbuf);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    throw new InputError('ERR_INVALID_VALUE', 'signal', `expected an AbortSignal, got ${show(options.signal)}`);
}

/** The number of a group. */
export function groupNumber(group: GroupName | number): number {
  if (typeof group === 'number' && Number.isInteger(group) && group > 0 && group <= 0x7fffffff) return group;
  if (typeof group === 'string' && Object.hasOwn(RTNLGRP, group)) return RTNLGRP[group];
  throw new InputError(
    'ERR_INVALID_VALUE',
    'groups',
    `${show(group)} is not a multicast group${typeof group === 'string' ? suggest(group, Object.keys(RTNLGRP)) : ''}`,
  );
}

/**
 * A stream of events: `for await (const event of ipr.monitor({ groups: ['link'] }))`. It listens from the moment it is
 * made. Events wait in the kernel's buffer until they are asked for; when that is full, the kernel drops events, and
 * the stream says how many and where.
 */
export class Monitor implements AsyncIterableIterator<MonitorEvent> {
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  readonly #forget: () => void;
  #queue: MonitorEvent[] = [];
  #at = 0;
  #drops: number;
  #closed = false;
  #aborted = false;
  #wake: (() => void) | undefined;
  #fresh = true;
  readonly #serial = new Serial();

  /** `transport` belongs to the monitor; `forget` is called once when it is closed. */
  constructor(transport: Transport, options: MonitorOptions, forget: (monitor: Monitor) => void) {
    this.#transport = transport;
    this.#signal = options.signal;
    this.#forget = () => forget(this);
    this.#drops = transport.drops();
    for (const group of options.groups) {
      const error = transport.join(groupNumber(group));
      if (error < 0) {
        transport.close();
        throw systemError('setsockopt', error);
      }
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

  next(): Promise<IteratorResult<MonitorEvent, undefined>> {
    if (this.#serial.idle && this.#at < this.#queue.length)
      return Promise.resolve({ done: false, value: this.#queue[this.#at++]! });
    return this.#serial.run(() => this.#next());
  }

  async #next(): Promise<IteratorResult<MonitorEvent, undefined>> {
    while (this.#at === this.#queue.length) {
      if (this.#aborted) throw this.#signal!.reason;
      if (this.#closed) return { done: true, value: undefined };
      await this.#fill();
    }
    return { done: false, value: this.#queue[this.#at++]! };
  }

  /** Events in arrays of what one turn received. Not to be mixed with reading one at a time. */
  async *batches(): AsyncGenerator<MonitorEvent[], void, undefined> {
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

  async return(): Promise<IteratorResult<MonitorEvent, undefined>> {
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
    if (why === ENOBUFS) {
      // What was queued before the loss comes first; the error is reported once, until the queue is empty.
      for (let turns = 0; turns < 4096 && this.#receive() !== EAGAIN; turns++);
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
        this.#queue.push(event(s, p, len));
        p += align4(len);
      }
    }
    return receiveMeta[0]!;
  }
}

function event(s: Bytes, p: number, len: number): MonitorEvent {
  const header: MessageHeader = {
    type: s.u16[(p >> 1) + 2]!,
    flags: s.u16[(p >> 1) + 3]!,
    seq: s.u32[(p >> 2) + 2]!,
    pid: s.u32[(p >> 2) + 3]!,
  };
  const known = knownMessage(header.type);
  const at = p + NLMSG_HDRLEN;
  const n = len - NLMSG_HDRLEN;
  if (known === undefined) return { type: 'raw', header, data: s.u8.slice(at, at + n) };
  try {
    return { type: 'message', op: known.op, header, value: known.def.read(s, at, n) } as MonitorEvent;
  } catch (error) {
    return { type: 'error', header, error: error as Error };
  }
}
