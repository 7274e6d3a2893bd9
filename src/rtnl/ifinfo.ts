/** struct ifinfomsg, and what both the link message and the peers inside it need. */
import { struct } from '../codec/struct.js';
import type { AttrMap } from '../codec/type.js';
import { AF, ARPHRD, IFF } from './constants.js';

/** Header of link messages as the kernel sends it. */
export interface IfInfo {
  /** AF_* number: 0 in link messages, 7 in those of bridge ports, 10 in those of IPv6. */
  family: number;
  /** ARPHRD_* number. */
  type: number;
  index: number;
  /** IFF_* bits. */
  flags: number;
  /** Bits of `flags` that are meant or that changed. */
  change: number;
}

/** Header of link messages as input takes it. */
export interface IfInfoIn {
  family?: number | keyof typeof AF | undefined;
  type?: number | keyof typeof ARPHRD | undefined;
  index?: number | undefined;
  flags?: number | keyof typeof IFF | readonly (keyof typeof IFF)[] | undefined;
  change?: number | keyof typeof IFF | readonly (keyof typeof IFF)[] | undefined;
}

export const ifinfo = struct<IfInfo>(
  (r) => ({ family: r.u8(0), type: r.u16(2), index: r.s32(4), flags: r.u32(8), change: r.u32(12) }),
  16,
  { family: AF, type: ARPHRD, flags: IFF, change: IFF },
);

/** Place of the link table, which a peer nests again: the table holds the kinds, so they cannot import it. */
export const linkTable: { get: () => AttrMap } = {
  get: () => {
    throw new Error('the link table is declared in ifinfmsg.ts');
  },
};
