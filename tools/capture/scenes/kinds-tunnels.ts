import { changed, made, type Scene, type Step } from '../scene.js';

// Without the modules of the outer UDP the kernel refuses `encap`.
const NET =
  '-modprobe -a fou fou6; ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11; ip link set v0 up';
const show = (dev: string, run: string): Step => ({ run, show: `ip link show dev ${dev}` });

const OVER4 = [
  'remote 10.0.0.9',
  'remote 10.0.0.9 local 10.0.0.1',
  'remote 10.0.0.9 ttl 9',
  'remote 10.0.0.9 ttl 255',
  'remote 10.0.0.9 ttl inherit',
  'remote 10.0.0.9 tos 0x10',
  'remote 10.0.0.9 tos inherit',
  'remote 10.0.0.9 pmtudisc ttl 3',
  'remote 10.0.0.9 nopmtudisc',
  'remote 10.0.0.9 dev v0',
  'remote 10.0.0.9 fwmark 305419896',
  'external',
];
const KEYED4 = ['remote 10.0.0.9 key 4660', 'remote 10.0.0.9 key 1.2.3.4', 'remote 10.0.0.9 ikey 1 okey 4294967295'];
const KEYED6 = ['remote 2001:db8::9 key 4660', 'remote 2001:db8::9 ikey 1 okey 4294967295'];
const FOU = (remote: string): string[] => [
  `remote ${remote} encap none`,
  `remote ${remote} encap fou encap-sport auto encap-dport 5555`,
  `remote ${remote} encap gue encap-sport 4660 encap-dport 5555 encap-csum`,
  `remote ${remote} encap gue encap-dport 5555 encap-udp6-csum encap-remcsum`,
];
const GRE4 = [
  ...OVER4,
  ...KEYED4,
  'remote 10.0.0.9 csum',
  'remote 10.0.0.9 icsum ocsum seq',
  'remote 10.0.0.9 iseq',
  'remote 10.0.0.9 oseq',
  'remote 10.0.0.9 nopmtudisc ignore-df',
  'remote 10.0.0.9 noignore-df',
  ...FOU('10.0.0.9'),
];
const OVER6 = [
  'remote 2001:db8::9',
  'remote 2001:db8::9 local 2001:db8::1',
  'remote 2001:db8::9 hoplimit 9',
  'remote 2001:db8::9 ttl 255',
  'remote 2001:db8::9 encaplimit 7',
  'remote 2001:db8::9 encaplimit none',
  'remote 2001:db8::9 tclass 0x10',
  'remote 2001:db8::9 tclass inherit',
  'remote 2001:db8::9 flowlabel 0x12345',
  'remote 2001:db8::9 flowlabel inherit',
  'remote 2001:db8::9 dscp inherit',
  'remote 2001:db8::9 fwmark 305419896',
  'remote 2001:db8::9 fwmark inherit',
  'remote 2001:db8::9 allow-localremote',
  'remote 2001:db8::9 dev v0',
  'external',
];
const GRE6 = [
  ...OVER6,
  ...KEYED6,
  'remote 2001:db8::9 csum seq',
  'remote 2001:db8::9 iseq ocsum',
  ...FOU('2001:db8::9'),
];
const ERSPAN = [
  'seq key 5 erspan_ver 1 erspan 1048575',
  'seq key 5 erspan_ver 2 erspan_dir ingress erspan_hwid 63',
  'seq key 5 erspan_ver 2 erspan_dir egress erspan_hwid 4',
  'seq key 5 erspan_ver 0',
];

