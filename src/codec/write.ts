/** The writer: plain objects to attributes. Strict: unknown keys and values out of range throw InputError with their path. */
import { align4 } from './bytes.js';
import { InputError, show, suggest } from './errors.js';
import { integer } from './struct.js';
import type { Entry, Table } from './table.js';
import { parseIp4, parseIp6, parseLladdr, parsePrefix, swap32, utf8Bytes } from './text.js';
import type { AnyType, Rec } from './type.js';
import * as T from './type.js';
import { writeUsual } from './write-usual.js';
import { NLA_F_NESTED, type Writer } from './writer.js';

// Of this module: of another one the engine does not know which function it is.
const hasOwn = Object.prototype.hasOwnProperty;
const U64_MAX = 0xffffffffffffffffn;
const AF_INET = 2;
const AF_INET6 = 10;

const expected = (what: string, value: unknown): InputError =>
  new InputError('ERR_INVALID_VALUE', '', `expected ${what}, got ${show(value)}`);

/** Whether a value is an object to be written as a struct or a nest: not a Map, a Date and the like, whose keys nobody would see. */
export function isRec(value: unknown): value is Rec {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  // Asked for the constructor the engine knows the answer; asked for the prototype it makes a call.
  if (value.constructor === Object) return true;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === null || Object.prototype.toString.call(value) === '[object Object]';
}

/** Writes the keys of `o` as attributes. Those in `done` belong to the message's header and are passed over. */
export function writeAttrs(table: Table, w: Writer, o: Rec, base: number, done?: ReadonlySet<string>): void {
  const { keys, entries } = table.shapeOf(o);
  let at = '';
  let i = 0;
  try {
    for (const key in o) {
      if (!hasOwn.call(o, key)) continue;
      at = key;
      const value = o[key];
      // A getter may have deleted the next key.
      const entry = keys[i] === key ? entries[i] : table.compiled.byKey.get(key);
      i++;
      if (value === undefined || done?.has(key)) continue;
      if (entry === undefined) writeOther(table, w, o, key, base);
      else if (!writeUsual(entry, w, value, base)) writeAttr(entry, w, value, base, o);
    }
  } catch (error) {
    throw error instanceof InputError ? error.within(at) : error;
  }
}

/** Writes one attribute of a table. */
function writeAttr(entry: Entry, w: Writer, value: unknown, base: number, o: Rec): void {
  const { how, id } = entry;
  switch (how.op) {
    case T.OP_U32:
      w.attrU32(
        id,
        how.aux.ifindex === true
          ? interfaceIndex(w, w.pos + 4, value, how.aux.max)
          : how.aux.namespace === true && typeof value === 'string'
            ? namespaceName(w, w.pos + 4, value)
            : integer(value, how.aux.min!, how.aux.max!),
      );
      return;
    case T.OP_FLAG:
      if (typeof value !== 'boolean') throw expected('true or false', value);
      if (value) w.end(w.begin(id));
      return;
    case T.OP_MANY: {
      if (!Array.isArray(value)) throw expected('an array', value);
      for (let i = 0; i < value.length; i++) indexed(i, () => writeOne(how.aux.inner!, id, w, value[i], base));
      return;
    }
    case T.OP_VARIANT: {
      const def = how.aux.variant!;
      if (value instanceof Uint8Array && !def.wrap) w.attrBytes(id, value);
      else if (def.wrap && isRec(value)) writeWrapped(entry, w, value, base, o);
      else
        throw expected(
          def.wrap ? `an object with one of ${[...def.places()].join(', ')} or data` : 'a Uint8Array',
          value,
        );
      return;
    }
    case T.OP_DST:
      // The default route has length 0 and no address.
      if (value === 'default') setLength(w, base + how.aux.lenAt!, 0);
      else writeOne(how, id, w, value, base);
      return;
    case T.OP_SKIP:
      throw new InputError('ERR_UNKNOWN_KEY', '', 'padding cannot be written');
    default:
      writeOne(how, id, w, value, base);
  }
}

function indexed(i: number, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw error instanceof InputError ? error.within(`[${i}]`) : error;
  }
}

