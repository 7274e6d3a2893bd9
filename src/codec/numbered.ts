/** Nests whose elements are told apart by their type number: an object by number. */
import { align4, type Bytes, LITTLE } from './bytes.js';
import { InputError, show, within } from './errors.js';
import { BAD, readValue } from './read.js';
import { type AnyType, type Custom, OP_CUSTOM, OP_NEST, OP_NEST_ARRAY, type Rec, Type } from './type.js';
import { isRec, writeValue } from './write.js';
import { NLA_F_NESTED, type Writer } from './writer.js';

const TYPE_MASK = 0x3fff;

function read(inner: AnyType, s: Bytes, p: number, n: number, base: number): unknown {
  const found: Record<number, unknown> = {};
  const end = p + n;
  for (let pos = p; end - pos >= 4; ) {
    const head = s.u32[pos >> 2]!;
    const len = LITTLE ? head & 0xffff : head >>> 16;
    const type = (LITTLE ? head >>> 16 : head & 0xffff) & TYPE_MASK;
    if (len < 4 || len > end - pos || Object.hasOwn(found, type)) return BAD;
    const value = readValue(inner, s, pos + 4, len - 4, base);
    if (value === BAD) return BAD;
    found[type] = value;
    pos += align4(len);
  }
  return found;
}

function write(inner: AnyType, w: Writer, value: unknown, base: number): number {
  if (!isRec(value)) throw new InputError('ERR_INVALID_VALUE', '', `expected an object by number, got ${show(value)}`);
  const start = w.pos;
  const nested = inner.op === OP_NEST || inner.op === OP_NEST_ARRAY || inner.aux.elements !== undefined;
  for (const [key, one] of Object.entries(value as Rec)) {
    if (one === undefined) continue;
    within(key, () => {
      const type = /^(0|[1-9][0-9]{0,4})$/.test(key) ? Number(key) : Number.NaN;
      if (!(type <= TYPE_MASK))
        throw new InputError('ERR_UNKNOWN_KEY', '', `is not the number of an attribute, 0..${TYPE_MASK}`);
      const p = w.begin(nested ? type | NLA_F_NESTED : type);
      const before = w.pos;
      const size = writeValue(inner, w, one, base);
      w.end(p, w.pos - before - size);
    });
  }
  return w.pos - start;
}

/** A nest of equal elements that are known by their numbers, such as `{ 3: ..., 10: ... }` (YNL: nest-type-value). */
export function numbered<O, I = O>(
  inner: Type<O, I>,
): Type<Readonly<Record<number, O>>, Readonly<Record<number, I | undefined>>> {
  const custom: Custom<unknown, unknown> = {
    read: (s, p, n, base) => read(inner, s, p, n, base),
    write: (w, value, base) => write(inner, w, value, base),
  };
  return new Type(OP_CUSTOM, `nest of ${inner.name} by number`, 0, {
    custom: custom as Custom<unknown, never>,
    elements: inner,
  });
}
