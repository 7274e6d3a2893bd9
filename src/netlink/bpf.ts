/**
 * Programs by which the kernel chooses, message by message, what a socket gets: classic BPF (SO_ATTACH_FILTER), which
 * every kernel has and any process may use. What is not chosen is never queued, wakes nobody, and counts as no loss.
 *
 * A program is a list of tests, each of which ends it or goes on to the next. Only the first message of a datagram is
 * looked at: a notification is alone in its own.
 */
import { LITTLE } from '../codec/bytes.js';
import { swap32 } from '../codec/text.js';

// Codes of linux/bpf_common.h and linux/filter.h.
const LD_BYTE = 0x30; // A = byte at k
const LD_WORD = 0x20; // A = word at k, or what an extension of the kernel gives
const LD_WORD_X = 0x40; // A = word at X + k
const LD_IMM = 0x00; // A = k
const LDX_IMM = 0x01; // X = k
const TAX = 0x07; // X = A
const AND = 0x54; // A &= k
const SHIFT_LEFT = 0x64; // A <<= k
const JUMP = 0x05; // to k further on
const JUMP_EQUAL = 0x15; // A == k
const RETURN = 0x06;
/** Looks for an attribute of type X from A on: A becomes its place, or 0 (SKF_AD_OFF + SKF_AD_NLATTR). */
const FIND_ATTRIBUTE = 0xfffff000 + 12;

/** The farthest that a jump goes. */
const FARTHEST = 255;
/** Numbers that a test compares with at most: its first jump goes past the others. */
export const MOST_CHOICES = FARTHEST - 2;

export interface Instruction {
  code: number;
  yes: number;
  no: number;
  k: number;
}

const instruction = (code: number, k: number, yes = 0, no = 0): Instruction => ({ code, yes, no, k: k >>> 0 });

/** Ends the program: the message is not for this socket. */
export const drop = (): Instruction[] => [instruction(RETURN, 0)];
/** Ends the program: the message is queued, all of it. */
export const pass = (): Instruction[] => [instruction(RETURN, 0xffffffff)];

/** Loads the byte at a place of the message. */
export const byteAt = (place: number): Instruction[] => [instruction(LD_BYTE, place)];

/** Loads the word in host order at a place of the message. Compare it with `word(n)`. */
export const wordAt = (place: number): Instruction[] => [instruction(LD_WORD, place)];

/** Loads a byte as if it were a word in host order. */
export const byteAsWordAt = (place: number): Instruction[] => [
  ...byteAt(place),
  ...(LITTLE ? [instruction(SHIFT_LEFT, 24)] : []),
];

/** What a word of the message is to the program, which reads in network order. */
export const word = (n: number): number => swap32(n >>> 0);

/** The lower byte of a 16 bit number in host order at a place. */
export const lowByteAt = (place: number, mask = 0xff): Instruction[] => [
  ...byteAt(LITTLE ? place : place + 1),
  instruction(AND, mask),
];

/** Runs `then` and goes on behind `otherwise` when A is one of `values`, else runs `otherwise`. */
export function either(
  values: readonly number[],
  then: readonly Instruction[],
  otherwise: readonly Instruction[],
): Instruction[] {
  // Behind the comparisons first what is otherwise, with a jump over the rest: a jump of a test is 255 at most.
  const tests = values.map((value, i) => instruction(JUMP_EQUAL, value, values.length - i, 0));
  return [...tests, instruction(JUMP, then.length + 1), ...then, instruction(JUMP, otherwise.length), ...otherwise];
}

/** Loads the word of a 32 bit attribute, sought from a place on, or runs `absent`. */
export const attributeAt = (type: number, from: number, absent: readonly Instruction[]): Instruction[] => [
  instruction(LDX_IMM, type),
  instruction(LD_IMM, from),
  instruction(LD_WORD, FIND_ATTRIBUTE),
  ...either([0], absent, [instruction(TAX, 0), instruction(LD_WORD_X, 4)]),
];

/** The program as `struct sock_filter`s. */
export function assemble(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, yes, no, k }, i) => {
    view.setUint16(8 * i, code, LITTLE);
    view.setUint8(8 * i + 2, yes);
    view.setUint8(8 * i + 3, no);
    view.setUint32(8 * i + 4, k, LITTLE);
  });
  return bytes;
}
