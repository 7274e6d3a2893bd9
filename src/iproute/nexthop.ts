/** Next-hop objects and their groups: `ip nexthop` (Linux 5.3). */
import { InputError, show } from '../codec/errors.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { integer } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { type AF, type NHA_OP_FLAG, RTM, RTNH_F, type RTPROT } from '../rtnl/constants.js';
import { type Nexthop, type NexthopIn, nhmsg } from '../rtnl/nhmsg.js';
import { asGiven, requestAsGiven, wordsIn } from './as-given.js';
import { RouteSocket, type WriteOptions } from './base.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import { withEncapType } from './encap.js';
import { isRowOf } from './identity.js';
import { oneWord } from './one-word.js';
import { assertDefined, badCommand, flushFilter, matcher, type Predicate, type Wanted, type Where } from './select.js';

type OpFlags = number | keyof typeof NHA_OP_FLAG | readonly (keyof typeof NHA_OP_FLAG)[];

/** A next hop to be added or replaced: an interface, a gateway, a blackhole or a group of other next hops. */
export interface NexthopSpec
  extends Omit<NexthopIn, 'scope' | 'groups' | 'master' | 'resBucket' | 'groupStats' | 'hwStatsUsed' | 'opFlags'> {
  /** Interface of `oif`, by name or index. */
  dev?: number | string | undefined;
  /** Short for `protocol`. */
  proto?: number | keyof typeof RTPROT | undefined;
}

/** One next hop. */
export interface NexthopSelector {
  id: number;
  /** `'dump_stats'`, `'dump_hw_stats'`: the packets of a group's members too (Linux 6.9). */
  opFlags?: OpFlags | undefined;
}

/**
 * Which next hops to list: a predicate, or keys that must be equal. `oif`, `dev`, `master`, `groups`, `fdb` and
 * `family` are checked by the kernel.
 */
export type NexthopFilter =
  | Predicate<Nexthop & MessageExtras>
  | Where<
      Nexthop,
      {
        family?: Wanted<number | keyof typeof AF>;
        protocol?: Wanted<number | keyof typeof RTPROT>;
        /** Short for `protocol`. */
        proto?: number | keyof typeof RTPROT;
        /** Index or name. */
        oif?: Wanted<number | string>;
        /** Interface of `oif`. */
        dev?: number | string;
        /** Only those by ports of this link: index or name. */
        master?: number | string;
        /** Only groups. */
        groups?: true;
        /** Only those for forwarding databases. */
        fdb?: true;
        /** `'dump_stats'`, `'dump_hw_stats'`: the packets of a group's members too (Linux 6.9). */
        opFlags?: OpFlags;
      }
    >;

export type NexthopChange = 'add' | 'replace' | 'del';

/** A next hop as the kernel has it, and what could not be decoded of it. */
export type NexthopRow = Nexthop & MessageExtras;

const FLAGS: Readonly<Record<NexthopChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  del: 0,
};

const WORDS = { dev: 'oif', proto: 'protocol' };

/** What a group cannot have besides its members. */
const NO_GROUP = ['oif', 'gateway', 'blackhole', 'encap', 'encapType', 'dstPort', 'flags'] as const;

/** Refuses an id that no object has. */
export function assertId(id: unknown, field = 'id'): void {
  if (id === undefined) throw new InputError('ERR_MISSING_KEY', field, 'is needed: the id of a next hop');
  try {
    integer(id, 1, 0xffffffff);
  } catch (error) {
    throw error instanceof InputError ? error.within(field) : error;
  }
}

const READ_ONLY = ['scope', 'groups', 'master', 'resBucket', 'groupStats', 'hwStatsUsed', 'opFlags', 'errors'];

/** What of a row is set; flags but `onlink` say how its link is. */
function again(row: Rec): Rec {
  const value: Rec = { ...row };
  for (const key of READ_ONLY) delete value[key];
  value.flags = (row.flags as number) & RTNH_F.onlink;
  if (value.flags === 0) delete value.flags;
  if (isRec(row.resGroup)) {
    const { unbalancedTime: _, ...group } = row.resGroup;
    value.resGroup = group;
  }
  return value;
}

