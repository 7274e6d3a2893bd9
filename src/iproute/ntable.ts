/** Neighbour tables and their parameters: `ip ntable`. */
import { InputError, show, within } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { AF } from '../rtnl/constants.js';
import { type NeighbourParmsIn, type NeighbourTable, type NeighbourTableIn, ndtmsg } from '../rtnl/ndtmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { type DeviceKeys, takeDevice } from './device.js';
import { dumpArray, type TableRequest } from './dumps.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

/** What is to change of a neighbour table, or of its parameters for one interface. */
export interface NtableSpec extends Omit<NeighbourTableIn, 'parms' | 'config' | 'stats'>, DeviceKeys {
  /** `arp_cache` (IPv4) or `ndisc_cache` (IPv6). */
  name: string;
  /** Parameters: of the interface `dev`; without one, what new interfaces get. */
  parms?: Omit<NeighbourParmsIn, 'ifindex' | 'refcnt' | 'reachableTime'> | undefined;
}

/** Which tables to list: a predicate, or keys that must be equal. `family` is checked by the kernel. */
export type NtableFilter =
  | Predicate<NeighbourTable & MessageExtras>
  | Where<NeighbourTable, { family?: Wanted<number | keyof typeof AF> }>;

/** A neighbour table, or its parameters for one interface (`parms.ifindex`). */
export type NtableRow = NeighbourTable & MessageExtras;

/** The request of a change. Throws InputError for what cannot be one. */
export function ntableRequest(cmd: 'set' | 'change', spec: NtableSpec): Outgoing {
  if (cmd !== 'set' && cmd !== 'change') throw badCommand(cmd, ['set', 'change']);
  if (!isRec(spec as unknown))
    throw new InputError('ERR_INVALID_VALUE', 'ntable', `expected an object, got ${show(spec)}`);
  // Without its interface a change would be one of all interfaces to come.
  assertDefined(spec);
  const value: Rec = { ...spec };
  const device = takeDevice(value);
  if (value.name === undefined || value.name === '')
    throw new InputError('ERR_MISSING_KEY', 'name', 'is needed: arp_cache or ndisc_cache');
  for (const key of ['config', 'stats'])
    if (value[key] !== undefined) throw new InputError('ERR_UNKNOWN_KEY', key, 'cannot be changed');
  const { parms } = value;
  if (parms !== undefined) {
    if (!isRec(parms)) throw new InputError('ERR_INVALID_VALUE', 'parms', `expected an object, got ${show(parms)}`);
    within('parms', () => {
      assertDefined(parms);
      for (const key of ['refcnt', 'reachableTime'])
        if (Object.hasOwn(parms, key)) throw new InputError('ERR_UNKNOWN_KEY', key, 'cannot be changed');
      if (device !== undefined && parms.ifindex !== undefined)
        throw new InputError('ERR_CONFLICT', 'ifindex', `is another word for ${device.key}, which is given`);
      if (parms.ifindex === 0) throw new InputError('ERR_OUT_OF_RANGE', 'ifindex', '0 is no interface');
    });
  } else if (device !== undefined) throw new InputError('ERR_MISSING_KEY', 'parms', `is needed with ${device.key}`);
  if (!['parms', 'thresh1', 'thresh2', 'thresh3', 'gcInterval'].some((key) => value[key] !== undefined))
    throw new InputError('ERR_MISSING_KEY', 'parms', 'or a threshold or gcInterval is needed: what is to change');
  if (device !== undefined) value.parms = { ifindex: device.value, ...(parms as Rec) };
  return {
    op: 'RTM_SETNEIGHTBL',
    type: 67,
    flags: 0,
    def: ndtmsg,
    put(w) {
      try {
        ndtmsg.write(w, value);
      } catch (error) {
        if (error instanceof InputError && error.field === 'parms.ifindex' && device !== undefined)
          throw new InputError(error.code, device.key, error.reason);
        throw error;
      }
    },
  };
}

/** Where an answer begins anew amid the interfaces of a table, the kernel says the table again. */
const again = (before: NtableRow, row: NtableRow): boolean =>
  row.parms?.ifindex === undefined && row.name === before.name && row.family === before.family;

/** The request of a list. */
function ntableTable(filter: NtableFilter = {}): TableRequest<NtableRow> {
  const match: Rec = {};
  let family: unknown;
  if (typeof filter !== 'function') {
    assertDefined(filter);
    Object.assign(match, filter);
    if (typeof match.family !== 'function') {
      family = match.family;
      delete match.family;
    }
  }
  return {
    out: {
      op: 'RTM_GETNEIGHTBL',
      type: 66,
      flags: 0,
      def: ndtmsg,
      put: (w) => ndtmsg.write(w, family === undefined ? {} : { family }),
    },
    def: ndtmsg,
    row: 64,
    joins: again,
    wanted: typeof filter === 'function' ? filter : matcher(ndtmsg, match),
  };
}

export abstract class NtableVerbs extends RouteSocket {
  /** All tables, and their parameters for each interface; or those that match. */
  ntable(cmd: 'dump' | 'show', filter?: NtableFilter, options?: DumpOptions): Promise<NtableRow[]>;
  /** Changes a neighbour table, or its parameters for one interface. Thresholds are those of the machine, not of a namespace. */
  ntable(cmd: 'set' | 'change', spec: NtableSpec, options?: RequestOptions): Promise<WriteResult<NtableRow>>;
  async ntable(
    cmd: 'set' | 'change' | 'dump' | 'show',
    spec?: NtableSpec | NtableFilter,
    options?: DumpOptions,
  ): Promise<WriteResult<NtableRow> | NtableRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getNtables(spec as NtableFilter, options);
      case 'set':
      case 'change':
        assertNoEcho(options, 'getNtables');
        return this.write(ntableRequest(cmd, spec as NtableSpec), options);
      default:
        throw badCommand(cmd, ['set', 'change', 'dump']);
    }
  }

  /** All neighbour tables, and their parameters for each interface; or those that match. */
  async getNtables(filter?: NtableFilter, options?: DumpOptions): Promise<NtableRow[]> {
    return dumpArray(this, ntableTable(filter), options);
  }
}
