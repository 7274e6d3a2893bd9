/** The fake kernel answers and announces what the real one did, byte for byte, for every recorded exchange. */
import t from 'tap';
import { used, volatile } from './compare.js';
import { replay, scenes } from './replay.js';

const all = scenes();
const rows = all.flatMap((scene) => scene.rows);

for (const { scene, rows } of all) {
  t.test(scene, async (t) => {
    const wrong = new Map(replay(rows).map(({ row, lines }) => [row, lines]));
    for (const row of rows) t.same(wrong.get(row) ?? [], [], `${row.name}: ${row.command}`);
  });
}

t.test('there are at least 200 exchanges, and 60 of them are refusals', async (t) => {
  const errno = (hex: string): number => {
    const m = Buffer.from(hex, 'hex');
    return m.readUInt16LE(4) === 2 ? m.readInt32LE(16) : 0;
  };
  const refused = rows.filter(({ replies }) => replies.some((hex) => errno(hex) !== 0));
  const distinct = new Set(rows.map(({ request }) => request.slice(0, 16) + request.slice(24))).size;
  t.ok(distinct >= 200, `${distinct} different requests`);
  t.ok(refused.length >= 60, `${refused.length} refusals`);
  t.equal(new Set(rows.map(({ name }) => name)).size <= rows.length, true);
  t.comment(`figure: ${rows.length} exchanges, ${refused.length} refused, ${distinct} different requests`);
});

t.test('each row says which kernel answered whose command', async (t) => {
  for (const { name, source, by, command } of rows) {
    t.match(source, /^Linux \d+\.\d+$/, name);
    t.match(by, /^(tsroute2|iproute2 [\d.]+)$/, name);
    t.ok(command !== '', name);
  }
});

t.test('every entry of the list of what differs is needed', async (t) => {
  for (const entry of [...volatile.fields, ...volatile.leftOut, ...volatile.unordered])
    t.ok(used.has(entry), JSON.stringify(entry));
});
