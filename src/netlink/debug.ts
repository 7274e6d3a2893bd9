/** NLDEBUG=1: one line on stderr for each message sent and received; NLDEBUG=hex adds its bytes. */
import { aligned, toHex } from '../codec/bytes.js';
import { NLMSG_HDRLEN, readHeader } from '../codec/header.js';
import { namedMessage } from './names.js';

const level = typeof process === 'undefined' ? undefined : process.env.NLDEBUG;
/** Whether NLDEBUG asks for anything. */
export const debugging = level !== undefined && level !== '' && level !== '0';

/** Prints a message of `length` bytes at `offset`, when NLDEBUG asks for it. */
export function debugMessage(
  direction: '>' | '<',
  protocol: number,
  data: Uint8Array,
  offset = 0,
  length = data.length,
): void {
  if (!debugging) return;
  const copy = aligned(data.slice(offset, offset + length));
  try {
    for (let p = 0; p < length; ) {
      const header = readHeader(copy, p, length);
      const known = namedMessage(protocol, header.type, copy, p + NLMSG_HDRLEN, header.seq, direction === '>');
      const body =
        known === undefined
          ? ''
          : ` ${JSON.stringify(known.def.read(copy, p + NLMSG_HDRLEN, header.len - NLMSG_HDRLEN), plain)}`;
      process.stderr.write(
        `nl ${direction} ${known?.op ?? `type ${header.type}`} flags 0x${header.flags.toString(16)} seq ${header.seq} pid ${header.pid}${body}\n`,
      );
      p += (header.len + 3) & ~3;
    }
  } catch (error) {
    process.stderr.write(`nl ${direction} ${(error as Error).message}\n`);
  }
  if (level === 'hex') process.stderr.write(`nl ${direction} ${toHex(copy.u8.subarray(0, length))}\n`);
}

const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value instanceof Uint8Array ? toHex(value) : value;
