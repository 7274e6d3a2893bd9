/** Requests about routes of both families. */
import { byFamily, type Context, type Dump, type DumpRow, type Handlers } from './context.js';
import { E, refuse } from './errno.js';
import { AF_INET, AF_INET6, NLM, RTA, RTM, RTM_F_CLONED } from './numbers.js';
import { allRoutes4, fillRoute4, hopsOf, type Route4 } from './route4.js';
import { add4, get4, remove4 } from './route4-requests.js';
import { allRoutes6, fillRoute6, hopsOf6, type Route6 } from './route6.js';
import { add6, get6, remove6 } from './route6-requests.js';

function dump(c: Context): Dump {
  const family = c.request.h8(0);
  const attrs = c.request.attrs(12);
  const { strict } = c.socket;
  const table = strict ? (attrs.u32(RTA.TABLE) ?? c.request.h8(4)) : 0;
  const oif = strict ? (attrs.u32(RTA.OIF) ?? 0) : 0;
  const protocol = strict ? c.request.h8(5) : 0;
  const type = strict ? c.request.h8(7) : 0;
  const cloned = (c.request.h32(8) & RTM_F_CLONED) !== 0;
  const link = oif === 0 ? undefined : (c.ns.link(oif) ?? refuse(E.NODEV));
  const filtered = table !== 0 || oif !== 0 || protocol !== 0 || type !== 0;

  const wanted = (r: Route4 | Route6, links: readonly unknown[]): boolean =>
    (table === 0 || r.table === table) &&
    (protocol === 0 || r.protocol === protocol) &&
    (type === 0 || r.type === type) &&
    (link === undefined || links.includes(link));

  /** Rows of IPv4 have ids: a dump of them goes on behind the last prefix, whatever became of it. */
  const rows4 = (): DumpRow[] =>
    allRoutes4(c.ns)
      .filter((r) =>
        wanted(
          r,
          hopsOf(r).map((hop) => hop.link),
        ),
      )
      .map((r) => ({ type: RTM.NEWROUTE, fill: fillRoute4(r) }));
  const rows6 = (): DumpRow[] =>
    allRoutes6(c.ns)
      .filter((r) =>
        wanted(
          r,
          hopsOf6(r).map((hop) => hop.link),
        ),
      )
      .map((r) => ({ type: RTM.NEWROUTE, fill: fillRoute6(r) }));

  const known = family === AF_INET ? c.ns.routes4.has(table) : c.ns.routes6.has(table);
  const noTable = table !== 0 && family !== 0 && !known && !BUILT_IN.includes(table);
  return {
    rows: () => (cloned ? [] : [...(family === AF_INET6 ? [] : rows4()), ...(family === AF_INET ? [] : rows6())]),
    rowFlags: strict ? NLM.FILTERED : 0,
    doneFlags: filtered ? NLM.FILTERED : 0,
    ...(noTable ? { done: { errno: E.NOENT, words: TABLE_ABSENT[family === AF_INET ? 0 : 1]! } } : {}),
  };
}

const BUILT_IN = [253, 254, 255];
const TABLE_ABSENT = ['ipv4: FIB table does not exist', 'ipv6: FIB table does not exist'];

export const routeHandlers: readonly (readonly [number, Handlers])[] = [
  [RTM.NEWROUTE, { one: byFamily(add4, add6) }],
  [RTM.DELROUTE, { one: byFamily(remove4, remove6) }],
  [RTM.GETROUTE, { one: byFamily(get4, get6), dump }],
];
