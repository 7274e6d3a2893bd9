/** `bridge -j -d -s mdb`, from our entries and router ports. */
import type { MdbRouterPort, MdbRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { type Names, protocol, when } from './words.js';

const FLAGS: readonly (readonly [string, number])[] = [
  ['offload', 0x1],
  ['fast_leave', 0x2],
  ['added_by_star_ex', 0x4],
  ['blocked', 0x8],
  ['offload_failed', 0x10],
];

/** Hundredths of a second as C's `%4i.%.2i` prints them. */
const time = (ticks: number | undefined, width = 0): string | undefined =>
  ticks === undefined
    ? undefined
    : `${String(Math.floor(ticks / 100)).padStart(width)}.${String(ticks % 100).padStart(2, '0')}`;

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
    source_list: o.srcList?.map(({ address, timer }) => ({ address, timer: time(timer) })),
    protocol: o.rtprot === undefined ? undefined : protocol(o.rtprot),
    flags: FLAGS.filter(([, bit]) => o.flags & bit).map(([word]) => word),
    vid: when(o.vid, o.vid !== 0),
    dst: o.dst,
    dst_port: o.dstPort,
    vni: o.vni,
    src_vni: o.srcVni,
    via: o.via === undefined ? undefined : c.name(o.via),
    timer: time(o.timer, 4),
  };
}

export function routerPortToIp(o: MdbRouterPort, c: Names): Mapped {
  return { port: c.name(o.port), timer: time(o.timer, 4), type: o.type === 'permanent' ? 'permanent' : 'temp' };
}
