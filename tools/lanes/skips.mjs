/** Compares the tests a lane skipped with the committed list: an unlisted skip fails, and so does a listed test that ran. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { atLeast } from './capabilities.mjs';
import { rescued } from './rescue.mjs';
import { root } from './run.mjs';

const listed = JSON.parse(readFileSync(join(root, 'test/skips.json'), 'utf8'));

const needsOf = (why) => [why.needs ?? []].flat();

/** Everything that rows for these lanes need. */
export function allNeeds(lanes, list = listed) {
  return [...new Set(lanes.flatMap((lane) => Object.values(list[lane] ?? {}).flatMap(needsOf)))];
}

/**
 * Rows for a lane: `live` holds for live-node20, live-node22 and so on. A row is `"test": "reason"`, or
 * `"test": { "reason": "...", ... }` with
 *   needs: "kind vlan"      or several: skipped where one of them is missing (capabilities.mjs), and nowhere else
 *   kernelBelow: "6.15"     newer kernels must run it
 *   optional: true          nobody can tell beforehand: the test may run as well
 * `kernel` is the one that ran the tests, `lacks` what of all needs it lacks. Resolves tests to
 * `{ optional, missing }`: whether they may run, and why they do not.
 */
export function expectedSkips(lanes, { kernel = release(), lacks = [] } = {}, list = listed) {
  const expected = new Map();
  for (const [test, why] of lanes.flatMap((lane) => Object.entries(list[lane] ?? {}))) {
    const missing = needsOf(why).filter((need) => lacks.includes(need));
    if (why.kernelBelow) {
      if (atLeast(kernel, why.kernelBelow)) continue;
      missing.push(`kernel ${why.kernelBelow}`);
    } else if (why.needs !== undefined && missing.length === 0) continue;
    expected.set(test, { optional: why.optional === true, missing: missing.join(', ') });
  }
  return expected;
}

const key = (t) => `${t.file} > ${t.name}`;

/** Failed tests that a difference between list and run amounts to. Skipped tests are told what they lacked. */
export function judgeSkips(tests, expected, list = listed) {
  const failures = [];
  const skipped = new Set(tests.filter((t) => t.status === 'skipped').map(key));
  for (const t of tests.filter((t) => t.status === 'skipped')) {
    const row = expected.get(key(t));
    if (row) {
      t.missing = row.missing;
      continue;
    }
    const needs = needsOf(Object.values(list).find((rows) => key(t) in rows)?.[key(t)] ?? {});
    const why =
      needs.length > 0 ? `but there is ${needs.join(', ')} here` : 'but test/skips.json does not list it here';
    failures.push({ file: t.file, name: t.name, status: 'failed', detail: `skipped (${t.reason}), ${why}` });
  }
  for (const [k, { optional, missing }] of expected) {
    if (optional || skipped.has(k)) continue;
    const [file, ...name] = k.split(' > ');
    const why = missing === '' ? '' : ` for lack of ${missing}`;
    const detail = `test/skips.json lists it as skipped${why}, but it ran or is gone`;
    failures.push({ file, name: name.join(' > '), status: 'failed', detail });
  }
  return failures;
}

/**
 * Tests that every lane skipped, as a lane of its own (none when all is well): a test that ran on no kernel shows
 * nothing. Where no stock kernel can be started at all (another processor) only those of this machine are there, and
 * nothing is said. A machine without rtnetlink has emulated processors only.
 */
export function ranNowhere(results, { stock = process.platform === 'linux' && process.arch === 'x64' } = {}) {
  const machines = results.filter((r) => /^vm-\d/.test(r.lane));
  if (!stock && machines.every((r) => r.obstacle)) return [];
  const all = results.flatMap((r) => r.tests);
  const ran = new Set(all.filter((t) => t.status !== 'skipped').map(key));
  const idle = new Map(all.filter((t) => t.status === 'skipped' && !ran.has(key(t))).map((t) => [key(t), t]));
  if (rescued) for (const [k, t] of idle) if (t.missing === 'real processor') idle.delete(k);
  if (idle.size === 0) return [];
  const without = machines.filter((r) => r.obstacle).map((r) => `\n${r.lane} did not run: ${r.obstacle}`);
  const detail = (t) => `ran on no kernel: ${t.missing || t.reason}${without.join('')}`;
  const tests = [...idle.values()].map((t) => ({ ...t, status: 'failed', detail: detail(t) }));
  return [{ lane: 'nowhere', what: 'tests that ran on no kernel', tests, ms: 0 }];
}
