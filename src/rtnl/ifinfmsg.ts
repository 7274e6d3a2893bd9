/** RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK: struct ifinfomsg and IFLA_* of linux/if_link.h. */
import { InputError, show } from '../codec/errors.js';
import {
  bareString,
  bits,
  bool8,
  bytes,
  cstr,
  cstrMax,
  ifindex,
  lladdr,
  many,
  nest,
  netnsFd,
  ranged,
  s32,
  skip,
  structOf,
  u8,
  u16,
  u32,
  uint,
  words,
} from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import type { Writer } from '../codec/writer.js';
import { afSpec, protInfo } from './afspec.js';
import { IFF, RTEXT_FILTER, RTM, XDP_FLAGS } from './constants.js';
import { type IfInfo, type IfInfoIn, ifinfo, linkTable } from './ifinfo.js';
import { linkInfo } from './linkinfo.js';
import { type LinkMap, type LinkStats, type LinkStats64, linkMap, linkStats, linkStats64 } from './stats.js';
import { vfInfoList } from './vf.js';

/** Interface names have at most 15 bytes, alternative names 127. */
const ifname = cstrMax(15);
const altIfname = cstrMax(127);

const xdp = () => ({
  /** File descriptor of the program; -1 takes it off. Input only. */
  fd: attr(1, s32),
  /** 0 none, 1 driver, 2 generic, 3 hardware, 4 several. */
  attached: attr(2, u8),
  /** XDP_FLAGS_* bits. */
  flags: attr(3, bits(u32, XDP_FLAGS)),
  progId: attr(4, u32),
  drvProgId: attr(5, u32),
  skbProgId: attr(6, u32),
  hwProgId: attr(7, u32),
  /** Program that must be attached now (with XDP_FLAGS replace). Input only. */
  expectedFd: attr(8, s32),
});
export interface LinkXdp extends Out<typeof xdp> {}
export interface LinkXdpIn extends In<typeof xdp> {}

const propList = () => ({
  altIfname: attr(53, many(altIfname)),
});
export interface LinkPropList extends Out<typeof propList> {}
export interface LinkPropListIn extends In<typeof propList> {}

const protoDownReason = () => ({
  mask: attr(1, u32),
  value: attr(2, u32),
});
export interface ProtoDownReason extends Out<typeof protoDownReason> {}
export interface ProtoDownReasonIn extends In<typeof protoDownReason> {}

const devlinkPort = () => ({
  busName: attr(1, cstr),
  devName: attr(2, cstr),
  portIndex: attr(3, u32),
});
export interface DevlinkPort extends Out<typeof devlinkPort> {}
export interface DevlinkPortIn extends In<typeof devlinkPort> {}

const dpllPin = () => ({
  id: attr(1, u32),
});
export interface DpllPin extends Out<typeof dpllPin> {}
export interface DpllPinIn extends In<typeof dpllPin> {}

const OPERSTATE = { UNKNOWN: 0, NOTPRESENT: 1, DOWN: 2, LOWERLAYERDOWN: 3, TESTING: 4, DORMANT: 5, UP: 6 };
const LINKMODE = { DEFAULT: 0, DORMANT: 1, TESTING: 2 };
const EVENT = {
  NONE: 0,
  REBOOT: 1,
  'FEATURE CHANGE': 2,
  'BONDING FAILOVER': 3,
  'NOTIFY PEERS': 4,
  'RESEND IGMP': 5,
  'BONDING OPTION': 6,
};

