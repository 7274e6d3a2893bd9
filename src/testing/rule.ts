/** Rules of routing. */
import type { Context, Dump, Handlers } from './context.js';
import { E, refuse } from './errno.js';
import type { Namespace } from './namespace.js';
import { AF_INET, AF_INET6, GROUP, NLM, RTM, TABLE } from './numbers.js';
import { checkDsfield } from './said.js';
import { type Attrs, bytesOf, type Fill, hexOf } from './wire.js';

const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  GOTO: 4,
  PRIORITY: 6,
  FWMARK: 10,
  TUN_ID: 12,
  SUPPRESS_IFGROUP: 13,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
  L3MDEV: 19,
  UID_RANGE: 20,
  PROTOCOL: 21,
  IP_PROTO: 22,
  SPORT: 23,
  DPORT: 24,
  SPORT_MASK: 28,
  DPORT_MASK: 29,
} as const;

const ACTION = { TO_TABLE: 1, GOTO: 2 } as const;
const FLAG = { INVERT: 2, UNRESOLVED: 4, IIF_DETACHED: 8, OIF_DETACHED: 16 } as const;

/** A rule; what was not given is absent, and selectors are kept as the bytes of their attributes. */
export interface Rule {
  family: number;
  action: number;
  table: number;
  priority: number;
  tos: number;
  srcLen: number;
  dstLen: number;
  invert: boolean;
  protocol: number;
  target: number | undefined;
  suppress: number;
  /** Hexadecimal, by FRA_*. */
  selectors: ReadonlyMap<number, string>;
}

const builtIn = (family: number, table: number, priority: number): Rule => ({
  family,
  action: ACTION.TO_TABLE,
  table,
  priority,
  tos: 0,
  srcLen: 0,
  dstLen: 0,
  invert: false,
  protocol: 2,
  target: undefined,
  suppress: 0xffffffff,
  selectors: new Map(),
});

/** Those of a new namespace, multicast routing among them. */
export const defaultRules = (): [number, Rule[]][] => [
  [
    AF_INET,
    [builtIn(AF_INET, TABLE.LOCAL, 0), builtIn(AF_INET, TABLE.MAIN, 32766), builtIn(AF_INET, TABLE.DEFAULT, 32767)],
  ],
  [128, [builtIn(128, TABLE.DEFAULT, 32767)]],
  [129, [builtIn(129, TABLE.MAIN, 32767)]],
  [AF_INET6, [builtIn(AF_INET6, TABLE.LOCAL, 0), builtIn(AF_INET6, TABLE.MAIN, 32766)]],
];

/** Selectors in the order in which the kernel writes them, around the ones with members of their own. */
const BEFORE = [FRA.FWMARK, FRA.FWMASK] as const;
const AFTER = [
  FRA.TUN_ID,
  FRA.L3MDEV,
  FRA.UID_RANGE,
  FRA.SPORT,
  FRA.SPORT_MASK,
  FRA.DPORT,
  FRA.DPORT_MASK,
  FRA.IP_PROTO,
  FRA.SUPPRESS_IFGROUP,
  FRA.DST,
  FRA.SRC,
] as const;

const nameOf = (hex: string): string => Buffer.from(hex, 'hex').toString().replace(/\0.*$/, '');

const fill =
  (ns: Namespace, r: Rule): Fill =>
  (m) => {
    const iif = r.selectors.get(FRA.IIFNAME);
    const oif = r.selectors.get(FRA.OIFNAME);
    const detached = (hex: string | undefined): boolean => hex !== undefined && ns.linkNamed(nameOf(hex)) === undefined;
    const unresolved = r.target !== undefined && !ns.rules.get(r.family)!.some(({ priority }) => priority === r.target);
    const flags =
      (r.invert ? FLAG.INVERT : 0) |
      (unresolved ? FLAG.UNRESOLVED : 0) |
      (detached(iif) ? FLAG.IIF_DETACHED : 0) |
      (detached(oif) ? FLAG.OIF_DETACHED : 0);
    m.head(
      [1, r.family],
      [1, r.dstLen],
      [1, r.srcLen],
      [1, r.tos],
      [1, r.table < 256 ? r.table : 252],
      [1, 0],
      [1, 0],
      [1, r.action],
      [4, flags],
    );
    const put = (type: number): void => {
      const hex = r.selectors.get(type);
      if (hex !== undefined) m.bytes(type, bytesOf(hex));
    };
    m.u32(FRA.TABLE, r.table);
    m.u32(FRA.SUPPRESS_PREFIXLEN, r.suppress);
    m.u8(FRA.PROTOCOL, r.protocol);
    put(FRA.IIFNAME);
    put(FRA.OIFNAME);
    if (r.priority !== 0) m.u32(FRA.PRIORITY, r.priority);
    for (const type of BEFORE) put(type);
    if (r.target !== undefined) m.u32(FRA.GOTO, r.target);
    for (const type of AFTER) put(type);
  };

const groupOf = (family: number): number => (family === AF_INET6 ? GROUP.rule6 : GROUP.rule4);

/** FRA_*PORT_MASK comes with a single port. */
function portMasks(selectors: Map<number, string>): void {
  for (const [port, mask] of [
    [FRA.SPORT, FRA.SPORT_MASK],
    [FRA.DPORT, FRA.DPORT_MASK],
  ] as const) {
    const range = selectors.get(port);
    if (range !== undefined && range.slice(0, 4) === range.slice(4) && !selectors.has(mask))
      selectors.set(mask, 'ffff');
  }
}

function rulesOf(c: Context): Rule[] {
  return c.ns.rules.get(c.request.h8(0)) ?? refuse(E.OPNOTSUPP, 'Rule family not supported');
}

