/** From a refusal of the kernel to a NetlinkError that names the attribute. */
import { aligned, type Bytes } from '../codec/bytes.js';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_HDRLEN } from '../codec/header.js';
import type { MessageDef } from '../codec/message.js';
import { pathAt } from '../codec/path.js';
import type { Rec } from '../codec/type.js';
import { errnoName } from './errno.js';
import { NetlinkError, type NetlinkErrorInit } from './errors.js';
import { type ExtAck, extAckStart, policyOf, readExtAck } from './extack.js';
import { asError, isThrown, takeThrown } from './thrown.js';

export interface Refused {
  op: string;
  bytes: Uint8Array;
  seq: number;
  def: MessageDef<object> | undefined;
}

/** The refusal in the NLMSG_ERROR (or NLMSG_DONE) whose payload is `[p, end)`. */
export function refusal(
  request: Refused,
  s: Bytes,
  p: number,
  end: number,
  flags: number,
  errno: number,
): NetlinkError {
  const done = end - p < 4 + NLMSG_HDRLEN;
  const ack: ExtAck =
    flags & NLM_F_ACK_TLVS ? readExtAck(s, done ? p + 4 : extAckStart(s, p, (flags & NLM_F_CAPPED) !== 0), end) : {};
  const { bytes, def, op, seq } = request;
  const copy = aligned(bytes);
  let attribute: string | undefined;
  let attributeSource: 'kernel' | 'missing' | 'inferred' | undefined;
  if (def !== undefined) {
    const missing = ack.missType;
    if (ack.offs !== undefined || missing !== undefined) {
      attribute = pathAt(
        def,
        copy,
        NLMSG_HDRLEN,
        bytes.length - NLMSG_HDRLEN,
        missing === undefined ? ack.offs : ack.missNest,
        missing,
      );
      if (attribute !== undefined) attributeSource = missing === undefined ? 'kernel' : 'missing';
    }
    const inferred = infer(def, copy, bytes.length, errno, ack.msg, attribute);
    if (inferred !== undefined) {
      attribute = inferred;
      attributeSource = 'inferred';
    }
  }
  return frameless({
    errno,
    op,
    seq,
    kernelMessage: ack.msg,
    attribute,
    attributeSource,
    policy: policyOf(ack.policy),
    offset: ack.offs,
  });
}

/**
 * An error without frames: those of here cost more than all else of it, and would leave no room for the caller's, which
 * are put in where the call is known.
 */
function frameless(init: NetlinkErrorInit): NetlinkError {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (limit?.writable !== true) return new NetlinkError(init);
  Error.stackTraceLimit = 0;
  try {
    return new NetlinkError(init);
  } finally {
    Error.stackTraceLimit = limit.value;
  }
}

/** The error of the same message, which may be that of a proxy. */
export function errorOf(...[request, s, p, end, flags, errno]: Parameters<typeof refusal>): Error {
  return isThrown(errno) ? asError(takeThrown(errno)) : refusal(request, s, p, end, flags, errno);
}

type Hint = readonly [errno: string, text: RegExp | null, path: string];

/**
 * What an errno and the kernel's words can only mean, by message. A path is used when the request has that attribute,
 * and where `text` is null when it has no other candidate of the same rows. A `*` stands for the word in the text's
 * parentheses, as a key.
 */
