/** The modules that Debian leaves out, built by tools/vm/modules.sh: loaded, and links of their kinds made. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import t from 'tap';

t.setTimeout(300_000);

const built = existsSync(`/lib/modules/${release()}/extra/netdevsim.ko`);
const options = built ? {} : { skip: 'the modules that Debian leaves out are not built' };

interface Printed {
  linkinfo?: { info_kind?: string; info_data?: Record<string, unknown> };
}
const sh = (command: string): string => execFileSync('/bin/sh', ['-ec', command], { encoding: 'utf8' });
const link = (dev: string): Printed => (JSON.parse(sh(`ip -j -d link show dev ${dev}`)) as Printed[])[0]!;

t.test('netdevsim', options, async (t) => {
  sh('modprobe netdevsim; mount -t sysfs sysfs /sys');
  sh('echo "7 2" >/sys/bus/netdevsim/new_device');
  t.teardown(() => sh('echo 7 >/sys/bus/netdevsim/del_device'));
  const links = sh('ls /sys/bus/netdevsim/devices/netdevsim7/net').trim().split('\n');
  t.equal(links.length, 2, 'a device of two ports');
  t.match(sh('devlink dev show'), 'netdevsim/netdevsim7');
});

t.test('amt', options, async (t) => {
  sh('ip link add d0 type dummy && ip addr add 192.0.2.1/24 dev d0 && ip link set d0 up');
  sh('ip link add amt0 type amt mode relay local 192.0.2.1 dev d0 relay_port 2268 max_tunnels 7');
  const { linkinfo } = link('amt0');
  t.equal(linkinfo?.info_kind, 'amt');
  t.match(linkinfo?.info_data, { mode: 'relay', max_tunnels: 7 });
});

t.test('bareudp', options, async (t) => {
  sh('ip link add bu0 type bareudp dstport 6635 ethertype mpls_uc');
  const { linkinfo } = link('bu0');
  t.equal(linkinfo?.info_kind, 'bareudp');
  t.match(linkinfo?.info_data, { dstport: 6635, ethertype: 'mpls_uc' });
});