/** What a request says of a rule: the members that it gives. */
function read(c: Context): { given: Partial<Rule>; selectors: Map<number, string>; attrs: Attrs } {
  const { request } = c;
  const attrs = request.attrs(12);
  const family = request.h8(0);
  const size = family === AF_INET ? 4 : 16;
  const selectors = new Map<number, string>();
  for (const type of [FRA.IIFNAME, FRA.OIFNAME, ...BEFORE, ...AFTER]) {
    const data = attrs.get(type);
    if (data !== undefined) selectors.set(type, hexOf(data));
  }
  for (const [type, length] of [
    [FRA.DST, request.h8(1)],
    [FRA.SRC, request.h8(2)],
  ] as const) {
    const hex = selectors.get(type);
    if (length > 0 && (hex === undefined || length > size * 8)) refuse(E.INVAL, 'Invalid prefix length');
    if (length === 0) selectors.delete(type);
  }
  if (selectors.has(FRA.FWMARK) && !selectors.has(FRA.FWMASK)) selectors.set(FRA.FWMASK, 'ffffffff');
  portMasks(selectors);
  const table = attrs.u32(FRA.TABLE) ?? request.h8(4);
  const priority = attrs.u32(FRA.PRIORITY);
  const suppress = attrs.u32(FRA.SUPPRESS_PREFIXLEN);
  const protocol = attrs.u8(FRA.PROTOCOL);
  const target = attrs.u32(FRA.GOTO);
  return {
    attrs,
    selectors,
    given: {
      ...(request.h8(7) === 0 ? {} : { action: request.h8(7) }),
      ...(table === 0 ? {} : { table }),
      ...(priority === undefined ? {} : { priority }),
      ...(request.h8(3) === 0 ? {} : { tos: request.h8(3) }),
      ...(request.h8(1) === 0 ? {} : { dstLen: request.h8(1) }),
      ...(request.h8(2) === 0 ? {} : { srcLen: request.h8(2) }),
      ...(request.h32(8) & FLAG.INVERT ? { invert: true } : {}),
      ...(suppress === undefined ? {} : { suppress }),
      ...(protocol === undefined ? {} : { protocol }),
      ...(target === undefined ? {} : { target }),
    },
  };
}

/** Before the second rule, as `ip rule add` without a priority has it. */
const defaultPriority = (rules: readonly Rule[]): number => Math.max(0, (rules[1]?.priority ?? 0) - 1);

const keyOf = (r: Rule): string =>
  JSON.stringify([
    r.action,
    r.table,
    r.priority,
    r.tos,
    r.srcLen,
    r.dstLen,
    r.invert,
    r.target,
    r.suppress,
    r.protocol,
    [...r.selectors].sort(([a], [b]) => a - b),
  ]);

function add(c: Context): void {
  const rules = rulesOf(c);
  const { given, selectors } = read(c);
  const rule: Rule = {
    ...builtIn(c.request.h8(0), 0, 0),
    protocol: 0,
    action: 0,
    ...given,
    priority: given.priority ?? defaultPriority(rules),
    selectors,
  };
  if (given.target !== undefined) {
    if (rule.action !== ACTION.GOTO) refuse(E.INVAL, 'Unexpected goto');
    if (given.target <= rule.priority) refuse(E.INVAL, 'Backward goto not supported');
  } else if (rule.action === ACTION.GOTO) refuse(E.INVAL, 'Missing goto target for action goto');
  if (rule.action === 0) refuse(E.INVAL, 'Invalid action');
  const key = keyOf(rule);
  if (c.request.has(NLM.EXCL) && rules.some((r) => keyOf(r) === key)) refuse(E.EXIST);
  checkDsfield(rule.tos);
  const at = rules.findIndex(({ priority }) => priority > rule.priority);
  rules.splice(at < 0 ? rules.length : at, 0, rule);
  c.ns.changes.rules++;
  c.announce(groupOf(rule.family), RTM.NEWRULE, fill(c.ns, rule));
}

function remove(c: Context): void {
  const rules = rulesOf(c);
  const { given, selectors } = read(c);
  const rule = rules.find(
    (r) =>
      (Object.keys(given) as (keyof Rule)[]).every((key) => r[key] === given[key]) &&
      [...selectors].every(([type, hex]) => r.selectors.get(type) === hex),
  );
  if (rule === undefined) refuse(E.NOENT);
  rules.splice(rules.indexOf(rule!), 1);
  c.ns.changes.rules++;
  c.announce(groupOf(rule!.family), RTM.DELRULE, fill(c.ns, rule!));
}

function dump(c: Context): Dump {
  const family = c.request.h8(0);
  if (family !== 0 && !c.ns.rules.has(family)) refuse(E.OPNOTSUPP);
  return {
    rows: () =>
      [...c.ns.rules]
        .filter(([f]) => family === 0 || f === family)
        .flatMap(([, rules]) => rules)
        .map((rule) => ({ type: RTM.NEWRULE, fill: fill(c.ns, rule) })),
    marked: 'rules',
  };
}

/** Tables to be looked into for a destination, in order; rules that ask for more than addresses are passed over. */
export function tablesFor(ns: Namespace, family: number): number[] {
  return (ns.rules.get(family) ?? [])
    .filter((r) => r.action === ACTION.TO_TABLE && r.selectors.size === 0 && !r.invert && r.tos === 0)
    .map(({ table }) => table);
}

export const ruleHandlers: readonly (readonly [number, Handlers])[] = [
  [RTM.NEWRULE, { one: add }],
  [RTM.DELRULE, { one: remove }],
  [RTM.GETRULE, { dump }],
];
