/** Which forwarding entry is meant, and of whose table. */
import { InputError, show, within } from '../codec/errors.js';
import { integer, wordOrNumber } from '../codec/struct.js';
import type { Rec } from '../codec/type.js';
import { NTF } from '../rtnl/constants.js';
import { ndmsg } from '../rtnl/ndmsg.js';
import type { FdbSpec } from './fdb-request.js';
import { assertLookedAt, isRowOf } from './identity.js';

/** Of a destination of a VXLAN; without its address a deletion takes all of them. */
const OF_DST = ['port', 'vni', 'via'] as const;
const OF_VXLAN = ['dst', 'port', 'vni', 'via', 'srcVni', 'nhId'] as const;
/** What of a deletion the kernel may look at. */
const LOOKED = new Set([
  'dev',
  'index',
  'ifindex',
  'family',
  'lladdr',
  'vlan',
  'flags',
  'self',
  'master',
  'dst',
  'all',
  'srcVni',
  ...OF_DST,
]);
const FLAG_WORDS = ['router', 'externLearn', 'use', 'sticky', 'nhid'];

/** What of a row tells the entry from others. */
function exactly(row: Rec): Rec {
  const { family, ifindex, lladdr, vlan, dst, port, vni, via, srcVni, master, flags, nhId } = row;
  const keys = { family, ifindex, lladdr, vlan, dst, srcVni, master, ...(dst !== undefined && { port, vni, via }) };
  const given = Object.entries(keys).filter(([, value]) => value !== undefined);
  const owners = (flags as number) & (NTF.self | NTF.master);
  // Next hops are of the entry as a whole, which is deleted with them.
  return { ...Object.fromEntries(given), flags: owners, ...(nhId !== undefined && { all: true }) };
}

/** What of a deletion the kernel looks at; throws for the rest, unless it comes from a row. */
export function selecting(spec: FdbSpec): Rec {
  if (isRowOf(ndmsg, spec)) return exactly(spec as object as Rec);
  const alone = spec.dst === undefined ? OF_DST.find((key) => spec[key] !== undefined) : undefined;
  if (alone !== undefined)
    throw new InputError('ERR_CONFLICT', alone, 'is looked at with dst only; without it every destination is deleted');
  assertLookedAt(ndmsg, spec, LOOKED, FLAG_WORDS, 'an entry');
  const flags = within('flags', () => integer(wordOrNumber(spec.flags ?? 0, NTF, true), 0, 255));
  if ((flags & ~(NTF.self | NTF.master)) !== 0)
    throw new InputError('ERR_CONFLICT', 'flags', 'of which only self and master tell one entry from another');
  return spec as object as Rec;
}

/** Bridges have VLANs, and VXLANs far ends: each passes over what the other has. */
export function assertTable(value: Rec): void {
  const far = OF_VXLAN.find((key) => value[key] !== undefined);
  if (far === undefined) return;
  if (((value.flags as number) & NTF.self) === 0)
    throw new InputError('ERR_CONFLICT', far, 'is of entries of a VXLAN itself, not of its bridge (master)');
  if (value.vlan !== undefined && value.vlan !== 0)
    throw new InputError('ERR_CONFLICT', 'vlan', `is of entries of a bridge, and ${far} of those of a VXLAN`);
}

/** The default entry and those of groups have several destinations, and a deletion without one takes them all. */
export function assertOne(value: Rec, mac: Uint8Array): void {
  const { all } = value;
  delete value.all;
  if (all !== undefined && all !== true)
    throw new InputError('ERR_INVALID_VALUE', 'all', `expected true, got ${show(all)}`);
  const destined = value.dst !== undefined;
  if (all && destined) throw new InputError('ERR_CONFLICT', 'all', 'is given together with a destination');
  const several = mac.every((byte) => byte === 0) || (mac[0]! & 1) === 1;
  if (several && !destined && !all && ((value.flags as number) & NTF.master) === 0)
    throw new InputError('ERR_MISSING_KEY', 'dst', 'is needed; { all: true } means every destination of the entry');
}
