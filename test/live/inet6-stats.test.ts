/** Counters of IPv6 come by their place, and places depend on the kernel: the names are held against /proc. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, inet6Stats } from 'tsroute2';

/** The kernel's own words in /proc/net/dev_snmp6, and ours; one of each place that moved, and of each that did not. */
const WORDS = {
  inpkts: 'InReceives',
  inoctets: 'InOctets',
  indelivers: 'InDelivers',
  outrequests: 'OutRequests',
  outoctets: 'OutOctets',
  outforwdatagrams: 'OutForwDatagrams',
  noectpkts: 'InNoECTPkts',
  intoobigerrors: 'InTooBigErrors',
  inaddrerrors: 'InAddrErrors',
  inmcastpkts: 'InMcastPkts',
  outmcastpkts: 'OutMcastPkts',
} as const;

t.test('counters of IPv6 have their names', async (t) => {
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  await ipr.link('add', { ifname: 'in6a', kind: 'veth', peer: 'in6b' });
  t.teardown(() => ipr.link('del', { ifname: 'in6a' }));
  for (const ifname of ['in6a', 'in6b']) await ipr.link('set', { ifname, state: 'up' });

  // The kernel itself sends and receives on a new link: reports of groups, search for duplicates of its address.
  const proc = (): string => readFileSync('/proc/thread-self/net/dev_snmp6/in6a', 'utf8');
  for (let tries = 0; tries < 200; tries++) {
    const before = proc();
    const { afSpec } = await ipr.link('get', { dev: 'in6a' });
    const witness = new Map([...before.matchAll(/^Ip6(\w+)\s+(\d+)$/gm)].map(([, name, n]) => [name, Number(n)]));
    const busy = (witness.get('OutRequests') ?? 0) > 0 && (witness.get('InReceives') ?? 0) > 0;
    if (!busy || before !== proc()) {
      await sleep(50);
      continue;
    }
    const stats = inet6Stats(afSpec?.inet6?.stats ?? [], release());
    for (const [name, word] of Object.entries(WORDS))
      t.equal(stats[name as keyof typeof WORDS], witness.get(word), `${word}: ${witness.get(word)}`);
    return;
  }
  t.fail('nothing was sent or received');
});
