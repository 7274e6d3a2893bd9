/** Ports of bridges: `bridge link`. */
import { InputError, show } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import { EINVAL } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import type { BridgeMstEntry, BridgeMstEntryIn } from '../rtnl/afspec.js';
import { AF, BRIDGE_FLAGS, BRIDGE_MODE, RTEXT_FILTER, RTM } from '../rtnl/constants.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import type { BridgeSlaveData, BridgeSlaveDataIn } from '../rtnl/kinds/index.js';
import { slaveKind } from '../rtnl/kinds/index.js';
import { asGiven, requestAsGiven } from './as-given.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { bridgeDevice, bridgeFlags } from './bridge-device.js';
import { dumpArray, dumpStream, type RowReader, type TableRequest } from './dumps.js';
import type { LinkRow } from './link.js';
import { linkGetRequest, linkRequest } from './link-request.js';
import { assertDefined, badCommand, matcher, type Predicate, verdict, type Wanted, type Where } from './select.js';

/** A port of a bridge: its link, and what it has as a port. */
export interface Brport extends BridgeSlaveData, MessageExtras {
  /** Index of the port's link. */
  index: number;
  ifname?: string;
  /** Index of the bridge. */
  bridge: number;
  /** State in each spanning tree; in lists of a bridge with several (Linux 5.18). */
  mst?: BridgeMstEntry[];
}

/** A port, and what is to become of it. */
export type BrportSpec = BridgeSlaveDataIn &
  ({ dev: number | string; index?: undefined } | { index: number; dev?: undefined }) & {
    /** Send it as `bridge link set` does, to the bridge. Without this and the next two it goes as `ip link set type bridge_slave` does. */
    master?: true | undefined;
    /** Send it to the port's own driver. */
    self?: true | undefined;
    /** How an adapter forwards between its functions; it goes to the port's own driver. */
    hwmode?: keyof typeof BRIDGE_MODE | undefined;
    /** State in spanning trees of the bridge: `bridge mst set` (Linux 5.18). It goes to the bridge. */
    mst?: readonly BridgeMstEntryIn[] | undefined;
    /** Rows are not set as they are: half of them is what the spanning tree came to. */
    ifname?: undefined;
    bridge?: undefined;
  };

/** Which port. */
export type BrportSelector = { dev: number | string } | { index: number };

/** Which ports to list: a predicate, or keys that must be equal. */
export type BrportFilter =
  | Predicate<Brport>
  | Where<
      Brport,
      {
        index?: Wanted<number>;
        /** Index of the bridge. */
        bridge?: Wanted<number>;
      }
    >;

/** The port in a message about a link, either in one of family 7 or in one that has it as `linkinfo.bridge_slave`; undefined when it is none. */
export function brportOf(link: LinkRow): Brport | undefined {
  const port = link.family === AF.bridge ? link.protinfo : link.linkinfo?.bridge_slave;
  if (port === undefined || link.master === undefined) return undefined;
  const { index, ifname, master, errors } = link;
  const mst = link.afSpec?.mst?.entry;
  return {
    index,
    ...(ifname !== undefined && { ifname }),
    bridge: master,
    ...(port as BridgeSlaveData),
    ...(mst !== undefined && { mst }),
    ...(errors !== undefined && { errors }),
  };
}

const NONE = { bridge: 0 } as Brport;
const rows: RowReader<Brport> = { read: (s, p, n) => brportOf(ifinfmsg.read(s, p, n)) ?? NONE };

/** Refuses states of which it is not said in which tree. */
function trees(mst: unknown): void {
  if (!Array.isArray(mst) || mst.length === 0)
    throw new InputError('ERR_INVALID_VALUE', 'mst', `expected an array of { msti, state }, got ${show(mst)}`);
  for (const [i, entry] of mst.entries())
    for (const key of ['msti', 'state'])
      if (isRec(entry) && entry[key] === undefined)
        throw new InputError('ERR_MISSING_KEY', `mst[${i}].${key}`, 'is needed');
}