function writeOne(type: AnyType, id: number, w: Writer, value: unknown, base: number): void {
  const by = type.aux.family;
  const how = by === undefined ? type : (by.families[w.u8[base]!] ?? by.other);
  const nested =
    (how.aux.nest !== undefined || how.op === T.OP_NEST_ARRAY || how.aux.elements !== undefined) && !how.aux.plain;
  const p = w.begin(nested ? id | NLA_F_NESTED : id);
  const before = w.pos;
  const size = writeValue(how, w, value, base);
  w.end(p, w.pos - before - size);
}

/** A key that the table does not have: the payload of a variant, kept unknown attributes, or a mistake. */
function writeOther(table: Table, w: Writer, o: Rec, key: string, base: number): void {
  const value = o[key];
  if (key === 'unknown') {
    writeUnknown(w, value);
    return;
  }
  // What a reader adds to say that something was wrong; it is no attribute.
  if (key === 'rest' && value instanceof Uint8Array) return;
  for (const { id, type } of table.compiled.variants) {
    const def = type.aux.variant!;
    const sibling = def.siblingOf(key);
    if (sibling === undefined) continue;
    if (o[def.by] !== sibling)
      throw new InputError('ERR_CONFLICT', '', `needs ${def.by} ${show(sibling)}, not ${show(o[def.by])}`);
    writeOne(def.pick(sibling)!, id, w, value, base);
    return;
  }
  throw new InputError('ERR_UNKNOWN_KEY', '', `unknown key${suggest(key, table.inputKeys())}`);
}

function writeWrapped(entry: Entry, w: Writer, value: Rec, base: number, o: Rec): void {
  const def = entry.type.aux.variant!;
  const keys = Object.keys(value);
  if (keys.length !== 1) throw new InputError('ERR_INVALID_VALUE', '', 'takes exactly one payload');
  const place = keys[0]!;
  if (place === 'data' && value.data instanceof Uint8Array) {
    w.attrBytes(entry.id, value.data);
    return;
  }
  const sibling = def.siblingOf(place);
  if (sibling === undefined)
    throw new InputError('ERR_UNKNOWN_KEY', place, `unknown key; known: ${[...def.places()].join(', ')}`);
  if (o[def.by] !== sibling)
    throw new InputError('ERR_CONFLICT', place, `needs ${def.by} ${show(sibling)}, not ${show(o[def.by])}`);
  try {
    writeOne(def.pick(sibling)!, entry.id, w, value[place], base);
  } catch (error) {
    throw error instanceof InputError ? error.within(place) : error;
  }
}

function writeUnknown(w: Writer, list: unknown): void {
  if (!Array.isArray(list)) throw expected('an array of { type, data }', list);
  for (let i = 0; i < list.length; i++) {
    indexed(i, () => {
      const item: unknown = list[i];
      if (!isRec(item) || !(item.data instanceof Uint8Array)) throw expected('{ type, data }', item);
      w.attrBytes(integer(item.type, 0, 0xffff), item.data);
    });
  }
}

/** The family in the header at `base`: set from the first address, and every other must agree. */
function agree(w: Writer, base: number, family: number, text: string): void {
  const known = w.u8[base]!;
  if (known === 0) w.u8[base] = family;
  // Families from 128 on (RTNL_FAMILY_IPMR) are of messages, not of addresses.
  else if (known !== family && known < 128) {
    throw new InputError(
      'ERR_CONFLICT',
      '',
      `${show(text)} is an ${family === AF_INET ? 'IPv4' : 'IPv6'} address, but the family is ${known === AF_INET ? 'inet' : known === AF_INET6 ? 'inet6' : known}`,
    );
  }
}

