/** GenericNetlink: families by name, their commands, their events, their policies. */
import type { Bytes } from '../codec/bytes.js';
import { InputError, show } from '../codec/errors.js';
import { NLM_F_ACK } from '../codec/header.js';
import { MessageDef } from '../codec/message.js';
import { utf8Bytes } from '../codec/text.js';
import type { Writer } from '../codec/writer.js';
import { type Ctrl, type CtrlIn, GENL_ID_CTRL, GENL_OP, nlctrl } from '../genl/ctrl.js';
import {
  type AnyOp,
  type DoOp,
  type DumpOp,
  type EventOf,
  GenlFamilyDef,
  type GenlOp,
  type GroupOf,
  type IsGet,
  type OpInput,
  type OpOutput,
} from '../genl/family.js';
import { type OpRules, policyOf } from '../genl/policy.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { collect, type DumpOptions, type RowSink } from './dump.js';
import { ClosedError, NetlinkError } from './errors.js';
import { checkListening, EventStream, eventAt, type StrangeEvent } from './events.js';
import { checkGroups, encode, groupId, opOf, outgoing } from './genl-call.js';
import { FamilyCache, familyKey, familyOf, type GenlFamily, unknownFamily } from './genl-lookup.js';
import { IPRSocket } from './iprsocket.js';
import type { FindMessage, MessageHeader } from './message.js';
import { nameMessages } from './names.js';
import { NETLINK_GENERIC, NETLINK_ROUTE } from './options.js';
import { checkOptions, Get, type RequestOptions, Write, type WriteResult } from './pending.js';
import { Session } from './session.js';
import { writeMessage } from './socket.js';
import type { SocketOptions } from './socket-options.js';
import { DumpStream } from './stream.js';

/** A family: its declaration, its name, or its number. */
export type FamilyRef = GenlFamilyDef | string | number;

/** What a command gives: the object that it reads, or the result of a change. */
export type OpAnswer<F, C extends string> =
  IsGet<F, C> extends true ? OpOutput<F, C> : WriteResult<OpOutput<F, C> & object>;

export interface GenlMonitorOptions<F extends FamilyRef = FamilyRef> {
  /** Whose events. By a name alone they come as bytes, but for nlctrl. */
  family: F;
  /** Names of the family's groups. */
  groups: readonly GroupOf<F>[];
  /** Receive buffer in bytes (4 MiB; up to the system's limit without CAP_NET_ADMIN). */
  rcvbuf?: number | undefined;
  /** Ends the stream; what waits for an event rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What a monitor of a family yields, in the order in which it happened, besides overruns. */
export type GenlMonitorEvent<F> = ({ type: 'message'; header: MessageHeader } & EventOf<F>) | StrangeEvent;

/** What the commands of a family take: by name where the family is declared, else by number. */
export type FamilyRules<F> = F extends GenlFamilyDef ? { [C in AnyOp<F>]?: OpRules } : Record<string, OpRules>;

/** Declared families by their numbers: those of the kernel, so that they are the same for all sockets. */
const declared = new Map<number, GenlFamilyDef>([[GENL_ID_CTRL, nlctrl]]);
nameMessages(NETLINK_GENERIC, (type, s, p, seq, sent) => declared.get(type)?.find(s, p, seq, sent));

const nameOf = (family: FamilyRef): string | number => (family instanceof GenlFamilyDef ? family.name : family);
const defOf = (family: FamilyRef): GenlFamilyDef | undefined =>
  family instanceof GenlFamilyDef ? family : family === nlctrl.name || family === GENL_ID_CTRL ? nlctrl : undefined;

/** Options of a lookup. */
export interface FamilyOptions extends RequestOptions {
  /** Ask the kernel, whatever is remembered. */
  fresh?: boolean | undefined;
}

/**
 * Generic netlink: a socket on which any number of families is spoken to. A family's number is looked up when it is
 * first used, and again when the kernel does not know it any more.
 */
export class GenericNetlink extends IPRSocket {
  readonly #cache: FamilyCache;
  readonly #bound: Map<number, { op: string; def: MessageDef }>;
  #route: Session | undefined;

