/** RTM_NEWNEXTHOP, RTM_NEWNEXTHOPBUCKET and their kin: struct nhmsg and NHA_* of linux/nexthop.h (Linux 5.3). */
import { InputError, show, within } from '../codec/errors.js';
import {
  be16,
  bits,
  custom,
  flag,
  ifindex,
  ipByFamily,
  nest,
  nestArray,
  ranged,
  skip,
  u16,
  u32,
  u64,
  uint,
  words,
  wrapped,
} from '../codec/leaf.js';
import { MessageDef, type MessageExtras } from '../codec/message.js';
import { BAD } from '../codec/read.js';
import { integer, struct } from '../codec/struct.js';
import { attr, type Custom, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { AF, NHA_OP_FLAG, RT_SCOPE, RTNH_F, RTPROT } from './constants.js';
import { encapVariant, LWTUNNEL_ENCAP } from './encaps/index.js';
import type { RouteEncapIn, RouteEncapOut } from './rtmsg.js';

const header = struct((r) => ({ family: r.u8(0), scope: r.u8(1), protocol: r.u8(2), flags: r.u32(4) }), 8, {
  family: AF,
  scope: RT_SCOPE,
  protocol: RTPROT,
  flags: RTNH_F,
});

/** A member of a group of next hops. */
export interface NexthopMember {
  /** Id of the next hop. */
  id: number;
  /**
   * As `ip` counts: 1 to 256, to 65,535 since Linux 6.12. Some older kernels cut off what is above without a word (6.1:
   * measured).
   */
  weight: number;
}

/** Bytes of struct nexthop_grp: id, weight - 1 in two parts, two bytes that nobody uses. */
const MEMBER = 8;
const WEIGHT_MAX = 0xffff;

// One weight in two members, less one, and a number where the weight is 1.
const members: Custom<NexthopMember[], readonly (number | { id: number; weight?: number | undefined })[]> = {
  read(s, p, n) {
    if (n % MEMBER !== 0) return BAD as never;
    const list: NexthopMember[] = [];
    for (let at = p; at < p + n; at += MEMBER)
      list.push({ id: s.u32[at >> 2]!, weight: ((s.u8[at + 5]! << 8) | s.u8[at + 4]!) + 1 });
    return list;
  },
  write(w, value) {
    if (!Array.isArray(value))
      throw new InputError('ERR_INVALID_VALUE', '', `expected an array of next hops, got ${show(value)}`);
    value.forEach((member: unknown, i) => {
      within(`[${i}]`, () => {
        const { id, weight = 1, ...rest } = isRec(member) ? member : { id: member };
        for (const key of Object.keys(rest)) throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key: id, weight');
        const p = w.reserve(MEMBER);
        w.u32[p >> 2] = within(isRec(member) ? 'id' : '', () => integer(id, 1, 0xffffffff));
        const less = within('weight', () => integer(weight, 1, WEIGHT_MAX)) - 1;
        w.u8[p + 4] = less & 0xff;
        w.u8[p + 5] = less >> 8;
      });
    });
    return value.length * MEMBER;
  },
};

const resGroup = () => ({
  pad: attr(0, skip),
  buckets: attr(1, u16),
  /** Hundredths of a second (USER_HZ) after which a bucket without traffic may go to another next hop. */
  idleTimer: attr(2, u32),
  /** Hundredths of a second after which buckets are moved though they have traffic; 0: never. */
  unbalancedTimer: attr(3, u32),
  /** Hundredths of a second since when the group has been out of balance; comes out only. */
  unbalancedTime: attr(4, u64),
});
export interface NexthopResGroup extends Out<typeof resGroup> {}
export interface NexthopResGroupIn extends In<typeof resGroup> {}

const resBucket = () => ({
  pad: attr(0, skip),
  index: attr(1, u16),
  /** Hundredths of a second (USER_HZ) since the last packet. */
  idleTime: attr(2, u64),
  /** Next hop that the bucket leads to. */
  nhId: attr(3, u32),
});
export interface NexthopResBucket extends Out<typeof resBucket> {}
export interface NexthopResBucketIn extends In<typeof resBucket> {}

const memberStats = () => ({
  /** Id of the member. */
  id: attr(1, u32),
  packets: attr(2, uint),
  /** Those that the adapter counted. */
  packetsHw: attr(3, uint),
});
export interface NexthopMemberStats extends Out<typeof memberStats> {}
export interface NexthopMemberStatsIn extends In<typeof memberStats> {}

const table = () => ({
  /** 0 on input: the kernel chooses one. */
  id: attr(1, u32),
  group: attr(2, custom('nexthop_grp array', members)),
  groupType: attr(3, words(u16, { mpath: 0, resilient: 1 })),
  blackhole: attr(4, flag),
  oif: attr(5, ifindex),
  gateway: attr(6, ipByFamily),
  encapType: attr(7, words(u16, LWTUNNEL_ENCAP)),
  encap: attr(8, wrapped<RouteEncapOut, RouteEncapIn>(encapVariant)),
  /** In a dump request: only groups. */
  groups: attr(9, flag),
  /** In a dump request: only next hops by ports of this link. */
  master: attr(10, ifindex),
  /** For entries of a forwarding database: a remote tunnel end, or a group of such (Linux 5.8). */
  fdb: attr(11, flag),
  /** Of groups of the type `resilient` (Linux 5.13). */
  resGroup: attr(12, nest<NexthopResGroup, NexthopResGroupIn>('NHA_RES_GROUP', resGroup)),
  resBucket: attr(13, nest<NexthopResBucket, NexthopResBucketIn>('NHA_RES_BUCKET', resBucket)),
  /** NHA_OP_FLAG_* bits (Linux 6.9). */
  opFlags: attr(14, bits(u32, NHA_OP_FLAG)),
  /** Packets by member, where they were asked for (Linux 6.9). */
  groupStats: attr(
    15,
    nestArray(nest<NexthopMemberStats, NexthopMemberStatsIn>('NHA_GROUP_STATS_ENTRY', memberStats), 1),
  ),
  /** 1: the adapter is to count (Linux 6.9). */
  hwStatsEnable: attr(16, ranged(u32, 0, 1)),
  /** 1: an adapter does count. */
  hwStatsUsed: attr(17, u32),
  /** UDP port of an `fdb` next hop (newer than Linux 6.18). */
  dstPort: attr(18, be16),
});

export interface NexthopAttrs extends Out<typeof table> {}
export interface NexthopAttrsIn extends In<typeof table> {}

/** A next-hop object, a group of them, or a bucket of a resilient group, as the kernel has it. */
export interface Nexthop extends NexthopAttrs {
  /** AF number: 2 inet, 10 inet6, 0 of a group. */
  family: number;
  /** RT_SCOPE_* number. */
  scope: number;
  /** RTPROT_* number. */
  protocol: number;
  /** RTNH_F_* bits. */
  flags: number;
}

/** A next-hop object as input takes it. */
export interface NexthopIn extends NexthopAttrsIn {
  family?: number | keyof typeof AF | undefined;
  scope?: number | keyof typeof RT_SCOPE | undefined;
  protocol?: number | keyof typeof RTPROT | undefined;
  flags?: number | keyof typeof RTNH_F | readonly (keyof typeof RTNH_F)[] | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/**
 * Kernels that do not say that they clear the rest of struct nexthop_grp send what was in memory there. They always give
 * the type of a group; without it the message is a request.
 */
class NexthopDef extends MessageDef<Nexthop & MessageExtras, NexthopIn> {
  override read(...args: Parameters<MessageDef['read']>): Nexthop & MessageExtras {
    const o = super.read(...args);
    const clean = o.groupType === undefined || ((o.opFlags ?? 0) & NHA_OP_FLAG.resp_grp_resvd_0) !== 0;
    if (o.group !== undefined && !clean) for (const member of o.group) member.weight = ((member.weight - 1) & 0xff) + 1;
    return o;
  }
}

/** Next-hop messages, and those of the buckets of resilient groups. */
export const nhmsg: MessageDef<Nexthop & MessageExtras, NexthopIn> = new NexthopDef({
  name: 'nhmsg',
  prefix: 'NHA',
  header,
  table,
  types: {
    RTM_NEWNEXTHOP: 104,
    RTM_DELNEXTHOP: 105,
    RTM_GETNEXTHOP: 106,
    RTM_NEWNEXTHOPBUCKET: 116,
    RTM_DELNEXTHOPBUCKET: 117,
    RTM_GETNEXTHOPBUCKET: 118,
  },
});