function prepared(cmd: NexthopChange, spec: NexthopSpec): Rec {
  const given = isRowOf(nhmsg, spec) ? again(spec as Rec) : (spec as Rec);
  const value = oneWord(oneWord(given, 'dev', 'oif'), 'proto', 'protocol');
  const { id, group, family, gateway, resGroup } = value;
  for (const key of ['scope', 'groups', 'master', 'resBucket', 'groupStats', 'hwStatsUsed', 'opFlags'])
    if (Object.hasOwn(value, key))
      throw new InputError('ERR_UNKNOWN_KEY', key, 'comes out of the kernel, and is not set');
  if (cmd === 'replace' || (id !== undefined && id !== 0)) assertId(id);
  if (group !== undefined) {
    if (!Array.isArray(group) || group.length === 0)
      throw new InputError('ERR_INVALID_VALUE', 'group', `expected an array of next hops, got ${show(group)}`);
    for (const key of NO_GROUP)
      if (value[key] !== undefined && value[key] !== false)
        throw new InputError('ERR_CONFLICT', key, 'is of the members, not of a group');
    if (resGroup !== undefined && value.groupType === undefined) value.groupType = 'resilient';
    if (resGroup !== undefined && value.groupType !== 'resilient' && value.groupType !== 1)
      throw new InputError('ERR_CONFLICT', 'resGroup', `is given for a group of type ${show(value.groupType)}`);
    return value;
  }
  for (const key of ['groupType', 'resGroup', 'hwStatsEnable'])
    if (value[key] !== undefined) throw new InputError('ERR_CONFLICT', key, 'is for groups, and there is no group');
  if (gateway === undefined && value.oif === undefined && !value.blackhole)
    throw new InputError('ERR_MISSING_KEY', 'gateway', 'or oif (dev), blackhole or group is needed');
  // As `ip`: of an interface alone nobody could tell.
  if (family === undefined && gateway === undefined) value.family = 'inet';
  return withEncapType(value);
}

/** The request of a change. Throws InputError for what cannot be one. */
export function nexthopRequest(cmd: NexthopChange, spec: NexthopSpec | NexthopSelector): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'nexthop', `expected an object, got ${show(spec)}`);
  const value =
    cmd === 'del'
      ? selected(spec as unknown as NexthopSelector, [])
      : asGiven(
          () => wordsIn(spec, WORDS),
          () => prepared(cmd, spec as NexthopSpec),
        );
  const op = cmd === 'del' ? 'RTM_DELNEXTHOP' : 'RTM_NEWNEXTHOP';
  const out: Outgoing = { op, type: RTM[op], flags: FLAGS[cmd], def: nhmsg, put: (w) => nhmsg.write(w, value) };
  return requestAsGiven(out, () => wordsIn(spec, WORDS));
}

/** The keys of a request about one next hop: its id, and `more`. */
function selected(spec: NexthopSelector, more: readonly string[]): Rec {
  assertDefined(spec);
  const { id, ...rest } = isRowOf(nhmsg, spec) ? { id: spec.id } : spec;
  assertId(id);
  for (const key of Object.keys(rest))
    if (!more.includes(key)) throw new InputError('ERR_UNKNOWN_KEY', key, 'a next hop is known by its id alone');
  return { ...rest, id };
}

/** The request of one next hop. */
export function nexthopGetRequest(spec: NexthopSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'nexthop', `expected an object, got ${show(spec)}`);
  const value = selected(spec, ['opFlags']);
  return {
    op: 'RTM_GETNEXTHOP',
    type: RTM.RTM_GETNEXTHOP,
    flags: 0,
    def: nhmsg,
    put: (w) => nhmsg.write(w, value),
  };
}

/** Keys that the kernel filters by; it does so on every kernel, with and without strict checks. */
const KERNEL_KEYS = new Set(['family', 'oif', 'master', 'groups', 'fdb', 'opFlags']);

