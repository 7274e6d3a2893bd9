/**
 * Messages that are like one before. Links in a dump mostly have the same attributes in the same order, and most of their
 * values are the same: settings, limits, counters that are zero. So one message of each order is kept, its bytes and its
 * object; of the next one of that order the object is copied, and only what has other bytes is read.
 *
 * Nothing is shared with the sample: what is inside an object is copied as well. A message that does not have exactly these
 * attributes is read the general way, with the same result.
 */
import { type Bytes, LITTLE } from './bytes.js';
import { type Copy, copier } from './copy.js';
import { BAD, readInside, readValue } from './read.js';
import type { Table } from './table.js';
import { cstrText, lladdrText } from './text.js';
import type { AnyType, Rec } from './type.js';
import * as T from './type.js';

/**
 * Sets a key. In a function of its own, since the engine keeps by place in the source what keys there were: a reader that
 * was compiled when there had been one only does not fit the next, and is compiled again.
 */
function put(o: Rec, key: string, value: unknown): void {
  o[key] = value;
}
for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) put({ [key]: 0 }, key, key);

/** Through `call` the engine expects nothing of what is called: else it compiles one into this, and all again for the next. */
const run = (copy: (value: unknown) => unknown, value: unknown): unknown => copy.call(undefined, value);

const slice = (value: unknown): unknown => (value as unknown[]).slice();

/** Types whose value is no object, and depends on their bytes only. */
const OWN: ReadonlySet<number> = new Set([
  T.OP_U8,
  T.OP_U16,
  T.OP_U32,
  T.OP_S32,
  T.OP_U64,
  T.OP_CSTR,
  T.OP_IP,
  T.OP_LLADDR,
  T.OP_BOOL8,
  T.OP_FLAG,
  T.OP_BE16,
  T.OP_BE32,
]);

const isOwn = ({ op, aux }: AnyType): boolean =>
  OWN.has(op) || aux.own === true || (op === T.OP_ENUM && isOwn(aux.words!.base));

type Read = (s: Bytes, p: number, n: number, base: number) => unknown;

/**
 * Reads a payload as `readValue` does, in a nest that is so many levels deep. A function for each type that often differs
 * between messages: each is small, and compiled soon.
 */
function reader(type: AnyType, level: number): Read {
  switch (type.op) {
    case T.OP_U32:
      return (s, p, n) => (n === 4 ? s.u32[p >> 2]! : BAD);
    case T.OP_CSTR:
      return (s, p, n) => cstrText(s.u8, p, n);
    case T.OP_LLADDR: {
      const usual = (type.aux.min ?? 0) <= 6 && type.aux.max! >= 6;
      return (s, p, n, base) => (usual && n === 6 ? lladdrText(s.u8, p, 6) : readValue(type, s, p, n, base));
    }
    case T.OP_STRUCT:
      return (s, p, n) => type.aux.struct!.read(s, p, n);
    default:
      return (s, p, n, base) => readInside(level, type, s, p, n, base);
  }
}

/** An attribute of a sample. */
class Part {
  /** Makes another of a value that is an object; undefined where values are none, or must be read each time. */
  copy: ((value: unknown) => unknown) | undefined;
  /** Reads other bytes, or gives BAD. */
  read: Read | undefined;
  /** Is read even when it has the same bytes. */
  again = false;
  /** Another value changes what the others mean. */
  names = false;
  /** Of a payload that another one names: whether what it names is still the same. */
  still: (() => boolean) | undefined;
  /** Had other bytes once, so that it is looked at by itself. */
  alone = false;
  /** Words of this one and those up to `last`, headers included, that are looked at as one; 0 where it begins none. */
  run = 0;
  last = 0;

  constructor(
    readonly key: string,
    readonly value: unknown,
    /** Its header: length and number. */
    readonly head: number,
    /** Where its payload is in the words of the sample, and how many it has. */
    readonly at: number,
    readonly words: number,
  ) {}
}

/** Whether `count` words are the same from `a` and `b` on. */
function equal(all: Int32Array, at: number, words: Int32Array, from: number, count: number): boolean {
  let a = at;
  let b = from;
  const end = (a + count) | 0;
  // Eight at a time, and sums of 32 bits: of what it takes to compare a word two thirds are left.
  for (; ((end - a) | 0) >= 8; a = (a + 8) | 0, b = (b + 8) | 0) {
    const first =
      (all[a]! ^ words[b]!) |
      (all[(a + 1) | 0]! ^ words[(b + 1) | 0]!) |
      (all[(a + 2) | 0]! ^ words[(b + 2) | 0]!) |
      (all[(a + 3) | 0]! ^ words[(b + 3) | 0]!);
    const second =
      (all[(a + 4) | 0]! ^ words[(b + 4) | 0]!) |
      (all[(a + 5) | 0]! ^ words[(b + 5) | 0]!) |
      (all[(a + 6) | 0]! ^ words[(b + 6) | 0]!) |
      (all[(a + 7) | 0]! ^ words[(b + 7) | 0]!);
    if ((first | second) !== 0) return false;
  }
  for (; a < end; a = (a + 1) | 0, b = (b + 1) | 0) if (all[a] !== words[b]) return false;
  return true;
}

