/** VLANs of bridges and their ports, by link messages: `bridge vlan`. */
import { InputError, show, within } from '../codec/errors.js';
import { integer } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import type { BridgeVlan, BridgeVlanTunnel } from '../rtnl/afspec.js';
import { AF, BRIDGE_VLAN_INFO, RTEXT_FILTER, RTM } from '../rtnl/constants.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { bridgeDevice, bridgeFlags } from './bridge-device.js';
import { dumpArray, dumpStream, type RowReader, type TableRequest } from './dumps.js';
import type { LinkRow } from './link.js';
import { assertDefined, badCommand, type Predicate, verdict } from './select.js';
import { listOf, onlyKeys, type Vid, type VlanFlags, vlanFlags, vlanRange } from './vlan-ranges.js';

/** A VLAN, or a range of VLANs that have the same flags. */
export interface VlanRange {
  vid: number;
  /** Last one of a range. */
  vidEnd?: number;
  /** BRIDGE_VLAN_INFO_* bits. */
  flags: number;
}

/** VLANs whose frames are sent into tunnels: `vid` as `id`, and so on to the ends of both. */
export interface VlanTunnelRange {
  vid: number;
  vidEnd?: number;
  /** Tunnel id, such as a VXLAN network identifier. */
  id: number;
  idEnd?: number;
}

/** The VLANs of a port, or of a bridge itself. */
export interface VlanFilterRow {
  /** Index of the link. */
  index: number;
  ifname?: string;
  /** Index of the bridge, for its ports. */
  master?: number;
  vlans: VlanRange[];
  tunnels: VlanTunnelRange[];
}

/** VLANs as input takes them. */
export interface VlanInfoSpec {
  /** A VLAN, or a range such as `'10-20'`. */
  vid: Vid;
  /** Last VLAN, where `vid` is the first. */
  vidEnd?: number | undefined;
  /** For untagged frames that come in; not for a range. */
  pvid?: boolean | undefined;
  /** Frames leave without a tag. */
  untagged?: boolean | undefined;
  flags?: VlanFlags | undefined;
}

/** VLANs and the tunnel ids that they are sent as. */
export interface VlanTunnelSpec {
  vid: Vid;
  vidEnd?: number | undefined;
  /** Tunnel id, or as many as there are VLANs: `'1000-1010'`. */
  id: number | `${number}` | `${number}-${number}`;
  idEnd?: number | undefined;
}

/** VLANs of a link: a port, or with `self` a bridge. */
export type VlanFilterSpec = ({ dev: number | string } | { index: number }) & {
  vlanInfo?: VlanInfoSpec | readonly VlanInfoSpec[] | undefined;
  vlanTunnelInfo?: VlanTunnelSpec | readonly VlanTunnelSpec[] | undefined;
  /** It is about the link itself: a bridge, or an adapter that filters. */
  self?: true | undefined;
  /** It is about the link as a port of its bridge: the default. */
  master?: true | undefined;
} & ({ vlanInfo: object } | { vlanTunnelInfo: object });

/** Which links' VLANs to list: a predicate, or keys that must be equal. */
export type VlanFilterFilter =
  | Predicate<VlanFilterRow>
  | {
      index?: number;
      ifname?: string;
      /** Index of the bridge. */
      master?: number;
      /** Links that are in this VLAN. */
      vid?: number;
    };

export type VlanFilterChange = 'add' | 'del';

const { range_begin: BEGIN, range_end: END } = BRIDGE_VLAN_INFO;
const TUNNEL_MAX = 0xffffff;

/** struct bridge_vlan_info of VLANs: two for a range. */
function info(spec: Rec, adding: boolean): { vid: number; flags: number }[] {
  onlyKeys(spec, ['vid', 'vidEnd', 'pvid', 'untagged', 'flags']);
  // Rows have `flags`.
  for (const key of ['pvid', 'untagged'])
    if (!adding && spec[key] !== undefined)
      throw new InputError('ERR_CONFLICT', key, 'is nothing that the kernel looks for when it deletes a VLAN');
  const { first, last } = vlanRange(spec.vid, spec.vidEnd);
  const flags = vlanFlags(spec);
  if (first === last) return [{ vid: first, flags }];
  if (adding && flags & BRIDGE_VLAN_INFO.pvid) throw new InputError('ERR_CONFLICT', 'pvid', 'is one VLAN, not a range');
  return [
    { vid: first, flags: flags | BEGIN },
    { vid: last, flags: flags | END },
  ];
}

