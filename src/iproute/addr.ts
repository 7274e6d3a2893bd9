/** Addresses of interfaces: `ip address`. */
import { InputError, show, within } from '../codec/errors.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { wordOrNumber } from '../codec/struct.js';
import { maskLength, parseIp4, parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { interfaceIndex, isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { AF, IFA_F, RT_SCOPE } from '../rtnl/constants.js';
import { type Addr, type AddrIn, ifaddrmsg } from '../rtnl/ifaddrmsg.js';
import { RouteSocket, type WriteOptions } from './base.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import { assertLookedAt, isRowOf } from './identity.js';
import { addrProtos, type FileName, type NamedKey, named, rtScopes } from './name-files.js';
import {
  assertDefined,
  badCommand,
  flushFilter,
  indexOnly,
  matcher,
  type Predicate,
  type Wanted,
  type Where,
} from './select.js';

/** Keys of an address. */
export interface AddrKeys extends Omit<AddrIn, 'prefixlen' | 'broadcast' | 'index' | 'scope' | 'proto'> {
  scope?: AddrIn['scope'] | FileName<'scope'> | undefined;
  /** Who makes the address (Linux 5.18): a number, or its name in the file `rt_addrprotos`. */
  proto?: number | FileName<'addrproto'> | undefined;
  /** Index of the interface, or its name. */
  index?: number | string | undefined;
  /** Another word for `index`. */
  dev?: number | string | undefined;
  /** Length of the prefix, or an IPv4 netmask. Default: what `address` says, else the whole address. */
  prefixlen?: number | string | undefined;
  /** An address, or true: the last address of the prefix. */
  broadcast?: string | boolean | undefined;
  /** Seconds; 'forever' is the default. */
  preferredLft?: number | 'forever' | undefined;
  /** Seconds; 'forever' is the default. */
  validLft?: number | 'forever' | undefined;
}

/** An address to be added, changed or deleted: of an interface, and with an address. */
export type AddrSpec = AddrKeys &
  ({ index: number | string } | { dev: number | string }) &
  ({ address: string } | { local: string });

/** Which addresses to list: a predicate, or keys that must be equal. `family`, `index` and `dev` are checked by the kernel. */
export type AddrFilter =
  | Predicate<Addr & MessageExtras>
  | Where<
      Addr,
      {
        family?: Wanted<number | keyof typeof AF>;
        scope?: Wanted<number | keyof typeof RT_SCOPE | FileName<'scope'>>;
        proto?: Wanted<number | FileName<'addrproto'>>;
        /** Index or name. */
        index?: Wanted<number | string>;
        /** Another word for `index`. */
        dev?: number | string;
      }
    >;

export type AddrChange = 'add' | 'replace' | 'change' | 'del';

const FLAGS: Readonly<Record<AddrChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  change: NLM_F_REPLACE,
  del: 0,
};
const FOREVER = 0xffffffff;

function lifetime(key: string, value: number | 'forever'): number {
  if (value === 'forever') return FOREVER;
  if (!Number.isInteger(value) || value < 0 || value > FOREVER)
    throw new InputError('ERR_INVALID_VALUE', key, `expected seconds or 'forever', got ${show(value)}`);
  return value;
}

/** The prefix length of `prefixlen` when it is a netmask or a number as text. */
function length(value: unknown): number {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 0)
      throw new InputError('ERR_OUT_OF_RANGE', 'prefixlen', `${value} is not the length of a prefix`);
    return value;
  }
  const mask = typeof value === 'string' ? maskLength(parseIp4(value)) : -1;
  if (mask < 0)
    throw new InputError('ERR_INVALID_VALUE', 'prefixlen', `expected a length or an IPv4 netmask, got ${show(value)}`);
  return mask;
}

/** The last address of an IPv4 prefix. */
function lastOf(bytes: readonly number[], len: number): string {
  if (bytes.length !== 4 || len > 30)
    throw new InputError(
      'ERR_INVALID_VALUE',
      'broadcast',
      'only an IPv4 prefix of length 30 or less has a broadcast address',
    );
  return bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, len - 8 * i)))).join('.');
}

const NAMED: readonly NamedKey[] = [
  ['scope', rtScopes, RT_SCOPE],
  ['proto', addrProtos, {}],
];

