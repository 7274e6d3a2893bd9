/** Requests that wait for their answers. */
import type { Bytes } from '../codec/bytes.js';
import { InputError, show, unknownKey } from '../codec/errors.js';
import type { MessageDef } from '../codec/message.js';
import { dropDescriptor, takeDescriptor } from './descriptors.js';
import type { ExtAck } from './extack.js';

/** Options of every call; always the last argument. */
export interface RequestOptions {
  /** Gives the call up: the promise rejects with the signal's reason. What was sent may still be carried out. */
  signal?: AbortSignal | undefined;
  /** Milliseconds without anything from the kernel after which the call fails (30,000). 0: never. */
  timeout?: number | undefined;
  /**
   * Have another thread send it, so that the event loop goes on while the kernel carries it out: deleting a link takes
   * tens of milliseconds. Requests that are made later may come before. Lists and lookups of names pay no heed. Default false.
   */
  offload?: boolean | undefined;
}

/** Refuses what is no time: a timer would take it for one millisecond. */
export function checkTimeout(ms: unknown): void {
  if (!(typeof ms === 'number' && ms >= 0 && ms <= 0x7fffffff))
    throw new InputError(
      'ERR_INVALID_VALUE',
      'timeout',
      `expected milliseconds up to 2147483647, or 0 for never, got ${show(ms)}`,
    );
}

/** Refuses options that would do nothing, or harm when nobody looks: before anything is sent. */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
  for (const [key, value] of Object.entries(options)) {
    const choices = Object.hasOwn(CHOICES, key) ? CHOICES[key] : undefined;
    if (choices === undefined) throw unknownKey(key, Object.keys(CHOICES)).within('options');
    if (value === undefined) continue;
    if (key === 'timeout') checkTimeout(value);
    else if (key === 'signal') {
      if (!(value instanceof AbortSignal))
        throw new InputError('ERR_INVALID_VALUE', 'signal', `expected an AbortSignal, got ${show(value)}`);
    } else if (!choices.includes(value))
      throw new InputError('ERR_INVALID_VALUE', key, `expected one of ${choices.join(', ')}, got ${show(value)}`);
  }
}

/** Every option of a call, and what it may be where that is a choice. */
const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  signal: [],
  timeout: [],
  offload: [true, false],
  echo: [true, false],
  onInterrupted: ['retry', 'partial', 'throw'],
  partial: [true, false],
  acks: ['last', 'each'],
};

/** The payload `[p, end)` of an NLMSG_ERROR, whose errno is 0 for an acknowledgement. */
export interface Reply {
  s: Bytes;
  p: number;
  end: number;
  flags: number;
  errno: number;
}

/** A request under way, known by its sequence number. */
export abstract class Pending<T> {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;
  /** Ended, one way or the other. */
  settled = false;
  /** Given up by its caller, but the kernel still answers: what comes is dropped. */
  abandoned = false;
  seq = 0;
  /** For several messages in one: the first number; `seq` is the last. */
  first = 0;
  /** Times that it was sent again. */
  resends = 0;
  /** What the kernel refused it with, for the call to put its stack in. */
  refusal: Error | undefined;
  /** Ends what watches over it: timer and abort listener. */
  release: (() => void) | undefined;
  timer: NodeJS.Timeout | undefined;

  constructor(
    /** Name of the message type, for errors. */
    readonly op: string,
    /** The request, with its header; for the path of a refused attribute. */
    public bytes: Uint8Array,
    readonly def: MessageDef<object> | undefined,
    /** Whether it changes something: then it must not be sent twice. */
    readonly writes: boolean,
    /** Whether messages with its number are answers (a GET, NLM_F_ECHO), not notifications that it caused. */
    readonly wantsData: boolean,
  ) {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** One message of the answer: payload of `n` bytes at `p`. Returns whether the answer is complete. */
  abstract data(s: Bytes, p: number, n: number, type: number, flags: number): boolean;
  /** Forgets what came of the answer: the request is sent again. */
  again(): void {}
  /** The kernel's word about one of several messages. */
  part(_seq: number, _reply: Reply): void {}
  /** The last word: an acknowledgement without error, or the end of a dump. */
  abstract end(ack: ExtAck): void;

  resolve(value: T): void {
    if (this.settled) return;
    this.settled = true;
    this.#done();
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.#done();
    this.#reject(reason);
  }

  #done(): void {
    if (this.release !== undefined) this.release();
    if (this.timer !== undefined) clearTimeout(this.timer);
  }
}

/** What a write gives. */
export interface WriteResult<T> {
  /** The object as the kernel has it now, where it was asked for (NLM_F_ECHO). */
  object?: T;
  /** Warnings that the kernel gave with its consent. */
  warnings: string[];
  /** Of a tun device with `persist: false`: its open descriptor. The device is gone when the caller closes it. */
  fd?: number;
}

/** A write with an acknowledgement, and with the object when it is echoed. */
export class Write<T extends object> extends Pending<WriteResult<T>> {
  #object: T | undefined;

  constructor(
    op: string,
    bytes: Uint8Array,
    def: MessageDef<object>,
    readonly reply: MessageDef<T> | undefined,
  ) {
    super(op, bytes, def, true, reply !== undefined);
  }

  override data(s: Bytes, p: number, n: number): boolean {
    // The first is the object itself; a link's notification may be followed by others.
    this.#object ??= this.reply?.read(s, p, n);
    return false;
  }

  override end(ack: ExtAck): void {
    const result: WriteResult<T> = { warnings: ack.msg === undefined ? [] : [ack.msg] };
    if (this.#object !== undefined) result.object = this.#object;
    if (ack.cookie !== undefined) {
      // One whose caller has given up has nobody who would close it.
      if (this.settled) dropDescriptor(ack.cookie);
      const fd = takeDescriptor(ack.cookie);
      if (fd !== undefined) result.fd = fd;
    }
    this.resolve(result);
  }
}

/** A GET with one object as its answer. */
export class Get<T extends object> extends Pending<T> {
  constructor(
    op: string,
    bytes: Uint8Array,
    def: MessageDef<object>,
    readonly reply: MessageDef<T>,
  ) {
    super(op, bytes, def, false, true);
  }

  override data(s: Bytes, p: number, n: number): boolean {
    this.resolve(this.reply.read(s, p, n));
    return true;
  }

  override end(): void {
    this.reject(
      Object.assign(new Error(`${this.op}: the kernel consented, but sent no object`), {
        code: 'ERR_NETLINK_NO_OBJECT',
      }),
    );
  }
}
