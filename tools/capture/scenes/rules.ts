import type { Scene, Step } from '../scene.js';

/** One step per rule: added, listed and deleted again. */
const rules = (ip: string, list: string[]): Step[] =>
  list.map((rule) => ({
    name: `add ${rule}`,
    run: `${ip} rule add ${rule} pref 500`,
    show: `${ip} -d rule show`,
    undo: `${ip} rule del pref 500`,
  }));

/** What both families have. */
const BOTH = [
  'table 100',
  'table 4294967295',
  'lookup main',
  'iif v0 lookup 100',
  'iif absent0 lookup 100',
  'oif v1 lookup 100',
  'fwmark 0x10 lookup 100',
  'fwmark 0x10/0xff lookup 100',
  'fwmark 0/0xff lookup 100',
  'tos 0x10 lookup 100',
  'dscp 10 lookup 100',
  'dscp 8/0x38 lookup 100',
  'uidrange 1000-2000 lookup 100',
  'ipproto tcp lookup 100',
  'ipproto 200 lookup 100',
  'ipproto udp sport 80 lookup 100',
  'ipproto udp sport 80-90 lookup 100',
  'ipproto udp dport 1000-65534 lookup 100',
  'sport 0x50/0xff lookup 100',
  'dport 0x1000/0xf000 lookup 100',
  'tun_id 77 lookup 100',
  'suppress_prefixlength 0 lookup main',
  'suppress_prefixlength 24 lookup main',
  'suppress_ifgroup 7 lookup main',
  'protocol bgp lookup 100',
  'protocol 200 lookup 100',
  'l3mdev',
  'not iif v0 lookup 100',
  'blackhole',
  'unreachable',
  'prohibit',
  'nop',
  'goto 32766',
  'goto 1000',
  'realms 3/7 lookup 100',
];

/** Policy rules. Captured with iproute2 6.15, which knows DSCP, flow labels and masks of ports. */
export const ruleScenes: Scene[] = [
  {
    name: 'rule4',
    area: 'rules',
    steps: [
      '-ip link add v0 type veth peer name v1',
      ...rules('ip', [
        'from 10.0.0.0/8 lookup 100',
        'from 10.0.0.1 lookup 100',
        'to 10.1.0.0/16 lookup 100',
        'from 10.0.0.0/8 to 192.168.0.0/16 lookup 100',
        'not from 10.0.0.0/8 lookup 100',
        ...BOTH,
        'from 10.0.0.0/8 to 10.1.0.1 iif v0 oif v1 fwmark 0x12345678/0xfedcba98 tos 0x8 ipproto tcp sport 258 dport 513-772 uidrange 16909060-33752069 tun_id 283686952306183 table 287454020 suppress_prefixlength 17 suppress_ifgroup 99 protocol 66 realms 25/77',
      ]),
      'ip rule show',
      'ip rule add from 10.0.0.0/8 lookup 100',
      'ip rule add from 10.0.0.0/8 lookup 100',
      'ip rule add from 10.9.0.0/16 lookup 100',
      'ip rule del from 10.9.0.0/16',
      'ip rule del pref 4000',
      'ip rule del lookup 100',
    ],
  },
  {
    name: 'rule6',
    area: 'rules',
    steps: [
      '-ip link add v0 type veth peer name v1',
      ...rules('ip -6', [
        'from 2001:db8::/32 lookup 100',
        'from 2001:db8::1 lookup 100',
        'to 2001:db8:1::/48 lookup 100',
        'from fe80::/10 to ff00::/8 lookup 100',
        'flowlabel 0x12345 lookup 100',
        'flowlabel 0x12000/0xff000 lookup 100',
        ...BOTH,
      ]),
      'ip -6 rule show',
      'ip -6 rule del lookup main',
    ],
  },
  {
    name: 'events',
    area: 'rules',
    events: true,
    steps: [
      'ip rule add from 10.0.0.0/8 lookup 100 pref 500',
      'ip rule add fwmark 0x10/0xff prohibit pref 501',
      'ip -6 rule add from 2001:db8::/32 lookup 1000 pref 500',
      'ip rule del pref 500',
      'ip -6 rule del pref 500',
    ],
  },
];
