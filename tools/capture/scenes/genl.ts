import type { Scene, Step } from '../scene.js';

const VETH = [
  '-ip link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11; ip link set v0 up; ip link set v1 up',
  '-ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.0.3/24 dev v0; ip addr add 10.0.0.4/24 dev v0; ip addr add 2001:db8::1/64 dev v0',
];

/** One step per endpoint: added, listed and deleted again. */
const endpoints = (...list: string[]): Step[] =>
  list.map((endpoint) => ({
    name: `add ${endpoint}`,
    run: `ip mptcp endpoint add ${endpoint}`,
    show: 'ip -j mptcp endpoint show',
    undo: 'ip mptcp endpoint flush',
  }));

/**
 * Both ends of a connection of Multipath TCP in one process: connected, one byte each way, then a second subflow whose
 * priority changes, an address that is taken back, and the end.
 */
const TALK = [
  'import os, socket as s, time',
  'l = s.socket(s.AF_INET, s.SOCK_STREAM, 262)',
  'l.setsockopt(s.SOL_SOCKET, s.SO_REUSEADDR, 1)',
  'l.bind(("0.0.0.0", 8080))',
  'l.listen()',
  'c = s.socket(s.AF_INET, s.SOCK_STREAM, 262)',
  'c.bind(("10.0.0.1", 40000))',
  'c.connect(("10.0.0.1", 8080))',
  'a, _ = l.accept()',
  'c.send(b"x"); a.recv(1); a.send(b"y"); c.recv(1)',
  'time.sleep(1)',
  'os.system("ip mptcp endpoint add 10.0.0.4 id 4 subflow dev v0")',
  'time.sleep(1)',
  'os.system("ip mptcp endpoint change id 4 backup")',
  'time.sleep(1)',
  'os.system("ip mptcp endpoint delete id 3")',
  'time.sleep(1)',
  'c.close(); a.close(); l.close()',
  'time.sleep(1)',
].join('\n');

/** Generic netlink: the families of the kernel, and the path manager of Multipath TCP. */
export const genlScenes: Scene[] = [
  {
    name: 'families',
    area: 'genl',
    steps: ['genl ctrl list', 'genl ctrl get name mptcp_pm', 'genl ctrl get id 16', 'genl ctrl get name nosuch'],
  },
  {
    name: 'policies',
    area: 'genl',
    steps: ['nlctrl', 'mptcp_pm', 'netdev', 'TASKSTATS', 'IOAM6'].map((name) => `genl ctrl policy name ${name}`),
  },
  {
    name: 'mptcp endpoints',
    area: 'genl',
    steps: [
      ...VETH,
      ...endpoints(
        '10.0.0.1',
        '10.0.0.1 subflow',
        '10.0.0.1 signal',
        '10.0.0.1 subflow backup',
        '10.0.0.1 subflow fullmesh',
        '10.0.0.1 subflow backup fullmesh',
        '10.0.0.1 signal subflow',
        '10.0.0.1 dev v0 subflow',
        '10.0.0.1 id 200 subflow',
        '10.0.0.1 port 8443 signal',
        '2001:db8::1 dev v0 id 7 signal',
        '2001:db8::1 port 65535 signal',
      ),
      '-ip mptcp endpoint add 10.0.0.1 id 5 subflow dev v0; ip mptcp endpoint add 2001:db8::1 id 9 signal',
      'ip -j mptcp endpoint show',
      'ip -j mptcp endpoint show id 9',
      { run: 'ip mptcp endpoint change id 5 backup', show: 'ip -j mptcp endpoint show id 5' },
      { run: 'ip mptcp endpoint change id 5 nobackup fullmesh', show: 'ip -j mptcp endpoint show id 5' },
      { run: 'ip mptcp endpoint change 10.0.0.1 nofullmesh', show: 'ip -j mptcp endpoint show id 5' },
      { run: 'ip mptcp endpoint delete id 9', show: 'ip -j mptcp endpoint show' },
      { run: 'ip mptcp endpoint flush', show: 'ip -j mptcp endpoint show' },
    ],
  },
  {
    name: 'mptcp limits',
    area: 'genl',
    steps: [
      'ip mptcp limits show',
      { run: 'ip mptcp limits set subflows 4 add_addr_accepted 3', show: 'ip mptcp limits show' },
      { run: 'ip mptcp limits set subflows 0', show: 'ip mptcp limits show' },
      { run: 'ip mptcp limits set add_addr_accepted 8', show: 'ip mptcp limits show' },
    ],
  },
  {
    name: 'mptcp refused',
    area: 'genl',
    steps: [
      ...VETH,
      '-ip mptcp endpoint add 10.0.0.1 id 5 subflow',
      'ip mptcp endpoint add 10.0.0.1 id 6 subflow',
      'ip mptcp endpoint add 10.0.0.3 id 5 subflow',
      'ip mptcp endpoint add 10.0.0.3 port 99 subflow',
      'ip mptcp endpoint add 10.0.0.3 signal fullmesh',
      'ip mptcp endpoint change id 77 backup',
      'ip mptcp endpoint delete id 77',
      'ip mptcp endpoint show id 77',
      'ip mptcp limits set subflows 9',
      'ip mptcp limits set add_addr_accepted 9',
      'setpriv --bounding-set -net_admin --inh-caps -net_admin ip mptcp limits set subflows 1',
    ],
  },
  {
    name: 'mptcp events',
    area: 'genl',
    monitor: 'ip mptcp monitor',
    steps: [
      ...VETH,
      '-ip mptcp limits set subflows 4 add_addr_accepted 4; ip mptcp endpoint add 10.0.0.3 id 3 signal',
      `-python3 -c '${TALK}'`,
    ],
  },
];