const table = () => ({
  /** Link-layer address: MAC, or a tunnel's local IP address in bytes. */
  address: attr(1, lladdr),
  broadcast: attr(2, lladdr),
  ifname: attr(3, ifname),
  mtu: attr(4, u32),
  /** Index of the lower link, or of a veth's peer; in the namespace `linkNetnsid` when that is there. */
  link: attr(5, ifindex),
  qdisc: attr(6, cstr),
  stats: attr(7, structOf<LinkStats>(linkStats)),
  cost: attr(8, bytes),
  priority: attr(9, bytes),
  /** Index of the bridge, bond or VRF; 0 takes the link out; 0xffffffff selects, in a dump, links without one. */
  master: attr(10, ranged(ifindex, 0, 0xffffffff)),
  /** An event of the wireless extensions. */
  wireless: attr(11, bytes),
  protinfo: attr(12, protInfo),
  /** Packets. */
  txqlen: attr(13, u32),
  map: attr(14, structOf<LinkMap>(linkMap)),
  weight: attr(15, u32),
  /** RFC 2863. */
  operstate: attr(16, words(u8, OPERSTATE)),
  linkmode: attr(17, words(u8, LINKMODE)),
  linkinfo: attr(18, linkInfo),
  /** Process whose namespace the link goes to; input only. */
  netNsPid: attr(19, u32),
  /** At most 255 bytes; empty: none. */
  ifalias: attr(20, bareString(255)),
  /** Virtual functions now. */
  numVf: attr(21, u32),
  vfinfoList: attr(22, vfInfoList),
  stats64: attr(23, structOf<LinkStats64>(linkStats64)),
  vfPorts: attr(24, bytes),
  portSelf: attr(25, bytes),
  afSpec: attr(26, afSpec),
  /** Group of links, for requests that address many. */
  group: attr(27, u32),
  /** File descriptor of the namespace the link goes to; input only. */
  netNsFd: attr(28, netnsFd),
  /** RTEXT_FILTER_* bits: what a reply is to contain besides. */
  extMask: attr(29, bits(u32, RTEXT_FILTER)),
  /** How many want the link promiscuous. */
  promiscuity: attr(30, u32),
  numTxQueues: attr(31, u32),
  numRxQueues: attr(32, u32),
  carrier: attr(33, bool8),
  physPortId: attr(34, bytes),
  carrierChanges: attr(35, u32),
  physSwitchId: attr(36, bytes),
  /** Id, in the reader's namespace, of the namespace that `link` is in. */
  linkNetnsid: attr(37, s32),
  physPortName: attr(38, cstr),
  protoDown: attr(39, bool8),
  gsoMaxSegs: attr(40, u32),
  /** Bytes. */
  gsoMaxSize: attr(41, u32),
  pad: attr(42, skip),
  xdp: attr(43, nest<LinkXdp, LinkXdpIn>('IFLA_XDP', xdp)),
  /** What a notification is about. */
  event: attr(44, words(u32, EVENT)),
  /** Namespace that the link went to, in RTM_DELLINK. */
  newNetnsid: attr(45, s32),
  /** Namespace that the request is about. */
  targetNetnsid: attr(46, s32),
  carrierUpCount: attr(47, u32),
  carrierDownCount: attr(48, u32),
  /** Index in the namespace that the link went to; input: the index to get there. */
  newIfindex: attr(49, s32),
  minMtu: attr(50, u32),
  /** 0: no limit. */
  maxMtu: attr(51, u32),
  propList: attr(52, nest<LinkPropList, LinkPropListIn>('IFLA', propList)),
  /** Name to look for; the names of a link are in `propList`. */
  altIfname: attr(53, altIfname),
  permAddress: attr(54, lladdr),
  protoDownReason: attr(55, nest<ProtoDownReason, ProtoDownReasonIn>('IFLA_PROTO_DOWN_REASON', protoDownReason)),
  parentDevName: attr(56, cstr),
  parentDevBusName: attr(57, cstr),
  /** Bytes. */
  groMaxSize: attr(58, u32),
  /** Bytes. */
  tsoMaxSize: attr(59, u32),
  tsoMaxSegs: attr(60, u32),
  /** How many want all multicast (Linux 6.0). */
  allmulti: attr(61, u32),
  /** Linux 6.2. */
  devlinkPort: attr(62, nest<DevlinkPort, DevlinkPortIn>('DEVLINK_ATTR', devlinkPort)),
  /** Bytes (Linux 6.3). */
  gsoIpv4MaxSize: attr(63, u32),
  /** Bytes (Linux 6.3). */
  groIpv4MaxSize: attr(64, u32),
  /** Linux 6.7. */
  dpllPin: attr(65, nest<DpllPin, DpllPinIn>('DPLL_A_PIN', dpllPin)),
  /** How far ahead the adapter can time packets, in nanoseconds (Linux 6.14). */
  maxPacingOffloadHorizon: attr(66, uint),
  /** The link cannot change its namespace (Linux 6.15). */
  netnsImmutable: attr(67, bool8),
  /** Bytes in front of each packet (Linux 6.18). */
  headroom: attr(68, u16),
  /** Bytes behind each packet (Linux 6.18). */
  tailroom: attr(69, u16),
});
linkTable.get = table;

export interface LinkAttrs extends Out<typeof table> {}
export interface LinkAttrsIn extends In<typeof table> {}

/** A link as the kernel has it. */
export interface Link extends IfInfo, LinkAttrs {
  /** Whether IFF_UP is in `flags`: what was asked for. What the link makes of it is `operstate`. */
  state: 'up' | 'down';
}

/** A link as input takes it. */
export interface LinkIn extends IfInfoIn, LinkAttrsIn {
  /** Sets IFF_UP in `flags` and `change`. With both of those given it must agree with `flags`. */
  state?: 'up' | 'down' | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** A link that was read has all three, and goes back as it came. */
function writeState(w: Writer, base: number, value: unknown, o: Readonly<Record<string, unknown>>): void {
  if (value !== 'up' && value !== 'down')
    throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not one of up, down`);
  const flags = (base + 8) >> 2;
  const change = (base + 12) >> 2;
  const up = value === 'up';
  if (o.flags !== undefined && o.change !== undefined) {
    if (((w.u32[flags]! & IFF.UP) !== 0) !== up)
      throw new InputError('ERR_CONFLICT', '', `${value}, but flags say otherwise`);
    return;
  }
  w.u32[flags] = up ? w.u32[flags]! | IFF.UP : w.u32[flags]! & ~IFF.UP;
  // Flags without a mask mean all of them, and a mask of this one bit would make them nothing.
  if (o.flags === undefined || o.change !== undefined) w.u32[change] = w.u32[change]! | IFF.UP;
}

/** Link messages. */
export const ifinfmsg: MessageDef<Link & MessageExtras, LinkIn> = message<Link, LinkIn>({
  name: 'ifinfmsg',
  prefix: 'IFLA',
  header: ifinfo,
  fill: (r, o) => {
    o.family = r.u8(0);
    o.type = r.u16(2);
    o.index = r.s32(4);
    const flags = r.u32(8);
    o.flags = flags;
    o.change = r.u32(12);
    o.state = flags & IFF.UP ? 'up' : 'down';
  },
  table,
  types: {
    RTM_NEWLINK: RTM.RTM_NEWLINK,
    RTM_DELLINK: RTM.RTM_DELLINK,
    RTM_GETLINK: RTM.RTM_GETLINK,
    RTM_SETLINK: RTM.RTM_SETLINK,
    RTM_NEWLINKPROP: RTM.RTM_NEWLINKPROP,
    RTM_DELLINKPROP: RTM.RTM_DELLINKPROP,
  },
  virtual: { state: writeState },
});
