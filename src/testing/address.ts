/** Requests about addresses of both families. */
import { LITTLE } from '../codec/bytes.js';
import { type Address4, addAddress4, deleteAddress4, FOREVER, fill4, IFA_F } from './address4.js';
import { type Address6, addAddress6, deleteAddress6, fill6 } from './address6.js';
import { byFamily, type Context, type Dump, type DumpRow, type Handlers } from './context.js';
import { E, refuse } from './errno.js';
import { fromBe32, isMulticast, maskOf, scopeOf } from './inet.js';
import { linkFor } from './links-of.js';
import { AF_INET, AF_INET6, GROUP, NLM, RTM } from './numbers.js';
import { type Attrs, hexOf, viewOf } from './wire.js';

export type { Address4, Address6 };

const IFA = {
  ADDRESS: 1,
  LOCAL: 2,
  LABEL: 3,
  BROADCAST: 4,
  CACHEINFO: 6,
  FLAGS: 8,
  RT_PRIORITY: 9,
  PROTO: 11,
} as const;
const MCAUTOJOIN = 0x400;

/** Lifetimes of a request, in seconds; for ever without. */
function lifetimes(attrs: Attrs, words: string): { preferred: number; valid: number } {
  const info = attrs.get(IFA.CACHEINFO);
  if (info === undefined) return { preferred: FOREVER, valid: FOREVER };
  const view = viewOf(info);
  const preferred = view.getUint32(0, LITTLE);
  const valid = view.getUint32(4, LITTLE);
  if (valid === 0 || preferred > valid) refuse(E.INVAL, words);
  return { preferred, valid };
}

function add4(c: Context): void {
  const { request } = c;
  const attrs = request.attrs(8);
  const length = request.h8(1);
  if (length > 32) refuse(E.INVAL, 'ipv4: Invalid prefix length');
  const data = attrs.get(IFA.LOCAL);
  if (data === undefined) refuse(E.INVAL, 'ipv4: Local address is not supplied');
  const link = linkFor(c.ns, request.h32(4), 'ipv4: Device not found');
  const local = fromBe32(data!);
  const { preferred, valid } = lifetimes(attrs, 'ipv4: address lifetime invalid');
  const given = (attrs.u32(IFA.FLAGS) ?? request.h8(2)) & ~IFA_F.PERMANENT & ~IFA_F.SECONDARY;
  const a: Address4 = {
    link,
    local,
    address: attrs.has(IFA.ADDRESS) ? fromBe32(attrs.get(IFA.ADDRESS)!) : local,
    length,
    broadcast: attrs.has(IFA.BROADCAST) ? fromBe32(attrs.get(IFA.BROADCAST)!) : undefined,
    label: attrs.str(IFA.LABEL) ?? link.name,
    scope: request.h8(3),
    flags: given | (valid === FOREVER ? IFA_F.PERMANENT : 0),
    preferred,
    valid,
    metric: attrs.u32(IFA.RT_PRIORITY) ?? 0,
    proto: attrs.u8(IFA.PROTO) ?? 0,
  };
  const mask = maskOf(length);
  const list = c.ns.addresses4.get(link.index) ?? [];
  const there = list.find((b) => b.local === local && b.length === length && ((b.address ^ a.address) & mask) === 0);
  if (there !== undefined) {
    if (request.has(NLM.EXCL) || !request.has(NLM.REPLACE)) refuse(E.EXIST, 'ipv4: Address already assigned');
    there.preferred = preferred;
    there.valid = valid;
    there.flags = (there.flags & ~IFA_F.PERMANENT) | (valid === FOREVER ? IFA_F.PERMANENT : 0);
    if (a.metric !== 0) there.metric = a.metric;
    c.ns.changes.addresses++;
    c.announce(GROUP.addr4, RTM.NEWADDR, fill4(there));
    return;
  }
  for (const b of list) {
    if (b.length !== length || ((b.address ^ a.address) & maskOf(b.length)) !== 0 || b.flags & IFA_F.SECONDARY)
      continue;
    if (b.scope !== a.scope) refuse(E.INVAL, 'ipv4: Invalid scope value');
    a.flags |= IFA_F.SECONDARY;
  }
  addAddress4(a, c.cause);
}

function remove4(c: Context): void {
  const attrs = c.request.attrs(8);
  const link = linkFor(c.ns, c.request.h32(4), 'ipv4: Device not found');
  const local = attrs.get(IFA.LOCAL);
  const address = attrs.get(IFA.ADDRESS);
  const label = attrs.str(IFA.LABEL);
  const length = c.request.h8(1);
  const found = (c.ns.addresses4.get(link.index) ?? []).find((a) => {
    if (local !== undefined && a.local !== fromBe32(local)) return false;
    if (label !== undefined && a.label !== label) return false;
    if (address === undefined) return true;
    return a.length === length && ((fromBe32(address) ^ a.address) & maskOf(a.length)) === 0;
  });
  if (found === undefined) refuse(E.ADDRNOTAVAIL, 'ipv4: Address not found');
  deleteAddress4(found!, c.cause);
}

