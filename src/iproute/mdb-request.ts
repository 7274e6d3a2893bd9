/** Multicast groups of bridges and VXLANs: what `bridge mdb` takes, as requests. */
import { InputError, show } from '../codec/errors.js';
import { NLM_F_BULK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../codec/header.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { Outgoing } from '../netlink/socket.js';
import { AF, type MDB_GROUP_MODE, MDB_STATE, RTM, RTPROT } from '../rtnl/constants.js';
import type { MdbSource } from '../rtnl/mdb-entry.js';
import { mdbset } from '../rtnl/mdbmsg.js';
import { deviceOf, putDevice } from './bridge-device.js';
import { oneWord } from './one-word.js';
import { assertDefined, badCommand } from './select.js';
import { onlyKeys } from './vlan-ranges.js';

type Device = { dev: number | string } | { ifindex: number };

/** Which entry: a group at a port. */
export type MdbSelector = Device & {
  /** Port of the bridge, by index or name; the bridge itself for what the machine wants, the VXLAN itself for a remote end. */
  port: number | string;
  /** Address of the group: IPv4, IPv6, or of Ethernet (Linux 5.10). */
  grp: string;
  vid?: number | undefined;
  /** The one source of an (S, G) entry. */
  source?: string | undefined;
  /** Of VXLAN: the remote tunnel end. */
  dst?: string | undefined;
  /** UDP port of `dst`. */
  dstPort?: number | undefined;
  /** Network identifier to send with. */
  vni?: number | undefined;
  /** Network identifier that the frame came from. */
  srcVni?: number | undefined;
  /** Link to send by, by index or name. */
  via?: number | string | undefined;
};

/** A group at a port to be added or replaced. */
export type MdbSpec = MdbSelector & {
  /** Default: `'temp'`, which is forgotten without a report. */
  state?: keyof typeof MDB_STATE | undefined;
  /** Sources that may send, or may not (Linux 6.3). */
  srcList?: readonly (string | MdbSource)[] | undefined;
  /** What `srcList` means (Linux 6.3). */
  groupMode?: keyof typeof MDB_GROUP_MODE | undefined;
  /** Who makes the entry: RTPROT_* (Linux 6.3). */
  rtprot?: number | keyof typeof RTPROT | undefined;
  /** Another word for `rtprot`. */
  proto?: number | keyof typeof RTPROT | undefined;
};

/** Which group: at all ports (Linux 6.8). */
export type MdbGetSelector = Device & Pick<MdbSelector, 'grp' | 'vid' | 'source' | 'srcVni'>;

/** What of one bridge the kernel is to flush (Linux 6.8): what has all of the keys; with none but the bridge, everything. */
export type MdbFlush = Device &
  Omit<Partial<MdbSelector>, 'grp' | 'source' | 'via'> & {
    state?: keyof typeof MDB_STATE | undefined;
    rtprot?: number | keyof typeof RTPROT | undefined;
    proto?: number | keyof typeof RTPROT | undefined;
    all?: true | undefined;
  };

export type MdbChange = 'add' | 'replace' | 'del';

const FLAGS: Readonly<Record<MdbChange, number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  del: 0,
};

const TUNNEL = ['dst', 'dstPort', 'vni', 'srcVni', 'via'];
const SELECTING = ['dev', 'ifindex', 'port', 'grp', 'vid', 'source', ...TUNNEL];
const SETTING = ['state', 'srcList', 'groupMode', 'rtprot'];

/** Copies of those keys of `o` that are there. */
const pick = (o: Rec, keys: readonly string[]): Rec =>
  Object.fromEntries(keys.filter((key) => o[key] !== undefined).map((key) => [key, o[key]]));

/** The number of a protocol that `spec` has under either of its words. */
function protocolOf(spec: Rec, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (Object.hasOwn(RTPROT, value)) return RTPROT[value as keyof typeof RTPROT];
  const key = Object.hasOwn(spec, 'proto') ? 'proto' : 'rtprot';
  throw new InputError('ERR_INVALID_VALUE', key, `${show(value)} is not one of ${Object.keys(RTPROT).join(', ')}`);
}

/** The caller's word for a key of an entry. */
function fieldOf(field: string, spec: Rec): string {
  if (field === 'ifindex') return 'port';
  if (field === 'rtprot' && spec.rtprot === undefined) return 'proto';
  const [, place, i] = /^(srcList\[(\d+)\])\.address$/.exec(field) ?? [];
  return place !== undefined && typeof (spec.srcList as unknown[])[Number(i)] === 'string' ? place : field;
}

/** A message about the bridge that `spec` selects; the keys of the entry are keys of the call. */
function request(type: 'RTM_NEWMDB' | 'RTM_DELMDB' | 'RTM_GETMDB', flags: number, spec: Rec, value: Rec): Outgoing {
  const device = deviceOf(spec, 'ifindex');
  return {
    op: type,
    type: RTM[type],
    flags,
    def: mdbset,
    put(w) {
      const at = w.pos + 4;
      try {
        mdbset.write(w, { family: AF.bridge, ...value });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const field = error.field
          .replace(/^attrs\./, '')
          .replace(/^entry\.(?:addr$)?/, (found) => (found.endsWith('addr') ? 'grp' : ''));
        const given = fieldOf(field, spec);
        throw new InputError(error.code, given, error.reason);
      }
      putDevice(w, at, device);
    },
  };
}

