/** Forwarding entries of bridges and tunnels: what `bridge fdb` takes, as requests. */
import { InputError, show, within } from '../codec/errors.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import { parseLladdr } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { Outgoing } from '../netlink/socket.js';
import { AF, NTF, NUD, type RTPROT } from '../rtnl/constants.js';
import { type Neighbour, type NeighbourIn, ndmsg } from '../rtnl/ndmsg.js';
import { asGiven, requestAsGiven, wordsIn } from './as-given.js';
import {
  type Device,
  type DeviceKeys,
  filterDevice,
  needDevice,
  putDevice,
  takeDevice,
  type WithDevice,
} from './device.js';
import type { TableRequest } from './dumps.js';
import { assertOne, assertTable, selecting } from './fdb-select.js';
import { IFINDEX, joinFlags, type NeighbourFlagKeys } from './neigh-request.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

/** `bridge`'s words for the states of an entry. */
const STATES: Readonly<Record<string, number>> = {
  /** Of the machine itself: never forwarded. */
  permanent: NUD.permanent,
  local: NUD.permanent,
  /** Stays, and is forwarded. */
  static: NUD.noarp | NUD.reachable,
  temp: NUD.noarp | NUD.reachable,
  /** Ages as if it had been learnt. */
  dynamic: NUD.reachable,
};

/** Keys of a forwarding entry. */
export interface FdbKeys
  extends Omit<NeighbourIn, 'family' | 'ifindex' | 'state' | 'master' | 'ndmStateMask' | 'ndmFlagsMask' | 'type'>,
    DeviceKeys,
    NeighbourFlagKeys {
  /** `permanent` (or `local`; the default), `static` (`temp`) or `dynamic`; or NUD_* bits as they are. */
  state?: NeighbourIn['state'] | 'local' | 'static' | 'temp' | 'dynamic';
  /** Of the interface's own table: NTF_SELF. The default where `master` is not given. */
  self?: boolean | undefined;
  /** Of the table of the bridge whose port the interface is: NTF_MASTER. (An index, as rows have it, says nothing.) */
  master?: boolean | number | undefined;
  /** Does not move to another port: NTF_STICKY. */
  sticky?: boolean | undefined;
  /** Another word for `nhId`. */
  nhid?: number | undefined;
  family?: 'bridge' | 7 | undefined;
  type?: number | undefined;
  /** Of a deletion: all destinations of a group address or of the default entry, not one. */
  all?: true | undefined;
}

/** A forwarding entry to be added, changed or deleted: of an interface, and for a link-layer address. */
export type FdbSpec = FdbKeys & WithDevice & { lladdr: string };

/** Which entry to look up (Linux 5.0): on an interface, or in a bridge. */
export type FdbSelector = Pick<FdbKeys, 'dev' | 'index' | 'ifindex' | 'self' | 'master' | 'vlan' | 'vni'> & {
  /** Bridge to look in: name or index. */
  br?: number | string | undefined;
  lladdr: string;
} & (WithDevice | { br: number | string });

/** Which entries to list: a predicate, or keys that must be equal. `dev` and `br` are checked by the kernel. */
export type FdbFilter =
  | Predicate<Neighbour & MessageExtras>
  | Where<
      Neighbour,
      {
        /** Entries of this interface: index or name. */
        dev?: number | string;
        /** Another word for `dev`. */
        index?: number | string;
        ifindex?: Wanted<number | string>;
        /** Entries of this bridge and its ports: index or name. */
        br?: number | string;
        state?: Wanted<number | keyof typeof NUD>;
        protocol?: Wanted<number | keyof typeof RTPROT>;
      }
    >;

/** Which entries a flush deletes: of an interface, those with all of the properties. */
export type FdbFlush = DeviceKeys &
  WithDevice & {
    /** Of a bridge: entries of this port. */
    brport?: number | string | undefined;
    vlan?: number | undefined;
    /** Of a bridge by the name of its port: NTF_MASTER. */
    master?: boolean | undefined;
    self?: boolean | undefined;
    permanent?: boolean | undefined;
    static?: boolean | undefined;
    dynamic?: boolean | undefined;
    addedByUser?: boolean | undefined;
    externLearn?: boolean | undefined;
    sticky?: boolean | undefined;
    offloaded?: boolean | undefined;
    /** Of a VXLAN (Linux 6.7), as are those below. */
    router?: boolean | undefined;
    dst?: string | undefined;
    vni?: number | undefined;
    srcVni?: number | undefined;
    port?: number | undefined;
    nhId?: number | undefined;
    nhid?: number | undefined;
  };

