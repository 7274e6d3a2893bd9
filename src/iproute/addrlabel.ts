/** Labels of IPv6 addresses: `ip addrlabel`. */
import { InputError, show } from '../codec/errors.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';
import type { Outgoing } from '../netlink/socket.js';
import { AF } from '../rtnl/constants.js';
import { type AddrLabel, type AddrLabelIn, ifaddrlblmsg } from '../rtnl/ifaddrlblmsg.js';
import { assertNoEcho, RouteSocket } from './base.js';
import { type DeviceKeys, putDevice, takeDevice } from './device.js';
import { dumpArray, type TableRequest } from './dumps.js';
import { assertLookedAt, isRowOf } from './identity.js';
import { assertDefined, badCommand, matcher, type Predicate, type Where } from './select.js';

/** The label of a prefix. */
export interface AddrLabelSpec extends Omit<AddrLabelIn, 'index' | 'flags' | 'seq'>, DeviceKeys {
  /** A prefix such as `2001:db8::/32`, or an address and `prefixlen`. */
  address: string;
  label?: number | undefined;
}

/** Which labels to list: a predicate, or keys that must be equal. */
export type AddrLabelFilter = Predicate<AddrLabel & MessageExtras> | Where<AddrLabel, { family?: 'inet6' | number }>;

/** The label of a prefix as the kernel has it. */
export type AddrLabelRow = AddrLabel & MessageExtras;

export type AddrLabelChange = 'add' | 'del';

/** What tells the label of one prefix from that of another; and what is the kernel's, and no key of a call. */
const LOOKED = new Set(['dev', 'index', 'ifindex', 'family', 'address', 'prefixlen', 'flags', 'seq']);

/** The request of a change. Throws InputError for what cannot be one. */
export function addrLabelChangeRequest(cmd: AddrLabelChange, spec: AddrLabelSpec): Outgoing {
  if (cmd !== 'add' && cmd !== 'del') throw badCommand(cmd, ['add', 'del']);
  return addrLabelRequest(cmd, spec);
}

/** Where struct ifaddrlblmsg has the index of the interface. */
const INDEX = 4;

/** The request of a change, or of the label of an address. Throws InputError for what cannot be one. */
function addrLabelRequest(cmd: AddrLabelChange | 'get', spec: AddrLabelSpec): Outgoing {
  if (!isRec(spec as unknown))
    throw new InputError('ERR_INVALID_VALUE', 'addrlabel', `expected an object, got ${show(spec)}`);
  assertDefined(spec);
  const { address, ...rest } = spec;
  const value: Rec = { ...rest };
  if (isRowOf(ifaddrlblmsg, spec)) {
    for (const key of ['flags', 'seq', 'errors']) delete value[key];
    if (cmd === 'del') delete value.label;
  } else if (cmd === 'del') assertLookedAt(ifaddrlblmsg, value, LOOKED, [], 'a label');
  for (const key of ['flags', 'seq'])
    if (value[key] !== undefined) throw new InputError('ERR_UNKNOWN_KEY', key, 'is the kernel’s');
  // Rows have index 0 for every interface.
  if (value.index === 0) delete value.index;
  const device = takeDevice(value);
  const found = typeof address === 'string' ? parsePrefix(address) : null;
  if (address === undefined) throw new InputError('ERR_MISSING_KEY', 'address', 'is needed: the prefix');
  if (found === null || found.bytes.length !== 16)
    throw new InputError('ERR_INVALID_VALUE', 'address', `${show(address)} is not a prefix such as 2001:db8::/32`);
  if (found.len >= 0 && value.prefixlen !== undefined && value.prefixlen !== found.len)
    throw new InputError('ERR_CONFLICT', 'prefixlen', `is ${show(value.prefixlen)}, but address says ${found.len}`);
  value.prefixlen ??= found.len >= 0 ? found.len : 128;
  if (typeof value.prefixlen === 'number' && value.prefixlen > 128)
    throw new InputError('ERR_OUT_OF_RANGE', 'prefixlen', `${value.prefixlen} is out of range 0..128`);
  if (cmd === 'get' && value.prefixlen !== 128)
    throw new InputError('ERR_INVALID_VALUE', 'address', `${show(address)} is not an address`);
  if (cmd === 'add' && value.label === undefined) throw new InputError('ERR_MISSING_KEY', 'label', 'is needed');
  // The kernel wants a label for a deletion too, and does not look at it.
  if (cmd === 'del') value.label ??= 0;
  value.address = (address as string).split('/')[0];
  value.family = AF.inet6;
  if (spec.family !== undefined && spec.family !== 'inet6' && spec.family !== AF.inet6)
    throw new InputError('ERR_CONFLICT', 'family', `of labels is inet6, not ${show(spec.family)}`);
  const op = cmd === 'add' ? 'RTM_NEWADDRLABEL' : cmd === 'del' ? 'RTM_DELADDRLABEL' : 'RTM_GETADDRLABEL';
  return {
    op,
    type: ifaddrlblmsg.types[op]!,
    flags: cmd === 'add' ? NLM_F_CREATE | NLM_F_EXCL : 0,
    def: ifaddrlblmsg,
    put(w) {
      const at = w.pos + INDEX;
      ifaddrlblmsg.write(w, value);
      putDevice(w, at, device);
    },
  };
}

