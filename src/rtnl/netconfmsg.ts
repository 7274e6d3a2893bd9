/** RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF: struct netconfmsg and NETCONFA_* of linux/netconf.h. */
import { s32, words } from '../codec/leaf.js';
import { type MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type UnknownAttr } from '../codec/type.js';
import { AF } from './constants.js';

const header = struct((r) => ({ family: r.u8(0) }), 1, { family: AF });

const table = () => ({
  /** Index of the interface; -1: all, -2: what new ones get. */
  ifindex: attr(1, s32),
  forwarding: attr(2, s32),
  /** Of IPv4: whether the source of a packet must be reachable. */
  rpFilter: attr(3, words(s32, { off: 0, strict: 1, loose: 2 })),
  mcForwarding: attr(4, s32),
  proxyNeigh: attr(5, s32),
  ignoreRoutesWithLinkdown: attr(6, s32),
  /** Of MPLS: whether packets with labels are taken (Linux 4.12). */
  input: attr(7, s32),
  /** Of IPv4 (Linux 5.0). */
  bcForwarding: attr(8, s32),
  /** Of IPv6 (Linux 6.17). */
  forceForwarding: attr(9, s32),
});

export interface NetconfAttrs extends Out<typeof table> {}
export interface NetconfAttrsIn extends In<typeof table> {}

/** What an interface does with packets that are not its own. */
export interface Netconf extends NetconfAttrs {
  /** AF number: 2 inet, 10 inet6, 28 mpls. */
  family: number;
}

/** As input takes it. */
export interface NetconfIn extends NetconfAttrsIn {
  family?: number | keyof typeof AF | undefined;
  unknown?: UnknownAttr[] | undefined;
}

/** Messages about the configuration of forwarding. */
export const netconfmsg: MessageDef<Netconf & MessageExtras, NetconfIn> = message<Netconf, NetconfIn>({
  name: 'netconfmsg',
  prefix: 'NETCONFA',
  header,
  table,
  types: { RTM_NEWNETCONF: 80, RTM_DELNETCONF: 81, RTM_GETNETCONF: 82 },
});