/** The message's own keys for a spec. */
function prepared(spec: AddrSpec): { value: Rec; dev: number | string | undefined } {
  const { dev, index, prefixlen, broadcast, preferredLft, validLft, ...rest } = named(spec, NAMED);
  const value: Rec = { ...rest };
  if (dev !== undefined && index !== undefined)
    throw new InputError('ERR_CONFLICT', 'dev', 'is another word for index, which is given');
  const text = spec.address ?? spec.local;
  const name = spec.local !== undefined && spec.address === undefined ? 'local' : 'address';
  const found = typeof text === 'string' ? parsePrefix(text) : null;
  if (found === null)
    throw new InputError(
      text === undefined ? 'ERR_MISSING_KEY' : 'ERR_INVALID_VALUE',
      name,
      text === undefined ? 'is needed' : `${show(text)} is not an address such as 10.0.0.1/24`,
    );
  const bits = found.bytes.length * 8;
  const given = prefixlen === undefined ? -1 : length(prefixlen);
  if (given >= 0 && found.len >= 0 && given !== found.len)
    throw new InputError('ERR_CONFLICT', 'prefixlen', `is ${given}, but ${name} says ${found.len}`);
  const len = given >= 0 ? given : found.len >= 0 ? found.len : bits;
  if (len > bits) throw new InputError('ERR_OUT_OF_RANGE', 'prefixlen', `${len} is out of range 0..${bits}`);
  value.prefixlen = len;
  value[name] = (text as string).split('/')[0];
  // IPv4 knows an interface's address as `local`; `address` is the peer's, or the same.
  if (bits === 32 && value.local === undefined) value.local = value.address;
  if (bits === 32 && value.address === undefined) value.address = value.local;
  if (broadcast === true) value.broadcast = lastOf(found.bytes, len);
  else if (typeof broadcast === 'string') value.broadcast = broadcast;
  else if (broadcast !== undefined && broadcast !== false)
    throw new InputError('ERR_INVALID_VALUE', 'broadcast', `expected an address or true, got ${show(broadcast)}`);
  if (preferredLft !== undefined || validLft !== undefined) {
    const valid = lifetime('validLft', validLft === undefined ? 'forever' : validLft);
    const prefered = lifetime('preferredLft', preferredLft === undefined ? valid : preferredLft);
    if (prefered > valid)
      throw new InputError('ERR_CONFLICT', 'preferredLft', `${prefered} is longer than validLft ${valid}`);
    if (value.cacheinfo !== undefined)
      throw new InputError('ERR_CONFLICT', 'cacheinfo', 'is given together with preferredLft or validLft');
    value.cacheinfo = { prefered, valid };
  }
  return { value, dev: dev ?? index };
}

/** An address as the kernel has it, and what could not be decoded of it. */
export type AddrRow = Addr & MessageExtras;

/** What tells one address of an interface from another. */
const LOOKED = new Set(['dev', 'index', 'family', 'address', 'local', 'prefixlen']);
const WORDS = ['preferredLft', 'validLft'];

/** What deletes an address that was read. */
const exactly = ({ index, address, local, prefixlen, family, label }: AddrRow): AddrSpec =>
  ({
    index,
    prefixlen,
    family,
    ...(local !== undefined && { local }),
    ...(address !== undefined && { address }),
    ...(family === AF.inet && label !== undefined && { label }),
  }) as AddrSpec;

const isInet6 = ({ address, local }: AddrSpec): boolean => String(local ?? address).includes(':');

/** What of a deletion the kernel looks at; throws for the rest, unless it comes from a row. */
function selecting(spec: AddrSpec): AddrSpec {
  assertDefined(spec);
  if (isRowOf(ifaddrmsg, spec)) return exactly(spec as AddrRow);
  const looked = new Set([...LOOKED, isInet6(spec) ? 'flags' : 'label']);
  assertLookedAt(ifaddrmsg, spec, looked, WORDS, 'an address');
  if (spec.flags !== undefined) {
    const flags = within('flags', () => wordOrNumber(spec.flags, IFA_F, true)) as number;
    if ((flags & ~IFA_F.managetempaddr) !== 0)
      throw new InputError('ERR_CONFLICT', 'flags', 'of which the kernel looks at managetempaddr only');
  }
  return spec;
}

/** Refuses a peer by which the kernel may find the address of another. */
function assertPeer({ address, local, prefixlen }: Rec): void {
  if (typeof local !== 'string' || typeof address !== 'string') return;
  const [own, peer] = [parsePrefix(local), parsePrefix(address)];
  if (own === null || peer === null || own.bytes.join() === peer.bytes.join()) return;
  const inet6 = own.bytes.length > 4;
  if (!inet6 && prefixlen === 32) return;
  const what = inet6 ? 'which the kernel does not look at' : `of which the kernel looks at ${prefixlen} bits only`;
  throw new InputError('ERR_CONFLICT', 'address', `is a peer, ${what}; give the address as it was read`);
}

/** Refuses what the kernel would take and forget. */
function assertTaken(spec: AddrSpec): void {
  const none = ['anycast', 'multicast', 'mcUsers', 'targetNetnsid', ...(isInet6(spec) ? ['label', 'broadcast'] : [])];
  for (const key of none) {
    const value = (spec as object as Rec)[key];
    if (value === undefined || value === false) continue;
    const whose = key === 'label' || key === 'broadcast' ? 'addresses of IPv6 have' : 'is set of an address';
    throw new InputError('ERR_CONFLICT', key, `is nothing that ${whose}`);
  }
}

