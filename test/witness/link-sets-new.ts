/** Options of bridge, bridge_slave and vxlan that came after iproute2 6.1: what the newest kernel and `ip` know. */
import { type LinkSet, pair, UP } from './link-set.js';

const SWITCHES = ['mst_enable', 'mdb_offload_fail_notification', 'fdb_local_vlan_0'] as const;

export const newSet: LinkSet = {
  name: 'options newer than iproute2 6.1',
  kinds: ['bridge', 'veth', 'vxlan'],
  needs: '7.2',
  ours: [
    [
      'add',
      {
        ifname: 'br0',
        kind: 'bridge',
        bridge: { fdbMaxLearned: 77, stpMode: 'user', multiBoolopt: { optval: SWITCHES, optmask: SWITCHES } },
      },
    ],
    pair('e0', 'e1'),
    ['set', { dev: 'e0', master: 'br0' }],
    [
      'set',
      {
        dev: 'e0',
        kind: 'bridge_slave',
        bridge_slave: { neighVlanSuppress: true, neighForwardGrat: true, learning: true, locked: true, mab: true },
      },
    ],
    ['set', { dev: 'e1', ...UP, gsoIpv4MaxSize: 30001, groIpv4MaxSize: 20003 }],
    [
      'add',
      {
        ifname: 'vx0',
        kind: 'vxlan',
        vxlan: { id: 41, port: 4788, localbypass: false, reservedBits: { flags: 0xf7000001, vni: 0x2 } },
      },
    ],
    [
      'add',
      { ifname: 'vx1', kind: 'vxlan', vxlan: { id: 42, group: '239.1.1.1', link: 'e1', port: 4789, mcRoute: true } },
    ],
    [
      'add',
      { ifname: 'vx2', kind: 'vxlan', vxlan: { id: 43, group6: '2001:db8::9', port: 4790, labelPolicy: 'inherit' } },
    ],
  ],
  ip: [
    'link add br0 type bridge fdb_max_learned 77 stp_mode user mst_enabled 1 mdb_offload_fail_notification 1 fdb_local_vlan_0 1',
    'link add e0 type veth peer name e1',
    'link set e0 master br0',
    'link set e0 type bridge_slave neigh_vlan_suppress on neigh_forward_grat on learning on locked on mab on',
    'link set e1 up gso_ipv4_max_size 30001 gro_ipv4_max_size 20003',
    'link add vx0 type vxlan id 41 dstport 4788 nolocalbypass reserved_bits 0xf700000100000002',
    'link add vx1 type vxlan id 42 group 239.1.1.1 dev e1 dstport 4789 mcroute',
    'link add vx2 type vxlan id 43 remote 2001:db8::9 dstport 4790',
  ],
  changes: [
    [
      'set',
      {
        dev: 'br0',
        kind: 'bridge',
        bridge: { fdbMaxLearned: 0, stpMode: 'kernel', multiBoolopt: { optval: [], optmask: ['fdb_local_vlan_0'] } },
      },
    ],
    ['set', { dev: 'e0', kind: 'bridge_slave', bridge_slave: { mab: false, neighVlanSuppress: false } }],
    ['set', { dev: 'vx0', kind: 'vxlan', vxlan: { id: 41, localbypass: true } }],
  ],
};
