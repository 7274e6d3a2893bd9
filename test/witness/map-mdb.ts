/** `bridge -j -d -s mdb`, from our entries and router ports. */
import type { MdbRouterPort, MdbRow } from 'tsroute2';
import type { Json, Mapped } from './compare.js';
import { type Names, protocol, when } from './words.js';

const FLAGS: readonly (readonly [string, number])[] = [
  ['offload', 0x1],
  ['fast_leave', 0x2],
  ['added_by_star_ex', 0x4],
  ['blocked', 0x8],
  ['offload_failed', 0x10],
];

/** The kernel counts in hundredths of a second. */
const seconds = (ticks: number | undefined): number | undefined => (ticks === undefined ? undefined : ticks / 100);

/** What was printed, with its times as numbers: `bridge` prints them as text. */
export function printedTimes(printed: Record<string, Json>): Record<string, Json> {
  const { timer, source_list: list, ...rest } = printed;
  const number = (value: Json | undefined): number => Number(String(value).trim());
  return {
    ...rest,
    ...(timer !== undefined && { timer: number(timer) }),
    ...(Array.isArray(list) && {
      source_list: (list as Record<string, Json>[]).map((one) => ({ ...one, timer: number(one.timer) })),
    }),
  };
}

export interface MdbContext extends Names {
  /** Versions of iproute2 up to 6.2 know nothing of VXLAN. */
  old?: boolean;
}

export function mdbToIp(o: MdbRow, c: MdbContext): Mapped {
  return {
    index: o.ifindex,
    dev: c.name(o.ifindex),
    port: c.name(o.port),
    grp: o.grp,
    src: o.source,
    state: o.state,
    filter_mode: o.groupMode,
    source_list: o.srcList?.map(({ address, timer }) => ({ address, timer: seconds(timer) })),
    protocol: o.rtprot === undefined ? undefined : protocol(o.rtprot),
    flags: FLAGS.filter(([, bit]) => o.flags & bit).map(([word]) => word),
    vid: when(o.vid, o.vid !== 0),
    dst: o.dst,
    dst_port: o.dstPort,
    vni: o.vni,
    src_vni: o.srcVni,
    via: o.via === undefined ? undefined : c.name(o.via),
    timer: seconds(o.timer),
  };
}

export function routerPortToIp(o: MdbRouterPort, c: Names): Mapped {
  return { port: c.name(o.port), timer: seconds(o.timer), type: o.type === 'permanent' ? 'permanent' : 'temp' };
}
