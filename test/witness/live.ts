/** Namespaces of a test's own, read by `ip` and by us at the same time. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { IPRoute, NetlinkError, type RouteRow } from 'tsroute2';
import { atLeast, type Json, type Mapped, type Witness } from './compare.js';
import { addrToIp } from './map-addr.js';
import { linkToIp } from './map-link.js';
import { routeToIp } from './map-route.js';
import type { Names } from './words.js';

type Printed = Record<string, Json>;

const iproute2 = /iproute2-([\d.]+)/.exec(execFileSync('ip', ['-V'], { encoding: 'utf8' }))?.[1] ?? '0';

/** Whether the `ip` that is the witness is at least of a version. */
export const ipAtLeast = (version: string): boolean => atLeast(iproute2, version);

/** Users and groups by number, as `ip` looks them up. */
const byNumber = (file: string): Map<number, string> =>
  new Map(
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , id]) => [Number(id), name ?? ''] as const),
  );
const users = byNumber('/etc/passwd');
const groups = byNumber('/etc/group');

const failure = (error: unknown): string => (error as { stderr?: Buffer | string }).stderr?.toString() ?? String(error);

export class Place {
  readonly path: string;
  readonly ipr: IPRoute;

  constructor(readonly name: string) {
    this.path = `/run/netns/${name}`;
    this.ipr = new IPRoute({ netns: this.path });
  }

  /** Runs lines of `ip -batch`; throws with what `ip` said. */
  batch(lines: readonly string[], ...options: string[]): void {
    try {
      execFileSync('ip', [...options, '-n', this.name, '-batch', '-'], {
        input: `${lines.join('\n')}\n`,
        stdio: 'pipe',
      });
    } catch (error) {
      throw new Error(`ip -batch: ${failure(error)}`);
    }
  }

