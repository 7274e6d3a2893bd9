/** Neighbours: `ip neighbour`. */
import type { MessageExtras } from '../codec/message.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { DumpStream } from '../netlink/stream.js';
import { NUD } from '../rtnl/constants.js';
import { type Neighbour, ndmsg } from '../rtnl/ndmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { dumpArray, dumpStream } from './dumps.js';
import {
  exactly,
  type NeighbourChange,
  type NeighbourFilter,
  type NeighbourSpec,
  neighGetRequest,
  neighRequest,
  neighTable,
} from './neigh-request.js';
import { badCommand, flushFilter } from './select.js';

/** A neighbour as the kernel has it, and what could not be decoded of it. */
export type NeighbourRow = Neighbour & MessageExtras;

export abstract class NeighVerbs extends RouteSocket {
  /** One neighbour, by interface and address (Linux 5.0); with `proxy: true` an address that is answered for. */
  neigh(cmd: 'get', spec: NeighbourSpec, options?: RequestOptions): Promise<NeighbourRow>;
  /** All neighbours, or those that match. */
  neigh(cmd: 'dump' | 'show', filter?: NeighbourFilter, options?: DumpOptions): Promise<NeighbourRow[]>;
  /**
   * Adds, changes or deletes a neighbour; a row as it was read will do. Interface, address and `proxy` say which one is
   * deleted: the kernel looks at nothing else, so more is refused unless it comes from a row.
   */
  neigh(
    cmd: NeighbourChange,
    spec: NeighbourSpec | NeighbourRow,
    options?: RequestOptions,
  ): Promise<WriteResult<NeighbourRow>>;
  async neigh(
    cmd: NeighbourChange | 'get' | 'dump' | 'show',
    spec: NeighbourSpec | NeighbourRow | NeighbourFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<NeighbourRow> | NeighbourRow | NeighbourRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(neighGetRequest(spec as NeighbourSpec), ndmsg, options);
      case 'dump':
      case 'show':
        return this.getNeighbours(spec as NeighbourFilter, options);
      case 'add':
      case 'set':
      case 'replace':
      case 'change':
      case 'append':
      case 'del':
        assertNoEcho(options, 'getNeighbours');
        return this.write(neighRequest(cmd, spec as NeighbourSpec), options);
      default:
        throw badCommand(cmd, ['add', 'del', 'change', 'replace', 'append', 'set', 'get', 'dump']);
    }
  }

  /** All neighbours of all families, or those that match; those that the kernel keeps for itself (`noarp`) are among them. */
  async getNeighbours(filter?: NeighbourFilter, options?: DumpOptions): Promise<NeighbourRow[]> {
    return dumpArray(this, neighTable(filter, this.strict), options);
  }

  /** The same as a stream. */
  neighbours(filter?: NeighbourFilter, options?: DumpOptions): DumpStream<NeighbourRow> {
    return dumpStream(this, 'RTM_GETNEIGH', () => neighTable(filter, this.strict), options);
  }

  /**
   * Deletes the neighbours that match, `{ all: true }` means every one. As `ip neighbour flush` it passes over those that
   * are `permanent` or `noarp`, unless the filter names `state` or is a function. Resolves to how many.
   */
  async flushNeighbours(filter: NeighbourFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const wanted = flushFilter(filter);
    const everyState = typeof wanted === 'function' || 'state' in wanted || 'nud' in wanted || wanted.proxy === true;
    const rows = await this.getNeighbours(wanted as NeighbourFilter, options);
    const gone = rows.filter(({ state }) => everyState || (state & (NUD.permanent | NUD.noarp)) === 0);
    return this.flush(
      gone.filter(({ dst }) => dst !== undefined).map((row) => neighRequest('del', exactly(row))),
      options,
      ['ENOENT'],
    );
  }
}
