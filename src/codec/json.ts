/** Decoded objects as JSON: identifiers of 64 bits are decimal strings, bytes are hex. */
import { toHex } from './bytes.js';

/** A copy of a decoded object that `JSON.stringify` takes: every bigint as a decimal string, every Uint8Array as hex. */
export function toJSON(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJSON);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJSON(item)]));
}
