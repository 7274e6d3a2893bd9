/** What a spec says of a route that is there, or of one that was read. */
import { InputError } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import { parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { AF } from '../rtnl/constants.js';
import type { Route } from '../rtnl/rtmsg.js';
import type { RouteSpec } from './route.js';

/** What is of packets, not of routes: a lookup takes it, and to the rest the kernel says nothing and forgets it. */
const OF_PACKETS = ['mark', 'uid', 'iif', 'ipProto', 'sport', 'dport'] as const;
/** Keys by which the kernel does not look for a route to delete; it takes the first of the destination then. */
const NOT_SELECTING = [...OF_PACKETS, 'expires', 'cacheinfo', 'delReason', 'flags'];
const NOT_SELECTING4: ReadonlySet<string> = new Set([...NOT_SELECTING, 'src']);
/** Of a route of IPv4 that no interface and no gateway is said of. */
const NOT_SELECTING_DIRECT: ReadonlySet<string> = new Set([...NOT_SELECTING4, 'flow', 'realms']);
const NOT_SELECTING6: ReadonlySet<string> = new Set([
  ...NOT_SELECTING,
  'metrics',
  'pref',
  'prefsrc',
  'type',
  'scope',
  'tos',
  'flow',
  'realms',
]);

const isInet6 = ({ dst, family }: RouteSpec): boolean =>
  String(dst).includes(':') || family === AF.inet6 || family === 'inet6';

const isZero = (value: unknown): boolean => value === 0 || value === 'unspec';
const isAnyAddress = (value: unknown): boolean => value === '0.0.0.0' || value === '::';

/**
 * Refuses what does not tell one route from another, although the program thinks so: zeros, and what the kernel ignores.
 * Members are asked for by their names, and lists of keys only where something is wrong: a hundred thousand are deleted.
 */
export function assertSelecting(spec: RouteSpec): void {
  const { oif, dev, nhId, table, gateway, prefsrc, metrics } = spec;
  if (isZero(oif) || isZero(dev) || isZero(nhId) || isZero(table)) {
    const key = (['oif', 'dev', 'nhId', 'table'] as const).find((key) => isZero(spec[key]))!;
    throw new InputError('ERR_INVALID_VALUE', key, 'is 0, which is any to the kernel; leave the key out to mean any');
  }
  if (isAnyAddress(gateway) || isAnyAddress(prefsrc)) {
    const key = isAnyAddress(gateway) ? 'gateway' : 'prefsrc';
    throw new InputError('ERR_INVALID_VALUE', key, `${spec[key]} is any to the kernel; leave the key out to mean any`);
  }
  if (metrics !== undefined && Object.keys(metrics).length === 0)
    throw new InputError('ERR_INVALID_VALUE', 'metrics', 'has no key');
  const { mark, uid, iif, ipProto, sport, dport, expires, cacheinfo, delReason, flags, src } = spec as RouteSpec & Rec;
  const { flow, realms, pref, type, scope, tos } = spec;
  const all = mark ?? uid ?? iif ?? ipProto ?? sport ?? dport ?? expires ?? cacheinfo ?? delReason ?? flags ?? src;
  if ((all ?? flow ?? realms ?? metrics ?? pref ?? prefsrc ?? type ?? scope ?? tos) === undefined) return;
  const direct = oif === undefined && dev === undefined && gateway === undefined;
  const refused = isInet6(spec) ? NOT_SELECTING6 : direct ? NOT_SELECTING_DIRECT : NOT_SELECTING4;
  for (const key of Object.keys(spec))
    if (refused.has(key))
      throw new InputError('ERR_CONFLICT', key, 'is nothing that the kernel looks for when it deletes a route');
}

/** Whether it is a route as it was read: then it has every member of the header. */
export const isRow = (spec: RouteSpec): boolean =>
  spec.family !== undefined &&
  ['family', 'tos', 'table', 'protocol', 'scope', 'type', 'flags'].every((key) => Object.hasOwn(spec, key));

/** A route that was read as it is to be written. */
export function again(row: RouteSpec, del: boolean): RouteSpec {
  const { expires = 0 } = (row.cacheinfo ?? {}) as { expires?: number };
  const rest = exactly(row as Route & MessageExtras);
  return !del && expires > 0 ? { ...rest, expires: Math.ceil(expires / 100) } : rest;
}

/** Refuses what the kernel would take and forget. */
export function assertLasting(spec: RouteSpec): void {
  const { mark, uid, iif, ipProto, sport, dport, src } = spec;
  if ((mark ?? uid ?? iif ?? ipProto ?? sport ?? dport ?? src) === undefined) return;
  for (const key of OF_PACKETS)
    if (spec[key] !== undefined)
      throw new InputError('ERR_CONFLICT', key, 'is of packets, not of a route; a rule may look at it');
  if (src !== undefined && !isRow(spec) && !isInet6(spec))
    throw new InputError(
      'ERR_CONFLICT',
      'src',
      'is nothing that routes of IPv4 have; the address to send from is prefsrc',
    );
}

/** What deletes a route that was read, and no other: all that the kernel said of it, as `ip route flush` sends it back. */
export function exactly(row: Route & MessageExtras): RouteSpec {
  const { errors: _, cacheinfo: __, ...rest } = row;
  if (rest.nhId !== undefined) {
    // The kernel tells what a next-hop object leads to, but takes only one of the two.
    for (const key of ['gateway', 'via', 'oif', 'multipath', 'encap', 'encapType'] as const) delete rest[key];
  }
  return rest as RouteSpec;
}

/** What a destination says besides: its family. Labels are compared as they are. */
export function destination(value: string, family: unknown, ask: Rec, match: Rec): void {
  if (family === 'mpls' || family === AF.mpls) match.dst = (dst: unknown) => dst === value;
  else {
    match.dst = value;
    const found = value === 'default' ? null : parsePrefix(value);
    // 0.0.0.0/0 and ::/0 are both the default route to whoever reads it, and each only one of them to who writes it.
    if (found !== null && family === undefined) ask.family = found.bytes.length === 4 ? AF.inet : AF.inet6;
  }
}
