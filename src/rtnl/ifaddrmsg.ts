/** RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR: struct ifaddrmsg and IFA_* of linux/if_addr.h. */
import { cstrMax, ipByFamily, s32, structOf, u8, u32 } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF, IFA_F, RT_SCOPE } from './constants.js';

const header = struct(
  (r) => ({
    family: r.u8(0),
    prefixlen: r.u8(1),
    flags: r.u8(2),
    scope: r.u8(3),
    index: r.u32(4),
  }),
  8,
  { family: AF, flags: IFA_F, scope: RT_SCOPE },
);

/** Lifetimes in seconds (0xffffffff: forever) and times of creation and last update in hundredths of a second since boot. */
const cacheinfo = struct((r) => ({ prefered: r.u32(0), valid: r.u32(4), cstamp: r.u32(8), tstamp: r.u32(12) }), 16);

const table = () => ({
  /** The prefix's address; of a point-to-point link the peer's. */
  address: attr(1, ipByFamily),
  /** The interface's own address. IPv6 sends it only with a peer. */
  local: attr(2, ipByFamily),
  label: attr(3, cstrMax(15)),
  broadcast: attr(4, ipByFamily),
  anycast: attr(5, ipByFamily),
  cacheinfo: attr(6, structOf(cacheinfo)),
  multicast: attr(7, ipByFamily),
  /** IFA_F_* bits. */
  flags: attr(8, u32),
  /** Metric of the prefix route. */
  rtPriority: attr(9, u32),
  targetNetnsid: attr(10, s32),
  /** IFAPROT_*: who made the address (Linux 5.18). */
  proto: attr(11, u8),
  /** How many programs and parts of the kernel joined the group (Linux 7.3). */
  mcUsers: attr(12, u32),
});

export interface AddrAttrs extends Out<typeof table> {}
export interface AddrAttrsIn extends In<typeof table> {}

/** An address of an interface as the kernel has it. */
export interface Addr extends AddrAttrs {
  /** AF number: 2 inet, 10 inet6. */
  family: number;
  prefixlen: number;
  /** IFA_F_* bits. */
  flags: number;
  /** RT_SCOPE_* number. */
  scope: number;
  /** Index of the interface. */
  index: number;
}

/** An address as input takes it. */
export interface AddrIn extends Omit<AddrAttrsIn, 'flags'> {
  family?: number | keyof typeof AF | undefined;
  prefixlen?: number | undefined;
  flags?: number | readonly (keyof typeof IFA_F)[] | undefined;
  scope?: number | keyof typeof RT_SCOPE | undefined;
  index?: number | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Address messages. Flags above the header's eight bits go into IFA_FLAGS. */
export const ifaddrmsg: MessageDef<Addr & MessageExtras, AddrIn> = message<Addr, AddrIn>({
  name: 'ifaddrmsg',
  prefix: 'IFA',
  header,
  table,
  types: { RTM_NEWADDR: 20, RTM_DELADDR: 21, RTM_GETADDR: 22 },
  wide: { flags: (value) => value & 0xff },
});
