/**
 * Every attribute that the library knows was taken by some live kernel from a request of ours, or is listed in
 * untaken.json with the reason. One that is listed and was taken is a failure as well.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readResults } from '../../tools/coverage/results.js';
import { root } from '../../tools/drift/facts.js';

interface Listed {
  reason: string;
  attributes: string[];
}

/** Known attributes by the page, which comes from the headers: ends of a name may be a `*` in the list. */
const known = [
  ...readFileSync(join(root, 'docs/coverage.md'), 'utf8').matchAll(/^\| `(\w+)` \| \S+ \| [^|]+\| yes/gm),
].map(([, name]) => name!);
const listed = JSON.parse(readFileSync(join(root, 'test/coverage/untaken.json'), 'utf8')) as Listed[];
const taken = new Set(
  readResults().flatMap(({ messages }) =>
    Object.values(messages).flatMap((marks) =>
      Object.entries(marks).flatMap(([name, mark]) => (mark.includes('a') ? [name] : [])),
    ),
  ),
);
const covers = (entry: string, name: string): boolean =>
  entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : entry === name;

t.test('each attribute was taken by a kernel, or says why not', async (t) => {
  const entries = listed.flatMap(({ attributes }) => attributes);
  const untaken = known.filter((name) => !taken.has(name));
  t.same(
    untaken.filter((name) => !entries.some((entry) => covers(entry, name))),
    [],
    'untaken, and not listed',
  );
  t.same(
    entries.filter((entry) => !untaken.some((name) => covers(entry, name))),
    [],
    'listed, and taken or unknown',
  );
  t.same(
    known.filter((name) => taken.has(name) && entries.some((entry) => covers(entry, name))),
    [],
    'listed by a star, and taken',
  );
  t.ok(listed.every(({ reason }) => reason.length > 20));
  t.comment(`figure: ${known.length} attributes known, ${known.length - untaken.length} taken by a kernel`);
});
