/** The interface of an object: `dev` takes a name or an index, `index` and `ifindex` are other words for it. */
import { InputError, show, within } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { interfaceIndex } from '../codec/write.js';
import type { Writer } from '../codec/writer.js';
import { indexOnly } from './select.js';

/** Keys that name an interface. */
export interface DeviceKeys {
  /** Name or index of the interface. */
  dev?: number | string | undefined;
  /** Another word for `dev`. */
  index?: number | string | undefined;
  /** Another word for `dev`: what rows have. */
  ifindex?: number | string | undefined;
}

/** An interface that must be given. */
export type WithDevice = { dev: number | string } | { index: number | string } | { ifindex: number | string };

const WORDS = ['dev', 'index', 'ifindex'] as const;

/** An interface and the key by which it was given. */
export interface Device {
  key: string;
  value: number | string;
}

/** Takes the interface out of an object; undefined where there is none. */
export function takeDevice(value: Rec): Device | undefined {
  let found: Device | undefined;
  for (const key of WORDS) {
    const given = value[key];
    delete value[key];
    if (given === undefined) continue;
    if (found !== undefined)
      throw new InputError('ERR_CONFLICT', key, `is another word for ${found.key}, which is given`);
    if (typeof given !== 'string' && (typeof given !== 'number' || !Number.isInteger(given)))
      throw new InputError('ERR_INVALID_VALUE', key, `expected a name or an index, got ${show(given)}`);
    if (typeof given === 'number' && (given < 1 || given > 0x7fffffff))
      throw new InputError('ERR_OUT_OF_RANGE', key, `${given} is no interface: they count from 1 to 2147483647`);
    found = { key, value: given };
  }
  return found;
}

/** The same where there must be one. */
export function needDevice(value: Rec, what: string): Device {
  const device = takeDevice(value);
  if (device === undefined) throw new InputError('ERR_MISSING_KEY', 'dev', `or ifindex is needed: ${what}`);
  return device;
}

/** Puts the index of an interface at `at`. */
export function putDevice(w: Writer, at: number, device: Device | undefined): void {
  if (device !== undefined) w.u32[at >> 2] = within(device.key, () => interfaceIndex(w, at, device.value));
}

/** Splits the interface off a filter: for the kernel, or, where that does not filter, to match rows by. */
export function filterDevice(match: Rec, strict: boolean): Device | undefined {
  for (const key of WORDS) {
    const value = match[key];
    // To the kernel 0 means any.
    if (typeof value !== 'function' && value !== 0) continue;
    delete match[key];
    match.ifindex = value;
    return undefined;
  }
  const device = takeDevice(match);
  if (device === undefined || strict) return device;
  match.ifindex = indexOnly(device.key, device.value);
  return undefined;
}
