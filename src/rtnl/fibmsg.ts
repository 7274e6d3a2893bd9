/** RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE: struct fib_rule_hdr and FRA_* of linux/fib_rules.h. */
import { be64 } from '../codec/integers.js';
import { be32, cstrMax, prefix, ranged, skip, structOf, u8, u16, u32, worded } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF, FIB_RULE, FR_ACT, IPPROTO, RT_TABLE, RTPROT } from './constants.js';

const header = struct(
  (r) => ({
    family: r.u8(0),
    dstLen: r.u8(1),
    srcLen: r.u8(2),
    tos: r.u8(3),
    table: r.u8(4),
    action: r.u8(7),
    flags: r.u32(8),
  }),
  12,
  { family: AF, table: RT_TABLE, action: FR_ACT, flags: FIB_RULE },
);

const uidRange = struct((r) => ({ start: r.u32(0), end: r.u32(4) }), 8);
const portRange = struct((r) => ({ start: r.u16(0), end: r.u16(2) }), 4);
/** 20 bits. */
const flowlabel = ranged(be32, 0, 0xfffff);
/** Six bits. */
const dscp = ranged(u8, 0, 63);

const table = () => ({
  dst: attr(1, prefix(1)),
  src: attr(2, prefix(2)),
  /** Interface by which packets came in; of packets made here it is lo. A name: the interface need not be there. */
  iifname: attr(3, cstrMax(15)),
  /** Priority of the rule to go on with. */
  goto: attr(4, u32),
  /** Rules are tried in ascending order. A rule without has 0. */
  priority: attr(6, u32),
  fwmark: attr(10, u32),
  /** Realm of the source in the upper 16 bits, of the destination in the lower. */
  flow: attr(11, u32),
  tunId: attr(12, be64),
  /** Routes whose interface is in this group do not count. */
  suppressIfgroup: attr(13, u32),
  /** Routes with a prefix of this length or shorter do not count; 4294967295: none are excluded. */
  suppressPrefixlen: attr(14, u32),
  table: attr(15, u32),
  /** Bits of the mark that are compared. */
  fwmask: attr(16, u32),
  /** Interface that the socket is bound to. */
  oifname: attr(17, cstrMax(15)),
  pad: attr(18, skip),
  /** 1: the table of the VRF that the packet belongs to (Linux 4.8). */
  l3mdev: attr(19, u8),
  /** Users whose packets are meant (Linux 4.10). */
  uidRange: attr(20, structOf(uidRange)),
  /** RTPROT_* number of who made the rule (Linux 4.17). */
  protocol: attr(21, worded(u8, RTPROT)),
  /** IPPROTO_* number (Linux 4.17). */
  ipProto: attr(22, worded(u8, IPPROTO)),
  /** Linux 4.17. */
  sportRange: attr(23, structOf(portRange)),
  /** Linux 4.17. */
  dportRange: attr(24, structOf(portRange)),
  /** Linux 6.13. */
  dscp: attr(25, dscp),
  /** Of IPv6 (Linux 6.14). */
  flowlabel: attr(26, flowlabel),
  flowlabelMask: attr(27, flowlabel),
  /** Linux 6.15. */
  sportMask: attr(28, u16),
  /** Linux 6.15. */
  dportMask: attr(29, u16),
  /** Linux 6.15. */
  dscpMask: attr(30, dscp),
});

export interface RuleAttrs extends Out<typeof table> {}
export interface RuleAttrsIn extends In<typeof table> {}

/** A rule as the kernel has it. What it does not say is any. */
export interface Rule extends RuleAttrs {
  /** AF number: 2 inet, 10 inet6; 128 and 129 are rules of multicast routing. */
  family: number;
  tos: number;
  /** Routing table; 0 for none. */
  table: number;
  /** FR_ACT_* number. */
  action: number;
  /** FIB_RULE_* bits. */
  flags: number;
}

/** A rule as input takes it: numbers, or the words that `ip` prints. */
export interface RuleIn extends Omit<RuleAttrsIn, 'table'> {
  family?: number | keyof typeof AF | undefined;
  /** Length of `dst` when that is a bare address. */
  dstLen?: number | undefined;
  /** Length of `src` when that is a bare address. */
  srcLen?: number | undefined;
  tos?: number | undefined;
  table?: number | keyof typeof RT_TABLE | undefined;
  action?: number | keyof typeof FR_ACT | undefined;
  flags?: number | keyof typeof FIB_RULE | readonly (keyof typeof FIB_RULE)[] | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Rule messages. Table numbers above 255 go into FRA_TABLE. */
export const fibmsg: MessageDef<Rule & MessageExtras, RuleIn> = message<Rule, RuleIn>({
  name: 'fibmsg',
  prefix: 'FRA',
  header,
  init: (r) => ({ family: r.u8(0), tos: r.u8(3), table: r.u8(4), action: r.u8(7), flags: r.u32(8) }),
  table,
  types: { RTM_NEWRULE: 32, RTM_DELRULE: 33, RTM_GETRULE: 34 },
  wide: { table: () => RT_TABLE.unspec },
});
