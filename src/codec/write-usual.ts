/**
 * The attributes that most messages consist of, written without detours: numbers, and IPv4 addresses and prefixes. What
 * is written otherwise, or wrong, is left to write.ts, which also says what is wrong. It is a file of its own because the
 * compiler inlines what it sees, and one small function is compiled in a tenth of the time of a large one.
 */
import type { Entry } from './table.js';
import { parseIp4, swap32 } from './text.js';
import * as T from './type.js';
import type { Writer } from './writer.js';

const AF_INET = 2;

/** Length of the prefix that was parsed last. */
let prefixLength = 0;

/** `a.b.c.d/len` as one number in network order, or -1 when it is anything else. */
function parsePrefix4(text: string): number {
  const n = text.length;
  const at = text.charCodeAt(n - 2) === 47 ? n - 2 : n - 3;
  if (at < 7 || text.charCodeAt(at) !== 47) return -1;
  let len = 0;
  for (let i = at + 1; i < n; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    len = len * 10 + digit;
  }
  if (len > 32) return -1;
  prefixLength = len;
  return parseIp4(text, at);
}

// The gateway of one route is mostly that of the next.
let lastText = '0.0.0.0';
let lastAddress = 0;

/** Writes the attribute and returns true, or leaves everything as it is and returns false. */
export function writeUsual({ how, id }: Entry, w: Writer, value: unknown, base: number): boolean {
  const { op, aux } = how;
  if (typeof value === 'number') {
    if (op !== T.OP_U32 || value >>> 0 !== value || value < aux.min! || value > aux.max!) return false;
    w.attrU32(id, value);
    return true;
  }
  if (typeof value !== 'string' || (op !== T.OP_DST && (op !== T.OP_IP || how.size === 16))) return false;
  const { u8 } = w;
  const family = aux.lenAt === undefined ? AF_INET : u8[base]!;
  if (family !== 0 && family !== AF_INET) return false;
  let address = lastAddress;
  if (op === T.OP_DST) {
    address = parsePrefix4(value);
    const at = base + aux.lenAt!;
    if (address < 0 || (u8[at] !== 0 && u8[at] !== prefixLength)) return false;
    u8[at] = prefixLength;
  } else if (value !== lastText) {
    address = parseIp4(value);
    if (address < 0) return false;
    lastText = value;
    lastAddress = address;
  }
  if (aux.lenAt !== undefined) u8[base] = AF_INET;
  w.attrU32(id, swap32(address));
  return true;
}