/** An index, or the name of an interface whose index belongs at `p`: noted, and looked up before the message is sent. */
export function interfaceIndex(w: Writer, p: number, value: unknown, max = 0x7fffffff): number {
  if (typeof value !== 'string') return integer(value, 0, max);
  if (value === '' || value.includes('\0') || utf8Bytes(value).length > 127)
    throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not the name of an interface`);
  w.references.push({ what: 'interface', p, name: value });
  return 0;
}

/** Notes the name or path of a namespace, whose descriptor belongs at `p`. */
function namespaceName(w: Writer, p: number, name: string): number {
  if (name === '' || name.includes('\0'))
    throw new InputError('ERR_INVALID_VALUE', '', `${show(name)} is not the name of a namespace`);
  w.references.push({ what: 'namespace', p, name });
  return 0;
}

/** Appends one payload, padded; returns its size without padding. */
export function writeValue(type: AnyType, w: Writer, value: unknown, base: number): number {
  const { aux } = type;
  switch (type.op) {
    case T.OP_U8:
      w.put8(integer(value, aux.min!, aux.max!));
      return 1;
    case T.OP_U16:
      w.put16(integer(value, aux.min!, aux.max!));
      return 2;
    case T.OP_U32:
    case T.OP_S32:
      w.put32(integer(value, aux.min!, aux.max!));
      return 4;
    case T.OP_U64: {
      const big = typeof value === 'bigint' ? value : BigInt(integer(value, 0, Number.MAX_SAFE_INTEGER));
      if (big < 0n || big > U64_MAX)
        throw new InputError('ERR_OUT_OF_RANGE', '', `${big} is out of range 0..${U64_MAX}`);
      w.put64(w.reserve(8), big);
      return 8;
    }
    case T.OP_CSTR:
      return writeString(w, value, aux.maxLength ?? 0xfff0, aux.bare === true);
    case T.OP_IP:
      return writeIp(type, w, value, base);
    case T.OP_DST: {
      const other = aux.others?.[w.u8[base]!];
      if (other === undefined) return writePrefix(w, value, base, aux.lenAt!);
      setLength(w, base + aux.lenAt!, other.length);
      return writeValue(other.type, w, value, base);
    }
    case T.OP_NEST: {
      if (!isRec(value)) throw expected('an object', value);
      return writeNest(aux.nest!, w, value, base);
    }
    case T.OP_STRUCT:
      if (!isRec(value)) throw expected('an object', value);
      aux.struct!.write(w, value);
      return type.size;
    case T.OP_ENUM: {
      const def = aux.words!;
      if (typeof value !== 'string') return writeValue(def.base, w, value, base);
      const number = def.values.get(value);
      if (number === undefined)
        throw new InputError(
          'ERR_INVALID_VALUE',
          '',
          `${show(value)} is not one of ${[...def.values.keys()].join(', ')}`,
        );
      return writeValue(def.base, w, number, base);
    }
    case T.OP_LLADDR: {
      const data = typeof value === 'string' ? parseLladdr(value) : value;
      if (!(data instanceof Uint8Array)) throw expected('a link-layer address', value);
      if (data.length < (aux.min ?? 0) || data.length > aux.max!)
        throw new InputError(
          'ERR_INVALID_VALUE',
          '',
          `${show(value)} has ${data.length} bytes, not ${type.size || `at most ${aux.max}`}`,
        );
      return put(w, data);
    }
    case T.OP_BOOL8:
      if (typeof value !== 'boolean' && value !== 0 && value !== 1) throw expected('true or false', value);
      w.put8(value ? 1 : 0);
      return 1;
    case T.OP_BE16: {
      const number = integer(value, aux.min!, aux.max!);
      const p = w.reserve(2);
      w.u8[p] = number >> 8;
      w.u8[p + 1] = number;
      return 2;
    }
    case T.OP_BE32:
      w.putBe32(w.reserve(4), integer(value, aux.min!, aux.max!));
      return 4;
    case T.OP_ARRAY:
      return writeArray(aux.inner!, w, value, base);
    case T.OP_NEST_ARRAY: {
      if (!Array.isArray(value)) throw expected('an array', value);
      const start = w.pos;
      for (let i = 0; i < value.length; i++)
        indexed(i, () => writeOne(aux.inner!, aux.elementType || i + aux.first!, w, value[i], base));
      return w.pos - start;
    }
    case T.OP_CUSTOM:
      return aux.custom!.write(w, value as never, base);
    default:
      if (!(value instanceof Uint8Array)) throw expected('a Uint8Array', value);
      return put(w, value);
  }
}

function put(w: Writer, data: ArrayLike<number>): number {
  const p = w.reserve(data.length);
  w.u8.set(data, p);
  return data.length;
}

function writeNest(table: Table, w: Writer, value: Rec, base: number): number {
  const start = w.pos;
  const { header } = table;
  if (header === undefined) writeAttrs(table, w, value, base);
  else {
    const head: Rec = {};
    const done = new Set(header.fields.map((field) => field.key));
    for (const key of done) if (value[key] !== undefined) head[key] = value[key];
    header.write(w, head);
    writeAttrs(table, w, value, start, done);
  }
  return w.pos - start;
}

function writeString(w: Writer, value: unknown, max: number, bare: boolean): number {
  if (typeof value !== 'string') throw expected('a string', value);
  if (value.includes('\0')) throw new InputError('ERR_INVALID_VALUE', '', 'must not contain NUL');
  const data = utf8Bytes(value);
  if (data.length > max)
    throw new InputError('ERR_OUT_OF_RANGE', '', `${show(value)} has ${data.length} bytes, at most ${max} fit`);
  const length = bare && data.length > 0 ? data.length : data.length + 1;
  const p = w.reserve(length);
  w.u8.set(data, p);
  return length;
}

function writeIp(type: AnyType, w: Writer, value: unknown, base: number): number {
  if (typeof value !== 'string') throw expected('an IP address', value);
  const v4 = type.size === 16 ? -1 : parseIp4(value);
  if (v4 >= 0) {
    if (type.aux.lenAt !== undefined) agree(w, base, AF_INET, value);
    w.put32(swap32(v4));
    return 4;
  }
  const v6 = type.size === 4 ? null : parseIp6(value);
  if (v6 === null)
    throw new InputError(
      'ERR_INVALID_VALUE',
      '',
      `${show(value)} is not an ${type.size === 4 ? 'IPv4' : type.size === 16 ? 'IPv6' : 'IP'} address`,
    );
  if (type.aux.lenAt !== undefined) agree(w, base, AF_INET6, value);
  put(w, v6);
  return 16;
}

/** The prefix length in the header, which the caller may have given as a number too. */
function setLength(w: Writer, p: number, len: number): void {
  const given = w.u8[p]!;
  if (given !== 0 && given !== len)
    throw new InputError('ERR_CONFLICT', '', `has length ${len}, but the length is given as ${given}`);
  w.u8[p] = len;
}

/** `a.b.c.d/len`, `a.b.c.d` (a host), or `default`, which has no address and length 0. */
function writePrefix(w: Writer, value: unknown, base: number, lenAt: number): number {
  if (typeof value !== 'string') throw expected('a prefix such as 10.0.0.0/8 or default', value);
  const found = parsePrefix(value);
  if (found === null)
    throw new InputError(
      'ERR_INVALID_VALUE',
      '',
      `${show(value)} is not a prefix such as 10.0.0.0/8, an address or default`,
    );
  agree(w, base, found.bytes.length === 4 ? AF_INET : AF_INET6, value);
  const given = w.u8[base + lenAt]!;
  if (found.len >= 0) setLength(w, base + lenAt, found.len);
  else if (given === 0) w.u8[base + lenAt] = found.bytes.length * 8;
  else if (given > found.bytes.length * 8)
    throw new InputError('ERR_OUT_OF_RANGE', '', `prefix length ${given} is longer than the address`);
  put(w, found.bytes);
  return found.bytes.length;
}

function writeArray(inner: AnyType, w: Writer, value: unknown, base: number): number {
  if (!Array.isArray(value)) throw expected('an array', value);
  const start = w.pos;
  let size = 0;
  // Elements are packed: each is written at a multiple of four behind the others, and moved up to them.
  for (let i = 0; i < value.length; i++) {
    w.pos = align4(start + size);
    const at = w.pos;
    indexed(i, () => {
      const n = writeValue(inner, w, value[i], base);
      w.u8.copyWithin(start + size, at, at + n);
      size += n;
    });
  }
  w.pos = align4(start + size);
  w.u8.fill(0, start + size, w.pos);
  return size;
}
