/** Routes with encapsulations, once as we say them and once as `ip` says them. */
import type { RouteSpec } from 'tsroute2';

export interface EncapSet {
  /** What the test is called. */
  name: string;
  /** The version that the kernel must have at least. */
  needs?: string;
  /** Options of tunnels: Linux 6.18 dies of them with the lock of all configuration held, so only in the virtual machine. */
  guestOnly?: boolean;
  /** Modules that do not load by themselves; they are loaded in the virtual machine only. */
  modules?: readonly string[];
  /** Lines of `ip -batch` that come first. */
  links?: readonly string[];
  sysctl?: readonly string[];
  /** A route as we say it and as `ip route add` does; `DST` is its destination. */
  routes: readonly (readonly [Omit<RouteSpec, 'dst'>, string])[];
  /** What the first routes are replaced by. */
  changes: readonly Omit<RouteSpec, 'dst'>[];
}

type Encap = NonNullable<RouteSpec['encap']>;
const dev = (encap: Encap, words: string, name = 'e0'): EncapSet['routes'][number] => [
  { dev: name, encap },
  // xfrm takes the word dev for itself; others want a word behind them.
  'xfrm' in encap ? `DST dev ${name} encap ${words}` : `DST encap ${words} dev ${name}`,
];
const via = (encap: Encap, words: string): EncapSet['routes'][number] => [
  { gateway: '10.0.0.2', encap },
  `DST encap ${words} via 10.0.0.2`,
];
const via6 = (encap: Encap, words: string): EncapSet['routes'][number] => [
  { gateway: '2001:db8::2', encap },
  `-6 DST encap ${words} via 2001:db8::2`,
];
const six = ([spec, words]: EncapSet['routes'][number]): EncapSet['routes'][number] => [spec, `-6 ${words}`];
const dev6 = (encap: Encap, words: string, name?: string): EncapSet['routes'][number] => six(dev(encap, words, name));

const SEGS = ['fc00::1', 'fc00::2', '2001:db8:77::3'];
const WORDS = SEGS.join(',');

const mpls: EncapSet = {
  name: 'mpls',
  modules: ['mpls_iptunnel'],
  routes: [
    via({ mpls: { dst: 100 } }, 'mpls 100'),
    via({ mpls: { dst: '100/200' } }, 'mpls 100/200'),
    via({ mpls: { dst: [16, 1048575, 74565] } }, 'mpls 16/1048575/74565'),
    via({ mpls: { dst: '100', ttl: 1 } }, 'mpls 100 ttl 1'),
    via({ mpls: { dst: '100', ttl: 255 } }, 'mpls 100 ttl 255'),
    via6({ mpls: { dst: '100/200', ttl: 77 } }, 'mpls 100/200 ttl 77'),
    [
      {
        multipath: [
          { gateway: '10.0.0.2', encap: { mpls: { dst: 100 } } },
          { gateway: '10.0.0.3', weight: 3, encap: { mpls: { dst: [200, 300], ttl: 9 } } },
        ],
      },
      'DST nexthop encap mpls 100 via 10.0.0.2 nexthop encap mpls 200/300 ttl 9 via 10.0.0.3 weight 3',
    ],
  ],
  changes: [{ gateway: '10.0.0.3', encap: { mpls: { dst: '17', ttl: 3 } } }, { gateway: '10.0.0.3' }],
};

