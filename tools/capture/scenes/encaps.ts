import { routed, type Scene, type Step } from '../scene.js';

const NET = [
  '-modprobe -a mpls_iptunnel ila',
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link add v2 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13',
  '-for l in v0 v1 v2 v3; do ip link set $l up; done',
  '-ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.1.1/24 dev v2',
  '-ip addr add 2001:db8::1/64 dev v0; ip addr add 2001:db8:1::1/64 dev v2',
];
const FOUR = '10.9.0.0/16';
const SIX = '2001:db8:9::/48';

/** The route alone is shown, not all of them. */
const own = (family: '' | '-6', dst: string, encaps: string[]): Step[] =>
  routed(
    family,
    encaps.map((encap) => `${dst} ${encap}`),
  ).map((step) => ({ ...step, show: `ip ${family} route show ${dst}` }));

/** Routes whose packets are wrapped: every encapsulation that the kernel has. */
export const encapScenes: Scene[] = [
  {
    name: 'mpls',
    area: 'encaps',
    guestOnly: true,
    steps: [
      ...NET,
      ...own('', FOUR, [
        'encap mpls 100 via 10.0.0.2',
        'encap mpls 100/200 via 10.0.0.2',
        'encap mpls 16/1048575/74565 via 10.0.0.2',
        'encap mpls 100 ttl 77 via 10.0.0.2',
        'encap mpls 100 ttl 255 via 10.0.0.2',
        'nexthop encap mpls 100 via 10.0.0.2 nexthop encap mpls 200/300 ttl 9 via 10.0.1.2 weight 3',
      ]),
      ...own('-6', SIX, ['encap mpls 100/200 via 2001:db8::2']),
    ],
  },
  {
    name: 'seg6',
    area: 'encaps',
    guestOnly: true,
    steps: [
      ...NET,
      ...own('-6', SIX, [
        'encap seg6 mode encap segs fc00::1 dev v0',
        'encap seg6 mode encap segs fc00::1,fc00::2,2001:db8:77::3 dev v0',
        'encap seg6 mode encap.red segs fc00::1,fc00::2 dev v0',
        'encap seg6 mode inline segs fc00::1,fc00::2 dev v0',
        'encap seg6 mode l2encap segs fc00::1,fc00::2 dev v0',
        'encap seg6 mode l2encap.red segs fc00::1,fc00::2 dev v0',
        'encap seg6 mode encap segs fc00::1,fc00::2 hmac 305419896 dev v0',
        'encap seg6 mode inline segs fc00::1 hmac 7 dev v0',
        'nexthop encap seg6 mode encap segs fc00::1 via 2001:db8::2 nexthop encap seg6 mode encap segs fc00::2,fc00::3 via 2001:db8:1::2',
      ]),
      ...own('', FOUR, ['encap seg6 mode encap segs fc00::1,fc00::2 via 10.0.0.2']),
    ],
  },
  {
    name: 'seg6local',
    area: 'encaps',
    guestOnly: true,
    steps: [
      ...NET,
      '-ip link add r0 type vrf table 77; ip link set r0 up; sysctl -qw net.vrf.strict_mode=1',
      ...own('-6', SIX, [
        'encap seg6local action End dev v0',
        'encap seg6local action End.X nh6 fe80::2 dev v0',
        'encap seg6local action End.T table 100 dev v0',
        'encap seg6local action End.T table 305419896 dev v0',
        'encap seg6local action End.DX2 oif v2 dev v0',
        'encap seg6local action End.DX6 nh6 2001:db8::2 dev v0',
        'encap seg6local action End.DX4 nh4 10.0.0.2 dev v0',
        'encap seg6local action End.DT6 table 100 dev v0',
        'encap seg6local action End.DT6 vrftable 77 dev r0',
        'encap seg6local action End.DT4 vrftable 77 dev r0',
        'encap seg6local action End.DT46 vrftable 77 dev r0',
        'encap seg6local action End.B6 srh segs fc00::1,fc00::2 dev v0',
        'encap seg6local action End.B6.Encaps srh segs fc00::1,fc00::2 dev v0',
        'encap seg6local action End.B6.Encaps srh segs fc00::1,fc00::2 hmac 305419896 dev v0',
        'encap seg6local action End count dev v0',
        'encap seg6local action End flavors psp dev v0',
        'encap seg6local action End flavors psp,usp,usd dev v0',
        'encap seg6local action End flavors next-csid dev v0',
        'encap seg6local action End flavors next-csid lblen 48 nflen 32 dev v0',
        'encap seg6local action End.X nh6 fe80::2 flavors next-csid lblen 40 nflen 16 dev v0',
      ]),
    ],
  },
  {
    name: 'ip tunnel',
    area: 'encaps',
    guestOnly: true,
    steps: [
      ...NET,
      '-ip link add vx0 address 02:00:00:00:00:31 type vxlan external dstport 4789; ip link set vx0 up',
      '-ip link add gn0 address 02:00:00:00:00:32 type geneve external dstport 6081; ip link set gn0 up',
      '-ip link add er0 address 02:00:00:00:00:33 type erspan external; ip link set er0 up',
      ...own('', FOUR, [
        'encap ip id 100 dst 10.0.0.9 dev vx0',
        'encap ip id 0x123456789abcdef0 dst 10.0.0.9 dev vx0',
        'encap ip id 100 src 10.0.0.1 dst 10.0.0.9 ttl 9 tos 4 dev vx0',
        'encap ip id 100 dst 10.0.0.9 key csum seq dev vx0',
        'encap ip id 100 dst 10.0.0.9 vxlan_opts 305419896 dev vx0',
        'encap ip id 100 dst 10.0.0.9 geneve_opts 4660:80:00112233 dev gn0',
        'encap ip id 100 dst 10.0.0.9 geneve_opts 4660:80:00112233,1:255:0011223344556677 dev gn0',
        'encap ip id 100 dst 10.0.0.9 erspan_opts 1:74565:0:0 dev er0',
        'encap ip id 100 dst 10.0.0.9 erspan_opts 2:0:1:33 dev er0',
        'encap ip6 id 101 dst 2001:db8::9 dev vx0',
        'nexthop encap ip id 100 dst 10.0.0.9 dev vx0 nexthop encap ip id 101 dst 10.0.0.8 dev vx0',
      ]),
      ...own('-6', SIX, [
        'encap ip6 id 100 src 2001:db8::1 dst 2001:db8::9 hoplimit 9 tc 4 dev vx0',
        'encap ip6 id 0x123456789abcdef0 dst 2001:db8::9 key csum seq dev vx0',
        'encap ip6 id 100 dst 2001:db8::9 vxlan_opts 305419896 dev vx0',
        'encap ip6 id 100 dst 2001:db8::9 geneve_opts 4660:80:00112233 dev gn0',
        'encap ip6 id 100 dst 2001:db8::9 erspan_opts 2:0:1:33 dev er0',
        'encap ip id 100 dst 10.0.0.9 dev vx0',
      ]),
    ],
  },
  {
    name: 'other encapsulations',
    area: 'encaps',
    guestOnly: true,
    steps: [
      ...NET,
      '-ip link add x0 type xfrm external; ip link set x0 up',
      ...own('', FOUR, ['dev x0 encap xfrm if_id 305419896', 'dev x0 encap xfrm if_id 1 link_dev v0']),
      ...own('-6', SIX, [
        'dev x0 encap xfrm if_id 7',
        'encap ioam6 trace prealloc type 0x800000 ns 1 size 12 dev v0',
        'encap bpf headroom 10 dev v0',
        'encap rpl segs fc00::1,fc00::2 dev v0',
        'encap rpl segs fc00::1 dev v0',
        'encap rpl segs 2001:db8:1::2,fd12:3456::77,fc00:0:0:1:2:3:4:5 dev v0',
      ]),
      ...own('-6', '2001:db8:9:9::1/128', [
        'encap ila 1:2:3:4 csum-mode no-action ident-type luid hook-type output via 2001:db8::2',
        'encap ila 1234:5678:9abc:def0 csum-mode adj-transport ident-type luid hook-type input via 2001:db8::2',
        'encap ila 1:2:3:4 csum-mode neutral-map ident-type luid via 2001:db8::2',
        'encap ila 1:2:3:4 csum-mode neutral-map-auto ident-type luid via 2001:db8::2',
      ]),
    ],
  },
];
