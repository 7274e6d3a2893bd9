/** What the tests of all areas do with recorded rows. */
import type { MessageDef, MessageExtras } from '../../src/codec/message.js';
import { Writer } from '../../src/codec/writer.js';
import { lines, type Row, rows, type Shape } from '../rtnl/tlv.js';

export interface Golden extends Row {
  /** Rows of one scene share a machine. */
  scene: string;
}

export const area = (name: string): Golden[] =>
  rows(name).map((row) => ({ ...row, scene: `${name} ${row.name.split(':')[0]}` }));

export const payload = (row: Row): Buffer => Buffer.from(row.hex, 'hex').subarray(16);

/** `ip` reads requests as if they were answers: requests and answers are counted apart. */
export const side = (row: Row): string => (row.direction === 'request' ? 'made by ip' : 'made by the kernel');

/** Every `unknown` and `rest` in a message, by path. */
export function leftovers(o: object, path = ''): string[] {
  return Object.entries(o).flatMap(([key, value]) => {
    if (key === 'unknown' || key === 'rest') return [`${path}${key}`];
    const inner = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
    return inner ? leftovers(value, `${path}${key}.`) : [];
  });
}

/** Rows that decode strictly and are written back with other attributes than they had; and how many were tried. */
export function writtenBack<O extends object, I>(
  def: MessageDef<O & MessageExtras, I>,
  list: readonly Golden[],
  shape: Shape,
): { bad: unknown[]; count: number } {
  const w = new Writer();
  const bad: unknown[] = [];
  let count = 0;
  for (const row of list) {
    const bytes = payload(row);
    // `ip` asks for dumps with headers shorter than the message's own.
    if (!(row.type in def.types) || bytes.length < shape.header!) continue;
    const again = Buffer.from(def.encode(w, def.decode(bytes, { strict: true }) as unknown as I));
    const before = lines(bytes, shape);
    const after = lines(again, shape);
    if (before.join('\n') !== after.join('\n')) bad.push({ name: row.name, before, after });
    count++;
  }
  return { bad, count };
}
