/** What comes in through a proxied transport: datagrams wait in order while their messages pass the callbacks. */
import { NLM_F_MULTI, NLMSG_MIN_TYPE } from '../codec/header.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { receiveArea, TURN_US } from './area.js';
import { EAGAIN, ENOBUFS } from './errno.js';
import { ask, checkVerdict, contextOf, type Proxies, type SendVerdict } from './proxy.js';
import { NLM_F_INSTEAD, thrownMessage } from './thrown.js';
import { flagsOf, joined, messagesOf, pidOf, readdressed, seqOf, typeOf } from './wire.js';

/** A datagram that came, or why nothing more came. */
interface Received {
  why: number;
  from: number;
  nsid: number;
  /** Messages that have not passed the callbacks yet. */
  rest: Uint8Array[];
  out: Uint8Array[];
}

const VERDICTS = ['forward', 'error'];
/** Turns in which the kernel's queue is emptied at most. */
const TURNS = 4096;
/** Datagrams that have passed the callbacks and wait at most: fewer than errors of callbacks are kept (thrown.ts). */
const MOST_READY = 512;

export class Inbound {
  readonly #to: Transport;
  readonly #proxies: Proxies;
  readonly #in: Received[] = [];
  readonly #ready: Received[] = [];
  /** A callback runs, or its promise is waited for: nothing more is handed on. */
  #busy = false;
  /** Why the kernel's queue gave no more when it was last read. */
  #why = EAGAIN;
  readonly #meta = new Int32Array(META_HEAD + META_STRIDE * 256);
  #watcher: (() => void) | null = null;
  #waking = false;
  #closed = false;

  constructor(to: Transport, proxies: Proxies) {
    this.#to = to;
    this.#proxies = proxies;
  }

  /** Whether nothing is different from a socket without proxies. */
  get plain(): boolean {
    return this.#proxies.receive.size === 0 && this.#in.length === 0 && this.#ready.length === 0;
  }

  receive(area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    if (this.#closed) {
      meta[0] = EAGAIN;
      meta[1] = 0;
      return 0;
    }
    if (this.plain) return this.#to.receive(area, meta, reserve, budgetUs);
    if (this.#ready.length === 0 && !this.#busy) {
      if (this.#in.length === 0) {
        this.#to.receive(area, meta, reserve, budgetUs);
        this.#take(area, meta);
      }
      this.#advance();
    }
    return this.#hand(area, meta, budgetUs);
  }

  /** Empties the kernel's queue. */
  fetch(): void {
    if (this.#closed) return;
    const { u8 } = receiveArea();
    for (let turns = 0; turns < TURNS; turns++) {
      this.#to.receive(u8, this.#meta, u8.length >> 1, 0);
      this.#take(u8, this.#meta);
      if (this.#meta[0] === EAGAIN) break;
    }
    this.#advance();
  }

  /** Puts messages behind what has come so far. They pass no callbacks. */
  add(messages: Uint8Array[]): void {
    this.#in.push({ why: 0, from: 0, nsid: -1, rest: [], out: messages });
    this.#advance();
  }

  /** Takes what was received out of the area, since callbacks may use that, and why it was no more. */
  #take(area: Uint8Array, meta: Int32Array): void {
    const why = meta[0]!;
    this.#keep(area, meta);
    // What was queued before a loss comes before its word, however long callbacks take.
    for (let turns = 0; why === ENOBUFS && this.#why !== EAGAIN && turns < TURNS; turns++) {
      this.#to.receive(area, this.#meta, area.length >> 1, TURN_US);
      this.#keep(area, this.#meta);
    }
    if (why !== 0 && why !== EAGAIN) this.#in.push({ why, from: 0, nsid: -1, rest: [], out: [] });
  }

  #keep(area: Uint8Array, meta: Int32Array): void {
    this.#why = meta[0]!;
    for (let i = 0, m = META_HEAD; i < meta[1]!; i++, m += META_STRIDE) {
      const data = area.slice(meta[m]!, Math.min(meta[m]! + meta[m + 1]!, area.length));
      const from = meta[m + 2]!;
      // Only the kernel's messages are of interest; the others keep their place.
      this.#in.push({ why: 0, from, nsid: meta[m + 3]!, rest: messagesOf(data), out: [] });
    }
  }

