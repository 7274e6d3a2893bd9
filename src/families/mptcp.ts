/** Multipath TCP: endpoints and limits of the path manager, `ip mptcp`. */
import { InputError, show, unknownKey, within } from '../codec/errors.js';
import { ip, u8, u16, u32 } from '../codec/leaf.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import { parseIp4, parseIp6 } from '../codec/text.js';
import { attr, type Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { genlMessage } from '../genl/family.js';
import { MPTCP_FLAG, type MptcpAddr, type MptcpAddrIn, mptcp_pm } from '../genl/mptcp.js';
import { errorAsGiven, type Given, wordsIn } from '../iproute/as-given.js';
import { assertDefined, badCommand, matcher, type Predicate, verdict, type Wanted } from '../iproute/select.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { EventStream } from '../netlink/events.js';
import { GenericNetlink, type GenlMonitorEvent } from '../netlink/generic.js';
import type { RequestOptions, WriteResult } from '../netlink/pending.js';

/** An endpoint: an address of this machine that connections may use. */
export interface MptcpEndpoint {
  /** 1 to 255. */
  id: number;
  address: string;
  /** AF number: 2 inet, 10 inet6. */
  family: number;
  /** Port that is announced with the address; 0: that of the connection. */
  port: number;
  /** MPTCP_FLAG bits. */
  flags: number;
  /** Index of the interface that its subflows leave by; 0: any. */
  ifIdx: number;
}

/** Keys of an address of the path manager. */
export interface MptcpAddress extends Omit<MptcpAddrIn, 'family' | 'ifIdx'> {
  /** IPv4 or IPv6; `addr4` and `addr6` are other words for it. */
  address?: string | undefined;
  /** Must be that of the address. */
  family?: number | undefined;
  /** Index of an interface, or its name. */
  ifIdx?: number | string | undefined;
  /** Another word for `ifIdx`. */
  dev?: number | string | undefined;
}

type WithAddress = { address: string } | { addr4: string } | { addr6: string };

/** An endpoint to be added. Without `id` the kernel takes a free one. */
export type MptcpEndpointAdd = MptcpAddress & WithAddress;
/**
 * Which endpoint to delete, by its `id` alone; a row as it was read will do. `id` 0 is the address of the first subflow of
 * all connections, which must be given then, and only then.
 */
export type MptcpEndpointDel = { id: number } & Pick<MptcpAddress, 'address' | 'addr4' | 'addr6'>;
/** Which endpoint to change, by `id` or by its address, or by a row as it was read. Of `flags` the kernel takes backup and fullmesh, both as given. */
export type MptcpEndpointSet = MptcpAddress & ({ id: number } | WithAddress) & { flags: MptcpAddrIn['flags'] & {} };

/** Which endpoints to list: a predicate, or keys that must be equal. */
export type MptcpEndpointFilter = Predicate<MptcpEndpoint> | { [K in keyof MptcpEndpoint]?: Wanted<MptcpEndpoint[K]> };

/** Limits of every connection: 0 to 8 each, up to Linux 6.18 at least; 7.3 takes more. */
export interface MptcpLimits {
  /** Additional subflows. */
  subflows: number;
  /** Addresses of the peer that are used; `ip` calls it add_addr_accepted. */
  rcvAddAddrs: number;
}

/** Endpoints as rows, for filters. */
const rows = genlMessage<MptcpEndpoint, never>({
  name: 'endpoint',
  prefix: 'MPTCP_PM_ADDR_ATTR',
  table: () => ({
    family: attr(1, u16),
    id: attr(2, u8),
    address: attr(3, ip),
    port: attr(5, u16),
    flags: attr(6, u32),
    ifIdx: attr(7, u32),
  }),
});

const CHANGES = ['add', 'del', 'set', 'change', 'flush'] as const;
const READS = ['get', 'show', 'dump'] as const;
type Change = (typeof CHANGES)[number];
type Read = (typeof READS)[number];

const rowOf = ({ addr4, addr6, id = 0, family = 0, port = 0, flags = 0, ifIdx = 0 }: MptcpAddr): MptcpEndpoint => ({
  id,
  address: addr4 ?? addr6 ?? '',
  family,
  port,
  flags,
  ifIdx,
});

/** The message's address: its family found, other words resolved. */
function addrOf(spec: MptcpAddress): MptcpAddrIn {
  if (!isRec(spec)) throw new InputError('ERR_INVALID_VALUE', 'endpoint', `expected an object, got ${show(spec)}`);
  const { address, dev, ...rest } = spec;
  const value: Rec = rest;
  if (dev !== undefined) {
    if (rest.ifIdx !== undefined)
      throw new InputError('ERR_CONFLICT', 'dev', 'is another word for ifIdx, which is given');
    value.ifIdx = dev;
  }
  const given = Object.entries({ address, addr4: rest.addr4, addr6: rest.addr6 }).filter(
    ([, one]) => one !== undefined,
  );
  if (given.length > 1) throw new InputError('ERR_CONFLICT', given[1]![0], `is given together with ${given[0]![0]}`);
  const [key, text] = given[0] ?? [];
  if (key === undefined) return value;
  const v4 = typeof text === 'string' && parseIp4(text) >= 0;
  if ((!v4 && (typeof text !== 'string' || parseIp6(text) === null)) || key === (v4 ? 'addr6' : 'addr4'))
    throw new InputError(
      'ERR_INVALID_VALUE',
      key,
      `${show(text)} is not an ${key === 'address' ? 'IP' : key === 'addr4' ? 'IPv4' : 'IPv6'} address`,
    );
  value[v4 ? 'addr4' : 'addr6'] = text;
  const family = v4 ? 2 : 10;
  if (rest.family !== undefined && rest.family !== family)
    throw new InputError('ERR_CONFLICT', 'family', `is ${show(rest.family)}, but ${show(text)} is of family ${family}`);
  return { ...value, family };
}

const WORDS = { dev: 'ifIdx' };

/** What the caller wrote for the keys of an address at a path of the message. */
const addressAsGiven = (path: string, spec: object, prefix = ''): Given => {
  const { address } = spec as { address?: unknown };
  const words = [...wordsIn(spec, WORDS), ...(address === undefined ? [] : ADDRESS)];
  return [...words.map(([key, word]) => [`${path}.${key}`, prefix + word] as const), [path, prefix.replace(/\.$/, '')]];
};
const ADDRESS = [
  ['addr4', 'address'],
  ['addr6', 'address'],
] as const;

const hasAddress = (addr: MptcpAddrIn): boolean => addr.addr4 !== undefined || addr.addr6 !== undefined;

const missing = (key: string, reason: string): InputError => new InputError('ERR_MISSING_KEY', key, reason);

/** Refuses keys that a selector does not have, and keys that are there without a value. */
function assertKeys(spec: object, known: readonly string[]): void {
  assertDefined(spec);
  for (const key of Object.keys(spec)) if (!known.includes(key)) throw unknownKey(key, known);
}

const ROW = ['id', 'address', 'family', 'port', 'flags', 'ifIdx'];
const isRow = (spec: unknown): boolean => isRec(spec) && ROW.every((key) => Object.hasOwn(spec, key));

/** The address that a deletion is about. */
function deleted(given: MptcpEndpointDel): MptcpAddrIn {
  const spec: MptcpEndpointDel = isRow(given) ? { id: given.id } : given;
  assertKeys(spec, ['id', 'address', 'addr4', 'addr6']);
  // Without an id the kernel would take it for 0, the first subflow of every connection.
  if (spec.id === undefined) throw missing('id', 'is needed: which endpoint to delete');
  const addr = addrOf(spec);
  if (spec.id === 0 && !hasAddress(addr)) throw missing('address', 'is needed with id 0');
  const other = (['address', 'addr4', 'addr6'] as const).find((key) => spec[key] !== undefined);
  if (spec.id !== 0 && other !== undefined)
    throw new InputError('ERR_CONFLICT', other, `is nothing that the kernel looks at: it deletes endpoint ${spec.id}`);
  return addr;
}

/** The address that a change is about: the kernel finds it by its id, or by what else is given. */
function changed(given: MptcpEndpointSet): MptcpAddrIn {
  assertDefined(given);
  const { id, flags } = given;
  const row = isRow(given);
  const addr = addrOf(row ? { id, flags } : given);
  if (addr.id === undefined && !hasAddress(addr)) throw missing('id', 'or address is needed: which endpoint');
  if (addr.flags === undefined) throw missing('flags', 'is needed: what the endpoint is from now on');
  if (row) return addr;
  if (id !== undefined && hasAddress(addr))
    throw new InputError('ERR_CONFLICT', 'id', 'is given together with an address; give one of them');
  for (const key of ['dev', 'ifIdx', ...(id === undefined ? [] : (['port'] as const))] as const)
    if (given[key] !== undefined)
      throw new InputError('ERR_CONFLICT', key, 'of an endpoint cannot be changed, and does not tell it from others');
  const bits = within('flags', () => integer(wordOrNumber(flags, MPTCP_FLAG, true), 0, 0xffffffff));
  if ((bits & ~(MPTCP_FLAG.backup | MPTCP_FLAG.fullmesh)) !== 0)
    throw new InputError('ERR_CONFLICT', 'flags', 'of which only backup and fullmesh can be changed');
  return addr;
}

/** What a request came to; an error of its input names what the caller wrote. */
async function asked(request: Promise<{ warnings: string[] }>, given: () => Given): Promise<WriteResult<never>> {
  try {
    const { warnings } = await request;
    return { warnings };
  } catch (error) {
    throw errorAsGiven(error, given());
  }
}

/**
 * The path manager of Multipath TCP (Linux 5.7), as `ip mptcp`. Everything is of one network namespace.
 *
 *     const mptcp = new MPTCP();
 *     await mptcp.endpoint('add', { address: '10.0.0.1', dev: 'eth0', flags: ['subflow'] });
 */
export class MPTCP extends GenericNetlink {
  /** Adds, deletes or changes an endpoint. */
  endpoint(cmd: 'add', spec: MptcpEndpointAdd, options?: RequestOptions): Promise<WriteResult<never>>;
  endpoint(cmd: 'del', spec: MptcpEndpointDel, options?: RequestOptions): Promise<WriteResult<never>>;
  endpoint(cmd: 'set' | 'change', spec: MptcpEndpointSet, options?: RequestOptions): Promise<WriteResult<never>>;
  /** Deletes all endpoints. */
  endpoint(cmd: 'flush', spec: { all: true }, options?: RequestOptions): Promise<WriteResult<never>>;
  /** One endpoint. */
  endpoint(cmd: 'get', spec: { id: number }, options?: RequestOptions): Promise<MptcpEndpoint>;
  /** All endpoints, or those that match. */
  endpoint(cmd: 'show' | 'dump', filter?: MptcpEndpointFilter, options?: DumpOptions): Promise<MptcpEndpoint[]>;
  async endpoint(
    cmd: Change | Read,
    spec: object = {},
    options?: DumpOptions,
  ): Promise<WriteResult<never> | MptcpEndpoint | MptcpEndpoint[]> {
    switch (cmd) {
      case 'add': {
        const addr = addrOf(spec);
        if (!hasAddress(addr)) throw missing('address', 'is needed');
        return this.#change('MPTCP_PM_CMD_ADD_ADDR', addr, spec, options);
      }
      case 'del':
        return this.#change('MPTCP_PM_CMD_DEL_ADDR', deleted(spec as MptcpEndpointDel), spec, options);
      case 'set':
      case 'change':
        return this.#change('MPTCP_PM_CMD_SET_FLAGS', changed(spec as MptcpEndpointSet), spec, options);
      case 'flush': {
        assertKeys(spec, ['all']);
        if ((spec as { all?: unknown }).all !== true) throw missing('all', 'must be true: every endpoint is deleted');
        const { warnings } = await this.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS', {}, options);
        return { warnings };
      }
      case 'get': {
        assertKeys(spec, ['id']);
        const { id } = spec as { id?: number };
        if (id === undefined) throw missing('id', 'is needed: which endpoint');
        try {
          const { addr = {} } = await this.request(mptcp_pm, 'MPTCP_PM_CMD_GET_ADDR', { addr: { id } }, options);
          return rowOf(addr);
        } catch (error) {
          throw errorAsGiven(error, [['addr', '']]);
        }
      }
      case 'show':
      case 'dump': {
        const wanted =
          typeof spec === 'function' ? (spec as Predicate<MptcpEndpoint>) : matcher<MptcpEndpoint>(rows, spec as Rec);
        const found = await this.dump(mptcp_pm, 'MPTCP_PM_CMD_GET_ADDR', {}, options);
        const list = found.map(({ addr = {} }) => rowOf(addr));
        return wanted === undefined ? list : list.filter((row) => verdict(wanted(row)));
      }
      default:
        throw badCommand(cmd, [...CHANGES, ...READS]);
    }
  }

  async #change(
    op: 'MPTCP_PM_CMD_ADD_ADDR' | 'MPTCP_PM_CMD_DEL_ADDR' | 'MPTCP_PM_CMD_SET_FLAGS',
    addr: MptcpAddrIn,
    spec: object,
    options: RequestOptions | undefined,
  ): Promise<WriteResult<never>> {
    return asked(this.request(mptcp_pm, op, { addr }, options), () => addressAsGiven('addr', spec));
  }

  /** Limits of every connection. */
  limits(cmd: 'get' | 'show', spec?: undefined, options?: RequestOptions): Promise<MptcpLimits>;
  /** Sets one limit or both. */
  limits(cmd: 'set', spec: Partial<MptcpLimits>, options?: RequestOptions): Promise<WriteResult<never>>;
  async limits(
    cmd: 'get' | 'show' | 'set',
    spec: Partial<MptcpLimits> = {},
    options?: RequestOptions,
  ): Promise<MptcpLimits | WriteResult<never>> {
    switch (cmd) {
      case 'get':
      case 'show': {
        assertKeys(spec, []);
        const found = await this.request(mptcp_pm, 'MPTCP_PM_CMD_GET_LIMITS', {}, options);
        return { subflows: found.subflows ?? 0, rcvAddAddrs: found.rcvAddAddrs ?? 0 };
      }
      case 'set': {
        assertKeys(spec, ['subflows', 'rcvAddAddrs']);
        if (Object.keys(spec).length === 0) throw missing('subflows', 'or rcvAddAddrs is needed');
        const { warnings } = await this.request(mptcp_pm, 'MPTCP_PM_CMD_SET_LIMITS', spec, options);
        return { warnings };
      }
      default:
        throw badCommand(cmd, ['get', 'set', 'show']);
    }
  }

  /**
   * What happens to connections, from the moment the promise resolves: who connected and whose subflows came and went.
   */
  events(
    options: { rcvbuf?: number; signal?: AbortSignal } = {},
  ): Promise<EventStream<GenlMonitorEvent<typeof mptcp_pm>>> {
    return this.monitor({ ...options, family: mptcp_pm, groups: ['mptcp_pm_events'] });
  }

  // Connections whose paths a program manages: net.mptcp.pm_type is 1 (Linux 5.19), the token is that of the events

  /** Announces an address of this machine to the peer. */
  async announce(
    spec: MptcpEndpointAdd & { token: number; id: number },
    options?: RequestOptions,
  ): Promise<WriteResult<never>> {
    assertDefined(spec);
    const { token, ...rest } = spec;
    const addr = addrOf(rest);
    if (!hasAddress(addr)) throw missing('address', 'is needed');
    // The kernel takes nothing else.
    addr.flags ??= 'signal';
    const request = this.request(mptcp_pm, 'MPTCP_PM_CMD_ANNOUNCE', { token, addr }, options);
    return asked(request, () => addressAsGiven('addr', spec));
  }

  /** Takes an announced address back, by its `id`. */
  async remove(spec: { token: number; id: number }, options?: RequestOptions): Promise<WriteResult<never>> {
    assertKeys(spec, ['token', 'id']);
    const { token, id } = spec;
    if (id === undefined) throw missing('id', 'is needed: which address');
    const request = this.request(mptcp_pm, 'MPTCP_PM_CMD_REMOVE', { token, locId: id }, options);
    return asked(request, () => [['locId', 'id']]);
  }

  /** Makes a subflow between two addresses, or ends one. */
  async subflow(
    cmd: 'create' | 'destroy',
    spec: { token: number; local: MptcpAddress; remote: MptcpAddress },
    options?: RequestOptions,
  ): Promise<WriteResult<never>> {
    if (cmd !== 'create' && cmd !== 'destroy') throw badCommand(cmd, ['create', 'destroy']);
    assertKeys(spec, ['token', 'local', 'remote']);
    const { token } = spec;
    const [addr, addrRemote] = (['local', 'remote'] as const).map((key) => {
      if (spec[key] === undefined) throw missing(key, 'is needed: an address');
      return within(key, () => addrOf(spec[key]));
    });
    const op = cmd === 'create' ? 'MPTCP_PM_CMD_SUBFLOW_CREATE' : 'MPTCP_PM_CMD_SUBFLOW_DESTROY';
    const request = this.request(mptcp_pm, op, { token, addr: addr!, addrRemote: addrRemote! }, options);
    return asked(request, () => [
      ...addressAsGiven('addr', spec.local, 'local.'),
      ...addressAsGiven('addrRemote', spec.remote, 'remote.'),
    ]);
  }
}
