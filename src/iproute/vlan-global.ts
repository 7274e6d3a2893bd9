/** What a VLAN of a bridge has for all its ports: `bridge vlan global` (Linux 5.15). */
import { InputError, show, within } from '../codec/errors.js';
import { integer } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { BridgeVlans, VlanGlobalOptions, VlanGlobalOptionsIn } from '../rtnl/brvlanmsg.js';
import { BRIDGE_VLANDB_DUMPF } from '../rtnl/constants.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { dumpArray } from './dumps.js';
import { assertDefined, badCommand, type Predicate, verdict } from './select.js';
import { onlyKeys, type Vid, vlanRange } from './vlan-ranges.js';
import { unwrapped, vlanMessage, vlanTable } from './vlandb.js';

/** Options of a VLAN of a bridge, or of a range of VLANs that have the same. */
export interface VlanGlobalRow extends Omit<VlanGlobalOptions, 'id' | 'range'> {
  /** Index of the bridge. */
  ifindex: number;
  vid: number;
  /** Last one of a range. */
  vidEnd?: number;
}

/** VLANs of a bridge, and what they are to have. */
export type VlanGlobalSpec = ({ dev: number | string } | { ifindex: number }) &
  Omit<VlanGlobalOptionsIn, 'id' | 'range' | 'mcastRouterPorts' | 'mcastQuerierState'> & {
    /** A VLAN, or a range such as `'10-20'`. */
    vid: Vid;
    /** Last VLAN, where `vid` is the first. */
    vidEnd?: number | undefined;
  };

/** Which VLANs to list: a predicate, or keys. `dev` and `ifindex` are checked by the kernel. */
export type VlanGlobalFilter = Predicate<VlanGlobalRow> | { dev?: number | string; ifindex?: number; vid?: number };

/** The request of a change. Throws InputError for what cannot be one. */
export function vlanGlobalRequest(cmd: 'set', spec: VlanGlobalSpec): Outgoing {
  if (cmd !== 'set') throw badCommand(cmd, ['set']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'vlanGlobal', `expected an object, got ${show(spec)}`);
  const { dev, ifindex, vid, vidEnd, ...rest } = spec as Rec;
  void [dev, ifindex];
  for (const key of ['id', 'range', 'mcastRouterPorts', 'mcastQuerierState'])
    if (Object.hasOwn(rest, key)) throw new InputError('ERR_UNKNOWN_KEY', key, 'is not set');
  if (Object.hasOwn(spec, 'vid')) assertDefined({ vid });
  const { first, last } = vlanRange(vid, vidEnd);
  if (Object.values(rest).every((value) => value === undefined))
    throw new InputError('ERR_MISSING_KEY', 'mcastSnooping', 'or another option is needed');
  const options = { id: first, ...(last > first && { range: last }), ...rest };
  const out = vlanMessage('RTM_NEWVLAN', spec as Rec, { globalOptions: [options] });
  return { ...out, put: (w) => unwrapped(() => out.put(w)) };
}

/** The rows of a message, one a VLAN or a range. */
export function vlanGlobalRows({ ifindex, globalOptions = [] }: BridgeVlans): VlanGlobalRow[] {
  return globalOptions.map(({ id = 0, range, ...rest }) => ({
    ifindex,
    vid: id,
    ...(range !== undefined && { vidEnd: range }),
    ...rest,
  }));
}

export abstract class VlanGlobalVerbs extends RouteSocket {
  /** What the VLANs of all bridges have for all their ports. */
  vlanGlobal(cmd: 'dump' | 'show', filter?: VlanGlobalFilter, options?: DumpOptions): Promise<VlanGlobalRow[]>;
  /** Changes what VLANs of a bridge have for all its ports. */
  vlanGlobal(cmd: 'set', spec: VlanGlobalSpec, options?: RequestOptions): Promise<WriteResult<BridgeVlans>>;
  async vlanGlobal(
    cmd: 'set' | 'dump' | 'show',
    spec: VlanGlobalSpec | VlanGlobalFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<BridgeVlans> | VlanGlobalRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getVlanGlobals(spec as VlanGlobalFilter, options);
      case 'set':
        assertNoEcho(options, 'getVlanGlobals');
        return this.write(vlanGlobalRequest(cmd, spec as VlanGlobalSpec), options);
      default:
        throw badCommand(cmd, ['set', 'dump']);
    }
  }

  /** What the VLANs of all bridges have for all their ports, or those that match. */
  async getVlanGlobals(filter: VlanGlobalFilter = {}, options?: DumpOptions): Promise<VlanGlobalRow[]> {
    const keys: Rec = typeof filter === 'function' ? {} : filter;
    assertDefined(keys);
    onlyKeys(keys, ['dev', 'ifindex', 'vid']);
    const { vid } = keys as { vid?: number };
    if (vid !== undefined) within('vid', () => integer(vid, 1, 4094));
    const rows = (await dumpArray(this, vlanTable(keys, BRIDGE_VLANDB_DUMPF.global), options)).flatMap(vlanGlobalRows);
    if (typeof filter === 'function') return rows.filter((row) => verdict(filter(row)));
    return rows.filter((row) => vid === undefined || (vid >= row.vid && vid <= (row.vidEnd ?? row.vid)));
  }
}
