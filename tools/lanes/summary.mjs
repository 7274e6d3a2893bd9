/** What the test command prints: failures as they come, then figures, one table and the counting line. */

const WIDTH = 72;

/** Failed tests of one lane, with what is known about them. */
export function printFailures({ lane, tests }) {
  for (const t of tests.filter((x) => x.status === 'failed')) {
    console.log(`  not ok [${lane}] ${t.file} > ${t.name}`);
    for (const line of (t.detail ?? '').split('\n').slice(0, 40)) if (line.trim() !== '') console.log(`      ${line}`);
  }
}

function wrap(text, width) {
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Why tests of a lane were skipped: each reason once, with its count. */
function reasons({ tests, obstacle, note }) {
  if (obstacle) return [obstacle];
  const count = new Map();
  for (const t of tests.filter((x) => x.status === 'skipped')) {
    const why = t.missing ? `no ${t.missing}` : t.reason;
    count.set(why, (count.get(why) ?? 0) + 1);
  }
  const lines = [...count].map(([reason, n]) => (n === 1 ? reason : `${n} times: ${reason}`));
  return note ? [note, ...lines] : lines;
}

function row(cells, widths) {
  const right = (i) => i >= 2 && i <= 5;
  return cells
    .map((c, i) => (right(i) ? c.padStart(widths[i]) : c.padEnd(widths[i])))
    .join('  ')
    .trimEnd();
}

/** Lines that say which kernel ran which lanes, and what each of them could not run for lack of what. */
export function kernelLines(results) {
  const kernels = new Map();
  for (const r of results) {
    if (r.kernel === undefined || r.obstacle) continue;
    const name = r.iproute2 ? `${r.kernel}, iproute2 ${r.iproute2}` : r.kernel;
    const of = kernels.get(name) ?? { lanes: [], ran: 0, lacks: new Map() };
    kernels.set(name, of);
    of.lanes.push(r.lane);
    for (const t of r.tests) {
      if (t.status !== 'skipped') of.ran++;
      else {
        const lack = t.missing ? `no ${t.missing}` : t.reason;
        of.lacks.set(lack, (of.lacks.get(lack) ?? new Set()).add(`${t.file} > ${t.name}`));
      }
    }
  }
  return [...kernels].flatMap(([name, { lanes, ran, lacks }]) => [
    `  ${name}: ${ran} tests in ${lanes.join(', ')}`,
    ...[...lacks].map(([lack, tests]) => `    skipped, ${lack}: ${[...tests].join('; ')}`),
  ]);
}

/** Prints everything; returns whether nothing failed. */
export function printSummary(results) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const head = ['lane', 'what ran', 'passed', 'failed', 'skipped', 'seconds', 'skipped because'];
  const rows = [];
  const figures = [];
  for (const r of results) {
    const n = { passed: 0, failed: 0, skipped: r.obstacle ? 1 : 0 };
    for (const t of r.tests) n[t.status]++;
    for (const k of Object.keys(total)) total[k] += n[k];
    const why = reasons(r).flatMap((text) => wrap(text, WIDTH));
    const seconds = (r.ms / 1000).toFixed(1);
    rows.push([r.lane, r.what, String(n.passed), String(n.failed), String(n.skipped), seconds, why[0] ?? '']);
    for (const line of why.slice(1)) rows.push(['', '', '', '', '', '', line]);
    for (const f of r.figures ?? []) figures.push(`  [${r.lane}] ${f.name}: ${f.text}`);
  }
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)));
  if (figures.length > 0) console.log(`\nFigures\n${figures.join('\n')}`);
  const kernels = kernelLines(results);
  if (kernels.length > 0) console.log(`\nKernels\n${kernels.join('\n')}`);
  console.log(`\n${row(head, widths)}`);
  console.log(widths.map((w) => '-'.repeat(w)).join('  '));
  for (const r of rows) console.log(row(r, widths));
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0;
}
