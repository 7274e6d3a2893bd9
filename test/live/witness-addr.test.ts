/** Addresses made by us and read by `ip`, made by `ip` and read by us, changed by us, deleted by either. */
import t from 'tap';
import type { AddrSpec } from 'tsroute2';
import { Witness } from '../witness/compare.js';
import { compareAddrs, ipAtLeast, type Place, place, verdict } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('addr', 'live');

/** The same address as we say it and as `ip` says it, every attribute once. */
const ADDRS: readonly (readonly [Omit<AddrSpec, 'dev'>, string])[] = [
  [{ address: '10.0.0.1/24' }, '10.0.0.1/24'],
  [{ address: '10.0.0.2/24', label: 'e0:web' }, '10.0.0.2/24 label e0:web'],
  [{ address: '10.0.1.1', prefixlen: 24, broadcast: true }, '10.0.1.1/24 broadcast +'],
  [{ address: '10.0.2.1/24', broadcast: '10.0.2.99' }, '10.0.2.1/24 broadcast 10.0.2.99'],
  [{ local: '10.0.3.1', address: '10.0.3.2', prefixlen: 32 }, '10.0.3.1 peer 10.0.3.2/32'],
  [{ address: '10.0.4.1/24', scope: 'link' }, '10.0.4.1/24 scope link'],
  [{ address: '10.0.5.1/24', scope: 200 }, '10.0.5.1/24 scope site'],
  [{ address: '10.0.6.1/24', scope: 150 }, '10.0.6.1/24 scope 150'],
  [{ address: '10.0.7.1/24', validLft: 3600, preferredLft: 1800 }, '10.0.7.1/24 valid_lft 3600 preferred_lft 1800'],
  [{ address: '10.0.8.1/24', preferredLft: 0 }, '10.0.8.1/24 preferred_lft 0'],
  [{ address: '10.0.9.1/24', flags: ['noprefixroute'] }, '10.0.9.1/24 noprefixroute'],
  [{ address: '10.0.10.1/24', rtPriority: 500 }, '10.0.10.1/24 metric 500'],
  [{ address: '239.1.2.3/32', flags: ['mcautojoin'] }, '239.1.2.3/32 autojoin'],
  [{ address: '10.0.11.1/31' }, '10.0.11.1/31'],
  [{ address: '2001:db8::1/64' }, '2001:db8::1/64'],
  [{ address: '2001:db8:1::1/64', flags: ['nodad'] }, '2001:db8:1::1/64 nodad'],
  [{ address: '2001:db8:2::1/64', flags: ['homeaddress', 'nodad'] }, '2001:db8:2::1/64 home nodad'],
  [{ address: '2001:db8:3::1/64', flags: ['managetempaddr'] }, '2001:db8:3::1/64 mngtmpaddr'],
  [{ address: '2001:db8:4::1/64', flags: ['noprefixroute', 'nodad'] }, '2001:db8:4::1/64 noprefixroute nodad'],
  [
    { address: '2001:db8:5::1/64', validLft: 7200, preferredLft: 600 },
    '2001:db8:5::1/64 valid_lft 7200 preferred_lft 600',
  ],
  [{ address: '2001:db8:6::1/64', preferredLft: 0, validLft: 9000 }, '2001:db8:6::1/64 preferred_lft 0 valid_lft 9000'],
  [{ address: '2001:db8:7::1/64', rtPriority: 77 }, '2001:db8:7::1/64 metric 77'],
  [{ local: '2001:db8:8::1', address: '2001:db8:8::2', prefixlen: 128 }, '2001:db8:8::1 peer 2001:db8:8::2/128'],
  [{ address: 'fe80::1234/64', scope: 'link' }, 'fe80::1234/64 scope link'],
  [{ address: 'fec0::5/64', scope: 'site' }, 'fec0::5/64 scope site'],
  // Older ones cannot say it, and do not print it.
  ...(ipAtLeast('6.4')
    ? ([
        [{ address: '10.0.12.1/24', proto: 9 }, '10.0.12.1/24 proto 9'],
        [{ address: '2001:db8:9::1/64', proto: 3 }, '2001:db8:9::1/64 proto kernel_ll'],
      ] as const)
    : []),
];

const CHANGES: readonly AddrSpec[] = [
  { dev: 'e0', address: '10.0.1.1/24', validLft: 100, preferredLft: 50 },
  { dev: 'e0', address: '10.0.10.1/24', rtPriority: 9 },
  { dev: 'e0', address: '2001:db8::1/64', validLft: 300, preferredLft: 200 },
  { dev: 'e0', address: '2001:db8:7::1/64', rtPriority: 5, flags: ['nodad'] },
];

/** A namespace with a link that has a carrier, whose own address does not change while it is looked at. */
async function linked(p: Place): Promise<void> {
  await p.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: 'e1' });
  for (const dev of ['e0', 'e1']) await p.ipr.link('set', { dev, state: 'up' });
}

for (const how of ['made by us', 'made by ip'] as const) {
  t.test(how, async (t) => {
    const p = await place(t);
    await linked(p);
    if (how === 'made by ip') p.batch(ADDRS.map(([, line]) => `addr add ${line} dev e0`));
    else {
      const batch = p.ipr.batch();
      for (const [spec] of ADDRS) batch.addr('add', { dev: 'e0', ...spec } as AddrSpec);
      await batch.commit();
    }
    const count = await compareAddrs(t, p, witness, how);
    t.ok(count >= ADDRS.length + 4, `${count} addresses compared`);

    if (how === 'made by us') {
      for (const spec of CHANGES) await p.ipr.addr('replace', spec);
      await compareAddrs(t, p, witness, 'changed by us');
      p.batch(['addr flush dev e0', 'addr flush dev e1', 'addr flush dev lo']);
    } else {
      t.ok((await p.ipr.flushAddr({ all: true })) >= ADDRS.length, 'flushed');
    }
    t.same(await p.ipr.getAddr(), [], 'gone for us');
    t.same(
      p.ip('addr').flatMap((link) => link.addr_info),
      [],
      'gone for ip',
    );
  });
}

t.test('every key is the same', async (t) => verdict(t, witness, true));
