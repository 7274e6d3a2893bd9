/** A socket of the fake kernel: what a session sees as its Transport. */
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { E } from './errno.js';
import type { AnswerFilter } from './faults.js';
import { accepts } from './filter.js';
import type { Namespace } from './namespace.js';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const KNOWN = new Set([NETLINK_NO_ENOBUFS, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]);

/** net.core.rmem_default and net.core.rmem_max of most systems. */
const RMEM = 212_992;

/** A dump under way: gives one datagram after the other, and undefined at its end. */
export interface RunningDump {
  next(): Uint8Array | undefined;
}

/** What a datagram takes of the receive buffer: the kernel counts whole blocks of memory and its own header. */
const cost = (length: number): number => 2 ** Math.ceil(Math.log2(length + 320)) + 256;

interface Queued {
  data: Uint8Array;
  /** True length, where the datagram was cut. */
  length: number;
}

export class FakeSocket implements Transport {
  readonly fd = -1;
  readonly groups = new Set<number>();
  /** Datagrams of answers so far, lost ones too. */
  answers = 0;
  readonly #options = new Map<number, number>();
  readonly #queue: Queued[] = [];
  #used = 0;
  #rcvbuf = RMEM;
  #error = 0;
  #congested = false;
  #drops = 0;
  #closed = false;
  #watcher: (() => void) | null = null;
  #told: NodeJS.Immediate | undefined;
  /** Keeps the event loop alive while somebody watches, as a descriptor would. */
  #alive: NodeJS.Timeout | undefined;
  #ref = false;
  #program: Uint8Array | undefined;
  #dump: RunningDump | undefined;
  #filter: AnswerFilter | undefined;

  constructor(
    readonly protocol: number,
    readonly portid: number,
    readonly namespace: Namespace,
    private readonly handle: (socket: FakeSocket, data: Uint8Array) => void,
    private readonly gone: (socket: FakeSocket) => void,
  ) {}

  get closed(): boolean {
    return this.#closed;
  }
  get capped(): boolean {
    return this.#options.get(NETLINK_CAP_ACK) === 1;
  }
  get extended(): boolean {
    return this.#options.get(NETLINK_EXT_ACK) === 1;
  }
  get strict(): boolean {
    return this.#options.get(NETLINK_GET_STRICT_CHK) === 1;
  }
  get dumping(): boolean {
    return this.#dump !== undefined;
  }

  /** Starts a dump; its first datagram is made at once, the others when there is room. */
  startDump(dump: RunningDump): void {
    this.#dump = dump;
    this.#more();
  }