/** First and last tunnel id. */
function tunnelIds(id: unknown, end: unknown): { first: number; last: number } {
  if (id === undefined) throw new InputError('ERR_MISSING_KEY', 'id', 'is needed: the tunnel id');
  const text = typeof id === 'string' ? /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(id) : null;
  if (typeof id === 'string' && text === null)
    throw new InputError('ERR_INVALID_VALUE', 'id', `${show(id)} is not a tunnel id, or a range such as 1000-1010`);
  if (text?.[2] !== undefined && end !== undefined)
    throw new InputError('ERR_CONFLICT', 'idEnd', 'is given, but id is a range');
  const first = within('id', () => integer(text === null ? id : Number(text[1]), 0, TUNNEL_MAX));
  const last = within('idEnd', () =>
    integer(text?.[2] === undefined ? (end ?? first) : Number(text[2]), 0, TUNNEL_MAX),
  );
  return { first, last };
}

/** Attributes of tunnel ids: two for a range. */
function tunnel(spec: Rec): { vid: number; id: number; flags: number }[] {
  onlyKeys(spec, ['vid', 'vidEnd', 'id', 'idEnd']);
  const vids = vlanRange(spec.vid, spec.vidEnd);
  const ids = tunnelIds(spec.id, spec.idEnd);
  if (vids.last - vids.first !== ids.last - ids.first)
    throw new InputError(
      'ERR_CONFLICT',
      'id',
      `${ids.last - ids.first + 1} tunnel ids are given for ${vids.last - vids.first + 1} VLANs`,
    );
  if (vids.first === vids.last) return [{ vid: vids.first, id: ids.first, flags: 0 }];
  return [
    { vid: vids.first, id: ids.first, flags: BEGIN },
    { vid: vids.last, id: ids.last, flags: END },
  ];
}

/** Each of a list in the kernel's form, with its place in errors. */
const all = <T>(value: unknown, field: string, make: (spec: Rec) => T[]): T[] =>
  listOf(value, field).flatMap((spec, i) => within(Array.isArray(value) ? `${field}[${i}]` : field, () => make(spec)));

/** The request of a change. Throws InputError for what cannot be one. */
export function vlanFilterRequest(cmd: VlanFilterChange, spec: VlanFilterSpec): Outgoing {
  if (cmd !== 'add' && cmd !== 'del') throw badCommand(cmd, ['add', 'del']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'vlanFilter', `expected an object, got ${show(spec)}`);
  onlyKeys(spec, ['dev', 'index', 'vlanInfo', 'vlanTunnelInfo', 'self', 'master']);
  const { vlanInfo, vlanTunnelInfo } = spec as Rec;
  assertDefined({
    ...(Object.hasOwn(spec, 'vlanInfo') && { vlanInfo }),
    ...(Object.hasOwn(spec, 'vlanTunnelInfo') && { vlanTunnelInfo }),
  });
  if (vlanInfo === undefined && vlanTunnelInfo === undefined)
    throw new InputError('ERR_MISSING_KEY', 'vlanInfo', 'or vlanTunnelInfo is needed: which VLANs');
  const flags = bridgeFlags(spec as Rec);
  const afSpec = {
    ...(flags !== undefined && { flags }),
    ...(vlanInfo !== undefined && { vlanInfo: all(vlanInfo, 'vlanInfo', (one) => info(one, cmd === 'add')) }),
    ...(vlanTunnelInfo !== undefined && { vlanTunnelInfo: all(vlanTunnelInfo, 'vlanTunnelInfo', tunnel) }),
  };
  return bridgeDevice(cmd === 'add' ? 'RTM_SETLINK' : 'RTM_DELLINK', spec as Rec, { afSpec });
}

/** Ranges of what the kernel lists, which has two elements for a range. */
function ranges(list: readonly BridgeVlan[]): VlanRange[] {
  const found: VlanRange[] = [];
  for (const { vid, flags } of list) {
    const last = found[found.length - 1];
    if (flags & END && last !== undefined) last.vidEnd = vid;
    else found.push({ vid, flags: flags & ~(BEGIN | END) });
  }
  return found;
}

