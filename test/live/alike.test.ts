/** Links of many kinds, in lists long enough that most are copied from one like them, are what `ip` shows. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { IPRoute, type LinkRow, netns } from 'tsroute2';

const name = `alike-${process.pid}`;
const ip = (...args: string[]): string =>
  execFileSync('ip', ['-n', name, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

type Shown = Record<string, unknown> & { linkinfo?: { info_kind?: string; info_data?: Record<string, unknown> } };

/** What `ip` prints of a link, as the library has it. */
function said(link: LinkRow, names: ReadonlyMap<number | undefined, string | undefined>): Record<string, unknown> {
  const { linkinfo, afSpec, stats64 } = link;
  return {
    ifindex: link.index,
    ifname: link.ifname,
    mtu: link.mtu,
    qdisc: link.qdisc,
    operstate: link.operstate,
    txqlen: link.txqlen,
    address: link.address,
    broadcast: link.broadcast,
    ifalias: link.ifalias,
    master: names.get(link.master),
    promiscuity: link.promiscuity,
    min_mtu: link.minMtu,
    max_mtu: link.maxMtu,
    num_tx_queues: link.numTxQueues,
    inet6_addr_gen_mode: afSpec?.inet6?.addrGenMode,
    kind: linkinfo?.kind,
    id: linkinfo?.vxlan?.id,
    ageing: linkinfo?.vxlan?.ageing,
    forward_delay: linkinfo?.bridge?.forwardDelay,
    hello_time: linkinfo?.bridge?.helloTime,
    rx: stats64?.rxPackets,
    tx: stats64?.txPackets,
  };
}

function shown({
  linkinfo,
  stats64,
  ...rest
}: Shown & { stats64?: { rx: { packets: number }; tx: { packets: number } } }) {
  return {
    ...rest,
    kind: linkinfo?.info_kind,
    ...linkinfo?.info_data,
    rx: stats64?.rx.packets,
    tx: stats64?.tx.packets,
  } as Record<string, unknown>;
}

t.test('what is copied is what ip shows, before and after changes', async (t) => {
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  t.teardown(async () => {
    await ipr.close();
    await netns.remove(name);
  });
  for (let i = 0; i < 12; i++) {
    ip('link', 'add', `v${i}`, 'type', 'veth', 'peer', 'name', `w${i}`);
    ip('link', 'add', `b${i}`, 'type', 'bridge', 'forward_delay', String(200 + 100 * i));
    ip('link', 'add', `x${i}`, 'type', 'vxlan', 'id', String(100 + i), 'dstport', '4789', 'ageing', String(10 + i));
    if (i % 2 === 0) ip('link', 'set', `v${i}`, 'master', `b${i}`);
    if (i % 3 === 0) ip('link', 'set', `w${i}`, 'alias', `port ${i}`);
  }
  const changes: string[][] = [
    [],
    ['link', 'set', 'v3', 'mtu', '1300'],
    ['link', 'set', 'v2', 'nomaster'],
    ['link', 'set', 'b5', 'type', 'bridge', 'hello_time', '300'],
    ['link', 'set', 'w1', 'address', '02:00:00:00:00:99'],
    ['link', 'set', 'x4', 'type', 'vxlan', 'ageing', '77'],
    ['link', 'set', 'w3', 'alias', 'another name, longer than the one before'],
  ];
  let rows = 0;
  for (const change of changes) {
    if (change.length > 0) ip(...change);
    const links = await ipr.getLinks();
    const names = new Map(links.map(({ index, ifname }) => [index, ifname]));
    const of = (JSON.parse(ip('-j', '-d', '-s', 'link')) as Shown[]).map(shown);
    t.equal(links.length, of.length);
    for (const [i, link] of links.entries()) {
      const given = said(link, names);
      const wanted = Object.fromEntries(Object.keys(given).map((key) => [key, of[i]![key]]));
      // ip prints nothing for some that are zero or absent; what it prints must be the same.
      for (const [key, value] of Object.entries(wanted))
        if (value !== undefined && value !== given[key])
          t.equal(given[key], value, `${link.ifname}, ${key}, after ${change.join(' ')}`);
      rows++;
    }
  }
  t.equal(rows, changes.length * (12 * 4 + 1));
});
