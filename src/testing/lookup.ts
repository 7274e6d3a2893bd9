/** Which route a packet would take. */
import { E, refuse } from './errno.js';
import type { Namespace } from './namespace.js';
import { RTN } from './numbers.js';
import { tablesFor } from './rule.js';

/** Types of routes that have no next hop, and what a lookup that meets them answers. */
export const NOWHERE: ReadonlyMap<number, number> = new Map([
  [RTN.BLACKHOLE, E.INVAL],
  [RTN.UNREACHABLE, E.HOSTUNREACH],
  [RTN.PROHIBIT, E.ACCES],
  [RTN.THROW, E.AGAIN],
]);

/** The first route that the rules of a family lead to. */
export function routeByRules<R extends { type: number }>(
  ns: Namespace,
  family: number,
  find: (table: number) => R | undefined,
): R {
  for (const table of tablesFor(ns, family)) {
    const found = find(table);
    if (found === undefined || found.type === RTN.THROW) continue;
    const nowhere = NOWHERE.get(found.type);
    if (nowhere !== undefined) refuse(nowhere);
    return found;
  }
  return refuse(E.NETUNREACH);
}
