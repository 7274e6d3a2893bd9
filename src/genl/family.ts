/**
 * Families of generic netlink. A family is declared once, in a file of its own: its messages, what it can be told and
 * what it tells by itself. Numbers of families are given by the kernel when it loads them, so they are not in here.
 */
import type { Bytes } from '../codec/bytes.js';
import { MessageDef, type MessageExtras } from '../codec/message.js';
import { type StructDef, struct } from '../codec/struct.js';
import type { AttrMap } from '../codec/type.js';

/**
 * struct genlmsghdr, without keys: whoever sends writes command and version, and so no attribute's key (nlctrl has a
 * `version`) collides with them.
 */
const header = struct<object>(() => ({}), 4);

export interface GenlMessageSpec {
  /** Name of the message, such as `mptcp_msg`. */
  name: string;
  /** Prefix of the kernel's attribute names, such as `MPTCP_PM_ATTR`. */
  prefix: string;
  table: AttrMap | (() => AttrMap);
  /** Families with a header of their own: genlmsghdr and it in one struct, whose own members start at 4. */
  header?: StructDef<object>;
}

/** Declares a set of attributes that messages of a family have. `O` and `I` are its named interfaces. */
export const genlMessage = <O extends object, I>(spec: GenlMessageSpec): MessageDef<O & MessageExtras, I> =>
  new MessageDef<O & MessageExtras, I>({ header, ...spec, types: {} });

/** How a command that reads may be asked: for one object, for a list, or for either. */
export type GenlMode = 'do' | 'dump' | 'both';

/** One command that a family takes. */
export interface GenlOp<O extends object = object, I = unknown, M extends GenlMode = GenlMode, K = 'get' | 'set'> {
  readonly cmd: number;
  /** `set` changes something, so that it is never sent twice; `get` only reads. */
  readonly kind: K;
  readonly mode: M;
  readonly request: MessageDef<object, I>;
  readonly reply: MessageDef<O>;
}

/** One command that a family sends by itself, or with which it answers. */
export interface GenlEvent<O extends object = object> {
  readonly cmd: number;
  readonly reply: MessageDef<O>;
}

/** A command that reads, and how it may be asked. */
export function genlGet<O extends object, I>(cmd: number, request: MessageDef<O, I>): GenlOp<O, I, 'both', 'get'>;
export function genlGet<O extends object, I, M extends GenlMode>(
  cmd: number,
  request: MessageDef<O, I>,
  mode: M,
): GenlOp<O, I, M, 'get'>;
export function genlGet<O extends object, I>(
  cmd: number,
  request: MessageDef<O, I>,
  mode: GenlMode = 'both',
): GenlOp<O, I, GenlMode, 'get'> {
  return { cmd, kind: 'get', mode, request, reply: request };
}

/** A command that changes something. Some answer with what they made: then that is the result's `object`. */
export function genlSet<O extends object, I>(cmd: number, request: MessageDef<O, I>): GenlOp<O, I, 'do', 'set'> {
  return { cmd, kind: 'set', mode: 'do', request, reply: request };
}

/** A message that comes by itself, or an answer with a number of its own. */
export const genlEvent = <O extends object>(cmd: number, reply: MessageDef<O>): GenlEvent<O> => ({ cmd, reply });

export interface GenlFamilySpec {
  /** The kernel's name of the family. */
  name: string;
  /** Version to say in requests. */
  version: number;
  /** The kernel module that has the family, where it is not built in. */
  module?: string;
  /** Commands that programs send, by the kernel's names. */
  ops: Readonly<Record<string, GenlOp>>;
  /** Messages that the kernel sends by itself, by its names. */
  events?: Readonly<Record<string, GenlEvent>>;
  /** Answers have the numbers of `events`, not those of the requests (YNL: enum-model directional). */
  directional?: boolean;
  /** Names of the multicast groups. */
  groups?: readonly string[];
}

/** What a message of a family is. */
interface Named {
  op: string;
  def: MessageDef;
}

/** A family, as `defineFamily` makes it. */
export class GenlFamilyDef<S extends GenlFamilySpec = GenlFamilySpec> {
  readonly name: string;
  #requests: ReadonlyMap<number, Named> | undefined;
  #events: ReadonlyMap<number, Named> | undefined;

  constructor(readonly spec: S) {
    this.name = spec.name;
  }

  /** What the message is whose payload starts at `p`. `seq` tells an answer from an event, which has 0. */
  find(s: Bytes, p: number, seq: number, sent: boolean): Named | undefined {
    const cmd = s.u8[p]!;
    this.#requests ??= new Map(
      Object.entries(this.spec.ops).map(([op, o]) => [o.cmd, { op, def: o.request as MessageDef }]),
    );
    this.#events ??= new Map(
      Object.entries(this.spec.events ?? {}).map(([op, e]) => [e.cmd, { op, def: e.reply as MessageDef }]),
    );
    if (sent) return this.#requests.get(cmd);
    const [first, second] =
      seq === 0 || this.spec.directional === true ? [this.#events, this.#requests] : [this.#requests, this.#events];
    return first.get(cmd) ?? second.get(cmd);
  }
}

/** Declares a family of generic netlink. */
export const defineFamily = <const S extends GenlFamilySpec>(spec: S): GenlFamilyDef<S> => new GenlFamilyDef(spec);

type OpsOf<F> = F extends GenlFamilyDef<infer S> ? S['ops'] : never;
type EventsOf<F> = F extends GenlFamilyDef<infer S> ? (S extends { events: infer E } ? E : object) : never;
type Key<T> = keyof T & string;

/** Commands of a family that `request` takes. */
export type DoOp<F> = { [K in Key<OpsOf<F>>]: OpsOf<F>[K] extends { mode: 'do' | 'both' } ? K : never }[Key<OpsOf<F>>];
/** Commands of a family that `dump` and `stream` take. */
export type DumpOp<F> = {
  [K in Key<OpsOf<F>>]: OpsOf<F>[K] extends { mode: 'dump' | 'both' } ? K : never;
}[Key<OpsOf<F>>];
/** Any command of a family. */
export type AnyOp<F> = Key<OpsOf<F>>;
/** What a command takes. */
export type OpInput<F, C extends string> = OpsOf<F>[C] extends { request: MessageDef<infer _O, infer I> } ? I : never;
/** What a command gives. */
export type OpOutput<F, C extends string> = OpsOf<F>[C] extends { reply: MessageDef<infer O, infer _I> } ? O : never;
/** Whether a command only reads. */
export type IsGet<F, C extends string> = OpsOf<F>[C] extends { kind: 'get' } ? true : false;
/** Groups of a family. */
export type GroupOf<F> =
  F extends GenlFamilyDef<infer S> ? (S extends { groups: readonly (infer G)[] } ? G & string : string) : string;
/** An event of a family: its name and its object. */
export type EventOf<F> = {
  [K in Key<EventsOf<F>>]: {
    op: K;
    value: EventsOf<F>[K] extends { reply: MessageDef<infer O, infer _I> } ? O : never;
  };
}[Key<EventsOf<F>>];