  constructor(options: SocketOptions = {}) {
    if (options !== null && typeof options === 'object' && 'groups' in options)
      throw new InputError('ERR_UNKNOWN_KEY', 'groups', 'unknown option; join and monitor take groups of a family');
    const bound = new Map<number, { op: string; def: MessageDef }>();
    super(NETLINK_GENERIC, options, (type, s, p, seq) => bound.get(type) ?? declared.get(type)?.find(s, p, seq, false));
    this.#bound = bound;
    this.#cache = new FamilyCache();
  }

  // Families

  /** All families of this namespace. */
  async families(options?: DumpOptions): Promise<GenlFamily[]> {
    const rows = await this.dump(nlctrl, 'CTRL_CMD_GETFAMILY', {}, options);
    return rows.map((row) => this.#cache.add(familyOf(row)));
  }

  /**
   * A family by its name or number. It is remembered; `fresh` asks the kernel again. The kernel may load a module for
   * it. Rejects with a NetlinkError ENOENT that names the family.
   */
  async getFamily(family: FamilyRef, options: FamilyOptions = {}): Promise<GenlFamily> {
    const name = nameOf(family);
    const key = familyKey(name);
    const { fresh = false, ...rest } = options;
    checkOptions(rest);
    const known = this.#cache.get(name);
    if (known !== undefined && !fresh) return known;
    try {
      const found = familyOf(await this.request(nlctrl, 'CTRL_CMD_GETFAMILY', key, rest));
      if (known !== undefined && known.familyId !== found.familyId) this.#forget(known);
      return this.#cache.add(found);
    } catch (error) {
      if (known !== undefined && error instanceof NetlinkError && error.code === 'ENOENT') this.#forget(known);
      throw unknownFamily(error, name, defOf(family));
    }
  }

  /** Forgets a family that is gone, or that has another number now. */
  #forget({ familyName, familyId }: GenlFamily): void {
    this.#cache.drop(familyName);
    this.#bound.delete(familyId);
    declared.delete(familyId);
  }

  /**
   * What the kernel takes in which attribute: by command, by how it is asked, by attribute. With `op` (Linux 5.10)
   * only that command's. Empty when the family has no policy.
   */
  async policy<F extends FamilyRef>(family: F, op?: AnyOp<F> | number, options?: DumpOptions): Promise<FamilyRules<F>> {
    const def = defOf(family);
    const key: CtrlIn = familyKey(nameOf(family));
    if (typeof op === 'string' && def !== undefined) key.op = opOf(def, op, ['do', 'dump', 'both']).cmd;
    else if (op !== undefined) key.op = op as number;
    try {
      const rows = await this.dump(nlctrl, 'CTRL_CMD_GETPOLICY', key, options);
      const { ops } = await this.getFamily(family, options);
      const { CMD_CAP_DO, CMD_CAP_DUMP, CMD_CAP_HASPOL } = GENL_OP;
      const dumpOnly = ops.filter(
        ({ id, flags }) =>
          (flags & (CMD_CAP_DO | CMD_CAP_DUMP | CMD_CAP_HASPOL)) === (CMD_CAP_DUMP | CMD_CAP_HASPOL) &&
          (key.op === undefined || key.op === id),
      );
      const numbers = dumpOnly.map(({ id }) => id);
      return policyOf(rows, def, numbers) as FamilyRules<F>;
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      if (error.code === 'ENODATA') return {} as FamilyRules<F>;
      // The family or the command: the kernel says the same of both.
      if (error.code === 'ENOENT') await this.getFamily(family, { fresh: true });
      throw error;
    }
  }

  // Commands

