/** Ranges of numbers as `ip` takes them. */
import { InputError, show } from '../codec/errors.js';
import { integer } from '../codec/struct.js';
import { isRec } from '../codec/write.js';

/** A number of a program, decimal or hexadecimal, or NaN. */
export const numeral = (text: string): number => (/^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN);

/** First and last of `80`, `'80'`, `'80-90'`, `'80:90'` or `{ start: 80, end: 90 }`. Throws InputError with an empty field. */
export function span(value: unknown, min: number, max: number): { start: number; end: number } {
  let start: unknown = value;
  let end: unknown = value;
  if (typeof value === 'string') {
    const parts = value.split(/[-:]/);
    start = numeral(parts[0]!);
    end = numeral(parts.at(-1)!);
    if (parts.length > 2 || Number.isNaN(start) || Number.isNaN(end))
      throw new InputError('ERR_INVALID_VALUE', '', `${show(value)} is not a range such as 80-90`);
  } else if (isRec(value)) {
    for (const key of Object.keys(value))
      if (key !== 'start' && key !== 'end')
        throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown key; known: start, end');
    start = value.start;
    end = value.end ?? value.start;
  } else if (typeof value !== 'number')
    throw new InputError('ERR_INVALID_VALUE', '', `expected a number or a range such as 80-90, got ${show(value)}`);
  const range = { start: integer(start, min, max), end: integer(end, min, max) };
  if (range.end < range.start)
    throw new InputError('ERR_INVALID_VALUE', '', `the range ends at ${range.end}, before ${range.start}`);
  return range;
}
