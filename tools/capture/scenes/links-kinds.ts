import { added, changed, type Scene, type Step } from '../scene.js';

const A = '02:00:00:00:00:10';
const B = '02:00:00:00:00:11';

function veth(options: string[]): Step[] {
  return options.map((peer) => ({
    name: `add peer ${peer}`,
    run: `ip link add v0 address ${A} type veth peer name v1 address ${B} ${peer}`,
    show: 'ip link show dev v1',
    undo: 'ip link del v0',
  }));
}

/** veth, macvlan, ifb, tun and tap. */
export const kindScenes: Scene[] = [
  {
    name: 'veth',
    area: 'links',
    steps: [
      ...veth([
        'mtu 1300',
        'numtxqueues 4 numrxqueues 2',
        'txqueuelen 77',
        'index 99',
        'mtu 9000 txqueuelen 5',
        'broadcast ff:ff:ff:ff:ff:00',
      ]),
      {
        name: 'add without names',
        run: `ip link add address ${A} type veth`,
        show: 'ip link show type veth',
        undo: 'ip link del veth0',
      },
      '-ip netns add blue',
      {
        run: `ip link add v0 address ${A} type veth peer name v1 address ${B} netns blue`,
        show: 'ip link show dev v0',
        undo: 'ip link del v0',
      },
      `ip link add v0 address ${A} mtu 1280 numtxqueues 3 type veth peer name v1 address ${B} mtu 1281 numrxqueues 5`,
      'ip link show type veth',
      'ip link del v0 type veth',
    ],
  },
  {
    name: 'macvlan',
    area: 'links',
    steps: [
      `-ip link add v0 address ${A} type veth peer name v1 address ${B}`,
      ...added(
        'm0',
        'macvlan',
        [
          'mode private',
          'mode vepa',
          'mode bridge',
          'mode source',
          'mode passthru',
          'mode passthru nopromisc',
          'mode bridge flag nodst',
          'mode private bcqueuelen 2000',
          'mode vepa bcqueuelen 0',
          'mode source macaddr add 02:00:00:00:aa:01',
          'mode source macaddr set 02:00:00:00:aa:01 02:00:00:00:aa:02 02:00:00:00:aa:03',
        ],
        'link v0 address 02:00:00:00:00:40',
      ),
      '-ip link add m1 link v0 address 02:00:00:00:00:41 type macvlan mode source',
      ...changed('m1', 'type macvlan', [
        'macaddr add 02:00:00:00:bb:01',
        'macaddr add 02:00:00:00:bb:02',
        'macaddr del 02:00:00:00:bb:01',
        'macaddr set 02:00:00:00:bb:03 02:00:00:00:bb:04',
        'macaddr flush',
        'macaddr set',
        'bcqueuelen 500',
        'mode private',
        'mode vepa',
        'mode bridge',
      ]),
      'ip link show type macvlan',
      'ip link del m1',
    ],
  },
  {
    name: 'macvtap',
    area: 'links',
    steps: [
      `-ip link add v0 address ${A} type veth peer name v1 address ${B}`,
      ...added('mt0', 'macvtap', ['mode bridge', 'mode private'], 'link v0 address 02:00:00:00:00:42'),
    ],
  },
  {
    name: 'ifb',
    area: 'links',
    steps: [
      `ip link add i0 address ${A} type ifb`,
      { run: `ip link add i1 address ${B} numtxqueues 4 numrxqueues 4 type ifb`, show: 'ip link show dev i1' },
      { run: 'ip link set i0 up', show: 'ip link show dev i0' },
      'ip link show type ifb',
      'ip link del i0 type ifb',
    ],
  },
  {
    name: 'tun',
    area: 'links',
    steps: [
      '-ip tuntap add dev t0 mode tun',
      'ip link show dev t0',
      '-ip tuntap add dev t1 mode tap; ip link set t1 address 02:00:00:00:00:50',
      'ip link show dev t1',
      '-ip tuntap add dev t2 mode tun user 1000 group 2000 pi',
      'ip link show dev t2',
      '-ip tuntap add dev t3 mode tap vnet_hdr multi_queue; ip link set t3 address 02:00:00:00:00:51',
      'ip link show dev t3',
      '-ip tuntap add dev t4 mode tun one_queue',
      'ip link show dev t4',
      '-ip link set t0 up mtu 1380; ip addr add 10.9.0.1/32 peer 10.9.0.2 dev t0',
      'ip link show dev t0',
      'ip link show type tun',
      ...added('t9', 'tun', ['']),
      'ip tuntap show',
      'ip link del t4',
    ],
  },
];
