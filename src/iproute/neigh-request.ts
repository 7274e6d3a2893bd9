/** Neighbours: what `ip neighbour` takes, as requests. */
import { InputError, show, within } from '../codec/errors.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import { parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { Outgoing } from '../netlink/socket.js';
import { type AF, NTF, NTF_EXT, NUD, type RTPROT } from '../rtnl/constants.js';
import { type Neighbour, type NeighbourIn, ndmsg } from '../rtnl/ndmsg.js';
import { asGiven, requestAsGiven, wordsIn } from './as-given.js';
import { type DeviceKeys, filterDevice, needDevice, putDevice, type WithDevice } from './device.js';
import type { TableRequest } from './dumps.js';
import { assertLookedAt, isRowOf } from './identity.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

/** What forwarding entries have, and neighbours have not: the kernel would take and forget it. */
const OF_FDB = [
  'vlan',
  'port',
  'vni',
  'via',
  'master',
  'linkNetnsid',
  'srcVni',
  'nhId',
  'fdbExtAttrs',
  'ndmStateMask',
  'ndmFlagsMask',
] as const;

/** Flags by a word of their own, which are NTF_* bits of `flags`. */
export interface NeighbourFlagKeys {
  /** A router: NTF_ROUTER. */
  router?: boolean | undefined;
  /** Made by a program that learnt it elsewhere, which the kernel leaves alone: NTF_EXT_LEARNED. */
  externLearn?: boolean | undefined;
  /** Have the kernel look the neighbour up at once: NTF_USE. */
  use?: boolean | undefined;
}

/** Keys of a neighbour. */
export interface NeighbourKeys
  extends Omit<NeighbourIn, 'ifindex' | 'state' | (typeof OF_FDB)[number]>,
    DeviceKeys,
    NeighbourFlagKeys {
  /** State: default `permanent`, and `none` for one that the kernel keeps resolved (`managed`). */
  state?: NeighbourIn['state'] | 'none';
  /** Another word for `state`. */
  nud?: NeighbourIn['state'] | 'none';
  /** An address to answer for, in place of a neighbour: NTF_PROXY. */
  proxy?: boolean | undefined;
  /** Have the kernel keep the neighbour resolved (Linux 5.16): NTF_EXT_MANAGED. */
  managed?: boolean | undefined;
}

/** A neighbour to be added, changed, deleted or looked up: on an interface, and with an address. */
export type NeighbourSpec = NeighbourKeys & WithDevice & { dst: string };

/**
 * Which neighbours to list: a predicate, or keys that must be equal. `family`, `dev` and `master` are checked by the
 * kernel. `proxy: true` lists the addresses that are answered for; without it they are not in the list.
 */
export type NeighbourFilter =
  | Predicate<Neighbour & MessageExtras>
  | Where<
      Neighbour,
      {
        family?: Wanted<number | keyof typeof AF>;
        /** Index or name. */
        dev?: number | string;
        /** Another word for `dev`. */
        index?: number | string;
        ifindex?: Wanted<number | string>;
        /** Neighbours on the ports of this bridge or VRF: index or name. */
        master?: number | string;
        state?: Wanted<number | keyof typeof NUD>;
        nud?: Wanted<number | keyof typeof NUD>;
        protocol?: Wanted<number | keyof typeof RTPROT>;
        proxy?: boolean;
      }
    >;

export type NeighbourChange = 'add' | 'set' | 'replace' | 'change' | 'append' | 'del';

const FLAGS: Readonly<Record<NeighbourChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  set: NLM_F_CREATE | NLM_F_REPLACE,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  change: NLM_F_REPLACE,
  append: NLM_F_CREATE | NLM_F_APPEND,
  del: 0,
};

/** Where struct ndmsg has the index of the interface. */
export const IFINDEX = 4;