/** geneve and the tunnels over IP. */
export const tunnelKindScenes: Scene[] = [
  {
    name: 'geneve',
    area: 'kinds',
    guestOnly: true,
    steps: [
      ...made(
        'g0',
        'geneve',
        [
          'id 42 remote 10.0.0.9',
          'id 0 remote 10.0.0.9',
          'id 16777215 remote 10.0.0.9',
          'id 42 remote 2001:db8::9',
          'id 42 remote 10.0.0.9 ttl 5',
          'id 42 remote 10.0.0.9 ttl auto',
          'id 42 remote 10.0.0.9 ttl inherit',
          'id 42 remote 10.0.0.9 tos 0x10',
          'id 42 remote 10.0.0.9 tos inherit',
          'id 42 remote 10.0.0.9 df unset',
          'id 42 remote 10.0.0.9 df set',
          'id 42 remote 10.0.0.9 df inherit',
          'id 42 remote 2001:db8::9 flowlabel 0x12345',
          'id 42 remote 10.0.0.9 dstport 4660',
          'id 42 remote 10.0.0.9 udpcsum',
          'id 42 remote 10.0.0.9 noudpcsum',
          'id 42 remote 2001:db8::9 udp6zerocsumtx udp6zerocsumrx',
          'id 42 remote 2001:db8::9 noudp6zerocsumtx noudp6zerocsumrx',
          'external',
          'external dstport 4661 innerprotoinherit',
          'id 42 remote 10.0.0.9 local 10.0.0.1',
          'id 42 remote 2001:db8::9 local 2001:db8::1',
        ],
        'address 02:00:00:00:00:31',
      ),
      show(
        'g1',
        'ip link add g1 address 02:00:00:00:00:31 type geneve id 11259375 remote 10.0.0.9 ttl 9 tos 4 df set dstport 4660 noudpcsum',
      ),
      ...changed('g1', 'type geneve', ['id 11259375 remote 10.0.0.10 ttl 7', 'id 11259375 remote 10.0.0.10 tos 8']),
      show(
        'g2',
        'ip link add g2 address 02:00:00:00:00:32 type geneve id 43 remote 2001:db8::9 local 2001:db8::1 ttl inherit flowlabel 0x12345 df inherit udp6zerocsumtx udp6zerocsumrx dstport 4662',
      ),
      show('g3', 'ip link add g3 address 02:00:00:00:00:33 type geneve external dstport 4663 innerprotoinherit'),
    ],
  },
  {
    name: 'gre',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('g0', 'gre', GRE4),
      show(
        'g1',
        'ip link add g1 type gre remote 10.0.0.9 local 10.0.0.1 dev v0 ttl 9 tos 4 ikey 4660 okey 1.2.3.4 icsum oseq fwmark 305419896 encap gue encap-sport 4660 encap-dport 5555 encap-csum encap-remcsum',
      ),
      ...changed('g1', 'type gre', ['remote 10.0.0.8 local 10.0.0.2 ttl 8 key 7']),
      show('g2', 'ip link add g2 type gre remote 10.0.0.7 nopmtudisc ignore-df'),
      show('g3', 'ip link add g3 type gre external'),
    ],
  },
  {
    name: 'gretap',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made(
        'g0',
        'gretap',
        ['remote 10.0.0.9 ttl 9 tos 4 key 4660 csum seq dev v0', 'remote 10.0.0.9 nopmtudisc ignore-df', 'external'],
        'address 02:00:00:00:00:31',
      ),
      show(
        'g1',
        'ip link add g1 address 02:00:00:00:00:31 type gretap remote 10.0.0.9 local 10.0.0.1 key 4660 csum ttl 7',
      ),
      ...changed('g1', 'type gretap', ['remote 10.0.0.8 ttl 8 key 7']),
      ...made(
        'e0',
        'erspan',
        ERSPAN.map((options) => `remote 10.0.0.9 ${options}`),
        'address 02:00:00:00:00:31',
      ),
      show(
        'e1',
        'ip link add e1 address 02:00:00:00:00:31 type erspan remote 10.0.0.9 local 10.0.0.1 seq key 5 erspan_ver 1 erspan 74565',
      ),
      show(
        'e2',
        'ip link add e2 address 02:00:00:00:00:31 type erspan remote 10.0.0.9 local 10.0.0.1 seq key 6 erspan_ver 2 erspan_dir egress erspan_hwid 33',
      ),
    ],
  },
  {
    name: 'ip6gre',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('g0', 'ip6gre', GRE6),
      show(
        'g1',
        'ip link add g1 type ip6gre remote 2001:db8::9 local 2001:db8::1 dev v0 hoplimit 9 encaplimit 7 tclass 0x10 flowlabel 0x12345 ikey 4660 okey 1.2.3.4 icsum oseq dscp inherit allow-localremote encap fou encap-sport 4660 encap-dport 5555 encap-udp6-csum',
      ),
      ...changed('g1', 'type ip6gre', ['remote 2001:db8::8 hoplimit 8 encaplimit none']),
      show('g2', 'ip link add g2 type ip6gre remote 2001:db8::7 tclass inherit flowlabel inherit fwmark inherit'),
      show('g3', 'ip link add g3 type ip6gre external'),
    ],
  },
  {
    name: 'ip6gretap',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made(
        'g0',
        'ip6gretap',
        ['remote 2001:db8::9 hoplimit 9 key 4660 csum seq dev v0', 'external'],
        'address 02:00:00:00:00:31',
      ),
      show(
        'g1',
        'ip link add g1 address 02:00:00:00:00:31 type ip6gretap remote 2001:db8::9 local 2001:db8::1 key 4660 fwmark 7',
      ),
      ...made(
        'e0',
        'ip6erspan',
        ERSPAN.map((options) => `remote 2001:db8::9 ${options}`),
        'address 02:00:00:00:00:31',
      ),
      show(
        'e1',
        'ip link add e1 address 02:00:00:00:00:31 type ip6erspan remote 2001:db8::9 local 2001:db8::1 seq key 6 erspan_ver 2 erspan_dir egress erspan_hwid 33',
      ),
    ],
  },
  {
    name: 'ipip',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('t0', 'ipip', [
        ...OVER4,
        ...FOU('10.0.0.9'),
        'remote 10.0.0.9 mode ipip',
        'remote 10.0.0.9 mode mplsip',
        'remote 10.0.0.9 mode any',
      ]),
      show(
        't1',
        'ip link add t1 type ipip remote 10.0.0.9 local 10.0.0.1 dev v0 ttl 9 tos 4 fwmark 305419896 mode any encap fou encap-sport 4660 encap-dport 5555 encap-csum',
      ),
      ...changed('t1', 'type ipip', ['remote 10.0.0.8 ttl 8 fwmark 0']),
      show('t2', 'ip link add t2 type ipip external'),
    ],
  },
  {
    name: 'sit',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('t0', 'sit', [
        'remote 10.0.0.9',
        'remote 10.0.0.9 mode ip6ip',
        'remote 10.0.0.9 mode ipip',
        'remote 10.0.0.9 mode mplsip',
        'remote 10.0.0.9 mode any',
        'local 10.0.0.1 isatap',
        'local 10.0.0.1 ttl 64 6rd-prefix 2001:db8::/32',
        'local 10.0.0.1 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8',
        ...FOU('10.0.0.9'),
      ]),
      show(
        't1',
        'ip link add t1 type sit remote 10.0.0.9 local 10.0.0.1 dev v0 ttl 9 tos 4 fwmark 305419896 mode any encap gue encap-sport 4660 encap-dport 5555 encap-remcsum',
      ),
      show('t2', 'ip link add t2 type sit local 10.0.0.2 ttl 64 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8'),
      show('t3', 'ip link add t3 type sit local 10.0.0.3 isatap'),
      ...changed('t2', 'type sit', ['6rd-prefix 2001:db8:1::/48 6rd-relay_prefix 10.1.0.0/16']),
    ],
  },
  {
    name: 'ip6tnl',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('t0', 'ip6tnl', [
        ...OVER6,
        ...FOU('2001:db8::9'),
        'remote 2001:db8::9 mode ip6ip6',
        'remote 2001:db8::9 mode ipip6',
        'remote 2001:db8::9 mode any',
      ]),
      show(
        't1',
        'ip link add t1 type ip6tnl remote 2001:db8::9 local 2001:db8::1 dev v0 hoplimit 9 encaplimit 7 tclass 0x10 flowlabel 0x12345 dscp inherit allow-localremote mode any encap fou encap-sport 4660 encap-dport 5555 encap-udp6-csum',
      ),
      ...changed('t1', 'type ip6tnl', ['remote 2001:db8::8 hoplimit 8 encaplimit none mode ipip6']),
      show('t2', 'ip link add t2 type ip6tnl external'),
    ],
  },
  {
    name: 'vti',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('t0', 'vti', [
        'remote 10.0.0.9',
        ...KEYED4,
        'remote 10.0.0.9 local 10.0.0.1 key 7 dev v0 fwmark 305419896',
      ]),
      ...made('t0', 'vti6', [
        'remote 2001:db8::9',
        ...KEYED6,
        'remote 2001:db8::9 local 2001:db8::1 key 7 dev v0 fwmark 305419896',
      ]),
      show(
        't1',
        'ip link add t1 type vti remote 10.0.0.9 local 10.0.0.1 ikey 4660 okey 1.2.3.4 dev v0 fwmark 305419896',
      ),
      ...changed('t1', 'type vti', ['remote 10.0.0.8 fwmark 7']),
      show(
        't2',
        'ip link add t2 type vti6 remote 2001:db8::9 local 2001:db8::1 ikey 4660 okey 1.2.3.4 dev v0 fwmark 305419896',
      ),
    ],
  },
  {
    name: 'xfrm',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made('x0', 'xfrm', ['if_id 1', 'if_id 305419896', 'if_id 0xffffffff', 'dev v0 if_id 7', 'external']),
      show('x1', 'ip link add x1 type xfrm dev v0 if_id 305419896'),
      show('x2', 'ip link add x2 type xfrm external'),
    ],
  },
  {
    name: 'gtp',
    area: 'kinds',
    guestOnly: true,
    steps: [
      ...made('g0', 'gtp', ['role sgsn', 'role ggsn', 'role sgsn hsize 4660', 'role ggsn restart_count 77']),
      show('g1', 'ip link add g1 type gtp role sgsn hsize 4660 restart_count 77'),
    ],
  },
  {
    name: 'macsec',
    area: 'kinds',
    guestOnly: true,
    steps: [
      NET,
      ...made(
        'm0',
        'macsec',
        [
          '',
          'port 4660',
          'sci 0x1122334455667788',
          'address 02:00:00:00:77:01',
          'cipher gcm-aes-128',
          'cipher gcm-aes-256',
          'cipher gcm-aes-xpn-128',
          'cipher gcm-aes-xpn-256',
          'icvlen 8',
          'encrypt on',
          'encrypt off',
          'send_sci off',
          'send_sci off end_station on',
          'send_sci off scb on',
          'protect off',
          'replay on window 305419896',
          'replay off',
          'validate strict',
          'validate check',
          'validate disabled',
          'encodingsa 3',
          'offload off',
        ],
        'link v0',
      ),
      show(
        'm1',
        'ip link add m1 link v0 type macsec sci 0x1122334455667788 cipher gcm-aes-256 icvlen 8 encrypt on replay on window 305419896 validate check encodingsa 2',
      ),
      ...changed('m1', 'type macsec', ['encodingsa 1 encrypt off validate disabled replay off']),
      show('m2', 'ip link add m2 link v0 type macsec port 4660 protect off send_sci off scb on'),
      show('m3', 'ip link add m3 link v0 type macsec port 4661 cipher gcm-aes-xpn-256'),
    ],
  },
];