const seg6: EncapSet = {
  name: 'seg6',
  routes: [
    dev6({ seg6: { mode: 'encap', segs: 'fc00::1' } }, 'seg6 mode encap segs fc00::1'),
    dev6({ seg6: { mode: 'encap', segs: SEGS } }, `seg6 mode encap segs ${WORDS}`),
    dev6({ seg6: { mode: 'inline', segs: SEGS } }, `seg6 mode inline segs ${WORDS}`),
    dev6({ seg6: { mode: 'l2encap', segs: WORDS } }, `seg6 mode l2encap segs ${WORDS}`),
    dev6({ seg6: { mode: 'encap', segs: SEGS, hmac: 1 } }, `seg6 mode encap segs ${WORDS} hmac 1`),
    dev6({ seg6: { mode: 'encap', segs: SEGS, hmac: 0x12345678 } }, `seg6 mode encap segs ${WORDS} hmac 305419896`),
    dev6({ seg6: { mode: 1, segs: SEGS, hmac: 0xffffffff } }, `seg6 mode encap segs ${WORDS} hmac 4294967295`),
    via6({ seg6: { mode: 'encap', segs: 'fc00::1' } }, 'seg6 mode encap segs fc00::1'),
    via({ seg6: { mode: 'encap', segs: SEGS } }, `seg6 mode encap segs ${WORDS}`),
  ],
  changes: [
    { dev: 'e0', encap: { seg6: { mode: 'inline', segs: ['fc00::9'] } } },
    { dev: 'e0', encap: { seg6: { mode: 'encap', segs: [...SEGS, 'fc00::8'], hmac: 9 } } },
  ],
};

const seg6reduced: EncapSet = {
  name: 'seg6, reduced',
  needs: '6.0',
  routes: [
    dev6({ seg6: { mode: 'encap.red', segs: SEGS } }, `seg6 mode encap.red segs ${WORDS}`),
    dev6({ seg6: { mode: 'l2encap.red', segs: SEGS } }, `seg6 mode l2encap.red segs ${WORDS}`),
  ],
  changes: [{ dev: 'e0', encap: { seg6: { mode: 'l2encap.red', segs: ['fc00::9'] } } }],
};

type Local = NonNullable<Encap['seg6local']>;
const local = (o: Local, words: string, name?: string): EncapSet['routes'][number] =>
  dev6({ seg6local: o }, `seg6local action ${words}`, name);
const ZERO = { packets: 0, bytes: 0, errors: 0 };

const seg6local: EncapSet = {
  name: 'seg6local',
  routes: [
    local({ action: 'End' }, 'End'),
    local({ action: 'End.X', nh6: 'fe80::2' }, 'End.X nh6 fe80::2'),
    local({ action: 'End.T', table: 305419896 }, 'End.T table 305419896'),
    local({ action: 'End.DX2', oif: 'e1' }, 'End.DX2 oif e1'),
    local({ action: 'End.DX6', nh6: '2001:db8::2' }, 'End.DX6 nh6 2001:db8::2'),
    local({ action: 'End.DX4', nh4: '10.0.0.2' }, 'End.DX4 nh4 10.0.0.2'),
    local({ action: 'End.DT6', table: 4294967295 }, 'End.DT6 table 4294967295'),
    local({ action: 'End.B6', srh: { segs: [...SEGS, '::'] } }, `End.B6 srh segs ${WORDS}`),
    local({ action: 'End.B6.Encaps', srh: { segs: SEGS, hmac: 7 } }, `End.B6.Encaps srh segs ${WORDS} hmac 7`),
    local({ action: 'End', counters: ZERO }, 'End count'),
  ],
  changes: [{ dev: 'e0', encap: { seg6local: { action: 'End.T', table: 1 } } }],
};

const seg6vrf: EncapSet = {
  name: 'seg6local into a VRF',
  links: ['link add r0 type vrf table 77', 'link set r0 up'],
  sysctl: ['net.vrf.strict_mode=1'],
  routes: [
    local({ action: 'End.DT6', vrftable: 77 }, 'End.DT6 vrftable 77', 'r0'),
    local({ action: 'End.DT4', vrftable: 77 }, 'End.DT4 vrftable 77', 'r0'),
    local({ action: 'End.DT46', vrftable: 77 }, 'End.DT46 vrftable 77', 'r0'),
  ],
  changes: [{ dev: 'r0', encap: { seg6local: { action: 'End.DT6', vrftable: 77 } } }],
};

