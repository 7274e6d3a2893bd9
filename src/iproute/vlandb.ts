/** The VLAN database of bridges: `bridge -d vlan`, `bridge vlan set` (Linux 5.6). */
import { InputError, show, within } from '../codec/errors.js';
import { integer } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import { type BridgeVlans, brvlandump, brvlanmsg, type VlanEntry, type VlanEntryIn } from '../rtnl/brvlanmsg.js';
import { AF, BRIDGE_VLAN_INFO, BRIDGE_VLANDB_DUMPF, RTM } from '../rtnl/constants.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { deviceOf, putDevice } from './bridge-device.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import { assertDefined, badCommand, type Predicate, verdict } from './select.js';
import { onlyKeys, type Vid, type VlanFlags, vlanFlags, vlanRange } from './vlan-ranges.js';

/** A VLAN of a bridge or a port, or a range of VLANs that are alike. */
export interface VlanRow extends Omit<VlanEntry, 'info' | 'range' | 'tunnelInfo'> {
  /** Index of the bridge or the port. */
  ifindex: number;
  vid: number;
  /** Last one of a range. */
  vidEnd?: number;
  /** BRIDGE_VLAN_INFO_* bits. */
  flags: number;
  /** Tunnel id that the VLAN is sent as; of a range the first. */
  tunnelId?: number;
}

/** VLANs of a bridge or a port, and what they are to have. */
export type VlanSpec = ({ dev: number | string } | { ifindex: number }) &
  Omit<VlanEntryIn, 'info' | 'range' | 'tunnelInfo' | 'stats' | 'mcastNGroups'> & {
    /** A VLAN, or a range such as `'10-20'`. */
    vid: Vid;
    /** Last VLAN, where `vid` is the first. */
    vidEnd?: number | undefined;
    /** For untagged frames that come in; not for a range. Only with `add`. */
    pvid?: boolean | undefined;
    /** Frames leave without a tag. Only with `add`. */
    untagged?: boolean | undefined;
    /** Only with `add`. */
    flags?: VlanFlags | undefined;
    /** Tunnel id that the VLAN is sent as, of a range the first; null: none any more. */
    tunnelId?: number | null | undefined;
  };

/** Which VLANs of a bridge or a port. */
export type VlanSelector = ({ dev: number | string } | { ifindex: number }) & {
  vid: Vid;
  vidEnd?: number | undefined;
};

/** Which VLANs to list: a predicate, or keys. `dev` and `ifindex` are checked by the kernel. */
export type VlanFilter =
  | Predicate<VlanRow>
  | {
      /** Of a bridge or a port: index or name. */
      dev?: number | string;
      ifindex?: number;
      /** Rows that have this VLAN. */
      vid?: number;
      state?: VlanRow['state'];
      /** With counters; then there are no ranges. */
      stats?: true;
    };

export type VlanChange = 'add' | 'set' | 'del';

const SETTINGS = ['state', 'mcastRouter', 'mcastMaxGroups', 'neighSuppress', 'neighForwardGrat', 'tunnelId'] as const;
const ADDING = ['flags', 'pvid', 'untagged'] as const;
const SELECTING = ['dev', 'ifindex', 'vid', 'vidEnd'] as const;

/** A request about the VLANs of the link that `spec` selects. */
export function vlanMessage(op: 'RTM_NEWVLAN' | 'RTM_DELVLAN', spec: Rec, value: Rec): Outgoing {
  const device = deviceOf(spec, 'ifindex');
  return {
    op,
    type: RTM[op],
    flags: 0,
    def: brvlanmsg,
    put(w) {
      const at = w.pos + 4;
      brvlanmsg.write(w, { family: AF.bridge, ...value });
      putDevice(w, at, device);
    },
  };
}

function tunnel(id: unknown): Rec | undefined {
  if (id === undefined) return undefined;
  if (id === null) return { cmd: RTM.RTM_DELLINK, id: 0 };
  return { id: within('tunnelId', () => integer(id, 0, 0xffffff)), cmd: RTM.RTM_SETLINK };
}

/** The request of a change. Throws InputError for what cannot be one. */
export function vlanRequest(cmd: VlanChange, spec: VlanSpec | VlanSelector): Outgoing {
  if (cmd !== 'add' && cmd !== 'set' && cmd !== 'del') throw badCommand(cmd, ['add', 'set', 'del']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'vlan', `expected an object, got ${show(spec)}`);
  const o = spec as Rec;
  const known = [...SELECTING, ...(cmd === 'del' ? [] : SETTINGS), ...(cmd === 'add' ? ADDING : [])];
  onlyKeys(o, known);
  if (Object.hasOwn(o, 'vid')) assertDefined({ vid: o.vid });
  if (cmd === 'del') assertDefined(o);
  const { first, last } = vlanRange(o.vid, o.vidEnd);
  const flags = cmd === 'add' ? vlanFlags(o) : cmd === 'set' ? BRIDGE_VLAN_INFO.only_opts : 0;
  if (last > first && flags & BRIDGE_VLAN_INFO.pvid)
    throw new InputError('ERR_CONFLICT', 'pvid', 'is one VLAN, not a range');
  if (cmd === 'set' && SETTINGS.every((key) => o[key] === undefined))
    throw new InputError('ERR_MISSING_KEY', 'state', `or another setting is needed: ${SETTINGS.join(', ')}`);
  const tunnelInfo = tunnel(o.tunnelId);
  const settings = SETTINGS.filter((key) => key !== 'tunnelId' && o[key] !== undefined).map((key) => [key, o[key]]);
  const entry = {
    info: { vid: first, flags },
    ...(last > first && { range: last }),
    ...Object.fromEntries(settings),
    ...(tunnelInfo !== undefined && { tunnelInfo }),
  };
  const out = vlanMessage(cmd === 'del' ? 'RTM_DELVLAN' : 'RTM_NEWVLAN', o, { entry: [entry] });
  return { ...out, put: (w) => unwrapped(() => out.put(w)) };
}