/** The request of a change. Throws InputError for what cannot be one. */
export function brportRequest(cmd: 'set', spec: BrportSpec): Outgoing {
  if (cmd !== 'set') throw badCommand(cmd, ['set']);
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'brport', `expected an object, got ${show(spec)}`);
  const { dev, index, master, self, hwmode, mst, ...port } = spec as Rec;
  if (Object.keys(port).length === 0 && hwmode === undefined && mst === undefined)
    throw new InputError('ERR_MISSING_KEY', 'brport', 'has nothing to set');
  const flags = bridgeFlags({ master, self });
  if (flags === undefined && hwmode === undefined && mst === undefined) {
    const select = { ...(Object.hasOwn(spec, 'dev') && { dev }), ...(Object.hasOwn(spec, 'index') && { index }) };
    const out = linkRequest('set', { ...select, kind: 'bridge_slave', bridge_slave: port } as never);
    return requestAsGiven(out, () => [['bridge_slave', '']]);
  }
  if (hwmode !== undefined && !Object.hasOwn(BRIDGE_MODE, hwmode as string))
    throw new InputError('ERR_INVALID_VALUE', 'hwmode', `${show(hwmode)} is not one of veb, vepa`);
  if (mst !== undefined) trees(mst);
  const afSpec = {
    flags: flags ?? (hwmode === undefined ? BRIDGE_FLAGS.master : BRIDGE_FLAGS.self),
    ...(hwmode !== undefined && { mode: hwmode }),
    ...(mst !== undefined && { mst: { entry: mst } }),
  };
  const value = { ...(Object.keys(port).length > 0 && { protinfo: port }), afSpec };
  return requestAsGiven(bridgeDevice('RTM_SETLINK', spec as Rec, value), () => [
    ['protinfo', ''],
    ['afSpec.mst.entry', 'mst'],
  ]);
}

/** The request of a list, by messages of the bridge's own family. */
export function brportTable(filter: BrportFilter = {}): TableRequest<Brport, RowReader<Brport>> {
  let wanted: Predicate<Brport> | undefined;
  if (typeof filter === 'function') wanted = filter;
  else {
    assertDefined(filter);
    const own: Rec = {};
    const ports: Rec = {};
    for (const [key, value] of Object.entries(filter)) {
      const known = key === 'index' || key === 'ifname' || key === 'bridge';
      (known ? own : ports)[key === 'bridge' ? 'master' : key] = value;
    }
    const link = asGiven(
      () => [['master', 'bridge']],
      () => matcher<Rec>(ifinfmsg as never, own),
    );
    const port = matcher<Brport>(portDef as never, ports);
    wanted = (row) => (link?.({ ...row, master: row.bridge }) ?? true) && (port?.(row) ?? true);
  }
  return {
    out: {
      op: 'RTM_GETLINK',
      type: RTM.RTM_GETLINK,
      flags: 0,
      def: ifinfmsg,
      put: (w) => ifinfmsg.write(w, { family: AF.bridge, extMask: RTEXT_FILTER.mst }),
    },
    def: rows,
    row: RTM.RTM_NEWLINK,
    wanted: (row) => row.bridge !== 0 && (wanted === undefined || verdict(wanted(row))),
  };
}

/** What `matcher` needs to know of a port's keys. */
const portDef = {
  header: { field: () => undefined, words: {} },
  headerKeys: new Set<string>(),
  virtual: {},
  get table() {
    return slaveKind('bridge')!.aux.nest!;
  },
};

export abstract class BrportVerbs extends RouteSocket {
  /** One port, by the index or name of its link: a lookup in the kernel, not a dump. */
  brport(cmd: 'get', spec: BrportSelector, options?: RequestOptions): Promise<Brport>;
  /** The ports of all bridges, or those that match. */
  brport(cmd: 'dump' | 'show', filter?: BrportFilter, options?: DumpOptions): Promise<Brport[]>;
  /** Changes what a link has as the port of a bridge. */
  brport(cmd: 'set', spec: BrportSpec, options?: RequestOptions): Promise<WriteResult<LinkRow>>;
  async brport(
    cmd: 'set' | 'get' | 'dump' | 'show',
    spec: BrportSpec | BrportSelector | BrportFilter = {},
    options?: DumpOptions,
  ): Promise<WriteResult<LinkRow> | Brport | Brport[]> {
    switch (cmd) {
      case 'set':
        assertNoEcho(options, "brport('get')");
        return this.write(brportRequest(cmd, spec as BrportSpec), options);
      case 'get': {
        const row = isRec(spec) && ['index', 'bridge'].every((key) => Object.hasOwn(spec, key));
        const request = linkGetRequest((row ? { index: (spec as Brport).index } : spec) as never);
        const port = brportOf(await this.read(request, ifinfmsg, options));
        if (port !== undefined) return port;
        throw new NetlinkError({ errno: EINVAL, op: request.op, seq: 0, reason: 'the link is no port of a bridge' });
      }
      case 'dump':
      case 'show':
        return this.getBrports(spec as BrportFilter, options);
      default:
        throw badCommand(cmd, ['set', 'get', 'dump']);
    }
  }

  /** The ports of all bridges, or those that match. */
  async getBrports(filter?: BrportFilter, options?: DumpOptions): Promise<Brport[]> {
    return dumpArray(this, brportTable(filter), options);
  }

  /** The same as a stream. */
  brports(filter?: BrportFilter, options?: DumpOptions): DumpStream<Brport> {
    return dumpStream(this, 'RTM_GETLINK', () => brportTable(filter), options);
  }
}