/** The request of a change. */
export function addrRequest(cmd: AddrChange, spec: AddrSpec): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'addr', `expected an object, got ${show(spec)}`);
  const { value, dev } = prepared(cmd === 'del' ? selecting(spec) : spec);
  if (!isRowOf(ifaddrmsg, spec)) {
    if (cmd === 'del') assertPeer(value);
    else assertTaken(spec);
  }
  if (dev === undefined || dev === 0)
    throw new InputError('ERR_MISSING_KEY', 'index', 'or dev is needed: the interface of the address');
  return {
    op: cmd === 'del' ? 'RTM_DELADDR' : 'RTM_NEWADDR',
    type: cmd === 'del' ? 21 : 20,
    flags: FLAGS[cmd],
    def: ifaddrmsg,
    put(w) {
      const base = w.pos;
      ifaddrmsg.write(w, value);
      const at = base + 4;
      try {
        w.u32[at >> 2] = interfaceIndex(w, at, dev);
      } catch (error) {
        throw error instanceof InputError ? error.within(spec.dev === undefined ? 'index' : 'dev') : error;
      }
    },
  };
}

/** The request of a list. */
export function addrTable(filter: AddrFilter = {}, strict = true): TableRequest<Addr & MessageExtras> {
  const match: Rec = {};
  let family: unknown;
  let dev: unknown;
  let key = 'index';
  if (typeof filter !== 'function') {
    assertDefined(filter);
    for (const [word, value] of Object.entries(named(filter, NAMED))) {
      if (word === 'family' && typeof value !== 'function') family = value;
      else if ((word === 'dev' || word === 'index') && typeof value !== 'function') {
        if (dev !== undefined || match.index !== undefined)
          throw new InputError('ERR_CONFLICT', 'dev', 'is another word for index, which is given');
        key = word;
        // To the kernel 0 means any.
        if (strict && value !== 0) dev = value;
        else match.index = indexOnly(word, value);
      } else match[word] = value;
    }
  }
  return {
    out: {
      op: 'RTM_GETADDR',
      type: 22,
      flags: 0,
      def: ifaddrmsg,
      put(w) {
        const at = w.pos + 4;
        ifaddrmsg.write(w, family === undefined ? {} : { family });
        if (dev !== undefined) w.u32[at >> 2] = within(key, () => interfaceIndex(w, at, dev));
      },
    },
    def: ifaddrmsg,
    row: 20,
    wanted: typeof filter === 'function' ? filter : matcher(ifaddrmsg, match),
  };
}

export abstract class AddrVerbs extends RouteSocket {
  /** All addresses, or those that match. */
  addr(cmd: 'dump' | 'show', filter?: AddrFilter, options?: DumpOptions): Promise<AddrRow[]>;
  /**
   * Adds, changes or deletes an address. Interface, address and length of the prefix say which one is deleted, and the
   * label of one of IPv4: the kernel looks at nothing else, so more is refused unless it comes from a row.
   */
  addr(cmd: AddrChange, spec: AddrSpec | AddrRow, options?: WriteOptions): Promise<WriteResult<AddrRow>>;
  async addr(
    cmd: AddrChange | 'dump' | 'show',
    spec: AddrSpec | AddrRow | AddrFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<AddrRow> | AddrRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getAddr(spec as AddrFilter, options);
      case 'add':
      case 'replace':
      case 'change':
      case 'del':
        return this.write(addrRequest(cmd, spec as AddrSpec), options, options?.echo ? ifaddrmsg : undefined);
      default:
        throw badCommand(cmd, ['add', 'del', 'change', 'replace', 'dump']);
    }
  }

  /** All addresses, or those that match. */
  async getAddr(filter?: AddrFilter, options?: DumpOptions): Promise<AddrRow[]> {
    return dumpArray(this, addrTable(filter, this.strict), options);
  }

  /** The same as a stream. */
  addrs(filter?: AddrFilter, options?: DumpOptions): DumpStream<AddrRow> {
    return dumpStream(this, 'RTM_GETADDR', () => addrTable(filter, this.strict), options);
  }

  /** Deletes the addresses that match; `{ all: true }` deletes every address. Resolves to how many. */
  async flushAddr(filter: AddrFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const rows = await this.getAddr(flushFilter(filter) as AddrFilter, options);
    const deletions = rows.map((row) => addrRequest('del', row as AddrSpec));
    // Deleting a primary address may take its secondaries along.
    return this.flush(deletions, options, ['EADDRNOTAVAIL']);
  }
}
