import { addressed, type Scene } from '../scene.js';

const DEV = 'v0';
const VETH = [
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link set v0 up; ip link set v1 up',
];

/** Addresses of both families. */
export const addrScenes: Scene[] = [
  {
    name: 'addr4',
    area: 'addrs',
    steps: [
      ...VETH,
      ...addressed(DEV, [
        '10.0.0.1/24', '10.0.0.1/32', '10.0.0.1', '10.0.0.1/24 broadcast +', '10.0.0.1/24 broadcast 10.0.0.99', '10.0.0.1/24 broadcast -', '10.0.0.1/24 label v0:web',
        '10.0.0.1 peer 10.0.0.2/32', '10.0.0.1 peer 10.0.1.0/24', '10.0.0.1/24 scope link', '10.0.0.1/24 scope host', '10.0.0.1/24 scope 200',
        '10.0.0.1/24 valid_lft 3600 preferred_lft 1800', '10.0.0.1/24 valid_lft forever preferred_lft 0', '10.0.0.1/24 preferred_lft 60', '10.0.0.1/24 noprefixroute',
        '10.0.0.1/24 metric 500', '10.0.0.1/24 anycast 10.0.0.77', '10.0.0.1/0', '10.0.0.1/31',
        '10.0.0.1/24 broadcast + label v0:all metric 7 noprefixroute valid_lft 600 preferred_lft 300', '239.1.2.3/32 autojoin',
        '10.0.0.1/24 home', '10.0.0.1/24 nodad', '10.0.0.1/24 mngtmpaddr',
      ]),
      '-ip addr add 10.0.0.1/24 dev v0',
      { run: 'ip addr add 10.0.0.2/24 dev v0', show: 'ip addr show dev v0' },
      { run: 'ip addr change 10.0.0.1/24 dev v0 valid_lft 100 preferred_lft 50', show: 'ip addr show dev v0' },
      { run: 'ip addr replace 10.0.0.1/24 dev v0 metric 9', show: 'ip addr show dev v0' },
      { run: 'ip addr replace 10.0.0.3/24 dev v0', show: 'ip addr show dev v0' },
      'ip addr del 10.0.0.2/24 dev v0',
      'ip addr flush dev v0 scope global',
      'ip addr add 10.0.5.1/24 dev v0 broadcast + label v0:x',
      'ip addr del 10.0.5.1/24 dev v0 label v0:x',
    ],
  },
  {
    name: 'addr6',
    area: 'addrs',
    steps: [
      ...VETH,
      ...addressed(DEV, [
        '2001:db8::1/64', '2001:db8::1/128', '2001:db8::1', '2001:db8::1/64 nodad', '2001:db8::1/64 home', '2001:db8::1/64 mngtmpaddr', '2001:db8::1/64 noprefixroute',
        '2001:db8::1/64 valid_lft 3600 preferred_lft 1800', '2001:db8::1/64 preferred_lft 0', '2001:db8::1/64 metric 77',
        '2001:db8::1 peer 2001:db8::2/128', 'fe80::1234/64 scope link', 'fe80::55/10', 'ff02::1234/128 autojoin', '2001:db8::1/64 anycast 2001:db8::', '2001:db8::1/64 optimistic',
        'fd00::1/8 nodad home noprefixroute valid_lft 500 preferred_lft 400 metric 3', '2001:db8::1/64 scope site', '::ffff:10.0.0.1/128',
      ]),
      '-ip addr add 2001:db8::1/64 dev v0',
      { run: 'ip addr change 2001:db8::1/64 dev v0 valid_lft 100 preferred_lft 50', show: 'ip addr show dev v0' },
      { run: 'ip addr replace 2001:db8::1/64 dev v0 preferred_lft 0', show: 'ip addr show dev v0' },
      'ip addr del 2001:db8::1/64 dev v0',
      'ip addr del 2001:db8::1/64 dev v0 mngtmpaddr',
    ],
  },
  {
    name: 'show',
    area: 'addrs',
    steps: [
      ...VETH,
      '-ip addr add 10.0.0.1/24 dev v0 label v0:web; ip addr add 10.0.0.2/24 dev v0; ip addr add 2001:db8::1/64 dev v0; ip addr add 10.1.0.1/16 dev v1 scope link',
      'ip addr show',
      'ip -4 addr show',
      'ip -6 addr show',
      'ip addr show dev v0',
      'ip addr show scope link',
      'ip addr show to 10.0.0.0/24',
      'ip addr show label v0:web',
      'ip addr show permanent',
      'ip addr show secondary',
      'ip addr show up',
      'ip -6 addr show dev v1',
      'ip -4 addr show dev lo',
      '-echo 1 > /proc/sys/net/ipv6/conf/v0/accept_dad',
      '-ip link set v0 down; ip addr add 2001:db8:9::9/64 dev v0',
      'ip -6 addr show tentative',
      'ip addr flush dev v1',
    ],
  },
  {
    name: 'events',
    area: 'addrs',
    events: true,
    steps: [
      ...VETH,
      'ip addr add 10.0.0.1/24 dev v0',
      'ip addr add 10.0.0.2/24 dev v0 broadcast + label v0:b',
      'ip addr add 2001:db8::1/64 dev v0',
      'ip addr change 2001:db8::1/64 dev v0 valid_lft 100 preferred_lft 50',
      'ip addr del 10.0.0.1/24 dev v0',
      'ip addr del 2001:db8::1/64 dev v0',
      'ip link set v0 down',
    ],
  },
];
