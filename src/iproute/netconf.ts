/** What interfaces do with packets that are not their own: `ip netconf`. */
import { InputError, show, within } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import type { Rec } from '../codec/type.js';
import { interfaceIndex, isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import type { AF } from '../rtnl/constants.js';
import { type Netconf, netconfmsg } from '../rtnl/netconfmsg.js';
import { RouteSocket } from './base.js';
import { dumpArray, type TableRequest } from './dumps.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

/** Of what: an interface, or `'all'` of them, or the `'default'` of new ones; in one family. */
export interface NetconfSelector {
  /** Name or index, `'all'` or `'default'`. */
  dev?: number | string | undefined;
  /** Another word for `dev`; -1: all, -2: default. */
  ifindex?: number | undefined;
  family: number | keyof typeof AF;
}

/** Which to list: a predicate, or keys that must be equal. `family` is checked by the kernel. */
export type NetconfFilter =
  | Predicate<Netconf & MessageExtras>
  | Where<Netconf, { family?: Wanted<number | keyof typeof AF> }>;

/** What an interface does with packets that are not its own. */
export type NetconfRow = Netconf & MessageExtras;

const ALL: Readonly<Record<string, number>> = { all: -1, default: -2 };

/** The request of one interface. */
function netconfGetRequest(spec: NetconfSelector): Outgoing {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'netconf', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const { dev, ifindex, family, ...rest } = spec;
  for (const key of Object.keys(rest))
    throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key; known: dev, ifindex, family');
  if (family === undefined) throw new InputError('ERR_MISSING_KEY', 'family', 'is needed: inet, inet6 or mpls');
  if (dev !== undefined && ifindex !== undefined)
    throw new InputError('ERR_CONFLICT', 'dev', 'is another word for ifindex, which is given');
  const given = dev ?? ifindex;
  if (given === undefined)
    throw new InputError('ERR_MISSING_KEY', 'dev', "or ifindex is needed; 'all' and 'default' are taken");
  const key = dev === undefined ? 'ifindex' : 'dev';
  const named = typeof given === 'string' && !Object.hasOwn(ALL, given);
  const index = typeof given === 'number' ? given : (ALL[given] ?? 0);
  if (!named && (!Number.isInteger(index) || index === 0 || index < -2))
    throw new InputError('ERR_OUT_OF_RANGE', key, `${show(given)} is no interface`);
  return {
    op: 'RTM_GETNETCONF',
    type: 82,
    flags: 0,
    def: netconfmsg,
    put(w) {
      // The header takes four bytes with its padding, the attribute's head four more.
      const at = w.pos + 8;
      netconfmsg.write(w, { family, ifindex: index });
      if (named) w.u32[at >> 2] = within(key, () => interfaceIndex(w, at, given));
    },
  };
}

/** The request of a list. */
function netconfTable(filter: NetconfFilter = {}): TableRequest<NetconfRow> {
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
      op: 'RTM_GETNETCONF',
      type: 82,
      flags: 0,
      def: netconfmsg,
      put: (w) => netconfmsg.write(w, family === undefined ? {} : { family }),
    },
    def: netconfmsg,
    row: 80,
    wanted: typeof filter === 'function' ? filter : matcher(netconfmsg, match),
  };
}

export abstract class NetconfVerbs extends RouteSocket {
  /** One interface, all of them, or the default of new ones. */
  netconf(cmd: 'get', spec: NetconfSelector, options?: RequestOptions): Promise<NetconfRow>;
  /** All interfaces of all families, or those that match. */
  netconf(cmd: 'dump' | 'show', filter?: NetconfFilter, options?: DumpOptions): Promise<NetconfRow[]>;
  async netconf(
    cmd: 'get' | 'dump' | 'show',
    spec?: NetconfSelector | NetconfFilter,
    options?: RequestOptions & DumpOptions,
  ): Promise<NetconfRow | NetconfRow[]> {
    switch (cmd) {
      case 'get':
        return this.read(netconfGetRequest(spec as NetconfSelector), netconfmsg, options);
      case 'dump':
      case 'show':
        return this.getNetconf(spec as NetconfFilter, options);
      default:
        throw badCommand(cmd, ['get', 'dump']);
    }
  }

  /** All interfaces of all families, or those that match. */
  async getNetconf(filter?: NetconfFilter, options?: DumpOptions): Promise<NetconfRow[]> {
    return dumpArray(this, netconfTable(filter), options);
  }
}
