/** Types of the vocabulary with what they take and refuse. Bytes are written out by hand: little-endian. */
import * as leaf from '../../src/codec/leaf.js';
import { struct } from '../../src/codec/struct.js';
import type { AnyType } from '../../src/codec/type.js';

type Rows = [value: unknown, payload: string][];
export interface Subject {
  type: AnyType;
  /** Values and payloads that belong together. */
  both: Rows;
  /** What else may be written. */
  write?: Rows;
  /** What else may be read. */
  read?: Rows;
  /** Values that are refused. */
  bad: [value: unknown, code: string, field?: string][];
  /** Payloads that cannot be read: kept, and noted. */
  broken: string[];
}

const INVALID = 'ERR_INVALID_VALUE';
const RANGE = 'ERR_OUT_OF_RANGE';
/** What no number is. */
const NAN: Subject['bad'] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1.5,
  '1',
  '',
  null,
  true,
  [],
  {},
  1n,
  Symbol('1'),
  () => 1,
].map((value) => [value, INVALID]);
const outside = (...values: number[]): Subject['bad'] => values.map((value) => [value, RANGE]);

const pair = struct((r) => ({ a: r.u16(0), b: r.u8(2) }), 4);
const words = { off: 0, on: 1, auto: 3 };

export const subjects: Record<string, Subject> = {
  u8: {
    type: leaf.u8,
    both: [
      [0, '00'],
      [255, 'ff'],
    ],
    bad: [...NAN, ...outside(-1, 256)],
    broken: ['', '0000', '00000000'],
  },
  u16: {
    type: leaf.u16,
    both: [
      [0, '0000'],
      [0x1234, '3412'],
      [65535, 'ffff'],
    ],
    bad: [...NAN, ...outside(-1, 65536)],
    broken: ['', '00', '000000'],
  },
  u32: {
    type: leaf.u32,
    both: [
      [0, '00000000'],
      [0x12345678, '78563412'],
      [2 ** 32 - 1, 'ffffffff'],
    ],
    bad: [...NAN, ...outside(-1, 2 ** 32)],
    broken: ['', '000000', '0000000000'],
  },
  s32: {
    type: leaf.s32,
    both: [
      [-1, 'ffffffff'],
      [-(2 ** 31), '00000080'],
      [2 ** 31 - 1, 'ffffff7f'],
    ],
    bad: [...NAN, ...outside(2 ** 31, -(2 ** 31) - 1)],
    broken: ['00'],
  },
  ifindex: {
    type: leaf.ifindex,
    both: [
      [0, '00000000'],
      [2 ** 31 - 1, 'ffffff7f'],
    ],
    bad: [
      [Number.NaN, INVALID],
      ['', INVALID],
      ['a\0b', INVALID],
      ['x'.repeat(128), INVALID],
      [null, INVALID],
      ...outside(-1, 2 ** 31),
    ],
    broken: ['0000'],
  },
  u64: {
    type: leaf.u64,
    both: [
      [0, '00'.repeat(8)],
      [1, '0100000000000000'],
      [2 ** 32, '0000000001000000'],
      [Number.MAX_SAFE_INTEGER, 'ffffffffffff1f00'],
    ],
    write: [
      [2n ** 64n - 1n, 'ff'.repeat(8)],
      [0n, '00'.repeat(8)],
    ],
    read: [[2 ** 64, 'ff'.repeat(8)]],
    bad: [
      [Number.NaN, INVALID],
      ['1', INVALID],
      [null, INVALID],
      [-1n, RANGE],
      [2n ** 64n, RANGE],
      ...outside(-1, 2 ** 53),
    ],
    broken: ['', '00000000', '00'.repeat(9)],
  },
  be16: {
    type: leaf.be16,
    both: [
      [0x1234, '1234'],
      [65535, 'ffff'],
    ],
    bad: [...NAN, ...outside(-1, 65536)],
    broken: ['00', '00000000'],
  },
  be32: {
    type: leaf.be32,
    both: [
      [0x12345678, '12345678'],
      [2 ** 32 - 1, 'ffffffff'],
    ],
    bad: [...NAN, ...outside(-1, 2 ** 32)],
    broken: ['0000'],
  },
  flag: {
    type: leaf.flag,
    both: [[true, '']],
    bad: [
      [1, INVALID],
      ['', INVALID],
      [null, INVALID],
    ],
    broken: ['00'],
  },
  bool8: {
    type: leaf.bool8,
    both: [
      [true, '01'],
      [false, '00'],
    ],
    write: [
      [1, '01'],
      [0, '00'],
    ],
    read: [[true, 'ff']],
    bad: [
      [2, INVALID],
      ['true', INVALID],
      [null, INVALID],
    ],
    broken: ['', '0000'],
  },
  cstr: {
    type: leaf.cstr,
    both: [
      ['', '00'],
      ['abc', '61626300'],
      ['ü', 'c3bc00'],
    ],
    read: [
      ['', ''],
      ['abc', '616263'],
      ['abc', '6162630064'],
    ],
    bad: [
      ['a\0', INVALID],
      [5, INVALID],
      [null, INVALID],
      ['x'.repeat(0xfff1), RANGE],
    ],
    broken: [],
  },
  'cstrMax(3)': {
    type: leaf.cstrMax(3),
    both: [['abc', '61626300']],
    read: [['abcd', '6162636400']],
    bad: [
      ['abcd', RANGE],
      ['üü', RANGE],
    ],
    broken: [],
  },
  bytes: {
    type: leaf.bytes,
    both: [
      [new Uint8Array(0), ''],
      [Uint8Array.of(1, 2, 3, 4, 5), '0102030405'],
    ],
    bad: [
      ['01', INVALID],
      [[1], INVALID],
      [null, INVALID],
      [new ArrayBuffer(1), INVALID],
    ],
    broken: [],
  },
  ip4: {
    type: leaf.ip4,
    both: [
      ['10.0.0.1', '0a000001'],
      ['255.255.255.255', 'ffffffff'],
    ],
    bad: [
      ['::1', INVALID],
      ['10.0.0.1/8', INVALID],
      ['', INVALID],
      [1, INVALID],
    ],
    broken: ['0a0000', '00'.repeat(16)],
  },
  ip6: {
    type: leaf.ip6,
    both: [
      ['::', '00'.repeat(16)],
      ['2001:db8::1', `20010db8${'00'.repeat(11)}01`],
    ],
    bad: [
      ['10.0.0.1', INVALID],
      ['fe80::1%lo', INVALID],
    ],
    broken: ['0a000001'],
  },
  ip: {
    type: leaf.ip,
    both: [
      ['10.0.0.1', '0a000001'],
      ['::1', `${'00'.repeat(15)}01`],
    ],
    bad: [['x', INVALID]],
    broken: ['', '00'.repeat(8)],
  },
  lladdr: {
    type: leaf.lladdr,
    both: [
      ['', ''],
      ['02:00:00:00:00:01', '020000000001'],
      ['ff'.repeat(32).replace(/..(?=.)/g, '$&:'), 'ff'.repeat(32)],
    ],
    write: [[Uint8Array.of(1, 2), '0102']],
    bad: [
      ['x', INVALID],
      [1, INVALID],
      [new Uint8Array(33), INVALID],
    ],
    broken: ['00'.repeat(33)],
  },
  mac: {
    type: leaf.mac,
    both: [['02:00:00:00:00:01', '020000000001']],
    bad: [
      ['02:00', INVALID],
      ['', INVALID],
    ],
    broken: ['', '0200000000', '02000000000102'],
  },
  ranged: {
    type: leaf.ranged(leaf.u32, 5, 10),
    both: [
      [5, '05000000'],
      [10, '0a000000'],
    ],
    read: [[11, '0b000000']],
    bad: outside(4, 11),
    broken: ['00'],
  },
  words: {
    type: leaf.words(leaf.u8, words),
    both: [
      ['off', '00'],
      ['auto', '03'],
      [2, '02'],
    ],
    write: [[1, '01']],
    bad: [['ON', INVALID], ['', INVALID], ['toString', INVALID], [['on'], INVALID], ...outside(256)],
    broken: ['0000'],
  },
  'words of be16': {
    type: leaf.words(leaf.be16, { q: 0x8100 }),
    both: [
      ['q', '8100'],
      [1, '0001'],
    ],
    bad: [['Q', INVALID]],
    broken: ['00'],
  },
  bits: {
    type: leaf.bits(leaf.u16, { a: 1, b: 2, all: 3 }),
    both: [[3, '0300']],
    write: [
      ['a', '0100'],
      [['a', 'b'], '0300'],
      [['all', 8], '0b00'],
      [[], '0000'],
    ],
    bad: [['c', INVALID], [['a', 'c'], INVALID, 'v[1]'], [[undefined], INVALID, 'v[0]'], ...outside(65536)],
    broken: ['00'],
  },
  uint: {
    type: leaf.uint,
    both: [
      [5, '05000000'],
      [2 ** 32 - 1, 'ffffffff'],
      [2 ** 32, '0000000001000000'],
    ],
    write: [
      [5n, '05000000'],
      [2n ** 40n, '0000000000010000'],
    ],
    read: [[5, '0500000000000000']],
    bad: [['5', INVALID], [null, INVALID], ...outside(-1)],
    broken: ['0000', ''],
  },
  struct: {
    type: leaf.structOf(pair),
    both: [[{ a: 0x1234, b: 5 }, '34120500']],
    write: [
      [{}, '00000000'],
      [{ b: 1 }, '00000100'],
    ],
    read: [
      [{ a: 1 }, '0100'],
      [{}, '01'],
      [{ a: 1, b: 2 }, '0100020099999999'],
    ],
    bad: [
      [5, INVALID],
      [[], INVALID],
      [null, INVALID],
      [{ a: 65536 }, RANGE, 'v.a'],
      [{ c: 1 }, 'ERR_UNKNOWN_KEY', 'v.c'],
    ],
    broken: [],
  },
  'array of u32': {
    type: leaf.array(leaf.u32),
    both: [
      [[], ''],
      [[1, 2], '0100000002000000'],
    ],
    bad: [
      [5, INVALID],
      [{}, INVALID],
      [[1, -1], RANGE, 'v[1]'],
    ],
    broken: ['00', '0000000000'],
  },
  'array of u16': {
    type: leaf.array(leaf.u16),
    both: [[[1, 2, 3], '010002000300']],
    bad: [[['1'], INVALID, 'v[0]']],
    broken: ['00'],
  },
  'array of u8': {
    type: leaf.array(leaf.u8),
    both: [[[1, 2, 3, 4, 5], '0102030405']],
    bad: [[[256], RANGE, 'v[0]']],
    broken: [],
  },
};
