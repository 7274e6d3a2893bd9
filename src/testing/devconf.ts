/** IFLA_AF_SPEC: settings of IPv4 and IPv6 on a link, as a new one has them where duplicate address detection is off. */

import type { Link } from './link.js';
import { AF_INET, AF_INET6, IFF } from './numbers.js';
import { type Payload, u32Bytes } from './wire.js';

const IPV6_READY = 0x80000000;

/** Settings that are not 0, by their number less one (IPV4_DEVCONF_*) and by their number (DEVCONF_*). */
type Settings = readonly (readonly [at: number, value: number])[];
const INET: Settings = [
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 1],
  [8, 1],
  [26, 10000],
  [27, 1000],
  [32, 1],
];
const INET_OF_LOOPBACK: Settings = [
  [14, 1],
  [15, 1],
];
const INET6: Settings = [
  [1, 64],
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 1],
  [8, 4000],
  [9, 1000],
  [11, 604800],
  [12, 86400],
  [13, 3],
  [14, 600],
  [15, 16],
  [17, 1],
  [18, 1],
  [19, 1],
  [20, 60000],
  [30, 10000],
  [31, 1000],
  [32, 1],
  [35, 1],
  [38, 1],
  [43, 3600000],
  [46, 1],
  [52, 1024],
  [54, 65535],
  [55, -1],
  [56, 1],
];
const MTU6 = 2;
const INET6_OF_LOOPBACK: Settings = [
  [7, -1],
  [10, -1],
];
/** Duplicate address detection makes no sense where there are no neighbours. */
const ACCEPT_DAD = 27;

function table(length: number, ...settings: Settings[]): Uint8Array {
  const values = new Int32Array(length);
  for (const [at, value] of settings.flat()) values[at] = value;
  return new Uint8Array(values.buffer);
}

/** Writes what is in IFLA_AF_SPEC. */
export function devconf(m: Payload, link: Link): void {
  const lo = link.loopback;
  m.nest(AF_INET, () => m.bytes(1, table(33, INET, lo ? INET_OF_LOOPBACK : [])));
  m.nest(AF_INET6, () => {
    m.u32(1, link.ready6 ? IPV6_READY : 0);
    // Longest packet to be put together again, times of neighbours: clocks.
    m.bytes(
      5,
      [0xffff, 0, 30000, 1000].flatMap((value) => [...u32Bytes(value)]),
    );
    const quiet: Settings = link.kind.flags & (IFF.NOARP | IFF.LOOPBACK) ? [[ACCEPT_DAD, -1]] : [];
    m.bytes(2, table(60, INET6, [[MTU6, link.mtu6]], lo ? INET6_OF_LOOPBACK : [], quiet));
    m.bytes(3, new Uint8Array(304));
    m.bytes(6, [7, ...new Array<number>(55).fill(0)]);
    m.bytes(7, new Uint8Array(16));
    m.u8(8, 0);
  });
}
