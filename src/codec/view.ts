/**
 * Views: a message that is decoded as it is looked at. Reading one or two attributes of many messages this way
 * costs a fraction of an object. Prefixes are bare addresses here, with their length in the header's `dstLen`.
 */
import { type Bytes, LITTLE } from './bytes.js';
import { unknownKey } from './errors.js';
import { toJSON } from './json.js';
import { ip } from './leaf.js';
import type { MessageDef } from './message.js';
import { BAD, readValue, takeIssues } from './read.js';
import { type Field, readMember } from './struct.js';
import { type AnyType, OP_DST, OP_MANY, OP_U64, OP_VARIANT } from './type.js';

/** Keys that are of no attribute: what reading the whole message finds. */
const EXTRAS: ReadonlySet<string> = new Set(['unknown', 'errors', 'rest']);

/** Where a key's value is: in an attribute, else in the header. */
interface Place {
  /** Number and type of the attribute; -1 where there is none. */
  readonly id: number;
  readonly type: AnyType | undefined;
  /** The key, of what takes the whole message to read. */
  readonly whole: string | undefined;
  readonly member: Field | undefined;
  /** The key, of what follows from the header: `'default'` for a prefix of length 0, `state` from `flags`. */
  readonly follows: string | undefined;
}

const keysOf = (def: MessageDef): Set<string> =>
  new Set([...def.headerKeys, ...def.startKeys, ...def.table.compiled.byKey.keys(), ...EXTRAS]);

/** Throws InputError for a name that the message does not have. */
function placeOf(def: MessageDef, name: string): Place {
  const key = def.table.keyOf(name) ?? name;
  const entry = def.table.compiled.byKey.get(key);
  const op = entry?.type.op;
  const place: Place = {
    id: entry?.id ?? -1,
    type: entry?.type,
    whole: EXTRAS.has(key) || op === OP_MANY || op === OP_VARIANT ? key : undefined,
    member: def.header.field(key),
    follows: def.startKeys.has(key) ? key : undefined,
  };
  if (place.type === undefined && (place.whole ?? place.member ?? place.follows) === undefined)
    throw unknownKey(String(name), keysOf(def));
  return place;
}

let look: (view: View, place: Place) => unknown;

/**
 * One message's bytes, decoded on access. Views that came in one datagram share its bytes, up to 32 KiB: what is to stay
 * for long is better kept by `toObject()`.
 */
export class View<O extends object = object> {
  static {
    look = (view, place) => view.#look(place);
  }

  readonly #def: MessageDef<O>;
  readonly #s: Bytes;
  readonly #p: number;
  readonly #n: number;

  constructor(def: MessageDef<O>, s: Bytes, p: number, n: number) {
    def.assertHeader(p, n);
    this.#def = def;
    this.#s = s;
    this.#p = p;
    this.#n = n;
  }

  /**
   * The value of a key or of a kernel name (`'mtu'`, `'IFLA_MTU'`); undefined when it is absent or undecodable. Throws
   * InputError for a name that such messages do not have.
   */
  get<K extends keyof O & string>(key: K | (string & {})): O[K] | undefined {
    return this.#look(placeOf(this.#def as unknown as MessageDef, key)) as O[K] | undefined;
  }

  /** A 64-bit attribute, exact. */
  big(key: string): bigint | undefined {
    const { table } = this.#def;
    const entry = table.compiled.byKey.get(table.keyOf(key) ?? key);
    const at = entry?.type.op === OP_U64 ? this.#find(entry.id) : -1;
    if (at < 0 || this.#length(at) !== 8) return undefined;
    const w = at >> 2;
    const [low, high] = LITTLE ? [this.#s.u32[w]!, this.#s.u32[w + 1]!] : [this.#s.u32[w + 1]!, this.#s.u32[w]!];
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** The whole message as the plain object that an eager read gives. */
  toObject(): O {
    return this.#def.read(this.#s, this.#p, this.#n);
  }

  toJSON(): unknown {
    return toJSON(this.toObject());
  }

  /** What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): O {
    return this.toObject();
  }

  #look({ id, type, whole, member, follows }: Place): unknown {
    if (whole !== undefined) return this.toObject()[whole as keyof O];
    const at = type === undefined ? -1 : this.#find(id);
    if (at >= 0) {
      const value = readValue(this.#bare(type!), this.#s, at, this.#length(at), this.#p);
      takeIssues();
      return value === BAD ? undefined : value;
    }
    if (member !== undefined) return readMember(this.#s, this.#p, member);
    return follows === undefined ? undefined : this.#def.start(this.#s, this.#p)[follows];
  }

  /** Of a prefix only its address is read, unless it has none: `'default'`, a label. */
  #bare(type: AnyType): AnyType {
    if (type.op !== OP_DST) return type;
    const { lenAt, others } = type.aux;
    const { u8 } = this.#s;
    return u8[this.#p + lenAt!] === 0 || others?.[u8[this.#p]!] !== undefined ? type : ip;
  }

  #length(at: number): number {
    return this.#s.u16[(at - 4) >> 1]! - 4;
  }

  /** Where the payload of the first attribute `id` starts, or -1. */
  #find(id: number): number {
    const end = this.#p + this.#n;
    const { u16 } = this.#s;
    let pos = this.#p + ((this.#def.header.size + 3) & ~3);
    while (end - pos >= 4) {
      const len = u16[pos >> 1]!;
      if (len < 4 || len > end - pos) return -1;
      if ((u16[(pos >> 1) + 1]! & 0x3fff) === id) return pos + 4;
      pos += (len + 3) & ~3;
    }
    return -1;
  }
}

/** A message with getters for its keys, decoded on access. */
export type Viewed<O extends object> = View<O> & Readonly<Omit<O, keyof View>>;

/** Makes views of the payload of `n` bytes at `p`; the bytes must not change while they live. */
type Viewer<O extends object> = (s: Bytes, p: number, n: number) => Viewed<O>;

const viewers = new WeakMap<MessageDef<object>, Viewer<object>>();

/** What makes views of a message, of a class with getters for all its keys. To be asked for once where many are made. */
export function viewer<O extends object>(def: MessageDef<O>): Viewer<O> {
  const plain = def as unknown as MessageDef<object>;
  let made = viewers.get(plain);
  if (made === undefined) {
    const Of = class extends View<object> {};
    for (const key of keysOf(plain)) {
      const place = placeOf(plain, key);
      Object.defineProperty(Of.prototype, key, {
        get(this: View<object>) {
          return look(this, place);
        },
        enumerable: true,
      });
    }
    made = (s, p, n) => new Of(plain, s, p, n);
    viewers.set(plain, made);
  }
  return made as Viewer<O>;
}

/** One view, as `viewer` makes them. */
export const viewAt = <O extends object>(def: MessageDef<O>, s: Bytes, p: number, n: number): Viewed<O> =>
  viewer(def)(s, p, n);
