/** Multicast groups of bridges and VXLANs: `bridge mdb`. */
import { InputError, show, within } from '../codec/errors.js';
import { integer } from '../codec/struct.js';
import { formatIp6, lladdrText, parseLladdr, parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import { AF, MDB_GROUP_MODE, MDB_STATE, RTM } from '../rtnl/constants.js';
import type { MdbEntry } from '../rtnl/mdb-entry.js';
import type { RouterPort } from '../rtnl/mdb-router.js';
import { type Mdb, mdbmsg } from '../rtnl/mdbmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import {
  type MdbChange,
  type MdbFlush,
  type MdbGetSelector,
  type MdbSelector,
  type MdbSpec,
  mdbFlushRequest,
  mdbGetRequest,
  mdbRequest,
} from './mdb-request.js';
import { assertDefined, badCommand, flushFilter, type Predicate, verdict } from './select.js';
import { onlyKeys } from './vlan-ranges.js';
import { flat } from './vlandb.js';

/** A multicast group at a port of a bridge, or at a remote end of a VXLAN. */
export interface MdbRow extends Omit<MdbEntry, 'ifindex' | 'addr'> {
  /** Index of the bridge, or of the VXLAN. */
  ifindex: number;
  /** Index of the port. */
  port: number;
  /** Address of the group. */
  grp: string;
}

/** A port of a bridge behind which there is a multicast router. */
export interface MdbRouterPort extends Omit<RouterPort, 'ifindex'> {
  /** Index of the bridge. */
  ifindex: number;
  /** Index of the port. */
  port: number;
}

/** Which entries to list: a predicate, or keys that must be equal. */
export type MdbFilter =
  | Predicate<MdbRow>
  | {
      /** Bridge or VXLAN, by index or name. */
      dev?: number | string;
      /** Index of the bridge or the VXLAN. */
      ifindex?: number;
      /** Index or name. */
      port?: number | string;
      grp?: string;
      vid?: number;
      source?: string;
      state?: MdbRow['state'];
      rtprot?: number;
      groupMode?: MdbRow['groupMode'];
      dst?: string;
      vni?: number;
      srcVni?: number;
    };

const NUMBERS = ['ifindex', 'vid', 'rtprot', 'vni', 'srcVni'];
const ADDRESSES = ['grp', 'source', 'dst'];
const WORDS: Readonly<Record<string, object>> = { state: MDB_STATE, groupMode: MDB_GROUP_MODE };

/** The entries in a message, an answer or an event. */
export function mdbRows({ ifindex, mdb }: Mdb): MdbRow[] {
  return (mdb?.entry ?? []).flatMap(({ info = [] }) =>
    info.map(({ ifindex: port, addr, ...rest }) => ({ ifindex, port, grp: addr, ...rest })),
  );
}

/** The ports with routers in a message, an answer or an event. */
export function mdbRouterPorts({ ifindex, router }: Mdb): MdbRouterPort[] {
  return (router?.port ?? []).map(({ ifindex: port, ...rest }) => ({ ifindex, port, ...rest }));
}

/** An address in the form that rows have. */
function canonical(key: string, text: string): string {
  const found = parsePrefix(text);
  if (found !== null && found.len < 0)
    return found.bytes.length === 4 ? found.bytes.join('.') : formatIp6(Uint8Array.from(found.bytes), 0);
  if (key === 'grp' && /^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(text)) return lladdrText(parseLladdr(text), 0, 6);
  throw new InputError('ERR_INVALID_VALUE', key, `${show(text)} is not an address`);
}

const table: TableRequest<Mdb> = {
  out: {
    op: 'RTM_GETMDB',
    type: RTM.RTM_GETMDB,
    flags: 0,
    def: mdbmsg,
    put: (w) => mdbmsg.write(w, { family: AF.bridge }),
  },
  def: mdbmsg,
  row: RTM.RTM_NEWMDB,
  // Bridges answer with the type of the request.
  also: RTM.RTM_GETMDB,
  wanted: undefined,
};

/** What deletes an entry that was read, and no other. */
export function exactly({ ifindex, port, grp, vid, source, dst, dstPort, vni, srcVni, via }: MdbRow): MdbSelector {
  const keys = { vid: vid === 0 ? undefined : vid, source, dst, dstPort, vni, srcVni, via };
  const given = Object.entries(keys).filter(([, value]) => value !== undefined);
  return { ifindex, port, grp, ...Object.fromEntries(given) };
}

