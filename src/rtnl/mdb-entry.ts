/** struct br_mdb_entry of linux/if_bridge.h, and the attributes that follow it in answers. */
import { InputError, show, within } from '../codec/errors.js';
import { custom, ifindex, ip, nest, nestArray, u8, u16, u32, words } from '../codec/leaf.js';
import { BAD, readAttrs } from '../codec/read.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import { Table } from '../codec/table.js';
import { formatIp6, ip4Text, lladdrText, parseIp4, parseIp6, parseLladdr, swap32 } from '../codec/text.js';
import { attr, type Custom, type In, type Out, type Rec } from '../codec/type.js';
import { interfaceIndex, isRec, writeAttrs } from '../codec/write.js';
import type { Writer } from '../codec/writer.js';
import { MDB_FLAGS, MDB_GROUP_MODE, MDB_STATE } from './constants.js';

/** Bytes of struct br_mdb_entry. */
export const MDB_ENTRY_SIZE = 28;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;

/** A group, by the port that it goes to. */
export interface MdbEntryHead {
  /** Index of the port; the bridge's own for what the machine itself wants. */
  ifindex: number;
  state: keyof typeof MDB_STATE | number;
  /** MDB_FLAGS_* bits. */
  flags: number;
  /** 0: none. */
  vid: number;
  /** Address of the group: IPv4, IPv6, or of Ethernet. */
  addr: string;
}

export interface MdbEntryHeadIn {
  /** Index or name. */
  ifindex?: number | string | undefined;
  state?: keyof typeof MDB_STATE | number | undefined;
  flags?: number | undefined;
  vid?: number | undefined;
  addr?: string | undefined;
}

const STATES = Object.entries(MDB_STATE);

/** The address and its protocol; without one it is of Ethernet. */
function address(u8: Uint8Array, p: number): string {
  const proto = (u8[p + 16]! << 8) | u8[p + 17]!;
  if (proto === ETH_P_IP) return ip4Text(u8, p);
  return proto === ETH_P_IPV6 ? formatIp6(u8, p) : lladdrText(u8, p, 6);
}

function putAddress(w: Writer, p: number, value: unknown): void {
  const text = typeof value === 'string' ? value : '';
  const v4 = parseIp4(text);
  const bytes = v4 >= 0 ? null : (parseIp6(text) ?? mac(text));
  if (v4 < 0 && bytes === null)
    throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not the address of a group`);
  if (bytes === null) w.u32[p >> 2] = swap32(v4);
  else w.u8.set(bytes, p);
  const proto = bytes === null ? ETH_P_IP : bytes.length === 16 ? ETH_P_IPV6 : 0;
  w.u8[p + 16] = proto >> 8;
  w.u8[p + 17] = proto & 0xff;
}

function mac(text: string): ArrayLike<number> | null {
  try {
    const bytes = parseLladdr(text);
    return bytes.length === 6 ? bytes : null;
  } catch {
    return null;
  }
}

const HEAD = new Set(['ifindex', 'state', 'flags', 'vid', 'addr']);

/** Appends the struct. */
function putHead(w: Writer, o: Rec): void {
  const p = w.reserve(MDB_ENTRY_SIZE);
  w.u32[p >> 2] = within('ifindex', () => interfaceIndex(w, p, o.ifindex ?? 0));
  w.u8[p + 4] = within('state', () => integer(wordOrNumber(o.state ?? 0, MDB_STATE), 0, 255));
  w.u8[p + 5] = within('flags', () => integer(wordOrNumber(o.flags ?? 0, MDB_FLAGS, true), 0, 255));
  w.u16[(p + 6) >> 1] = within('vid', () => integer(o.vid ?? 0, 0, 4095));
  if (o.addr !== undefined) within('addr', () => putAddress(w, p + 8, o.addr));
}

function readHead(s: { u8: Uint8Array; u16: Uint16Array; u32: Uint32Array }, p: number): MdbEntryHead {
  const state = s.u8[p + 4]!;
  return {
    ifindex: s.u32[p >> 2]!,
    state: (STATES.find(([, number]) => number === state)?.[0] as keyof typeof MDB_STATE | undefined) ?? state,
    flags: s.u8[p + 5]!,
    vid: s.u16[(p + 6) >> 1]!,
    addr: address(s.u8, p + 8),
  };
}

// A union of addresses, told apart by a protocol behind it.
const head: Custom<MdbEntryHead, MdbEntryHeadIn> = {
  read: (s, p, n) => (n < MDB_ENTRY_SIZE ? (BAD as never) : readHead(s, p)),
  write(w, value) {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected an object, got ${show(value)}`);
    for (const key of Object.keys(value))
      if (!HEAD.has(key)) throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key');
    putHead(w, value);
    return MDB_ENTRY_SIZE;
  },
};

/** The group of a request. */
export const mdbEntry = custom('br_mdb_entry', head);

const source = () => ({
  address: attr(1, ip),
  /** Hundredths of a second until it is forgotten; comes out only. */
  timer: attr(2, u32),
});
/** A source of a group. */
export interface MdbSource extends Out<typeof source> {}
export interface MdbSourceIn extends In<typeof source> {}

const attrs = () => ({
  /** Hundredths of a second until it is forgotten; 0 of permanent ones. */
  timer: attr(1, u32),
  srcList: attr(2, nestArray(nest<MdbSource, MdbSourceIn>('MDBA_MDB_SRCATTR', source), 1)),
  /** Whether `srcList` is who may send, or who may not. */
  groupMode: attr(3, words(u8, MDB_GROUP_MODE)),
  source: attr(4, ip),
  /** RTPROT_*: who made the entry. */
  rtprot: attr(5, u8),
  /** Of VXLAN: the remote tunnel end (Linux 6.4, as those below). */
  dst: attr(6, ip),
  dstPort: attr(7, u16),
  /** Network identifier to send with. */
  vni: attr(8, u32),
  /** Index of the link to send by. */
  via: attr(9, ifindex, 'MDBA_MDB_EATTR_IFINDEX'),
  /** Network identifier that the frame came from. */
  srcVni: attr(10, u32),
});
export interface MdbEntryAttrs extends Out<typeof attrs> {}
export interface MdbEntryAttrsIn extends In<typeof attrs> {}

/** A group at a port, as the kernel has it. */
export interface MdbEntry extends MdbEntryHead, MdbEntryAttrs {}
export interface MdbEntryIn extends MdbEntryHeadIn, MdbEntryAttrsIn {}

/** Attributes behind the struct. */
export const mdbInfoTable = new Table('MDBA_MDB_EATTR', attrs);

// The struct above, followed by attributes.
const info: Custom<MdbEntry, MdbEntryIn> = {
  read(s, p, n) {
    if (n < MDB_ENTRY_SIZE) return BAD as never;
    const entry = readHead(s, p);
    readAttrs(mdbInfoTable, s, p + MDB_ENTRY_SIZE, p + n, entry as unknown as Rec, p);
    return entry;
  },
  write(w, value) {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected an object, got ${show(value)}`);
    const start = w.pos;
    putHead(w, value);
    writeAttrs(mdbInfoTable, w, value, start, HEAD);
    return w.pos - start;
  },
};

/** The group of an answer. */
export const mdbInfo = custom('br_mdb_entry and attributes', info, {
  behind: { size: MDB_ENTRY_SIZE, table: mdbInfoTable },
});