/** The attributes of a message or nest, and their object. */
export class Sample {
  /** What has to be copied even when nothing changed. */
  readonly #objects: readonly Part[];
  /** Whether a copy of the object can be made without looking at the bytes. */
  readonly steady: boolean;
  /** Whether an attribute differed that is in a run. */
  #loose = true;

  constructor(
    private readonly object: Rec,
    private readonly words: Int32Array,
    private readonly parts: readonly Part[],
    private readonly copy: Copy,
  ) {
    this.#objects = parts.filter(({ copy }) => copy !== undefined);
    this.steady = parts.every(({ again, still }) => !again && still === undefined);
    for (const part of parts)
      part.alone = part.copy !== undefined || part.again || part.names || part.still !== undefined;
  }

  /** Finds the runs of attributes that are numbers and texts, and were always the same. */
  #group(): void {
    const { parts } = this;
    this.#loose = false;
    let first: Part | undefined;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      part.run = 0;
      if (part.alone) first = undefined;
      else {
        first ??= part;
        first.last = i;
        first.run = part.at + part.words - first.at + 1;
      }
    }
  }

  // The next two are properties, not methods, so that they are compiled once, and not into all who call them.

  /** An object of its own for the attributes from `pos` to `end`; null when they are others, or one cannot be read. */
  readonly read = (s: Bytes, pos: number, end: number, base: number): Rec | null => {
    const { parts, words } = this;
    const { i32, u32 } = s;
    if (this.#loose) this.#group();
    const o = this.copy(this.object);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const length = part.run << 2;
      if (length > 0 && length <= end - pos && equal(i32, pos >> 2, words, part.at - 1, part.run)) {
        pos += length;
        i = part.last;
        continue;
      }
      if (end - pos < 4) return null;
      const head = u32[pos >> 2]!;
      const n = (head & 0xffff) - 4;
      const p = pos + 4;
      if (n < 0 || n > end - p || part.still?.() === false) return null;
      pos = p + ((n + 3) & ~3);
      const same = head === part.head && equal(i32, p >> 2, words, part.at, part.words);
      if (same && !part.again) {
        if (part.copy !== undefined) put(o, part.key, run(part.copy, part.value));
        continue;
      }
      if (!same && (part.names || (head ^ part.head) >>> 16 !== 0)) return null;
      if (!part.alone) {
        part.alone = true;
        this.#loose = true;
      }
      if (part.read === undefined) continue;
      const value = part.read.call(undefined, s, p, n, base);
      if (value === BAD) return null;
      put(o, part.key, value);
    }
    return pos === end ? o : null;
  };

  /** A copy of the whole object. */
  readonly whole = (): Rec => {
    const o = this.copy(this.object);
    for (const part of this.#objects) put(o, part.key, run(part.copy!, part.value));
    return o;
  };
}

/** The type of a payload, where that depends on the family in the message's first byte. */
function known(type: AnyType, s: Bytes, base: number): AnyType {
  const { family } = type.aux;
  return family === undefined ? type : known(family.families[s.u8[base]!] ?? family.other, s, base);
}

