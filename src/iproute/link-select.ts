/** Which link a call means, and what may be said beside that. */
import { InputError, show, unknownKey } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { endsElsewhere } from '../proxies/index.js';
import { AF } from '../rtnl/constants.js';
import { ifinfmsg } from '../rtnl/ifinfmsg.js';
import { linkKinds, slaveKinds } from '../rtnl/kinds/index.js';
import { assertLookedAt, isRowOf } from './identity.js';
import type { LinkSpec } from './link-request.js';
import { assertDefined } from './select.js';

/** What of a deletion the kernel looks at. */
const LOOKED = new Set(['dev', 'index', 'ifname', 'altIfname', 'targetNetnsid', 'family', 'extMask']);

/** Refuses a name beside another word for the link: the kernel would pass over it. */
export function assertOneName(spec: Rec): void {
  const other = ['dev', 'index'].find((key) => spec[key] !== undefined);
  if (spec.ifname !== undefined && other !== undefined)
    throw new InputError('ERR_CONFLICT', 'ifname', `selects a link, as ${other} does, which is given`);
}

/** Keys of a link that are in no message. */
const words = (): string[] => [
  'kind',
  'state',
  'netns',
  'peer',
  'arp',
  ...linkKinds(),
  ...slaveKinds().map((name) => `${name}_slave`),
];

/** What of a deletion the kernel looks at; throws for the rest, unless it comes from a row. Of a bridge's ports it is about VLANs. */
export function selecting(spec: LinkSpec): LinkSpec {
  assertDefined(spec);
  if (spec.family === AF.bridge || spec.family === 'bridge') return spec;
  if (isRowOf(ifinfmsg, spec)) return { index: spec.index };
  assertOneName(spec as Rec);
  const { kind, ...rest } = spec;
  assertLookedAt(ifinfmsg, endsElsewhere(kind) ? rest : spec, LOOKED, words(), 'a link');
  return spec;
}

/** Names that the kernel would pass over, or numbers that no link has. */
export function assertNames(spec: Rec): void {
  for (const key of ['dev', 'ifname', 'altIfname']) {
    const value = spec[key];
    if (value === '' || (Array.isArray(value) && value.includes('')))
      throw new InputError('ERR_INVALID_VALUE', key, 'is empty');
  }
  for (const key of ['index', 'dev']) {
    const value = spec[key];
    if (value === undefined || (key === 'dev' && typeof value === 'string')) continue;
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw new InputError(
        'ERR_INVALID_VALUE',
        key,
        `expected ${key === 'dev' ? 'a name or ' : ''}an index, got ${show(value)}`,
      );
    if (value < 1 || value > 0x7fffffff)
      throw new InputError('ERR_OUT_OF_RANGE', key, `${value} is no link: they count from 1 to 2147483647`);
  }
}

/** Refuses what selects no link. A key that nobody knows is most likely the one that was to. */
export function assertSelected(spec: Rec, cmd: string, given: Rec = spec): void {
  if (spec.dev !== undefined || spec.index !== undefined || spec.ifname !== undefined || spec.altIfname !== undefined)
    return;
  const known = ['dev', ...ifinfmsg.headerKeys, ...ifinfmsg.table.compiled.byKey.keys(), ...words()];
  const stray = Object.keys(given).find((key) => !known.includes(key));
  if (stray !== undefined) throw unknownKey(stray, known);
  throw new InputError('ERR_MISSING_KEY', 'dev', `or index, ifname or altIfname is needed to ${cmd} a link`);
}
