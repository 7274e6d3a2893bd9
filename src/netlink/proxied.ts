/** A transport whose messages pass the callbacks of a socket's proxies, on the way out and on the way in. */
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR } from '../codec/header.js';
import type { Transport } from '../transport/transport.js';
import { now } from './clock.js';
import { ENOPROTOOPT } from './errno.js';
import { ClosedError, systemError } from './errors.js';
import { Inbound } from './inbound.js';
import { NETLINK_ROUTE } from './options.js';
import { ask, builtInContextOf, checkVerdict, contextOf, type Proxies, type SendVerdict } from './proxy.js';
import { forgetThrown, thrownMessage } from './thrown.js';
import { flagsOf, joined, lastWord, messagesOf, pidOf, readdressed, seqOf, typeOf } from './wire.js';

/** A datagram that was sent, as far as it has come. */
interface Sending {
  rest: Uint8Array[];
  /** Messages that go to the kernel together. */
  run: Uint8Array[];
  /** Whether the kernel got something of it, which it may have answered. */
  sent: boolean;
  /** Of `sendto`: called at the end. */
  done: ((error: unknown) => void) | undefined;
  error: unknown;
}

const SEND = ['forward', 'return', 'error'];
/** Milliseconds after which a long queue lets the event loop run. */
const TURN_MS = 5;

export class ProxiedTransport implements Transport {
  readonly #to: Transport;
  readonly #proxies: Proxies;
  readonly #out: Sending[] = [];
  readonly #in: Inbound;
  /** A callback runs, or its promise is waited for: nothing more is sent. */
  #sending = false;
  #closed = false;

  constructor(to: Transport, proxies: Proxies) {
    this.#to = to;
    this.#proxies = proxies;
    this.#in = new Inbound(to, proxies);
  }

  // Out

