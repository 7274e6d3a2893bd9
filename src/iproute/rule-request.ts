/** Policy rules: what `ip rule` takes, as requests. */
import { InputError, show, within } from '../codec/errors.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../codec/header.js';
import type { MessageExtras } from '../codec/message.js';
import { wordOrNumber } from '../codec/struct.js';
import { parsePrefix } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import type { Outgoing } from '../netlink/socket.js';
import { AF, FIB_RULE, FR_ACT, type IPPROTO, RT_TABLE, RTPROT } from '../rtnl/constants.js';
import { fibmsg, type Rule, type RuleIn } from '../rtnl/fibmsg.js';
import { asGiven, wordsIn } from './as-given.js';
import type { TableRequest } from './dumps.js';
import { type FileName, type NamedKey, named, rtProtos, rtTables } from './name-files.js';
import { joinFlags } from './neigh-request.js';
import { numeral, span } from './ranges.js';
import { assertDefined, badCommand, matcher, type Predicate, type Wanted, type Where } from './select.js';

/** A range of numbers: 80, `'80-90'` (or `'80:90'`), `{ start: 80, end: 90 }`. */
export type NumberRange = number | string | { start: number; end?: number | undefined };

/** A rule to be added or deleted. Keys that are absent mean any. */
export interface RuleSpec
  extends Omit<
    RuleIn,
    'uidRange' | 'sportRange' | 'dportRange' | 'fwmark' | 'l3mdev' | 'action' | 'table' | 'protocol'
  > {
  table?: RuleIn['table'] | FileName<'table'> | undefined;
  protocol?: RuleIn['protocol'] | FileName<'protocol'> | undefined;
  /** Prefix of the source, or an address; `'all'`: any. */
  src?: string | undefined;
  /** Prefix of the destination, or an address; `'all'`: any. */
  dst?: string | undefined;
  /** A mark, or `'mark/mask'`: 16, `'0x10/0xff'`. */
  fwmark?: number | string | undefined;
  /** What the rule does: default `to_tbl`, and `goto` with a target. */
  action?: number | keyof typeof FR_ACT | `FR_ACT_${string}` | undefined;
  /** Users by number. */
  uidRange?: NumberRange | undefined;
  sportRange?: NumberRange | undefined;
  dportRange?: NumberRange | undefined;
  /** Another word for `sportRange`. */
  sport?: NumberRange | undefined;
  /** Another word for `dportRange`. */
  dport?: NumberRange | undefined;
  /** Another word for `iifname`. */
  iif?: string | undefined;
  /** Another word for `oifname`. */
  oif?: string | undefined;
  /** Another word for `priority`. */
  pref?: number | undefined;
  /** Match what does not have these properties. */
  not?: boolean | undefined;
  /** Use the table of the VRF that the packet belongs to. */
  l3mdev?: boolean | 0 | 1 | undefined;
}

/** Which rules to list: a predicate, or keys that must be equal. `family` is checked by the kernel. */
export type RuleFilter =
  | Predicate<Rule & MessageExtras>
  | Where<
      Rule,
      {
        family?: Wanted<number | keyof typeof AF>;
        table?: Wanted<number | keyof typeof RT_TABLE | FileName<'table'>>;
        action?: Wanted<number | keyof typeof FR_ACT>;
        protocol?: Wanted<number | keyof typeof RTPROT | FileName<'protocol'>>;
        ipProto?: Wanted<number | keyof typeof IPPROTO>;
        /** Another word for `iifname`. */
        iif?: Wanted<string>;
        /** Another word for `oifname`. */
        oif?: Wanted<string>;
        /** Another word for `priority`. */
        pref?: Wanted<number>;
      }
    >;

export type RuleChange = 'add' | 'del';

const FLAGS: Readonly<Record<RuleChange, number>> = { add: NLM_F_CREATE | NLM_F_EXCL, del: 0 };
const SYNONYMS = {
  iif: 'iifname',
  oif: 'oifname',
  pref: 'priority',
  sport: 'sportRange',
  dport: 'dportRange',
} as const;
/** A mark as text has its mask in it. */
const FWMARK = [['fwmask', 'fwmark']] as const;
const ANY = new Set(['all', 'any', 'default']);
const U32_MAX = 0xffffffff;

// Places in struct fib_rule_hdr.
const FAMILY = 0;
const TABLE = 4;
const ACTION = 7;

function synonyms(value: Rec): void {
  for (const [from, to] of Object.entries(SYNONYMS)) {
    if (!Object.hasOwn(value, from)) continue;
    if (Object.hasOwn(value, to))
      throw new InputError('ERR_CONFLICT', from, `is another word for ${to}, which is given`);
    value[to] = value[from];
    delete value[from];
  }
}

