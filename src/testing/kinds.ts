/** Kinds of links: what a new one has. Values are those that Linux 6.18 gives (test/testing/exchanges). */
import type { Namespace } from './namespace.js';
import { IFF } from './numbers.js';
import type { Options } from './options.js';
import { checkVxlan, checkVxlanChange, validateVxlan } from './vxlan.js';
import { type Attrs, bytesOf } from './wire.js';

export interface Kind {
  name: string;
  /** ARPHRD_*. */
  type?: number;
  flags: number;
  mtu?: number;
  minMtu?: number;
  maxMtu?: number;
  txqlen?: number;
  queues?: number;
  /** Whether it has a carrier from the start. */
  carrier: boolean;
  /** Discipline of its queue when it is up. */
  qdisc: string;
  tsoMaxSize?: number;
  headroom?: number;
  /** Options of a new one. Without them the kind has none. */
  options?: string;
  /** Throws what is wrong with the options of a request, whatever it is for. */
  validate?(data: Attrs | undefined): void;
  /** Throws what keeps a new one from being made. */
  check?(data: Attrs | undefined, ns: Namespace): void;
  /** Throws what cannot be changed. */
  checkChange?(data: Attrs, options: Options, ns: Namespace): void;
  /** Options that may be changed later; without it none. */
  changeable?: boolean;
  /** Whether it stays in its namespace. */
  immobile?: boolean;
  /** Whether the one who adds it is told who did (NLM_F_ECHO); a few kinds announce themselves before. */
  echoed?: boolean;
}

const parse = (text: string): Options =>
  text.split(' ').map((part) => {
    const [type = '', hex = ''] = part.split('=');
    return [Number(type), bytesOf(hex)] as const;
  });

const ETHERNET = IFF.BROADCAST | IFF.MULTICAST;

/** Options of a bridge, of its ports, and of a VXLAN link: type and bytes. */
const BRIDGE =
  '16=0000000000000000 17=0000000000000000 18=0000000000000000 19=0000000000000000 1=dc050000 2=c8000000 3=d0070000 ' +
  '4=30750000 5=00000000 6=0080 7=00 9=0000 11=0080000000000000 10=0080000000000000 12=0000 13=00000000 14=00 15=00 ' +
  '20=0180c2000000 46=000000001f000000 48=00000000 49=00000000 22=01 23=01 24=00 25=00 42=00 26=10000000 27=00100000 ' +
  '28=02000000 29=02000000 43=02 44=01 30=6400000000000000 31=9065000000000000 32=9c63000000000000 ' +
  '33=d430000000000000 34=e803000000000000 35=340c000000000000 36=00 37=00 38=00';
const PORT =
  '1=00 2=2000 3=02000000 4=00 5=00 6=00 7=00 28=00 8=01 9=01 27=01 30=01 10=00 12=00 13=0080000000000000 ' +
  '14=0080000000000000 15=0180 16=0000 17=0180 18=0100 19=00 20=00 29=00 31=0000 32=00 35=00 36=00 33=00 39=00 40=00 ' +
  '43=00 21=0000000000000000 22=0000000000000000 23=0000000000000000 25=01 37=00020000 38=00000000 41=00000000 ' +
  '42=00000000';
const VXLAN =
  '1=00000000 2= 16= 3= 4= 17= 5=00 28=00 6=00 29=00 26=00000000 32=00000000 7=01 11=00 12=00 13=00 14=00 25=00 ' +
  '8=2c010000 9=00000000 15=12b5 18=01 19=00 20=00 21=00 22=00 31=01 10=00000000 33=f7ffffff000000ff';

const list: Kind[] = [
  { name: 'dummy', flags: IFF.BROADCAST | IFF.NOARP, minMtu: 0, maxMtu: 0, carrier: true, qdisc: 'noqueue' },
  {
    name: 'ifb',
    flags: IFF.BROADCAST | IFF.NOARP,
    minMtu: 0,
    maxMtu: 0,
    txqlen: 32,
    carrier: true,
    qdisc: 'pfifo_fast',
  },
  { name: 'veth', flags: ETHERNET, queues: 2, carrier: false, qdisc: 'noqueue' },
  {
    name: 'bridge',
    immobile: true,
    flags: ETHERNET,
    carrier: false,
    qdisc: 'noqueue',
    tsoMaxSize: 65536,
    options: BRIDGE,
    changeable: true,
  },
  {
    name: 'vxlan',
    flags: ETHERNET,
    carrier: true,
    qdisc: 'noqueue',
    tsoMaxSize: 65536,
    headroom: 64,
    options: VXLAN,
    echoed: false,
    changeable: true,
    validate: validateVxlan,
    check: checkVxlan,
    checkChange: checkVxlanChange,
  },
];

export const KINDS: ReadonlyMap<string, Kind> = new Map(list.map((kind) => [kind.name, kind]));

export const LOOPBACK: Kind = {
  name: '',
  type: 772,
  flags: IFF.LOOPBACK,
  mtu: 65536,
  minMtu: 0,
  maxMtu: 0,
  carrier: true,
  qdisc: 'noqueue',
};

/** Options of a new link, with those that were asked for. */
export function optionsOf(kind: Kind, given: Attrs | undefined): Options | undefined {
  if (kind.options === undefined) return undefined;
  return changed(parse(kind.options), given);
}

export const portOptions = (): Options => parse(PORT);

/** Options with those of a request in their place. */
export const changed = (options: Options, given: Attrs | undefined): Options =>
  options.map(([type, data]) => [type, given?.get(type)?.slice() ?? data]);

export const setOption = (options: Options, type: number, data: Uint8Array): Options =>
  options.map(([t, old]) => [t, t === type ? data : old]);