/** Adds flags that are given by words of their own to those under `key`. */
export function joinFlags(value: Rec, key: string, words: Readonly<Record<string, number>>, map: Rec): void {
  let bits = 0;
  for (const [word, bit] of Object.entries(map)) {
    const given = value[word];
    delete value[word];
    if (given === undefined || given === false) continue;
    if (given !== true) throw new InputError('ERR_INVALID_VALUE', word, `expected true or false, got ${show(given)}`);
    bits |= bit as number;
  }
  if (bits === 0) return;
  const known = value[key] ?? 0;
  value[key] = bits | within(key, () => integer(wordOrNumber(known, words, true), 0, 0xffffffff));
}

const NUD_WORD = { nud: 'state' };

/** Gives `nud` its other name, and `none` its number. */
export function stateWord(value: Rec): void {
  if (value.nud !== undefined) {
    if (value.state !== undefined)
      throw new InputError('ERR_CONFLICT', 'nud', 'is another word for state, which is given');
    value.state = value.nud;
  }
  delete value.nud;
  if (value.state === 'none') value.state = NUD.none;
}

/** Refuses what is not the address of one neighbour. */
function assertAddress(dst: unknown): void {
  if (dst === undefined) throw new InputError('ERR_MISSING_KEY', 'dst', 'is needed: the address of the neighbour');
  const found = typeof dst === 'string' ? parsePrefix(dst) : null;
  if (found === null || found.len >= 0)
    throw new InputError('ERR_INVALID_VALUE', 'dst', `${show(dst)} is not an address such as 10.0.0.1`);
}

function prepared(cmd: string, spec: NeighbourSpec): { value: Rec; device: ReturnType<typeof needDevice> } {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'neigh', `expected an object, got ${show(spec)}`);
  const { dst } = spec;
  // The interface and the address say which one; a name that a program failed to find must not mean another.
  if (cmd === 'del' || cmd === 'get') assertDefined(spec);
  else
    for (const key of ['dst', 'dev', 'index', 'ifindex'] as const)
      if (spec[key] === undefined && Object.hasOwn(spec, key)) assertDefined({ [key]: undefined });
  const value: Rec = { ...spec };
  assertAddress(dst);
  if (value.family === 'bridge' || value.family === 7)
    throw new InputError('ERR_CONFLICT', 'family', 'is of forwarding entries, which are the matter of fdb');
  const device = needDevice(value, 'the interface of the neighbour');
  stateWord(value);
  joinFlags(value, 'flags', NTF, {
    router: NTF.router,
    externLearn: NTF.ext_learned,
    use: NTF.use,
    proxy: NTF.proxy,
  });
  joinFlags(value, 'flagsExt', NTF_EXT, { managed: NTF_EXT.managed });
  return { value, device };
}

/** Whether the kernel keeps the neighbour resolved, so that there is no state to be given. */
const managed = ({ flagsExt }: Rec): boolean =>
  ((wordOrNumber(flagsExt ?? 0, NTF_EXT, true) as number) & NTF_EXT.managed) !== 0;

/** What tells one neighbour from another. */
const LOOKED = new Set(['dev', 'index', 'ifindex', 'family', 'dst', 'proxy', 'flags']);
const WORDS = ['nud', 'router', 'externLearn', 'use', 'managed'];

/** What deletes a neighbour that was read. */
export const exactly = ({ family, ifindex, dst, flags }: Neighbour): NeighbourSpec => ({
  family,
  ifindex,
  dst: dst!,
  flags: flags & NTF.proxy,
});

/** What of a deletion the kernel looks at; throws for the rest, unless it comes from a row. */
function selecting(spec: NeighbourSpec): NeighbourSpec {
  if (!isRec(spec)) return spec;
  if (isRowOf(ndmsg, spec)) {
    assertAddress(spec.dst);
    return exactly(spec as unknown as Neighbour);
  }
  assertLookedAt(ndmsg, spec, LOOKED, WORDS, 'a neighbour');
  const flags = within('flags', () => integer(wordOrNumber(spec.flags ?? 0, NTF, true), 0, 255));
  if ((flags & ~NTF.proxy) !== 0)
    throw new InputError('ERR_CONFLICT', 'flags', 'of which only proxy tells one neighbour from another');
  return spec;
}