/** Sets `fwmark` and `fwmask` for a text such as `0x10/0xff`. */
function mark(value: Rec): void {
  const { fwmark } = value;
  if (typeof fwmark !== 'string') return;
  const [bits, mask, ...more] = fwmark.split('/').map(numeral);
  if (bits === undefined || more.length > 0 || Number.isNaN(bits) || Number.isNaN(mask ?? 0))
    throw new InputError('ERR_INVALID_VALUE', 'fwmark', `${show(fwmark)} is not a mark such as 16 or 0x10/0xff`);
  value.fwmark = bits;
  if (mask === undefined) return;
  if (value.fwmask !== undefined) throw new InputError('ERR_CONFLICT', 'fwmask', 'is given together with fwmark');
  value.fwmask = mask;
}

const NAMED: readonly NamedKey[] = [
  ['table', rtTables, RT_TABLE],
  ['protocol', rtProtos, RTPROT],
];

/** What only one family has sets it, and contradicts the other; `0.0.0.0/0` is any address of its family. */
function families(value: Rec): void {
  const set = (key: string, family: number) => {
    const given = within('family', () => wordOrNumber(value.family ?? 0, AF));
    if (given !== 0 && given !== family)
      throw new InputError('ERR_CONFLICT', key, `is of ${family === AF.inet ? 'IPv4' : 'IPv6'}, but family is not`);
    value.family = family;
  };
  for (const key of ['src', 'dst']) {
    const text = value[key];
    const found = typeof text === 'string' && text.endsWith('/0') ? parsePrefix(text) : null;
    if (found === null) continue;
    set(key, found.bytes.length === 4 ? AF.inet : AF.inet6);
    value[key] = 'any';
  }
  if (value.flowlabel !== undefined || value.flowlabelMask !== undefined) set('flowlabel', AF.inet6);
  if (value.flow !== undefined) set('flow', AF.inet);
}

/** The message's own keys for a spec. */
function prepared(cmd: RuleChange, spec: RuleSpec): Rec {
  const value: Rec = { ...named(spec, NAMED) };
  synonyms(value);
  for (const key of ['iifname', 'oifname'])
    if (value[key] === '') throw new InputError('ERR_INVALID_VALUE', key, 'is empty');
  families(value);
  for (const key of ['src', 'dst']) {
    if (!ANY.has(value[key] as string)) continue;
    const length = value[`${key}Len`];
    if (length !== undefined && length !== 0)
      throw new InputError('ERR_CONFLICT', `${key}Len`, `is ${show(length)}, but ${key} is ${value[key] as string}`);
    delete value[key];
  }
  for (const key of ['src', 'dst'])
    if (value[`${key}Len`] !== undefined && value[`${key}Len`] !== 0 && value[key] === undefined)
      throw new InputError('ERR_MISSING_KEY', key, `is needed with ${key}Len`);
  mark(value);
  // The kernel takes the ports 1 to 65534, and no user 4294967295.
  for (const [key, min, max] of [
    ['uidRange', 0, U32_MAX - 1],
    ['sportRange', 1, 0xfffe],
    ['dportRange', 1, 0xfffe],
  ] as const) {
    if (value[key] === undefined) continue;
    value[key] = within(key, () => span(value[key], min, max));
  }
  joinFlags(value, 'flags', FIB_RULE, { not: FIB_RULE.invert });
  if (typeof value.l3mdev === 'boolean') {
    if (value.l3mdev) value.l3mdev = 1;
    else delete value.l3mdev;
  } else if (value.l3mdev !== undefined && value.l3mdev !== 0 && value.l3mdev !== 1)
    throw new InputError('ERR_INVALID_VALUE', 'l3mdev', `expected true or false, got ${show(value.l3mdev)}`);
  if (typeof value.action === 'string') value.action = value.action.replace(/^FR_ACT_/, '').toLowerCase();
  const action = within('action', () => wordOrNumber(value.action, FR_ACT));
  if (value.goto !== undefined) {
    if (action !== undefined && action !== FR_ACT.goto)
      throw new InputError('ERR_CONFLICT', 'goto', `is the target of action goto, not ${show(value.action)}`);
    value.action = FR_ACT.goto;
  } else if (action === FR_ACT.goto && cmd === 'add')
    throw new InputError('ERR_MISSING_KEY', 'goto', 'is needed: the priority of the rule to go on with');
  // The kernel takes a flow label with a mask only; of a DSCP and of ports it completes it.
  if (value.flowlabel !== undefined) value.flowlabelMask ??= 0xfffff;
  return value;
}