  /** Has messages pass the callbacks, in order. */
  #advance(): void {
    while (!this.#busy && !this.#closed && this.#ready.length < MOST_READY) {
      const item = this.#in[0];
      if (item === undefined) return;
      const message = item.rest.shift();
      if (message === undefined) {
        this.#ready.push(this.#in.shift()!);
        continue;
      }
      const callback = item.from === 0 ? this.#proxies.receive.callbacks.get(typeOf(message)) : undefined;
      if (callback === undefined) {
        item.out.push(message);
        continue;
      }
      this.#busy = true;
      const verdict = ask(
        () => callback(message.slice(), contextOf(message, this.#proxies)),
        (given) => checkVerdict(given, VERDICTS, message),
      );
      if (verdict instanceof Promise) {
        // What comes meanwhile stays in the kernel.
        if (!this.#closed) this.#to.watch(null);
        verdict.then((given) => {
          this.#busy = false;
          if (this.#closed) return;
          item.out.push(this.#seen(message, given));
          this.#to.watch(this.#watcher);
          this.#advance();
          this.wake();
        });
        return;
      }
      this.#busy = false;
      if (this.#closed) return;
      item.out.push(this.#seen(message, verdict));
    }
  }

  /** What the program gets of a message that a callback has seen. */
  #seen(message: Uint8Array, given: SendVerdict): Uint8Array {
    const seq = seqOf(message);
    const pid = pidOf(message);
    if (given.verdict === 'error') {
      // What stands for the kernel's own word about a request is one itself.
      const instead = typeOf(message) < NLMSG_MIN_TYPE ? 0 : NLM_F_INSTEAD;
      return thrownMessage(given.data, message, this.#to, pid, instead | (flagsOf(message) & NLM_F_MULTI));
    }
    return given.data === undefined || given.data === message
      ? message
      : readdressed(given.data, seq, pid, flagsOf(message) & NLM_F_MULTI);
  }

  /** Puts what is ready into the area. */
  #hand(area: Uint8Array, meta: Int32Array, budgetUs: number): number {
    const most = budgetUs <= 0 ? 1 : Math.floor((meta.length - META_HEAD) / META_STRIDE);
    let at = 0;
    let count = 0;
    let why = 0;
    for (let item = this.#ready[0]; item !== undefined && count < most; item = this.#ready[0]) {
      if (item.why !== 0) {
        if (count === 0) {
          why = item.why;
          this.#ready.shift();
        }
        break;
      }
      const data = joined(item.out);
      if (at + data.length > area.length) break;
      this.#ready.shift();
      area.set(data, at);
      meta.set([at, data.length, item.from, item.nsid], META_HEAD + META_STRIDE * count++);
      at += (data.length + 7) & ~7;
    }
    const drained = this.#busy || (this.#ready.length + this.#in.length === 0 && this.#why === EAGAIN);
    meta[0] = why !== 0 ? why : drained ? EAGAIN : 0;
    meta[1] = count;
    return count;
  }

  /** Says that there is something to read which the kernel does not know of. */
  wake(): void {
    if (this.#waking || this.#watcher === null || this.#ready.length === 0) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      if (this.#ready.length > 0) this.#watcher?.();
    });
  }

  watch(onReadable: (() => void) | null): void {
    this.#watcher = onReadable;
    if (!this.#busy && !this.#closed) this.#to.watch(onReadable);
    this.wake();
  }

  close(): void {
    this.#closed = true;
    this.#watcher = null;
    this.#ready.length = 0;
    this.#in.length = 0;
  }
}
