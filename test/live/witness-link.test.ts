/** Links made by us and read by `ip`, made by `ip` and read by us, changed by us, deleted by either. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import t from 'tap';
import { NetlinkError } from 'tsroute2';
import { kernelAtLeast, Witness } from '../witness/compare.js';
import type { LinkSet, Step } from '../witness/link-set.js';
import { linkSets } from '../witness/link-sets.js';
import { compareLinks, ipAtLeast, type Place, place, verdict, without } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('link', 'live');
const skipped: string[] = [];

/** Whether the bridges of this kernel filter VLANs. */
async function filtersVlans(p: Place): Promise<boolean> {
  const { object } = await p.ipr.link('add', { ifname: 'probe', kind: 'bridge' });
  await p.ipr.link('del', { dev: 'probe' });
  return object?.linkinfo?.bridge?.vlanProtocol !== undefined;
}

function opensTun(): boolean {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function obstacle(p: Place, set: LinkSet): Promise<false | string> {
  if (set.needs !== undefined && !kernelAtLeast(set.needs)) return `kernel ${set.needs} is needed`;
  if (set.needs !== undefined && !ipAtLeast(set.needs)) return `iproute2 ${set.needs} is needed`;
  const stock = process.env.TSROUTE2_VM !== undefined;
  if (stock && set.modules !== undefined) execFileSync('modprobe', ['-a', ...set.modules]);
  for (const kind of set.kinds) {
    const why = await without(p, kind);
    // Stock kernels have all of them: there nothing may be passed over.
    if (why !== false && stock) throw new Error(why);
    if (why !== false) return why;
  }
  if (set.name === 'tun' && !opensTun()) return 'there is no /dev/net/tun to be opened';
  if (set.name === 'bridge with VLANs' && !(await filtersVlans(p)))
    return 'the bridges of this kernel do not filter VLANs';
  return false;
}

/** A bond looks at its ports now and then: one that has just come up cannot be the active one yet. */
async function change(p: Place, cmd: Step[0], spec: Step[1]): Promise<void> {
  for (let tries = 100; ; tries--) {
    try {
      await p.ipr.link(cmd, spec as never);
      return;
    } catch (error) {
      const early = error instanceof NetlinkError && error.attribute === 'linkinfo.bond.activeSlave';
      if (!early || tries === 0) throw error;
    }
    await sleep(100);
  }
}

// One after the other: names are looked up before a batch is sent.
async function run(p: Place, steps: readonly Step[]): Promise<void> {
  for (const [cmd, spec] of steps) {
    try {
      await change(p, cmd, spec);
    } catch (error) {
      throw new Error(`${cmd} ${inspect(spec, { depth: null })}: ${error}`);
    }
  }
}

for (const set of linkSets) {
  t.test(set.name, async (t) => {
    const p = await place(t);
    const why = await obstacle(p, set);
    if (why !== false) {
      skipped.push(set.name);
      t.pass(set.name, { skip: why });
      return;
    }
    let count = 0;
    for (const how of set.ours.length > 0 ? ['made by us', 'made by ip'] : ['made by ip']) {
      const q = await place(t);
      // Modules of tunnels put a link of their own into every namespace.
      const there = (await q.ipr.getLinks()).map(({ ifname }) => ifname);
      if (how === 'made by us') await run(q, set.ours);
      else if (set.apart) for (const line of set.ip) q.batch([line]);
      else q.batch(set.ip);
      count += await compareLinks(t, q, witness, how);
      if (how === (set.ours.length > 0 ? 'made by us' : 'made by ip')) {
        await run(q, set.changes);
        count += await compareLinks(t, q, witness, 'changed by us');
      }
      await gone(q, how === 'made by us' ? 'ip' : 'us', there);
      t.same(
        q.ip('link').map(({ ifname }) => ifname),
        there,
        `${how}: gone for ip`,
      );
      t.same(
        (await q.ipr.getLinks()).map(({ ifname }) => ifname),
        there,
        `${how}: gone for us`,
      );
    }
    t.ok(count > 2, `${count} links compared`);
  });
}

/** Deletes every link that was made: by `ip` what we made, and the other way round. */
async function gone(p: Place, by: 'ip' | 'us', there: readonly (string | undefined)[]): Promise<void> {
  const links = (await p.ipr.getLinks()).filter(({ ifname }) => !there.includes(ifname));
  // The second of a veth pair goes with the first, and what is on top of a link goes with it.
  if (by === 'ip') {
    try {
      p.batch(
        links.map(({ ifname }) => `link del ${ifname}`),
        '-force',
      );
    } catch (error) {
      const other = String(error)
        .split('\n')
        .filter((line) => line !== '' && !/Cannot find device|Command failed -:/.test(line));
      if (other.length > 0) throw error;
    }
    return;
  }
  const batch = p.ipr.batch();
  for (const { index } of links) batch.link('del', { index });
  const { results } = await batch.commit({ partial: true });
  for (const { error } of results) if (error !== null && (error as { code?: string }).code !== 'ENODEV') throw error;
}

t.test('a peer in another namespace', async (t) => {
  const [near, far] = [await place(t), await place(t)];
  await near.ipr.link('add', { ifname: 'e0', kind: 'veth', peer: { ifname: 'e1', netns: far.path } });
  near.batch([`link add e2 type veth peer name e3 netns ${far.name}`]);
  for (const p of [near, far]) await compareLinks(t, p, witness, 'across namespaces');
});

t.test('every key is the same', async (t) => verdict(t, witness, skipped.length === 0));
