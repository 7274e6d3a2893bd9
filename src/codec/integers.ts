/** Integers that few attributes are: small signed ones, 64 bits that must be exact, bits with a mask. */
import { type Bytes, LITTLE } from './bytes.js';
import { InputError, show } from './errors.js';
import { structOf } from './leaf.js';
import { BAD } from './read.js';
import { integer, struct } from './struct.js';
import { OP_CUSTOM, Type } from './type.js';
import type { Writer } from './writer.js';

/** A type of `size` bytes that is read and written as `read` and `write` say. */
function sized<O, I>(
  name: string,
  size: number,
  read: (s: Bytes, p: number) => O,
  write: (w: Writer, p: number, value: I) => void,
): Type<O, I> {
  return new Type<O, I>(OP_CUSTOM, name, size, {
    custom: {
      read: (s, p, n) => (n === size ? read(s, p) : (BAD as never)),
      write(w, value) {
        const p = w.reserve(size);
        write(w, p, value as I);
        return size;
      },
    },
  });
}

/** A bigint in a range; an integer is taken too. */
function exact(value: unknown, min: bigint, max: bigint): bigint {
  const big =
    typeof value === 'bigint'
      ? value
      : typeof value === 'number' && Number.isSafeInteger(value)
        ? BigInt(value)
        : undefined;
  if (big === undefined)
    throw new InputError('ERR_INVALID_VALUE', '', `expected an integer or a bigint, got ${show(value)}`);
  if (big < min || big > max) throw new InputError('ERR_OUT_OF_RANGE', '', `${big} is out of range ${min}..${max}`);
  return big;
}

/** Eight bytes at `p` in host order. */
function word64(s: Bytes, p: number): bigint {
  const first = BigInt(s.u32[p >> 2]!);
  const second = BigInt(s.u32[(p >> 2) + 1]!);
  return LITTLE ? (second << 32n) | first : (first << 32n) | second;
}

const MAX = (1n << 64n) - 1n;
const HALF = 1n << 63n;

export const s8 = sized<number, number>(
  's8',
  1,
  (s, p) => (s.u8[p]! << 24) >> 24,
  (w, p, value) => {
    w.u8[p] = integer(value, -0x80, 0x7f);
  },
);

export const s16 = sized<number, number>(
  's16',
  2,
  (s, p) => (s.u16[p >> 1]! << 16) >> 16,
  (w, p, value) => {
    w.u16[p >> 1] = integer(value, -0x8000, 0x7fff);
  },
);

/** A signed amount of 64 bits as a number: exact to 2^53 on either side. */
export const s64 = sized<number, number | bigint>(
  's64',
  8,
  (s, p) => Number(BigInt.asIntN(64, word64(s, p))),
  (w, p, value) => w.put64(p, BigInt.asUintN(64, exact(value, -HALF, HALF - 1n))),
);

/** An identifier of 64 bits: always a bigint, exact. */
export const id64 = sized<bigint, bigint | number>('id64', 8, word64, (w, p, value) =>
  w.put64(p, exact(value, 0n, MAX)),
);

/** 64 bits in network order, as a bigint. */
export const be64 = sized<bigint, bigint | number>(
  'be64',
  8,
  (s, p) => s.u8.subarray(p, p + 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  (w, p, value) => {
    const big = exact(value, 0n, MAX);
    for (let i = 0; i < 8; i++) w.u8[p + i] = Number((big >> BigInt(56 - 8 * i)) & 0xffn);
  },
);

/** struct nla_bitfield32 of linux/netlink.h: bits, and which of them are meant. */
export const bitfield32 = structOf(struct((r) => ({ value: r.u32(0), selector: r.u32(4) }), 8));
