/** Structural mutations of netlink messages: lengths, types, nests, order, doubles, cuts. Seeded, so that a failure can be repeated. */

const NLMSG_HDRLEN = 16;
const NESTED = 0x8000;

/** Small random numbers, the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** An integer in `[0, n)`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }
}

/** A message and the places of its attributes, those in nests too. */
export interface Seed {
  name: string;
  bytes: Uint8Array;
  /** Bytes of the family's header. */
  header: number;
  attributes: number[];
}

/** Whether `[from, to)` is a run of attributes, as far as one can tell without a table. */
function walkable(b: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (to - at >= 4) {
    const len = b[at]! | (b[at + 1]! << 8);
    if (len < 4 || at + len > to) return false;
    at += (len + 3) & ~3;
  }
  return at > from && at >= to;
}

function collect(b: Uint8Array, from: number, to: number, found: number[]): void {
  for (let at = from; to - at >= 4; ) {
    const len = b[at]! | (b[at + 1]! << 8);
    if (len < 4 || at + len > to) return;
    found.push(at);
    if (walkable(b, at + 4, at + len)) collect(b, at + 4, at + len, found);
    // The other end of a veth: a link header, then attributes.
    else if (len > 24 && walkable(b, at + 20, at + len)) collect(b, at + 20, at + len, found);
    at += (len + 3) & ~3;
  }
}

export function seed(name: string, bytes: Uint8Array, header: number): Seed {
  const attributes: number[] = [];
  collect(bytes, NLMSG_HDRLEN + header, bytes.length, attributes);
  return { name, bytes, header, attributes };
}

/** Kinds of mutation, for the statistics. */
export const KINDS = [
  'length',
  'type',
  'contents',
  'cut',
  'double',
  'header length',
  'family',
  'order',
  'wrap',
] as const;

/** Numbers that parsers get wrong. */
const EDGES = [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 0x7f, 0x80, 0xff, 0x3fff, 0x7fff, 0x8000, 0xfffb, 0xffff];

/** Builds mutated messages in an area of its own: `bytes` and `length` are the last one. */
export class Mutator {
  readonly bytes = new Uint8Array(1 << 14);
  length = 0;
  readonly counts: number[] = KINDS.map(() => 0);

  constructor(readonly random: Random) {}

  #u16(at: number): number {
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }
  #put16(at: number, value: number): void {
    this.bytes[at] = value;
    this.bytes[at + 1] = value >> 8;
  }
  #insert(at: number, n: number): boolean {
    if (this.length + n > this.bytes.length) return false;
    this.bytes.copyWithin(at + n, at, this.length);
    this.length += n;
    return true;
  }

  /** One message made of `from` by one to three mutations. */
  make(from: Seed): void {
    const { random } = this;
    this.bytes.set(from.bytes);
    this.length = from.bytes.length;
    const steps = 1 + random.below(3);
    let explicit = false;
    for (let i = 0; i < steps; i++) {
      const kind = random.below(KINDS.length);
      this.counts[kind]!++;
      if (kind === 5) explicit = true;
      this.#step(kind, from);
    }
    // What mutations did to the size is what the header says, unless the header was the target.
    if (!explicit) {
      this.#put16(0, this.length);
      this.#put16(2, 0);
    }
  }

  #step(kind: number, { header, attributes }: Seed): void {
    const { random, bytes } = this;
    const start = NLMSG_HDRLEN + header;
    const at = attributes.length === 0 ? start : attributes[random.below(attributes.length)]!;
    const there = at + 4 <= this.length;
    const len = there ? this.#u16(at) : 0;
    const room = Math.max(0, Math.min(len, this.length - at));
    switch (kind) {
      case 0: // An attribute's length: off by a few, an edge, anything.
        if (!there) return;
        if (random.below(2) === 0) this.#put16(at, Math.max(0, len + random.below(17) - 8));
        else this.#put16(at, random.below(4) === 0 ? random.below(0x10000) : EDGES[random.below(EDGES.length)]!);
        return;
      case 1: // Its type: another one of the table, flag bits.
        if (!there) return;
        this.#put16(
          at + 2,
          random.below(3) === 0 ? this.#u16(at + 2) ^ (random.below(2) === 0 ? NESTED : 0x4000) : random.below(80),
        );
        return;
      case 2: {
        // Its payload, lengths of inner attributes among it.
        if (room <= 4) return;
        const times = 1 + random.below(4);
        for (let i = 0; i < times; i++)
          bytes[at + 4 + random.below(room - 4)] =
            random.below(2) === 0 ? random.below(256) : EDGES[random.below(EDGES.length)]!;
        return;
      }
      case 3: // A cut: mostly behind the header.
        this.length =
          random.below(8) === 0
            ? random.below(this.length + 1)
            : start + random.below(Math.max(1, this.length - start));
        return;
      case 4: // Twice: behind itself or at the end.
        if (room < 4 || this.length + room + 4 > bytes.length) return;
        if (random.below(2) === 0) {
          const size = (room + 3) & ~3;
          if (at + size <= this.length && this.#insert(at, size)) bytes.copyWithin(at, at + size, at + size + room);
        } else {
          const end = (this.length + 3) & ~3;
          bytes.fill(0, this.length, end);
          bytes.copyWithin(end, at, at + room);
          this.length = end + room;
        }
        return;
      case 5: {
        // The message's own length.
        const how = random.below(4);
        const wanted =
          how === 0
            ? random.below(start + 4)
            : how === 1
              ? this.length + random.below(64)
              : Math.max(0, this.length - random.below(Math.max(1, this.length - start)));
        this.#put16(0, wanted);
        this.#put16(2, random.below(16) === 0 ? 0xffff : 0);
        return;
      }
      case 6: // The family, and other bytes of the header that choose how attributes are read.
        bytes[NLMSG_HDRLEN + (random.below(2) === 0 ? 0 : random.below(header))] =
          random.below(2) === 0 ? [0, 2, 7, 10][random.below(4)]! : random.below(256);
        return;
      case 7: {
        // Another order: an attribute goes to the front.
        const size = (room + 3) & ~3;
        if (room < 4 || at + size > this.length) return;
        const copy = bytes.slice(at, at + size);
        bytes.copyWithin(start + size, start, at);
        bytes.set(copy, start);
        return;
      }
      default: {
        // Deeper: an attribute inside one of its own type, several times.
        if (room < 4) return;
        const times = random.below(20) === 0 ? 40 : 1 + random.below(2);
        for (let i = 0; i < times; i++) {
          const inner = Math.min(0xffff, this.#u16(at) + 4);
          const type = this.#u16(at + 2);
          if (!this.#insert(at, 4)) return;
          this.#put16(at, inner);
          this.#put16(at + 2, type);
        }
      }
    }
  }
}
