/** What a link that is there lacks of what it is to be. */
import { InputError, show, within } from '../codec/errors.js';
import { wordOrNumber } from '../codec/struct.js';
import { lladdrText, parseLladdr } from '../codec/text.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { readAs } from '../proxies/index.js';
import { IFF } from '../rtnl/constants.js';
import { assertTuntap } from './ensure-tuntap.js';
import type { LinkRow } from './link.js';
import type { LinkAdd } from './link-request.js';

/** Keys that only say how a link is made. */
const MAKING = new Set(['ifname', 'kind', 'peer']);
/** Keys whose value is the index of a link. */
const LINKS = new Set(['master', 'link']);

/** What a link is made with, and keeps. */
const FIXED = new Set(['index', 'numTxQueues', 'numRxQueues']);

const flagKeys = ({ flags, change, arp }: Rec): Rec => ({
  ...(flags !== undefined && { flags }),
  ...(change !== undefined && { change }),
  ...(arp !== undefined && { arp }),
});

/** Whether a link has the flags that are asked for. */
function hasFlags({ flags, change, arp }: Rec, now: number): boolean {
  const bits = (value: unknown): number => within('flags', () => wordOrNumber(value, IFF, true)) as number;
  if (arp !== undefined) return ((now & IFF.NOARP) === 0) === arp;
  const mask = bits(change ?? flags);
  return (now & mask) === (bits(flags) & mask);
}

const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (!isRec(a) || !isRec(b)) return JSON.stringify(a) === JSON.stringify(b);
  // What is not said may be anything.
  return Object.entries(a).every(([key, value]) => value === undefined || same(value, b[key]));
};

/** Whether a link is other than a key of `wanted` says; for keys whose value is no link. */
export function differs(wanted: Rec, key: string, row: Rec): boolean {
  const value = wanted[key];
  if (key === 'flags' || key === 'change' || key === 'arp') return !hasFlags(wanted, row.flags as number);
  if (key === 'address' && typeof value === 'string') {
    const bytes = parseLladdr(value);
    return lladdrText(bytes, 0, bytes.length) !== row.address;
  }
  return !same(value, row[key]);
}

/**
 * What to `set`, or undefined when nothing differs. Of a payload only the options that differ are sent, since some
 * kinds refuse those that may not change even when they do not. Throws when the link is of another kind.
 */
export async function linkChanges(
  spec: LinkAdd & { ifname: string },
  link: LinkRow,
  indexOf: (name: string) => Promise<number>,
): Promise<Rec | undefined> {
  const kind = spec.kind ?? spec.linkinfo?.kind;
  if (link.linkinfo?.kind !== (readAs(kind as string) ?? kind))
    throw new InputError(
      'ERR_CONFLICT',
      'kind',
      `${show(spec.ifname)} is there, of kind ${show(link.linkinfo?.kind)}, not ${show(kind)}`,
    );
  const changes: Rec = {};
  const row = link as unknown as Rec;
  const wanted = spec as unknown as Rec;
  for (const [key, value] of Object.entries(spec)) {
    if (FIXED.has(key) && value !== undefined && value !== row[key])
      throw new InputError('ERR_CONFLICT', key, `is ${show(row[key])}, and cannot be changed to ${show(value)}`);
    if (value === undefined || MAKING.has(key) || key === kind || key === 'linkinfo' || key === 'change') continue;
    if (key === 'flags' || key === 'arp') {
      if (differs(wanted, key, row)) Object.assign(changes, flagKeys(wanted));
      continue;
    }
    if (LINKS.has(key)) {
      const index = value === null ? 0 : typeof value === 'string' ? await indexOf(value) : value;
      if (index !== (row[key] ?? 0)) changes[key] = value;
    } else if (differs(wanted, key, row)) changes[key] = value;
  }
  const payload = (spec.linkinfo as Rec | undefined)?.[kind as string] ?? (spec as unknown as Rec)[kind as string];
  const now = (link.linkinfo as Rec | undefined)?.[kind as string];
  if (kind === 'tuntap') assertTuntap(wanted, link.linkinfo?.tun);
  // A veth's payload is how its peer is made, that of another program's kinds what it is started with.
  else if (isRec(payload) && kind !== 'veth' && readAs(kind as string) === undefined) {
    const differing = Object.entries(payload).filter(
      ([key, value]) => value !== undefined && !same(value, isRec(now) ? now[key] : undefined),
    );
    if (differing.length > 0) Object.assign(changes, { kind, [kind as string]: Object.fromEntries(differing) });
  }
  return Object.keys(changes).length === 0 ? undefined : { dev: link.index, ...changes };
}
