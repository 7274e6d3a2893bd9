import type { Scene, Step } from '../scene.js';

const LINKS = [
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11',
  '-ip link set v0 up; ip link set v1 up',
  '-ip addr add 10.0.0.1/24 dev v0; ip addr add 2001:db8::1/64 dev v0',
];

/** One step per next hop: added, shown and deleted again. */
const hops = (id: number, list: string[]): Step[] =>
  list.map((hop) => ({
    name: `add ${hop}`,
    run: `ip nexthop add id ${id} ${hop}`,
    show: `ip -d nexthop show id ${id}`,
    undo: `ip nexthop del id ${id}`,
  }));

/** Next-hop objects, groups, resilient groups and their buckets. Captured with iproute2 6.15, which knows wide weights. */
export const nexthopScenes: Scene[] = [
  {
    name: 'hop',
    area: 'nexthops',
    steps: [
      ...LINKS,
      ...hops(1, [
        'dev v0',
        'via 10.0.0.2 dev v0',
        'via 10.9.9.9 dev v0 onlink',
        'via 2001:db8::2 dev v0',
        'via fe80::2 dev v0',
        'blackhole',
        'via 10.0.0.2 dev v0 protocol bgp',
        'via 10.0.0.2 dev v0 protocol 200',
        'via 10.9.9.9 fdb',
        'via 2001:db8::99 fdb',
      ]),
      ...hops(4294967295, ['via 10.0.0.2 dev v0']),
      'ip -6 nexthop add id 2 dev v0',
      'ip -6 nexthop add id 3 blackhole',
      'ip nexthop add via 10.0.0.77 dev v0',
      'ip nexthop add id 4 encap mpls 100/200 via 10.0.0.4 dev v0',
      { run: 'ip nexthop replace id 2 via 2001:db8::3 dev v0', show: 'ip nexthop get id 2' },
      'ip nexthop del id 2',
    ],
  },
  {
    name: 'group',
    area: 'nexthops',
    steps: [
      ...LINKS,
      '-for i in 1 2 3; do ip nexthop add id $i via 10.0.0.1$i dev v0; done',
      '-for i in 4 5; do ip nexthop add id $i via 10.0.9.$i fdb; done',
      ...hops(10, [
        'group 1',
        'group 1/2/3',
        'group 1,5/2,256/3',
        'group 1,257/2,65535/3,300',
        'group 1/2 type mpath',
        'group 1/2 protocol bird',
        'group 4/5 fdb',
        'group 1/2 hw_stats on',
        'group 1/2 type resilient buckets 4',
        'group 1,3/2 type resilient buckets 64 idle_timer 5 unbalanced_timer 70',
        'group 1/2 type resilient buckets 4 idle_timer 0',
      ]),
      { run: 'ip nexthop add id 11 group 1/2 type resilient buckets 3', show: 'ip nexthop bucket show id 11' },
      { run: 'ip nexthop replace id 11 group 3/2 type resilient', show: 'ip -d nexthop show id 11' },
      { run: 'ip nexthop replace id 11 group 3 type resilient idle_timer 9', show: 'ip nexthop bucket show' },
      'ip nexthop bucket get id 11 index 1',
      'ip nexthop add id 12 group 1/2',
      'ip -s nexthop show id 12',
      'ip -s -s nexthop show',
    ],
  },
  {
    name: 'show',
    area: 'nexthops',
    steps: [
      ...LINKS,
      '-ip link add br0 type bridge; ip link add v2 type veth peer name v3; ip link set v2 master br0; ip link set v2 up; ip link set v3 up; ip link set br0 up',
      '-ip nexthop add id 1 via 10.0.0.2 dev v0; ip nexthop add id 2 dev v2; ip nexthop add id 3 group 1; ip nexthop add id 4 via 10.9.9.9 fdb; ip nexthop add id 5 group 1/2 type resilient buckets 4',
      'ip nexthop show',
      'ip nexthop show dev v0',
      'ip nexthop show groups',
      'ip nexthop show master br0',
      'ip nexthop show fdb',
      'ip -4 nexthop show',
      'ip -6 nexthop show',
      'ip nexthop bucket show dev v0',
      'ip nexthop bucket show nhid 2',
      'ip nexthop bucket show master br0',
      'ip nexthop flush proto 186',
    ],
  },
  {
    name: 'events',
    area: 'nexthops',
    events: true,
    steps: [
      ...LINKS,
      'ip nexthop add id 1 via 10.0.0.2 dev v0',
      'ip nexthop add id 2 via 10.0.0.3 dev v0 protocol bgp',
      'ip nexthop add id 3 group 1,3/2',
      'ip nexthop add id 4 group 1/2 type resilient buckets 2 idle_timer 0',
      'ip nexthop replace id 4 group 1 type resilient',
      'ip nexthop replace id 2 via 10.0.0.9 dev v0',
      'ip nexthop del id 2',
      'ip nexthop del id 1',
      'ip nexthop add id 5 dev v0',
      '-ip link set v0 down',
    ],
  },
];
