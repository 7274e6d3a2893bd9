/** What is missing has a reason each, and a reason is for something that is missing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../tools/drift/facts.js';

const read = (file: string): unknown => JSON.parse(readFileSync(join(root, 'tools/drift', file), 'utf8'));

t.test('every set that is missing has a reason', async (t) => {
  const missing = Object.values(read('missing.json') as Record<string, Record<string, unknown>>).flatMap(Object.keys);
  const reasons = read('reasons.json') as Record<string, string[]>;
  t.same(Object.values(reasons).flat().sort(), [...new Set(missing)].sort());
  t.ok(Object.keys(reasons).every((reason) => reason.length > 20));
});
