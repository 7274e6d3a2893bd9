/** Input of the fake kernel, checked before anything happens. */
import { InputError, show, suggest, unknownKey, within } from '../codec/errors.js';
import type { Chaos, Fault, FaultKind } from './faults.js';
import type { FakeKernelOptions } from './kernel.js';

/** Greatest errno that a kernel gives. */
const MAX_ERRNO = 4095;

type Kind = 'number' | 'text' | 'function';
/** What each kind of fault takes besides `kind`. */
const FAULTS: Readonly<
  Record<FaultKind, Readonly<Record<string, { is: Kind; least?: number; most?: number; needed?: boolean }>>>
> = {
  error: { errno: { is: 'number', least: 1, most: MAX_ERRNO, needed: true }, words: { is: 'text' } },
  alter: { alter: { is: 'function', needed: true } },
  split: {},
  interleave: {},
  'late-ack': {},
  'done-error': { errno: { is: 'number', least: 1, most: MAX_ERRNO, needed: true } },
  interrupted: {},
  lost: { datagram: { is: 'number', least: 1 } },
  'lost-event': {},
  truncate: { bytes: { is: 'number', least: 0, needed: true } },
  delay: { ms: { is: 'number', least: 0, most: 0x7fffffff, needed: true } },
};
const WHEN = {
  type: { is: 'number', least: 16, most: 0xffff },
  after: { is: 'number', least: 0 },
  times: { is: 'number', least: 1 },
} as const;

const invalid = (field: string, value: unknown, expected: string): InputError =>
  new InputError('ERR_INVALID_VALUE', field, `expected ${expected}, got ${show(value)}`);

function object(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalid(field, value, 'an object');
  return value as Record<string, unknown>;
}

function checkNumber(value: unknown, field: string, least: number, most = Number.POSITIVE_INFINITY): void {
  if (!(typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most))
    throw invalid(
      field,
      value,
      `a whole number ${Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`}`,
    );
}

/** Throws InputError for what cannot be the name of a namespace, which is that of a file. */
export function checkNetns(name: unknown): void {
  if (
    typeof name !== 'string' ||
    name === '' ||
    name === '.' ||
    name === '..' ||
    /[/\0]/.test(name) ||
    Buffer.byteLength(name) > 255
  )
    throw invalid('name', name, 'the name of a namespace');
}

/** Throws InputError for what is no descriptor. */
export const checkDescriptor = (fd: unknown): void => checkNumber(fd, 'fd', 0, 0x7fffffff);

/** Throws InputError for what is no fault. */
export function checkFault(fault: Fault): void {
  const given = object(fault, 'fault');
  const { kind } = given;
  if (typeof kind !== 'string' || !Object.hasOwn(FAULTS, kind))
    throw new InputError(
      'ERR_INVALID_VALUE',
      'kind',
      `${show(kind)} is no kind of fault${typeof kind === 'string' ? suggest(kind, Object.keys(FAULTS)) : ''}`,
    );
  const takes: Record<string, { is: Kind; least?: number; most?: number; needed?: boolean }> = {
    ...FAULTS[kind as FaultKind],
    ...WHEN,
  };
  for (const key of Object.keys(given))
    if (key !== 'kind' && !Object.hasOwn(takes, key)) throw unknownKey(key, ['kind', ...Object.keys(takes)]);
  for (const [key, { is, least = 0, most, needed }] of Object.entries(takes)) {
    const value = given[key];
    if (value === undefined) {
      if (needed) throw new InputError('ERR_MISSING_KEY', key, `is needed for the fault ${kind}`);
    } else if (is === 'number') checkNumber(value, key, least, most);
    else if (typeof value !== (is === 'text' ? 'string' : 'function')) throw invalid(key, value, `a ${is}`);
  }
}

function checkChaos(chaos: Chaos): void {
  const { seed, rate, kinds, ...rest } = object(chaos, '');
  for (const key of Object.keys(rest)) throw unknownKey(key, ['seed', 'rate', 'kinds']);
  if (!Number.isInteger(seed)) throw invalid('seed', seed, 'a whole number');
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1))
    throw invalid('rate', rate, 'a number from 0 to 1');
  if (kinds === undefined) return;
  if (!Array.isArray(kinds) || kinds.length === 0) throw invalid('kinds', kinds, 'an array of kinds of faults');
  for (const kind of kinds)
    if (kind === 'alter' || !Object.hasOwn(FAULTS, kind))
      throw invalid('kinds', kind, 'kinds of faults other than alter');
}

/** Throws InputError for options that are none. */
export function checkOptions(options: FakeKernelOptions): void {
  const { dumpBytes, chaos, ...rest } = object(options, 'options');
  for (const key of Object.keys(rest)) throw unknownKey(key, ['dumpBytes', 'chaos']);
  if (dumpBytes !== undefined) checkNumber(dumpBytes, 'dumpBytes', 1);
  if (chaos !== undefined) within('chaos', () => checkChaos(chaos as Chaos));
}
