/** The reader: attributes to plain objects. It never reads outside the bytes it was given, and one bad attribute spoils nothing else. */
import { type Bytes, LITTLE } from './bytes.js';
import type { DecodeIssue } from './errors.js';
import { WideNest } from './row.js';
import type { Table } from './table.js';
import { cstrText, formatIp6, ip4Cached, ip4PrefixText, ip6Text, lladdrText } from './text.js';
import type { AnyType, Rec, UnknownAttr, Variant } from './type.js';
import * as T from './type.js';

/** What `readValue` gives for a payload that its type cannot take. */
export const BAD: unique symbol = Symbol('bad');

/** Nests deeper than this are kept as bytes: the kernel's own limit is lower, and hostile input must not exhaust the stack. */
const MAX_DEPTH = 32;

let issues: DecodeIssue[] | null = null;
let depth = 0;

/** Takes what the reader found wrong since the last call, or null. */
export function takeIssues(): DecodeIssue[] | null {
  const found = issues;
  issues = null;
  depth = 0;
  return found;
}

function keep(o: Rec, s: Bytes, p: number, n: number, type: number): void {
  const known = o.unknown as UnknownAttr[] | undefined;
  const entry: UnknownAttr = { type, data: s.u8.slice(p, p + n) };
  if (known === undefined) o.unknown = [entry];
  else known.push(entry);
}

function complain(o: Rec, key: string, s: Bytes, p: number, n: number, type: number, reason: string): void {
  issues ??= [];
  issues.push({ path: key === '' ? String(type & 0x3fff) : key, type: type & 0x3fff, offset: p - 4, reason });
  keep(o, s, p, n, type);
}

/** Adds `key` to the paths of what was found since `before`. */
function prefixIssues(before: number, key: string): void {
  for (let i = before; i < issues!.length; i++) issues![i]!.path = `${key}.${issues![i]!.path}`;
}

/** Reads the attributes from `pos` to `end` into `o`. `base` is where the message's fixed header starts. */
export function readAttrs(table: Table, s: Bytes, pos: number, end: number, o: Rec, base: number): void {
  const { ops, keys, types } = table.ready ?? table.compile();
  const u32 = s.u32;
  // Which types were there, 32 a word.
  let seen0 = 0;
  let seen1 = 0;
  let seen2 = 0;
  let pending: number[] | null = null;
  while (end - pos >= 4) {
    const head = u32[pos >> 2]!;
    const len = LITTLE ? head & 0xffff : head >>> 16;
    const wire = LITTLE ? head >>> 16 : head & 0xffff;
    const type = wire & 0x3fff;
    if (len < 4 || len > end - pos) {
      issues ??= [];
      issues.push({
        path: keys[type] || String(type),
        type,
        offset: pos,
        reason: `length ${len} does not fit the ${end - pos} bytes left`,
      });
      break;
    }
    const p = pos + 4;
    const n = len - 4;
    pos += (len + 3) & ~3;
    const op = type < ops.length ? ops[type]! : 0;
    if (op === 0) {
      keep(o, s, p, n, wire);
      continue;
    }
    const key = keys[type]!;
    if (op !== T.OP_MANY) {
      const bit = 1 << (type & 31);
      let again = false;
      if (type < 32) {
        again = (seen0 & bit) !== 0;
        seen0 |= bit;
      } else if (type < 64) {
        again = (seen1 & bit) !== 0;
        seen1 |= bit;
      } else if (type < 96) {
        again = (seen2 & bit) !== 0;
        seen2 |= bit;
      } else again = Object.hasOwn(o, key);
      if (again && op !== T.OP_SKIP) {
        // A second one of an attribute that comes once: kept behind the first, so that nothing is lost.
        keep(o, s, p, n, wire);
        continue;
      }
    }
    if (op === T.OP_U32) {
      if (n === 4) o[key] = u32[p >> 2]!;
      else complain(o, key, s, p, n, wire, `u32 of ${n} bytes`);
      continue;
    }
    if (op === T.OP_MANY) {
      const before = issues === null ? 0 : issues.length;
      const value = readValue(types[type]!.aux.inner!, s, p, n, base, wire);
      if (issues !== null && issues.length > before) prefixIssues(before, key);
      if (value === BAD) complain(o, key, s, p, n, wire, badReason(types[type]!.aux.inner!, n));
      else if (o[key] === undefined) o[key] = [value];
      else (o[key] as unknown[]).push(value);
      continue;
    }
    if (op === T.OP_VARIANT) {
      pending ??= [];
      pending.push(type, p, n, wire);
      continue;
    }
    if (op === T.OP_SKIP) continue;
    const before = issues === null ? 0 : issues.length;
    const value = readValue(types[type]!, s, p, n, base, wire);
    if (issues !== null && issues.length > before) prefixIssues(before, key);
    if (value === BAD) complain(o, key, s, p, n, wire, badReason(types[type]!, n));
    else o[key] = value;
  }
  if (end > pos) {
    // One to three bytes that cannot be an attribute.
    o.rest = s.u8.slice(pos, end);
  }
  // The sibling that names a payload may come after it.
  if (pending !== null) {
    for (let i = 0; i < pending.length; i += 4)
      readVariant(
        o,
        keys[pending[i]!]!,
        types[pending[i]!]!.aux.variant!,
        s,
        pending[i + 1]!,
        pending[i + 2]!,
        base,
        pending[i + 3]!,
      );
  }
}

