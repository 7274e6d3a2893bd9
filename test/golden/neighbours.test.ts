/** Recorded neighbours, forwarding entries and identifiers of tunnels: compared with iproute2's reading, and written back. */
import t from 'tap';
import { ndmsg } from '../../src/rtnl/ndmsg.js';
import { tunnelmsg } from '../../src/rtnl/tunnelmsg.js';
import type { Shape } from '../rtnl/tlv.js';
import { type Json, Witness } from '../witness/compare.js';
import { fdbToIp, neighToIp, vniToIp } from '../witness/map-neigh.js';
import { NamesFromWitness } from '../witness/names.js';
import { area, leftovers, payload, side, writtenBack } from './area.js';

const all = area('neighbours');
const NEIGH: Shape = { header: 12 };
const TUNNEL: Shape = { header: 8, nests: { 1: { nests: { 5: { pads: [9] } } } } };
const BRIDGE = 7;

t.test('neighbours, forwarding entries, identifiers', async (t) => {
  const neighbours = new Witness('neigh', 'golden');
  const entries = new Witness('fdb', 'golden');
  const identifiers = new Witness('vni', 'golden');
  const names = new NamesFromWitness();
  for (const row of all) {
    if (row.witness === null) continue;
    const theirs = row.witness as Record<string, Json>;
    const count = side(row);
    const { name: label, scene } = row;
    const deleted = row.type.startsWith('RTM_DEL');
    if (row.type in tunnelmsg.types) {
      const ours = tunnelmsg.decode(payload(row), { strict: true });
      t.same(leftovers(ours), [], label);
      names.learn(scene, [ours.ifindex, theirs.ifname]);
      identifiers.compare(count, { label, ours, theirs, map: (o) => vniToIp(o, names.of(scene)) });
      continue;
    }
    const ours = ndmsg.decode(payload(row), { strict: true });
    t.same(leftovers(ours), [], label);
    names.learn(
      scene,
      [ours.ifindex, theirs.dev ?? theirs.ifname],
      [ours.via, theirs.viaIf],
      [ours.master, theirs.master],
    );
    const context = { ...names.of(scene), deleted };
    if (ours.family === BRIDGE) entries.compare(count, { label, ours, theirs, map: (o) => fdbToIp(o, context) });
    else neighbours.compare(count, { label, ours, theirs, map: (o) => neighToIp(o, context) });
  }
  for (const one of [neighbours, entries, identifiers]) {
    t.same(one.problems(), []);
    t.same(one.unneeded(), [], 'every exception is needed');
    for (const line of one.figures()) t.comment(`figure: ${line}`);
  }
});

t.test('written back: the same header and the same attributes', async (t) => {
  const neighbours = writtenBack(ndmsg, all, NEIGH);
  t.same(neighbours.bad, []);
  const tunnels = writtenBack(tunnelmsg, all, TUNNEL);
  t.same(tunnels.bad, []);
  t.ok(neighbours.count > 150 && tunnels.count > 15, `${neighbours.count} and ${tunnels.count} written back`);
});
