/** Routes with encapsulations: made by us and read by `ip`, made by `ip` and read by us, changed by us, deleted by either. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { NetlinkError, type RouteSpec } from 'tsroute2';
import { kernelAtLeast, Witness } from '../witness/compare.js';
import { type EncapSet, encapSets } from '../witness/encap-sets.js';
import { compareRoutes, type Place, place, verdict } from '../witness/live.js';

// A guest without KVM is slow.
t.setTimeout(600_000);

const witness = new Witness('encap', 'live');
const skipped: string[] = [];
const stock = process.env.TSROUTE2_VM !== undefined;

async function prepare(p: Place, set: EncapSet): Promise<void> {
  p.batch([
    'link add e0 type veth peer name e1',
    'link set e0 up',
    'link set e1 up',
    'addr add 10.0.0.1/24 dev e0',
    'addr add 2001:db8::1/64 dev e0 nodad',
    ...(set.links ?? []),
  ]);
  for (const line of set.sysctl ?? []) execFileSync('ip', ['netns', 'exec', p.name, 'sysctl', '-qw', line]);
}

const isSix = (words: string): boolean => words.startsWith('-6 ');
/** The destination of route `i`. */
const dstOf = (words: string, i: number): string => (isSix(words) ? `2001:db8:${i + 256}::1/128` : `10.9.${i}.0/24`);

async function obstacle(p: Place, set: EncapSet): Promise<false | string> {
  if (set.guestOnly && !stock) return 'only in the virtual machine';
  if (set.needs !== undefined && !kernelAtLeast(set.needs)) return `kernel ${set.needs} is needed`;
  if (stock && set.modules !== undefined) execFileSync('modprobe', ['-a', ...set.modules]);
  const [[spec, words]] = set.routes as [EncapSet['routes'][number]];
  try {
    await prepare(p, set);
    await p.ipr.route('add', { ...spec, dst: dstOf(words, 0) });
    return false;
  } catch (error) {
    // Stock kernels have all of them: there nothing may be passed over.
    if (stock) throw error;
    if (error instanceof NetlinkError && error.code === 'EOPNOTSUPP') return `this kernel has no ${set.name}`;
    // What the routes stand on is missing.
    if (/Unknown device type|No such file or directory/.test(String(error))) return `this kernel has no ${set.name}`;
    throw error;
  }
}

async function run(p: Place, cmd: 'add' | 'replace', specs: readonly RouteSpec[]): Promise<void> {
  const batch = p.ipr.batch();
  for (const spec of specs) batch.route(cmd, spec);
  const { results } = await batch.commit({ partial: true, acks: 'each' });
  const refused = results.flatMap(({ error }, i) => (error === null ? [] : [`${specs[i]?.dst}: ${error}`]));
  if (refused.length > 0) throw new Error(refused.join('\n'));
}

for (const set of encapSets) {
  t.test(set.name, async (t) => {
    const why = await obstacle(await place(t), set);
    if (why !== false) {
      skipped.push(set.name);
      t.pass(set.name, { skip: why });
      return;
    }
    const ours = set.routes.map(([spec, words], i): RouteSpec => ({ ...spec, dst: dstOf(words, i) }));
    for (const how of ['made by us', 'made by ip'] as const) {
      const p = await place(t);
      await prepare(p, set);
      if (how === 'made by us') await run(p, 'add', ours);
      else
        for (const six of [false, true]) {
          const lines = set.routes.flatMap(([, words], i) =>
            isSix(words) === six ? [`route add ${words.replace(/^-6 /, '').replace('DST', dstOf(words, i))}`] : [],
          );
          p.batch(lines, six ? '-6' : '-4');
        }
      const count = await compareRoutes(t, p, witness, how);
      t.ok(count >= set.routes.length, `${how}: ${count} routes compared`);
      const read = (await p.ipr.getRoutes()).filter(({ encapType }) => encapType !== undefined);
      const hops = set.routes.filter(([spec]) => spec.multipath !== undefined).length;
      t.equal(read.length, set.routes.length - hops, `${how}: all have an encapsulation`);
      if (how === 'made by us') {
        await run(
          p,
          'replace',
          set.changes.map((spec, i) => ({ ...spec, dst: ours[i]!.dst })),
        );
        await compareRoutes(t, p, witness, 'changed by us');
        for (const { dst } of ours) p.batch([`route del ${dst}`], dst.includes(':') ? '-6' : '-4');
      } else {
        const batch = p.ipr.batch();
        for (const { dst } of ours) batch.route('del', { dst });
        await batch.commit();
      }
      const left = (await p.ipr.getRoutes()).filter(({ dst }) => ours.some((route) => route.dst === dst));
      t.same(left, [], `${how}: gone`);
    }
  });
}

t.test('every key is the same', async (t) => verdict(t, witness, skipped.length === 0));