/** Refuses what the kernel would take and forget. */
function assertTaken(spec: NeighbourSpec): void {
  for (const key of OF_FDB)
    if ((spec as object as Rec)[key] !== undefined)
      throw new InputError('ERR_CONFLICT', key, 'is of forwarding entries, which are the matter of fdb');
  if (isRowOf(ndmsg, spec)) return;
  for (const key of ['cacheinfo', 'probes', 'type'] as const)
    if (spec[key] !== undefined) throw new InputError('ERR_CONFLICT', key, 'comes out of the kernel, and is not set');
  const flags = within('flags', () => integer(wordOrNumber(spec.flags ?? 0, NTF, true), 0, 255));
  const other = (['self', 'master', 'sticky', 'offloaded'] as const).find((word) => (flags & NTF[word]) !== 0);
  if (other !== undefined) throw new InputError('ERR_CONFLICT', 'flags', `of which ${other} is of forwarding entries`);
}

/** The request of a change. Throws InputError for what cannot be one. */
export function neighRequest(cmd: NeighbourChange, spec: NeighbourSpec): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (cmd === 'del' && isRec(spec)) assertDefined(spec);
  const { value, device } = prepared(cmd, cmd === 'del' ? selecting(spec) : spec);
  if (cmd !== 'del') assertTaken(spec);
  if (cmd !== 'del') value.state ??= within('flagsExt', () => managed(value)) ? NUD.none : NUD.permanent;
  const out: Outgoing = {
    op: cmd === 'del' ? 'RTM_DELNEIGH' : 'RTM_NEWNEIGH',
    type: cmd === 'del' ? 29 : 28,
    flags: FLAGS[cmd],
    def: ndmsg,
    put(w) {
      const at = w.pos + IFINDEX;
      ndmsg.write(w, value);
      putDevice(w, at, device);
    },
  };
  return requestAsGiven(out, () => wordsIn(spec, NUD_WORD));
}

/** The request of one neighbour (Linux 5.0). */
export function neighGetRequest(spec: NeighbourSpec): Outgoing {
  const { value, device } = prepared('get', spec);
  return {
    op: 'RTM_GETNEIGH',
    type: 30,
    flags: 0,
    def: ndmsg,
    put(w) {
      const at = w.pos + IFINDEX;
      ndmsg.write(w, value);
      putDevice(w, at, device);
    },
  };
}

/** The request of a list. */
export function neighTable(filter: NeighbourFilter = {}, strict = true): TableRequest<Neighbour & MessageExtras> {
  const ask: Rec = {};
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    Object.assign(match, filter);
    const { family, master, proxy } = match;
    if (family === 'bridge' || family === 7)
      throw new InputError('ERR_CONFLICT', 'family', 'is of forwarding entries, which getFdb lists');
    if (family !== undefined && typeof family !== 'function') {
      ask.family = family;
      delete match.family;
    }
    if (proxy !== undefined) {
      if (typeof proxy !== 'boolean')
        throw new InputError('ERR_INVALID_VALUE', 'proxy', `expected true or false, got ${show(proxy)}`);
      if (proxy) ask.flags = NTF.proxy;
      delete match.proxy;
    }
    if (master !== undefined) {
      // To the kernel 0 means any.
      if (master === 0) throw new InputError('ERR_INVALID_VALUE', 'master', 'is no link');
      ask.master = master;
      delete match.master;
    }
    stateWord(match);
  }
  const device = typeof filter === 'function' ? undefined : filterDevice(match, strict);
  if (device !== undefined) ask.via = device.value;
  return {
    out: {
      op: 'RTM_GETNEIGH',
      type: 30,
      flags: 0,
      def: ndmsg,
      put(w) {
        try {
          ndmsg.write(w, ask);
        } catch (error) {
          throw error instanceof InputError && error.field === 'via'
            ? new InputError(error.code, device!.key, error.reason)
            : error;
        }
      },
    },
    def: ndmsg,
    row: 28,
    wanted:
      typeof filter === 'function'
        ? filter
        : asGiven(
            () => wordsIn(filter, NUD_WORD),
            () => matcher(ndmsg, match),
          ),
  };
}
