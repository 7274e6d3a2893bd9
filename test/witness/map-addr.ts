/** An entry of `addr_info` of `ip -j -d addr`, from our address. */
import type { AddrRow } from 'tsroute2';
import type { Mapped } from './compare.js';
import { addrProtocol, family, type Names, scope, when, yes } from './words.js';

const INET6 = 10;
const PERMANENT = 0x80;

export interface AddrContext extends Pick<Names, 'ip'> {
  deleted?: boolean;
}

export function addrToIp(o: AddrRow, { ip, deleted }: AddrContext): Mapped {
  const on = (bit: number): true | undefined => yes((o.flags & bit) !== 0);
  return {
    deleted: yes(deleted),
    // `ip` has it in the link around the address.
    index: o.index,
    family: family(o.family),
    local: o.local ?? o.address,
    // Only a peer's.
    address: o.local === undefined || o.address === o.local ? undefined : o.address,
    prefixlen: o.prefixlen,
    metric: o.rtPriority,
    broadcast: o.broadcast,
    anycast: o.anycast,
    scope: scope(o.scope),
    protocol: when(addrProtocol(o.proto), ip('6.4')),
    [o.family === INET6 ? 'temporary' : 'secondary']: on(0x1),
    nodad: on(0x2),
    optimistic: on(0x4),
    dadfailed: on(0x8),
    home: on(0x10),
    deprecated: on(0x20),
    tentative: on(0x40),
    dynamic: yes((o.flags & PERMANENT) === 0),
    mngtmpaddr: on(0x100),
    noprefixroute: on(0x200),
    autojoin: on(0x400),
    'stable-privacy': on(0x800),
    label: o.label,
    valid_life_time: o.cacheinfo?.valid,
    preferred_life_time: o.cacheinfo?.prefered,
  };
}
