/** Deleting exactly the rules that were read: the kernel deletes the first rule that has all the properties it is told. */
import { InputError } from '../codec/errors.js';
import type { MessageExtras } from '../codec/message.js';
import { FIB_RULE, FR_ACT, RT_TABLE } from '../rtnl/constants.js';
import type { Rule } from '../rtnl/fibmsg.js';
import type { RuleSpec } from './rule-request.js';

type Row = Rule & MessageExtras;

/** Properties that the kernel looks for; of the others (`not`, the target of `goto`) it takes any. */
const LOOKED_FOR = [
  'src',
  'dst',
  'tos',
  'table',
  'action',
  'iifname',
  'oifname',
  'fwmark',
  'fwmask',
  'flow',
  'tunId',
  'suppressIfgroup',
  'suppressPrefixlen',
  'l3mdev',
  'uidRange',
  'protocol',
  'ipProto',
  'sportRange',
  'dportRange',
  'sportMask',
  'dportMask',
  'dscp',
  'dscpMask',
  'flowlabel',
  'flowlabelMask',
] as const;

/** A property as text, or undefined where it says nothing. */
function property(row: Row, key: (typeof LOOKED_FOR)[number]): string | undefined {
  const value = row[key];
  if (value === undefined || value === 0 || value === 0n) return undefined;
  if (key === 'suppressPrefixlen' && value === 0xffffffff) return undefined;
  return typeof value === 'object' ? Object.values(value).join('-') : String(value);
}

/** Whether the kernel would take `row` for one that has the properties of `wanted`. */
function fits(wanted: Row, row: Row): boolean {
  if (wanted.family !== row.family || (wanted.priority ?? 0) !== (row.priority ?? 0)) return false;
  return LOOKED_FOR.every((key) => {
    const value = property(wanted, key);
    return value === undefined || value === property(row, key);
  });
}

/** Whether two rules say the same, whatever their priorities. */
export const sameRule = (a: Row, b: Row): boolean =>
  a.family === b.family &&
  (a.goto ?? 0) === (b.goto ?? 0) &&
  (a.flags & FIB_RULE.invert) === (b.flags & FIB_RULE.invert) &&
  LOOKED_FOR.every((key) => property(a, key) === property(b, key));

/**
 * The rules of `wanted` (of `all`, in the kernel's order) in an order in which each deletion takes the rule it is meant
 * for. Throws InputError when there is none: then another rule stands before one that has fewer properties.
 */
export function deletable(wanted: readonly Row[], all: readonly Row[]): Row[] {
  const left = new Set(wanted);
  const table = [...all];
  const order: Row[] = [];
  for (let found = true; left.size > 0 && found; ) {
    found = false;
    for (const row of left) {
      const first = table.findIndex((other) => fits(row, other));
      if (table[first] !== row) continue;
      table.splice(first, 1);
      left.delete(row);
      order.push(row);
      found = true;
    }
  }
  const [blocked] = left;
  if (blocked !== undefined) {
    const other = table.find((row) => fits(blocked, row))!;
    throw new InputError(
      'ERR_CONFLICT',
      'filter',
      `the kernel cannot delete rule ${words(blocked)} alone: it would take ${words(other)}`,
    );
  }
  return order;
}

const words = (row: Row): string =>
  `${row.priority ?? 0}${row.src === undefined ? '' : ` from ${row.src}`} to table ${row.table}`;

/** What deletes a rule that was read: all that the kernel said of it. */
export function exactly(row: Row): RuleSpec {
  const { errors: _, flags: __, ...rest } = row;
  return { ...rest, priority: row.priority ?? 0 } as RuleSpec;
}

/** RTNL_FAMILY_IP6MR: its default rule leads to the main table. */
const IP6MR = 129;

/** Priorities and tables of the rules that the kernel makes for itself. */
const DEFAULTS: Readonly<Record<number, number>> = { 0: RT_TABLE.local, 32766: RT_TABLE.main, 32767: RT_TABLE.default };

/** Whether a rule is one of those that the kernel makes for itself, without which nothing is reached. */
export function isDefault(row: Row): boolean {
  const only = (LOOKED_FOR as readonly (keyof Row)[]).every(
    (key) => key === 'table' || key === 'action' || key === 'protocol' || property(row, key as never) === undefined,
  );
  const { family, table, action, priority = 0 } = row;
  const expected = family === IP6MR && priority === 32767 ? RT_TABLE.main : DEFAULTS[priority];
  return only && action === FR_ACT.to_tbl && table === expected;
}