const seg6flavors: EncapSet = {
  name: 'seg6local with flavours',
  needs: '6.6',
  routes: [
    local({ action: 'End', flavors: { operation: 'psp' } }, 'End flavors psp'),
    local({ action: 'End', flavors: { operation: ['next_csid'] } }, 'End flavors next-csid'),
    local(
      { action: 'End', flavors: { operation: ['next_csid'], lcblockBits: 48, lcnodeFnBits: 32 } },
      'End flavors next-csid lblen 48 nflen 32',
    ),
    local(
      { action: 'End.X', nh6: 'fe80::2', flavors: { operation: 16, lcblockBits: 40, lcnodeFnBits: 16 } },
      'End.X nh6 fe80::2 flavors next-csid lblen 40 nflen 16',
    ),
  ],
  changes: [{ dev: 'e0', encap: { seg6local: { action: 'End', flavors: { operation: 'next_csid' } } } }],
};

const ID = 0x123456789abcdef0n;
const tunnel: EncapSet = {
  name: 'ip, ip6',
  links: ['link add x0 type vxlan external dstport 4789', 'link set x0 up'],
  routes: [
    dev({ ip: { id: 0, dst: '10.0.0.9' } }, 'ip id 0 dst 10.0.0.9', 'x0'),
    dev({ ip: { id: ID, dst: '10.0.0.9' } }, `ip id ${ID} dst 10.0.0.9`, 'x0'),
    dev({ ip: { id: 0xffffffffffffffffn, dst: '10.0.0.8' } }, 'ip id 0xffffffffffffffff dst 10.0.0.8', 'x0'),
    dev(
      { ip: { id: 100n, src: '10.0.0.1', dst: '10.0.0.9', ttl: 9, tos: 4, flags: ['key', 'csum', 'seq'] } },
      'ip id 100 src 10.0.0.1 dst 10.0.0.9 ttl 9 tos 4 key csum seq',
      'x0',
    ),
    dev({ ip: { id: 1, dst: '10.0.0.9', ttl: 255, tos: 252 } }, 'ip id 1 dst 10.0.0.9 ttl 255 tos 0xfc', 'x0'),
    dev({ ip6: { id: 101, dst: '2001:db8::9' } }, 'ip6 id 101 dst 2001:db8::9', 'x0'),
    dev6(
      { ip6: { id: ID, src: '2001:db8::1', dst: '2001:db8::9', hoplimit: 9, tc: 4, flags: ['key', 'csum', 'seq'] } },
      `ip6 id ${ID} src 2001:db8::1 dst 2001:db8::9 hoplimit 9 tc 4 key csum seq`,
      'x0',
    ),
    dev6({ ip: { id: 100, dst: '10.0.0.9' } }, 'ip id 100 dst 10.0.0.9', 'x0'),
  ],
  changes: [{ dev: 'x0', encap: { ip: { id: 5, dst: '10.0.0.7', ttl: 3 } } }],
};

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const first = { class: 0x1234, type: 0x80, data: bytes('00112233') };
const second = { class: 1, type: 255, data: bytes('0011223344556677') };
const GENEVE = '4660:128:00112233,1:255:0011223344556677';
const KEYED = { id: 100, dst: '10.0.0.9' };
const KEYED6 = { id: 100, dst: '2001:db8::9' };

