/** Flags of a link: words for some of them, and the mask of those that change. */
import { InputError, show } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { IFF } from '../rtnl/constants.js';

/** ARP on or off: IFF_NOARP reversed. */
export function arpFlag(value: Rec): void {
  const { arp } = value;
  if (arp === undefined) return;
  delete value.arp;
  if (typeof arp !== 'boolean')
    throw new InputError('ERR_INVALID_VALUE', 'arp', `expected true or false, got ${show(arp)}`);
  if (value.flags !== undefined || value.change !== undefined)
    throw new InputError('ERR_CONFLICT', 'arp', 'is given together with flags or change');
  value.flags = arp ? 0 : IFF.NOARP;
  value.change = IFF.NOARP;
}

/** Without a mask the kernel would take flags that are not said for flags to be cleared: so those that are said are set. */
export function flagMask(value: Rec): void {
  const { flags, change } = value;
  if (flags === undefined || change !== undefined) return;
  if (flags === 0 || (Array.isArray(flags) && flags.length === 0))
    throw new InputError('ERR_MISSING_KEY', 'change', 'is needed with flags that say nothing: which to clear');
  value.change = flags;
}

/** With a mask of flags that leaves IFF_UP out, `state` joins both. Without a mask the message sets it itself. */
export function stateFlag(value: Rec): void {
  const { state, flags = 0, change } = value;
  if ((state !== 'up' && state !== 'down') || change === undefined || change === 0) return;
  const has = (bits: unknown): boolean =>
    typeof bits === 'number' ? (bits & IFF.UP) !== 0 : [bits].flat().includes('UP');
  const joined = (bits: unknown): unknown => (typeof bits === 'number' ? bits | IFF.UP : [bits, 'UP'].flat());
  if (has(change)) return;
  value.change = joined(change);
  if (state === 'up') value.flags = joined(flags);
}