/** Address and peer of a request about IPv6. */
function pair6(attrs: Attrs): { local: string; peer: string | undefined } {
  const address = attrs.get(IFA.ADDRESS);
  const local = attrs.get(IFA.LOCAL);
  const first = local ?? address;
  if (first === undefined || first.length < 16) refuse(E.INVAL);
  const peer =
    local !== undefined && address !== undefined && hexOf(address) !== hexOf(local) ? hexOf(address) : undefined;
  return { local: hexOf(first!), peer };
}

function add6(c: Context): void {
  const { request } = c;
  const attrs = request.attrs(8);
  const { local, peer } = pair6(attrs);
  const { preferred, valid } = lifetimes(attrs, 'ipv6: address lifetime invalid');
  const length = request.h8(1);
  if (length > 128) refuse(E.INVAL, 'ipv6: Invalid prefix length');
  const link = linkFor(c.ns, request.h32(4), 'ipv6: Unable to find the interface');
  const flags =
    (attrs.u32(IFA.FLAGS) ?? request.h8(2)) & (IFA_F.NODAD | IFA_F.NOPREFIXROUTE | 0x10 | 0x100 | MCAUTOJOIN | 4);
  const kept = flags | (valid === FOREVER ? IFA_F.PERMANENT : 0);
  const list = c.ns.addresses6.get(link.index) ?? [];
  const there = list.find((a) => a.local === local);
  if (there !== undefined) {
    if (request.has(NLM.EXCL) || !request.has(NLM.REPLACE)) refuse(E.EXIST, 'ipv6: address already assigned');
    Object.assign(there, { preferred, valid, flags: kept });
    if (attrs.has(IFA.RT_PRIORITY)) there.metric = attrs.u32(IFA.RT_PRIORITY)!;
    c.ns.changes.addresses++;
    c.ns.tell(GROUP.addr6, RTM.NEWADDR, fill6(there));
    return;
  }
  if (/^0+$/.test(local)) refuse(E.ADDRNOTAVAIL, 'ipv6: Invalid address');
  if (isMulticast(local) && !(flags & MCAUTOJOIN))
    refuse(E.ADDRNOTAVAIL, 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag');
  if (/^0{31}1$/.test(local) && !link.loopback)
    refuse(E.ADDRNOTAVAIL, 'ipv6: Cannot assign loopback address on this device');
  addAddress6({
    link,
    local,
    peer,
    length,
    scope: scopeOf(local),
    flags: kept,
    preferred,
    valid,
    metric: attrs.u32(IFA.RT_PRIORITY) ?? 0,
    proto: attrs.u8(IFA.PROTO) ?? 0,
  });
}

function remove6(c: Context): void {
  const attrs = c.request.attrs(8);
  const { local } = pair6(attrs);
  const link = linkFor(c.ns, c.request.h32(4), 'ipv6: Unable to find the interface');
  const found = (c.ns.addresses6.get(link.index) ?? []).find((a) => a.local === local && a.length === c.request.h8(1));
  if (found === undefined) refuse(E.ADDRNOTAVAIL, 'ipv6: address not found');
  deleteAddress6(found!);
}

function get6(c: Context): void {
  const { local } = pair6(c.request.attrs(8));
  const index = c.request.h32(4);
  for (const [on, list] of c.ns.addresses6) {
    const found = index === 0 || on === index ? list.find((a) => a.local === local) : undefined;
    if (found !== undefined) {
      c.reply(RTM.NEWADDR, fill6(found));
      return;
    }
  }
  refuse(E.ADDRNOTAVAIL);
}

function dump(c: Context): Dump {
  const family = c.request.h8(0);
  const index = c.socket.strict ? c.request.h32(4) : 0;
  const rows = <A>(f: number, lists: ReadonlyMap<number, A[]>, fill: (a: A) => DumpRow['fill']): DumpRow[] =>
    [...lists]
      .sort(([a], [b]) => a - b)
      .filter(([on]) => (family === 0 || family === f) && (index === 0 || on === index))
      .flatMap(([on, list]) => list.map((a, i) => ({ type: RTM.NEWADDR, fill: fill(a), id: [f, on, i] })));
  return {
    rows: () => [...rows(AF_INET, c.ns.addresses4, fill4), ...rows(AF_INET6, c.ns.addresses6, fill6)],
    marked: 'addresses',
    ...(index !== 0 && !c.ns.links.has(index) ? { done: { errno: E.NODEV } } : {}),
    rowFlags: index === 0 ? 0 : NLM.FILTERED,
    doneFlags: index === 0 ? 0 : NLM.FILTERED,
  };
}

export const addressHandlers: readonly (readonly [number, Handlers])[] = [
  [RTM.NEWADDR, { one: byFamily(add4, add6) }],
  [RTM.DELADDR, { one: byFamily(remove4, remove6) }],
  [RTM.GETADDR, { one: byFamily(() => refuse(E.OPNOTSUPP), get6), dump }],
];
