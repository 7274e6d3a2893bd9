/** Recorded rules: decoded strictly, compared with iproute2's reading key by key, and written back. */
import t from 'tap';
import { Writer } from '../../src/codec/writer.js';
import { fibmsg } from '../../src/rtnl/fibmsg.js';
import { lines, type Shape } from '../rtnl/tlv.js';
import { type Json, Witness } from '../witness/compare.js';
import { ruleToIp } from '../witness/map-rule.js';
import { area, leftovers, payload, side } from './area.js';

const all = area('rules');
const SHAPE: Shape = { header: 12, strings: [3, 17] };

t.test('rules', async (t) => {
  const witness = new Witness('rule', 'golden');
  for (const row of all) {
    if (row.witness === null) continue;
    const ours = fibmsg.decode(payload(row), { strict: true });
    t.same(leftovers(ours), [], row.name);
    const family = ours.family === 10 ? 'inet6' : 'inet';
    witness.compare(`${family}, ${side(row)}`, {
      label: row.name,
      ours,
      theirs: { ...(row.witness as Record<string, Json>), family },
      map: (o) => ruleToIp(o, { deleted: row.type === 'RTM_DELRULE', newer: true }),
    });
  }
  t.same(witness.problems(), []);
  t.same(witness.unneeded(), [], 'every exception is needed');
  for (const line of witness.figures()) t.comment(`figure: ${line}`);
});

/** A table of eight bits is in the header and in an attribute: what both come to. */
function meaning(bytes: Buffer): string[] {
  const all = lines(bytes, SHAPE);
  const header = Buffer.from(all[0]!.slice('header='.length), 'hex');
  const wide = all.find((line) => line.startsWith('15='));
  const table = wide === undefined ? header[4]! : Buffer.from(wide.slice(3), 'hex').readUInt32LE();
  header[4] = 0;
  return [`header=${header.toString('hex')}`, `table=${table}`, ...all.slice(1).filter((line) => line !== wide)];
}

t.test('written back: the same header and the same attributes', async (t) => {
  const w = new Writer();
  const bad: unknown[] = [];
  let count = 0;
  for (const row of all) {
    const bytes = payload(row);
    // `ip` asks for dumps with headers shorter than the message's own.
    if (bytes.length < SHAPE.header!) continue;
    const again = Buffer.from(fibmsg.encode(w, fibmsg.decode(bytes, { strict: true })));
    const [before, after] = [meaning(bytes), meaning(again)];
    if (before.join('\n') !== after.join('\n')) bad.push({ name: row.name, before, after });
    count++;
  }
  t.same(bad, []);
  t.ok(count > 150, `${count} rules written back`);
});
