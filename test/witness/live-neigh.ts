/** Neighbours, forwarding entries, rules and tables of a test's own namespace, read by `ip` and `bridge` and by us. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Json, Mapped, Witness } from './compare.js';
import { namesOf, type Place } from './live.js';
import { fdbToIp, neighToIp, vniToIp } from './map-neigh.js';
import { ruleToIp } from './map-rule.js';

export type Printed = Record<string, Json>;

const [, major = '6', minor = '1'] =
  /iproute2-(\d+)\.(\d+)/.exec(execFileSync('ip', ['-V'], { encoding: 'utf8' })) ?? [];
/** Whether `ip` knows the properties of rules that came with Linux 6.13 to 6.15. */
const newer = Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 15);

/** What `bridge` prints in a namespace. */
export function bridge(p: Place, ...args: string[]): Printed[] {
  const text = execFileSync('bridge', ['-n', p.name, '-j', '-d', '-s', ...args], { encoding: 'utf8' });
  return text.trim() === '' ? [] : (JSON.parse(text) as Printed[]);
}

/** Runs lines of `bridge -batch`. */
export function bridgeBatch(p: Place, lines: readonly string[]): void {
  execFileSync('bridge', ['-n', p.name, '-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: 'pipe' });
}

/** Ours, theirs and ours again, until the kernel added nothing of its own in between. */
async function settled<T>(read: () => Promise<T[]>, print: () => Printed[]): Promise<[T[], Printed[], T[]]> {
  for (let tries = 0; ; tries++) {
    const [ours, theirs, later] = [await read(), print(), await read()];
    if ((ours.length === theirs.length && ours.length === later.length) || tries === 10) return [ours, theirs, later];
    await sleep(200);
  }
}

/** Compares rows that have the same text in both lists. */
function pairs<T extends object>(
  t: Test,
  witness: Witness,
  how: string,
  [ours, theirs, later]: [T[], Printed[], T[]],
  map: (o: T) => Mapped,
  id: (printed: Printed) => string,
): number {
  const of = (o: T): string => id(map(o) as Printed);
  t.same(ours.map(of).sort(), theirs.map(id).sort(), `${how}: the same rows`);
  const printed = new Map(theirs.map((row) => [id(row), row]));
  const after = new Map(later.map((row) => [of(row), row]));
  for (const row of ours)
    witness.compare(how, {
      label: `${of(row)}, ${how}`,
      ours: row,
      later: after.get(of(row)),
      theirs: printed.get(of(row)) ?? {},
      map,
    });
  return ours.length;
}

/** All neighbours, proxies too. */
export async function compareNeighbours(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  const names = namesOf(p.ip('link'));
  const rows = async () => [...(await p.ipr.getNeighbours()), ...(await p.ipr.getNeighbours({ proxy: true }))];
  const print = () => [...p.ip('neigh', 'show', 'nud', 'all'), ...p.ip('neigh', 'show', 'proxy')];
  return pairs(
    t,
    witness,
    how,
    await settled(rows, print),
    (o) => neighToIp(o, names),
    (row) => `${row.dst} ${row.dev} ${'proxy' in row && row.proxy === null}`,
  );
}

/** All forwarding entries. */
export async function compareFdb(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  const names = namesOf(p.ip('link'));
  return pairs(
    t,
    witness,
    how,
    await settled(
      () => p.ipr.getFdb(),
      () => bridge(p, 'fdb', 'show'),
    ),
    (o) => fdbToIp(o, names),
    (row) =>
      [
        row.mac,
        row.ifname,
        row.vlan,
        row.dst,
        row.port,
        row.vni,
        row.src_vni,
        row.master,
        (row.flags as string[])[0],
      ].join(' '),
  );
}

/** The identifiers of all VXLAN links. */
export async function compareVnis(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  const names = namesOf(p.ip('link'));
  return pairs(
    t,
    witness,
    how,
    await settled(
      () => p.ipr.vni('dump', { stats: true }),
      () => bridge(p, 'vni', 'show'),
    ),
    (o) => vniToIp(o, names),
    (row) => String(row.ifname),
  );
}

/** All rules of both families. */
export async function compareRules(t: Test, p: Place, witness: Witness, how: string): Promise<number> {
  let count = 0;
  for (const family of ['inet', 'inet6'] as const) {
    const ours = await p.ipr.getRules({ family });
    const theirs = p.ip(family === 'inet' ? '-4' : '-6', 'rule', 'show');
    t.equal(ours.length, theirs.length, `${how}: the same number of ${family} rules`);
    for (const [i, row] of ours.entries())
      witness.compare(`${family}, ${how}`, {
        label: `${row.priority}, ${how}`,
        ours: row,
        theirs: { ...theirs[i], family },
        map: (o) => ruleToIp(o, { newer }),
      });
    count += ours.length;
  }
  return count;
}
