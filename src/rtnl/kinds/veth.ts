/** veth: a pair of links, each the other's wire. VETH_INFO_* of linux/veth.h. */
import { nest } from '../../codec/leaf.js';
import { attr, type In, type Out, type Type } from '../../codec/type.js';
import type { LinkAttrs, LinkAttrsIn } from '../ifinfmsg.js';
import { type IfInfo, type IfInfoIn, ifinfo, linkTable } from '../ifinfo.js';

/** The other end: a link message of its own inside the link. The kernel takes it at creation and never sends it. */
export interface VethPeer extends IfInfo, LinkAttrs {}
export interface VethPeerIn extends IfInfoIn, LinkAttrsIn {}

export const peerLink: Type<VethPeer, VethPeerIn> = nest<VethPeer, VethPeerIn>('IFLA', () => linkTable.get(), {
  header: ifinfo,
});

const table = () => ({
  peer: attr(1, peerLink),
});
export interface VethData extends Out<typeof table> {}
export interface VethDataIn extends In<typeof table> {}
export const veth: Type<VethData, VethDataIn> = nest<VethData, VethDataIn>('VETH_INFO', table);
