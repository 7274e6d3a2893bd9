/** Tunnels of every kind, with every option that differs from the default. */
import type { LinkSpec } from 'tsroute2';
import { A, type LinkSet, pair, type Step } from './link-set.js';

type Kind =
  | 'geneve'
  | 'gre'
  | 'gretap'
  | 'erspan'
  | 'ip6gre'
  | 'ip6gretap'
  | 'ip6erspan'
  | 'ipip'
  | 'sit'
  | 'ip6tnl'
  | 'vti'
  | 'vti6'
  | 'xfrm';
const add = <K extends Kind>(ifname: string, kind: K, spec: LinkSpec[K], address?: string): Step => [
  'add',
  { ifname, kind, [kind]: spec, ...(address !== undefined && { address }) } as LinkSpec,
];
const set = <K extends Kind>(dev: string, kind: K, spec: LinkSpec[K]): Step => [
  'set',
  { dev, kind, [kind]: spec } as LinkSpec,
];
const PAIR = 'link add e0 type veth peer name e1';
const MARK = 0x12345678;

export const geneveSet: LinkSet = {
  name: 'geneve',
  kinds: ['geneve'],
  ours: [
    add('g0', 'geneve', { id: 0, remote: '10.0.0.9' }, A),
    add(
      'g1',
      'geneve',
      { id: 0xabcdef, remote: '10.0.0.9', ttl: 9, tos: 4, df: 'set', port: 0x1234, udpCsum: false },
      A,
    ),
    add(
      'g2',
      'geneve',
      {
        id: 0xffffff,
        remote6: '2001:db8::9',
        ttlInherit: true,
        label: 0x12345,
        df: 'inherit',
        udpZeroCsum6Tx: true,
        udpZeroCsum6Rx: true,
        port: 65535,
        tos: 1,
      },
      A,
    ),
    add('g3', 'geneve', { collectMetadata: true, port: 4663, innerProtoInherit: true }, A),
    add('g4', 'geneve', { id: 7, remote6: '2001:db8::8', udpZeroCsum6Tx: false, udpZeroCsum6Rx: false, port: 1 }, A),
  ],
  ip: [
    `link add g0 address ${A} type geneve id 0 remote 10.0.0.9`,
    `link add g1 address ${A} type geneve id 11259375 remote 10.0.0.9 ttl 9 tos 4 df set dstport 4660 noudpcsum`,
    `link add g2 address ${A} type geneve id 16777215 remote 2001:db8::9 ttl inherit flowlabel 0x12345 df inherit udp6zerocsumtx udp6zerocsumrx dstport 65535 tos inherit`,
    `link add g3 address ${A} type geneve external dstport 4663 innerprotoinherit`,
    `link add g4 address ${A} type geneve id 7 remote 2001:db8::8 noudp6zerocsumtx noudp6zerocsumrx dstport 1`,
  ],
  changes: [
    set('g0', 'geneve', { id: 0, remote: '10.0.0.10', ttl: 255, tos: 8, df: 'inherit' }),
    set('g2', 'geneve', { id: 0xffffff, remote6: '2001:db8::a', label: 0xfffff }),
  ],
};

const gre4 = (over: LinkSpec['gre']): LinkSpec['gre'] => ({ remote: '10.0.0.9', ttl: 9, pmtudisc: true, ...over });

