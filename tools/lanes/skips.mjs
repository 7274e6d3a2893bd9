/** Compares the tests a lane skipped with the committed list: an unlisted skip fails, and so does a listed test that ran. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { rescued } from './rescue.mjs';
import { root } from './run.mjs';

const listed = JSON.parse(readFileSync(join(root, 'test/skips.json'), 'utf8'));

/** Whether a kernel is older than `version` (`6.15`). */
function kernelBelow(kernel, version) {
  const [a, b] = kernel.split(/[.-]/).map(Number);
  const [c, d] = version.split('.').map(Number);
  return a < c || (a === c && b < d);
}

/**
 * Rows for a lane: `live` holds for live-node20, live-node22 and so on. A row is `"test": "reason"`, or
 * `"test": { "reason": "...", "kernelBelow": "6.15" }` when newer kernels must run it. `kernel` is the one that ran the tests.
 * With `"optional": true` it depends on the machine: the test may run as well. Resolves to tests, and whether they may.
 */
export function expectedSkips(lanes, kernel = release()) {
  const rows = lanes.flatMap((lane) => Object.entries(listed[lane] ?? {}));
  return new Map(
    rows
      .filter(([, why]) => !why.kernelBelow || kernelBelow(kernel, why.kernelBelow))
      .map(([test, why]) => [test, why.optional === true]),
  );
}

/** Failed tests that a difference between list and run amounts to. */
export function judgeSkips(tests, expected) {
  const failures = [];
  const key = (t) => `${t.file} > ${t.name}`;
  const skipped = new Set(tests.filter((t) => t.status === 'skipped').map(key));
  for (const t of tests) {
    if (t.status === 'skipped' && !expected.has(key(t))) {
      const detail = `skipped (${t.reason}), but test/skips.json does not list it for this lane`;
      failures.push({ file: t.file, name: t.name, status: 'failed', detail });
    }
  }
  for (const [k, optional] of expected) {
    const [file, ...name] = k.split(' > ');
    if (optional || skipped.has(k)) continue;
    failures.push({
      file,
      name: name.join(' > '),
      status: 'failed',
      detail: 'test/skips.json lists it as skipped, but it ran or is gone',
    });
  }
  return failures;
}

/**
 * Tests that every lane skipped, as a lane of its own (none when all is well): when stock kernels were there to run
 * them, a test that ran on none of them shows nothing. A machine without rtnetlink has only those, so what needs a
 * machine of its own (`optional`) may be idle there.
 */
export function ranNowhere(results) {
  if (!results.some((r) => r.lane.startsWith('vm-') && !r.obstacle)) return [];
  const key = (t) => `${t.file} > ${t.name}`;
  const all = results.flatMap((r) => r.tests);
  const ran = new Set(all.filter((t) => t.status !== 'skipped').map(key));
  const may = new Set(Object.values(listed).flatMap((rows) => Object.keys(rows).filter((k) => rows[k].optional)));
  const idle = new Map(all.filter((t) => t.status === 'skipped' && !ran.has(key(t))).map((t) => [key(t), t]));
  if (rescued) for (const k of may) idle.delete(k);
  if (idle.size === 0) return [];
  const tests = [...idle.values()].map((t) => ({ ...t, status: 'failed', detail: `skipped everywhere: ${t.reason}` }));
  return [{ lane: 'nowhere', what: 'tests that every lane skipped', tests, ms: 0 }];
}
