/** Compares the tests a lane skipped with the committed list: an unlisted skip fails, and so does a listed test that ran. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const listed = JSON.parse(readFileSync(join(root, 'test/skips.json'), 'utf8'));

/** Rows for a lane: `live` holds for live-node20, live-node22 and so on. */
export function expectedSkips(...lanes) {
  return Object.assign({}, ...lanes.flatMap((lane) => [listed[lane.replace(/-node\d+$/, '')], listed[lane]]));
}

/** Failed tests that a difference between list and run amounts to. Files that did not run are not judged. */
export function judgeSkips(tests, expected, ran) {
  const failures = [];
  const key = (t) => `${t.file} > ${t.name}`;
  const skipped = new Set(tests.filter((t) => t.status === 'skipped').map(key));
  for (const t of tests) {
    if (t.status === 'skipped' && !Object.hasOwn(expected, key(t))) {
      const detail = `skipped (${t.reason}), but test/skips.json does not list it for this lane`;
      failures.push({ file: t.file, name: t.name, status: 'failed', detail });
    }
  }
  for (const k of Object.keys(expected)) {
    const [file, ...name] = k.split(' > ');
    if (!ran.includes(file) || skipped.has(k)) continue;
    failures.push({
      file,
      name: name.join(' > '),
      status: 'failed',
      detail: 'test/skips.json lists it as skipped, but it ran or is gone',
    });
  }
  return failures;
}
