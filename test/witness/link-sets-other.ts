/** Links of the kinds vxlan, macvlan, ifb and tun, with every option that differs from the default. */
import type { LinkSpec } from 'tsroute2';
import { A, type LinkSet, pair, type Step, UP } from './link-set.js';

export const vxlanSet: LinkSet = {
  name: 'vxlan',
  kinds: ['vxlan', 'veth'],
  ours: [
    pair('e0', 'e1'),
    ['set', { dev: 'e0', ...UP }],
    ['add', { ifname: 'vx0', kind: 'vxlan', vxlan: { id: 41, port: 4788 } }],
    [
      'add',
      {
        ifname: 'vx1',
        kind: 'vxlan',
        vxlan: {
          id: 42,
          group: '10.0.0.9',
          local: '10.0.0.1',
          link: 'e0',
          ttl: 9,
          tos: 4,
          df: 'set',
          port: 4789,
          portRange: { low: 1000, high: 2000 },
          learning: false,
          proxy: true,
          rsc: true,
          l2miss: true,
          l3miss: true,
          udpCsum: false,
          ageing: 5,
          limit: 9,
          gbp: true,
          remcsumTx: true,
          remcsumRx: true,
        },
      },
    ],
    [
      'add',
      {
        ifname: 'vx2',
        kind: 'vxlan',
        vxlan: {
          id: 43,
          group6: '2001:db8::9',
          local6: '2001:db8::1',
          label: 0x12345,
          udpZeroCsum6Tx: true,
          udpZeroCsum6Rx: true,
          port: 4790,
          ttlInherit: true,
          df: 'inherit',
        },
      },
    ],
    [
      'add',
      {
        ifname: 'vx3',
        kind: 'vxlan',
        vxlan: { id: 44, group: '239.1.1.1', link: 'e0', port: 4791, tos: 1, ageing: 0 },
      },
    ],
    ['add', { ifname: 'vx4', kind: 'vxlan', vxlan: { id: 45, group6: 'ff05::100', link: 'e0', port: 4792 } }],
    [
      'add',
      { ifname: 'vx5', kind: 'vxlan', vxlan: { collectMetadata: true, learning: false, vnifilter: true, port: 4793 } },
    ],
    ['add', { ifname: 'vx6', kind: 'vxlan', vxlan: { collectMetadata: true, learning: false, gpe: true, port: 4794 } }],
    ['set', { dev: 'vx0', ...UP, protoDown: false }],
    ['set', { dev: 'vx3', protoDown: true }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    'link set e0 up',
    'link add vx0 type vxlan id 41 dstport 4788',
    'link add vx1 type vxlan id 42 remote 10.0.0.9 local 10.0.0.1 dev e0 ttl 9 tos 4 df set dstport 4789 srcport 1000 2000 nolearning proxy rsc l2miss l3miss noudpcsum ageing 5 maxaddress 9 gbp remcsumtx remcsumrx',
    'link add vx2 type vxlan id 43 remote 2001:db8::9 local 2001:db8::1 flowlabel 0x12345 udp6zerocsumtx udp6zerocsumrx dstport 4790 ttl inherit df inherit',
    'link add vx3 type vxlan id 44 group 239.1.1.1 dev e0 dstport 4791 tos inherit ageing 0',
    'link add vx4 type vxlan id 45 group ff05::100 dev e0 dstport 4792',
    'link add vx5 type vxlan external vnifilter dstport 4793',
    'link add vx6 type vxlan external gpe dstport 4794',
    'link set vx0 up',
    'link set vx3 protodown on',
  ],
  changes: [
    [
      'set',
      {
        dev: 'vx0',
        kind: 'vxlan',
        vxlan: {
          id: 41,
          group: '10.0.0.10',
          local: '10.0.0.2',
          link: 'e0',
          ttl: 7,
          tos: 8,
          learning: false,
          ageing: 99,
        },
      },
    ],
    ['set', { dev: 'vx2', kind: 'vxlan', vxlan: { id: 43, group6: '2001:db8::a', ageing: 7 } }],
    ['set', { dev: 'vx3', protoDown: false }],
    ['set', { dev: 'vx5', mtu: 1300 }],
  ],
};

const lan = (ifname: string, link: string, macvlan: LinkSpec['macvlan'], kind = 'macvlan'): Step => [
  'add',
  { ifname, link, kind, [kind]: macvlan },
];
const SOURCES = ['02:00:00:00:aa:01', '02:00:00:00:aa:02', '02:00:00:00:aa:03'];

export const macvlanSet: LinkSet = {
  name: 'macvlan',
  kinds: ['macvlan', 'veth'],
  ours: [
    pair('e0', 'e1'),
    lan('m0', 'e0', { mode: 'private', bcQueueLen: 2000 }),
    lan('m1', 'e0', { mode: 'vepa', bcQueueLen: 0 }),
    lan('m2', 'e0', { mode: 'bridge', flags: ['nodst'] }),
    lan('m3', 'e0', { mode: 'source', macaddrMode: 'set', macaddrData: SOURCES }),
    lan('m4', 'e1', { mode: 'passthru', flags: ['nopromisc'] }),
    ['set', { dev: 'e0', ...UP }],
    ['set', { dev: 'e1', ...UP }],
    ['set', { dev: 'm0', ...UP }],
    ['set', { dev: 'm1', protoDown: true }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    'link add m0 link e0 type macvlan mode private bcqueuelen 2000',
    'link add m1 link e0 type macvlan mode vepa bcqueuelen 0',
    'link add m2 link e0 type macvlan mode bridge flag nodst',
    `link add m3 link e0 type macvlan mode source macaddr set ${SOURCES.join(' ')}`,
    'link add m4 link e1 type macvlan mode passthru nopromisc',
    'link set e0 up',
    'link set e1 up',
    'link set m0 up',
    'link set m1 protodown on',
  ],
  changes: [
    ['set', { dev: 'm0', kind: 'macvlan', macvlan: { mode: 'bridge', bcQueueLen: 500 } }],
    ['set', { dev: 'm2', kind: 'macvlan', macvlan: { flags: 0 } }],
    ['set', { dev: 'm3', kind: 'macvlan', macvlan: { macaddrMode: 'del', macaddr: '02:00:00:00:aa:02' } }],
    ['set', { dev: 'm1', protoDown: false }],
  ],
};

export const ifbSet: LinkSet = {
  name: 'ifb',
  kinds: ['ifb'],
  ours: [
    ['add', { ifname: 'i0', kind: 'ifb' }],
    ['add', { ifname: 'i1', kind: 'ifb', address: A, mtu: 1300, txqlen: 9, numTxQueues: 4, numRxQueues: 4, group: 5 }],
    ['set', { dev: 'i0', ...UP }],
  ],
  ip: [
    'link add i0 type ifb',
    `link add i1 address ${A} mtu 1300 txqueuelen 9 numtxqueues 4 numrxqueues 4 group 5 type ifb`,
    'link set i0 up',
  ],
  changes: [['set', { dev: 'i1', ...UP, mtu: 1400, txqlen: 11 }]],
};

/** tun is made through /dev/net/tun, not by a message: only `ip` makes it here. */
export const tunSet: LinkSet = {
  name: 'tun',
  kinds: [],
  ours: [],
  ip: [
    'tuntap add dev t0 mode tun',
    'tuntap add dev t1 mode tap',
    'tuntap add dev t2 mode tun user 0 group 0 pi',
    'tuntap add dev t3 mode tap vnet_hdr multi_queue',
    'link set t0 up mtu 1380',
  ],
  changes: [
    ['set', { dev: 't1', ...UP, mtu: 1400, address: A }],
    ['set', { dev: 't0', state: 'down', txqlen: 7 }],
  ],
};
