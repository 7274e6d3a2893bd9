/** `ip -j -s neigh` and `bridge -j -d -s fdb`, from our neighbours and forwarding entries; `bridge -j -s vni`, from our identifiers. */
import type { FdbRow, NeighbourRow, VniRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { type Names, protocol, when, yes } from './words.js';

const STATES = ['INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'];
const NTF: Readonly<Record<string, number>> = {
  use: 0x1,
  self: 0x2,
  master: 0x4,
  proxy: 0x8,
  extern_learn: 0x10,
  offload: 0x20,
  sticky: 0x40,
  router: 0x80,
};
const MANAGED = 0x1;
const LOCKED = 0x2;
const NOARP = 0x40;
const PERMANENT = 0x80;

const null_ = (value: boolean): null | undefined => (value ? null : undefined);
const seconds = (ticks: number): number => Math.trunc(ticks / 100);

export interface NeighContext extends Names {
  deleted?: boolean;
}

export function neighToIp(o: NeighbourRow, c: NeighContext): Mapped {
  const on = (word: string): null | undefined => null_((o.flags & NTF[word]!) !== 0);
  const { cacheinfo } = o;
  const state = STATES.filter((_, i) => o.state & (1 << i));
  return {
    deleted: yes(c.deleted),
    // Which of the families it is, the address tells.
    dst: o.family === 2 || o.family === 10 ? o.dst : undefined,
    dev: c.name(o.ifindex),
    lladdr: o.lladdr,
    router: on('router'),
    proxy: on('proxy'),
    managed: null_(((o.flagsExt ?? 0) & MANAGED) !== 0),
    extern_learn: on('extern_learn'),
    offload: on('offload'),
    refcnt: cacheinfo && when(cacheinfo.refcnt, cacheinfo.refcnt !== 0),
    used: cacheinfo && seconds(cacheinfo.used),
    confirmed: cacheinfo && seconds(cacheinfo.confirmed),
    updated: cacheinfo && seconds(cacheinfo.updated),
    probes: o.probes,
    state: state.length === 0 ? undefined : state,
    protocol: o.protocol === undefined ? undefined : protocol(o.protocol),
  };
}

/** The states as `bridge` says them. */
function fdbState(state: number): string {
  if (state & PERMANENT) return 'permanent';
  if (state & NOARP) return 'static';
  if (state & 0x4) return 'stale';
  return state & 0x2 ? '' : `${state === 0 ? '' : '0x'}${state.toString(16)}`;
}

export function fdbToIp(o: FdbRow, c: NeighContext): Mapped {
  const flags = ['self', 'router', 'extern_learn', 'offload', 'master', 'sticky'];
  return {
    deleted: yes(c.deleted),
    mac: o.lladdr,
    ifname: c.name(o.ifindex),
    dst: o.dst,
    vlan: o.vlan,
    port: o.port,
    vni: o.vni,
    src_vni: o.srcVni,
    viaIf: o.via === undefined ? undefined : c.name(o.via),
    nhid: o.nhId,
    linkNetNsId: o.linkNetnsid,
    used: o.cacheinfo && seconds(o.cacheinfo.used),
    updated: o.cacheinfo && seconds(o.cacheinfo.updated),
    flags: [...flags.filter((word) => o.flags & NTF[word]!), ...((o.flagsExt ?? 0) & LOCKED ? ['locked'] : [])],
    master: o.master === undefined ? undefined : c.name(o.master),
    state: o.family === 7 ? fdbState(o.state) : undefined,
  };
}

export function vniToIp(o: VniRow, c: Names): Mapped {
  return {
    // `bridge` prints links of family 7 only.
    ifname: o.family === 7 ? c.name(o.ifindex) : undefined,
    vnis: o.entry?.map(({ start, end, group, group6, stats }) => {
      const address = group ?? group6;
      const many = address !== undefined && /^(22[4-9]|23\d|ff)/i.test(address);
      return {
        vni: start,
        vniEnd: end,
        group: when(address, many),
        remote: when(address, address !== undefined && !many),
        stats: stats && {
          rx_bytes: stats.rxBytes,
          rx_pkts: stats.rxPkts,
          rx_drops: stats.rxDrops,
          rx_errors: stats.rxErrors,
          tx_bytes: stats.txBytes,
          tx_pkts: stats.txPkts,
          tx_drops: stats.txDrops,
          tx_errors: stats.txErrors,
        },
      };
    }),
  };
}
