/** Messages of the fake kernel against those of the real one: byte for byte, less what volatile.json lists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Field {
  message: string;
  header?: string;
  path?: number[];
  /** Bytes of the payload that differ: all, from or up to some. */
  from?: number;
  to?: number;
  /** Seconds that run down: compared as minutes begun. */
  minutes?: boolean;
  why: string;
}
interface LeftOut {
  message: string;
  type?: number;
  family?: number;
  multicast?: boolean;
  lladdr?: string;
  state?: number;
  why: string;
}
interface Volatile {
  fields: Field[];
  leftOut: LeftOut[];
  unordered: { message: string; why: string }[];
}

export const root = join(import.meta.dirname, '../../../test/testing');
export const volatile = JSON.parse(readFileSync(join(root, 'volatile.json'), 'utf8')) as Volatile;

/** Names of messages by the number of their first type, and sizes of their fixed headers. */
const MESSAGES: ReadonlyMap<number, readonly [name: string, header: number]> = new Map([
  [16, ['link', 16]],
  [20, ['address', 8]],
  [24, ['route', 12]],
  [28, ['neighbour', 12]],
  [32, ['rule', 12]],
  [104, ['nexthop', 8]],
]);

const kindOf = (m: Buffer): readonly [name: string, header: number] | undefined => MESSAGES.get(m.readUInt16LE(4) & ~3);

/** Where the payload of an attribute is, by its path. */
function find(m: Buffer, from: number, to: number, [first, ...rest]: readonly number[]): [number, number] | undefined {
  for (let p = from; p + 4 <= to; ) {
    const length = m.readUInt16LE(p);
    if (length < 4 || p + length > to) return undefined;
    if ((m.readUInt16LE(p + 2) & 0x3fff) === first)
      return rest.length === 0 ? [p + 4, p + length] : find(m, p + 4, p + length, rest);
    p += (length + 3) & ~3;
  }
  return undefined;
}

/** How often each listed field was there: one that never is, is not needed. */
export const used = new Set<Field | LeftOut | Volatile['unordered'][number]>();

/** A message without what differs from run to run. */
function steady(hex: string): string {
  const m = Buffer.from(hex, 'hex');
  const kind = kindOf(m);
  for (const field of volatile.fields) {
    if (field.header === 'nlmsg_pid') {
      if (m.readUInt32LE(12) !== 0) {
        m.writeUInt32LE(1, 12);
        used.add(field);
      }
      continue;
    }
    if (kind === undefined || field.message !== kind[0]) continue;
    const at = find(m, 16 + kind[1], m.length, field.path!);
    if (at === undefined) continue;
    used.add(field);
    if (field.minutes) {
      for (let p = at[0]; p < at[0] + field.to!; p += 4) {
        const seconds = m.readUInt32LE(p);
        if (seconds !== 0xffffffff) m.writeUInt32LE(Math.ceil(seconds / 60), p);
      }
      continue;
    }
    m.fill(0xee, at[0] + (field.from ?? 0), field.to === undefined ? at[1] : at[0] + field.to);
  }
  return m.toString('hex');
}

function leftOut(hex: string): boolean {
  const m = Buffer.from(hex, 'hex');
  const kind = kindOf(m);
  const entry = volatile.leftOut.find(({ message, type, family, multicast, lladdr: learned, state }) => {
    if (kind?.[0] !== message) return false;
    if (type !== undefined && m[16 + 11] !== type) return false;
    if (family !== undefined && m[16] !== family) return false;
    if (state !== undefined && m.readUInt16LE(16 + 8) !== state) return false;
    if (multicast !== true && learned === undefined) return true;
    const lladdr = find(m, 16 + kind[1], m.length, [2]);
    if (lladdr === undefined) return false;
    return learned === undefined ? (m[lladdr[0]]! & 1) === 1 : m.subarray(...lladdr).toString('hex') === learned;
  });
  if (entry !== undefined) used.add(entry);
  return entry !== undefined;
}

/** Sorts runs of messages whose order is by chance. */
function sorted(list: string[]): string[] {
  const isFree = (hex: string): boolean => {
    const kind = kindOf(Buffer.from(hex, 'hex'));
    const entry = volatile.unordered.find(({ message }) => message === kind?.[0]);
    if (entry !== undefined) used.add(entry);
    return entry !== undefined;
  };
  const result: string[] = [];
  let run: string[] = [];
  const flush = (): void => {
    result.push(...run.sort());
    run = [];
  };
  for (const hex of list) {
    // Only the same type: first given up, then gone, is an order that counts.
    if (run.length > 0 && (!isFree(hex) || hex.slice(8, 12) !== run[0]!.slice(8, 12))) flush();
    if (isFree(hex)) run.push(hex);
    else result.push(hex);
  }
  flush();
  return result;
}

/** Messages as they are compared. */
export const comparable = (list: readonly string[]): string[] =>
  sorted(list.filter((hex) => !leftOut(hex)).map(steady));

/** A message as lines, for people: header, then attributes; nests are opened where they can be read as such. */
export function readable(hex: string): string[] {
  const m = Buffer.from(hex, 'hex');
  const kind = kindOf(m);
  const lines = [
    `type ${m.readUInt16LE(4)} flags ${m.readUInt16LE(6).toString(16)} seq ${m.readUInt32LE(8)} pid ${m.readUInt32LE(12)}`,
  ];
  const size = kind?.[1] ?? 4;
  lines.push(`header ${m.subarray(16, 16 + size).toString('hex')}`);
  if (kind === undefined) return [...lines, m.subarray(20).toString('hex')];
  const walk = (from: number, to: number, indent: string): void => {
    for (let p = from; p + 4 <= to; ) {
      const length = m.readUInt16LE(p);
      if (length < 4 || p + length > to) {
        lines.push(`${indent}rest ${m.subarray(p, to).toString('hex')}`);
        return;
      }
      const type = m.readUInt16LE(p + 2);
      const nested = NESTS.has(`${kind[0]} ${indent.length} ${type & 0x3fff}`);
      lines.push(
        `${indent}${type} [${length - 4}]${nested ? '' : ` ${m.subarray(p + 4, p + length).toString('hex')}`}`,
      );
      if (nested) walk(p + 4, p + length, `${indent}  `);
      p += (length + 3) & ~3;
    }
  };
  walk(16 + size, m.length, '');
  return lines;
}

const NESTS = new Set(['link 0 18', 'link 2 2', 'link 2 5', 'link 0 26', 'link 2 2', 'link 2 10', 'link 0 12']);

/** What two lists of messages differ in; empty when they are the same. */
export function difference(wanted: readonly string[], found: readonly string[]): string[] {
  const [a, b] = [comparable(wanted), comparable(found)];
  if (a.length === b.length && a.every((hex, i) => hex === b[i])) return [];
  const lines: string[] = [];
  if (a.length !== b.length) lines.push(`${b.length} messages, the kernel has ${a.length}`);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === right) continue;
    const [l, r] = [
      left === undefined ? ['nothing'] : readable(left),
      right === undefined ? ['nothing'] : readable(right),
    ];
    const only = (x: string[], y: string[]): string[] => x.filter((line) => !y.includes(line));
    const missing = only(l, r);
    const extra = only(r, l);
    lines.push(`message ${i}: kernel ${missing.length > 0 ? missing.join(' | ') : l.join(' | ')}`);
    lines.push(`           fake  ${extra.length > 0 ? extra.join(' | ') : r.join(' | ')}`);
  }
  return lines;
}
