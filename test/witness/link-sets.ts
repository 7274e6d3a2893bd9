/** Links of each kind with every option that differs from the default, once as we say it and once as `ip` says it. */
import type { LinkSpec } from 'tsroute2';

export interface LinkSet {
  /** What the test is called. */
  name: string;
  /** Kinds that the kernel must have. */
  kinds: readonly string[];
  /** Made by us, in order. `link` and `master` are names. */
  ours: readonly Step[];
  /** The same, made by `ip -batch`. */
  ip: readonly string[];
  /** What is changed afterwards, by us. */
  changes: readonly Step[];
}

/** A change, or one that needs the index of a link. */
export type Step = readonly ['add' | 'set' | 'del' | 'property_add' | 'property_del', LinkSpec];

const A = '02:00:00:00:00:10';
const B = '02:00:00:00:00:11';

/** A pair to build on. */
const pair = (a: string, b: string): Step => ['add', { ifname: a, kind: 'veth', peer: b }];
const UP = { state: 'up' } as const;

export const vethSet: LinkSet = {
  name: 'veth',
  kinds: ['veth'],
  ours: [
    pair('e0', 'e1'),
    [
      'add',
      {
        ifname: 'e2',
        kind: 'veth',
        address: A,
        broadcast: 'ff:ff:ff:ff:ff:00',
        mtu: 1280,
        txqlen: 77,
        group: 42,
        numTxQueues: 3,
        numRxQueues: 2,
        gsoMaxSize: 32768,
        gsoMaxSegs: 100,
        groMaxSize: 20000,
        linkmode: 'DORMANT',
        peer: { ifname: 'e3', address: B, mtu: 1281, txqlen: 5, numTxQueues: 2, numRxQueues: 3, group: 7 },
      },
    ],
    ['set', { dev: 'e2', ifalias: 'one and two', flags: ['PROMISC', 'ALLMULTI'], change: ['PROMISC', 'ALLMULTI'] }],
    ['set', { dev: 'e2', afSpec: { inet6: { addrGenMode: 'none' } } }],
    ['property_add', { dev: 'e2', altIfname: 'uplink-with-a-name-of-more-than-fifteen' }],
    ['property_add', { dev: 'e2', altIfname: 'a1' }],
    ['set', { dev: 'e3', ...UP, arp: false }],
    ['set', { dev: 'e0', ...UP }],
    ['set', { dev: 'e1', ...UP }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    `link add e2 address ${A} broadcast ff:ff:ff:ff:ff:00 mtu 1280 txqueuelen 77 group 42 numtxqueues 3 numrxqueues 2 gso_max_size 32768 gso_max_segs 100 gro_max_size 20000 type veth peer name e3 address ${B} mtu 1281 txqueuelen 5 numtxqueues 2 numrxqueues 3 group 7`,
    'link set e2 alias one-and-two promisc on allmulticast on mode dormant',
    'link set e2 addrgenmode none',
    'link property add dev e2 altname uplink-with-a-name-of-more-than-fifteen altname a1',
    'link set e3 up arp off',
    'link set e0 up',
    'link set e1 up',
  ],
  changes: [
    [
      'set',
      {
        dev: 'e2',
        ifname: 'e9',
        mtu: 1400,
        txqlen: 12,
        group: 3,
        ifalias: 'other',
        linkmode: 'DEFAULT',
        gsoMaxSize: 60000,
        gsoMaxSegs: 50,
        groMaxSize: 30000,
      },
    ],
    [
      'set',
      {
        dev: 'e9',
        address: '02:00:00:00:00:99',
        broadcast: 'ff:ff:ff:ff:ff:ff',
        flags: [],
        change: ['PROMISC', 'ALLMULTI'],
      },
    ],
    ['set', { dev: 'e9', afSpec: { inet6: { addrGenMode: 'random' } } }],
    ['property_del', { dev: 'e9', altIfname: 'a1' }],
    ['set', { dev: 'e0', state: 'down' }],
    ['set', { dev: 'e3', arp: true }],
  ],
};

export const bridgeSet: LinkSet = {
  name: 'bridge',
  kinds: ['bridge'],
  ours: [
    ['add', { ifname: 'br0', kind: 'bridge' }],
    [
      'add',
      {
        ifname: 'br1',
        address: A,
        kind: 'bridge',
        bridge: {
          forwardDelay: 400,
          helloTime: 300,
          maxAge: 1200,
          ageingTime: 12300,
          stpState: 1,
          priority: 4096,
          groupFwdMask: 0x4000,
          groupAddr: '01:80:c2:00:00:0e',
          mcastRouter: 2,
          mcastQueryUseIfaddr: true,
          mcastQuerier: true,
          mcastHashMax: 512,
          mcastLastMemberCnt: 5,
          mcastStartupQueryCnt: 6,
          mcastLastMemberIntvl: 200,
          mcastMembershipIntvl: 30000,
          mcastQuerierIntvl: 20000,
          mcastQueryIntvl: 15000,
          mcastQueryResponseIntvl: 900,
          mcastStartupQueryIntvl: 4000,
          mcastStatsEnabled: true,
          mcastIgmpVersion: 3,
          mcastMldVersion: 2,
          nfCallIptables: true,
          nfCallIp6tables: true,
          nfCallArptables: true,
          multiBoolopt: { optval: ['no_ll_learn'], optmask: ['no_ll_learn'] },
        },
      },
    ],
    ['add', { ifname: 'br2', kind: 'bridge', bridge: { mcastSnooping: false } }],
    ['set', { dev: 'br1', ...UP }],
  ],
  ip: [
    'link add br0 type bridge',
    `link add br1 address ${A} type bridge forward_delay 400 hello_time 300 max_age 1200 ageing_time 12300 stp_state 1 priority 4096 group_fwd_mask 0x4000 group_address 01:80:c2:00:00:0e mcast_router 2 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_max 512 mcast_last_member_count 5 mcast_startup_query_count 6 mcast_last_member_interval 200 mcast_membership_interval 30000 mcast_querier_interval 20000 mcast_query_interval 15000 mcast_query_response_interval 900 mcast_startup_query_interval 4000 mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2 nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1 no_linklocal_learn 1`,
    'link add br2 type bridge mcast_snooping 0',
    'link set br1 up',
  ],
  changes: [
    [
      'set',
      {
        dev: 'br1',
        kind: 'bridge',
        bridge: {
          ageingTime: 100,
          stpState: 0,
          priority: 65535,
          groupFwdMask: 0xfff8,
          mcastRouter: 0,
          mcastQuerier: false,
          mcastSnooping: false,
          mcastHashMax: 1024,
          mcastIgmpVersion: 2,
          nfCallIptables: false,
          helloTime: 100,
          maxAge: 600,
          forwardDelay: 200,
          multiBoolopt: { optval: [], optmask: ['no_ll_learn'] },
        },
      },
    ],
    ['set', { dev: 'br0', mtu: 1400, address: B }],
  ],
};

export const bridgeVlanSet: LinkSet = {
  name: 'bridge with VLANs',
  kinds: ['bridge'],
  ours: [
    [
      'add',
      {
        ifname: 'br1',
        kind: 'bridge',
        bridge: {
          vlanFiltering: true,
          vlanProtocol: '802.1ad',
          vlanDefaultPvid: 7,
          vlanStatsEnabled: true,
          vlanStatsPerPort: true,
          multiBoolopt: { optval: ['mcast_vlan_snooping'], optmask: ['mcast_vlan_snooping'] },
        },
      },
    ],
  ],
  ip: [
    'link add br1 type bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 7 vlan_stats_enabled 1 vlan_stats_per_port 1 mcast_vlan_snooping 1',
  ],
  changes: [
    [
      'set',
      {
        dev: 'br1',
        kind: 'bridge',
        bridge: {
          vlanProtocol: '802.1Q',
          vlanDefaultPvid: 9,
          vlanStatsEnabled: false,
          multiBoolopt: { optval: [], optmask: ['mcast_vlan_snooping'] },
        },
      },
    ],
  ],
};

const port = (dev: string): Step => ['set', { dev, master: 'br0' }];

export const slaveSet: LinkSet = {
  name: 'bridge_slave',
  kinds: ['bridge', 'veth'],
  ours: [
    ['add', { ifname: 'br0', kind: 'bridge' }],
    pair('e0', 'e1'),
    pair('e2', 'e3'),
    pair('e4', 'e5'),
    port('e0'),
    port('e2'),
    port('e4'),
    [
      'set',
      {
        dev: 'e0',
        kind: 'bridge_slave',
        bridge_slave: {
          priority: 9,
          cost: 777,
          mode: true,
          guard: true,
          protect: true,
          fastLeave: true,
          learning: false,
          unicastFlood: false,
          proxyarp: true,
          multicastRouter: 2,
          mcastFlood: false,
          bcastFlood: false,
          mcastToUcast: true,
          groupFwdMask: 0x4000,
          vlanTunnel: true,
          isolated: true,
        },
      },
    ],
    [
      'set',
      {
        dev: 'e2',
        kind: 'bridge_slave',
        bridge_slave: { proxyarpWifi: true, neighSuppress: true, locked: true, groupFwdMask: 0x8005 },
      },
    ],
    ...['br0', 'e0', 'e1', 'e2'].map((dev): Step => ['set', { dev, ...UP }]),
  ],
  ip: [
    'link add br0 type bridge',
    'link add e0 type veth peer name e1',
    'link add e2 type veth peer name e3',
    'link add e4 type veth peer name e5',
    'link set e0 master br0',
    'link set e2 master br0',
    'link set e4 master br0',
    'link set e0 type bridge_slave priority 9 cost 777 hairpin on guard on root_block on fastleave on learning off flood off proxy_arp on mcast_router 2 mcast_flood off bcast_flood off mcast_to_unicast on group_fwd_mask 0x4000 vlan_tunnel on isolated on',
    'link set e2 type bridge_slave proxy_arp_wifi on neigh_suppress on locked on group_fwd_mask 0x8000 backup_port e4',
    'link set br0 up',
    'link set e0 up',
    'link set e1 up',
    'link set e2 up',
  ],
  changes: [
    [
      'set',
      {
        dev: 'e0',
        kind: 'bridge_slave',
        bridge_slave: {
          priority: 31,
          cost: 5,
          mode: false,
          guard: false,
          protect: false,
          fastLeave: false,
          learning: true,
          unicastFlood: true,
          multicastRouter: 0,
          isolated: false,
        },
      },
    ],
    ['set', { dev: 'e2', kind: 'bridge_slave', bridge_slave: { locked: false, groupFwdMask: 0, backupPort: 'e4' } }],
    ['set', { dev: 'e4', master: null }],
  ],
};

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

export const linkSets: readonly LinkSet[] = [
  vethSet,
  bridgeSet,
  bridgeVlanSet,
  slaveSet,
  vxlanSet,
  macvlanSet,
  ifbSet,
  tunSet,
];