  #more(): void {
    const data = this.#dump?.next();
    if (data === undefined) this.#dump = undefined;
    else this.answer(data);
  }

  /** Queues a datagram, if there is room and nothing was lost that has not been noticed. */
  deliver(data: Uint8Array, length = data.length): void {
    if (this.#closed) return;
    if (this.#congested || this.#used > this.#rcvbuf) {
      this.overrun();
      return;
    }
    this.#queue.push({ data, length });
    this.#used += cost(length);
    this.#tell();
  }

  /** A notification, which the program's filter may leave out. */
  notify(data: Uint8Array, lost = false): void {
    if (this.#program !== undefined && !accepts(this.#program, data)) return;
    if (lost) this.overrun();
    else this.deliver(data);
  }

  /** What stands between the answers to the request under way and this socket. */
  filterAnswers(filter: AnswerFilter | undefined): void {
    if (this.#dump === undefined) this.#filter = filter;
  }

  /** Queues part of an answer. */
  answer(data: Uint8Array): void {
    this.answers++;
    if (this.#filter === undefined) this.deliver(data);
    else this.#filter(data, (d, length) => this.deliver(d, length));
  }

  /** Loses a datagram: the next receive says ENOBUFS, once, and nothing is queued until the queue was read. */
  overrun(): void {
    this.#drops = (this.#drops + 1) >>> 0;
    if (this.#options.get(NETLINK_NO_ENOBUFS) !== 1 && !this.#congested) this.#error = E.NOBUFS;
    this.#congested = true;
    this.#tell();
  }

  send(data: Uint8Array): number {
    if (this.#closed) return -E.BADF;
    this.handle(this, data.slice());
    return data.length;
  }

  receive(area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    meta[0] = E.AGAIN;
    meta[1] = 0;
    if (this.#closed) {
      meta[0] = E.BADF;
      return -E.BADF;
    }
    const most = Math.floor((meta.length - META_HEAD) / META_STRIDE);
    let at = 0;
    let count = 0;
    for (let more = true; more; ) {
      if (this.#error !== 0) {
        meta[0] = this.#error;
        this.#error = 0;
        break;
      }
      const next = this.#queue[0];
      if (next === undefined) break;
      meta[0] = 0;
      if (count === most || (count > 0 && (area.length - at < reserve || area.length - at < next.length))) break;
      this.#queue.shift();
      this.#used -= cost(next.length);
      // A datagram is cut where the area ends: one that is to be cut goes there.
      const cut = next.length > next.data.length;
      if (cut) at = (area.length - next.data.length) & ~7;
      const room = area.length - at;
      area.fill(0, at, at + Math.min((next.data.length + 7) & ~7, room));
      area.set(next.data.subarray(0, room), at);
      meta.set([at, next.length, 0, -1], META_HEAD + META_STRIDE * count);
      count++;
      at = (at + Math.min(next.data.length, room) + 7) & ~7;
      more = budgetUs > 0 && !cut;
      // The next part of a dump is made now, and read by the next call: a program may do something in between.
      if (this.#dump !== undefined && this.#queue.length === 0) {
        this.#more();
        more = false;
      }
      if (more) meta[0] = E.AGAIN;
    }
    if (this.#queue.length === 0) this.#congested = false;
    meta[1] = count;
    this.#tell();
    return count;
  }

  exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    const sent = this.send(data);
    return sent < 0 ? sent : this.receive(area, meta, reserve, budgetUs);
  }

  /** Level-triggered: as long as there is something, every turn of the event loop. */
  #tell(): void {
    const ready = this.#queue.length > 0 || this.#error !== 0;
    if (!ready || this.#watcher === null || this.#told !== undefined || this.#closed) return;
    this.#told = setImmediate(() => {
      this.#told = undefined;
      this.#watcher?.();
      this.#tell();
    });
    if (!this.#ref) this.#told.unref();
  }

  watch(onReadable: (() => void) | null): void {
    if (this.#closed && onReadable !== null)
      throw Object.assign(new Error('closed'), { code: 'EBADF', errno: -E.BADF });
    this.#watcher = onReadable;
    this.#keep();
    this.#tell();
  }

  #keep(): void {
    const wanted = this.#watcher !== null && this.#ref && !this.#closed;
    if (wanted) this.#alive ??= setInterval(() => {}, 0x3fffffff);
    else if (this.#alive !== undefined) {
      clearInterval(this.#alive);
      this.#alive = undefined;
    }
    if (wanted) this.#told?.ref();
    else this.#told?.unref();
  }

  ref(): void {
    this.#ref = true;
    this.#keep();
  }
  unref(): void {
    this.#ref = false;
    this.#keep();
  }

  join(group: number): number {
    if (this.#closed) return -E.BADF;
    if (!Number.isInteger(group) || group <= 0) return -E.INVAL;
    this.groups.add(group);
    return 0;
  }
  leave(group: number): number {
    if (this.#closed) return -E.BADF;
    this.groups.delete(group);
    return 0;
  }

  setOption(level: number, name: number, value: number): number {
    if (this.#closed) return -E.BADF;
    if (level === SOL_SOCKET && (name === SO_RCVBUF || name === SO_RCVBUFFORCE)) {
      this.#rcvbuf = 2 * (name === SO_RCVBUF ? Math.min(value, RMEM) : value);
      return 0;
    }
    if (level !== SOL_NETLINK || !KNOWN.has(name)) return -E.NOPROTOOPT;
    this.#options.set(name, value === 0 ? 0 : 1);
    return 0;
  }
  getOption(level: number, name: number): number {
    if (this.#closed) return -E.BADF;
    if (level === SOL_SOCKET && name === SO_RCVBUF) return this.#rcvbuf;
    return level === SOL_NETLINK && KNOWN.has(name) ? (this.#options.get(name) ?? 0) : -E.NOPROTOOPT;
  }
  filter(program: Uint8Array): number {
    this.#program = program.slice();
    return 0;
  }
  drops(): number {
    return this.#drops;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watcher = null;
    this.#queue.length = 0;
    this.#dump = undefined;
    if (this.#told !== undefined) clearImmediate(this.#told);
    this.#keep();
    this.gone(this);
  }
}