const HINTS: Readonly<Record<string, readonly Hint[]>> = {
  rtmsg: [
    ['ENETUNREACH', /^Nexthop has invalid gateway/, 'gateway'],
    ['EINVAL', /^Nexthop has invalid gateway/, 'gateway'],
    ['EHOSTUNREACH', null, 'gateway'],
    ['EHOSTUNREACH', null, 'via'],
    ['ENETUNREACH', null, 'gateway'],
    ['ENETUNREACH', null, 'via'],
    ['EINVAL', /[Gg]ateway/, 'gateway'],
    ['EINVAL', /preferred source/i, 'prefsrc'],
    ['EINVAL', /prefsrc/i, 'prefsrc'],
    ['EINVAL', /Invalid prefix for given prefix length/, 'dst'],
    ['EINVAL', /Nexthop id does not exist/, 'nhId'],
    ['ENETDOWN', /^Device for nexthop is not up/, 'oif'],
    ['EINVAL', /^Unknown tcp congestion algorithm/, 'metrics.ccAlgo'],
    ['ENODEV', null, 'oif'],
    ['ENETDOWN', null, 'oif'],
    ['EINVAL', /Unknown lwt encapsulation|lwt encap/i, 'encapType'],
  ],
  nhmsg: [
    ['ENETUNREACH', /^Nexthop has invalid gateway/, 'gateway'],
    ['ENETUNREACH', null, 'gateway'],
    ['EHOSTUNREACH', null, 'gateway'],
    ['EINVAL', /gateway/i, 'gateway'],
    ['EINVAL', /[Ii]nvalid nexthop id/, 'group'],
    ['ENODEV', null, 'oif'],
    ['EINVAL', /^Invalid device index/, 'oif'],
    ['ENETDOWN', null, 'oif'],
    ['EINVAL', /lwt encap/i, 'encapType'],
    ['EOPNOTSUPP', /lwt encap/i, 'encapType'],
  ],
  ifaddrmsg: [
    ['ENODEV', null, 'index'],
    ['ENODEV', /Device not found/, 'index'],
    ['EINVAL', /prefix length/i, 'prefixlen'],
    ['EINVAL', /address lifetime invalid/, 'cacheinfo'],
  ],
  ndmsg: [
    ['EINVAL', /^Invalid link address/, 'lladdr'],
    ['EINVAL', /^invalid address/, 'lladdr'],
    ['EINVAL', /^invalid vlan id/, 'vlan'],
    ['EINVAL', /[Nn]exthop (id does not exist|is not a group|group must|of wrong type)/, 'nhId'],
    ['EAFNOSUPPORT', null, 'dst'],
    ['ENODEV', /^unknown ifindex/, 'ifindex'],
    ['ENODEV', null, 'ifindex'],
  ],
  fibmsg: [
    ['EINVAL', /goto/i, 'goto'],
    ['EINVAL', /suppress_prefixlen/i, 'suppressPrefixlen'],
    ['EINVAL', /^Invalid uid range/, 'uidRange'],
    ['EINVAL', /^Invalid sport range/, 'sportRange'],
    ['EINVAL', /^Invalid dport range/, 'dportRange'],
  ],
  tunnelmsg: [['EINVAL', /not a vxlan device/, 'ifindex']],
  // Newer kernels give offsets.
  mptcp_msg: [
    ['EINVAL', /^limit greater than maximum/, 'subflows'],
    ['EINVAL', /^limit greater than maximum/, 'rcvAddAddrs'],
    ['EINVAL', /^address not found/, 'addr'],
  ],
  ifinfmsg: [
    ['EOPNOTSUPP', /Unknown device type/, 'linkinfo.kind'],
    ['ERANGE', null, 'linkinfo.bridge.forwardDelay'],
    ['ERANGE', null, 'linkinfo.bridge.helloTime'],
    ['ERANGE', null, 'linkinfo.bridge.maxAge'],
    ['EADDRNOTAVAIL', null, 'address'],
    ['EINVAL', /mtu (greater|less) than/i, 'mtu'],
    ['EINVAL', /^Invalid number of transmit queues/, 'numTxQueues'],
    ['EINVAL', /^Invalid number of receive queues/, 'numRxQueues'],
    ['EINVAL', /^too big gso_max_size/, 'gsoMaxSize'],
    ['EOPNOTSUPP', /Cannot change VNI/, 'linkinfo.vxlan.id'],
    ['EOPNOTSUPP', /^Cannot change port range/, 'linkinfo.vxlan.portRange'],
    ['EOPNOTSUPP', /^Cannot change port$/, 'linkinfo.vxlan.port'],
    ['EOPNOTSUPP', /^Cannot change limit/, 'linkinfo.vxlan.limit'],
    ['EOPNOTSUPP', /[Cc]annot change (\w+) flag/, 'linkinfo.vxlan.*'],
    ['EOPNOTSUPP', /^vxlan: cannot change flag/, 'linkinfo.vxlan.vnifilter'],
    ['EINVAL', /^Label attribute only applies/, 'linkinfo.vxlan.label'],
    ['EINVAL', /^Label policy only applies/, 'linkinfo.vxlan.labelPolicy'],
  ],
};

const has = (value: unknown, path: string): boolean => {
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Rec)[key];
  }
  return value !== undefined;
};

/** `UDP_CSUM` -> `udpCsum`. */
const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The one attribute that a refusal can be about; undefined when there are several or none. */
function infer(
  def: MessageDef<object>,
  s: Bytes,
  length: number,
  errno: number,
  text: string | undefined,
  known: string | undefined,
): string | undefined {
  const hints = HINTS[def.name];
  if (hints === undefined) return undefined;
  const code = errnoName(errno);
  let request: Rec;
  try {
    request = def.read(s, NLMSG_HDRLEN, length - NLMSG_HDRLEN) as Rec;
  } catch {
    return undefined;
  }
  const byText = new Set<string>();
  for (const [name, words, pattern] of hints) {
    const found = name === code && text !== undefined ? words?.exec(text) : undefined;
    if (found === undefined || found === null) continue;
    const path = pattern.replace('*', camelCase(found[1] ?? ''));
    // What the kernel points at is only made more precise: of some flags of VXLAN it names what is around them.
    if (has(request, path) && (known === undefined || path.startsWith(`${known}.`))) byText.add(path);
  }
  if (byText.size > 0) return byText.size === 1 ? [...byText][0] : undefined;
  if (known !== undefined) return undefined;
  if (text !== undefined && def.name !== 'ifinfmsg') return undefined;
  const candidates = hints.filter(([name, words, path]) => name === code && words === null && has(request, path));
  return candidates.length === 1 ? candidates[0]![2] : undefined;
}
