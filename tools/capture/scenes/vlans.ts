import type { Scene } from '../scene.js';

const BRIDGE = [
  '-echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6',
  '-ip link add br0 address 02:00:00:00:00:30 type bridge vlan_filtering 1 mcast_vlan_snooping 1 mcast_querier 1 vlan_stats_per_port 1',
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link add vx0 address 02:00:00:00:00:31 type vxlan external dstport 4789',
  '-for i in v0 vx0; do ip link set $i master br0; done; bridge link set dev vx0 vlan_tunnel on',
  '-for i in br0 v0 v1 vx0; do ip link set $i up; done',
];

/** VLANs of bridges and ports, by link messages and by the VLAN database. Needs VLAN filtering: captured in the virtual machine. */
export const vlanScenes: Scene[] = [
  {
    name: 'vlan',
    area: 'vlans',
    steps: [
      ...BRIDGE,
      ...['vid 5', 'vid 6 pvid untagged', 'vid 7 untagged', 'vid 10-20', 'vid 30-33 untagged'].map((vlan) => ({
        run: `bridge vlan add dev v0 ${vlan}`,
        show: 'bridge -d vlan show dev v0',
      })),
      { run: 'bridge vlan add dev br0 vid 10-20 self', show: 'bridge -d vlan show dev br0' },
      'bridge vlan add dev vx0 vid 10-20 master',
      'bridge vlan add dev vx0 vid 10-12 tunnel_info id 1000-1002',
      'bridge vlan add dev vx0 vid 15 tunnel_info id 77',
      'bridge vlan show',
      'bridge -d vlan show',
      'bridge vlan tunnelshow',
      'bridge -d vlan tunnelshow',
      'bridge -s vlan show dev v0',
      'bridge vlan show vid 15',
      'bridge vlan del dev vx0 vid 15 tunnel_info id 77',
      'bridge vlan del dev v0 vid 12-13',
      'bridge vlan del dev v0 vid 5',
      'bridge vlan del dev br0 vid 10 self',
    ],
  },
  {
    name: 'database',
    area: 'vlans',
    steps: [
      ...BRIDGE,
      '-bridge vlan add dev v0 vid 10-20; bridge vlan add dev br0 vid 10-20 self',
      ...[
        'vid 10 state blocking',
        'vid 11-12 state learning',
        'vid 13 mcast_router 2',
        'vid 17 mcast_router 2',
        'vid 14 mcast_max_groups 4294967295',
        'vid 15-16 neigh_suppress on',
      ].map((options) => ({
        run: `bridge vlan set dev v0 ${options}`,
        show: 'bridge -d vlan show dev v0',
      })),
      ...[
        'mcast_snooping 0',
        'mcast_igmp_version 3',
        'mcast_mld_version 2',
        'mcast_last_member_count 7',
        'mcast_startup_query_count 8',
        'mcast_last_member_interval 200',
        'mcast_membership_interval 30000',
        'mcast_querier_interval 20000',
        'mcast_query_interval 15000',
        'mcast_query_response_interval 900',
        'mcast_startup_query_interval 4000',
        'mcast_querier 1',
        'msti 3',
      ].map((option, i) => ({
        run: `bridge vlan global set dev br0 vid ${i % 2 ? 11 : '13-15'} ${option}`,
        show: 'bridge -d vlan global show',
      })),
      'bridge -d vlan global show dev br0 vid 13',
    ],
  },
  {
    name: 'events',
    area: 'vlans',
    events: true,
    steps: [
      ...BRIDGE,
      'bridge vlan add dev v0 vid 10-20',
      'bridge vlan set dev v0 vid 11-12 state blocking',
      'bridge vlan set dev v0 vid 13 mcast_router 2',
      'bridge vlan add dev v0 vid 7 pvid',
      'bridge vlan del dev v0 vid 14-15',
      'bridge vlan global set dev br0 vid 11 mcast_querier 1',
    ],
  },
];