/** The place of an error as the caller knows it: the keys of the one entry are keys of the call. */
export function unwrapped(put: () => void): void {
  try {
    put();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, error.field.replace(/^(entry|globalOptions)\[0\]\./, ''), error.reason);
  }
}

/** The rows of a message, one an entry. */
export function vlanRows({ ifindex, entry = [] }: BridgeVlans): VlanRow[] {
  return entry.map(({ info, range, tunnelInfo, ...rest }) => ({
    ifindex,
    vid: info?.vid ?? 0,
    ...(range !== undefined && { vidEnd: range }),
    flags: info?.flags ?? 0,
    ...rest,
    ...(tunnelInfo?.id !== undefined && { tunnelId: tunnelInfo.id }),
  }));
}

/** The request of a list of VLANs, or of options that are the same for all ports. */
export function vlanTable(filter: Rec, flags: number): TableRequest<BridgeVlans> {
  const given = Object.hasOwn(filter, 'dev') || Object.hasOwn(filter, 'ifindex');
  const device = given ? deviceOf(filter, 'ifindex') : undefined;
  return {
    out: {
      op: 'RTM_GETVLAN',
      type: RTM.RTM_GETVLAN,
      flags: 0,
      def: brvlandump,
      put(w) {
        const at = w.pos + 4;
        brvlandump.write(w, { family: AF.bridge, dumpFlags: flags });
        if (device !== undefined) putDevice(w, at, device);
      },
    },
    def: brvlanmsg,
    row: RTM.RTM_NEWVLAN,
    wanted: undefined,
  };
}

function plan(filter: VlanFilter = {}): { table: TableRequest<BridgeVlans>; wanted: Predicate<VlanRow> } {
  if (typeof filter === 'function') return { table: vlanTable({}, 0), wanted: filter };
  assertDefined(filter);
  onlyKeys(filter as Rec, ['dev', 'ifindex', 'vid', 'state', 'stats']);
  const { vid, state, stats } = filter;
  if (vid !== undefined) within('vid', () => integer(vid, 1, 4094));
  if (stats !== undefined && stats !== true)
    throw new InputError('ERR_INVALID_VALUE', 'stats', `expected true, got ${show(stats)}`);
  return {
    table: vlanTable(filter as Rec, stats ? BRIDGE_VLANDB_DUMPF.stats : 0),
    wanted: (row) =>
      (vid === undefined || (vid >= row.vid && vid <= (row.vidEnd ?? row.vid))) &&
      (state === undefined || row.state === state),
  };
}

export abstract class VlandbVerbs extends RouteSocket {
  /** The VLANs of all bridges and ports, or those that match. */
  vlandb(cmd: 'dump' | 'show', filter?: VlanFilter, options?: DumpOptions): Promise<VlanRow[]>;
  /** Adds VLANs to a bridge or a port, changes what they have, or deletes them. */
  vlandb(cmd: 'add' | 'set', spec: VlanSpec, options?: RequestOptions): Promise<WriteResult<BridgeVlans>>;
  vlandb(cmd: 'del', spec: VlanSelector, options?: RequestOptions): Promise<WriteResult<BridgeVlans>>;
  async vlandb(
    cmd: VlanChange | 'dump' | 'show',
    spec: VlanSpec | VlanSelector | VlanFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<BridgeVlans> | VlanRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getVlans(spec as VlanFilter, options);
      case 'add':
      case 'set':
      case 'del':
        assertNoEcho(options, 'getVlans');
        return this.write(vlanRequest(cmd, spec as VlanSpec), options);
      default:
        throw badCommand(cmd, ['add', 'set', 'del', 'dump']);
    }
  }

  /** The VLANs of all bridges and ports, or those that match: a row a VLAN, or a range that is alike. */
  async getVlans(filter?: VlanFilter, options?: DumpOptions): Promise<VlanRow[]> {
    const { table, wanted } = plan(filter);
    return (await dumpArray(this, table, options)).flatMap(vlanRows).filter((row) => verdict(wanted(row)));
  }

  /** The same as they come. Leaving the loop ends the dump. */
  vlans(filter?: VlanFilter, options?: DumpOptions): AsyncGenerator<VlanRow, void, undefined> {
    const { table, wanted } = plan(filter);
    return flat(
      dumpStream(this, 'RTM_GETVLAN', () => table, options),
      vlanRows,
      wanted,
    );
  }
}

/** The rows in messages, as they come. */
export async function* flat<M, R>(
  messages: AsyncIterable<M>,
  rows: (message: M) => R[],
  wanted: Predicate<R>,
): AsyncGenerator<R, void, undefined> {
  for await (const message of messages) for (const row of rows(message)) if (verdict(wanted(row))) yield row;
}