const options: EncapSet = {
  name: 'options of tunnels',
  guestOnly: true,
  links: [
    'link add x0 type vxlan external dstport 4789',
    'link add g0 type geneve external dstport 6081',
    'link add r0 type erspan external',
    'link set x0 up',
    'link set g0 up',
    'link set r0 up',
  ],
  routes: [
    dev({ ip: { ...KEYED, opts: { vxlan: { gbp: 0x5678 } } } }, 'ip id 100 dst 10.0.0.9 vxlan_opts 22136', 'x0'),
    dev({ ip: { ...KEYED, opts: { geneve: [first] } } }, 'ip id 100 dst 10.0.0.9 geneve_opts 4660:128:00112233', 'g0'),
    dev({ ip: { ...KEYED, opts: { geneve: [first, second] } } }, `ip id 100 dst 10.0.0.9 geneve_opts ${GENEVE}`, 'g0'),
    dev(
      { ip: { ...KEYED, opts: { erspan: { ver: 1, index: 74565 } } } },
      'ip id 100 dst 10.0.0.9 erspan_opts 1:74565:0:0',
      'r0',
    ),
    dev(
      { ip: { ...KEYED, opts: { erspan: { ver: 2, dir: 'egress', hwid: 33 } } } },
      'ip id 100 dst 10.0.0.9 erspan_opts 2:0:1:33',
      'r0',
    ),
    dev6({ ip6: { ...KEYED6, opts: { vxlan: { gbp: 1 } } } }, 'ip6 id 100 dst 2001:db8::9 vxlan_opts 1', 'x0'),
    dev6(
      { ip6: { ...KEYED6, opts: { geneve: [second, first] } } },
      'ip6 id 100 dst 2001:db8::9 geneve_opts 1:255:0011223344556677,4660:128:00112233',
      'g0',
    ),
    dev6(
      { ip6: { ...KEYED6, opts: { erspan: { ver: 2, dir: 'ingress', hwid: 63 } } } },
      'ip6 id 100 dst 2001:db8::9 erspan_opts 2:0:0:63',
      'r0',
    ),
  ],
  changes: [{ dev: 'x0', encap: { ip: { ...KEYED, opts: { vxlan: { gbp: 2 } } } } }],
};

const xfrm: EncapSet = {
  name: 'xfrm',
  needs: '6.1',
  links: ['link add x0 type xfrm external', 'link set x0 up'],
  routes: [
    dev({ xfrm: { ifId: 1 } }, 'xfrm if_id 1', 'x0'),
    dev({ xfrm: { ifId: 0x12345678, link: 'e0' } }, 'xfrm if_id 305419896 link_dev e0', 'x0'),
    dev({ xfrm: { ifId: 0xffffffff } }, 'xfrm if_id 4294967295', 'x0'),
    dev6({ xfrm: { ifId: 7 } }, 'xfrm if_id 7', 'x0'),
  ],
  changes: [{ dev: 'x0', encap: { xfrm: { ifId: 9 } } }],
};

const rpl: EncapSet = {
  name: 'rpl',
  // Older than that, but not built in stock kernels.
  needs: '7.0',
  routes: [dev6({ rpl: { segs: 'fc00::1' } }, 'rpl segs fc00::1'), dev6({ rpl: { segs: SEGS } }, `rpl segs ${WORDS}`)],
  changes: [{ dev: 'e0', encap: { rpl: { segs: ['fc00::9', 'fc00::8'] } } }],
};

const ila: EncapSet = {
  name: 'ila',
  modules: ['ila'],
  routes: [
    via6(
      { ila: { locator: 0x0001000200030004n, csumMode: 'no-action', identType: 'luid', hookType: 'output' } },
      'ila 1:2:3:4 csum-mode no-action ident-type luid hook-type output',
    ),
    via6(
      { ila: { locator: 0x123456789abcdef0n, csumMode: 'adj-transport', identType: 'luid', hookType: 'input' } },
      'ila 1234:5678:9abc:def0 csum-mode adj-transport ident-type luid hook-type input',
    ),
    via6(
      { ila: { locator: 1n << 48n, csumMode: 'neutral-map-auto', identType: 'luid' } },
      'ila 1:0:0:0 csum-mode neutral-map-auto ident-type luid',
    ),
  ],
  changes: [
    { gateway: '2001:db8::3', encap: { ila: { locator: 5n << 48n, csumMode: 'neutral-map', identType: 'luid' } } },
  ],
};

export const encapSets: readonly EncapSet[] = [
  options,
  seg6,
  seg6reduced,
  seg6local,
  seg6vrf,
  seg6flavors,
  mpls,
  tunnel,
  xfrm,
  rpl,
  ila,
];
