/** RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID: struct rtgenmsg and NETNSA_* of linux/net_namespace.h. */
import { netnsFd, s32, u32 } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF } from './constants.js';

const header = struct((r) => ({ family: r.u8(0) }), 1, { family: AF });

const table = () => ({
  /** Number by which this namespace knows the other one; -1: none. To be set, -1 means one that is free. */
  nsid: attr(1, s32),
  /** A process in the namespace; input only. */
  pid: attr(2, u32),
  /** A descriptor of the namespace; input only. */
  fd: attr(3, netnsFd),
  /** The namespace whose numbers are asked for, by its number here (Linux 5.0); input only. */
  targetNsid: attr(4, s32),
  /** With `targetNsid`: the number of the same namespace here (Linux 5.0). */
  currentNsid: attr(5, s32),
});

export interface NsidAttrs extends Out<typeof table> {}
export interface NsidAttrsIn extends In<typeof table> {}

/** A number by which one network namespace knows another. */
export interface Nsid extends NsidAttrs {
  family: number;
}

/** The same as input takes it. */
export interface NsidIn extends NsidAttrsIn {
  family?: number | keyof typeof AF | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Messages about numbers of namespaces. */
export const nsidmsg: MessageDef<Nsid & MessageExtras, NsidIn> = message<Nsid, NsidIn>({
  name: 'nsidmsg',
  prefix: 'NETNSA',
  header,
  table,
  types: { RTM_NEWNSID: 88, RTM_DELNSID: 89, RTM_GETNSID: 90 },
});
