/** Virtual functions of an adapter: IFLA_VFINFO_LIST of linux/if_link.h. Every struct starts with the function's number. */

import { InputError, show, within } from '../codec/errors.js';
import { custom, lladdr, many, nest, skip, structOf, u64 } from '../codec/leaf.js';
import { BAD } from '../codec/read.js';
import { integer, struct } from '../codec/struct.js';
import { lladdrText, parseLladdr } from '../codec/text.js';
import { attr, type In, type Out } from '../codec/type.js';
import { isRec } from '../codec/write.js';

/** A function's link-layer address. */
export interface VfMac {
  vf: number;
  mac: string;
}

/** struct ifla_vf_mac has 32 bytes for an address of unknown length: what follows it is zero. */
const vfMac = custom<VfMac>('vf mac', {
  read: (s, p, n) => {
    if (n < 36) return BAD as never;
    let end = 36;
    while (end > 10 && s.u8[p + end - 1] === 0) end--;
    return { vf: s.u32[p >> 2]!, mac: lladdrText(s.u8, p + 4, end - 4) };
  },
  write: (w, value) => {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected { vf, mac }, got ${show(value)}`);
    const p = w.reserve(36);
    within('vf', () => {
      w.u32[p >> 2] = integer(value.vf, 0, 0xffffffff);
    });
    within('mac', () => {
      const mac = parseLladdr(String(value.mac));
      if (mac.length > 32) throw new InputError('ERR_INVALID_VALUE', '', `${show(value.mac)} has more than 32 bytes`);
      w.u8.set(mac, p + 4);
    });
    return 36;
  },
});

/** 802.1Q or 802.1ad. */
const PROTO = { '802.1Q': 0x8100, '802.1ad': 0x88a8 };

const vlan = struct((r) => ({ vf: r.u32(0), vlan: r.u32(4), qos: r.u32(8) }), 12);
const vlanInfo = struct((r) => ({ vf: r.u32(0), vlan: r.u32(4), qos: r.u32(8), vlanProto: r.be16(12) }), 16, {
  vlanProto: PROTO,
});
const setting = struct((r) => ({ vf: r.u32(0), setting: r.u32(4) }), 8);
const linkState = struct((r) => ({ vf: r.u32(0), linkState: r.u32(4) }), 8, {
  linkState: { auto: 0, enable: 1, disable: 2 },
});
const guid = struct((r) => ({ vf: r.u32(0), guid: r.id64(8) }), 16);

const vlanList = () => ({
  info: attr(1, many(structOf(vlanInfo)), 'IFLA_VF_VLAN_INFO'),
});
export interface VfVlanList extends Out<typeof vlanList> {}
export interface VfVlanListIn extends In<typeof vlanList> {}

const stats = () => ({
  rxPackets: attr(0, u64),
  txPackets: attr(1, u64),
  rxBytes: attr(2, u64),
  txBytes: attr(3, u64),
  broadcast: attr(4, u64),
  multicast: attr(5, u64),
  pad: attr(6, skip),
  rxDropped: attr(7, u64),
  txDropped: attr(8, u64),
});
export interface VfStats extends Out<typeof stats> {}
export interface VfStatsIn extends In<typeof stats> {}

const info = () => ({
  mac: attr(1, vfMac),
  /** VLAN 0: none. */
  vlan: attr(2, structOf(vlan)),
  /** Mbit/s; 0: no limit. */
  txRate: attr(3, structOf(struct((r) => ({ vf: r.u32(0), rate: r.u32(4) }), 8))),
  spoofchk: attr(4, structOf(setting)),
  /** 0 auto, 1 enable, 2 disable. */
  linkState: attr(5, structOf(linkState)),
  /** Mbit/s; 0: no limit. */
  rate: attr(6, structOf(struct((r) => ({ vf: r.u32(0), minTxRate: r.u32(4), maxTxRate: r.u32(8) }), 12))),
  rssQueryEn: attr(7, structOf(setting)),
  stats: attr(8, nest<VfStats, VfStatsIn>('IFLA_VF_STATS', stats)),
  trust: attr(9, structOf(setting)),
  ibNodeGuid: attr(10, structOf(guid)),
  ibPortGuid: attr(11, structOf(guid)),
  vlanList: attr(12, nest<VfVlanList, VfVlanListIn>('IFLA_VF_VLAN', vlanList)),
  broadcast: attr(13, lladdr),
});
export interface VfInfo extends Out<typeof info> {}
export interface VfInfoIn extends In<typeof info> {}

const list = () => ({
  info: attr(1, many(nest<VfInfo, VfInfoIn>('IFLA_VF', info)), 'IFLA_VF_INFO'),
});
export interface VfInfoList extends Out<typeof list> {}
export interface VfInfoListIn extends In<typeof list> {}
export const vfInfoList = nest<VfInfoList, VfInfoListIn>('IFLA_VF_INFO', list);