export type FdbChange = 'add' | 'append' | 'replace' | 'del';

const FLAGS: Readonly<Record<FdbChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  append: NLM_F_CREATE | NLM_F_APPEND,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  del: 0,
};
const NLM_F_BULK = 0x200;

const NHID = { nhid: 'nhId' };

/** Gives keys their other names. */
function rename(value: Rec, from: string, to: string): void {
  if (value[from] === undefined) return;
  if (value[to] !== undefined) throw new InputError('ERR_CONFLICT', from, `is another word for ${to}, which is given`);
  value[to] = value[from];
  delete value[from];
}

/** Whose table: the bridge's, or (as `bridge` assumes) the interface's own. */
function owner(value: Rec, device?: Device): void {
  const { master } = value;
  // Rows have the bridge's index here.
  const ofBridge = typeof master === 'number' && device?.value !== master;
  if (typeof master === 'number') delete value.master;
  joinFlags(value, 'flags', NTF, { self: NTF.self, master: NTF.master });
  const given = value.flags === undefined ? 0 : value.flags;
  const bits = within('flags', () => integer(wordOrNumber(given, NTF, true), 0, 255));
  if ((bits & (NTF.self | NTF.master)) === 0) value.flags = bits | (ofBridge ? NTF.master : NTF.self);
}

function assertMac(lladdr: unknown): Uint8Array {
  if (lladdr === undefined) throw new InputError('ERR_MISSING_KEY', 'lladdr', 'is needed: the link-layer address');
  const bytes = typeof lladdr === 'string' ? parse(lladdr) : undefined;
  if (bytes?.length !== 6)
    throw new InputError('ERR_INVALID_VALUE', 'lladdr', `${show(lladdr)} is not an address such as 02:00:00:00:00:01`);
  return bytes;
}

function parse(text: string): Uint8Array | undefined {
  try {
    return parseLladdr(text);
  } catch {
    return undefined;
  }
}

/** The request of a change. Throws InputError for what cannot be one. */
export function fdbRequest(cmd: FdbChange, spec: FdbSpec): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, [...Object.keys(FLAGS), 'flush']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'fdb', `expected an object, got ${show(spec)}`);
  // Each key narrows what is meant: the VLAN, the far end, the identifier.
  assertDefined(spec);
  const value: Rec = { ...(cmd === 'del' ? selecting(spec) : spec) };
  const mac = assertMac(value.lladdr);
  const device = needDevice(value, 'the interface of the entry');
  family(value);
  rename(value, 'nhid', 'nhId');
  owner(value, device);
  joinFlags(value, 'flags', NTF, {
    router: NTF.router,
    externLearn: NTF.ext_learned,
    use: NTF.use,
    sticky: NTF.sticky,
  });
  if (typeof value.state === 'string' && Object.hasOwn(STATES, value.state)) value.state = STATES[value.state];
  assertTable(value);
  if (cmd === 'del') {
    assertOne(value, mac);
    // Drivers without a table of their own delete what is permanent only; bridges and VXLANs look at no state.
    value.state = NUD.noarp | NUD.permanent;
  } else {
    if (value.all !== undefined) throw new InputError('ERR_UNKNOWN_KEY', 'all', 'is for a deletion');
    value.state ??= NUD.noarp | NUD.permanent;
    const destinations = ['dst', 'nhId'].filter((key) => value[key] !== undefined);
    if (destinations.length > 1) throw new InputError('ERR_CONFLICT', 'nhId', 'is given together with dst');
  }
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
  return requestAsGiven(out, () => wordsIn(spec, NHID));
}

function family(value: Rec): void {
  if (value.family !== undefined && value.family !== 'bridge' && value.family !== AF.bridge)
    throw new InputError('ERR_CONFLICT', 'family', `of forwarding entries is bridge, not ${show(value.family)}`);
  value.family = AF.bridge;
}

/** The properties of a flush: key, where its bit is, and which state of the bit the key means. */
const PROPERTIES: readonly (readonly [key: string, where: 'state' | 'flags', bit: number, set: boolean])[] = [
  ['permanent', 'state', NUD.permanent, true],
  ['static', 'state', NUD.noarp, true],
  ['dynamic', 'state', NUD.noarp | NUD.permanent, false],
  ['addedByUser', 'flags', NTF.use, true],
  ['externLearn', 'flags', NTF.ext_learned, true],
  ['sticky', 'flags', NTF.sticky, true],
  ['offloaded', 'flags', NTF.offloaded, true],
  ['router', 'flags', NTF.router, true],
];

