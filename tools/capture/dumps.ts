import { attributesIn, attributesStart, type Message } from './message.js';
import type { Area } from './scene.js';

/** A command that prints a stored message, and which of its dump requests the message answers. */
type Dump = readonly [command: string, type: number, family: number];

const AF_BRIDGE = 7;
const RTM_GETLINK = 18;
const RTM_GETMDB = 86;
const RTM_GETVLAN = 114;

const HOPS: Dump[] = [['ip -j -d -s -s nexthop show', 106, 0]];
const BUCKETS: Dump[] = [['ip -j -d nexthop bucket show', 118, 0]];
const MDB: Dump[] = [['bridge -j -d -s mdb show', RTM_GETMDB, AF_BRIDGE]];
const VLANS: Dump[] = [['bridge -j -d -s vlan show', RTM_GETVLAN, AF_BRIDGE]];
const GLOBAL: Dump[] = [['bridge -j -d vlan global show', RTM_GETVLAN, AF_BRIDGE]];
const FILTER: Dump[] = [
  ['bridge -j -c vlan show', RTM_GETLINK, AF_BRIDGE],
  ['bridge -j vlan tunnelshow', RTM_GETLINK, AF_BRIDGE],
];
/** Number of the attribute with options that are the same for all ports. */
const GLOBAL_OPTIONS = 2;

const BY_TYPE: Readonly<Record<number, Dump[]>> = {
  84: MDB,
  85: MDB,
  // Bridges answer with the type of the request.
  86: MDB,
  104: HOPS,
  105: HOPS,
  112: VLANS,
  113: VLANS,
  116: BUCKETS,
  117: BUCKETS,
};

/** The dumps that print a message, for objects of which each prints a part; undefined for the others. */
export function dumpsOf(message: Message, area: Area): Dump[] | undefined {
  const { type, bytes } = message;
  if (type < RTM_GETLINK && bytes[16] === AF_BRIDGE && area === 'vlans') return FILTER;
  const dumps = BY_TYPE[type];
  if (dumps !== VLANS) return dumps;
  const attributes = attributesIn(bytes, attributesStart(type), bytes.length) ?? [];
  return attributes.some(({ id }) => id === GLOBAL_OPTIONS) ? GLOBAL : dumps;
}
