/** Recorded multicast groups of bridges and VXLANs: decoded strictly, compared with `bridge`'s reading, written back. */
import t from 'tap';
import { mdbRouterPorts, mdbRows } from '../../src/iproute/mdb.js';
import { mdbmsg } from '../../src/rtnl/mdbmsg.js';
import { lines, type Shape } from '../rtnl/tlv.js';
import { type Json, Witness } from '../witness/compare.js';
import { mdbToIp, printedTimes, routerPortToIp } from '../witness/map-mdb.js';
import { NamesFromWitness } from '../witness/names.js';
import { area, leftovers, payload, side, writtenBack } from './area.js';

const all = area('mdb');
/** struct br_mdb_entry, and a nest of sources. */
const ENTRY: Shape = { header: 28, nests: { 2: { nests: { 1: {} } } } };
const asked = (data: Buffer): boolean => data.length === 28;
/** A port with its timers is longer than the source of a request. */
const isRouter = (data: Buffer): boolean => data.readUInt16LE(2) % 0x4000 === 1 && data.readUInt16LE(0) > 4 + 16;
const SHAPE: Shape = {
  header: 8,
  same: {
    // The same number for the answer's groups and for the group of a request.
    1: (data) =>
      asked(data) ? data.toString('hex') : lines(data, { nests: { 1: { nests: { 1: ENTRY } } } }).join(' '),
    2: (data) =>
      lines(data, isRouter(data) ? { nests: { 1: { header: 4 } } } : { nests: { 2: { nests: { 1: {} } } } }).join(' '),
  },
};

interface Printed {
  mdb: Record<string, Json>[];
  router: Record<string, Record<string, Json>[]>;
}

t.test('groups', async (t) => {
  const witness = new Witness('mdb', 'golden');
  const names = new NamesFromWitness();
  for (const row of all) {
    const o = mdbmsg.decode(payload(row), { strict: true });
    t.same(leftovers(o), [], row.name);
    if (row.witness === null) continue;
    const theirs = row.witness as unknown as Printed;
    const ours = mdbRows(o);
    t.equal(ours.length, theirs.mdb.length, `${row.name}: as many entries`);
    for (const [i, entry] of ours.entries()) {
      const printed = theirs.mdb[i]!;
      names.learn(row.scene, [entry.ifindex, printed.dev], [entry.port, printed.port], [entry.via, printed.via]);
      witness.compare(side(row), {
        label: row.name,
        ours: entry,
        theirs: printedTimes(printed),
        map: (o) => mdbToIp(o, names.of(row.scene)),
      });
    }
    const ports = mdbRouterPorts(o);
    const printed = Object.values(theirs.router).flat();
    t.equal(ports.length, printed.length, `${row.name}: as many router ports`);
    for (const [i, port] of ports.entries()) {
      names.learn(row.scene, [port.port, printed[i]!.port]);
      witness.compare('router ports', {
        label: row.name,
        ours: port,
        theirs: printedTimes(printed[i]!),
        map: (o) => routerPortToIp(o, names.of(row.scene)),
      });
    }
  }
  t.same(witness.problems(), []);
  t.same(witness.unneeded(), [], 'every exception is needed');
  for (const line of witness.figures()) t.comment(`figure: ${line}`);
});

t.test('written back: the same header and the same attributes', async (t) => {
  const { bad, count } = writtenBack(mdbmsg, all, SHAPE);
  t.same(bad, []);
  t.ok(count > 70, `${count} messages written back`);
});

t.test('requests are told from answers', async (t) => {
  for (const row of all) {
    if (row.direction !== 'request' || payload(row).length < 16) continue;
    const o = mdbmsg.decode(payload(row), { strict: true });
    t.ok(o.entry !== undefined && o.mdb === undefined, row.name);
  }
});
