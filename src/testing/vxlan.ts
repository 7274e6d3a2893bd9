/** What VXLAN links may be. */
import { E, refuse } from './errno.js';
import type { Namespace } from './namespace.js';
import { type Options, optionOf } from './options.js';
import { type Attrs, bytesOf, hexOf } from './wire.js';

const ID = 1;
const GROUP = 2;
const LINK = 3;
const LOCAL = 4;
const PORT = 15;
const GROUP6 = 16;
const LOCAL6 = 17;
const COLLECT_METADATA = 25;
const LABEL = 26;
const DF = 29;
const LABEL_POLICY = 32;
const DF_MAX = 2;
/** Options that two links of the same id and port may differ in: checksums of IPv6 and metadata are received apart. */
const RECEIVED = [20, 22, 23, 25, 27];
/** Port that the kernel takes where none is given, not the one of IANA. */
const DEFAULT_PORT = '2118';

export function validateVxlan(data: Attrs | undefined): void {
  if (data === undefined) refuse(E.INVAL, 'Required attributes not provided to perform the operation');
  const id = data.u32(ID);
  if (id !== undefined && id >= 1 << 24) refuse(E.RANGE, 'VXLAN ID must be lower than 16777216', data.at(ID));
  const df = data.u8(DF);
  if (df !== undefined && df > DF_MAX) refuse(E.INVAL, 'Invalid DF attribute', data.at(DF));
}

/** What tells a link from others: id, port, family and how packets are received. */
const identityOf = (get: (type: number) => Uint8Array | undefined): string => {
  const v6 = [GROUP6, LOCAL6].some((type) => (get(type)?.length ?? 0) > 0);
  const flags = RECEIVED.map((type) => get(type)?.[0] ?? 0);
  return JSON.stringify([hexOf(get(ID) ?? new Uint8Array(4)), hexOf(get(PORT) ?? new Uint8Array(0)), v6, flags]);
};

export function checkVxlan(data: Attrs | undefined, ns: Namespace): void {
  if (data === undefined) return;
  if (!data.has(ID) && !data.has(COLLECT_METADATA)) refuse(E.INVAL);
  checkWay(data, ns, (data.u32(LINK) ?? 0) !== 0);
  const identity = identityOf((type) => data.get(type) ?? (type === PORT ? bytesOf(DEFAULT_PORT) : undefined));
  for (const { kind, options } of ns.links.values())
    if (kind.name === 'vxlan' && identityOf((type) => optionOf(options!, type)) === identity)
      refuse(E.EXIST, 'A VXLAN device with the specified VNI already exists');
}

const isGroup = (address: Uint8Array | undefined): boolean =>
  address !== undefined && address[0]! >= 224 && address[0]! < 240;

/** Where packets go, and over which link. */
function checkWay(data: Attrs, ns: Namespace, hasLink: boolean): void {
  const link = data.u32(LINK) ?? 0;
  if (link !== 0 && !ns.links.has(link)) refuse(E.NODEV, 'Invalid local interface, device not found');
  if (isGroup(data.get(LOCAL))) refuse(E.INVAL, 'Local address cannot be multicast');
  if (isGroup(data.get(GROUP)) && !hasLink)
    refuse(E.INVAL, 'Local interface required for multicast remote destination');
}

/** Options that stay as they were made, in the order in which the kernel looks at them. */
const FIXED: readonly (readonly [type: number, words: string])[] = [
  [28, 'vxlan: cannot change TTL_INHERIT flag'],
  [11, 'vxlan: cannot change PROXY flag'],
  [12, 'vxlan: cannot change RSC flag'],
  [13, 'vxlan: cannot change L2MISS flag'],
  [14, 'vxlan: cannot change L3MISS flag'],
  [9, 'Cannot change limit'],
  [25, 'vxlan: cannot change COLLECT_METADATA flag'],
  [10, 'Cannot change port range'],
  [PORT, 'Cannot change port'],
  [18, 'Cannot change UDP_CSUM flag'],
  [23, 'vxlan: cannot change GBP flag'],
];

export function checkVxlanChange(data: Attrs, options: Options, ns: Namespace): void {
  const is = (type: number): boolean => (optionOf(options, type) ?? []).some((b) => b !== 0);
  if (data.has(ID) && hexOf(data.get(ID)!) !== hexOf(optionOf(options, ID)!))
    refuse(E.OPNOTSUPP, 'Cannot change VNI', data.at(ID));
  for (const [type, words] of FIXED) if (data.has(type)) refuse(E.OPNOTSUPP, words, data.at(type));
  checkWay(data, ns, (data.u32(LINK) ?? 0) !== 0 || (!data.has(LINK) && is(LINK)));
  if (is(GROUP6) || is(LOCAL6)) return;
  const given = (type: number): boolean => data.get(type)?.some((b) => b !== 0) ?? false;
  if (given(LABEL)) refuse(E.INVAL, 'Label attribute only applies to IPv6 VXLAN devices');
  if (given(LABEL_POLICY)) refuse(E.INVAL, 'Label policy only applies to IPv6 VXLAN devices');
}
