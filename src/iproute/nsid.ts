/** Numbers by which a namespace knows others, as in `linkNetnsid` of its links: `ip netns set`, `ip netns list-id`. */
import { InputError, show, unknownKey } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { DumpStream } from '../netlink/stream.js';
import { RTM } from '../rtnl/constants.js';
import { type Nsid, nsidmsg } from '../rtnl/nsidmsg.js';
import { RouteSocket, type WriteOptions } from './base.js';
import { dumpArray, dumpStream, type TableRequest } from './dumps.js';
import { namespace } from './namespace.js';
import { assertDefined, badCommand, matcher, type Predicate, type Where } from './select.js';

/** A namespace: a name, a path or an open descriptor; or the id of a process in it. */
export type NsidOf = { netns: string | number; pid?: undefined } | { pid: number; netns?: undefined };

/** Which number: of a namespace, or what is known by a number. */
export type NsidSelector = ((NsidOf & { nsid?: undefined }) | { nsid: number; netns?: undefined; pid?: undefined }) & {
  /** As the namespace with this number knows it (Linux 5.0). */
  targetNsid?: number;
};

/** A namespace, and the number that it is to have; 'auto': one that is free. */
export type NsidSpec = NsidOf & { nsid: number | 'auto' };

/** Which numbers to list. */
export type NsidFilter =
  | Predicate<Nsid & MessageExtras>
  | Where<
      Nsid,
      {
        /** Those that the namespace with this number knows (Linux 5.0). */
        targetNsid?: number;
      }
    >;

/** A number as the kernel has it, and what could not be decoded of it. */
export type NsidRow = Nsid & MessageExtras;

const AUTO = -1;

function whole(key: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new InputError('ERR_INVALID_VALUE', key, `expected a whole number, got ${show(value)}`);
  if (value < least || value > 0x7fffffff)
    throw new InputError('ERR_OUT_OF_RANGE', key, `${value} is out of range ${least}..2147483647`);
  return value;
}

/** Checks the keys, of which one of `one` is needed, and gives the message's own. */
function prepared(spec: unknown, one: readonly string[], also: readonly string[]): Rec {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'nsid', `expected an object, got ${show(spec)}`);
  for (const key of Object.keys(spec))
    if (!one.includes(key) && !also.includes(key)) throw unknownKey(key, [...one, ...also]);
  assertDefined(spec);
  const [first, second] = one.filter((key) => key in spec);
  if (first === undefined)
    throw new InputError('ERR_MISSING_KEY', 'netns', `or ${one.slice(1).join(' or ')} is needed`);
  if (second !== undefined) throw new InputError('ERR_CONFLICT', second, `is given together with ${first}`);
  const { netns, pid, nsid, targetNsid } = spec;
  return {
    ...(netns !== undefined && { fd: namespace(netns, 'netns') }),
    ...(pid !== undefined && { pid: whole('pid', pid, 1) }),
    ...(nsid !== undefined && { nsid: nsid === 'auto' && also.includes('nsid') ? AUTO : whole('nsid', nsid, 0) }),
    ...(targetNsid !== undefined && { targetNsid: whole('targetNsid', targetNsid, 0) }),
  };
}

const outgoing = (op: 'RTM_NEWNSID' | 'RTM_GETNSID', value: Rec): Outgoing => ({
  op,
  type: RTM[op],
  flags: 0,
  def: nsidmsg,
  put: (w) => nsidmsg.write(w, value),
});

/** The request that gives a namespace a number. */
export function nsidRequest(cmd: 'set', spec: NsidSpec): Outgoing {
  if (cmd !== 'set') throw badCommand(cmd, ['set']);
  const value = prepared(spec, ['netns', 'pid'], ['nsid']);
  if (value.nsid === undefined) throw new InputError('ERR_MISSING_KEY', 'nsid', "is needed: a number, or 'auto'");
  return outgoing('RTM_NEWNSID', value);
}

/** The request of one number. */
export function nsidGetRequest(spec: NsidSelector): Outgoing {
  return outgoing('RTM_GETNSID', prepared(spec, ['netns', 'pid', 'nsid'], ['targetNsid']));
}

/** The request of a list. */
function nsidTable(filter: NsidFilter = {}): TableRequest<NsidRow> {
  const ask: Rec = {};
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    for (const [key, value] of Object.entries(filter))
      if (key === 'targetNsid') ask.targetNsid = whole(key, value, 0);
      else match[key] = value;
  }
  return {
    out: outgoing('RTM_GETNSID', ask),
    def: nsidmsg,
    row: RTM.RTM_NEWNSID,
    wanted: typeof filter === 'function' ? filter : matcher(nsidmsg, match),
  };
}

export abstract class NsidVerbs extends RouteSocket {
  /** The number of a namespace; `nsid` is -1 when it has none. */
  nsid(cmd: 'get', spec: NsidSelector, options?: RequestOptions): Promise<NsidRow>;
  /** All numbers, or those that match. */
  nsid(cmd: 'dump' | 'show', filter?: NsidFilter, options?: DumpOptions): Promise<NsidRow[]>;
  /** Gives a namespace a number; `object` says which. It goes with the namespace: the kernel knows no other way. */
  nsid(cmd: 'set', spec: NsidSpec, options?: WriteOptions): Promise<WriteResult<NsidRow>>;
  async nsid(
    cmd: 'get' | 'set' | 'dump' | 'show',
    spec: NsidSelector | NsidSpec | NsidFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<NsidRow | WriteResult<NsidRow> | NsidRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(nsidGetRequest(spec as NsidSelector), nsidmsg, options);
      case 'set': {
        const echo = options?.echo ?? true;
        const result = await this.write(nsidRequest(cmd, spec as NsidSpec), options, echo ? nsidmsg : undefined);
        if (!echo || result.object !== undefined) return result;
        // Kernels before 5.4 do not echo numbers.
        const { nsid: _, ...which } = spec as NsidSpec;
        return { ...result, object: await this.read(nsidGetRequest(which as NsidSelector), nsidmsg, options) };
      }
      case 'dump':
      case 'show':
        return this.getNsids(spec as NsidFilter, options);
      default:
        throw badCommand(cmd, ['get', 'set', 'dump']);
    }
  }

  /** All numbers by which this namespace knows others, or those that match. */
  async getNsids(filter?: NsidFilter, options?: DumpOptions): Promise<NsidRow[]> {
    return dumpArray(this, nsidTable(filter), options);
  }

  /** The same as a stream. */
  nsids(filter?: NsidFilter, options?: DumpOptions): DumpStream<NsidRow> {
    return dumpStream(this, 'RTM_GETNSID', () => nsidTable(filter), options);
  }
}
