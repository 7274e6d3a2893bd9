/** The kernel's policies of a family: what it takes in which attribute of which command. */
import type { Table } from '../codec/table.js';
import type { AnyType } from '../codec/type.js';
import type { Ctrl } from './ctrl.js';
import type { GenlFamilyDef } from './family.js';
import type { PolicyAttrs } from './policy-attrs.js';

/** NL_ATTR_TYPE_* in lower case, by number. */
const TYPES = [
  'invalid',
  'flag',
  'u8',
  'u16',
  'u32',
  'u64',
  's8',
  's16',
  's32',
  's64',
  'binary',
  'string',
  'nul_string',
  'nested',
  'nested_array',
  'bitfield32',
  'sint',
  'uint',
] as const;

/** Type of an attribute: NL_ATTR_TYPE_* in lower case. */
export type AttrTypeName = (typeof TYPES)[number];

/** What the kernel takes in one attribute. Absent keys mean no limit. */
export interface AttrRule {
  /** Number of the attribute. */
  id: number;
  /** Its type; a number where this version has no word for it. */
  type: AttrTypeName | number;
  /** Limits of an integer; a bigint where a number would not be exact. */
  min?: number | bigint;
  max?: number | bigint;
  /** Limits of the length in bytes. */
  minLength?: number;
  maxLength?: number;
  /** Bits that may be set. */
  mask?: number | bigint;
  /** Of a nest: number of the policy of its attributes, among those of one answer. */
  policy?: number;
  /** Of a nest: its attributes. Absent when the policy is that of a nest around this one. */
  nested?: AttrRules;
}

/** What the kernel takes, by the attribute's key, or by its number where no table has one. */
export interface AttrRules {
  [attribute: string]: AttrRule;
}

/** What a command takes, by how it is asked. Without attributes the kernel sends an empty list or none. */
export interface OpRules {
  do?: AttrRules;
  dump?: AttrRules;
}

/** A number when that is exact. */
const plain = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** The table of the attributes inside a type, if it is a nest. */
const tableIn = (type: AnyType | undefined): Table | undefined =>
  type === undefined ? undefined : (type.aux.nest ?? tableIn(type.aux.inner ?? type.aux.elements));

/** Which policies a command has. */
type OpPolicy = NonNullable<Ctrl['opPolicy']>[number];
type Policies = ReadonlyMap<number, ReadonlyMap<number, PolicyAttrs>>;

function rules(policies: Policies, index: number, table: Table | undefined, around: readonly number[]): AttrRules {
  const found: AttrRules = {};
  for (const [id, attrs] of policies.get(index) ?? []) {
    const { type = 0, minLength, maxLength, policyIdx } = attrs;
    const min = attrs.minValueU ?? attrs.minValueS;
    const max = attrs.maxValueU ?? attrs.maxValueS;
    const mask = attrs.mask ?? (attrs.bitfield32Mask === undefined ? undefined : BigInt(attrs.bitfield32Mask));
    const deeper = policyIdx !== undefined && policyIdx !== index && !around.includes(policyIdx);
    found[table?.compiled.keys[id] || String(id)] = {
      id,
      type: TYPES[type] ?? type,
      ...(min !== undefined && { min: plain(min) }),
      ...(max !== undefined && { max: plain(max) }),
      ...(minLength !== undefined && { minLength }),
      ...(maxLength !== undefined && { maxLength }),
      ...(mask !== undefined && { mask: plain(mask) }),
      ...(policyIdx !== undefined && { policy: policyIdx }),
      ...(deeper && {
        nested: rules(policies, policyIdx, tableIn(table?.compiled.types[id]), [...around, index]),
      }),
    };
  }
  return found;
}

/**
 * Puts the messages of a CTRL_CMD_GETPOLICY dump together: rules by command. With a declared family its names are the
 * keys, without one the numbers are. `dumpOnly` are the commands that can only be dumped, in the kernel's order.
 */
export function policyOf(
  rows: readonly Ctrl[],
  family: GenlFamilyDef | undefined,
  dumpOnly: readonly number[],
): Record<string, OpRules> {
  const policies = new Map<number, Map<number, PolicyAttrs>>();
  const ops = new Map<number, OpPolicy>();
  const nameless: OpPolicy[] = [];
  for (const { policy = {}, opPolicy = {} } of rows) {
    for (const [index, attrs] of Object.entries(policy)) {
      const known = policies.get(Number(index)) ?? new Map<number, PolicyAttrs>();
      policies.set(Number(index), known);
      for (const [id, one] of Object.entries(attrs)) known.set(Number(id), one);
    }
    for (const [cmd, used] of Object.entries(opPolicy)) {
      if (cmd === '0') nameless.push(used);
      else ops.set(Number(cmd), used);
    }
  }
  // For a command that can only be dumped, Linux 6.12 and 6.18 say 0, 6.1 and 7.3 do not. Such come in the order of the
  // family's commands.
  nameless.forEach((used, i) => {
    ops.set(nameless.length === dumpOnly.length ? dumpOnly[i]! : 0, used);
  });
  const named = Object.entries(family?.spec.ops ?? {});
  const found: Record<string, OpRules> = {};
  for (const [cmd, used] of ops) {
    const [name, op] = named.find(([, one]) => one.cmd === cmd) ?? [String(cmd), undefined];
    found[name] = {
      ...(used.do !== undefined && { do: rules(policies, used.do, op?.request.table, []) }),
      ...(used.dump !== undefined && { dump: rules(policies, used.dump, op?.request.table, []) }),
    };
  }
  return found;
}