/** Keys by which the kernel does not look for a rule to delete. */
const NOT_SELECTING = new Set(['family', 'flags', 'goto', 'flowlabelMask', 'unknown', 'errors', 'srcLen', 'dstLen']);

/** Whether a property tells one rule from another. To the kernel 0 means any, except as a priority or a length. */
function selects(key: string, value: unknown): boolean {
  if (NOT_SELECTING.has(key)) return false;
  if (key === 'priority') return true;
  // What a rule does that says nothing else.
  if (key === 'action' && (value === FR_ACT.to_tbl || value === 'to_tbl')) return false;
  if (key === 'suppressPrefixlen' || key === 'suppressIfgroup') return value !== U32_MAX;
  return value !== 0 && value !== 0n && value !== 'unspec';
}

/** Whether a rule is turned around. */
const inverted = ({ flags }: Rec): boolean =>
  ((within('flags', () => wordOrNumber(flags ?? 0, FIB_RULE, true)) as number) & FIB_RULE.invert) !== 0;

/** Refuses a deletion that any rule, or its opposite, may be taken for. */
function assertFound(value: Rec): void {
  if (!Object.entries(value).some(([key, given]) => selects(key, given)))
    throw new InputError(
      'ERR_MISSING_KEY',
      'priority',
      'or another property is needed: the first rule that has all is deleted',
    );
  if (value.priority !== undefined) return;
  const ignored = value.goto !== undefined ? 'goto' : inverted(value) ? 'not' : undefined;
  if (ignored !== undefined)
    throw new InputError('ERR_MISSING_KEY', 'priority', `is needed with ${ignored}, which the kernel does not look at`);
}

/** The request of a change. Throws InputError for what cannot be one. */
export function ruleRequest(cmd: RuleChange, spec: RuleSpec): Outgoing {
  if (!Object.hasOwn(FLAGS, cmd)) throw badCommand(cmd, Object.keys(FLAGS));
  if (!isRec(spec as unknown))
    throw new InputError('ERR_INVALID_VALUE', 'rule', `expected an object, got ${show(spec)}`);
  // Whatever a rule does not say is any: a source that a program forgot to set must not mean every source.
  assertDefined(spec);
  if (Object.keys(spec).length === 0 && cmd === 'add')
    throw new InputError('ERR_MISSING_KEY', 'rule', 'has no key; a rule for everything has a table');
  const words = () => [...wordsIn(spec, SYNONYMS), ...(spec.fwmask === undefined ? FWMARK : [])];
  const value = asGiven(words, () => prepared(cmd, spec));
  if (cmd === 'del') assertFound(value);
  return {
    op: cmd === 'del' ? 'RTM_DELRULE' : 'RTM_NEWRULE',
    type: cmd === 'del' ? 33 : 32,
    flags: FLAGS[cmd],
    def: fibmsg,
    put(w) {
      const base = w.pos;
      asGiven(words, () => fibmsg.write(w, value));
      const { u8 } = w;
      if (u8[base + FAMILY] === 0) u8[base + FAMILY] = AF.inet;
      if (cmd === 'del') return;
      if (value.action === undefined) u8[base + ACTION] = FR_ACT.to_tbl;
      if (u8[base + ACTION] === FR_ACT.to_tbl && value.table === undefined && !value.l3mdev)
        u8[base + TABLE] = RT_TABLE.main;
    },
  };
}

/** The request of a list. */
export function ruleTable(filter: RuleFilter = {}): TableRequest<Rule & MessageExtras> {
  const match: Rec = {};
  let family: unknown;
  if (typeof filter !== 'function') {
    assertDefined(filter);
    Object.assign(match, named(filter, NAMED));
    synonyms(match);
    if (typeof match.family !== 'function') {
      family = match.family;
      delete match.family;
    }
    for (const key of ['src', 'dst'])
      if (ANY.has(match[key] as string)) match[key] = (value: unknown) => value === undefined;
    // Rules before all others have no priority of their own.
    if (match.priority === 0) match.priority = (value: unknown) => value === undefined || value === 0;
  }
  return {
    out: {
      op: 'RTM_GETRULE',
      type: 34,
      flags: 0,
      def: fibmsg,
      put: (w) => fibmsg.write(w, family === undefined ? {} : { family }),
    },
    def: fibmsg,
    row: 32,
    wanted:
      typeof filter === 'function'
        ? filter
        : asGiven(
            () => wordsIn(filter, SYNONYMS),
            () => matcher(fibmsg, match),
          ),
  };
}
