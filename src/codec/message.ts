/** A message: a fixed header and a table of attributes. */
import { Samples } from './alike.js';
import { aligned, Bytes, LITTLE } from './bytes.js';
import { DecodeError, type DecodeIssue, InputError, within } from './errors.js';
import { readAttrs, takeIssues } from './read.js';
import { WideMessage } from './row.js';
import {
  type Cursor,
  FIELD_SIZE,
  type Field,
  readLiteral,
  type StructDef,
  wordOrNumber,
  writeField,
} from './struct.js';
import { Table } from './table.js';
import type { AttrMap, Rec, UnknownAttr } from './type.js';
import { Usual, type UsualLiteral } from './usual.js';
import { isRec, writeAttrs } from './write.js';
import type { Writer } from './writer.js';

/** What every decoded message may have besides its own keys. */
export interface MessageExtras {
  /** Attributes that this version does not know, and those in `errors`; written back as they are. */
  unknown?: UnknownAttr[];
  /** What could not be decoded. The rest of the message is intact. */
  errors?: DecodeIssue[];
}

/** Writes a key that is neither a member nor an attribute. `base` is where the fixed header starts. */
export type Virtual = (w: Writer, base: number, value: unknown, o: Rec) => void;

export interface MessageSpec<O> {
  /** pyroute2's name of the class, such as `ifinfmsg`. */
  name: string;
  /** Prefix of the kernel's attribute names, such as `IFLA`. */
  prefix: string;
  header: StructDef<object>;
  /** The header's part of an object when it is not the struct as it is: hidden members, derived keys. */
  init?: (r: Cursor) => O;
  /**
   * The same for messages with many keys, of which most are as in the one before (alike.ts): puts it into an object, under
   * the same keys whatever the header says.
   */
  fill?: (r: Cursor, o: Rec) => void;
  table: AttrMap | (() => AttrMap);
  /** Literals for the orders of attributes that are read most often. */
  usual?: readonly UsualLiteral[];
  /** Message numbers by the kernel's name, such as `RTM_NEWLINK: 16`. */
  types: Readonly<Record<string, number>>;
  /** Keys of input that need code. */
  virtual?: Readonly<Record<string, Virtual>>;
  /** Value of a header member whose attribute of the same name carries the value, because it does not fit the member. */
  wide?: Readonly<Record<string, (value: number) => number>>;
}

function filled(fill: (r: Cursor, o: Rec) => void, r: Cursor): Rec {
  const o = new WideMessage();
  fill(r, o);
  return o;
}

export class MessageDef<O extends object = object, I = unknown> {
  declare readonly out: O;
  declare readonly in: I;
  readonly name: string;
  readonly header: StructDef<object>;
  readonly table: Table;
  readonly types: Readonly<Record<string, number>>;
  readonly virtual: Readonly<Record<string, Virtual>>;
  readonly #init: (r: Cursor) => object;
  readonly #wide: Readonly<Record<string, (value: number) => number>>;
  readonly #literals: readonly UsualLiteral[];
  /** The message of `n` bytes at `p` by one like it that was read before, or null. Undefined where that does not pay. */
  readonly readAlike: ((s: Bytes, p: number, n: number) => O | null) | undefined;
  #usual: Usual[] | undefined;
  /** The one that fitted last. */
  #last = 0;
  #headerKeys: ReadonlySet<string> | undefined;
  #startKeys: ReadonlySet<string> | undefined;
  #done: ReadonlySet<string> | undefined;
  /** The shape of the message written last, and whether it had other keys than attributes. */
  #shape: unknown;
  #special = false;

  constructor(spec: MessageSpec<object>) {
    this.name = spec.name;
    this.header = spec.header;
    this.table = new Table(spec.prefix, spec.table);
    this.types = spec.types;
    this.virtual = spec.virtual ?? {};
    const { fill } = spec;
    this.#init = fill ? (r) => filled(fill, r) : (spec.init ?? spec.header.make);
    this.readAlike = fill && this.#alikeReader(fill);
    this.#wide = spec.wide ?? {};
    this.#literals = LITTLE ? (spec.usual ?? []) : [];
  }

