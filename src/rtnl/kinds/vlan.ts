/** vlan: one VLAN of a lower link. IFLA_VLAN_* of linux/if_link.h. */
import { be16, nest, nestArray, ranged, structOf, u16, words } from '../../codec/leaf.js';
import { struct } from '../../codec/struct.js';
import { attr, type In, type Out, type Type } from '../../codec/type.js';
import { VLAN_FLAG } from '../constants.js';

/** VLAN_FLAG_* bits, and which of them are meant. */
const vlanFlags = struct((r) => ({ flags: r.u32(0), mask: r.u32(4) }), 8, { flags: VLAN_FLAG, mask: VLAN_FLAG });

type Flags = number | keyof typeof VLAN_FLAG | readonly (keyof typeof VLAN_FLAG)[];
/** Flags of a VLAN. */
export interface VlanFlags extends ReturnType<typeof vlanFlags.make> {}
/** The same as input takes them: bits or their words. */
export interface VlanFlagsIn {
  flags: Flags;
  mask: Flags;
}

/** A priority of the socket buffer and one of the VLAN header: for packets that leave `from` is the former. */
const mapping = struct((r) => ({ from: r.u32(0), to: r.u32(4) }), 8);
export interface VlanQosMapping extends ReturnType<typeof mapping.make> {}
const qos = nestArray<VlanQosMapping, Partial<VlanQosMapping>>(structOf(mapping), 1);

const table = () => ({
  /** Of 1 to 4094; 0 is for frames that have a priority only. */
  id: attr(1, ranged(u16, 0, 4094)),
  flags: attr(2, structOf(vlanFlags) as Type<VlanFlags, VlanFlagsIn>),
  /** Packets that leave. A change adds to what is there; `to: 0` takes a mapping away. */
  egressQos: attr(3, qos),
  /** Packets that come in, `from` a priority of the VLAN header. */
  ingressQos: attr(4, qos),
  protocol: attr(5, words(be16, { '802.1Q': 0x8100, '802.1ad': 0x88a8 })),
});
export interface VlanData extends Out<typeof table> {}
export interface VlanDataIn extends In<typeof table> {}
export const vlan = nest<VlanData, VlanDataIn>('IFLA_VLAN', table);
