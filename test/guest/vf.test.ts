/** Virtual functions of an adapter: netdevsim has them. Set by us and read by `ip`, set by `ip` and read by us. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import t from 'tap';
import { IPRoute } from 'tsroute2';

t.setTimeout(300_000);

const built = existsSync(`/lib/modules/${release()}/extra/netdevsim.ko`);
const options = built ? {} : { skip: 'the modules that Debian leaves out are not built' };
const sh = (command: string): string => execFileSync('/bin/sh', ['-ec', command], { encoding: 'utf8' });

/** One property of function 1 as we say it, as `ip link set DEV vf 1` does, and as `ip` prints it. */
const SETTINGS = [
  [{ mac: { vf: 1, mac: '02:01:02:03:04:05' } }, 'mac 02:01:02:03:04:05', { address: '02:01:02:03:04:05' }],
  [{ vlan: { vf: 1, vlan: 291, qos: 5 } }, 'vlan 291 qos 5', { vlan_list: [{ vlan: 291, qos: 5 }] }],
  [
    { vlanList: { info: [{ vf: 1, vlan: 801, qos: 6, vlanProto: '802.1Q' }] } },
    'vlan 801 qos 6 proto 802.1Q',
    { vlan_list: [{ vlan: 801, qos: 6 }] },
  ],
  [
    { rate: { vf: 1, minTxRate: 0x0102, maxTxRate: 0x0304 } },
    'min_tx_rate 258 max_tx_rate 772',
    { rate: { max_tx: 0x0304, min_tx: 0x0102 } },
  ],
  [{ spoofchk: { vf: 1, setting: 1 } }, 'spoofchk on', { spoofchk: true }],
  [{ linkState: { vf: 1, linkState: 'disable' } }, 'state disable', { link_state: 'disable' }],
  [{ trust: { vf: 1, setting: 1 } }, 'trust on', { trust: true }],
  [{ rssQueryEn: { vf: 1, setting: 1 } }, 'query_rss on', { query_rss_en: true }],
] as const;
/** The same back to another value, so that it was a change. */
const BACK = 'mac 02:00:00:00:00:09 vlan 0 spoofchk off trust off query_rss off state auto min_tx_rate 0 max_tx_rate 0';

t.test('functions of an adapter', options, async (t) => {
  sh('modprobe netdevsim; mountpoint -q /sys || mount -t sysfs sysfs /sys');
  sh('echo "8 1" >/sys/bus/netdevsim/new_device');
  t.teardown(() => sh('echo 8 >/sys/bus/netdevsim/del_device'));
  sh('echo 3 >/sys/bus/netdevsim/devices/netdevsim8/sriov_numvfs');
  const dev = sh('ls /sys/bus/netdevsim/devices/netdevsim8/net').trim();
  const ipr = new IPRoute();
  t.teardown(() => ipr.close());
  const ours = async () => (await ipr.link('get', { ifname: dev })).vfinfoList?.info;
  const theirs = () =>
    (JSON.parse(sh(`ip -j -d link show dev ${dev}`)) as { vfinfo_list: Record<string, unknown>[] }[])[0]!.vfinfo_list;
  t.equal((await ours())?.length, 3);
  t.equal(theirs().length, 3);
  for (const [value, words, printed] of SETTINGS) {
    const [[key, inner]] = Object.entries(value) as unknown as [[string, object]];
    for (const how of ['made by us', 'made by ip']) {
      sh(`ip link set ${dev} vf 1 ${BACK}`);
      t.notMatch(theirs()[1], printed, `${words}: not yet`);
      if (how === 'made by us') await ipr.link('set', { dev, vfinfoList: { info: [value] } } as never);
      else sh(`ip link set ${dev} vf 1 ${words}`);
      t.match(theirs()[1], printed, `${words}, ${how}: for ip`);
      // Words go into structs; numbers come out.
      const numbers = JSON.parse(
        JSON.stringify(inner).replace('"802.1Q"', '33024').replace('"disable"', '2'),
      ) as object;
      t.match(((await ours())?.[1] as Record<string, unknown> | undefined)?.[key], numbers, `${words}, ${how}: for us`);
    }
  }
  // A limit by the old attribute, which has no lower one.
  await ipr.link('set', { dev, vfinfoList: { info: [{ txRate: { vf: 2, rate: 1000 } }] } });
  t.match(theirs()[2], { rate: { max_tx: 1000 } });
  t.match((await ours())?.[2], { txRate: { vf: 2, rate: 1000 }, rate: { maxTxRate: 1000 } });
  for (const counter of ['rxPackets', 'txPackets', 'rxBytes', 'txBytes', 'broadcast', 'multicast'] as const)
    t.type((await ours())?.[0]?.stats?.[counter], 'number', counter);
  const link = await ipr.link('get', { ifname: dev });
  t.match(link, { numVf: 3, parentDevName: 'netdevsim8', parentDevBusName: 'netdevsim' });
});
