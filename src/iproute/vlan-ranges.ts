/** VLANs of bridges as input takes them: one, or a range. */
import { InputError, show, unknownKey, within } from '../codec/errors.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { BRIDGE_VLAN_INFO } from '../rtnl/constants.js';

/** Highest VLAN; 0 and 4095 have a meaning of their own. */
const VID_MAX = 4094;

/** A VLAN or a range of them: a number, or two as text such as `'10-20'`. */
export type Vid = number | `${number}` | `${number}-${number}`;

/** Flags of a VLAN: BRIDGE_VLAN_INFO_* bits or words. */
export type VlanFlags = number | keyof typeof BRIDGE_VLAN_INFO | readonly (keyof typeof BRIDGE_VLAN_INFO)[];

/** First and last VLAN of what was given; `end` is the other way to say the last. */
export function vlanRange(vid: unknown, end: unknown): { first: number; last: number } {
  if (vid === undefined) throw new InputError('ERR_MISSING_KEY', 'vid', 'is needed: a VLAN, or a range such as 10-20');
  const text = typeof vid === 'string' ? /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(vid) : null;
  if (typeof vid === 'string' && text === null)
    throw new InputError('ERR_INVALID_VALUE', 'vid', `${show(vid)} is not a VLAN, or a range such as 10-20`);
  if (text?.[2] !== undefined && end !== undefined)
    throw new InputError('ERR_CONFLICT', 'vidEnd', 'is given, but vid is a range');
  const first = within('vid', () => integer(text === null ? vid : Number(text[1]), 1, VID_MAX));
  const given = text?.[2] === undefined ? end : Number(text[2]);
  const last = within(text?.[2] === undefined ? 'vidEnd' : 'vid', () => integer(given ?? first, 1, VID_MAX));
  if (last < first) throw new InputError('ERR_CONFLICT', 'vid', `the range ends at ${last}, before ${first}`);
  return { first, last };
}

const RANGE = BRIDGE_VLAN_INFO.range_begin | BRIDGE_VLAN_INFO.range_end;

/** BRIDGE_VLAN_INFO_* of `flags`, `pvid` and `untagged`. */
export function vlanFlags({ flags, pvid, untagged }: Rec): number {
  for (const [key, value] of [
    ['pvid', pvid],
    ['untagged', untagged],
  ] as const)
    if (value !== undefined && typeof value !== 'boolean')
      throw new InputError('ERR_INVALID_VALUE', key, `expected true or false, got ${show(value)}`);
  const bits = within('flags', () => integer(wordOrNumber(flags ?? 0, BRIDGE_VLAN_INFO, true), 0, 0xffff));
  if (bits & RANGE) throw new InputError('ERR_INVALID_VALUE', 'flags', 'a range is given by vid');
  return bits | (pvid ? BRIDGE_VLAN_INFO.pvid : 0) | (untagged ? BRIDGE_VLAN_INFO.untagged : 0);
}

/** A list, or the one thing in its place; each an object. */
export function listOf(value: unknown, field: string): Rec[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new InputError('ERR_INVALID_VALUE', field, 'is empty');
  list.forEach((item, i) => {
    if (!isRec(item))
      throw new InputError(
        'ERR_INVALID_VALUE',
        Array.isArray(value) ? `${field}[${i}]` : field,
        `expected an object, got ${show(item)}`,
      );
  });
  return list as Rec[];
}

/** Refuses keys that are none. */
export function onlyKeys(spec: Rec, known: readonly string[]): void {
  for (const key of Object.keys(spec)) if (!known.includes(key)) throw unknownKey(key, known);
}
