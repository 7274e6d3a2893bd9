/** Errors of the codec. They carry the path of the attribute, such as `linkinfo.vxlan.id`. */

/** What a reader found wrong with one attribute; the rest of the message is intact. */
export interface DecodeIssue {
  /** Path of keys from the message to the attribute; a number where the table has no name for it. */
  path: string;
  /** Attribute type (number on the wire, without flag bits). */
  type: number;
  /** Byte offset of the attribute from the start of the decoded bytes. */
  offset: number;
  reason: string;
}

/** Bytes that cannot be decoded: an unreadable header, or with `strict` any bad attribute. */
export class DecodeError extends Error implements DecodeIssue {
  override readonly name = 'DecodeError';
  readonly code = 'ERR_NETLINK_DECODE';
  readonly path: string;
  readonly type: number;
  readonly offset: number;
  readonly reason: string;

  constructor(issue: DecodeIssue) {
    super(`${issue.path || 'message'}: ${issue.reason} (attribute type ${issue.type}, offset ${issue.offset})`);
    this.path = issue.path;
    this.type = issue.type;
    this.offset = issue.offset;
    this.reason = issue.reason;
  }
}

/** Why an input was refused. */
export type InputErrorCode =
  | 'ERR_UNKNOWN_KEY'
  | 'ERR_INVALID_VALUE'
  | 'ERR_OUT_OF_RANGE'
  | 'ERR_MISSING_KEY'
  | 'ERR_CONFLICT'
  | 'ERR_UNDEFINED_SELECTOR';

/** Input that cannot be a request. Thrown before anything is sent. */
export class InputError extends TypeError {
  override readonly name = 'InputError';
  readonly code: InputErrorCode;
  /** Path of the offending key as the call has it, such as `vxlan.id`. */
  field: string;
  /** What is wrong, without the path. */
  readonly reason: string;

  constructor(code: InputErrorCode, field: string, reason: string) {
    super(`${field}: ${reason}`);
    this.code = code;
    this.field = field;
    this.reason = reason;
  }

  /** Adds an outer key in front of the path, and returns itself. */
  within(key: string): this {
    this.field = this.field.startsWith('[') ? key + this.field : this.field === '' ? key : `${key}.${this.field}`;
    this.message = `${this.field}: ${this.reason}`;
    return this;
  }
}

/** Runs `write`, adding `key` to the path of an InputError that it throws. */
export function within<T>(key: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw error instanceof InputError ? error.within(key) : error;
  }
}

/** An error text for a value: short, and without running its code. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/** Edits from one word to another; two letters that changed places are one edit. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] as number) + 1 : change;
      next.push(Math.min(change, swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] as number;
};

/** ` (did you mean "mtu"?)`, or nothing when no candidate is near. */
export function suggest(word: string, candidates: Iterable<string>): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(word);
  let best = '';
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(wanted, plain(candidate));
    if (d < least) [best, least] = [candidate, d];
  }
  return best === '' ? '' : ` (did you mean "${best}"?)`;
}

/** The error for a key that a table does not have. */
export function unknownKey(key: string, candidates: Iterable<string>): InputError {
  return new InputError('ERR_UNKNOWN_KEY', key, `unknown key${suggest(key, candidates)}`);
}