/** The request of a flush by the kernel (Linux 5.19; of a VXLAN 6.7). */
export function fdbFlushRequest(spec: FdbFlush): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'fdb', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const value: Rec = { ...spec };
  const device = needDevice(value, 'whose entries are deleted');
  for (const key of ['family', 'state', 'flags', 'type', 'lladdr', 'via', 'ndmStateMask', 'ndmFlagsMask'])
    if (value[key] !== undefined) throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key; a flush has properties');
  rename(value, 'nhid', 'nhId');
  rename(value, 'brport', 'via');
  const bits = { state: 0, flags: 0 };
  const mask = { state: 0, flags: 0 };
  for (const [key, where, bit, set] of PROPERTIES) {
    const given = value[key];
    delete value[key];
    if (given === undefined) continue;
    if (typeof given !== 'boolean')
      throw new InputError('ERR_INVALID_VALUE', key, `expected true or false, got ${show(given)}`);
    if (key === 'dynamic' && !given)
      throw new InputError('ERR_INVALID_VALUE', key, 'cannot be excluded; give permanent or static');
    if ((mask[where] & bit) !== 0) throw new InputError('ERR_CONFLICT', key, 'excludes what is given before it');
    mask[where] |= bit;
    if (given === set) bits[where] |= bit;
  }
  const { self, master, ...rest } = value;
  for (const [key, given] of Object.entries({ self, master }))
    if (given !== undefined && typeof given !== 'boolean')
      throw new InputError('ERR_INVALID_VALUE', key, `expected true or false, got ${show(given)}`);
  const ask: Rec = {
    ...rest,
    family: AF.bridge,
    state: bits.state,
    flags: bits.flags | (master === true ? NTF.master : 0) | (self === true || master !== true ? NTF.self : 0),
    ...(mask.state !== 0 && { ndmStateMask: mask.state }),
    ...(mask.flags !== 0 && { ndmFlagsMask: mask.flags }),
  };
  const out: Outgoing = {
    op: 'RTM_DELNEIGH',
    type: 29,
    flags: NLM_F_BULK,
    def: ndmsg,
    put(w) {
      const at = w.pos + IFINDEX;
      ndmsg.write(w, ask);
      putDevice(w, at, device);
    },
  };
  return requestAsGiven(out, () => wordsIn(spec, { ...NHID, brport: 'via' }));
}

/** The request of one entry. */
export function fdbGetRequest(spec: FdbSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'fdb', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const value: Rec = { ...spec, family: AF.bridge };
  assertMac(value.lladdr);
  const device = takeDevice(value);
  const { br } = value;
  delete value.br;
  if (device === undefined && br === undefined)
    throw new InputError('ERR_MISSING_KEY', 'dev', 'or br is needed: where to look');
  if (typeof value.master !== 'boolean' && value.master !== undefined)
    throw new InputError('ERR_INVALID_VALUE', 'master', 'expected true or false; the bridge is br');
  owner(value);
  if (br !== undefined) value.master = br;
  const out: Outgoing = {
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
  return requestAsGiven(out, () => wordsIn(spec, { br: 'master' }));
}

/** The request of a list. */
export function fdbTable(filter: FdbFilter = {}, strict = true): TableRequest<Neighbour & MessageExtras> {
  const match: Rec = {};
  let br: unknown;
  if (typeof filter !== 'function') {
    assertDefined(filter);
    Object.assign(match, filter);
    br = match.br;
    delete match.br;
    if (br !== undefined && !strict) throw new InputError('ERR_INVALID_VALUE', 'br', 'needs strictCheck');
    if (br === 0) throw new InputError('ERR_INVALID_VALUE', 'br', 'is no link');
    rename(match, 'nhid', 'nhId');
    if (match.state === 'none') match.state = NUD.none;
    if (match.family !== undefined) family(match);
    delete match.family;
  }
  const device = typeof filter === 'function' ? undefined : filterDevice(match, strict);
  return {
    out: {
      op: 'RTM_GETNEIGH',
      type: 30,
      flags: 0,
      def: ndmsg,
      put(w) {
        const at = w.pos + IFINDEX;
        asGiven(
          () => [['master', 'br']],
          () => ndmsg.write(w, { family: AF.bridge, ...(br !== undefined && { master: br }) }),
        );
        putDevice(w, at, device);
      },
    },
    def: ndmsg,
    row: 28,
    wanted:
      typeof filter === 'function'
        ? filter
        : asGiven(
            () => wordsIn(filter, NHID),
            () => matcher(ndmsg, match),
          ),
  };
}
