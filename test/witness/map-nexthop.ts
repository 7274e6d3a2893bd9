/** `ip -j -d nexthop` and `ip -j -d nexthop bucket`, from our next hops and buckets. */
import type { NexthopRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { type Names, protocol, scope, when, yes } from './words.js';

const FLAGS: readonly (readonly [string, number])[] = [
  ['dead', 0x1],
  ['onlink', 0x4],
  ['pervasive', 0x2],
  ['offload', 0x8],
  ['trap', 0x40],
  ['linkdown', 0x10],
  ['unresolved', 0x20],
];
const flags = (o: NexthopRow): string[] => FLAGS.filter(([, bit]) => o.flags & bit).map(([word]) => word);
/** The kernel counts in hundredths of a second. */
const seconds = (ticks: number | undefined): number => (ticks ?? 0) / 100;
const null_ = (value: true | undefined): null | undefined => (value ? null : undefined);

export interface NexthopContext extends Names {
  deleted?: boolean;
  /** `ip` reads a request as the answer of a kernel that leaves rubbish in the upper half of weights. */
  request?: boolean;
}

export function nexthopToIp(o: NexthopRow, c: NexthopContext): Mapped {
  return {
    deleted: yes(c.deleted),
    id: o.id ?? when(0, c.request),
    group: o.group?.map(({ id, weight }) => {
      const printed = c.request ? ((weight - 1) & 0xff) + 1 : weight;
      return { id, weight: when(printed, printed !== 1) };
    }),
    type: o.groupType === 'mpath' ? undefined : o.groupType,
    resilient_args: o.resGroup && {
      buckets: o.resGroup.buckets ?? 0,
      idle_timer: seconds(o.resGroup.idleTimer),
      unbalanced_timer: seconds(o.resGroup.unbalancedTimer),
      unbalanced_time: seconds(o.resGroup.unbalancedTime),
    },
    gateway: o.gateway,
    dev: o.oif === undefined ? undefined : c.name(o.oif),
    scope: scope(o.scope),
    blackhole: null_(o.blackhole),
    protocol: protocol(o.protocol),
    flags: flags(o),
    fdb: null_(o.fdb),
    hw_stats: o.hwStatsEnable === undefined ? undefined : { enabled: o.hwStatsEnable === 1, used: o.hwStatsUsed === 1 },
    group_stats: o.groupStats?.map(({ id, packets, packetsHw }) => ({ id, packets, packets_hw: packetsHw ?? 0 })),
  };
}

export function bucketToIp(o: NexthopRow): Mapped {
  return {
    id: o.id,
    bucket: o.resBucket && {
      index: o.resBucket.index,
      idle_time: seconds(o.resBucket.idleTime),
      nhid: o.resBucket.nhId,
    },
    flags: flags(o),
  };
}
