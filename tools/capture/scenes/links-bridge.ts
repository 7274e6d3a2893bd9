import { added, changed, type Scene } from '../scene.js';

const MAC = 'address 02:00:00:00:00:30';

/** bridge and bridge_slave: every option of iproute2 one by one. */
export const bridgeScenes: Scene[] = [
  {
    name: 'bridge',
    area: 'links',
    steps: [
      ...added(
        'br0',
        'bridge',
        [
          '', 'forward_delay 400', 'hello_time 300', 'max_age 1200', 'ageing_time 12345', 'stp_state 1', 'priority 4096',
          'group_fwd_mask 0x4000', 'group_address 01:80:c2:00:00:0e', 'no_linklocal_learn 1', 'vlan_filtering 1',
          'vlan_protocol 802.1ad', 'vlan_default_pvid 7', 'vlan_stats_enabled 1', 'vlan_stats_per_port 1', 'mcast_snooping 0',
          'mcast_vlan_snooping 1', 'mcast_router 2', 'mcast_query_use_ifaddr 1', 'mcast_querier 1', 'mcast_hash_elasticity 8',
          'mcast_hash_max 512', 'mcast_last_member_count 5', 'mcast_startup_query_count 6', 'mcast_last_member_interval 200',
          'mcast_membership_interval 30000', 'mcast_querier_interval 20000', 'mcast_query_interval 15000',
          'mcast_query_response_interval 900', 'mcast_startup_query_interval 4000', 'mcast_stats_enabled 1', 'mcast_igmp_version 3',
          'mcast_mld_version 2', 'nf_call_iptables 1', 'nf_call_ip6tables 1', 'nf_call_arptables 1', 'stp_state 0 priority 0 forward_delay 200',
        ],
        MAC,
      ),
      `-ip link add br1 ${MAC} type bridge`,
      ...changed('br1', 'type bridge', [
        'fdb_flush', 'ageing_time 0', 'priority 65535', 'mcast_snooping 1 mcast_querier 0 mcast_router 0', 'stp_state 1 hello_time 100',
        'group_fwd_mask 0xfff8',
      ]),
      'ip link set br1 up',
      'ip link show dev br1',
      'ip link del br1 type bridge',
    ],
  },
  {
    name: 'bridge_slave',
    area: 'links',
    steps: [
      `-ip link add br0 ${MAC} type bridge`,
      '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
      '-ip link add v2 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13',
      { run: 'ip link set v0 master br0', show: 'ip link show dev v0' },
      '-ip link set v2 master br0',
      ...changed('v0', 'type bridge_slave', [
        'fdb_flush', 'state 0', 'priority 9', 'cost 777', 'guard on', 'hairpin on', 'fastleave on', 'root_block on', 'learning off', 'flood off',
        'proxy_arp on', 'proxy_arp_wifi on', 'mcast_router 2', 'mcast_fast_leave on', 'mcast_flood off', 'bcast_flood off',
        'mcast_to_unicast on', 'group_fwd_mask 0x4000', 'neigh_suppress on', 'vlan_tunnel on', 'isolated on', 'locked on',
        'backup_port v2', 'nobackup_port', 'guard off hairpin off cost 100 priority 32',
      ]),
      '-ip link set v0 up; ip link set v1 up; ip link set br0 up',
      'ip link show dev v0',
      'ip link show master br0',
      { run: 'ip link set v0 nomaster', show: 'ip link show dev v0' },
      'ip link set v2 master br0 mtu 1400 up',
    ],
  },
];
