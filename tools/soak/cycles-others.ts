/** Cycles around what is more than a socket of rtnetlink: namespaces, programs, tun devices, generic netlink. */
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { GenericNetlink, IPRoute, NetNS, netns, nlctrl } from 'tsroute2';
import type { Arena } from './arena.js';
import { check } from './cycles.js';

export async function namespaces(arena: Arena): Promise<void> {
  const names = [arena.unique(), arena.unique()];
  const [first, second] = names as [string, string];
  const made = netns.create(first);
  const ns = new NetNS(second, { create: true });
  try {
    await made;
    await netns.sysctl(first, 'net.ipv4.ip_forward', 1);
    await ns.link('set', { dev: 'lo', state: 'up' });
    const other = new IPRoute({ netns: first });
    check((await other.getLinks()).length > 0, 'no lo');
    await other.close();
  } finally {
    await Promise.all([ns.remove(), netns.remove(first)]);
  }
  check(!names.some((name) => netns.exists(name)), 'a name stayed');
}

export async function program(arena: Arena): Promise<void> {
  const child = netns.spawn(arena.netns, 'true', [], { stdio: 'ignore' });
  const [code] = await once(child, 'close');
  check(code === 0, `it ended with ${code}`);
}

/**
 * A tun device whose descriptor is the program's, and one that was given up on the way. A descriptor that a worker was
 * given is open until that closes it, so that one that is terminated must not have any.
 */
export async function tun(arena: Arena): Promise<void> {
  const ipr = new IPRoute({ netns: arena.netns });
  const add = (persist: boolean) =>
    ipr.link('add', { ifname: 't%d', kind: 'tuntap', tuntap: { mode: 'tun', persist }, mtu: 1400 });
  try {
    const { fd, object } = await add(!isMainThread);
    check((fd !== undefined) === isMainThread, `descriptor ${fd}`);
    if (fd !== undefined) closeSync(fd);
    else await ipr.link('del', { index: object!.index! });
    // What nobody is there to take is closed by whoever made it.
    if (arena.below(3) === 0) void add(!isMainThread).catch(() => {});
  } finally {
    await ipr.close();
  }
}

export async function generic(arena: Arena): Promise<void> {
  const genl = new GenericNetlink({ netns: arena.netns });
  try {
    const { familyId } = await genl.getFamily('nlctrl');
    check(familyId === 16, `${familyId}`);
    const events = await genl.monitor({ family: nlctrl, groups: ['notify'], signal: arena.stop });
    const next = events.next();
    for await (const { familyName } of genl.stream(nlctrl, 'CTRL_CMD_GETFAMILY')) if (familyName === 'nlctrl') break;
    events.close();
    await next;
  } finally {
    await genl.close();
  }
}
