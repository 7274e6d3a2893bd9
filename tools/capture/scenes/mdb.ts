import type { Scene, Step } from '../scene.js';

const BRIDGE = [
  // The machine's own groups have names that change.
  '-echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6',
  '-ip link add br0 address 02:00:00:00:00:30 type bridge mcast_igmp_version 3 mcast_mld_version 2',
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link add v2 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13',
  '-for i in br0 v0 v1 v2 v3; do ip link set $i up; done; ip link set v0 master br0; ip link set v2 master br0',
];

const entries = (dev: string, list: string[]): Step[] =>
  list.map((entry) => ({
    name: `add ${entry}`,
    run: `bridge mdb add dev ${dev} ${entry}`,
    show: `bridge -d mdb show dev ${dev}`,
    undo: `bridge mdb flush dev ${dev}`,
  }));

/** Multicast groups of bridges and VXLANs. Captured with iproute2 6.15, which has flushes, source lists and VXLAN. */
export const mdbScenes: Scene[] = [
  {
    name: 'bridge',
    area: 'mdb',
    steps: [
      ...BRIDGE,
      ...entries('br0', [
        'port v0 grp 239.1.1.1 permanent',
        'port v0 grp 239.1.1.1 temp',
        'port v0 grp ff05::1:2 permanent',
        'port v0 grp 01:02:03:04:05:06 permanent',
        'port br0 grp 239.1.1.9',
        'port v0 grp 239.1.1.1 permanent vid 4094',
        'port v0 grp 239.1.1.1 src 10.0.0.9 permanent',
        'port v0 grp ff05::1 src 2001:db8::9 permanent',
        'port v0 grp 239.1.1.1 permanent filter_mode include source_list 10.0.0.8,10.0.0.9',
        'port v0 grp 239.1.1.1 permanent filter_mode exclude source_list 10.0.0.8',
        'port v0 grp ff05::1 permanent filter_mode exclude source_list 2001:db8::8',
        'port v0 grp 239.1.1.1 permanent proto zebra',
        'port v0 grp 239.1.1.1 permanent proto 200',
      ]),
      '-bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent; bridge mdb add dev br0 port v2 grp 239.1.1.1 permanent; bridge mdb add dev br0 port v0 grp 239.1.1.2 permanent vid 5 proto 7',
      {
        run: 'bridge mdb replace dev br0 port v0 grp 239.1.1.1 permanent filter_mode include source_list 10.0.0.1',
        show: 'bridge -d mdb show',
      },
      'bridge mdb get dev br0 grp 239.1.1.1',
      'bridge mdb get dev br0 grp 239.1.1.2 vid 5',
      'bridge mdb get dev br0 src 10.0.0.1 grp 239.1.1.1',
      'bridge mdb del dev br0 port v2 grp 239.1.1.1',
      'bridge mdb del dev br0 port v0 grp 239.1.1.2 vid 5',
      'bridge mdb flush dev br0 port v0 proto 7',
      'bridge mdb flush dev br0 nopermanent',
      'bridge mdb flush dev br0 permanent vid 5',
      '-bridge link set dev v0 mcast_router 2; bridge link set dev v2 mcast_router 2',
      'bridge -d mdb show',
    ],
  },
  {
    name: 'vxlan',
    area: 'mdb',
    steps: [
      '-ip link add vx0 address 02:00:00:00:00:31 type vxlan external local 10.0.0.1 dstport 4789; ip link set vx0 up',
      ...entries('vx0', [
        'port vx0 grp 239.1.1.1 permanent dst 10.0.0.7',
        'port vx0 grp 239.1.1.1 permanent dst 2001:db8::7',
        'port vx0 grp 239.1.1.1 permanent dst 10.0.0.7 dst_port 4790',
        'port vx0 grp 239.1.1.1 permanent dst 10.0.0.7 vni 16777215',
        'port vx0 grp 239.1.1.1 permanent dst 10.0.0.7 src_vni 10',
        'port vx0 grp 239.1.1.1 permanent dst 10.0.0.7 via lo',
        'port vx0 grp 0.0.0.0 permanent dst 10.0.0.7',
        'port vx0 grp :: permanent dst 10.0.0.7',
        'port vx0 grp 239.1.1.1 src 10.0.0.9 permanent dst 10.0.0.7',
        'port vx0 grp ff05::1 permanent filter_mode include source_list 2001:db8::8 dst 10.0.0.7 proto bgp',
      ]),
      '-bridge mdb add dev vx0 port vx0 grp 239.1.1.1 permanent dst 10.0.0.7 src_vni 10',
      'bridge mdb get dev vx0 grp 239.1.1.1 src_vni 10',
      'bridge mdb flush dev vx0 dst 10.0.0.9 dst_port 5 vni 4 src_vni 3',
    ],
  },
  {
    name: 'events',
    area: 'mdb',
    events: true,
    steps: [
      ...BRIDGE,
      'bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent',
      'bridge mdb add dev br0 port v2 grp 239.1.1.1 permanent filter_mode include source_list 10.0.0.1',
      'bridge mdb replace dev br0 port v2 grp 239.1.1.1 permanent filter_mode exclude source_list 10.0.0.2',
      'bridge mdb del dev br0 port v2 grp 239.1.1.1',
      'bridge mdb del dev br0 port v0 grp 239.1.1.1',
    ],
  },
];