export abstract class MdbVerbs extends RouteSocket {
  /** The entries of one group, a row a port (Linux 6.8). */
  mdb(cmd: 'get', spec: MdbGetSelector, options?: RequestOptions): Promise<MdbRow[]>;
  /** The entries of all bridges and VXLANs, or those that match. */
  mdb(cmd: 'dump' | 'show', filter?: MdbFilter, options?: DumpOptions): Promise<MdbRow[]>;
  /** Adds or replaces a group at a port (replacing came with Linux 6.3), or deletes one. */
  mdb(cmd: 'add' | 'replace', spec: MdbSpec, options?: RequestOptions): Promise<WriteResult<Mdb>>;
  mdb(cmd: 'del', spec: MdbSelector, options?: RequestOptions): Promise<WriteResult<Mdb>>;
  /** The same with a row as it was read. */
  mdb(cmd: MdbChange, row: MdbRow, options?: RequestOptions): Promise<WriteResult<Mdb>>;
  /** Has the kernel delete all of a bridge's entries, or those that match (Linux 6.8). */
  mdb(cmd: 'flush', spec: MdbFlush, options?: RequestOptions): Promise<WriteResult<Mdb>>;
  async mdb(
    cmd: MdbChange | 'flush' | 'get' | 'dump' | 'show',
    spec: MdbSpec | MdbSelector | MdbRow | MdbFlush | MdbGetSelector | MdbFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<Mdb> | MdbRow[]> {
    switch (cmd) {
      case 'get':
        return mdbRows(await this.read(mdbGetRequest(spec as MdbGetSelector), mdbmsg, options));
      case 'dump':
      case 'show':
        return this.getMdb(spec as MdbFilter, options);
      case 'flush':
        assertNoEcho(options, 'getMdb');
        return this.write(mdbFlushRequest(spec as MdbFlush), options);
      case 'add':
      case 'replace':
      case 'del':
        assertNoEcho(options, 'getMdb');
        return this.write(mdbRequest(cmd, spec as MdbSpec), options);
      default:
        throw badCommand(cmd, ['add', 'replace', 'del', 'flush', 'get', 'dump']);
    }
  }

  /** The entries of all bridges and VXLANs, or those that match: a row a port of a group. */
  async getMdb(filter?: MdbFilter, options?: DumpOptions): Promise<MdbRow[]> {
    const wanted = await mdbWanted(filter, (name) => this.indexOf(name, options));
    return (await dumpArray(this, table, options)).flatMap(mdbRows).filter(wanted);
  }

  /** The same as they come. Leaving the loop ends the dump. */
  async *mdbEntries(filter?: MdbFilter, options?: DumpOptions): AsyncGenerator<MdbRow, void, undefined> {
    const wanted = await mdbWanted(filter, (name) => this.indexOf(name, options));
    yield* flat(
      dumpStream(this, 'RTM_GETMDB', () => table, options),
      mdbRows,
      wanted,
    );
  }

  /** The ports of all bridges behind which there is a multicast router. */
  async getMdbRouterPorts(options?: DumpOptions): Promise<MdbRouterPort[]> {
    return (await dumpArray(this, table, options)).flatMap(mdbRouterPorts);
  }

  /** Deletes the entries that match, one by one; `{ all: true }` deletes every entry of every bridge. Resolves to how many. */
  async flushMdb(filter: MdbFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const rows = await this.getMdb(flushFilter(filter) as MdbFilter, options);
    return this.flush(
      rows.map((row) => mdbRequest('del', exactly(row))),
      options,
      // A bridge says EINVAL, and nothing else, of what is not there.
      (error) => error.code === 'ENOENT' || (error.code === 'EINVAL' && error.kernelMessage === undefined),
    );
  }
}

/** Whether a row is wanted; names of links are looked up first. */
async function mdbWanted(
  filter: MdbFilter = {},
  indexOf: (name: string) => Promise<number>,
): Promise<Predicate<MdbRow>> {
  if (typeof filter === 'function') return (row) => verdict(filter(row));
  assertDefined(filter);
  const { dev, port, ...rest } = filter as Rec;
  onlyKeys(rest, [...NUMBERS, ...ADDRESSES, ...Object.keys(WORDS)]);
  if (dev !== undefined && rest.ifindex !== undefined)
    throw new InputError('ERR_CONFLICT', 'dev', 'is another word for ifindex, which is given');
  for (const [key, value] of Object.entries(rest)) {
    if (NUMBERS.includes(key)) within(key, () => integer(value, 0, 0xffffffff));
    else if (typeof value !== 'string')
      throw new InputError('ERR_INVALID_VALUE', key, `expected a string, got ${show(value)}`);
    else if (ADDRESSES.includes(key)) rest[key] = canonical(key, value);
    else if (!Object.hasOwn(WORDS[key]!, value))
      throw new InputError(
        'ERR_INVALID_VALUE',
        key,
        `${show(value)} is not one of ${Object.keys(WORDS[key]!).join(', ')}`,
      );
  }
  for (const [key, value] of Object.entries({ dev, port })) {
    if (value === undefined) continue;
    if (value === '' || (typeof value !== 'string' && typeof value !== 'number'))
      throw new InputError('ERR_INVALID_VALUE', key, `expected a name or an index, got ${show(value)}`);
    rest[key === 'dev' ? 'ifindex' : 'port'] = typeof value === 'string' ? await indexOf(value) : value;
  }
  return (row) => Object.entries(rest).every(([key, value]) => row[key as keyof MdbRow] === value);
}