/** The request of a list. */
export function nexthopTable(filter: NexthopFilter = {}): TableRequest<NexthopRow> {
  const ask: Rec = {};
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    for (const [key, value] of Object.entries(oneWord(oneWord(filter as Rec, 'dev', 'oif'), 'proto', 'protocol'))) {
      if ((key === 'groups' || key === 'fdb') && value !== true)
        throw new InputError('ERR_INVALID_VALUE', key, `expected true, got ${show(value)}`);
      // To the kernel 0 means any.
      if (key === 'master' && value === 0) throw new InputError('ERR_INVALID_VALUE', key, 'is no link');
      const here = typeof value === 'function' || (key === 'oif' && value === 0);
      if (key === 'oif' && value === 0) match.oif = (oif: unknown) => oif === undefined;
      else if (KERNEL_KEYS.has(key) && !here) ask[key] = value;
      else match[key] = value;
      // Kernels take NHA_FDB, but list the others too; and groups, which have no family, to whoever asks for one.
      if ((key === 'fdb' || key === 'family') && !here) match[key] = value;
    }
  }
  return {
    out: {
      op: 'RTM_GETNEXTHOP',
      type: RTM.RTM_GETNEXTHOP,
      flags: 0,
      def: nhmsg,
      put: (w) =>
        asGiven(
          () => wordsIn(filter, WORDS),
          () => nhmsg.write(w, ask),
        ),
    },
    def: nhmsg,
    row: RTM.RTM_NEWNEXTHOP,
    wanted:
      typeof filter === 'function'
        ? filter
        : asGiven(
            () => wordsIn(filter, WORDS),
            () => matcher(nhmsg, match),
          ),
  };
}

/** A filter without what says how to list, and not which. */
function selectingOnly(filter: unknown): unknown {
  if (!isRec(filter)) return filter;
  const { opFlags: _, ...rest } = filter;
  return rest;
}

export abstract class NexthopVerbs extends RouteSocket {
  /** One next hop. */
  nexthop(cmd: 'get', spec: NexthopSelector, options?: RequestOptions): Promise<NexthopRow>;
  /** All next hops, or those that match. */
  nexthop(cmd: 'dump' | 'show', filter?: NexthopFilter, options?: DumpOptions): Promise<NexthopRow[]>;
  /** Adds or replaces a next hop. Without an `id` the kernel chooses one: it is in `object`. */
  nexthop(cmd: 'add' | 'replace', spec: NexthopSpec, options?: WriteOptions): Promise<WriteResult<NexthopRow>>;
  /** Deletes one by its `id`. */
  nexthop(cmd: 'del', spec: Pick<NexthopSelector, 'id'>, options?: WriteOptions): Promise<WriteResult<NexthopRow>>;
  // Apart from the others: of a union, keys of either could be mixed.
  /** The same with a row as it was read. */
  nexthop(cmd: NexthopChange, row: NexthopRow, options?: WriteOptions): Promise<WriteResult<NexthopRow>>;
  async nexthop(
    cmd: NexthopChange | 'get' | 'dump' | 'show',
    spec: NexthopSpec | NexthopSelector | NexthopFilter | NexthopRow = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<NexthopRow> | NexthopRow | NexthopRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(nexthopGetRequest(spec as NexthopSelector), nhmsg, options);
      case 'dump':
      case 'show':
        return this.getNexthops(spec as NexthopFilter, options);
      case 'add':
      case 'replace':
      case 'del': {
        const request = nexthopRequest(cmd, spec as NexthopSpec);
        const echo = options?.echo ?? (cmd === 'add' && !(spec as NexthopSpec).id);
        return this.write(request, options, echo ? nhmsg : undefined);
      }
      default:
        throw badCommand(cmd, ['add', 'replace', 'del', 'get', 'dump']);
    }
  }

  /** All next hops, or those that match. */
  async getNexthops(filter?: NexthopFilter, options?: DumpOptions): Promise<NexthopRow[]> {
    return dumpArray(this, nexthopTable(filter), options);
  }

  /** The same as a stream. */
  nexthops(filter?: NexthopFilter, options?: DumpOptions): DumpStream<NexthopRow> {
    return dumpStream(this, 'RTM_GETNEXTHOP', () => nexthopTable(filter), options);
  }

  /**
   * Deletes the next hops that match; `{ all: true }` deletes every one. Resolves to how many. Routes by a deleted next
   * hop go with it, and groups that have no other member.
   */
  async flushNexthops(filter: NexthopFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const rows = await this.getNexthops(flushFilter(selectingOnly(filter)) as NexthopFilter, options);
    return this.flush(
      rows.map(({ id }) => nexthopRequest('del', { id: id! })),
      options,
      ['ENOENT'],
    );
  }
}