function tunnelRanges(list: readonly BridgeVlanTunnel[]): VlanTunnelRange[] {
  const found: VlanTunnelRange[] = [];
  for (const { vid = 0, id = 0, flags = 0 } of list) {
    const last = found[found.length - 1];
    if (flags & END && last !== undefined) Object.assign(last, { vidEnd: vid, idEnd: id });
    else found.push({ vid, id });
  }
  return found;
}

/** The VLANs in a message of family 7 about a link, an answer or an event. */
export function vlanFilterRow(link: LinkRow): VlanFilterRow {
  const { index, ifname, master, afSpec } = link;
  return {
    index,
    ...(ifname !== undefined && { ifname }),
    // A bridge says that it is its own.
    ...(master !== undefined && master !== index && { master }),
    vlans: ranges(afSpec?.vlanInfo ?? []),
    tunnels: tunnelRanges(afSpec?.vlanTunnelInfo ?? []),
  };
}

const rows: RowReader<VlanFilterRow> = { read: (s, p, n) => vlanFilterRow(ifinfmsg.read(s, p, n)) };

/** Whether a VLAN is in one of the ranges. */
const inRanges = (vid: number, { vlans }: VlanFilterRow): boolean =>
  vlans.some((range) => vid >= range.vid && vid <= (range.vidEnd ?? range.vid));

function wantedBy(filter: VlanFilterFilter): Predicate<VlanFilterRow> {
  if (typeof filter === 'function') return filter;
  assertDefined(filter);
  onlyKeys(filter as Rec, ['index', 'ifname', 'master', 'vid']);
  const { index, ifname, master, vid } = filter;
  for (const [key, value] of Object.entries({ index, master, vid }))
    if (value !== undefined) within(key, () => integer(value, 1, 0x7fffffff));
  if (ifname !== undefined && typeof ifname !== 'string')
    throw new InputError('ERR_INVALID_VALUE', 'ifname', `expected a string, got ${show(ifname)}`);
  return (row) =>
    (index === undefined || row.index === index) &&
    (ifname === undefined || row.ifname === ifname) &&
    (master === undefined || row.master === master) &&
    (vid === undefined || inRanges(vid, row));
}

/** The request of a list: ranges are compressed by the kernel. */
export function vlanFilterTable(filter: VlanFilterFilter = {}): TableRequest<VlanFilterRow, RowReader<VlanFilterRow>> {
  const wanted = wantedBy(filter);
  return {
    out: {
      op: 'RTM_GETLINK',
      type: RTM.RTM_GETLINK,
      flags: 0,
      def: ifinfmsg,
      put: (w) => ifinfmsg.write(w, { family: AF.bridge, extMask: RTEXT_FILTER.brvlan_compressed }),
    },
    def: rows,
    row: RTM.RTM_NEWLINK,
    wanted: (row) => row.vlans.length + row.tunnels.length > 0 && verdict(wanted(row)),
  };
}

export abstract class VlanFilterVerbs extends RouteSocket {
  /** The VLANs of all bridges and ports, or those that match. */
  vlanFilter(cmd: 'dump' | 'show', filter?: VlanFilterFilter, options?: DumpOptions): Promise<VlanFilterRow[]>;
  /** Adds VLANs to a bridge or a port, or takes them away. */
  vlanFilter(cmd: VlanFilterChange, spec: VlanFilterSpec, options?: RequestOptions): Promise<WriteResult<LinkRow>>;
  async vlanFilter(
    cmd: VlanFilterChange | 'dump' | 'show',
    spec: VlanFilterSpec | VlanFilterFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<LinkRow> | VlanFilterRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return dumpArray(this, vlanFilterTable(spec as VlanFilterFilter), options);
      case 'add':
      case 'del':
        assertNoEcho(options, "vlanFilter('dump')");
        return this.write(vlanFilterRequest(cmd, spec as VlanFilterSpec), options);
      default:
        throw badCommand(cmd, ['add', 'del', 'dump']);
    }
  }

  /** The same as a stream, a link at a time. */
  vlanFilters(filter?: VlanFilterFilter, options?: DumpOptions): DumpStream<VlanFilterRow> {
    return dumpStream(this, 'RTM_GETLINK', () => vlanFilterTable(filter), options);
  }
}