function readVariant(
  o: Rec,
  key: string,
  def: Variant,
  s: Bytes,
  p: number,
  n: number,
  base: number,
  wire: number,
): void {
  const sibling = o[def.by] as string | number | undefined;
  const type = sibling === undefined ? undefined : def.pick(sibling);
  if (type === undefined) {
    const raw = s.u8.slice(p, p + n);
    o[key] = def.wrap ? { data: raw } : raw;
    return;
  }
  const place = def.place(sibling!);
  const before = issues === null ? 0 : issues.length;
  const value = readValue(type, s, p, n, base, wire);
  if (issues !== null && issues.length > before) prefixIssues(before, def.wrap ? `${key}.${place}` : place);
  if (value === BAD) complain(o, place, s, p, n, wire, badReason(type, n));
  else if (def.wrap) o[key] = { [place]: value };
  else o[place] = value;
}

const badReason = (type: AnyType, n: number): string =>
  `${type.name}${type.size > 0 ? ` of ${type.size} bytes` : ''} cannot have ${n} bytes`;

/** A nest in `n` bytes at `p`, or BAD when its fixed header is cut or it is too deep. */
export function readNest(table: Table, s: Bytes, p: number, n: number, base: number): unknown {
  const { header } = table;
  if (depth >= MAX_DEPTH) return BAD;
  depth++;
  let o: Rec = (table.ready ?? table.compile()).wide ? new WideNest() : {};
  if (header === undefined) readAttrs(table, s, p, p + n, o, base);
  else {
    if (n < header.size) {
      depth--;
      return BAD;
    }
    o = header.read(s, p, n) as Rec;
    readAttrs(table, s, p + ((header.size + 3) & ~3), p + n, o, p);
  }
  depth--;
  return o;
}

