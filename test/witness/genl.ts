/** What `genl` and `ip mptcp` print of a message, made from ours. */
import type { Ctrl, Mptcp, MptcpAddr, MptcpEvent } from 'tsroute2';
import { ipAtLeast } from './live.js';

const hex = (value: number | undefined): string => `0x${(value ?? 0).toString(16)}`;

const CAPABILITIES: readonly [bit: number, words: string][] = [
  [0x01, 'requires admin permission'],
  [0x02, 'can doit'],
  [0x04, 'can dumpit'],
  [0x08, 'has policy'],
];

/** The lines that `genl ctrl list` prints of a family, without their indents. */
export function familyText(family: Ctrl): string[] {
  const { familyName, familyId, version = 0, hdrsize = 0, maxattr = 0, ops = [], mcastGroups = [] } = family;
  const lines = [
    `Name: ${familyName}`,
    `ID: ${hex(familyId)}  Version: ${hex(version)}  header size: ${hdrsize}  max attribs: ${maxattr}`,
  ];
  if (ops.length > 0) lines.push('commands supported:');
  ops.forEach(({ id, flags = 0 }, i) => {
    lines.push(`#${i + 1}:  ID-${hex(id)}`);
    // Old ones take the family's version for that of nlctrl, which tells flags since 2.
    if (version < 2 && !ipAtLeast('6.12')) return;
    const words = CAPABILITIES.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
    lines.push(`Capabilities (${hex(flags)}):`, `${words.join('; ')}${(flags & 0x08) === 0 ? ';' : ''}`);
  });
  if (mcastGroups.length > 0) lines.push('multicast groups:');
  mcastGroups.forEach(({ name, id }, i) => {
    lines.push(`#${i + 1}:  ID-${hex(id)}  name: ${name}`);
  });
  return lines;
}

const TYPES =
  'INVALID FLAG U8 U16 U32 U64 S8 S16 S32 S64 BINARY STRING NUL_STRING NESTED NESTED_ARRAY BITFIELD32'.split(' ');

/** The line that `genl ctrl policy` prints of one message. */
export function policyLine({ familyId, policy, opPolicy }: Ctrl): string {
  const id = `ID: ${hex(familyId)} `;
  for (const [op, used] of Object.entries(opPolicy ?? {})) {
    const how = [used.do !== undefined && ` do=${used.do}`, used.dump !== undefined && ` dump=${used.dump}`];
    return `${id} op ${op} policies:${how.filter(Boolean).join('')}`;
  }
  for (const [index, attrs] of Object.entries(policy ?? {}))
    for (const [attr, rule] of Object.entries(attrs)) {
      const words = [`${id} policy[${index}]:attr[${attr}]: type=${TYPES[rule.type ?? 0] ?? 'unknown'}`];
      const { minValueS, maxValueS, minValueU, maxValueU, minLength, maxLength, policyIdx, policyMaxtype } = rule;
      if (policyIdx !== undefined) words.push(`policy:${policyIdx}`);
      if (policyMaxtype !== undefined) words.push(`maxattr:${policyMaxtype}`);
      if (minValueS !== undefined) words.push(`range:[${minValueS},${maxValueS}]`);
      if (minValueU !== undefined) words.push(`range:[${minValueU},${maxValueU}]`);
      if (minLength !== undefined) words.push(`min len:${minLength}`);
      if (maxLength !== undefined) words.push(`max len:${maxLength}`);
      return words.join(' ');
    }
  return id;
}

const FLAGS = ['signal', 'subflow', 'backup', 'fullmesh', 'implicit'];

/** What `ip -j mptcp endpoint show` prints of an endpoint; `links` are names of interfaces. */
export function endpointOf(addr: MptcpAddr, links: ReadonlyMap<number, string>): Record<string, unknown> {
  const { addr4, addr6, id, port = 0, flags = 0, ifIdx = 0 } = addr;
  return {
    address: addr4 ?? addr6,
    ...(port !== 0 && { port }),
    id,
    ...Object.fromEntries(FLAGS.flatMap((flag, i) => ((flags >> i) & 1 ? [[flag, true]] : []))),
    ...(ifIdx !== 0 && { dev: links.get(ifIdx) ?? `if${ifIdx}` }),
  };
}

/** What `ip mptcp limits show` prints. */
export const limitsText = ({ rcvAddAddrs, subflows }: Mptcp): string =>
  `add_addr_accepted ${rcvAddAddrs} subflows ${subflows}`;

const EVENTS: Readonly<Record<string, string>> = {
  MPTCP_EVENT_CREATED: 'CREATED',
  MPTCP_EVENT_ESTABLISHED: 'ESTABLISHED',
  MPTCP_EVENT_CLOSED: 'CLOSED',
  MPTCP_EVENT_ANNOUNCED: 'ANNOUNCED',
  MPTCP_EVENT_REMOVED: 'REMOVED',
  MPTCP_EVENT_SUB_ESTABLISHED: 'SF_ESTABLISHED',
  MPTCP_EVENT_SUB_CLOSED: 'SF_CLOSED',
  MPTCP_EVENT_SUB_PRIORITY: 'SF_PRIO',
  ...(ipAtLeast('6.12') && {
    MPTCP_EVENT_LISTENER_CREATED: 'LISTENER_CREATED',
    MPTCP_EVENT_LISTENER_CLOSED: 'LISTENER_CLOSED',
  }),
};
const WIDTH = ipAtLeast('6.12') ? 16 : 14;

/** Flags of an event: words, or the number. */
const eventFlags = (flags: number): string =>
  ipAtLeast('7.0')
    ? [...(flags & 1 ? ['deny_join_id0'] : []), ...(flags & 2 ? ['server_side'] : [])].join(' ')
    : `flags=${flags.toString(16)}`;

/** The line that `ip mptcp monitor` prints of an event. Of those that it does not know it prints the number alone. */
export function eventLine(op: string, event: MptcpEvent): string {
  const word = EVENTS[op];
  if (word === undefined) return `[UNKNOWN ${op === 'MPTCP_EVENT_LISTENER_CREATED' ? 15 : 16}]`;
  const { token, remId, locId, saddr4, daddr4, saddr6, daddr6, sport, dport, backup, error, flags, timeout } = event;
  const parts: [string, unknown][] = [
    ['token', token === undefined ? undefined : token.toString(16).padStart(8, '0')],
    ['remid', remId],
    ['locid', locId],
    ['saddr4', saddr4],
    ['daddr4', daddr4],
    ['saddr6', saddr6],
    ['daddr6', daddr6],
    ['sport', sport],
    ['dport', dport],
    ['backup', backup === undefined ? undefined : Number(backup)],
    ['error', error],
    ['', flags === undefined ? undefined : eventFlags(flags)],
    ['timeout', timeout],
    ['ifindex', event.ifIdx],
    ['reset_reason', event.resetReason],
    ['reset_flags', event.resetFlags?.toString(16)],
  ];
  const printed = parts.flatMap(([key, value]) =>
    value === undefined ? [] : [key === '' ? value : `${key}=${value}`],
  );
  return [`[${word.padStart(WIDTH)}]`, ...printed].join(' ');
}