  /** The message of `n` bytes at `p` by one of its literals, or null. */
  readUsual(s: Bytes, p: number, n: number): O | null {
    if (this.#literals.length === 0) return null;
    this.#usual ??= this.#literals.map((make) => new Usual(this.name, this.table, make));
    const all = this.#usual;
    const first = p + ((this.header.size + 3) & ~3);
    const last = this.#last;
    const same = all[last]!.read.call(undefined, s, p, first, p + n);
    if (same !== null) return same as O;
    for (let i = 0; i < all.length; i++) {
      const o = i === last ? null : all[i]!.read.call(undefined, s, p, first, p + n);
      if (o === null) continue;
      this.#last = i;
      return o as O;
    }
    return null;
  }

  /** Keys that go into the fixed header. */
  get headerKeys(): ReadonlySet<string> {
    this.#headerKeys ??= new Set(this.header.fields.map((f) => f.key));
    return this.#headerKeys;
  }

  /** What an object has before its attributes are read, of the header at `p`. */
  start(s: Bytes, p: number): Rec {
    return readLiteral(this.#init, s, p) as Rec;
  }

  /** The keys of that. */
  get startKeys(): ReadonlySet<string> {
    this.#startKeys ??= new Set(Object.keys(this.start(new Bytes(new Uint8Array((this.header.size + 3) & ~3)), 0)));
    return this.#startKeys;
  }

  /** Throws DecodeError when the fixed header is longer than the `n` bytes at `p`. */
  assertHeader(p: number, n: number): void {
    const { size } = this.header;
    if (n < size)
      throw new DecodeError({
        path: '',
        type: 0,
        offset: p,
        reason: `${this.name} needs ${size} bytes, ${n} are there`,
      });
  }

  /** Reads the payload of `n` bytes at `p`: what follows the netlink header. */
  read(s: Bytes, p: number, n: number, strict = false): O {
    this.assertHeader(p, n);
    return this.readUsual(s, p, n) ?? this.readAlike?.call(undefined, s, p, n) ?? this.readAny(s, p, n, strict);
  }

  #alikeReader(fill: (r: Cursor, o: Rec) => void): (s: Bytes, p: number, n: number) => O | null {
    const samples = new Samples(this.table);
    const header = (this.header.size + 3) & ~3;
    let o: Rec | null = null;
    const put = (r: Cursor): void => fill(r, o!);
    return (s, p, n) => {
      o = samples.read(s, p, p + header, p + n);
      // What is wrong is told the general way.
      const right = takeIssues() === null;
      if (o !== null && right) {
        readLiteral(put, s, p);
        return o as O;
      }
      if (o === null && samples.wanted) {
        samples.keep(s, p, p + header, p + n, this.readAny(s, p, n) as Rec, this.startKeys);
      }
      return null;
    };
  }

  /** The same for any attributes in any order. */
  readAny(s: Bytes, p: number, n: number, strict = false): O {
    const { size } = this.header;
    const o = this.start(s, p);
    readAttrs(this.table, s, p + ((size + 3) & ~3), p + n, o, p);
    const issues = takeIssues();
    if (issues !== null) {
      for (const issue of issues) issue.offset -= p;
      if (strict) throw new DecodeError(issues[0]!);
      o.errors = issues;
    }
    return o as O;
  }

  /** Reads a payload in an array of its own. */
  decode(data: Uint8Array, options: { strict?: boolean } = {}): O {
    return this.read(aligned(data), 0, data.length, options.strict);
  }

  /** Appends the payload of `o`. Throws InputError with the path of what is wrong. */
  write(w: Writer, o: Rec): void {
    const base = w.reserve(this.header.size);
    if (!isRec(o)) throw new InputError('ERR_INVALID_VALUE', '', `${this.name} takes an object`);
    this.#done ??= new Set([...this.headerKeys, ...Object.keys(this.virtual), 'errors']);
    const done = this.#done;
    // Most messages have attributes only, and the keys of the one before; then nothing is looked for in vain.
    const shape = this.table.shapeOf(o);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#special = shape.keys.some((key) => done.has(key));
    }
    const special = this.#special;
    // The header first, because addresses must agree with the family in it.
    if (special) {
      for (const field of this.header.fields) {
        const value = o[field.key];
        if (value !== undefined) this.#writeMember(w, base, field, value);
      }
    }
    writeAttrs(this.table, w, o, base, special ? done : undefined);
    if (!special) return;
    for (const key of Object.keys(this.virtual)) {
      if (o[key] !== undefined) within(key, () => this.virtual[key]!(w, base, o[key], o));
    }
  }

  /** A header member; when it does not fit and the table has an attribute of that name, that carries it. */
  #writeMember(w: Writer, base: number, field: Field, value: unknown): void {
    const words = this.header.words[field.key];
    const wide = this.#wide[field.key];
    if (wide !== undefined) {
      const number = within(field.key, () => (words === undefined ? value : wordOrNumber(value, words)));
      if (typeof number === 'number' && number > 2 ** (8 * FIELD_SIZE[field.kind]) - 1) {
        const entry = this.table.compiled.byKey.get(field.key)!;
        writeAttrs(this.table, w, { [entry.key]: number }, base);
        writeField(w, base + field.offset, field, wide(number));
        return;
      }
      value = number;
    }
    writeField(w, base + field.offset, field, value, words);
  }

  /** The payload of `o` as bytes. */
  encode(w: Writer, o: I): Uint8Array {
    w.reset();
    this.write(w, o as Rec);
    return w.bytes();
  }
}

/** Declares a message. `O` and `I` are its named interfaces. */
export const message = <O extends object, I>(spec: MessageSpec<object>): MessageDef<O & MessageExtras, I> =>
  new MessageDef<O & MessageExtras, I>(spec);
