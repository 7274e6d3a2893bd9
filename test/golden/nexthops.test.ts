/** Recorded next hops and buckets: decoded strictly, compared with iproute2's reading key by key, and written back. */
import t from 'tap';
import { nhmsg } from '../../src/rtnl/nhmsg.js';
import type { Shape } from '../rtnl/tlv.js';
import { type Json, Witness } from '../witness/compare.js';
import { bucketToIp, nexthopToIp } from '../witness/map-nexthop.js';
import { NamesFromWitness } from '../witness/names.js';
import { area, leftovers, payload, side, writtenBack } from './area.js';

const all = area('nexthops');
const SHAPE: Shape = { header: 8, nests: { 12: { pads: [0] }, 13: { pads: [0] }, 15: { nests: { 1: {} } } } };

t.test('next hops and buckets', async (t) => {
  const hops = new Witness('nexthop', 'golden');
  const buckets = new Witness('bucket', 'golden');
  const names = new NamesFromWitness();
  for (const row of all) {
    if (row.witness === null) continue;
    const o = nhmsg.decode(payload(row), { strict: true });
    t.same(leftovers(o), [], row.name);
    const theirs = row.witness as Record<string, Json>;
    names.learn(row.scene, [o.oif, theirs.dev]);
    // Encapsulations are compared with routes.
    for (const [key, one] of [
      ['encap', o],
      ['encapType', o],
      ['encap', theirs],
    ] as const)
      delete one[key as never];
    const context = {
      ...names.of(row.scene),
      deleted: row.type === 'RTM_DELNEXTHOP',
      request: row.direction === 'request',
    };
    if (row.type.endsWith('BUCKET')) buckets.compare(side(row), { label: row.name, ours: o, theirs, map: bucketToIp });
    else hops.compare(side(row), { label: row.name, ours: o, theirs, map: (o) => nexthopToIp(o, context) });
  }
  for (const one of [hops, buckets]) {
    t.same(one.problems(), []);
    t.same(one.unneeded(), [], 'every exception is needed');
    for (const line of one.figures()) t.comment(`figure: ${line}`);
  }
});

t.test('written back: the same header and the same attributes', async (t) => {
  const { bad, count } = writtenBack(nhmsg, all, SHAPE);
  t.same(bad, []);
  t.ok(count > 100, `${count} next hops written back`);
});

t.test('the upper half of a weight counts where the kernel says that it clears it', async (t) => {
  const row = all.find(({ name }) => name === 'group: add group 1,257/2,65535/3,300 / reply');
  const bytes = payload(row!);
  const weights = (data: Buffer) => nhmsg.decode(data, { strict: true }).group?.map(({ weight }) => weight);
  t.same(weights(bytes), [257, 65535, 300]);
  // The same answer of a kernel that does not say so: NHA_OP_FLAGS is the last attribute.
  t.equal(bytes.readUInt16LE(bytes.length - 6), 14);
  t.same(weights(bytes.subarray(0, -8)), [1, 255, 44]);
});