  /** One command of a declared family: the object that it reads, or the result of the change. */
  async request<F extends GenlFamilyDef, C extends DoOp<F>>(
    family: F,
    op: C,
    spec?: OpInput<F, C>,
    options?: RequestOptions,
  ): Promise<OpAnswer<F, C>> {
    const cmd = opOf(family, op, ['do', 'both']);
    const payload = this.#payload(family, op, cmd, spec, options);
    // An acknowledgement as well: a command that turns out to have no answer must not be waited for.
    const answer = await this.#numbered<object>(family, options, (id) => {
      const out = outgoing(op, cmd, payload, id);
      const { reply } = cmd;
      return cmd.kind === 'get'
        ? this.transact(out, NLM_F_ACK, options, (bytes) => new Get(op, bytes, cmd.request, reply))
        : this.transact(out, NLM_F_ACK, options, (bytes) => new Write(op, bytes, cmd.request, reply));
    });
    return answer as OpAnswer<F, C>;
  }

  /** What a command lists, as an array. */
  async dump<F extends GenlFamilyDef, C extends DumpOp<F>>(
    family: F,
    op: C,
    spec?: OpInput<F, C>,
    options: DumpOptions = {},
  ): Promise<OpOutput<F, C>[]> {
    const cmd = opOf(family, op, ['dump', 'both']);
    const payload = this.#payload(family, op, cmd, spec, options);
    return this.#numbered(family, options, async (id) => {
      const request = await this.prepareDump(outgoing(op, cmd, payload, id), options);
      const start = (sink: RowSink) => this.startDump(request, sink, options);
      const begin = () => {
        const rows: OpOutput<F, C>[] = [];
        const sink: RowSink = (s, p, n, type) => {
          if (type === id) rows.push(cmd.reply.read(s, p, n) as OpOutput<F, C>);
        };
        return { sink, rows: () => rows };
      };
      return collect(op, start, begin, options);
    });
  }

  /** The same as a stream. */
  stream<F extends GenlFamilyDef, C extends DumpOp<F>>(
    family: F,
    op: C,
    spec?: OpInput<F, C>,
    options: DumpOptions = {},
  ): DumpStream<OpOutput<F, C>> {
    const cmd = opOf(family, op, ['dump', 'both']);
    checkOptions(options);
    const payload = encode(family, cmd, spec ?? {});
    return new DumpStream(
      op,
      () => {
        let id = 0;
        return {
          start: async (sink) => {
            // Not from memory: the number may have changed, and what was handed out cannot be taken back.
            id = (await this.#idOf(family, true, options)).id;
            return this.startDump(await this.prepareDump(outgoing(op, cmd, payload, id), options), sink, options);
          },
          row: (s, p, n, type) => (type === id ? (cmd.reply.read(s, p, n) as OpOutput<F, C>) : undefined),
        };
      },
      options,
    );
  }

  /** Checks and encodes a command, before anything is sent. */
  #payload(family: GenlFamilyDef, op: string, cmd: GenlOp, spec: unknown, options: RequestOptions | undefined): Writer {
    if (options !== undefined) checkOptions(options);
    const payload = encode(family, cmd, spec ?? {});
    if (this.closed) throw new ClosedError(op);
    return payload;
  }

  /** The family's number, and whether it is remembered: then it may have changed meanwhile. */
  async #idOf(family: GenlFamilyDef, fresh: boolean, options: RequestOptions | undefined) {
    if (family.name === nlctrl.name) return { id: GENL_ID_CTRL, remembered: false };
    const remembered = !fresh && this.#cache.get(family.name) !== undefined;
    const { familyId: id } = await this.getFamily(family, { ...options, fresh });
    declared.set(id, family);
    return { id, remembered };
  }

  /** Sends with the family's number; with the new one when the module was loaded again meanwhile. */
  async #numbered<T>(
    family: GenlFamilyDef,
    options: RequestOptions | undefined,
    send: (id: number) => Promise<T>,
  ): Promise<T> {
    const { id, remembered } = await this.#idOf(family, false, options);
    try {
      return await send(id);
    } catch (error) {
      // The kernel says so of a type that no family has; a command may say so too.
      if (!(remembered && error instanceof NetlinkError && error.code === 'ENOENT')) throw error;
      const now = await this.#idOf(family, true, options);
      if (now.id === id) throw error;
      return send(now.id);
    }
  }

  /** Interfaces are rtnetlink's: they are looked up on a socket of that, in the same namespace. */
  protected override async indexOf(name: string, options: RequestOptions | undefined): Promise<number> {
    if (this.#route === undefined) {
      this.#route = new Session(this.openTransport(undefined, NETLINK_ROUTE), this.session.timeout);
      this.attach(this.#route);
    }
    const session = this.#route;
    const seq = session.nextSeq();
    const w = session.writer;
    w.reset();
    const put = (w: Writer) => ifinfmsg.write(w, utf8Bytes(name).length > 15 ? { altIfname: name } : { ifname: name });
    writeMessage(w, { op: 'RTM_GETLINK', type: 18, flags: 0, def: ifinfmsg, put }, 0, seq);
    const get = new Get('RTM_GETLINK', w.view, ifinfmsg, ifinfmsg);
    get.seq = seq;
    try {
      return (await session.submit(get, options)).index;
    } catch (error) {
      throw error instanceof NetlinkError && error.code === 'ENODEV' ? noInterface(error, name) : error;
    }
  }

  // Events

  /** A stream of a family's events. It has a socket of its own, and listens when the promise resolves. */
  async monitor<F extends FamilyRef>(options: GenlMonitorOptions<F>): Promise<EventStream<GenlMonitorEvent<F>>> {
    checkListening(options, ['family']);
    const { family, groups, rcvbuf, signal } = options;
    const def = defOf(family);
    familyKey(nameOf(family));
    checkGroups(def, groups);
    // Not from memory: a number that another group has now would be joined without a word.
    const info = await this.getFamily(family, { fresh: true, signal });
    const numbers = groups.map((group) => groupId(info, group));
    const find: FindMessage = (type, s, p) => (type === info.familyId ? def?.find(s, p, 0, false) : undefined);
    const read = (s: Bytes, p: number, len: number): GenlMonitorEvent<F> => {
      const event = eventAt(find, s, p, len);
      // Somebody unloaded or loaded a module: the number of its family is another now.
      if (info.familyId === GENL_ID_CTRL && event.type === 'message') {
        const known = this.#cache.get((event.value as Ctrl).familyName ?? '');
        if (known !== undefined) this.#forget(known);
      }
      return event as GenlMonitorEvent<F>;
    };
    return this.listening(
      rcvbuf,
      (transport, forget) => new EventStream(transport, { groups: numbers, signal, read }, forget),
    );
  }

  /** Joins groups of a family on the main socket; their messages come from `get()` without a number. */
  async join<F extends FamilyRef>(family: F, ...groups: GroupOf<F>[]): Promise<void> {
    checkGroups(defOf(family), groups);
    const info = await this.getFamily(family, { fresh: true });
    if (family instanceof GenlFamilyDef) declared.set(info.familyId, family);
    super.bind({ groups: groups.map((group) => groupId(info, group)) });
  }

  /** Joins multicast groups by number; their messages come from `get()` without a number. */
  override bind(options: { groups: readonly number[] }): this;
  /**
   * Has messages of a family decoded by a message class (`genlmsg`) in `get` and `nlmRequest`, and joins groups of it.
   * Resolves to the family: its `familyId` is the type to `put` messages with.
   */
  override bind(
    family: string,
    message: { readonly def: MessageDef },
    options?: { groups?: readonly string[] },
  ): Promise<GenlFamily>;
  override bind(
    family: string | { groups: readonly number[] },
    message?: { readonly def: MessageDef },
    options: { groups?: readonly string[] } = {},
  ): this | Promise<GenlFamily> {
    return typeof family === 'string' ? this.#bindFamily(family, message, options.groups ?? []) : super.bind(family);
  }

  async #bindFamily(
    family: string,
    message: { readonly def: MessageDef } | undefined,
    groups: readonly string[],
  ): Promise<GenlFamily> {
    const def: unknown = message?.def;
    if (!(def instanceof MessageDef))
      throw new InputError('ERR_INVALID_VALUE', 'message', `expected a message class, got ${show(message)}`);
    checkGroups(undefined, groups);
    const info = await this.getFamily(family, { fresh: true });
    const numbers = groups.map((group) => groupId(info, group));
    this.#bound.set(info.familyId, { op: family, def: def as MessageDef });
    if (numbers.length > 0) super.bind({ groups: numbers });
    return info;
  }
}

/** The error of a lookup of an interface, with its name. */
const noInterface = ({ errno, op, seq }: NetlinkError, name: string): NetlinkError =>
  new NetlinkError({ errno, op, seq, reason: `there is no interface ${show(name)}` });
