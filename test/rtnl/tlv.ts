/** A walker over attributes that shares nothing with the codec: what a message says, without what does not matter. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Row {
  name: string;
  direction: 'request' | 'reply' | 'event';
  type: string;
  /** genl.json: whose message it is. */
  family?: string;
  hex: string;
  witness: Record<string, unknown> | null;
  refused?: string;
  /** Which iproute2 printed the witness, when not 6.1.0. */
  reader?: string;
}

// The compiled test runs from .build/test/rtnl; the rows are not compiled.
const folder = fileURLToPath(new URL('../../../test/golden/', import.meta.url));

export const rows = (area: string): Row[] => JSON.parse(readFileSync(`${folder}${area}.json`, 'utf8')) as Row[];

/** What the walker must know of a table: numbers of nests, of strings and of padding. */
export interface Shape {
  nests?: Record<number, Shape>;
  strings?: readonly number[];
  pads?: readonly number[];
  /** Bytes of a fixed struct in front of the attributes. */
  header?: number;
  /** Rewrites an attribute that goes in otherwise than it comes out; undefined leaves it out. */
  same?: Record<number, (data: Buffer) => string | undefined>;
}

export interface Tlv {
  type: number;
  data: Buffer;
}

export function tlvs(bytes: Buffer): Tlv[] {
  const found: Tlv[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) throw new Error(`bad length ${length} at ${at}`);
    found.push({ type: bytes.readUInt16LE(at + 2) & 0x3fff, data: bytes.subarray(at + 4, at + length) });
    at += (length + 3) & ~3;
  }
  return found;
}

/** One line per attribute, `path=hex`; the order of different types does not matter, of equal ones it does. */
export function lines(bytes: Buffer, shape: Shape, path = ''): string[] {
  const header = shape.header ?? 0;
  const found = header > 0 ? [`${path}header=${bytes.toString('hex', 0, header)}`] : [];
  const list = tlvs(bytes.subarray(header)).map((tlv, i) => ({ ...tlv, i }));
  list.sort((a, b) => a.type - b.type || a.i - b.i);
  for (const { type, data } of list) {
    if (shape.pads?.includes(type)) continue;
    const inner = shape.nests?.[type];
    const rewrite = shape.same?.[type];
    if (inner !== undefined) found.push(`${path}${type}{`, ...lines(data, inner, `${path}${type}.`), `${path}${type}}`);
    else if (rewrite !== undefined) {
      const text = rewrite(data);
      if (text !== undefined) found.push(`${path}${type}=${text}`);
    } else if (shape.strings?.includes(type))
      found.push(`${path}${type}=${data.toString('latin1').replace(/\0+$/, '')}`);
    else found.push(`${path}${type}=${data.toString('hex')}`);
  }
  return found;
}
