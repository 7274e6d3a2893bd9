/** Links of vlan, bond, vrf, ipvlan, hsr and of kinds without options, with every option that differs from the default. */
import type { LinkSpec } from 'tsroute2';
import { A, B, type LinkSet, pair, type Step, UP } from './link-set.js';

const on = (ifname: string, link: string, vlan: LinkSpec['vlan']): Step => [
  'add',
  { ifname, link, address: A, kind: 'vlan', vlan },
];

export const vlanSet: LinkSet = {
  name: 'vlan',
  kinds: ['vlan', 'veth'],
  ours: [
    pair('e0', 'e1'),
    ['set', { dev: 'e0', ...UP }],
    on('l0', 'e0', { id: 0 }),
    on('l1', 'e0', { id: 1, protocol: '802.1Q', flags: { flags: ['gvrp'], mask: ['gvrp'] } }),
    on('l2', 'e0', {
      id: 2748,
      protocol: '802.1ad',
      flags: { flags: ['loose_binding', 'mvrp'], mask: ['loose_binding', 'mvrp', 'reorder_hdr'] },
      egressQos: [
        { from: 1, to: 2 },
        { from: 305419896, to: 7 },
      ],
      ingressQos: [
        { from: 5, to: 6 },
        { from: 7, to: 305419896 },
      ],
    }),
    on('l3', 'e0', { id: 4094, flags: { flags: 0x10, mask: 0x10 } }),
    ['set', { dev: 'l2', ...UP }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    'link set e0 up',
    `link add l0 link e0 address ${A} type vlan id 0`,
    `link add l1 link e0 address ${A} type vlan id 1 protocol 802.1Q gvrp on`,
    `link add l2 link e0 address ${A} type vlan id 2748 protocol 802.1ad loose_binding on mvrp on reorder_hdr off egress-qos-map 1:2 305419896:7 ingress-qos-map 5:6 7:305419896`,
    `link add l3 link e0 address ${A} type vlan id 4094 bridge_binding on`,
    'link set l2 up',
  ],
  changes: [
    [
      'set',
      {
        dev: 'l2',
        kind: 'vlan',
        vlan: {
          flags: { flags: ['reorder_hdr'], mask: ['reorder_hdr', 'mvrp'] },
          egressQos: [{ from: 1, to: 0 }],
          ingressQos: [{ from: 4, to: 1 }],
        },
      },
    ],
    ['set', { dev: 'l3', kind: 'vlan', vlan: { flags: { flags: 0, mask: ['bridge_binding'] } } }],
  ],
};

const bond = (ifname: string, spec: LinkSpec['bond']): Step => [
  'add',
  { ifname, address: A, kind: 'bond', bond: spec },
];
const set = (dev: string, spec: LinkSpec['bond']): Step => ['set', { dev, kind: 'bond', bond: spec }];

export const bondSet: LinkSet = {
  name: 'bond',
  kinds: ['bond', 'veth'],
  ours: [
    pair('e0', 'e1'),
    pair('e2', 'e3'),
    bond('b0', {}),
    bond('b1', {
      mode: 'active-backup',
      miimon: 257,
      updelay: 305419571,
      downdelay: 514,
      peerNotifDelay: 257000,
      primaryReselect: 'failure',
      failOverMac: 'active',
      resendIgmp: 255,
      numPeerNotif: 7,
      allSlavesActive: true,
      minLinks: 305419896,
    }),
    bond('b2', {
      mode: '802.3ad',
      miimon: 100,
      xmitHashPolicy: 'layer3+4',
      adLacpRate: 'fast',
      adSelect: 'bandwidth',
      adActorSysPrio: 4660,
      adUserPortKey: 513,
      adActorSystem: '02:00:00:00:77:01',
      adLacpActive: 'off',
    }),
    bond('b3', {
      mode: 'active-backup',
      arpInterval: 1000,
      arpIpTarget: ['10.0.0.1', '10.0.0.2', '192.168.255.1'],
      arpValidate: 'filter_backup',
      arpAllTargets: 'all',
      missedMax: 254,
    }),
    bond('b4', {
      mode: 'active-backup',
      arpInterval: 500,
      nsIp6Target: ['2001:db8::1', '2001:db8::2'],
      arpValidate: 'all',
      failOverMac: 'follow',
      primaryReselect: 'better',
    }),
    bond('b5', { mode: 'balance-rr', packetsPerSlave: 65535 }),
    bond('b6', { mode: 'balance-xor', xmitHashPolicy: 'vlan+srcmac' }),
    bond('b7', { mode: 'balance-tlb', lpInterval: 2147483647, tlbDynamicLb: false }),
    bond('b8', { mode: 'balance-alb', xmitHashPolicy: 'encap3+4', lpInterval: 9 }),
    bond('b9', { mode: 'broadcast' }),
    ['set', { dev: 'e0', master: 'b1' }],
    ['set', { dev: 'e2', master: 'b1' }],
    ['set', { dev: 'e0', kind: 'bond_slave', bond_slave: { queueId: 5 } }],
    set('b1', { primary: 'e2' }),
    ['set', { dev: 'e1', master: 'b2' }],
    ['set', { dev: 'b2', ...UP }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    'link add e2 type veth peer name e3',
    `link add b0 address ${A} type bond`,
    `link add b1 address ${A} type bond mode active-backup miimon 257 updelay 305419571 downdelay 514 peer_notify_delay 257000 primary_reselect failure fail_over_mac active resend_igmp 255 num_grat_arp 7 all_slaves_active 1 min_links 305419896`,
    `link add b2 address ${A} type bond mode 802.3ad miimon 100 xmit_hash_policy layer3+4 lacp_rate fast ad_select bandwidth ad_actor_sys_prio 4660 ad_user_port_key 513 ad_actor_system 02:00:00:00:77:01 lacp_active off`,
    `link add b3 address ${A} type bond mode active-backup arp_interval 1000 arp_ip_target 10.0.0.1,10.0.0.2,192.168.255.1 arp_validate filter_backup arp_all_targets all arp_missed_max 254`,
    `link add b4 address ${A} type bond mode active-backup arp_interval 500 ns_ip6_target 2001:db8::1,2001:db8::2 arp_validate all fail_over_mac follow primary_reselect better`,
    `link add b5 address ${A} type bond mode balance-rr packets_per_slave 65535`,
    `link add b6 address ${A} type bond mode balance-xor xmit_hash_policy vlan+srcmac`,
    `link add b7 address ${A} type bond mode balance-tlb lp_interval 2147483647 tlb_dynamic_lb 0`,
    `link add b8 address ${A} type bond mode balance-alb xmit_hash_policy encap3+4 lp_interval 9`,
    `link add b9 address ${A} type bond mode broadcast`,
    'link set e0 master b1',
    'link set e2 master b1',
    'link set e0 type bond_slave queue_id 5',
    'link set b1 type bond primary e2',
    'link set e1 master b2',
    'link set b2 up',
  ],
  changes: [
    set('b0', { mode: 'active-backup' }),
    set('b0', { arpInterval: 2147483647, arpIpTarget: ['10.9.8.7'] }),
    set('b1', { primaryReselect: 'always', resendIgmp: 0, numPeerNotif: 0, allSlavesActive: false, minLinks: 1 }),
    set('b1', { primary: 0 }),
    set('b1', { updelay: 0, downdelay: 0, peerNotifDelay: 0 }),
    set('b3', { arpIpTarget: ['10.0.0.77'], arpValidate: 'none', arpAllTargets: 'any', missedMax: 1 }),
    set('b4', { nsIp6Target: ['2001:db8::abcd'], arpValidate: 'active' }),
    set('b5', { packetsPerSlave: 0 }),
    set('b6', { xmitHashPolicy: 'encap2+3' }),
    set('b8', { lpInterval: 1 }),
    ['set', { dev: 'e0', kind: 'bond_slave', bond_slave: { queueId: 0 } }],
    ['set', { dev: 'e2', ...UP }],
    ['set', { dev: 'e3', ...UP }],
    ['set', { dev: 'b1', ...UP }],
    set('b1', { activeSlave: 'e2' }),
    ['set', { dev: 'e0', master: null }],
  ],
};

export const vrfSet: LinkSet = {
  name: 'vrf',
  kinds: ['vrf', 'veth'],
  ours: [
    pair('e0', 'e1'),
    ...[1, 10, 305419896, 4294967295].map((table): Step => {
      return ['add', { ifname: `r${table % 1000}`, address: A, kind: 'vrf', vrf: { table } }];
    }),
    ['set', { dev: 'r896', ...UP }],
    ['set', { dev: 'e0', master: 'r896' }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    ...[1, 10, 305419896, 4294967295].map((table) => `link add r${table % 1000} address ${A} type vrf table ${table}`),
    'link set r896 up',
    'link set e0 master r896',
  ],
  changes: [
    ['set', { dev: 'e1', master: 'r10' }],
    ['set', { dev: 'e0', master: null }],
  ],
};

const ipvlan = (ifname: string, link: string, spec: LinkSpec['ipvlan'], kind = 'ipvlan'): Step => [
  'add',
  { ifname, link, kind, [kind]: spec },
];

export const ipvlanSet: LinkSet = {
  name: 'ipvlan',
  kinds: ['ipvlan', 'ipvtap', 'veth'],
  ours: [
    pair('e0', 'e1'),
    pair('e2', 'e3'),
    pair('e4', 'e5'),
    ['set', { dev: 'e0', ...UP }],
    ipvlan('i0', 'e0', { mode: 'l2', flags: 0 }),
    ipvlan('i1', 'e1', { mode: 'l3', flags: ['private'] }),
    ipvlan('i2', 'e2', { mode: 'l3s', flags: 'vepa' }),
    ipvlan('i3', 'e3', {}),
    ipvlan('t0', 'e4', { mode: 'l2', flags: ['private'] }, 'ipvtap'),
    ipvlan('t1', 'e5', { mode: 'l3s', flags: ['vepa'] }, 'ipvtap'),
  ],
  ip: [
    'link add e0 type veth peer name e1',
    'link add e2 type veth peer name e3',
    'link add e4 type veth peer name e5',
    'link set e0 up',
    'link add i0 link e0 type ipvlan mode l2 bridge',
    'link add i1 link e1 type ipvlan mode l3 private',
    'link add i2 link e2 type ipvlan mode l3s vepa',
    'link add i3 link e3 type ipvlan',
    'link add t0 link e4 type ipvtap mode l2 private',
    'link add t1 link e5 type ipvtap mode l3s vepa',
  ],
  changes: [
    ['set', { dev: 'i0', kind: 'ipvlan', ipvlan: { mode: 'l3s', flags: ['vepa'] } }],
    ['set', { dev: 'i1', kind: 'ipvlan', ipvlan: { flags: 0 } }],
    ['set', { dev: 't0', kind: 'ipvtap', ipvtap: { mode: 'l3' } }],
  ],
};

const MACVTAP_SOURCES = ['02:00:00:00:aa:01', '02:00:00:00:aa:02'];
export const macvtapSet: LinkSet = {
  name: 'macvtap',
  kinds: ['macvtap', 'veth'],
  ours: [
    pair('e0', 'e1'),
    ['add', { ifname: 'm0', link: 'e0', kind: 'macvtap', macvtap: { mode: 'private', bcQueueLen: 7 } }],
    ['add', { ifname: 'm1', link: 'e0', kind: 'macvtap', macvtap: { mode: 'bridge', flags: 'nodst' } }],
    [
      'add',
      {
        ifname: 'm2',
        link: 'e0',
        kind: 'macvtap',
        macvtap: { mode: 'source', macaddrMode: 'set', macaddrData: MACVTAP_SOURCES },
      },
    ],
    ['add', { ifname: 'm3', link: 'e1', kind: 'macvtap', macvtap: { mode: 'passthru', flags: ['nopromisc'] } }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    'link add m0 link e0 type macvtap mode private bcqueuelen 7',
    'link add m1 link e0 type macvtap mode bridge flag nodst',
    `link add m2 link e0 type macvtap mode source macaddr set ${MACVTAP_SOURCES.join(' ')}`,
    'link add m3 link e1 type macvtap mode passthru nopromisc',
  ],
  changes: [
    ['set', { dev: 'm0', kind: 'macvtap', macvtap: { mode: 'vepa', bcQueueLen: 500 } }],
    ['set', { dev: 'm2', kind: 'macvtap', macvtap: { macaddrMode: 'flush' } }],
  ],
};

/** Kinds without options, or with such as never come back. */
export const plainSet: LinkSet = {
  name: 'kinds without options',
  kinds: ['dummy', 'nlmon', 'vcan', 'vxcan', 'team', 'wireguard', 'batadv', 'veth'],
  ours: [
    pair('e0', 'e1'),
    ['add', { ifname: 'd0', address: A, mtu: 1300, kind: 'dummy', numTxQueues: 3, group: 9 }],
    ['add', { ifname: 'n0', kind: 'nlmon' }],
    ['add', { ifname: 'c0', kind: 'vcan', vcan: {} }],
    ['add', { ifname: 'x0', kind: 'vxcan', peer: { ifname: 'x1', mtu: 72 } }],
    ['add', { ifname: 'x2', kind: 'vxcan', vxcan: { peer: { ifname: 'x3' } } }],
    ['add', { ifname: 't0', address: B, kind: 'team' }],
    ['set', { dev: 'e0', master: 't0' }],
    ['add', { ifname: 'w0', kind: 'wireguard', mtu: 1280 }],
    ['add', { ifname: 'bat0', address: B, kind: 'batadv', batadv: { algoName: 'BATMAN_IV' } }],
    ['set', { dev: 'n0', ...UP }],
    ['set', { dev: 'c0', ...UP }],
  ],
  ip: [
    'link add e0 type veth peer name e1',
    `link add d0 address ${A} mtu 1300 numtxqueues 3 group 9 type dummy`,
    'link add n0 type nlmon',
    'link add c0 type vcan',
    'link add x0 type vxcan peer name x1 mtu 72',
    'link add x2 type vxcan peer name x3',
    `link add t0 address ${B} type team`,
    'link set e0 master t0',
    'link add w0 mtu 1280 type wireguard',
    `link add bat0 address ${B} type batadv ra BATMAN_IV`,
    'link set n0 up',
    'link set c0 up',
  ],
  changes: [
    ['set', { dev: 'd0', ...UP, mtu: 1400, txqlen: 7 }],
    ['set', { dev: 'c0', state: 'down' }],
    ['set', { dev: 'c0', mtu: 72 }],
    ['set', { dev: 'w0', ...UP }],
    ['set', { dev: 'e0', master: null }],
    ['set', { dev: 'bat0', mtu: 1400 }],
  ],
};

export const gtpSet: LinkSet = {
  name: 'gtp',
  kinds: ['gtp'],
  ours: [
    [
      'add',
      { ifname: 'g0', kind: 'gtp', gtp: { role: 'sgsn', pdpHashsize: 4660, restartCount: 77, createSockets: true } },
    ],
  ],
  ip: ['link add g0 type gtp role sgsn hsize 4660 restart_count 77'],
  changes: [['set', { dev: 'g0', mtu: 1400 }]],
};

const hsr = (ifname: string, spec: LinkSpec['hsr']): Step => ['add', { ifname, address: A, kind: 'hsr', hsr: spec }];
export const hsrSet: LinkSet = {
  name: 'hsr',
  kinds: ['hsr', 'veth'],
  // Older than that, but not built in stock kernels.
  needs: '6.2',
  ours: [
    ...['0', '2', '4', '6', '8'].map((n) => pair(`e${n}`, `e${Number(n) + 1}`)),
    hsr('h0', { slave1: 'e0', slave2: 'e2', multicastSpec: 45, version: 1 }),
    hsr('h1', { slave1: 'e4', slave2: 'e6', multicastSpec: 255, protocol: 'prp' }),
    hsr('h2', { slave1: 'e1', slave2: 'e3', version: 0 }),
  ],
  ip: [
    ...['0', '2', '4', '6', '8'].map((n) => `link add e${n} type veth peer name e${Number(n) + 1}`),
    `link add h0 address ${A} type hsr slave1 e0 slave2 e2 supervision 45 version 1`,
    `link add h1 address ${A} type hsr slave1 e4 slave2 e6 supervision 255 proto 1`,
    `link add h2 address ${A} type hsr slave1 e1 slave2 e3 version 0`,
  ],
  changes: [['set', { dev: 'h0', mtu: 1300 }]],
};

export const netkitSet: LinkSet = {
  name: 'netkit',
  kinds: ['netkit'],
  apart: true,
  needs: '6.10',
  ours: [
    ['add', { ifname: 'k0', kind: 'netkit', peer: 'k1', netkit: { mode: 'l2', policy: 'blackhole', scrub: 'none' } }],
    ['add', { ifname: 'k2', kind: 'netkit', peer: { ifname: 'k3' }, netkit: { mode: 'l3', peerPolicy: 'blackhole' } }],
    ['add', { ifname: 'k4', kind: 'netkit', netkit: { mode: 'l2', peerInfo: { ifname: 'k5' }, peerScrub: 'none' } }],
  ],
  ip: [
    'link add k0 type netkit mode l2 blackhole scrub none peer name k1',
    'link add k2 type netkit mode l3 forward peer blackhole name k3',
    'link add k4 type netkit mode l2 forward scrub default peer forward scrub none name k5',
  ],
  changes: [['set', { dev: 'k0', kind: 'netkit', netkit: { policy: 'forward', peerPolicy: 'blackhole' } }]],
};

const macsec = (ifname: string, spec: LinkSpec['macsec']): Step => [
  'add',
  { ifname, link: 'e0', kind: 'macsec', macsec: spec },
];
export const macsecSet: LinkSet = {
  name: 'macsec',
  kinds: ['macsec', 'veth'],
  ours: [
    ['add', { ifname: 'e0', address: B, kind: 'veth', peer: 'e1' }],
    macsec('m0', {}),
    macsec('m1', {
      sci: 0x1122334455667788n,
      cipherSuite: 'GCM-AES-256',
      icvLen: 8,
      encrypt: true,
      replayProtect: true,
      window: 305419896,
      validation: 'check',
      encodingSa: 2,
    }),
    macsec('m6', { port: 5, protect: false, incSci: false, scb: true }),
    macsec('m2', { port: 4660, cipherSuite: 'GCM-AES-XPN-256', validation: 'disabled', encodingSa: 3 }),
    macsec('m3', { port: 65535, cipherSuite: 'GCM-AES-XPN-128', incSci: false, es: true }),
    macsec('m4', { port: 2, cipherSuite: 0x0080c20001000001n, icvLen: 8, offload: 'off' }),
    macsec('m5', { sci: 0xffffffffffffffffn, replayProtect: true, window: 4294967294 }),
  ],
  ip: [
    `link add e0 address ${B} type veth peer name e1`,
    'link add m0 link e0 type macsec',
    'link add m1 link e0 type macsec sci 0x1122334455667788 cipher gcm-aes-256 icvlen 8 encrypt on replay on window 305419896 validate check encodingsa 2',
    'link add m6 link e0 type macsec port 5 protect off send_sci off scb on',
    'link add m2 link e0 type macsec port 4660 cipher gcm-aes-xpn-256 validate disabled encodingsa 3',
    'link add m3 link e0 type macsec port 65535 cipher gcm-aes-xpn-128 send_sci off end_station on',
    'link add m4 link e0 type macsec port 2 cipher gcm-aes-128 icvlen 8',
    'link add m5 link e0 type macsec sci 0xffffffffffffffff replay on window 4294967294',
  ],
  changes: [
    [
      'set',
      {
        dev: 'm1',
        kind: 'macsec',
        macsec: { encodingSa: 1, encrypt: false, validation: 'disabled', protect: true, replayProtect: false },
      },
    ],
    ['set', { dev: 'm0', kind: 'macsec', macsec: { encrypt: true, validation: 'check' } }],
  ],
};
