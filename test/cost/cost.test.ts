/**
 * What hot loops cost in instructions, counted by valgrind: times say little on a machine that others use, instructions
 * are the same in every run. A loop is run N and 2 N times, and the difference is held against counts.json, which has
 * counts for one version of V8 and one processor. Other versions are skipped, loudly.
 *
 * TSROUTE2_COST=write node .build/test/cost/cost.test.js takes the counts of now as the right ones.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { counting } from './counting.js';

t.setTimeout(900_000);

const COUNTS = fileURLToPath(new URL('../../../test/cost/counts.json', import.meta.url));
/** How far a count may be from the committed one. */
const TOLERANCE = 0.02;

const key = `V8 ${process.versions.v8}, ${process.arch}`;
type Counts = Record<string, Record<string, number>>;
const rounded = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).map(([name, each]) => [name, Math.round(each * 10) / 10]));
const committed = JSON.parse(readFileSync(COUNTS, 'utf8')) as Counts;
const writing = process.env.TSROUTE2_COST === 'write';

const valgrind = (process.env.PATH ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(`${folder}/valgrind`, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

/** Instructions of one run of each loop: the difference of N and 2 N runs, by N. What is not the same twice is refused. */
async function count(folder: string): Promise<[name: string, each: number][]> {
  const printed = await new Promise<string>((resolve, reject) => {
    execFile('valgrind', counting(`${folder}/out`), { env: { PATH: process.env.PATH ?? '' } }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`valgrind: ${err.slice(-2000)}`, { cause: error }));
    });
  });
  const part = (i: number) => {
    const found = /^(?:totals|summary): (\d+)/m.exec(readFileSync(`${folder}/out.${i}`, 'utf8'))?.[1];
    if (found === undefined) throw new Error(`part ${i} has no sum`);
    return Number(found);
  };
  return printed
    .trim()
    .split('\n')
    .map((line, i) => {
      const [name = '', n = ''] = line.split(': ');
      // What ran before the loop, the loop N times, 2 N times.
      const [once, twice] = [part(3 * i + 2), part(3 * i + 3)];
      const each = (twice - once) / Number(n);
      if (Math.abs(once / Number(n) / each - 1) > TOLERANCE)
        throw new Error(
          `${name}: something else ran besides the loop: ${once} and ${twice} instructions for ${n} and twice`,
        );
      return [name, each];
    });
}

const skip = !valgrind
  ? 'valgrind is not installed'
  : committed[key] === undefined && !writing
    ? `no counts for ${key}: TSROUTE2_COST=write makes them`
    : false;

t.test('instructions of the hot loops are as committed', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-cost-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const counts = Object.fromEntries(await count(folder));
  if (writing) writeFileSync(COUNTS, `${JSON.stringify({ ...committed, [key]: rounded(counts) }, null, 2)}\n`);
  const right = writing ? counts : committed[key]!;
  t.same(Object.keys(counts), Object.keys(right));
  for (const [name, each] of Object.entries(counts)) {
    t.comment(`figure: ${name} ${each.toFixed(1)} instructions (committed: ${right[name]})`);
    t.ok(Math.abs(each / right[name]! - 1) <= TOLERANCE, `${name}: ${each} instructions, ${right[name]} are committed`);
  }
});
