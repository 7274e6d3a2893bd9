/** What docs/parity.md promises of addresses: each keyword of pyroute2 in our words, and what `ip` makes of it. */
import t from 'tap';
import { type AddrSpec, nameOf, RT_SCOPE } from 'tsroute2';
import type { Json } from '../witness/compare.js';
import { type ParityRow, parity, row } from './parity-rows.js';

t.setTimeout(600_000);

type Printed = { [key: string]: Json };
interface Seen {
  addr(local: string): Printed | undefined;
}

/** Adds an address, and looks at what `ip` prints of it. */
const add = (name: string, spec: Omit<AddrSpec, 'dev'>, local: string, key: string, is: unknown): ParityRow<Seen> =>
  row<Seen, Promise<unknown>>(
    name,
    ({ ipr }) => ipr.addr('add', { dev: 'e0', ...spec } as AddrSpec),
    ({ addr }) => addr(local)?.[key],
    is,
  );

const ROWS: readonly ParityRow<Seen>[] = [
  add('add: address with length', { address: '10.0.0.1/24' }, '10.0.0.1', 'prefixlen', 24),
  add('prefixlen', { address: '10.0.1.1', prefixlen: 25 }, '10.0.1.1', 'prefixlen', 25),
  add('prefixlen as a netmask, mask', { address: '10.0.2.1', prefixlen: '255.255.240.0' }, '10.0.2.1', 'prefixlen', 20),
  add('no length: a host', { address: '10.0.3.1' }, '10.0.3.1', 'prefixlen', 32),
  add('local is copied from address', { address: '10.0.4.1/24' }, '10.0.4.1', 'local', '10.0.4.1'),
  add('local and address: a peer', { local: '10.0.5.1', address: '10.0.5.2/32' }, '10.0.5.1', 'address', '10.0.5.2'),
  add('broadcast: true', { address: '10.0.6.1/23', broadcast: true }, '10.0.6.1', 'broadcast', '10.0.7.255'),
  add('broadcast', { address: '10.0.8.1/24', broadcast: '10.0.8.9' }, '10.0.8.1', 'broadcast', '10.0.8.9'),
  add('label', { address: '10.0.9.1/24', label: 'e0:x' }, '10.0.9.1', 'label', 'e0:x'),
  add('scope by word', { address: '10.0.10.1/24', scope: 'link' }, '10.0.10.1', 'scope', 'link'),
  add('scope by number', { address: '10.0.11.1/24', scope: RT_SCOPE.host }, '10.0.11.1', 'scope', 'host'),
  add('rt_priority', { address: '10.0.12.1/24', rtPriority: 77 }, '10.0.12.1', 'metric', 77),
  add('family', { family: 'inet6', address: '2001:db8::1/64' }, '2001:db8::1', 'prefixlen', 64),
  add('IPv6 in any spelling', { address: '2001:0DB8:0:0:0::2', prefixlen: 64 }, '2001:db8::2', 'family', 'inet6'),
  add('flags', { address: '2001:db8::3/64', flags: ['nodad', 'noprefixroute'] }, '2001:db8::3', 'nodad', true),
  row<Seen, Promise<unknown>>(
    'preferred_lft, valid_lft',
    ({ ipr }) => ipr.addr('add', { dev: 'e0', address: '2001:db8::4/64', preferredLft: 5000, validLft: 90000 }),
    ({ addr }) => {
      const { preferred_life_time: preferred, valid_life_time: valid } = addr('2001:db8::4') ?? {};
      return Number(preferred) > 4000 && Number(preferred) <= 5000 && Number(valid) > 80000 && Number(valid) <= 90000;
    },
    true,
  ),
  row(
    'preferred_lft longer than valid_lft is refused',
    ({ ipr }) =>
      ipr
        .addr('add', { dev: 'e0', address: '2001:db8::5/64', preferredLft: 9, validLft: 5 })
        .catch(({ field }) => field),
    (_, field) => field,
    'preferredLft',
  ),
  add('proto', { address: '10.0.13.1/24', proto: 5 }, '10.0.13.1', 'local', '10.0.13.1'),
  row(
    'proto is what the kernel has',
    async ({ ipr }) => (await ipr.getAddr({ address: '10.0.13.1' })).map(({ proto }) => proto),
    (_, protos) => protos,
    [5],
  ),
  row<Seen, Promise<unknown>>(
    'index',
    async ({ ipr }) => {
      const [index] = await ipr.linkLookup({ ifname: 'e0' });
      await ipr.addr('add', { index: index!, address: '10.0.14.1/24' });
    },
    ({ addr }) => addr('10.0.14.1')?.prefixlen,
    24,
  ),
  row<Seen, Promise<unknown>>(
    'replace',
    async ({ ipr }) => {
      await ipr.addr('add', { dev: 'e0', address: '10.0.15.1/24' });
      await ipr.addr('replace', { dev: 'e0', address: '10.0.15.1/24', rtPriority: 9 });
    },
    ({ addr }) => addr('10.0.15.1')?.metric,
    9,
  ),
  row<Seen, Promise<unknown>>(
    'del',
    async ({ ipr }) => {
      await ipr.addr('add', { dev: 'e0', address: '10.0.16.1/24' });
      await ipr.addr('del', { dev: 'e0', address: '10.0.16.1/24' });
    },
    ({ addr }) => addr('10.0.16.1'),
    undefined,
  ),
  row(
    'dump, get_addr: family, index, label, prefixlen, scope, callables',
    async ({ ipr }) => [
      (await ipr.addr('dump', { family: 'inet6', scope: 'global' })).every(({ family }) => family === 10),
      (await ipr.getAddr({ dev: 'e0', label: 'e0:x' })).length,
      (await ipr.getAddr({ dev: 'e0', prefixlen: 23 })).length,
      (await ipr.getAddr({ scope: 'link', family: 'inet' })).map(({ scope }) => nameOf(RT_SCOPE, scope)),
      (await ipr.getAddr({ prefixlen: (length) => length === 20 })).length,
      (await ipr.getAddr(({ local }) => local === '10.0.9.1')).length,
    ],
    (_, found) => found,
    [true, 1, 1, ['link'], 1, 1],
  ),
  row(
    'flush_addr',
    async ({ ipr }) => {
      await ipr.addr('add', { dev: 'e1', address: '10.1.0.1/24' });
      await ipr.addr('add', { dev: 'e1', address: '10.1.1.1/24' });
      return ipr.flushAddr({ dev: 'e1', family: 'inet' });
    },
    ({ addr }, count) => [count, addr('10.1.0.1'), addr('10.1.1.1')],
    [2, undefined, undefined],
  ),
];

parity<Seen>(
  'addr',
  async ({ ipr }) => {
    await ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1', state: 'up' });
    await ipr.link('set', { dev: 'e1', state: 'up' });
  },
  (p) => {
    const all = p.ip('addr').flatMap((link) => link.addr_info as Printed[]);
    return { addr: (local) => all.find((addr) => addr.local === local) };
  },
  ROWS,
);
