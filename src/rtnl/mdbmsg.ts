/** RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB: struct br_port_msg and MDBA_* of linux/if_bridge.h. */
import type { Bytes } from '../codec/bytes.js';
import { flat, ifindex, ip, many, nest, nestArray, ranged, u8, u16, u32, words } from '../codec/leaf.js';
import { MessageDef, type MessageExtras, message } from '../codec/message.js';
import { struct } from '../codec/struct.js';
import { attr, type In, type Out, type Rec } from '../codec/type.js';
import type { Writer } from '../codec/writer.js';
import { AF, MDB_GROUP_MODE } from './constants.js';
import { MDB_ENTRY_SIZE, type MdbEntry, type MdbEntryIn, mdbEntry, mdbInfo } from './mdb-entry.js';
import { routerPorts } from './mdb-router.js';

const header = struct((r) => ({ family: r.u8(0), ifindex: r.u32(4) }), 8, { family: AF });

const types = { RTM_NEWMDB: 84, RTM_DELMDB: 85, RTM_GETMDB: 86 };

const group = () => ({ info: attr(1, many(mdbInfo)) });
/** The entries of one group. */
export interface MdbGroup {
  info?: MdbEntry[];
}
export interface MdbGroupIn {
  info?: readonly MdbEntryIn[] | undefined;
}
const groups = () => ({ entry: attr(1, many(nest<MdbGroup, MdbGroupIn>('MDBA_MDB_ENTRY', group))) });
export interface MdbGroups extends Out<typeof groups> {}
export interface MdbGroupsIn extends In<typeof groups> {}

const answer = () => ({
  mdb: attr(1, nest<MdbGroups, MdbGroupsIn>('MDBA_MDB', groups)),
  router: attr(2, routerPorts),
});

const source = () => ({ address: attr(1, ip) });
export interface MdbSourceSet extends Out<typeof source> {}
export interface MdbSourceSetIn extends In<typeof source> {}

const set = () => ({
  source: attr(1, ip),
  srcList: attr(2, nestArray(nest<MdbSourceSet, MdbSourceSetIn>('MDBE_SRCATTR', source), 1)),
  groupMode: attr(3, words(u8, MDB_GROUP_MODE)),
  rtprot: attr(4, u8),
  dst: attr(5, ip),
  dstPort: attr(6, ranged(u16, 1, 0xffff)),
  vni: attr(7, ranged(u32, 0, 0xffffff)),
  via: attr(8, ifindex, 'MDBE_ATTR_IFINDEX'),
  srcVni: attr(9, ranged(u32, 0, 0xffffff)),
  /** In a flush: the bits of `state` that count (Linux 6.8). */
  stateMask: attr(10, u8),
});
/** What a request says of a group besides its address and port. */
export interface MdbSet extends Out<typeof set> {}
export interface MdbSetIn extends In<typeof set> {}

const request = () => ({
  entry: attr(1, mdbEntry, 'MDBA_SET_ENTRY'),
  attrs: attr(2, flat(nest<MdbSet, MdbSetIn>('MDBE_ATTR', set)), 'MDBA_SET_ENTRY_ATTRS'),
});

interface Header {
  family: number;
  /** Index of the bridge, or of the VXLAN. */
  ifindex: number;
}

/** Groups of a bridge, and ports with routers; in requests `entry` and `attrs`. */
export interface Mdb extends Out<typeof answer>, Out<typeof request>, Header {}
export interface MdbIn extends In<typeof answer>, In<typeof request> {
  family?: number | keyof typeof AF | undefined;
  ifindex?: number | undefined;
}

/** Requests, whose attributes have the numbers of others in answers. */
export const mdbset: MessageDef<Mdb & MessageExtras, MdbIn> = message<Mdb, MdbIn>({
  name: 'mdbset',
  prefix: 'MDBA',
  header,
  table: request,
  types,
});

/** Tells a request from an answer: the first attribute of a request is the bare struct, which is too short for an answer. */
class MdbDef extends MessageDef<Mdb & MessageExtras, MdbIn> {
  override read(s: Bytes, p: number, n: number, strict = false): Mdb & MessageExtras {
    const first = p + this.header.size;
    const asked =
      n >= this.header.size + 4 &&
      s.u16[first >> 1] === 4 + MDB_ENTRY_SIZE &&
      (s.u16[(first >> 1) + 1]! & 0x3fff) === 1;
    return asked ? mdbset.read(s, p, n, strict) : super.read(s, p, n, strict);
  }

  override write(w: Writer, o: Rec): void {
    if (o.entry !== undefined || o.attrs !== undefined) mdbset.write(w, o);
    else super.write(w, o);
  }
}

/** Messages about the multicast groups of bridges and VXLANs. */
export const mdbmsg: MessageDef<Mdb & MessageExtras, MdbIn> = new MdbDef({
  name: 'mdbmsg',
  prefix: 'MDBA',
  header,
  table: answer,
  types,
});