  /** Whether a message is for a callback. */
  #concerned(data: Uint8Array): boolean {
    const { send, builtIn } = this.#proxies;
    if (send.size === 0 && builtIn === undefined) return false;
    return messagesOf(data).some((message) => send.callbacks.has(typeOf(message)) || builtIn?.(message) !== undefined);
  }

  send(data: Uint8Array): number {
    if (this.#out.length === 0 && !this.#concerned(data)) return this.#to.send(data);
    this.#enqueue(data, undefined);
    return data.length;
  }

  async sendLater(data: Uint8Array): Promise<number> {
    if (this.#out.length === 0 && !this.#concerned(data) && this.#to.sendLater !== undefined)
      return this.#to.sendLater(data);
    const sent = this.send(data);
    if (sent < 0) throw systemError('sendmsg', sent);
    return sent;
  }

  exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    if (this.#out.length === 0 && !this.#concerned(data)) {
      if (this.#in.plain) return this.#to.exchange(data, area, meta, reserve, budgetUs);
      const sent = this.#to.send(data);
      if (sent < 0) return sent;
    } else this.#enqueue(data, undefined);
    this.receive(area, meta, reserve, budgetUs);
    return data.length;
  }

  /** Sends a datagram for which nobody reads answers here; rejects with what a callback gave, or the system call. */
  async sendto(data: Uint8Array): Promise<number> {
    if (this.#out.length === 0 && !this.#concerned(data)) {
      const sent = this.#to.send(data);
      if (sent < 0) throw systemError('sendmsg', sent);
      return sent;
    }
    return new Promise((resolve, reject) =>
      this.#enqueue(data, (error) => (error === undefined ? resolve(data.length) : reject(error))),
    );
  }

  #enqueue(data: Uint8Array, done: Sending['done']): void {
    // The caller's memory is its own again when this returns.
    this.#out.push({ rest: messagesOf(data.slice()), run: [], sent: false, done, error: undefined });
    if (!this.#sending) this.#work();
  }

  /** Sends what can be sent, in order. */
  #work(): void {
    const turn = now() + TURN_MS;
    for (let job = this.#out[0]; job !== undefined && !this.#closed; job = this.#out[0]) {
      const message = job.rest.shift();
      if (message === undefined) {
        this.#flush(job);
        this.#out.shift();
        job.done?.(job.error);
        if (this.#out.length === 0) return;
        // Nobody receives between these, and a socket's queue is short.
        this.#in.fetch();
        if (now() < turn) continue;
        this.#later();
        return;
      }
      // Also while a callback runs: it may send on this socket, which comes after what is under way.
      this.#sending = true;
      const verdict = this.#askSend(job, message);
      if (verdict instanceof Promise) {
        verdict.then((given) => this.#goOn(() => this.#act(job, message, given)));
        return;
      }
      this.#sending = false;
      if (this.#closed) return;
      this.#act(job, message, verdict);
    }
  }

  #goOn(first: () => void): void {
    this.#sending = false;
    if (this.#closed) return;
    first();
    this.#work();
    this.#in.wake();
  }

  /** Goes on after everybody else had a turn. */
  #later(): void {
    this.#sending = true;
    setImmediate(() => this.#goOn(() => {}));
  }

  /** Asks the program's callback first, and one of the library about what that forwards. */
  #askSend(job: Sending, message: Uint8Array): SendVerdict | Promise<SendVerdict> {
    const callback = this.#proxies.send.callbacks.get(typeOf(message));
    if (callback === undefined) return this.#askBuiltIn(job, message);
    // In order: what was sent before has been carried out when a callback is called.
    this.#flush(job);
    const verdict = ask(
      () => callback(message.slice(), contextOf(message, this.#proxies, this.protocol)),
      (given) => checkVerdict(given, SEND, message),
    );
    const next = (given: SendVerdict) =>
      given.verdict === 'forward' && !this.#closed ? this.#askBuiltIn(job, given.data!) : given;
    return verdict instanceof Promise ? verdict.then(next) : next(verdict);
  }

  #askBuiltIn(job: Sending, message: Uint8Array): SendVerdict | Promise<SendVerdict> {
    const callback = this.#proxies.builtIn?.(message);
    if (callback === undefined) return { verdict: 'forward', data: message };
    this.#flush(job);
    return ask(
      () => callback(message, builtInContextOf(message, this.#proxies)),
      (given) => checkVerdict(given, SEND, message),
    );
  }

  #act(job: Sending, request: Uint8Array, given: SendVerdict): void {
    if (given.verdict === 'forward') {
      // Whether it is acknowledged is for the session to say, which waits for that.
      const ack = flagsOf(request) & NLM_F_ACK;
      job.run.push(
        given.data === request ? request : readdressed(given.data!, seqOf(request), pidOf(request), ack, NLM_F_ACK),
      );
    } else if (given.verdict === 'return') this.#reply(job, this.#answer(request, given.data));
    else if (job.done !== undefined) job.error ??= given.data;
    else this.#reply(job, [thrownMessage(given.data, request, this.#to, this.portid)]);
  }

  /** The messages of an answer, with the last word that the session waits for. */
  #answer(request: Uint8Array, data: Uint8Array | undefined): Uint8Array[] {
    const flags = flagsOf(request);
    const lists = this.protocol !== NETLINK_ROUTE || (typeOf(request) & 3) === 2;
    const dump = lists && (flags & NLM_F_DUMP) === NLM_F_DUMP;
    const messages = data === undefined ? [] : messagesOf(data);
    const last = messages.at(-1);
    const complete =
      last !== undefined &&
      (typeOf(last) === NLMSG_ERROR || typeOf(last) === NLMSG_DONE || (!dump && (flags & NLM_F_ACK) === 0));
    const own = messages.map((message) =>
      readdressed(message, seqOf(request), this.portid, dump && typeOf(message) >= 16 ? NLM_F_MULTI : 0),
    );
    return complete ? own : [...own, lastWord(request, this.portid, dump)];
  }

  /** Hands an answer to the session, after what the kernel has answered to the messages before. */
  #reply(job: Sending, messages: Uint8Array[]): void {
    this.#flush(job);
    if (job.sent) this.#in.fetch();
    this.#in.add(messages);
  }

  #flush(job: Sending): void {
    if (job.run.length === 0) return;
    const { run } = job;
    job.run = [];
    const sent = this.#to.send(joined(run));
    job.sent = true;
    if (sent >= 0) return;
    const error = systemError('sendmsg', sent);
    if (job.done !== undefined) job.error ??= error;
    else for (const message of run) this.#reply(job, [thrownMessage(error, message, this.#to, this.portid)]);
  }

  // In

  receive(area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    return this.#in.receive(area, meta, reserve, budgetUs);
  }

  watch(onReadable: (() => void) | null): void {
    this.#in.watch(onReadable);
  }

  close(): void {
    this.#closed = true;
    this.#in.close();
    forgetThrown(this.#to);
    for (const { done } of this.#out.splice(0)) done?.(new ClosedError('sendto'));
    this.#to.close();
  }

  // As it is

  get protocol(): number {
    return this.#to.protocol;
  }
  get portid(): number {
    return this.#to.portid;
  }
  get fd(): number {
    return this.#to.fd;
  }
  ref(): void {
    this.#to.ref();
  }
  unref(): void {
    this.#to.unref();
  }
  join(group: number): number {
    return this.#to.join(group);
  }
  leave(group: number): number {
    return this.#to.leave(group);
  }
  setOption(level: number, name: number, value: number): number {
    return this.#to.setOption(level, name, value);
  }
  getOption(level: number, name: number): number {
    return this.#to.getOption(level, name);
  }
  filter(program: Uint8Array): number {
    return this.#to.filter?.(program) ?? -ENOPROTOOPT;
  }
  cache(limit: number): number {
    return this.#to.cache?.(limit) ?? -ENOPROTOOPT;
  }
  drops(): number {
    return this.#to.drops();
  }
}
