/** rpl: source routes of RPL networks (RFC 6554). RPL_IPTUNNEL_* of linux/rpl_iptunnel.h (Linux 5.7). */
import { InputError, show, within } from '../../codec/errors.js';
import { custom } from '../../codec/leaf.js';
import { BAD, readNest } from '../../codec/read.js';
import { Table } from '../../codec/table.js';
import { formatIp6 } from '../../codec/text.js';
import { attr, type Custom, OP_CUSTOM, type Rec, Type, type UnknownAttr } from '../../codec/type.js';
import { isRec, writeAttrs } from '../../codec/write.js';
import { segments } from './srh.js';

const TYPE = 3;
const HEADER = 8;
const SEGMENT = 16;

/** Segments that packets travel by. */
export interface RplEncap {
  /** In the order of travel. Undefined only when the header could not be decoded. */
  segs: string[];
  unknown?: UnknownAttr[];
}
export interface RplEncapIn {
  /** Addresses in the order of travel: an array, or one string with commas between. */
  segs: string | readonly string[];
  unknown?: UnknownAttr[] | undefined;
}

// struct ipv6_rpl_sr_hdr, as tunnels take it: no part of an address left out. Segments are stored last first.
const table = new Table('RPL_IPTUNNEL', () => ({
  srh: attr(
    1,
    custom<string[], never>('source routing header', {
      read(s, p, n) {
        const count = n < HEADER ? 0 : s.u8[p + 3]!;
        if (count === 0 || n !== HEADER + SEGMENT * count || s.u8[p + 1] !== 2 * count) return BAD as never;
        if (s.u8[p] !== 0 || s.u8[p + 2] !== TYPE || s.u32[(p >> 2) + 1] !== 0) return BAD as never;
        return Array.from({ length: count }, (_, i) => formatIp6(s.u8, p + HEADER + SEGMENT * (count - 1 - i)));
      },
      write: () => 0,
    }),
  ),
}));

// The one attribute is a header of any length: its segments are the payload.
const payload: Custom<RplEncap, RplEncapIn> = {
  read(s, p, n, base) {
    const o = readNest(table, s, p, n, base);
    if (o === BAD) return BAD as never;
    const { srh, ...rest } = o as { srh?: string[] };
    return (srh === undefined ? rest : { segs: srh, ...rest }) as RplEncap;
  },
  write(w, value, base) {
    if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected { segs }, got ${show(value)}`);
    const start = w.pos;
    const { segs, ...rest } = value as Rec;
    if (Object.hasOwn(rest, 'srh')) throw new InputError('ERR_UNKNOWN_KEY', 'srh', 'its content is segs');
    if (segs !== undefined || rest.unknown === undefined) {
      const list = within('segs', () => segments(segs));
      const at = w.begin(1);
      const p = w.reserve(HEADER + SEGMENT * list.length);
      w.u8.set([0, 2 * list.length, TYPE, list.length], p);
      list.forEach((address, i) => {
        w.u8.set(address, p + HEADER + SEGMENT * (list.length - 1 - i));
      });
      w.end(at);
    }
    writeAttrs(table, w, rest, base);
    return w.pos - start;
  },
};

export const rpl = new Type<RplEncap, RplEncapIn>(OP_CUSTOM, 'rpl', 0, {
  nest: table,
  custom: payload as Custom<unknown, never>,
});
