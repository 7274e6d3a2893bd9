/**
 * TSROUTE2_TRACE=FILE, for tests: which attributes a live kernel sent, and which it accepted. When the process ends, one
 * line for each is appended to the file: `sent RTM_NEWLINK linkinfo.vxlan.id IFLA_VXLAN_ID`.
 */
import { appendFileSync } from 'node:fs';
import { align4, aligned, Bytes } from '../codec/bytes.js';
import { NLM_F_ACK, NLM_F_DUMP, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from '../codec/header.js';
import { inside } from '../codec/path.js';
import type { Table } from '../codec/table.js';
import { type AnyType, OP_MANY, OP_NEST_ARRAY } from '../codec/type.js';
import { META_HEAD, META_STRIDE, type Transport } from '../transport/transport.js';
import { ENOPROTOOPT } from './errno.js';
import { namedMessage } from './names.js';

/** The file that the environment asks for. */
export const traceFile = typeof process === 'undefined' ? undefined : process.env.TSROUTE2_TRACE || undefined;

const SENT = 1;
const ACCEPTED = 2;

/** An attribute at its place in a message. */
class Seen {
  bits = 0;
  /** Of a message: shapes that are known. */
  readonly shapes = new Set<number>();
  /** By number; several where the family decides what a number means. */
  readonly below = new Map<number, Seen[]>();

  constructor(
    readonly path: string,
    readonly name: string,
    readonly table: Table | undefined,
    readonly place: string | undefined,
  ) {}

  /** What is at `id` of a table here; `place` is the key that it goes by when that is not the table's. */
  at(table: Table, id: number, place: string | undefined): Seen {
    let list = this.below.get(id);
    if (list === undefined) {
      list = [];
      this.below.set(id, list);
    }
    for (const seen of list) if (seen.table === table && seen.place === place) return seen;
    const key = table.compiled.keys[id] || undefined;
    const shown = place ?? key ?? String(id);
    const path = this.path === '' ? shown : `${this.path}.${shown}`;
    const seen = new Seen(path, key === undefined ? `${table.prefix}#${id}` : table.nameOf(key), table, place);
    list.push(seen);
    return seen;
  }
}

const messages = new Map<string, Seen>();

/** Types and lengths of all attributes in one number. */
function shape(s: Bytes, start: number, end: number): number {
  let sum = 0;
  for (let p = start; end - p >= 4; ) {
    sum = (Math.imul(sum, 31) + s.u32[p >> 2]!) | 0;
    const len = s.u16[p >> 1]!;
    if (len < 4) break;
    p += align4(len);
  }
  return sum;
}

/** Calls `see` with every attribute of a table's payload. */
function walk(s: Bytes, table: Table, start: number, end: number, base: number, from: Seen, see: See): void {
  for (let p = start; end - p >= 4; ) {
    const len = s.u16[p >> 1]!;
    if (len < 4 || len > end - p) return;
    const id = s.u16[(p >> 1) + 1]! & 0x3fff;
    const type = table.compiled.types[id];
    const found = type && inside(s, table, start, end, type, base);
    const here = from.at(table, id, found?.place);
    see.add(here);
    if (found !== undefined) nest(s, found.table, p + 4, p + len, base, here, see);
    else if (type !== undefined) irregular(s, type, p + 4, p + len, base, here, see);
    p += align4(len);
  }
}

function nest(s: Bytes, table: Table, start: number, end: number, base: number, here: Seen, see: See): void {
  see.nested = true;
  const header = table.header === undefined ? 0 : align4(table.header.size);
  walk(s, table, start + header, end, header > 0 ? start : base, here, see);
}

/** Elements of arrays; runs of structs with attributes; what goes in as a nest and comes out as a struct. */
function irregular(s: Bytes, type: AnyType, start: number, end: number, base: number, here: Seen, see: See): void {
  const { run, behind } = type.aux;
  const inner = type.aux.inner ?? type.aux.elements;
  if (behind !== undefined) {
    see.nested = true;
    walk(s, behind.table, start + behind.size, end, start, here, see);
  } else if (type.op === OP_MANY && inner !== undefined) irregular(s, inner, start, end, base, here, see);
  else if (run !== undefined || type.op === OP_NEST_ARRAY || type.aux.elements !== undefined) {
    const skip = run === undefined ? 4 : align4(run.header.size);
    for (let p = start; end - p >= skip; ) {
      const len = s.u16[p >> 1]!;
      if (len < skip || len > end - p) return;
      const table = run?.table ?? inner?.aux.nest;
      if (table !== undefined) nest(s, table, p + skip, p + len, base, here, see);
      else if (inner !== undefined) irregular(s, inner, p + skip, p + len, base, here, see);
      p += align4(len);
    }
  } else if (see.ours && inner?.aux.nest !== undefined) nest(s, inner.aux.nest, start, end, base, here, see);
}

interface See {
  /** Whether we wrote the message. */
  ours: boolean;
  /** Set when there is something inside an attribute. */
  nested: boolean;
  add(seen: Seen): void;
}

/** A request that the kernel has not answered yet. */
interface Asked {
  attributes: Set<Seen>;
  /** Nothing is said of it unless it is refused. */
  silent: boolean;
}

class Traced implements Transport {
  readonly #asked = new Map<number, Asked>();
  readonly #received: See = {
    ours: false,
    nested: false,
    add: (seen) => {
      seen.bits |= SENT;
    },
  };
  #area: Bytes | undefined;

  /** There where the other has it. */
  readonly sendLater?: (data: Uint8Array) => Promise<number>;

  constructor(private readonly to: Transport) {
    if (to.sendLater !== undefined)
      this.sendLater = (data) => {
        this.#out(data);
        return to.sendLater!(data);
      };
  }

  /** Walks one message of the payload `[p, p + len)`. */
  #message(s: Bytes, p: number, len: number, see: See): void {
    const type = s.u16[(p >> 1) + 2]!;
    const start = p + NLMSG_HDRLEN;
    const known = namedMessage(this.to.protocol, type, s, start, s.u32[(p >> 2) + 2]!, see.ours);
    if (known === undefined) return;
    let top = messages.get(known.op);
    if (top === undefined) {
      top = new Seen('', known.op, undefined, undefined);
      messages.set(known.op, top);
    }
    const first = start + align4(known.def.header.size);
    if (see.ours) walk(s, known.def.table, first, p + len, start, top, see);
    else {
      // A million routes have few shapes; of those without nests each is walked once.
      const sum = shape(s, first, p + len);
      if (top.shapes.has(sum)) return;
      see.nested = false;
      walk(s, known.def.table, first, p + len, start, top, see);
      if (!see.nested) top.shapes.add(sum);
    }
  }

  #out(data: Uint8Array): void {
    const s = aligned(data);
    for (let p = 0; data.length - p >= NLMSG_HDRLEN; ) {
      const len = s.u32[p >> 2]!;
      if (len < NLMSG_HDRLEN || len > data.length - p) return;
      const flags = s.u16[(p >> 1) + 3]!;
      const attributes = new Set<Seen>();
      this.#message(s, p, len, { ours: true, nested: false, add: (seen) => attributes.add(seen) });
      const silent = (flags & NLM_F_ACK) === 0 && (flags & NLM_F_DUMP) !== NLM_F_DUMP;
      this.#asked.set(s.u32[(p >> 2) + 2]!, { attributes, silent });
      p += align4(len);
    }
  }

  #in(area: Uint8Array, meta: Int32Array): void {
    if (this.#area?.u8 !== area) this.#area = new Bytes(area);
    const s = this.#area;
    for (let i = 0, m = META_HEAD; i < meta[1]!; i++, m += META_STRIDE) {
      if (meta[m + 2] !== 0) continue;
      const end = Math.min(meta[m]! + meta[m + 1]!, area.length);
      for (let p = meta[m]!; end - p >= NLMSG_HDRLEN; ) {
        const len = s.u32[p >> 2]!;
        if (len < NLMSG_HDRLEN || len > end - p) break;
        const type = s.u16[(p >> 1) + 2]!;
        const seq = s.u32[(p >> 2) + 2]!;
        if (type >= 16) {
          this.#message(s, p, len, this.#received);
          // Of a dump the end is the consent.
          if (s.u32[(p >> 2) + 3] === this.to.portid && this.#asked.get(seq)?.silent) this.#accept(seq);
        } else if (type === NLMSG_ERROR || type === NLMSG_DONE) {
          if (s.i32[(p + NLMSG_HDRLEN) >> 2] === 0) this.#accept(seq);
          else this.#asked.delete(seq);
        }
        p += align4(len);
      }
    }
  }

  /** A consent holds for those before it, too, of which nothing was to be said. */
  #accept(seq: number): void {
    if (!this.#asked.has(seq)) return;
    for (const [before, { attributes, silent }] of this.#asked) {
      if (before !== seq && !silent) continue;
      for (const seen of attributes) seen.bits |= ACCEPTED;
      this.#asked.delete(before);
      if (before === seq) return;
    }
  }

  get protocol(): number {
    return this.to.protocol;
  }
  get portid(): number {
    return this.to.portid;
  }
  get fd(): number {
    return this.to.fd;
  }
  send(data: Uint8Array): number {
    this.#out(data);
    return this.to.send(data);
  }
  receive(area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    const count = this.to.receive(area, meta, reserve, budgetUs);
    this.#in(area, meta);
    return count;
  }
  exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
    this.#out(data);
    const result = this.to.exchange(data, area, meta, reserve, budgetUs);
    if (result >= 0) this.#in(area, meta);
    return result;
  }
  watch(onReadable: (() => void) | null): void {
    this.to.watch(onReadable);
  }
  ref(): void {
    this.to.ref();
  }
  unref(): void {
    this.to.unref();
  }
  join(group: number): number {
    return this.to.join(group);
  }
  leave(group: number): number {
    return this.to.leave(group);
  }
  setOption(level: number, name: number, value: number): number {
    return this.to.setOption(level, name, value);
  }
  getOption(level: number, name: number): number {
    return this.to.getOption(level, name);
  }
  filter(program: Uint8Array): number {
    return this.to.filter?.(program) ?? -ENOPROTOOPT;
  }
  cache(limit: number): number {
    return this.to.cache?.(limit) ?? -ENOPROTOOPT;
  }
  drops(): number {
    return this.to.drops();
  }
  close(): void {
    this.to.close();
  }
}

function* linesOf(op: string, { bits, path, name, below }: Seen): Iterable<string> {
  if (path !== '' && bits & SENT) yield `sent ${op} ${path} ${name}`;
  if (path !== '' && bits & ACCEPTED) yield `accepted ${op} ${path} ${name}`;
  for (const list of below.values()) for (const seen of list) yield* linesOf(op, seen);
}

/** What was recorded so far. */
export const traceLines = (): string[] => [...messages].flatMap(([op, seen]) => [...linesOf(op, seen)]);

let ending = false;

/** A transport whose messages are recorded in a file: that of the first call, when the process ends. */
export function traced(transport: Transport, file: string): Transport {
  if (!ending) {
    ending = true;
    process.on('exit', () =>
      appendFileSync(
        file,
        `${[`kernel ${process.getBuiltinModule('node:os').release()}`, ...traceLines()].join('\n')}\n`,
      ),
    );
  }
  return new Traced(transport);
}
