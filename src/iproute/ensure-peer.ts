/** Whether the other end of a pair that is there is as it is to be. */
import { InputError, show } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { ENOENT } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import { differs } from './ensure-link.js';
import type { LinkRow } from './link.js';
import { PEER_KEY } from './link-payload.js';
import type { LinkAdd } from './link-request.js';

/** How to read what a comparison needs. */
export interface PeerReader {
  link(selector: { index: number; targetNetnsid?: number }): Promise<LinkRow>;
  /** Number of a namespace, -1 when it has none. */
  nsid(netns: string | number): Promise<number>;
}

const NAMESPACES = ['netns', 'netNsFd', 'netNsPid'];

/** What is said of the other end, and where; undefined when nothing is. */
function said({ kind, linkinfo, peer, ...spec }: Rec): { peer: Rec; field: string; given: boolean } | undefined {
  const name = String(kind ?? (linkinfo as Rec | undefined)?.kind);
  const key = Object.hasOwn(PEER_KEY, name) ? PEER_KEY[name]! : undefined;
  if (key === undefined) return undefined;
  if (peer !== undefined) return { peer: isRec(peer) ? peer : { ifname: peer }, field: 'peer', given: isRec(peer) };
  const payload = linkinfo === undefined ? spec[name] : (linkinfo as Rec)[name];
  const inside = isRec(payload) ? payload[key] : undefined;
  const field = `${linkinfo === undefined ? '' : 'linkinfo.'}${name}.${key}`;
  return isRec(inside) ? { peer: inside, field, given: true } : undefined;
}

/** Throws InputError when the other end of `link` is another than `spec` says: it cannot be exchanged. */
export async function assertPeer(spec: LinkAdd, link: LinkRow, read: PeerReader): Promise<void> {
  const found = said(spec as unknown as Rec);
  if (found === undefined) return;
  const { peer, field, given } = found;
  const conflict = (key: string, is: unknown): InputError =>
    new InputError('ERR_CONFLICT', given ? `${field}.${key}` : field, `is ${show(is)}, not ${show(peer[key])}`);
  const { link: index, linkNetnsid } = link;
  const row = index === undefined ? undefined : await peerRow(index, linkNetnsid, read);
  for (const [key, value] of Object.entries(peer)) {
    if (value === undefined) continue;
    if (NAMESPACES.includes(key)) {
      // A process may have gone since, and a namespace without a number is that of no peer.
      const there = key === 'netNsPid' ? linkNetnsid : await read.nsid(value as string | number);
      if (linkNetnsid === undefined || there !== linkNetnsid) throw conflict(key, linkNetnsid ?? 'the same');
    } else if (row === undefined) throw conflict(key, undefined);
    else if (differs(peer, key, row as unknown as Rec)) throw conflict(key, (row as unknown as Rec)[key]);
  }
}

/** The other end; undefined when it is gone by now. */
async function peerRow(
  index: number,
  targetNetnsid: number | undefined,
  read: PeerReader,
): Promise<LinkRow | undefined> {
  try {
    return await read.link({ index, ...(targetNetnsid !== undefined && { targetNetnsid }) });
  } catch (error) {
    if (error instanceof NetlinkError && (error.code === 'ENODEV' || error.errno === -ENOENT)) return undefined;
    throw error;
  }
}
