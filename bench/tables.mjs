/** Figures as tables of markdown. */

const fixed = (value, digits) => (value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits));

export function workloadTable({ title, limit, whole, contestants }) {
  const head = whole
    ? '| | whole process, ms | peak RSS, MB |\n|---|---|---|'
    : `| | rows | us CPU a row | CPU x ${limit} | wall ms | p50 us | peak RSS, MB | dropped | receive buffer |\n|---|---|---|---|---|---|---|---|---|`;
  const lines = contestants.map((c) =>
    whole
      ? `| ${c.name} | ${fixed(c.wholeMs, 1)} | ${fixed(c.rss, 1)} |`
      : `| ${c.name} | ${c.n} | ${fixed(c.each, 3)} | ${fixed(c.ratio, 2)} | ${fixed(c.wallMs, 2)} | ${fixed(c.p50, 1)} | ${fixed(c.rss, 1)} | ${fixed(c.dropped, 0)} | ${fixed(c.rcvbuf, 0)} |`,
  );
  return `\n### ${title}\n\n${head}\n${lines.join('\n')}`;
}

export function goalsTable(goals) {
  const lines = goals.map(
    ({ goal, most, unit, reached, met }) =>
      `| ${goal} | ${most} ${unit} | ${reached === undefined ? 'not measured' : `${fixed(reached, 2)} ${unit}`} | ${met === undefined ? '' : met ? 'met' : '**missed**'} |`,
  );
  return `\n### Goals\n\n| | at most | reached | |\n|---|---|---|---|\n${lines.join('\n')}`;
}