export const greSet: LinkSet = {
  name: 'gre',
  kinds: ['gre', 'gretap', 'erspan', 'veth'],
  modules: ['fou', 'fou6'],
  ours: [
    pair('e0', 'e1'),
    add(
      'g1',
      'gre',
      gre4({
        local: '10.0.0.1',
        link: 'e0',
        tos: 4,
        iflags: ['key', 'csum'],
        oflags: ['key', 'seq'],
        ikey: 4660,
        okey: 0x01020304,
        fwmark: MARK,
        encapType: 'gue',
        encapSport: 4660,
        encapDport: 5555,
        encapFlags: ['csum', 'remcsum'],
      }),
    ),
    add('g2', 'gre', { remote: '10.0.0.7', pmtudisc: false, ignoreDf: true, tos: 1 }),
    add('g3', 'gre', { collectMetadata: true }),
    add('g4', 'gre', gre4({ remote: '10.0.0.6', iflags: 'key', oflags: 'key', ikey: 0, okey: 0xffffffff })),
    add('t1', 'gretap', gre4({ local: '10.0.0.1', iflags: 'key', oflags: 'key', ikey: 7, okey: 7 }), A),
    add('t2', 'gretap', { collectMetadata: true }, A),
    add(
      's1',
      'erspan',
      gre4({
        local: '10.0.0.1',
        iflags: ['key', 'seq'],
        oflags: ['key', 'seq'],
        ikey: 5,
        okey: 5,
        erspanVer: 1,
        erspanIndex: 0x12345,
      }),
      A,
    ),
    add(
      's2',
      'erspan',
      gre4({
        iflags: ['key', 'seq'],
        oflags: ['key', 'seq'],
        ikey: 6,
        okey: 6,
        erspanVer: 2,
        erspanDir: 'egress',
        erspanHwid: 33,
      }),
      A,
    ),
  ],
  ip: [
    PAIR,
    'link add g1 type gre remote 10.0.0.9 local 10.0.0.1 dev e0 ttl 9 tos 4 ikey 4660 okey 1.2.3.4 icsum oseq fwmark 305419896 encap gue encap-sport 4660 encap-dport 5555 encap-csum encap-remcsum',
    'link add g2 type gre remote 10.0.0.7 nopmtudisc ignore-df tos inherit',
    'link add g3 type gre external',
    'link add g4 type gre remote 10.0.0.6 ttl 9 ikey 0 okey 4294967295',
    `link add t1 address ${A} type gretap remote 10.0.0.9 local 10.0.0.1 ttl 9 key 7`,
    `link add t2 address ${A} type gretap external`,
    `link add s1 address ${A} type erspan remote 10.0.0.9 local 10.0.0.1 ttl 9 seq key 5 erspan_ver 1 erspan 74565`,
    `link add s2 address ${A} type erspan remote 10.0.0.9 ttl 9 seq key 6 erspan_ver 2 erspan_dir egress erspan_hwid 33`,
  ],
  changes: [
    set('g1', 'gre', gre4({ remote: '10.0.0.8', local: '10.0.0.2', ttl: 8, fwmark: 1 })),
    set('g2', 'gre', { remote: '10.0.0.7', pmtudisc: false, ignoreDf: false }),
    set('g2', 'gre', { remote: '10.0.0.5', pmtudisc: true, ttl: 255, tos: 0x10 }),
    set('t1', 'gretap', gre4({ remote: '10.0.0.4', iflags: 'key', oflags: 'key', ikey: 7, okey: 7 })),
  ],
};

export const ip6greSet: LinkSet = {
  name: 'ip6gre',
  kinds: ['ip6gre', 'ip6gretap', 'ip6erspan', 'veth'],
  modules: ['fou', 'fou6'],
  ours: [
    pair('e0', 'e1'),
    add('g1', 'ip6gre', {
      remote: '2001:db8::9',
      local: '2001:db8::1',
      link: 'e0',
      ttl: 9,
      encapLimit: 7,
      flowinfo: 0x01012345,
      iflags: ['key', 'csum'],
      oflags: ['key', 'seq'],
      ikey: 4660,
      okey: 0x01020304,
      flags: ['rcv_dscp_copy', 'allow_local_remote'],
      encapType: 'fou',
      encapSport: 4660,
      encapDport: 5555,
      encapFlags: 'csum6',
    }),
    add('g2', 'ip6gre', {
      remote: '2001:db8::7',
      ttl: 255,
      flags: ['use_orig_tclass', 'use_orig_flowlabel', 'use_orig_fwmark', 'ign_encap_limit'],
    }),
    add('g3', 'ip6gre', { collectMetadata: true }),
    add('g4', 'ip6gre', { remote: '2001:db8::6', ttl: 64, encapLimit: 4, fwmark: MARK }),
    add('t1', 'ip6gretap', { remote: '2001:db8::9', ttl: 64, iflags: 'key', oflags: 'key', ikey: 7, okey: 7 }, A),
    add(
      's1',
      'ip6erspan',
      {
        remote: '2001:db8::9',
        ttl: 64,
        iflags: ['key', 'seq'],
        oflags: ['key', 'seq'],
        ikey: 5,
        okey: 5,
        erspanVer: 2,
        erspanDir: 'egress',
        erspanHwid: 63,
      },
      A,
    ),
    add(
      's2',
      'ip6erspan',
      {
        remote: '2001:db8::8',
        ttl: 64,
        iflags: ['key', 'seq'],
        oflags: ['key', 'seq'],
        ikey: 5,
        okey: 5,
        erspanVer: 1,
        erspanIndex: 0xfffff,
      },
      A,
    ),
  ],
  ip: [
    PAIR,
    'link add g1 type ip6gre remote 2001:db8::9 local 2001:db8::1 dev e0 hoplimit 9 encaplimit 7 tclass 0x10 flowlabel 0x12345 ikey 4660 okey 1.2.3.4 icsum oseq dscp inherit allow-localremote encap fou encap-sport 4660 encap-dport 5555 encap-udp6-csum',
    'link add g2 type ip6gre remote 2001:db8::7 hoplimit 255 tclass inherit flowlabel inherit fwmark inherit encaplimit none',
    'link add g3 type ip6gre external',
    'link add g4 type ip6gre remote 2001:db8::6 hoplimit 64 fwmark 305419896',
    `link add t1 address ${A} type ip6gretap remote 2001:db8::9 key 7`,
    `link add s1 address ${A} type ip6erspan remote 2001:db8::9 seq key 5 erspan_ver 2 erspan_dir egress erspan_hwid 63`,
    `link add s2 address ${A} type ip6erspan remote 2001:db8::8 seq key 5 erspan_ver 1 erspan 1048575`,
  ],
  changes: [
    set('g2', 'ip6gre', { remote: '2001:db8::5', ttl: 8, encapLimit: 3, flowinfo: 0xabcde, flags: 0 }),
    set('g4', 'ip6gre', { remote: '2001:db8::4', ttl: 64, fwmark: 7 }),
  ],
};