/** Learns how another value is made of the one that a part has. */
function learn(part: Part, type: AnyType, s: Bytes, p: number, n: number, message: Message): void {
  const { value } = part;
  const { struct, nest, inner: element } = type.aux;
  const read = reader(type, message.level);
  part.read = read;
  if (typeof value !== 'object' || value === null) {
    part.again = !isOwn(type);
    return;
  }
  if (type.op === T.OP_NEST && nest!.header === undefined) {
    const inner = sample(nest!, value as Rec, s, p, p + n, { ...message, level: message.level + 1, header: NO_KEYS });
    part.copy = inner?.steady ? inner.whole : undefined;
    if (inner !== undefined)
      part.read = (s, p, n, base) => inner.read.call(undefined, s, p, p + n, base) ?? read(s, p, n, base);
  } else if (type.op === T.OP_STRUCT && n >= struct!.size) part.copy = copier(struct!, value as Rec) as Part['copy'];
  else if (type.op === T.OP_BYTES || (type.op === T.OP_ARRAY && isOwn(element!))) part.copy = slice;
  part.again = part.copy === undefined;
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** The message that a sample is made of. */
interface Message {
  /** Where its header is. */
  readonly base: number;
  /** A copy of its words, from `origin` on. */
  readonly words: Int32Array;
  readonly origin: number;
  /** Keys that its header gives. */
  readonly header: ReadonlySet<string>;
  /** How deep the attributes are: 0 for those of the message. */
  readonly level: number;
}

/**
 * A sample of the attributes from `pos` to `end`, which were read into `object`. What `object` has nobody else may have.
 * Undefined when there is something unusual among them: what is unknown, cannot be read, or comes several times.
 */
function sample(table: Table, object: Rec, s: Bytes, pos: number, end: number, message: Message): Sample | undefined {
  const { ops, keys, types } = table.compiled;
  const { base, origin, header } = message;
  const parts: Part[] = [];
  const names = new Set<string>();
  const seen = new Set<string>();
  while (end - pos >= 4) {
    const head = s.u32[pos >> 2]!;
    const len = head & 0xffff;
    const id = (head >>> 16) & 0x3fff;
    if (len < 4 || len > end - pos) return undefined;
    const p = pos + 4;
    const n = len - 4;
    pos += (len + 3) & ~3;
    const at = (p >> 2) - origin;
    const op = ops[id] ?? 0;
    let type = types[id];
    let key = keys[id]!;
    if (op === 0 || op === T.OP_MANY) return undefined;
    if (op === T.OP_SKIP) {
      parts.push(new Part('', undefined, head, at, (n + 3) >> 2));
      continue;
    }
    const { variant } = type!.aux;
    if (variant !== undefined) {
      const sibling = object[variant.by] as string | number | undefined;
      type = sibling === undefined || variant.wrap ? undefined : variant.pick(sibling);
      if (type === undefined) return undefined;
      key = variant.place(sibling!);
      names.add(variant.by);
    }
    if (object[key] === undefined || seen.has(key) || header.has(key)) return undefined;
    seen.add(key);
    const part = new Part(key, object[key], head, at, (n + 3) >> 2);
    if (variant !== undefined) {
      const [sibling, picked] = [object[variant.by] as string | number, type];
      part.still = () => variant.pick(sibling) === picked && variant.place(sibling) === key;
    }
    type = known(type!, s, base);
    learn(part, type, s, p, n, message);
    parts.push(part);
  }
  // What names a payload must be one of these, whose bytes are looked at.
  if (end !== pos || [...names].some((name) => !seen.has(name))) return undefined;
  for (const part of parts) part.names = names.has(part.key);
  const copy = copier(table, object);
  return copy === undefined ? undefined : new Sample(object, message.words, parts, copy);
}

/** Orders of attributes that are kept, of one kind of message. */
const MOST = 8;
/** Messages before one becomes a sample: a short list has no use for any. */
const FIRST = 8;
/** Messages without a sample that may become one each; later only every so many, since it takes some time. */
const EARLY = 16;
const LATER = 32;

/** A number for the attributes from `pos` to `end` and their order. */
function orderOf(s: Bytes, pos: number, end: number): number {
  let order = 0;
  while (end - pos >= 4) {
    const head = s.i32[pos >> 2]!;
    order = (Math.imul(order, 31) + (head >>> 16)) | 0;
    pos += Math.max(4, ((head & 0xffff) + 3) & ~3);
  }
  return order;
}

interface Kept {
  readonly sample: Sample;
  /** First word of the header: the family is in it, and what it is about depends on that. */
  readonly first: number;
  readonly order: number;
}

/** The samples of one kind of message. */
export class Samples {
  readonly #all: Kept[] = [];
  /** The one that fitted last. */
  #last: Kept | undefined;
  /** The one that goes next when there are too many. */
  #oldest = 0;
  #misses = 0;

  constructor(readonly table: Table) {}

  /** The object of a message whose header is at `base`, with the sample's header; null when there is no sample like it. */
  read(s: Bytes, base: number, pos: number, end: number): Rec | null {
    const last = this.#last;
    if (last === undefined) return null;
    const first = s.i32[base >> 2]!;
    const same = last.first === first ? last.sample.read.call(undefined, s, pos, end, base) : null;
    if (same !== null || this.#all.length === 1) return same;
    const order = orderOf(s, pos, end);
    for (const kept of this.#all) {
      if (kept === last || kept.order !== order || kept.first !== first) continue;
      const object = kept.sample.read.call(undefined, s, pos, end, base);
      if (object === null) continue;
      this.#last = kept;
      return object;
    }
    return null;
  }

  /** Whether a message for which there was none should become one. */
  get wanted(): boolean {
    const misses = this.#misses++ - FIRST;
    return LITTLE && misses >= 0 && (misses < EARLY || misses % LATER === 0);
  }

  /** Keeps a message as a sample, with its object, which nobody else may have. `header` are the keys that its header gives. */
  keep(s: Bytes, base: number, pos: number, end: number, object: Rec, header: ReadonlySet<string>): void {
    if (object.errors !== undefined) return;
    const words = s.i32.slice(pos >> 2, (end + 3) >> 2);
    const made = sample(this.table, object, s, pos, end, { base, words, origin: pos >> 2, header, level: 0 });
    if (made === undefined) return;
    const at = this.#all.length < MOST ? this.#all.length : this.#oldest++ % MOST;
    const kept = { sample: made, first: s.i32[base >> 2]!, order: orderOf(s, pos, end) };
    this.#all[at] = kept;
    this.#last = kept;
  }
}