  /** What `ip` prints of all links, addresses or routes, with every detail. */
  ip(...args: string[]): Printed[] {
    const text = execFileSync('ip', ['-n', this.name, '-j', '-d', '-s', '-s', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    return text.trim() === '' ? [] : (JSON.parse(text) as Printed[]);
  }

  /** Runs lines of `bridge -batch`; throws with what `bridge` said. */
  bridgeBatch(lines: readonly string[]): void {
    try {
      execFileSync('bridge', ['-n', this.name, '-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: 'pipe' });
    } catch (error) {
      throw new Error(`bridge -batch: ${failure(error)}`);
    }
  }

  /** What `bridge` prints, with every detail. */
  bridge(...args: string[]): Printed[] {
    return this.plainBridge('-d', '-s', ...args);
  }

  /** What `bridge` prints, with the details that are asked for: they decide which table it reads. */
  plainBridge(...args: string[]): Printed[] {
    const text = execFileSync('bridge', ['-n', this.name, '-j', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    return text.trim() === '' ? [] : (JSON.parse(text) as Printed[]);
  }

  /** Switches IPv6 off, whose own multicast groups come and go. */
  withoutIpv6(): void {
    const script = 'for i in default all; do echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done';
    execFileSync('ip', ['netns', 'exec', this.name, 'sh', '-c', script]);
  }

  /** Index of a link. */
  async index(name: string): Promise<number> {
    const [index] = await this.ipr.linkLookup({ ifname: name });
    if (index === undefined) throw new Error(`there is no link ${name}`);
    return index;
  }

  async close(): Promise<void> {
    await this.ipr.close();
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}

let made = 0;

/** A namespace of this test's own with its loopback up, gone when the test ends, however it ends. */
export async function place(t: Test): Promise<Place> {
  const name = `witness-${process.pid}-${made++}`;
  execFileSync('ip', ['netns', 'add', name]);
  let found: Place | undefined;
  t.teardown(async () => {
    if (found === undefined) execFileSync('ip', ['netns', 'del', name]);
    else await found.close();
  });
  found = new Place(name);
  await found.ipr.link('set', { dev: 'lo', state: 'up' });
  return found;
}

/** Why this kernel cannot make links of a kind, or false. */
export async function without(p: Place, kind: string): Promise<false | string> {
  try {
    await p.ipr.link('add', { ifname: 'probe', kind, ...(kind === 'vxlan' && { vxlan: { id: 1, port: 1 } }) } as never);
    await p.ipr.link('del', { dev: 'probe' });
    return false;
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    // Another refusal comes from the kind: macvlan wants a lower link.
    return error.code === 'EOPNOTSUPP' && `this kernel has no ${kind}`;
  }
}

/** Names of links as `ip` knows them. */
export function namesOf(links: readonly Printed[]): Names {
  const byIndex = new Map(links.map((link) => [link.ifindex as number, link]));
  return {
    name: (index) => (byIndex.get(index)?.ifname as string | undefined) ?? `if${index}`,
    up: (index) => (byIndex.get(index)?.flags as string[] | undefined)?.includes('UP') ?? false,
    user: (uid) => users.get(uid) ?? String(uid),
    group: (gid) => groups.get(gid) ?? gid,
    ip: ipAtLeast,
  };
}

interface Pair<T extends object> {
  label: string;
  count: string;
  ours: T;
  later: T | undefined;
  theirs: Printed;
}

/** Compares pairs; resolves to how many there were. */
function judge<T extends object>(witness: Witness, pairs: readonly Pair<T>[], map: (o: T) => Mapped): number {
  for (const { count, ...pair } of pairs) witness.compare(count, { ...pair, map });
  return pairs.length;
}

/** All links of a namespace, of ours and of theirs; the numbers of both. */
export async function compareLinks(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  const ours = await p.ipr.getLinks();
  const theirs = p.ip('link');
  const later = new Map((await p.ipr.getLinks()).map((link) => [link.index, link]));
  t.same(
    ours.map(({ index }) => index),
    theirs.map(({ ifindex }) => ifindex),
    `${how}: the same links`,
  );
  const context = { ...namesOf(theirs), stats: 2 };
  const printed = new Map(theirs.map((link) => [link.ifindex, link]));
  const pairs = ours.map((link) => ({
    label: `${link.ifname}, ${how}`,
    count: `${link.linkinfo?.kind ?? 'loopback'}${link.linkinfo?.slaveKind === undefined ? '' : ` + ${link.linkinfo.slaveKind}_slave`}, ${how}`,
    ours: link,
    later: later.get(link.index),
    theirs: printed.get(link.index) ?? {},
  }));
  return judge(witness, pairs, (o) => linkToIp(o, context));
}

/** All addresses of a namespace. */
export async function compareAddrs(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  const ours = await p.ipr.getAddr();
  const printed = p
    .ip('addr')
    .flatMap((link) =>
      (link.addr_info as Printed[]).map((addr): Printed => ({ ...addr, index: link.ifindex as number })),
    );
  const later = await p.ipr.getAddr();
  // `ip` prints by link, the kernel by family.
  const id = (family: unknown, index: unknown, address: unknown, peer: unknown): string =>
    `${family} ${index} ${address} ${peer ?? ''}`;
  const words: Record<number, string> = { 2: 'inet', 10: 'inet6' };
  const ourId = (o: (typeof ours)[number]): string =>
    id(
      words[o.family],
      o.index,
      o.local ?? o.address,
      o.local === undefined || o.local === o.address ? undefined : o.address,
    );
  const theirs = new Map(printed.map((addr) => [id(addr.family, addr.index, addr.local, addr.address), addr]));
  const after = new Map(later.map((addr) => [ourId(addr), addr]));
  t.same(ours.map(ourId).sort(), [...theirs.keys()].sort(), `${how}: the same addresses`);
  const pairs = ours.map((addr) => ({
    label: `${ourId(addr)}, ${how}`,
    count: `${words[addr.family]}, ${how}`,
    ours: addr,
    later: after.get(ourId(addr)),
    theirs: theirs.get(ourId(addr)) ?? {},
  }));
  return judge(witness, pairs, (o) => addrToIp(o, { ip: ipAtLeast }));
}

/** Routes as we, `ip` and we again read them; once more while the kernel was adding its own in between. */
async function settled(p: Place, family: 'inet' | 'inet6'): Promise<[RouteRow[], Printed[], RouteRow[]]> {
  for (let tries = 0; ; tries++) {
    const ours = await p.ipr.getRoutes({ family });
    const theirs = p.ip(family === 'inet' ? '-4' : '-6', 'route', 'show', 'table', 'all');
    const later = await p.ipr.getRoutes({ family });
    if (ours.length === later.length || tries === 10) return [ours, theirs, later];
    await sleep(200);
  }
}

/** All routes of all tables of a namespace. */
export async function compareRoutes(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  const names = namesOf(p.ip('link'));
  let count = 0;
  for (const family of ['inet', 'inet6'] as const) {
    const [ours, theirs, later] = await settled(p, family);
    t.equal(ours.length, theirs.length, `${how}: the same number of ${family} routes`);
    // A dump has an order of its own, the same for both.
    const pairs = ours.map((route, i) => ({
      label: `${route.dst} table ${route.table}, ${how}`,
      count: `${family}, ${how}`,
      ours: route,
      later: later[i],
      theirs: { ...theirs[i], family } as Printed,
    }));
    count += judge(witness, pairs, (o) => routeToIp(o, names));
  }
  return count;
}

/** The last test of a file: what was compared, and that every exception was needed. */
export function verdict(t: Test, witness: Witness, complete: boolean): void {
  t.same(witness.problems(), [], 'ip and ours say the same');
  // What could not be made cannot need an exception.
  if (complete) t.same(witness.unneeded(), [], 'every exception is needed');
  for (const line of witness.figures()) t.comment(`figure: ${line}`);
}
