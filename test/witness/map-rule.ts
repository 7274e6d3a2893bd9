/** `ip -j -d rule`, from our rule. */
import type { RuleRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { family, protocol, routeTable, routeType, when, yes } from './words.js';

const INVERT = 0x2;
const UNRESOLVED = 0x4;
const IIF_DETACHED = 0x8;
const OIF_DETACHED = 0x10;
const GOTO = 2;
const NOP = 3;
const TO_TBL = 1;
const NONE = 0xffffffff;
const IPPROTO: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };
const DSCP: Readonly<Record<number, string>> = { 8: 'CS1', 10: 'AF11' };

const null_ = (value: boolean): null | undefined => (value ? null : undefined);
const hex = (value: number): string => `0x${value.toString(16)}`;

/** An address and, where it is not all of it, a length. */
function prefix(name: string, text: string | undefined): Record<string, Mapped> {
  if (text === undefined) return {};
  const [address, length] = text.split('/');
  const full = address!.includes(':') ? 128 : 32;
  return { [name]: address, [`${name}len`]: when(Number(length), Number(length) !== full) };
}

function range(
  name: string,
  o: { start: number; end: number } | undefined,
  mask: number | undefined,
  newer: boolean,
): Record<string, Mapped> {
  if (o === undefined) return {};
  const single = o.start === o.end;
  return {
    [name]: when(o.start, single),
    [`${name}_mask`]: mask === undefined ? undefined : when(hex(mask), newer),
    [`${name}_start`]: when(o.start, !single),
    [`${name}_end`]: when(o.end, !single),
  };
}

export interface RuleContext {
  deleted?: boolean;
  /** Whether iproute2 knows DSCP, flow labels and masks of ports (6.14). */
  newer: boolean;
}

export function ruleToIp(o: RuleRow, { deleted, newer }: RuleContext): Mapped {
  const suppressed = (value: number | undefined): value is number => value !== undefined && value !== NONE;
  const { dscp, dscpMask, flowlabel, flowlabelMask } = o;
  return {
    // Which of `ip -4` and `ip -6` printed it.
    family: family(o.family),
    deleted: yes(deleted),
    priority: o.priority ?? 0,
    not: null_((o.flags & INVERT) !== 0),
    src: 'all',
    ...prefix('src', o.src),
    ...prefix('dst', o.dst),
    tos: when(`0x${o.tos.toString(16).padStart(2, '0')}`, o.tos !== 0),
    fwmark: o.fwmark === undefined && o.fwmask === undefined ? undefined : o.fwmark ? hex(o.fwmark) : '0',
    fwmask: o.fwmask === undefined ? undefined : when(hex(o.fwmask), o.fwmask !== NONE),
    iif: o.iifname,
    iif_detached: null_((o.flags & IIF_DETACHED) !== 0),
    oif: o.oifname,
    oif_detached: null_((o.flags & OIF_DETACHED) !== 0),
    l3mdev: null_(o.l3mdev === 1),
    uid_start: o.uidRange?.start,
    uid_end: o.uidRange?.end,
    ipproto: o.ipProto === undefined ? undefined : (IPPROTO[o.ipProto] ?? `ipproto-${o.ipProto}`),
    ...range('sport', o.sportRange, o.sportMask, newer),
    ...range('dport', o.dportRange, o.dportMask, newer),
    tun_id: o.tunId === undefined ? undefined : Number(o.tunId),
    table: when(routeTable(o.table), o.table !== 0),
    suppress_prefixlen: when(o.suppressPrefixlen, suppressed(o.suppressPrefixlen)),
    suppress_ifgroup: suppressed(o.suppressIfgroup) ? String(o.suppressIfgroup) : undefined,
    flow_from: o.flow === undefined ? undefined : when(String(o.flow >>> 16), o.flow >>> 16 !== 0),
    flow_to: o.flow === undefined ? undefined : String(o.flow & 0xffff),
    goto: o.goto,
    unresolved: null_((o.flags & UNRESOLVED) !== 0),
    nop: null_(o.action === NOP),
    action: when(routeType(o.action), ![TO_TBL, GOTO, NOP].includes(o.action)),
    protocol: o.protocol === undefined ? undefined : protocol(o.protocol),
    ...(newer && {
      dscp: dscp === undefined ? undefined : (DSCP[dscp] ?? String(dscp)),
      dscp_mask: dscpMask === undefined ? undefined : hex(dscpMask),
      flowlabel: flowlabel === undefined ? undefined : hex(flowlabel),
      flowlabel_mask: flowlabelMask === undefined ? undefined : hex(flowlabelMask),
    }),
  };
}
