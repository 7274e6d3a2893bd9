import { routed, type Scene } from '../scene.js';

const NET = [
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link add v2 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13',
  '-for l in v0 v1 v2 v3; do ip link set $l up; done',
  '-ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.1.1/24 dev v2',
  '-ip addr add 2001:db8::1/64 dev v0; ip addr add 2001:db8:1::1/64 dev v2',
];

const METRICS = [
  'mtu 1400', 'mtu lock 1400', 'window 5000', 'rtt 100', 'rtt 50ms', 'rttvar 20ms', 'ssthresh 10', 'ssthresh lock 10', 'cwnd lock 10', 'cwnd 12', 'advmss 1300',
  'advmss lock 1300', 'reordering 5', 'hoplimit 33', 'hoplimit lock 33', 'initcwnd 20', 'features ecn', 'rto_min 300ms', 'initrwnd 30',
  'quickack 1', 'fastopen_no_cookie 1', 'congctl bbr', 'congctl lock cubic',
];

/** Routes that are added: every attribute that iproute2 can write. */
export const routeScenes: Scene[] = [
  {
    name: 'route4',
    area: 'routes',
    steps: [
      ...NET,
      ...routed('', [
        '10.1.0.0/16 via 10.0.0.2', '10.1.0.0/16 dev v0', '10.1.0.1 via 10.0.0.2', 'default via 10.0.0.2', 'default dev v0 scope link', '10.1.0.0/16 via 10.0.0.2 dev v0',
        '10.1.0.0/16 via 192.168.7.7 dev v0 onlink', '10.1.0.0/16 via 10.0.0.2 src 10.0.0.1', '10.1.0.0/16 via 10.0.0.2 metric 100', '10.1.0.0/16 via 10.0.0.2 proto static',
        '10.1.0.0/16 via 10.0.0.2 proto bird', '10.1.0.0/16 via 10.0.0.2 proto 200', '10.1.0.0/16 dev v0 scope link', '10.1.0.0/16 dev v0 scope 150', '10.1.0.0/16 via 10.0.0.2 tos 0x10',
        '10.1.0.0/16 via 10.0.0.2 table 100', '10.1.0.0/16 via 10.0.0.2 table 1000', '10.1.0.0/16 via 10.0.0.2 table 4294967295', '10.1.0.0/16 via 10.0.0.2 table default',
        '10.1.0.0/16 via 10.0.0.2 table local', '10.1.0.0/16 via 10.0.0.2 realms 3/7', '10.1.0.0/16 via 10.0.0.2 realms 7',
        'blackhole 10.1.0.0/16', 'unreachable 10.1.0.0/16', 'prohibit 10.1.0.0/16', 'throw 10.1.0.0/16 table 100', 'broadcast 10.1.0.255 dev v0', 'local 10.1.0.1 dev v0',
        'local 10.1.0.0/16 dev lo table 100', 'anycast 10.1.0.1 dev v0', 'multicast 239.1.0.0/16 dev v0', 'nat 10.1.0.0/16 via 10.0.0.2', '10.1.0.0/16 via inet6 2001:db8::2 dev v0',
        '10.1.0.0/16 via inet6 fe80::2 dev v0', '10.1.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2',
        '10.1.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.1.2 dev v2 weight 200', '10.1.0.0/16 nexthop via 10.0.0.2 dev v0 onlink nexthop dev v2 weight 2',
        '10.1.0.0/16 nexthop via inet6 2001:db8::2 dev v0 nexthop via 10.0.1.2 dev v2', '10.1.0.0/16 proto static metric 5 mtu 1300 nexthop via 10.0.0.2 realms 4 nexthop via 10.0.1.2 realms 5/6',
        '10.1.0.0/16 nexthop via 192.168.9.9 dev v0 onlink weight 10 nexthop via 10.0.1.2 weight 1', '10.1.0.0/16 via 10.0.0.2 ttl-propagate enabled', '0.0.0.0/0 dev v0 metric 4294967295',
        '10.1.0.0/16 via 10.0.0.2 pref low', '10.1.0.0/16 via 10.0.0.2 expires 100', '10.1.0.0/16 via 10.0.0.2 as 10.0.0.5',
      ]),
      ...routed('', METRICS.map((metric) => `10.2.0.0/16 via 10.0.0.2 ${metric}`)),
      ...routed('', ['10.2.0.0/16 via 10.0.0.2 mtu 1400 advmss lock 1300 window 9 initcwnd 5 features ecn congctl lock cubic quickack 1']),
      'ip route append 10.1.0.0/16 via 10.0.0.2',
      'ip route append 10.1.0.0/16 via 10.0.0.3',
      'ip route prepend 10.1.0.0/16 via 10.0.0.4',
      'ip route change 10.1.0.0/16 via 10.0.0.5',
      'ip route replace 10.1.0.0/16 via 10.0.0.6 metric 3',
      'ip route test 10.1.0.0/16 via 10.0.0.4',
      'ip route del 10.1.0.0/16 metric 3',
      'ip route del 10.1.0.0/16 via 10.0.0.2',
      'ip route del 10.1.0.0/16',
      '-ip route add default via 10.0.0.2 table 100',
      'ip route del default table 100',
      '-ip route add default via 10.0.0.2 proto 99',
      'ip route flush proto 99',
    ],
  },
  {
    name: 'route6',
    area: 'routes',
    steps: [
      ...NET,
      ...routed('-6', [
        '2001:db8:9::/48 via 2001:db8::2', '2001:db8:9::/48 dev v0', '2001:db8:9::9 via 2001:db8::2', 'default via 2001:db8::2', '2001:db8:9::/48 via fe80::2 dev v0',
        '2001:db8:9::/48 via 2001:db8::2 metric 5', '2001:db8:9::/48 via 2001:db8::2 metric 0', '2001:db8:9::/48 via 2001:db8::2 proto static', '2001:db8:9::/48 via 2001:db8::2 src 2001:db8::1',
        '2001:db8:9::/48 via 2001:db8::2 table 1000', '2001:db8:9::/48 via 2001:db8::2 pref low', '2001:db8:9::/48 via 2001:db8::2 pref medium', '2001:db8:9::/48 via 2001:db8::2 pref high',
        '2001:db8:9::/48 via 2001:db8::2 expires 500', 'blackhole 2001:db8:9::/48', 'unreachable 2001:db8:9::/48', 'prohibit 2001:db8:9::/48', 'throw 2001:db8:9::/48',
        'local 2001:db8:9::1 dev v0', 'anycast 2001:db8:9::1 dev v0', 'multicast ff05::/16 dev v0', '2001:db8:9::/48 from 2001:db8:5::/48 via 2001:db8::2',
        '2001:db8:9::/48 nexthop via 2001:db8::2 nexthop via 2001:db8:1::2', '2001:db8:9::/48 nexthop via 2001:db8::2 weight 5 nexthop via fe80::2 dev v2 weight 7',
        '2001:db8:9::/48 nexthop via fe80::9 dev v0 onlink nexthop dev v2', '2001:db8:9::/48 via 2001:db8:77::2 dev v0 onlink', '2001:db8:9::/48 via 2001:db8::2 tos 0x10',
        '2001:db8:9::/48 via 2001:db8::2 realms 5', '2001:db8:9::/48 dev v0 scope link', '2001:db8:9::/48 via 2001:db8::2 ttl-propagate disabled',
      ]),
      ...routed('-6', METRICS.map((metric) => `2001:db8:8::/48 via 2001:db8::2 ${metric}`)),
      'ip -6 route append 2001:db8:9::/48 via 2001:db8::2',
      'ip -6 route append 2001:db8:9::/48 via 2001:db8::3',
      { run: 'ip -6 route append 2001:db8:9::/48 via 2001:db8:1::3', show: 'ip -6 route show table all' },
      'ip -6 route replace 2001:db8:9::/48 via 2001:db8::4',
      'ip -6 route del 2001:db8:9::/48',
      'ip -6 route del 2001:db8:9::/48 via 2001:db8:1::3 dev v2 metric 1024',
    ],
  },
  {
    name: 'nexthop',
    area: 'routes',
    steps: [
      ...NET,
      '-ip nexthop add id 1 via 10.0.0.2 dev v0; ip nexthop add id 2 via 10.0.1.2 dev v2; ip nexthop add id 3 group 1,10/2,20',
      '-ip nexthop add id 4 blackhole; ip nexthop add id 6 via 2001:db8::2 dev v0; ip nexthop add id 7 via fe80::7 dev v2; ip nexthop add id 8 group 6/7,3',
      '-ip nexthop add id 9 via inet6 fe80::9 dev v0',
      ...routed('', ['10.3.0.0/16 nhid 1', '10.3.0.0/16 nhid 3', '10.3.0.0/16 nhid 4', '10.3.0.0/16 nhid 6', '10.3.0.0/16 nhid 8 metric 7 proto static', '10.3.0.0/16 nhid 1 mtu 1400']),
      ...routed('-6', ['2001:db8:3::/48 nhid 6', '2001:db8:3::/48 nhid 8', '2001:db8:3::/48 nhid 7 metric 4']),
    ],
  },
  // No `geneve_opts` or `erspan_opts` here: Linux 6.18 dies in ip_tun_parse_opts (fortified memcpy) with the lock of all
  // network configuration held, and the whole machine needs a reboot. Capture those in a guest only.
  {
    name: 'encap',
    area: 'routes',
    steps: [
      ...NET,
      ...routed('', [
        '10.4.0.0/16 encap mpls 100 via 10.0.0.2', '10.4.0.0/16 encap mpls 100/200/300 ttl 5 via 10.0.0.2',
        '10.4.0.0/16 encap ip id 100 dst 10.9.9.9 dev v0', '10.4.0.0/16 encap ip id 100 src 10.9.9.8 dst 10.9.9.9 ttl 5 tos 4 dev v0', '10.4.0.0/16 encap ip id 7 dst 10.9.9.9 key csum seq dev v0',
        '10.4.0.0/16 encap ip id 7 dst 10.9.9.9 vxlan_opts 500 dev v0',
        '10.4.0.0/16 encap ip6 id 100 src 2001:db8::8 dst 2001:db8::9 hoplimit 7 tc 3 dev v0',
        '10.4.0.0/16 encap seg6 mode encap segs fc00::1 dev v0', '10.4.0.0/16 encap seg6 mode encap segs fc00::1,fc00::2,fc00::3 dev v0',
        '10.4.0.0/16 nexthop encap seg6 mode encap segs fc00::1 dev v0 nexthop encap ip id 9 dst 10.9.9.9 dev v2 weight 3',
        '10.4.0.0/16 encap bpf headroom 10 dev v0', '10.4.0.0/16 encap xfrm if_id 5 dev v0', '10.4.0.0/16 encap rpl segs fc00::1 dev v0',
      ]),
      ...routed('-6', [
        '2001:db8:4::/48 encap seg6 mode encap segs fc00::1,fc00::2 dev v0', '2001:db8:4::/48 encap seg6 mode inline segs fc00::1,fc00::2 dev v0', '2001:db8:4::/48 encap seg6 mode l2encap segs fc00::1 dev v0',
        '2001:db8:4::/48 encap seg6 mode encap.red segs fc00::1,fc00::2 dev v0', '2001:db8:4::/48 encap seg6 mode l2encap.red segs fc00::1 dev v0', '2001:db8:4::/48 encap seg6 mode encap segs fc00::1 hmac 7 dev v0',
        '2001:db8:4::1 encap seg6local action End dev v0', '2001:db8:4::1 encap seg6local action End count dev v0', '2001:db8:4::1 encap seg6local action End.X nh6 2001:db8::2 dev v0',
        '2001:db8:4::1 encap seg6local action End.T table 254 dev v0', '2001:db8:4::1 encap seg6local action End.DX2 oif v2 dev v0', '2001:db8:4::1 encap seg6local action End.DX4 nh4 10.0.0.2 dev v0',
        '2001:db8:4::1 encap seg6local action End.DX6 nh6 2001:db8::2 dev v0', '2001:db8:4::1 encap seg6local action End.DT6 table 254 dev v0', '2001:db8:4::1 encap seg6local action End.DT4 vrftable 100 dev v0',
        '2001:db8:4::1 encap seg6local action End.B6.Encaps srh segs fc00::1,fc00::2 dev v0', '2001:db8:4::1 encap seg6local action End flavors psp,usp,usd dev v0',
        '2001:db8:4::1 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev v0', '2001:db8:4::/48 encap ip6 id 9 dst 2001:db8::9 dev v0',
        '2001:db8:4::/48 encap ip id 9 dst 10.9.9.9 dev v0', '2001:db8:4::/48 encap ioam6 trace prealloc type 0x800000 ns 1 size 12 dev v0', '2001:db8:4::/48 encap mpls 55 via 2001:db8::2',
      ]),
    ],
  },
  {
    name: 'events',
    area: 'routes',
    events: true,
    steps: [
      ...NET,
      'ip route add 10.1.0.0/16 via 10.0.0.2',
      'ip route replace 10.1.0.0/16 via 10.0.0.3 mtu 1400',
      'ip route append 10.1.0.0/16 via 10.0.0.4',
      'ip route add 10.5.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 weight 5',
      'ip route add blackhole 10.6.0.0/16',
      'ip route del 10.1.0.0/16',
      'ip -6 route add 2001:db8:9::/48 via 2001:db8::2',
      'ip -6 route append 2001:db8:9::/48 via 2001:db8:1::2',
      'ip -6 route replace 2001:db8:9::/48 via 2001:db8::3',
      'ip -6 route del 2001:db8:9::/48',
      'ip link set v2 down',
      'ip link del v0',
    ],
  },
];
