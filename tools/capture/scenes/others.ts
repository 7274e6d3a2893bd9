import type { Scene } from '../scene.js';

const LINKS = [
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link set v0 up; ip link set v1 up',
];

const PARMS = [
  'base_reachable 12000',
  'retrans 2000',
  'gc_stale 90000',
  'delay_probe 7000',
  'queue 300',
  'app_probes 2',
  'ucast_probes 5',
  'mcast_probes 9',
  'anycast_delay 300',
  'proxy_delay 500',
  'proxy_queue 12',
  'locktime 400',
];

/** Neighbour tables, netconf, labels of addresses, counters. */
export const otherScenes: Scene[] = [
  {
    name: 'ntable',
    area: 'others',
    steps: [
      ...LINKS,
      'ip ntable show',
      'ip -s ntable show name arp_cache',
      'ip -6 ntable show dev v0',
      ...PARMS.map((parm) => ({
        run: `ip ntable change name arp_cache dev v0 ${parm}`,
        show: 'ip ntable show dev v0',
      })),
      { run: 'ip -6 ntable change name ndisc_cache dev v0 retrans 66051', show: 'ip -6 ntable show dev v0' },
      'ip ntable change name arp_cache thresh1 100',
      'ip ntable change name arp_cache gc_int 20000 thresh2 200 thresh3 300',
      { run: 'ip ntable change name arp_cache base_reachable 12000', show: 'ip ntable show name arp_cache' },
    ],
  },
  {
    name: 'netconf',
    area: 'others',
    events: true,
    steps: [
      ...LINKS,
      'ip netconf show',
      'ip -6 netconf show',
      'ip -4 netconf show dev v0',
      'ip -6 netconf show dev v0',
      '-echo 1 > /proc/sys/net/ipv4/conf/v0/forwarding; echo 1 > /proc/sys/net/ipv4/conf/v0/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/v0/proxy_arp; echo 1 > /proc/sys/net/ipv4/conf/v0/ignore_routes_with_linkdown; echo 2 > /proc/sys/net/ipv4/conf/v1/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/v1/bc_forwarding; echo 1 > /proc/sys/net/ipv6/conf/v0/forwarding; echo 1 > /proc/sys/net/ipv6/conf/v0/proxy_ndp; echo 1 > /proc/sys/net/ipv6/conf/v0/ignore_routes_with_linkdown',
      'ip -4 netconf show',
      'ip -6 netconf show',
    ],
  },
  {
    name: 'addrlabel',
    area: 'others',
    steps: [
      ...LINKS,
      'ip addrlabel show',
      { run: 'ip addrlabel add prefix 2001:db8::/32 label 99', show: 'ip addrlabel show' },
      { run: 'ip addrlabel add prefix 2001:db8:1::/48 dev v0 label 16909060', show: 'ip addrlabel show' },
      { run: 'ip addrlabel add prefix 2001:db8::1 label 7', show: 'ip addrlabel show' },
      'ip addrlabel add prefix 2001:db8::/32 label 99',
      'ip addrlabel del prefix 2001:db8:1::/48 dev v0 label 5',
      'ip addrlabel del prefix 2001:db8::/32 label 99',
    ],
  },
  {
    name: 'stats',
    area: 'others',
    steps: [
      ...LINKS,
      '-ip link add br0 type bridge mcast_stats_enabled 1; ip link set br0 up; ip link set v1 master br0',
      'ip stats show',
      'ip stats show dev v1',
      'ip stats show dev v0 group link',
      'ip stats show dev br0 group xstats subgroup bridge suite mcast',
      'ip stats show dev v1 group xstats_slave subgroup bridge suite stp',
      'ip stats show dev v0 group offload subgroup hw_stats_info',
      'ip stats show dev v0 group afstats',
      'ip stats set dev v0 l3_stats off',
    ],
  },
];
