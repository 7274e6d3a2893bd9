/** Kind, payload and peer of a link as a call has them, in the message's words; and the way back for errors. */
import { InputError, show } from '../codec/errors.js';
import type { Rec } from '../codec/type.js';
import { isRec } from '../codec/write.js';
import { linkKinds, slaveKinds } from '../rtnl/kinds/index.js';
import type { Given } from './as-given.js';
import type { LinkSpec } from './link-request.js';
import { namespace } from './namespace.js';

/** Kinds that come in pairs, and the key of the other end in their payloads. */
export const PEER_KEY: Readonly<Record<string, string>> = { veth: 'peer', vxcan: 'peer', netkit: 'peerInfo' };

/** Moves `kind` and the payloads under their kinds into `linkinfo`. */
export function linkinfo(value: Rec): void {
  const { kind } = value;
  const payloads = [...linkKinds(), ...slaveKinds().map((name) => `${name}_slave`)].filter(
    (name) => value[name] !== undefined,
  );
  if (kind === undefined && payloads.length === 0) return;
  if (value.linkinfo !== undefined) throw new InputError('ERR_CONFLICT', 'linkinfo', 'is given together with kind');
  if (kind === undefined) throw new InputError('ERR_MISSING_KEY', 'kind', `is needed with ${payloads[0]}`);
  if (typeof kind !== 'string' || kind === '')
    throw new InputError('ERR_INVALID_VALUE', 'kind', `expected the name of a kind, got ${show(kind)}`);
  for (const name of payloads)
    if (name !== kind) throw new InputError('ERR_CONFLICT', name, `is given for a link of kind ${show(kind)}`);
  delete value.kind;
  const payload = Object.hasOwn(value, kind) ? value[kind] : undefined;
  delete value[kind];
  const slave = kind.endsWith('_slave') ? kind.slice(0, -'_slave'.length) : undefined;
  value.linkinfo = {
    ...(slave === undefined ? { kind } : { slaveKind: slave }),
    ...(payload === undefined ? {} : { [kind]: payload }),
  };
}

/** Moves `peer` into the payload of its kind. */
export function peerOf(value: Rec): void {
  const { peer } = value;
  if (peer === undefined) return;
  delete value.peer;
  const kind = String(value.kind);
  const key = Object.hasOwn(PEER_KEY, kind) ? PEER_KEY[kind]! : undefined;
  if (key === undefined)
    throw new InputError(
      'ERR_CONFLICT',
      'peer',
      `is for links of kind ${Object.keys(PEER_KEY).join(', ')}, not ${show(value.kind)}`,
    );
  const payload = value[kind];
  // A pair of netkit has options besides.
  if (payload !== undefined && (!isRec(payload) || kind !== 'netkit' || payload[key] !== undefined))
    throw new InputError('ERR_CONFLICT', kind, 'is given together with peer');
  if (typeof peer !== 'string' && !isRec(peer))
    throw new InputError('ERR_INVALID_VALUE', 'peer', `expected a name or an object, got ${show(peer)}`);
  const { netns, ...rest } = typeof peer === 'string' ? { ifname: peer, netns: undefined } : peer;
  const attrs: Rec = { ...rest };
  if (netns !== undefined) attrs.netNsFd = namespace(netns, 'peer.netns');
  value[kind] = { ...(payload as Rec | undefined), [key]: attrs };
}

/** What the caller wrote for paths of the message. */
export function wordsOf({ kind, linkinfo, peer, altIfname, ifname, netns }: LinkSpec): Given {
  const given: [path: string, word: string][] = [['propList', '']];
  if (peer !== undefined) {
    const path = `linkinfo.${kind}.${PEER_KEY[String(kind)]}`;
    given.push([`${path}.netNsFd`, 'peer.netns']);
    if (typeof peer === 'string') given.push([`${path}.ifname`, 'peer']);
    given.push([path, 'peer']);
  }
  if (linkinfo === undefined) given.push(['linkinfo.slaveKind', 'kind'], ['linkinfo', '']);
  if (typeof altIfname === 'string') given.unshift(['propList.altIfname[0]', 'altIfname']);
  if (altIfname === undefined && ifname !== undefined) given.push(['altIfname', 'ifname']);
  if (netns !== undefined) given.push(['netNsFd', 'netns']);
  return given;
}
