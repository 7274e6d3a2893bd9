/** What goes wrong on purpose: once, a few times, or by chance. */
import { LITTLE } from '../codec/bytes.js';
import { NLMSG_ERROR } from '../codec/header.js';
import type { DumpPlan } from './dump.js';
import { E, Refusal } from './errno.js';
import { acknowledgement } from './messages.js';
import { RTM } from './numbers.js';
import { Random } from './random.js';
import type { FakeSocket } from './socket.js';
import { message, NOBODY, Request, viewOf } from './wire.js';

/** Which messages a fault is for, and how often. */
interface When {
  /** Type of the request (RTM_*), or of the notification; default: any. */
  type?: number | undefined;
  /** How many of that type go well before (0). */
  after?: number | undefined;
  /** How many times (1). */
  times?: number | undefined;
}

interface Kinds {
  /** The request is refused with an errno (positive), and with words where the kernel would have some. */
  error: { errno: number; words?: string | undefined };
  /** The request is changed on its way: `alter` gets the message with its header and changes it in place. */
  alter: { alter(message: Uint8Array): void };
  /** Every message of a dump comes in a datagram of its own. */
  split: object;
  /** Notifications and answers to nobody's request come between those of the answer. */
  interleave: object;
  /** The acknowledgement comes in a later turn of the event loop. */
  'late-ack': object;
  /** A dump ends with an errno (positive). */
  'done-error': { errno: number };
  /** A dump is marked as interrupted (NLM_F_DUMP_INTR). */
  interrupted: object;
  /** The n-th datagram of the answer, counted from 1, is lost: ENOBUFS. Not of dumps: the kernel waits for room. */
  lost: { datagram?: number | undefined };
  /** A notification is lost at everyone who listens: ENOBUFS. */
  'lost-event': object;
  /** The first datagram of the answer is cut to so many bytes; its true length is told. */
  truncate: { bytes: number };
  /** The answer comes after some milliseconds. */
  delay: { ms: number };
}

/** One fault. */
export type Fault = { [K in keyof Kinds]: { kind: K } & Kinds[K] & When }[keyof Kinds];
export type FaultKind = keyof Kinds;

/** Faults by chance: the same ones for the same seed and the same requests. */
export interface Chaos {
  seed: number;
  /** How likely a request meets a fault, from 0 to 1 (0.1). */
  rate?: number | undefined;
  /** Which faults; default: those that a program can always get over or be told of. */
  kinds?: readonly Exclude<FaultKind, 'alter'>[] | undefined;
}

const BY_CHANCE = ['split', 'interleave', 'late-ack', 'delay', 'interrupted', 'lost', 'lost-event', 'error'] as const;

type Deliver = (data: Uint8Array, length?: number) => void;
/** Stands between an answer and the socket that it is for. */
export type AnswerFilter = (data: Uint8Array, deliver: Deliver) => void;

const typeOf = (data: Uint8Array): number => viewOf(data).getUint16(4, LITTLE);

/** A fault that is due, and its line in the log. */
interface Due {
  fault: Fault;
  line: number;
}

/** Faults of answers: of a message that has none they are for the next answer to the same send. */
const OF_ANSWERS: ReadonlySet<FaultKind> = new Set(['interleave', 'late-ack', 'lost', 'truncate', 'delay']);

/** A fault by chance. */
function draw(random: Random, kind: Exclude<FaultKind, 'alter'>): Fault {
  switch (kind) {
    case 'error':
      return { kind, errno: random.pick([E.AGAIN, E.NOMEM, E.NOBUFS, E.BUSY]) };
    case 'done-error':
      return { kind, errno: random.pick([E.AGAIN, E.NOMEM]) };
    case 'lost':
      return { kind, datagram: 1 + random.below(3) };
    case 'truncate':
      return { kind, bytes: 4 * random.below(64) };
    case 'delay':
      return { kind, ms: random.below(4) };
    default:
      return { kind };
  }
}

export class Faults {
  readonly #list: { fault: Fault; passed: number; left: number }[] = [];
  readonly #chance: { random: Random; rate: number; kinds: readonly Exclude<FaultKind, 'alter'>[] } | undefined;
  /** What happened, in order. */
  readonly log: string[] = [];

  constructor(chaos: Chaos | undefined) {
    if (chaos === undefined) return;
    const { seed, rate = 0.1, kinds = BY_CHANCE } = chaos;
    this.#chance = { random: new Random(seed), rate, kinds };
  }

  add(fault: Fault): void {
    this.#list.push({ fault, passed: 0, left: fault.times ?? 1 });
  }

