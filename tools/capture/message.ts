/** One netlink message: the fields of its nlmsghdr and its bytes, header included, padding not. */
export interface Message {
  length: number;
  type: number;
  flags: number;
  seq: number;
  pid: number;
  bytes: Buffer;
}

const TYPE_NAMES: Record<number, string> = {
  1: 'NLMSG_NOOP',
  2: 'NLMSG_ERROR',
  3: 'NLMSG_DONE',
  4: 'NLMSG_OVERRUN',
  16: 'RTM_NEWLINK',
  17: 'RTM_DELLINK',
  18: 'RTM_GETLINK',
  19: 'RTM_SETLINK',
  20: 'RTM_NEWADDR',
  21: 'RTM_DELADDR',
  22: 'RTM_GETADDR',
  24: 'RTM_NEWROUTE',
  25: 'RTM_DELROUTE',
  26: 'RTM_GETROUTE',
  28: 'RTM_NEWNEIGH',
  29: 'RTM_DELNEIGH',
  30: 'RTM_GETNEIGH',
  32: 'RTM_NEWRULE',
  33: 'RTM_DELRULE',
  34: 'RTM_GETRULE',
  64: 'RTM_NEWNEIGHTBL',
  66: 'RTM_GETNEIGHTBL',
  67: 'RTM_SETNEIGHTBL',
  72: 'RTM_NEWADDRLABEL',
  73: 'RTM_DELADDRLABEL',
  74: 'RTM_GETADDRLABEL',
  80: 'RTM_NEWNETCONF',
  81: 'RTM_DELNETCONF',
  82: 'RTM_GETNETCONF',
  84: 'RTM_NEWMDB',
  85: 'RTM_DELMDB',
  86: 'RTM_GETMDB',
  88: 'RTM_NEWNSID',
  89: 'RTM_DELNSID',
  90: 'RTM_GETNSID',
  92: 'RTM_NEWSTATS',
  94: 'RTM_GETSTATS',
  95: 'RTM_SETSTATS',
  104: 'RTM_NEWNEXTHOP',
  105: 'RTM_DELNEXTHOP',
  106: 'RTM_GETNEXTHOP',
  108: 'RTM_NEWLINKPROP',
  109: 'RTM_DELLINKPROP',
  110: 'RTM_GETLINKPROP',
  112: 'RTM_NEWVLAN',
  113: 'RTM_DELVLAN',
  114: 'RTM_GETVLAN',
  116: 'RTM_NEWNEXTHOPBUCKET',
  117: 'RTM_DELNEXTHOPBUCKET',
  118: 'RTM_GETNEXTHOPBUCKET',
  120: 'RTM_NEWTUNNEL',
  121: 'RTM_DELTUNNEL',
  122: 'RTM_GETTUNNEL',
};

/** The kernel's name of a message type of NETLINK_ROUTE, or its number as text. */
export function typeName(type: number): string {
  return TYPE_NAMES[type] ?? String(type);
}

type MessageObject = keyof typeof HEADER_LENGTH;

/** The message's object, with which its header and attributes are read. */
export function objectOf(type: number): MessageObject {
  if ((type >= 16 && type <= 19) || type === 108 || type === 109) return 'link';
  if (type >= 20 && type <= 22) return 'addr';
  if (type >= 24 && type <= 26) return 'route';
  if (type >= 28 && type <= 30) return 'neigh';
  if (type >= 32 && type <= 34) return 'rule';
  if (type >= 64 && type <= 67) return 'ntable';
  if (type >= 72 && type <= 74) return 'addrlabel';
  if (type >= 80 && type <= 82) return 'netconf';
  if (type >= 92 && type <= 95) return 'stats';
  if (type >= 120 && type <= 122) return 'tunnel';
  if (type >= 88 && type <= 90) return 'nsid';
  if (type >= 84 && type <= 86) return 'mdb';
  if ((type >= 104 && type <= 106) || (type >= 116 && type <= 118)) return 'nexthop';
  if (type >= 112 && type <= 114) return 'vlan';
  return 'other';
}

const align4 = (n: number): number => (n + 3) & ~3;

/**
 * Splits a datagram (or a file of messages) into its messages. What follows the first message may be rubbish: some
 * commands of iproute2 send their whole request structure, and the kernel stops reading where a header makes no sense.
 */
export function splitMessages(datagram: Buffer): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < datagram.length; ) {
    const length = datagram.length - at >= 16 ? datagram.readUInt32LE(at) : 0;
    if (length < 16 || at + length > datagram.length) {
      if (at > 0) break;
      throw new Error('not a netlink message');
    }
    messages.push({
      length,
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      seq: datagram.readUInt32LE(at + 8),
      pid: datagram.readUInt32LE(at + 12),
      bytes: Buffer.from(datagram.subarray(at, at + length)),
    });
    at += align4(length);
  }
  return messages;
}

/** One attribute: its id without the flag bits, and where its payload lies. */
export interface Attribute {
  id: number;
  start: number;
  end: number;
}

/** The attributes between two offsets, or undefined when the bytes do not end exactly with one. */
export function attributesIn(bytes: Buffer, from: number, to: number): Attribute[] | undefined {
  const found: Attribute[] = [];
  let at = from;
  while (at < to) {
    const length = to - at >= 4 ? bytes.readUInt16LE(at) : 0;
    if (length < 4 || at + length > to) return undefined;
    found.push({ id: bytes.readUInt16LE(at + 2) & 0x3fff, start: at + 4, end: at + length });
    at += align4(length);
  }
  return found;
}

const HEADER_LENGTH = {
  link: 16,
  addr: 8,
  route: 12,
  neigh: 12,
  rule: 12,
  ntable: 4,
  addrlabel: 12,
  netconf: 4,
  stats: 12,
  tunnel: 8,
  nsid: 4,
  mdb: 8,
  nexthop: 8,
  vlan: 8,
  other: 0,
} as const;

/** Where the attributes of a message begin (after nlmsghdr and the object's own header). */
export function attributesStart(type: number): number {
  return 16 + HEADER_LENGTH[objectOf(type)];
}
