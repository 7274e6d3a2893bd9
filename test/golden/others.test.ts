/** Recorded neighbour tables, netconf, labels and counters: compared with iproute2's reading, and written back. */
import t from 'tap';
import type { MessageDef, MessageExtras } from '../../src/codec/message.js';
import { ifaddrlblmsg } from '../../src/rtnl/ifaddrlblmsg.js';
import { ifstatsmsg, ifstatsreqmsg } from '../../src/rtnl/ifstatsmsg.js';
import { ndtmsg } from '../../src/rtnl/ndtmsg.js';
import { netconfmsg } from '../../src/rtnl/netconfmsg.js';
import type { Shape } from '../rtnl/tlv.js';
import { type Json, type Mapped, Witness } from '../witness/compare.js';
import { labelToIp, netconfToIp, ntableToIp } from '../witness/map-others.js';
import { NamesFromWitness } from '../witness/names.js';
import type { Names } from '../witness/words.js';
import { area, leftovers, payload, side, writtenBack } from './area.js';

const all = area('others');
const names = new NamesFromWitness();

type Theirs = Record<string, Json>;

function compared<O extends object>(
  object: string,
  def: MessageDef<O & MessageExtras>,
  index: (o: O) => number | undefined,
  map: (o: O, names: Names, deleted: boolean) => Mapped,
): void {
  t.test(object, async (t) => {
    const witness = new Witness(object, 'golden');
    for (const row of all.filter(({ type }) => type in def.types)) {
      const o = def.decode(payload(row), { strict: true });
      t.same(leftovers(o), [], row.name);
      if (row.witness === null) continue;
      const theirs = row.witness as Theirs;
      const name = theirs.dev ?? theirs.interface ?? theirs.ifname;
      names.learn(row.scene, [index(o), name]);
      const deleted = row.type.startsWith('RTM_DEL');
      witness.compare(side(row), {
        label: row.name,
        ours: o,
        theirs,
        map: (o) => map(o, names.of(row.scene), deleted),
      });
    }
    t.same(witness.problems(), []);
    t.same(witness.unneeded(), [], 'every exception is needed');
    for (const line of witness.figures()) t.comment(`figure: ${line}`);
  });
}

compared('ntable', ndtmsg, (o) => o.parms?.ifindex, ntableToIp);
compared('netconf', netconfmsg, (o) => o.ifindex, netconfToIp);
compared('addrlabel', ifaddrlblmsg, ({ index }) => index, labelToIp);

t.test('counters', async (t) => {
  const rows = all.filter(({ type }) => type === 'RTM_NEWSTATS');
  const groups = new Set<string>();
  for (const row of rows) {
    const o = ifstatsmsg.decode(payload(row), { strict: true });
    t.same(leftovers(o), [], row.name);
    for (const key of Object.keys(o)) groups.add(key);
    if (o.linkXstats?.bridge !== undefined) groups.add('bridge');
  }
  t.ok(rows.length >= 8, `${rows.length} rows`);
  for (const group of ['link64', 'linkXstats', 'linkXstatsSlave', 'linkOffloadXstats', 'bridge'])
    t.ok(groups.has(group), group);
});

t.test('written back: the same header and the same attributes', async (t) => {
  const bridge: Shape = { nests: { 1: { pads: [3] } } };
  const cases: [MessageDef<object & MessageExtras>, Shape, number][] = [
    [ndtmsg, { header: 4, strings: [1], pads: [9], nests: { 6: { pads: [18] } } }, 20],
    [netconfmsg, { header: 4 }, 15],
    [ifaddrlblmsg, { header: 12 }, 30],
    [ifstatsmsg, { header: 12, pads: [0], nests: { 2: bridge, 3: bridge, 4: { nests: { 2: {} } } } }, 8],
    [ifstatsreqmsg, { header: 12, nests: { 1: {} } }, 5],
  ];
  for (const [def, shape, least] of cases) {
    const { bad, count } = writtenBack(def, all, shape);
    t.same(bad, [], def.name);
    t.ok(count >= least, `${count} of ${def.name}`);
  }
});