  /** The faults that are due for a message of a type. */
  #due(type: number, event: boolean): Due[] {
    const due: Fault[] = [];
    for (const entry of this.#list) {
      const { fault } = entry;
      if ((fault.kind === 'lost-event') !== event || entry.left === 0) continue;
      if (fault.type !== undefined && fault.type !== type) continue;
      if (entry.passed++ < (fault.after ?? 0)) continue;
      entry.left--;
      due.push(fault);
    }
    if (this.#chance !== undefined && this.#chance.random.next() < this.#chance.rate) {
      const { random, kinds } = this.#chance;
      const possible = kinds.filter((kind) => (kind === 'lost-event') === event);
      if (possible.length > 0) due.push(draw(random, random.pick(possible)));
    }
    return due.map((fault) => {
      const line = this.log.push(`${fault.kind} at ${event ? 'notification' : 'request'} of type ${type}`) - 1;
      return { fault, line };
    });
  }

  /** Whether a notification is lost. */
  losesEvent(data: Uint8Array): boolean {
    return this.#due(typeOf(data), true).length > 0;
  }

  /** Carries out the messages of a send, with what goes wrong about each. What `alter` throws is thrown on. */
  around(
    socket: FakeSocket,
    requests: readonly Request[],
    bytes: number,
    act: (request: Request, plan: DumpPlan) => Uint8Array | undefined,
  ): void {
    let waiting: Due[] = [];
    // Answers to one send keep their order: what comes behind a late one is late.
    const late: Fault[] = [];
    try {
      for (const [i, request] of requests.entries()) {
        const due = [...waiting, ...this.#due(request.type, false)];
        const answered = this.#one(socket, request, due, late, bytes, act);
        if (answered) this.#note(waiting, ` that has no answer of its own: of that to message ${i + 1} of the send`);
        if (answered)
          late.push(...due.map(({ fault }) => fault).filter(({ kind }) => kind === 'delay' || kind === 'late-ack'));
        waiting = answered ? [] : due.filter(({ fault }) => OF_ANSWERS.has(fault.kind));
      }
    } finally {
      this.#note(waiting, ', without effect: there was no answer');
    }
  }

  #note(due: readonly Due[], words: string): void {
    for (const { line } of due) this.log[line] += words;
  }

  /** Carries out one message. Returns whether there was an answer. */
  #one(
    socket: FakeSocket,
    request: Request,
    due: readonly Due[],
    late: readonly Fault[],
    bytes: number,
    act: (request: Request, plan: DumpPlan) => Uint8Array | undefined,
  ): boolean {
    const plan: DumpPlan = { bytes };
    let refusal: Refusal | undefined;
    let asked = request;
    for (const { fault } of due) {
      if (fault.kind === 'error') refusal = new Refusal(fault.errno, fault.words);
      else if (fault.kind === 'split') plan.bytes = 1;
      else if (fault.kind === 'interrupted') plan.interrupted = true;
      else if (fault.kind === 'done-error') plan.errno = fault.errno;
      else if (fault.kind === 'alter') {
        const copy = asked.bytes.slice();
        fault.alter(copy);
        asked = new Request(copy, asked.port);
      }
    }
    const before = socket.answers;
    const faults = [...due.map(({ fault }) => fault), ...late];
    socket.filterAnswers(faults.length === 0 ? undefined : answerFilter(faults, socket));
    const ack = refusal === undefined ? act(asked, plan) : acknowledgement(socket, asked, refusal);
    if (ack !== undefined) socket.answer(ack);
    return socket.answers > before;
  }
}

/** Something that no request asked for, in front of an answer. */
function stray(socket: FakeSocket, deliver: Deliver): void {
  const lo = socket.namespace.link(1);
  if (lo === undefined) return;
  for (const cause of [NOBODY, { seq: 0xfffffffe, port: socket.portid }])
    deliver(message(RTM.NEWLINK, 0, cause, lo.fill()));
}

function answerFilter(due: readonly Fault[], socket: FakeSocket): AnswerFilter {
  let count = 0;
  return (data, deliver) => {
    count++;
    let last: Deliver = deliver;
    let length: number | undefined;
    let kept = data;
    for (const fault of due) {
      if (fault.kind === 'lost' && !socket.dumping && count === (fault.datagram ?? 1)) {
        socket.overrun();
        return;
      }
      if (fault.kind === 'interleave') stray(socket, deliver);
      if (fault.kind === 'truncate' && count === 1) {
        length = data.length;
        kept = data.subarray(0, fault.bytes);
      }
      const before = last;
      if (fault.kind === 'delay') last = (d, n) => void setTimeout(() => before(d, n), fault.ms);
      if (fault.kind === 'late-ack' && typeOf(data) === NLMSG_ERROR)
        last = (d, n) => void setImmediate(() => before(d, n));
    }
    last(kept, length);
  };
}
