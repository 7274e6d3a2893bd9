import { added, changed, type Scene } from '../scene.js';

const MAC = 'address 02:00:00:00:00:31';

/** vxlan: every option of iproute2. */
export const vxlanScenes: Scene[] = [
  {
    name: 'vxlan',
    area: 'links',
    steps: [
      '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11; ip link set v0 up',
      ...added(
        'vx0',
        'vxlan',
        [
          'id 42 dstport 4789', 'id 0 dstport 4789', 'id 16777215 dstport 4789', 'id 42 dstport 8472', 'id 42 dstport 0', 'id 42',
          'id 42 dstport 4789 remote 10.0.0.9', 'id 42 dstport 4789 remote 10.0.0.9 dev v0', 'id 42 dstport 4789 group 239.1.1.1 dev v0',
          'id 42 dstport 4789 remote 2001:db8::9', 'id 42 dstport 4789 group ff05::100 dev v0',
          'id 42 dstport 4789 local 10.0.0.1', 'id 42 dstport 4789 local 2001:db8::1', 'id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.9',
          'id 42 dstport 4789 local 2001:db8::1 remote 2001:db8::9', 'id 42 dstport 4789 dev v0',
          'id 42 dstport 4789 ttl 5', 'id 42 dstport 4789 ttl auto', 'id 42 dstport 4789 ttl inherit', 'id 42 dstport 4789 tos 0x10',
          'id 42 dstport 4789 tos inherit', 'id 42 dstport 4789 df unset', 'id 42 dstport 4789 df set', 'id 42 dstport 4789 df inherit',
          'id 42 dstport 4789 flowlabel 0x12345 local 2001:db8::1', 'id 42 dstport 4789 srcport 40000 50000',
          'id 42 dstport 4789 learning', 'id 42 dstport 4789 nolearning', 'id 42 dstport 4789 proxy', 'id 42 dstport 4789 rsc',
          'id 42 dstport 4789 l2miss', 'id 42 dstport 4789 l3miss', 'id 42 dstport 4789 noproxy norsc nol2miss nol3miss',
          'id 42 dstport 4789 ageing 77', 'id 42 dstport 4789 ageing none', 'id 42 dstport 4789 maxaddress 100', 'id 42 dstport 4789 maxaddress unlimited',
          'id 42 dstport 4789 udpcsum', 'id 42 dstport 4789 noudpcsum', 'id 42 dstport 4789 udp6zerocsumtx', 'id 42 dstport 4789 noudp6zerocsumtx',
          'id 42 dstport 4789 udp6zerocsumrx', 'id 42 dstport 4789 noudp6zerocsumrx', 'id 42 dstport 4789 remcsumtx', 'id 42 dstport 4789 remcsumrx',
          'id 42 dstport 4789 noremcsumtx noremcsumrx', 'external dstport 4789', 'external vnifilter dstport 4789', 'id 42 dstport 4789 noexternal',
          'id 42 dstport 4789 gbp', 'external gpe dstport 4790', 'id 42 dstport 4789 gpe',
          'id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.9 dev v0 ttl 9 tos 4 df set srcport 1000 2000 nolearning proxy rsc l2miss l3miss udpcsum ageing 5 maxaddress 9 gbp',
        ],
        MAC,
      ),
      `-ip link add vx1 ${MAC} type vxlan id 43 dstport 4789`,
      ...changed('vx1', 'type vxlan', [
        'id 43 remote 10.0.0.10', 'id 43 ttl 7', 'id 43 tos 8', 'id 43 nolearning', 'id 43 ageing 99', 'id 43 maxaddress 5', 'id 43 dev v0', 'id 43 df set', 'id 44',
      ]),
      `-ip link add vx2 address 02:00:00:00:00:36 type vxlan external vnifilter dstport 4799; ip link set vx2 up; bridge vni add dev vx2 vni 100-110`,
      'ip link show dev vx2',
      'ip link show type vxlan',
      'ip link del vx1 type vxlan',
    ],
  },
];