const FOU = { encapType: 'fou', encapSport: 4660, encapDport: 5555 } as const;

export const iptunSet: LinkSet = {
  name: 'ipip, sit, ip6tnl',
  kinds: ['ipip', 'sit', 'ip6tnl', 'veth'],
  modules: ['fou', 'fou6'],
  ours: [
    pair('e0', 'e1'),
    add('i1', 'ipip', {
      remote: '10.0.0.9',
      local: '10.0.0.1',
      link: 'e0',
      ttl: 9,
      tos: 4,
      pmtudisc: true,
      fwmark: MARK,
      proto: 0,
      ...FOU,
      encapFlags: 'csum',
    }),
    add('i2', 'ipip', { remote: '10.0.0.8', proto: 137, pmtudisc: false, tos: 1 }),
    add('i3', 'ipip', { collectMetadata: true }),
    add('i4', 'ipip', { remote: '10.0.0.6', pmtudisc: true, proto: 4, ttl: 255 }),
    add('s1', 'sit', {
      remote: '10.0.0.9',
      local: '10.0.0.1',
      link: 'e0',
      ttl: 9,
      tos: 4,
      pmtudisc: true,
      fwmark: MARK,
      proto: 0,
      encapType: 'gue',
      encapSport: 4660,
      encapDport: 5555,
      encapFlags: 'remcsum',
    }),
    add('s2', 'sit', {
      local: '10.0.0.2',
      ttl: 64,
      pmtudisc: true,
      proto: 41,
      '6rdPrefix': '2001:db8::',
      '6rdPrefixlen': 32,
      '6rdRelayPrefix': '10.0.0.0',
      '6rdRelayPrefixlen': 8,
    }),
    add('s3', 'sit', { local: '10.0.0.3', ttl: 64, pmtudisc: true, proto: 41, flags: 'isatap' }),
    add('s4', 'sit', { remote: '10.0.0.5', pmtudisc: true, proto: 4 }),
    add('t1', 'ip6tnl', {
      remote: '2001:db8::9',
      local: '2001:db8::1',
      link: 'e0',
      ttl: 9,
      encapLimit: 7,
      flowinfo: 0x01012345,
      flags: ['rcv_dscp_copy', 'allow_local_remote'],
      proto: 0,
      ...FOU,
      encapFlags: 'csum6',
    }),
    add('t2', 'ip6tnl', {
      remote: '2001:db8::8',
      ttl: 255,
      proto: 4,
      flags: ['ign_encap_limit', 'use_orig_tclass', 'use_orig_flowlabel', 'use_orig_fwmark'],
    }),
    add('t3', 'ip6tnl', { collectMetadata: true }),
    add('t4', 'ip6tnl', { remote: '2001:db8::7', ttl: 64, proto: 41, encapLimit: 4, fwmark: MARK }),
  ],
  ip: [
    PAIR,
    'link add i1 type ipip remote 10.0.0.9 local 10.0.0.1 dev e0 ttl 9 tos 4 fwmark 305419896 mode any encap fou encap-sport 4660 encap-dport 5555 encap-csum',
    'link add i2 type ipip remote 10.0.0.8 mode mplsip nopmtudisc tos inherit',
    'link add i3 type ipip external',
    'link add i4 type ipip remote 10.0.0.6 mode ipip ttl 255',
    'link add s1 type sit remote 10.0.0.9 local 10.0.0.1 dev e0 ttl 9 tos 4 fwmark 305419896 mode any encap gue encap-sport 4660 encap-dport 5555 encap-remcsum',
    'link add s2 type sit local 10.0.0.2 ttl 64 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8',
    'link add s3 type sit local 10.0.0.3 ttl 64 isatap',
    'link add s4 type sit remote 10.0.0.5 mode ipip',
    'link add t1 type ip6tnl remote 2001:db8::9 local 2001:db8::1 dev e0 hoplimit 9 encaplimit 7 tclass 0x10 flowlabel 0x12345 dscp inherit allow-localremote mode any encap fou encap-sport 4660 encap-dport 5555 encap-udp6-csum',
    'link add t2 type ip6tnl remote 2001:db8::8 hoplimit 255 tclass inherit flowlabel inherit fwmark inherit encaplimit none mode ipip6',
    'link add t3 type ip6tnl external',
    'link add t4 type ip6tnl remote 2001:db8::7 hoplimit 64 mode ip6ip6 fwmark 305419896',
  ],
  changes: [
    set('i1', 'ipip', { remote: '10.0.0.7', local: '10.0.0.2', ttl: 8, pmtudisc: true, fwmark: 0 }),
    set('s2', 'sit', {
      local: '10.0.0.2',
      ttl: 65,
      pmtudisc: true,
      '6rdPrefix': '2001:db8:1::',
      '6rdPrefixlen': 48,
      '6rdRelayPrefix': '10.1.0.0',
      '6rdRelayPrefixlen': 16,
    }),
    set('t4', 'ip6tnl', { remote: '2001:db8::5', ttl: 8, encapLimit: 0, proto: 41, fwmark: 7, flowinfo: 0xfffff }),
  ],
};

