/** The words of iproute2 where they are not those of the kernel's headers. Written from its output, not from `src/`. */

/** Names of interfaces by index, as `ip` looks them up. */
export interface Names {
  name: (index: number) => string;
  /** Whether the link is up; undefined when nobody can know. */
  up: (index: number) => boolean | undefined;
  /** Name of a user, or the number. */
  user: (uid: number) => string;
  /** Name of a group of users, or the number as such. */
  group: (gid: number) => string | number;
  /** Whether the iproute2 that printed is at least of a version: which keys there are depends on it. */
  ip: (version: string) => boolean;
}

/** In the order in which `ip` prints them; it leaves out RUNNING. */
const IFF: readonly (readonly [string, number])[] = [
  ['LOOPBACK', 0x8],
  ['BROADCAST', 0x2],
  ['POINTOPOINT', 0x10],
  ['MULTICAST', 0x1000],
  ['NOARP', 0x80],
  ['ALLMULTI', 0x200],
  ['PROMISC', 0x100],
  ['MASTER', 0x400],
  ['SLAVE', 0x800],
  ['DEBUG', 0x4],
  ['DYNAMIC', 0x8000],
  ['AUTOMEDIA', 0x4000],
  ['PORTSEL', 0x2000],
  ['NOTRAILERS', 0x20],
  ['UP', 0x1],
  ['LOWER_UP', 0x10000],
  ['DORMANT', 0x20000],
  ['ECHO', 0x40000],
];
export const linkFlags = (flags: number): string[] => [
  ...(flags & 0x1 && !(flags & 0x40) ? ['NO-CARRIER'] : []),
  ...IFF.filter(([, bit]) => flags & bit).map(([word]) => word),
];

const ARPHRD: Readonly<Record<number, string>> = {
  0: 'netrom',
  1: 'ether',
  280: 'can',
  768: 'ipip',
  769: 'tunnel6',
  772: 'loopback',
  776: 'sit',
  778: 'gre',
  823: 'gre6',
  824: 'netlink',
  825: '6lowpan',
  65534: 'none',
};
export const linkType = (type: number): string => ARPHRD[type] ?? `[${type}]`;

const SCOPES: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };
export const scope = (value: number): string => SCOPES[value] ?? String(value);

const TABLES: Readonly<Record<number, string>> = { 0: 'unspec', 253: 'default', 254: 'main', 255: 'local' };
export const routeTable = (value: number): string => TABLES[value] ?? String(value);

const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  10: 'mrt',
  11: 'zebra',
  12: 'bird',
  13: 'dnrouted',
  14: 'xorp',
  15: 'ntk',
  16: 'dhcp',
  18: 'keepalived',
  42: 'babel',
  99: 'openr',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
};
export const protocol = (value: number): string => PROTOCOLS[value] ?? String(value);

const TYPES = [
  'none',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
];
export const routeType = (value: number): string => TYPES[value] ?? String(value);

/** Where an address comes from. */
const ADDR_PROTOCOLS: Readonly<Record<number, string>> = { 1: 'kernel_lo', 2: 'kernel_ra', 3: 'kernel_ll' };
export const addrProtocol = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : (ADDR_PROTOCOLS[value] ?? hex(value));

const FAMILIES: Readonly<Record<number, string>> = { 2: 'inet', 7: 'bridge', 10: 'inet6', 28: 'mpls' };
export const family = (value: number): string => FAMILIES[value] ?? String(value);

/** `print_0xhex`: C's `%#x`. */
export const hex = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : value === 0 ? '0' : `0x${value.toString(16)}`;

export const bit = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);
export const yes = (value: boolean | undefined): true | undefined => (value ? true : undefined);

/** A value that is printed only on a condition: one that is read in any case. */
export const when = <T>(value: T, printed: boolean | undefined): T | undefined => (printed ? value : undefined);
