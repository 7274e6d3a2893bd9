/** Forwarding entries of bridges and tunnels: `bridge fdb`. */
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { DumpStream } from '../netlink/stream.js';
import { ndmsg } from '../rtnl/ndmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { dumpArray, dumpStream } from './dumps.js';
import {
  type FdbChange,
  type FdbFilter,
  type FdbFlush,
  type FdbSelector,
  type FdbSpec,
  fdbFlushRequest,
  fdbGetRequest,
  fdbRequest,
  fdbTable,
} from './fdb-request.js';
import type { NeighbourRow } from './neigh.js';
import { badCommand } from './select.js';

/** A forwarding entry as the kernel has it: a neighbour of family 7. */
export type FdbRow = NeighbourRow;

export abstract class FdbVerbs extends RouteSocket {
  /**
   * Adds, changes or deletes a forwarding entry. Table, address, VLAN or far end say which one is deleted; of what the
   * kernel does not look at (`state`, flags, `nhId`, `vni` without `dst`) more is refused, unless it comes from a row.
   */
  fdb(cmd: FdbChange, spec: FdbSpec | FdbRow, options?: RequestOptions): Promise<WriteResult<FdbRow>>;
  /** Deletes entries of an interface in one request (Linux 5.19; of a VXLAN 6.7). */
  fdb(cmd: 'flush', spec: FdbFlush, options?: RequestOptions): Promise<WriteResult<FdbRow>>;
  /** One entry (Linux 5.0). */
  fdb(cmd: 'get', spec: FdbSelector, options?: RequestOptions): Promise<FdbRow>;
  /** All entries, or those that match. */
  fdb(cmd: 'dump' | 'show', filter?: FdbFilter, options?: DumpOptions): Promise<FdbRow[]>;
  /** The same as a stream: `for await (const row of ipr.fdb())`. */
  fdb(filter?: FdbFilter, options?: DumpOptions): DumpStream<FdbRow>;
  fdb(
    first?: FdbChange | 'flush' | 'get' | 'dump' | 'show' | FdbFilter,
    second?: FdbSpec | FdbRow | FdbFlush | FdbSelector | FdbFilter | DumpOptions,
    options?: DumpOptions,
  ): Promise<WriteResult<FdbRow> | FdbRow | FdbRow[]> | DumpStream<FdbRow> {
    if (first === undefined || typeof first === 'object' || typeof first === 'function')
      return dumpStream(this, 'RTM_GETNEIGH', () => fdbTable(first, this.strict), second as DumpOptions | undefined);
    return fdbVerb(this, first, second, options);
  }

  /** All forwarding entries, or those that match. */
  async getFdb(filter?: FdbFilter, options?: DumpOptions): Promise<FdbRow[]> {
    return dumpArray(this, fdbTable(filter, this.strict), options);
  }
}

/** What `fdb` does when it is called with a verb. */
async function fdbVerb(
  ipr: FdbVerbs,
  cmd: FdbChange | 'flush' | 'get' | 'dump' | 'show',
  spec: unknown = {},
  options?: DumpOptions,
): Promise<WriteResult<FdbRow> | FdbRow | FdbRow[]> {
  switch (cmd) {
    case 'get':
      return ipr.read(fdbGetRequest(spec as FdbSelector), ndmsg, options);
    case 'dump':
    case 'show':
      return ipr.getFdb(spec as FdbFilter, options);
    case 'flush':
      assertNoEcho(options, 'getFdb');
      return ipr.write(fdbFlushRequest(spec as FdbFlush), options);
    case 'add':
    case 'append':
    case 'replace':
    case 'del':
      assertNoEcho(options, 'getFdb');
      return ipr.write(fdbRequest(cmd, spec as FdbSpec), options);
    default:
      throw badCommand(cmd, ['add', 'append', 'replace', 'del', 'flush', 'get', 'dump']);
  }
}