function assertPort(port: unknown): void {
  if (port === undefined) throw new InputError('ERR_MISSING_KEY', 'port', 'is needed: the port, by name or index');
  if (port === 0) throw new InputError('ERR_OUT_OF_RANGE', 'port', '0 is no link: they count from 1 to 2147483647');
}

function sources(list: unknown): unknown {
  if (!Array.isArray(list))
    throw new InputError('ERR_INVALID_VALUE', 'srcList', `expected an array of addresses, got ${show(list)}`);
  // What comes out has timers, which are not set.
  return list.map((item: unknown) => (isRec(item) ? { address: item.address } : { address: item }));
}

const ROW = ['ifindex', 'port', 'grp', 'state', 'flags', 'vid'];

/** What of a row is set, or selects. What is so by default is left out: before Linux 6.3 it could not be said. */
function again(cmd: MdbChange, row: Rec): Rec {
  const value = pick(row, cmd === 'del' ? SELECTING : [...SELECTING, ...SETTING]);
  if (value.vid === 0) delete value.vid;
  if (value.rtprot === RTPROT.static) delete value.rtprot;
  if (value.groupMode === 'exclude' && value.srcList === undefined) delete value.groupMode;
  return value;
}

/** The request of a change. Throws InputError for what cannot be one. */
export function mdbRequest(cmd: MdbChange, given: MdbSpec | MdbSelector): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (!isRec(given)) throw new InputError('ERR_INVALID_VALUE', 'mdb', `expected an object, got ${show(given)}`);
  const spec: Rec = ROW.every((key) => Object.hasOwn(given, key)) ? again(cmd, given) : (given as Rec);
  const o = oneWord(spec, 'proto', 'rtprot');
  onlyKeys(o, cmd === 'del' ? SELECTING : [...SELECTING, ...SETTING]);
  if (cmd === 'del') assertDefined(o);
  for (const key of ['port', 'grp', 'vid', 'source']) if (Object.hasOwn(o, key)) assertDefined({ [key]: o[key] });
  assertPort(o.port);
  if (o.grp === undefined) throw new InputError('ERR_MISSING_KEY', 'grp', 'is needed: the address of the group');
  const attrs: Rec = pick(o, ['source', 'groupMode', ...TUNNEL]);
  if (o.srcList !== undefined) attrs.srcList = sources(o.srcList);
  if (o.rtprot !== undefined) attrs.rtprot = protocolOf(spec, o.rtprot);
  const entry = { ifindex: o.port, addr: o.grp, ...pick(o, ['vid', 'state']) };
  const type = cmd === 'del' ? 'RTM_DELMDB' : 'RTM_NEWMDB';
  return request(type, FLAGS[cmd], spec, { entry, ...(Object.keys(attrs).length > 0 && { attrs }) });
}

/** The request of one group. */
export function mdbGetRequest(spec: MdbGetSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'mdb', `expected an object, got ${show(spec)}`);
  const o = spec as Rec;
  assertDefined(o);
  onlyKeys(o, ['dev', 'ifindex', 'grp', 'vid', 'source', 'srcVni']);
  if (o.grp === undefined) throw new InputError('ERR_MISSING_KEY', 'grp', 'is needed: the address of the group');
  const attrs = pick(o, ['source', 'srcVni']);
  return request('RTM_GETMDB', 0, o, {
    entry: { addr: o.grp, ...pick(o, ['vid']) },
    ...(Object.keys(attrs).length > 0 && { attrs }),
  });
}

/** The request of a flush by the kernel. */
export function mdbFlushRequest(spec: MdbFlush): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'mdb', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const { all, ...o } = oneWord(spec as Rec, 'proto', 'rtprot');
  onlyKeys(o, ['dev', 'ifindex', 'port', 'vid', 'state', 'rtprot', 'dst', 'dstPort', 'vni', 'srcVni']);
  const selecting = Object.keys(o).filter((key) => key !== 'dev' && key !== 'ifindex');
  if (all !== undefined && (all !== true || selecting.length > 0))
    throw new InputError(
      'ERR_CONFLICT',
      'all',
      all === true ? 'is given together with other keys' : `expected true, got ${show(all)}`,
    );
  // To the kernel 0 means any.
  if (Object.hasOwn(o, 'port')) assertPort(o.port);
  for (const key of ['vid', 'rtprot'])
    if (o[key] === 0) throw new InputError('ERR_OUT_OF_RANGE', key, '0 would mean any');
  const attrs: Rec = pick(o, ['dst', 'dstPort', 'vni', 'srcVni']);
  if (o.rtprot !== undefined) attrs.rtprot = protocolOf(spec as Rec, o.rtprot);
  if (o.state !== undefined) attrs.stateMask = MDB_STATE.permanent;
  const entry = { ...(o.port !== undefined && { ifindex: o.port }), ...pick(o, ['vid', 'state']) };
  return request('RTM_DELMDB', NLM_F_BULK, spec as Rec, { entry, ...(Object.keys(attrs).length > 0 && { attrs }) });
}
