import { type Attribute, attributesIn, attributesStart, objectOf, splitMessages } from './message.js';

// Counters and clocks, by path of attribute ids; a name in a path is the IFLA_INFO_KIND (or SLAVE_KIND) beside it.
const VOLATILE = new Set([
  'link/7',
  'link/23',
  'link/26.10.3',
  'link/26.10.5',
  'link/26.10.6',
  'link/18.3',
  'link/18.bridge.16',
  'link/18.bridge.17',
  'link/18.bridge.18',
  'link/18.bridge.19',
  'link/18.bridge_slave.21',
  'link/18.bridge_slave.22',
  'link/18.bridge_slave.23',
  'addr/6',
  'route/12',
  // What the kernel numbers as it starts.
  'nlctrl/1',
  'nlctrl/7',
  'mptcp_event/1',
  'neigh/3',
  'ntable/5',
  'ntable/7',
  'ntable/6.2',
  'ntable/6.3',
  'stats/1',
  'stats/2.1.2',
  'stats/2.1.4',
  'stats/3.1.2',
  'stats/3.1.4',
  'tunnel/1.5',
  'nexthop/12.4',
  'nexthop/13.2',
]);
/** After nlmsghdr and genlmsghdr. */
const GENERIC_START = 20;
const NESTS = new Set([
  'link/18',
  'link/26',
  'link/26.2',
  'link/26.10',
  'link/52',
  'link/18.data',
  'route/8',
  'link/12',
  'mptcp_pm/1',
  'mptcp_pm/6',
  'ntable/6',
  'stats/2',
  'stats/2.1',
  'stats/3',
  'stats/3.1',
  'tunnel/1',
  'nexthop/12',
  'nexthop/13',
]);

/** `family` is that of a message of generic netlink. */
function walk(bytes: Buffer, family: string | undefined, visit: (path: string, attribute: Attribute) => void): void {
  const type = bytes.readUInt16LE(4);
  const object = type < 16 ? 'other' : (family ?? objectOf(type));
  if (object === 'other') return;
  const inside = (prefix: string, attributes: Attribute[] | undefined): void => {
    for (const attribute of attributes ?? []) {
      let path = prefix.endsWith('/') ? `${prefix}${attribute.id}` : `${prefix}.${attribute.id}`;
      let nest = NESTS.has(path);
      // IFLA_INFO_DATA and IFLA_INFO_SLAVE_DATA mean what the kind before them says.
      if (path === 'link/18.2' || path === 'link/18.5') {
        const kind = attributes?.find((a) => a.id === attribute.id - 1);
        path = `link/18.${kind ? bytes.toString('latin1', kind.start, kind.end).replace(/\0/g, '') : '?'}`;
        nest = true;
      }
      visit(path, attribute);
      if (nest) inside(path, attributesIn(bytes, attribute.start, attribute.end));
    }
  };
  const start = family === undefined ? attributesStart(type) : GENERIC_START;
  inside(`${object}/`, attributesIn(bytes, start, bytes.length));
}

/** A message's identity: its bytes without sequence number, port id, counters and clocks. */
export function identity(message: Buffer, family?: string): string {
  const bytes = Buffer.from(message);
  walk(message, family, (path, a) => {
    if (VOLATILE.has(path)) bytes.fill(0, a.start, a.end);
  });
  bytes.fill(0, 8, 16);
  const type = bytes.readUInt16LE(4);
  // The number of a family is another on each kernel.
  if (family !== undefined && type > 16) bytes.fill(0, 4, 6);
  // An error carries the header of the request it answers.
  if (type === 2 && bytes.length >= 36) bytes.fill(0, 28, 36);
  // The flags of a dump's answer only say whether the dump was filtered.
  return bytes.toString('hex');
}

/** The sorted paths of all attributes of the message, for comparing what two kernels send. */
export function attributePaths(hex: string, family?: string): string[] {
  const paths = new Set<string>();
  for (const message of splitMessages(Buffer.from(hex, 'hex'))) walk(message.bytes, family, (path) => paths.add(path));
  return [...paths].sort();
}
