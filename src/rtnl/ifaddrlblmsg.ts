/** RTM_NEWADDRLABEL, RTM_DELADDRLABEL, RTM_GETADDRLABEL: struct ifaddrlblmsg and IFAL_* of linux/if_addrlabel.h. */
import { ipByFamily, u32 } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF } from './constants.js';

const header = struct(
  (r) => ({ family: r.u8(0), prefixlen: r.u8(2), flags: r.u8(3), index: r.u32(4), seq: r.u32(8) }),
  12,
  { family: AF },
);

const table = () => ({
  address: attr(1, ipByFamily),
  /** Addresses of the same label belong together when a source is chosen (RFC 6724). */
  label: attr(2, u32),
});

export interface AddrLabelAttrs extends Out<typeof table> {}
export interface AddrLabelAttrsIn extends In<typeof table> {}

/** The label of a prefix as the kernel has it. */
export interface AddrLabel extends AddrLabelAttrs {
  /** AF number: 10 inet6. */
  family: number;
  prefixlen: number;
  flags: number;
  /** Index of the interface that it is for, 0 for all. */
  index: number;
  /** Number of the last change of the whole table. */
  seq: number;
}

/** A label as input takes it. */
export interface AddrLabelIn extends AddrLabelAttrsIn {
  family?: number | keyof typeof AF | undefined;
  prefixlen?: number | undefined;
  flags?: number | undefined;
  index?: number | undefined;
  seq?: number | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Messages about labels of addresses. */
export const ifaddrlblmsg: MessageDef<AddrLabel & MessageExtras, AddrLabelIn> = message<AddrLabel, AddrLabelIn>({
  name: 'ifaddrlblmsg',
  prefix: 'IFAL',
  header,
  table,
  types: { RTM_NEWADDRLABEL: 72, RTM_DELADDRLABEL: 73, RTM_GETADDRLABEL: 74 },
});
