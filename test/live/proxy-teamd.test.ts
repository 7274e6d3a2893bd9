/** Team devices by the real teamd, where the kernel has the driver; `teamdctl` and `ip` are the witnesses. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IPRoute, netns } from 'tsroute2';

t.setTimeout(300_000);

const there = (name: string) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some((d) => existsSync(join(d, name)));

/** Whether the kernel makes links of the kind `team`. */
async function driver(): Promise<boolean> {
  const name = `proxy-team-${process.pid}-probe`;
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  try {
    await ipr.link('add', { ifname: 'probe', kind: 'team' });
    return true;
  } catch {
    return false;
  } finally {
    await ipr.close();
    await netns.remove(name);
  }
}

const why = !there('teamd')
  ? 'teamd is not installed'
  : process.getuid?.() !== 0 || !(await driver())
    ? 'the kernel has no driver for team devices'
    : undefined;

t.test('a device, its ports and its end', why === undefined ? {} : { skip: why }, async (t) => {
  const name = `proxy-team-${process.pid}`;
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  // The daemon keeps its sockets there.
  mkdirSync('/run/teamd', { recursive: true });
  const inside = (...args: string[]) => execFileSync('ip', ['netns', 'exec', name, ...args], { encoding: 'utf8' });
  try {
    const { object } = await ipr.link('add', {
      ifname: 'team7',
      kind: 'teamd',
      teamd: { runner: 'loadbalance', linkWatch: 'ethtool' },
      mtu: 1400,
    });
    t.match(object, { ifname: 'team7', mtu: 1400, linkinfo: { kind: 'team' } });
    t.match(JSON.parse(inside('teamdctl', 'team7', 'config', 'dump')), {
      device: 'team7',
      runner: { name: 'loadbalance' },
      link_watch: { name: 'ethtool' },
    });
    await ipr.ensure('link', { ifname: 'team7', kind: 'teamd', teamd: { runner: 'loadbalance' }, mtu: 1300 });
    t.match(await ipr.link('get', { ifname: 'team7' }), { mtu: 1300 }, 'it is there, and only what differs is set');
    await t.rejects(ipr.ensure('link', { ifname: 'team7', kind: 'bridge' }), { code: 'ERR_CONFLICT' } as never);
    await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
    await ipr.link('set', { dev: 'v0', master: 'team7' });
    let ports: string[] = [];
    for (let i = 0; i < 100 && ports.length === 0; i++) {
      await sleep(50);
      ports = Object.keys(JSON.parse(inside('teamdctl', 'team7', 'state', 'dump')).ports ?? {});
    }
    t.same(ports, ['v0'], 'teamd has taken the port');
    await ipr.link('set', { dev: 'v0', master: null });
    await t.rejects(ipr.link('add', { ifname: 'team7', kind: 'teamd' }), { name: 'NetlinkError', code: 'EEXIST' });
    await ipr.link('del', { ifname: 'team7', kind: 'teamd' });
    let links: string[] = ['team7'];
    for (let i = 0; i < 100 && links.includes('team7'); i++) {
      await sleep(50);
      links = (await ipr.getLinks()).map(({ ifname }) => ifname!);
    }
    t.notOk(links.includes('team7'), 'the device went with the daemon');
    t.throws(() => inside('teamdctl', 'team7', 'state'), 'the daemon is gone');
  } finally {
    if ((await ipr.linkLookup({ ifname: 'team7' })).length > 0) inside('teamd', '-k', '-t', 'team7');
    await ipr.close();
    await netns.remove(name);
  }
});
