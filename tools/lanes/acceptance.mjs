/**
 * Holds test/acceptance.md and docs/parity.md against the results: every promised line needs a test that ran and passed
 * somewhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rescued } from './rescue.mjs';
import { root } from './run.mjs';

/** Rows `| line | tests | command | figure |`; tests are in backticks, `file > name` or `lane: name`. */
function rows() {
  const lines = readFileSync(join(root, 'test/acceptance.md'), 'utf8').split('\n');
  const cells = lines.map((l) => l.trim()).filter((l) => l.startsWith('|') && !/^\|[\s:|-]+\|$/.test(l));
  return cells.slice(1).map((l) => {
    const [line, tests, command] = l
      .slice(1, -1)
      .split('|')
      .map((c) => c.trim());
    return { line, command, tests: referencesIn(tests ?? '') };
  });
}

const referencesIn = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]);

/** Sections of docs/parity.md whose tables end in a column `Test`; rows in words only have no test to look for. */
function parity() {
  const sections = [];
  let title = '';
  let inside = false;
  for (const line of readFileSync(join(root, 'docs/parity.md'), 'utf8').split('\n')) {
    title = /^## (.+)$/.exec(line)?.[1] ?? title;
    if (!line.startsWith('|')) inside = false;
    else if (line.endsWith('| Test |')) {
      inside = true;
      sections.push({ line: title, tests: [] });
    } else if (inside) sections.at(-1).tests.push(...referencesIn(line.split('|').at(-2)));
  }
  return sections.map(({ line, tests }) => ({ line, tests: [...new Set(tests)] }));
}

/** Begins what is forgiven to a machine without rtnetlink, which has emulated processors only. */
const IDLE = 'skipped in every lane: ';

/** What is wrong with one reference, or null. */
function judge(reference, results) {
  const lane = /^lane: (.+)$/.exec(reference)?.[1];
  if (lane) {
    const found = results.filter((r) => r.lane === lane);
    if (found.length === 0) return `there is no lane ${lane}`;
    return found.some((r) => r.tests.some((t) => t.status === 'passed')) ? null : `no test of lane ${lane} passed`;
  }
  const seen = results
    .flatMap((r) => r.tests)
    .filter((t) => `${t.file} > ${t.name}` === reference || t.file === reference);
  if (seen.length === 0) return `${reference}: no lane has this test`;
  if (seen.every((t) => t.status === 'skipped')) return `${IDLE}${reference}`;
  return seen.some((t) => t.status === 'passed') ? null : `${reference}: ${seen[0].status} in every lane`;
}

export function acceptance(results) {
  const started = performance.now();
  const pages = [...rows().map((r) => ['test/acceptance.md', r]), ...parity().map((r) => ['docs/parity.md', r])];
  const tests = pages.map(([file, { line, tests: references }]) => {
    const problems =
      references.length === 0 ? ['no test is named'] : references.map((r) => judge(r, results)).filter(Boolean);
    const idle = rescued && problems.length > 0 && problems.every((p) => p.startsWith(IDLE));
    const status = problems.length === 0 ? 'passed' : idle ? 'skipped' : 'failed';
    return {
      file,
      name: line.replaceAll('`', ''),
      status,
      detail: problems.join('\n'),
      reason: problems[0],
    };
  });
  return {
    lane: 'acceptance',
    what: `${rows().length} rows of test/acceptance.md, ${parity().length} tables of docs/parity.md`,
    tests,
    ms: performance.now() - started,
  };
}