/** One payload of `n` bytes at `p` (a multiple of four), or BAD. */
export function readValue(type: AnyType, s: Bytes, p: number, n: number, base: number, wire = 0): unknown {
  switch (type.op) {
    case T.OP_U8:
      return n === 1 ? s.u8[p]! : BAD;
    case T.OP_U16:
      return n === 2 ? s.u16[p >> 1]! : BAD;
    case T.OP_U32:
      return n === 4 ? s.u32[p >> 2]! : BAD;
    case T.OP_S32:
      return n === 4 ? s.i32[p >> 2]! : BAD;
    case T.OP_U64:
      if (n !== 8) return BAD;
      return LITTLE
        ? s.u32[p >> 2]! + s.u32[(p >> 2) + 1]! * 0x100000000
        : s.u32[(p >> 2) + 1]! + s.u32[p >> 2]! * 0x100000000;
    case T.OP_CSTR:
      return cstrText(s.u8, p, n);
    case T.OP_IP:
      if (type.size !== 0 && n !== type.size) return BAD;
      return n === 4 ? ip4Cached(s, p) : n === 16 ? ip6Text(s, p) : BAD;
    case T.OP_DST: {
      const other = type.aux.others?.[s.u8[base]!];
      if (other !== undefined) return readValue(other.type, s, p, n, base);
      return readPrefix(s, p, n, s.u8[base + type.aux.lenAt!]!);
    }
    case T.OP_NEST:
      return readNest(type.aux.nest!, s, p, n, base);
    case T.OP_STRUCT:
      return type.aux.struct!.read(s, p, n);
    case T.OP_ENUM: {
      const def = type.aux.words!;
      const value = readValue(def.base, s, p, n, base);
      return value === BAD ? BAD : (def.words[value as number] ?? value);
    }
    case T.OP_LLADDR:
      return n < (type.aux.min ?? 0) || n > type.aux.max! ? BAD : lladdrText(s.u8, p, n);
    case T.OP_BOOL8:
      return n === 1 ? s.u8[p] !== 0 : BAD;
    case T.OP_FLAG:
      return n === 0 ? true : BAD;
    case T.OP_BE16:
      return n === 2 ? (s.u8[p]! << 8) | s.u8[p + 1]! : BAD;
    case T.OP_BE32:
      return n === 4 ? ((s.u8[p]! << 24) | (s.u8[p + 1]! << 16) | (s.u8[p + 2]! << 8) | s.u8[p + 3]!) >>> 0 : BAD;
    case T.OP_ARRAY:
      return readArray(type.aux.inner!, s, p, n, base);
    case T.OP_NEST_ARRAY:
      return readNestArray(type.aux.inner!, s, p, n, base);
    case T.OP_FAMILY: {
      const def = type.aux.family!;
      return readValue(def.families[s.u8[base]!] ?? def.other, s, p, n, base, wire);
    }
    case T.OP_CUSTOM:
      return type.aux.custom!.read(s, p, n, base);
    default:
      return s.u8.slice(p, p + n);
  }
}

/** The same in a nest that is so many levels deep. */
export function readInside(levels: number, type: AnyType, s: Bytes, p: number, n: number, base: number): unknown {
  const before = depth;
  depth = levels;
  const value = readValue(type, s, p, n, base);
  depth = before;
  return value;
}

function readPrefix(s: Bytes, p: number, n: number, len: number): unknown {
  if (n === 4 && len <= 32) return len === 0 ? 'default' : ip4PrefixText(s.u8, p, len);
  if (n === 16 && len <= 128) return len === 0 ? 'default' : `${formatIp6(s.u8, p)}/${len}`;
  return BAD;
}

/** Elements must be a multiple of four bytes long or single values that any place can hold. */
function readArray(inner: AnyType, s: Bytes, p: number, n: number, base: number): unknown {
  const { size } = inner;
  if (n % size !== 0) return BAD;
  // Of its length from the start: growing leaves every smaller one behind.
  const list = new Array<unknown>(n / size);
  for (let i = 0; i < list.length; i++) list[i] = readValue(inner, s, p + i * size, size, base);
  return list;
}

function readNestArray(inner: AnyType, s: Bytes, p: number, n: number, base: number): unknown {
  const list: unknown[] = [];
  const end = p + n;
  let pos = p;
  while (end - pos >= 4) {
    const head = s.u32[pos >> 2]!;
    const len = LITTLE ? head & 0xffff : head >>> 16;
    if (len < 4 || len > end - pos) return BAD;
    const value = readValue(inner, s, pos + 4, len - 4, base);
    if (value === BAD) return BAD;
    list.push(value);
    pos += (len + 3) & ~3;
  }
  return list;
}