/** The request of a list. */
function addrLabelTable(filter: AddrLabelFilter = {}): TableRequest<AddrLabelRow> {
  const match: Rec = {};
  if (typeof filter !== 'function') {
    assertDefined(filter);
    Object.assign(match, filter);
  }
  return {
    out: {
      op: 'RTM_GETADDRLABEL',
      type: 74,
      flags: 0,
      def: ifaddrlblmsg,
      put: (w) => ifaddrlblmsg.write(w, { family: AF.inet6 }),
    },
    def: ifaddrlblmsg,
    row: 72,
    wanted: typeof filter === 'function' ? filter : matcher(ifaddrlblmsg, match),
  };
}

export abstract class AddrLabelVerbs extends RouteSocket {
  /** The label of an address: that of the longest prefix. */
  addrlabel(cmd: 'get', spec: AddrLabelSpec, options?: RequestOptions): Promise<AddrLabelRow>;
  /** All labels, or those that match. */
  addrlabel(cmd: 'dump' | 'show', filter?: AddrLabelFilter, options?: DumpOptions): Promise<AddrLabelRow[]>;
  /** Gives a prefix a label, or takes it away, whichever it is: `label` is refused then, unless it comes from a row. */
  addrlabel(
    cmd: AddrLabelChange,
    spec: AddrLabelSpec | AddrLabelRow,
    options?: RequestOptions,
  ): Promise<WriteResult<AddrLabelRow>>;
  async addrlabel(
    cmd: AddrLabelChange | 'get' | 'dump' | 'show',
    spec?: AddrLabelSpec | AddrLabelRow | AddrLabelFilter,
    options?: DumpOptions,
  ): Promise<WriteResult<AddrLabelRow> | AddrLabelRow | AddrLabelRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getAddrLabels(spec as AddrLabelFilter, options);
      case 'get':
        return this.read(addrLabelRequest(cmd, spec as AddrLabelSpec), ifaddrlblmsg, options);
      case 'add':
      case 'del':
        assertNoEcho(options, 'getAddrLabels');
        return this.write(addrLabelRequest(cmd, spec as AddrLabelSpec), options);
      default:
        throw badCommand(cmd, ['add', 'del', 'get', 'dump']);
    }
  }

  /** All labels, or those that match. */
  async getAddrLabels(filter?: AddrLabelFilter, options?: DumpOptions): Promise<AddrLabelRow[]> {
    return dumpArray(this, addrLabelTable(filter), options);
  }
}