export const ipsecSet: LinkSet = {
  name: 'vti, xfrm',
  kinds: ['vti', 'vti6', 'xfrm', 'veth'],
  ours: [
    pair('e0', 'e1'),
    add('v1', 'vti', {
      remote: '10.0.0.9',
      local: '10.0.0.1',
      link: 'e0',
      ikey: 4660,
      okey: 0x01020304,
      fwmark: MARK,
    }),
    add('v2', 'vti', { remote: '10.0.0.8', ikey: 0xffffffff, okey: 1 }),
    add('w1', 'vti6', {
      remote: '2001:db8::9',
      local: '2001:db8::1',
      link: 'e0',
      ikey: 4660,
      okey: 0x01020304,
      fwmark: MARK,
    }),
    add('w2', 'vti6', { remote: '2001:db8::8', ikey: 0, okey: 0xffffffff }),
    add('x1', 'xfrm', { ifId: 1 }),
    add('x2', 'xfrm', { ifId: MARK, link: 'e0' }),
    add('x3', 'xfrm', { ifId: 0xffffffff }),
    add('x4', 'xfrm', { collectMetadata: true }),
  ],
  ip: [
    PAIR,
    'link add v1 type vti remote 10.0.0.9 local 10.0.0.1 dev e0 ikey 4660 okey 1.2.3.4 fwmark 305419896',
    'link add v2 type vti remote 10.0.0.8 ikey 4294967295 okey 1',
    'link add w1 type vti6 remote 2001:db8::9 local 2001:db8::1 dev e0 ikey 4660 okey 1.2.3.4 fwmark 305419896',
    'link add w2 type vti6 remote 2001:db8::8 ikey 0 okey 4294967295',
    'link add x1 type xfrm if_id 1',
    'link add x2 type xfrm dev e0 if_id 305419896',
    'link add x3 type xfrm if_id 0xffffffff',
    'link add x4 type xfrm external',
  ],
  changes: [
    set('v1', 'vti', { remote: '10.0.0.7', ikey: 4660, okey: 0x01020304, fwmark: 7 }),
    set('w1', 'vti6', { remote: '2001:db8::7', ikey: 4660, okey: 0x01020304, fwmark: 7 }),
  ],
};
