/** Identifiers that a VXLAN link takes: `bridge vni` (Linux 5.18). */
import { InputError, show, within } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import { parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import { AF, TUNNEL_MSG_FLAG } from '../rtnl/constants.js';
import { type Tunnel, tunnelmsg } from '../rtnl/tunnelmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { type DeviceKeys, filterDevice, needDevice, putDevice, type WithDevice } from './device.js';
import { dumpArray, type TableRequest } from './dumps.js';
import { span } from './ranges.js';
import { assertDefined, badCommand, matcher, type Predicate, type Where } from './select.js';

/** An identifier, or several: 100, `'100-200'`, `{ start: 100, end: 200 }`. */
export type VniRange = number | string | { start: number; end?: number | undefined };

/** Identifiers to be taken, or not any more, by a VXLAN link that has `vnifilter`. */
export type VniSpec = DeviceKeys &
  WithDevice & {
    vni: VniRange | readonly VniRange[];
    /** Where packets for unknown addresses go: a multicast group. */
    group?: string | undefined;
    /** The same, of one far end. */
    remote?: string | undefined;
  };

/** Whose identifiers to list. `dev` is checked by the kernel. */
export type VniFilter =
  | Predicate<Tunnel & MessageExtras>
  | Where<
      Tunnel,
      {
        /** Index or name. */
        dev?: number | string;
        index?: number | string;
        ifindex?: number | string;
        /** With counters. */
        stats?: boolean;
      }
    >;

export type VniChange = 'add' | 'del';

/** The identifiers of a VXLAN link, and what could not be decoded of them. */
export type VniRow = Tunnel & MessageExtras;

/** Where struct tunnel_msg has the index of the interface. */
const IFINDEX = 4;
const TYPES: Readonly<Record<VniChange, number>> = { add: 120, del: 121 };

/** `group`, or `group6`, of what is given as one word or the other. */
function destination(spec: VniSpec): Rec {
  const { group, remote } = spec;
  if (group === undefined && remote === undefined) return {};
  if (group !== undefined && remote !== undefined)
    throw new InputError('ERR_CONFLICT', 'remote', 'is given together with group');
  const key = group === undefined ? 'remote' : 'group';
  const text = group ?? remote;
  const found = typeof text === 'string' ? parsePrefix(text) : null;
  if (found === null || found.len >= 0)
    throw new InputError('ERR_INVALID_VALUE', key, `${show(text)} is not an IP address`);
  return { [found.bytes.length === 4 ? 'group' : 'group6']: text };
}

/** The request of a change. Throws InputError for what cannot be one. */
export function vniRequest(cmd: VniChange, spec: VniSpec): Outgoing {
  if (!Object.hasOwn(TYPES, cmd)) throw badCommand(cmd, ['add', 'del', 'dump']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'vni', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const { vni, group, remote, ...rest } = spec;
  const device = needDevice(rest, 'the VXLAN link');
  for (const key of Object.keys(rest)) throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key');
  if (vni === undefined) throw new InputError('ERR_MISSING_KEY', 'vni', 'is needed: an identifier or a range');
  const list: readonly unknown[] = Array.isArray(vni) ? vni : [vni];
  if (list.length === 0) throw new InputError('ERR_INVALID_VALUE', 'vni', 'has no identifier');
  for (const key of ['group', 'remote'] as const)
    if (cmd === 'del' && spec[key] !== undefined)
      throw new InputError('ERR_CONFLICT', key, 'is nothing that the kernel looks for when it deletes an identifier');
  const to = destination(spec);
  const entry = list.map((one, i) =>
    within(Array.isArray(vni) ? `vni[${i}]` : 'vni', () => {
      const { start, end } = span(one, 1, 0xffffff);
      return { start, ...(end !== start && { end }), ...to };
    }),
  );
  return {
    op: cmd === 'del' ? 'RTM_DELTUNNEL' : 'RTM_NEWTUNNEL',
    type: TYPES[cmd],
    flags: 0,
    def: tunnelmsg,
    put(w) {
      const at = w.pos + IFINDEX;
      tunnelmsg.write(w, { family: AF.bridge, entry });
      putDevice(w, at, device);
    },
  };
}

/** The request of a list. */
function vniTable(filter: VniFilter = {}): TableRequest<Tunnel & MessageExtras> {
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    Object.assign(match, filter);
  }
  const { stats } = match;
  delete match.stats;
  if (stats !== undefined && typeof stats !== 'boolean')
    throw new InputError('ERR_INVALID_VALUE', 'stats', `expected true or false, got ${show(stats)}`);
  const device = filterDevice(match, true);
  return {
    out: {
      op: 'RTM_GETTUNNEL',
      type: 122,
      flags: 0,
      def: tunnelmsg,
      put(w) {
        const at = w.pos + IFINDEX;
        tunnelmsg.write(w, { family: AF.bridge, flags: stats === true ? TUNNEL_MSG_FLAG.stats : 0 });
        putDevice(w, at, device);
      },
    },
    def: tunnelmsg,
    row: 120,
    wanted: typeof filter === 'function' ? filter : matcher(tunnelmsg, match),
  };
}

export abstract class VniVerbs extends RouteSocket {
  /** Has a VXLAN link take identifiers, or no longer. */
  vni(cmd: VniChange, spec: VniSpec, options?: RequestOptions): Promise<WriteResult<VniRow>>;
  /** The identifiers of all VXLAN links that have a filter, one row a link; `stats: true` with counters. */
  vni(cmd: 'dump' | 'show', filter?: VniFilter, options?: DumpOptions): Promise<VniRow[]>;
  async vni(
    cmd: VniChange | 'dump' | 'show',
    spec: VniSpec | VniFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<VniRow> | VniRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return dumpArray(this, vniTable(spec as VniFilter), options);
      case 'add':
      case 'del':
        assertNoEcho(options, "vni('dump')");
        return this.write(vniRequest(cmd, spec as VniSpec), options);
      default:
        throw badCommand(cmd, ['add', 'del', 'dump']);
    }
  }
}
