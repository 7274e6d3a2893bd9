/** Recorded VLANs of bridges, by link messages and of the VLAN database: decoded strictly, compared, written back. */
import t from 'tap';
import { vlanFilterRow } from '../../src/iproute/vlan-filter.js';
import { vlanGlobalRows } from '../../src/iproute/vlan-global.js';
import { vlanRows } from '../../src/iproute/vlandb.js';
import { brvlandump, brvlanmsg } from '../../src/rtnl/brvlanmsg.js';
import { ifinfmsg } from '../../src/rtnl/ifinfmsg.js';
import type { Shape } from '../rtnl/tlv.js';
import { type Json, Witness } from '../witness/compare.js';
import {
  printedFlags,
  tunnelsOnly,
  tunnelsToIp,
  vlanGlobalToIp,
  vlansOnly,
  vlansToIp,
  vlanToIp,
} from '../witness/map-vlan.js';
import { NamesFromWitness } from '../witness/names.js';
import { area, leftovers, payload, writtenBack } from './area.js';

const all = area('vlans');
/** The iproute2 of the capture. */
const IPROUTE2 = '6.15.0';
interface Printed {
  ifname: string;
  vlans: Record<string, Json>[];
}

t.test('the VLAN database', async (t) => {
  const database = new Witness('vlandb', 'golden');
  const globals = new Witness('vlan global', 'golden');
  const names = new NamesFromWitness();
  for (const row of all) {
    if (!(row.type in brvlanmsg.types)) continue;
    const o = brvlanmsg.decode(payload(row), { strict: true });
    t.same(leftovers(o), [], row.name);
    // Of requests `bridge` prints settings that are not there.
    if (row.direction === 'request' || row.witness === null) continue;
    const printed = row.witness as unknown as Printed;
    names.learn(row.scene, [o.ifindex, printed.ifname]);
    const rows = vlanRows(o);
    const options = vlanGlobalRows(o);
    t.equal(rows.length + options.length, printed.vlans.length, `${row.name}: as many rows`);
    for (const [i, one] of rows.entries())
      database.compare(row.direction, {
        label: row.name,
        ours: one,
        theirs: printed.vlans[i]!,
        map: (o) => vlanToIp(o, { ...names.of(row.scene, IPROUTE2), stats: true }),
      });
    for (const [i, one] of options.entries())
      globals.compare(row.direction, {
        label: row.name,
        ours: one,
        theirs: printed.vlans[i]!,
        map: (o) => vlanGlobalToIp(o, names.of(row.scene, IPROUTE2)),
      });
  }
  for (const witness of [database, globals]) {
    t.same(witness.problems(), []);
    t.same(witness.unneeded(), [], 'every exception is needed');
    for (const line of witness.figures()) t.comment(`figure: ${line}`);
  }
});

t.test('VLANs in link messages', async (t) => {
  const witness = new Witness('vlan', 'golden');
  const names = new NamesFromWitness();
  for (const row of all) {
    if (!(row.type in ifinfmsg.types) || row.witness === null || row.direction === 'request') continue;
    const o = ifinfmsg.decode(payload(row), { strict: true });
    t.same(leftovers(o), [], row.name);
    const ours = vlanFilterRow(o);
    names.learn(row.scene, [o.index, o.ifname]);
    const of = names.of(row.scene);
    const [vlans, tunnels] = row.witness as unknown as [Printed | null, Record<string, Json> | null];
    t.equal(vlans !== null, ours.vlans.length > 0, row.name);
    t.equal(tunnels !== null, ours.tunnels.length > 0, row.name);
    if (vlans !== null)
      witness.compare('VLANs', {
        label: row.name,
        ours: vlansOnly(ours),
        theirs: printedFlags(vlans as unknown as Json),
        map: (o) => vlansToIp(o, of),
      });
    if (tunnels !== null)
      witness.compare('tunnels', {
        label: row.name,
        ours: tunnelsOnly(ours),
        theirs: tunnels,
        map: (o) => tunnelsToIp(o, of),
      });
  }
  t.same(witness.problems(), []);
  t.same(witness.unneeded(), [], 'every exception is needed');
  for (const line of witness.figures()) t.comment(`figure: ${line}`);
});

const ENTRY: Shape = { nests: { 4: {}, 5: { pads: [5] } } };
const OPTIONS: Shape = {
  pads: [9],
  nests: { 16: { nests: { 2: { nests: { 1: { header: 4 } } } } }, 17: { pads: [4] } },
};

t.test('written back: the same header and the same attributes', async (t) => {
  const rows = writtenBack(brvlanmsg, all, { header: 8, nests: { 1: ENTRY, 2: OPTIONS } });
  const dumps = writtenBack(brvlandump, all, { header: 8 });
  t.same([...rows.bad, ...dumps.bad], []);
  t.ok(rows.count > 40 && dumps.count > 1, `${rows.count} messages and ${dumps.count} requests written back`);
});
