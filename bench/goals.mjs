/** What the figures should be. Ratios are of CPU time a row, ours to the limit of the same run. */

const ratio = (title, contestant, most) => ({
  goal: `${title}: ${contestant}`,
  most,
  unit: 'x',
  value: ({ of }) => of(title, contestant)?.ratio,
});
const absolute = (title, contestant, key, most, unit, what) => ({
  goal: `${title}: ${contestant}, ${what}`,
  most,
  unit,
  value: ({ of }) => of(title, contestant)?.[key],
});

export const GOALS = [
  ratio('100k routes, warm', 'ours', 2.3),
  ratio('1M routes, cold', 'ours', 2.3),
  absolute('1M routes, cold', 'ours', 'rss', 320, 'MB', 'peak'),
  ratio('100k routes, warm', 'ours, stream', 1.5),
  ratio('1M routes, cold', 'ours, stream', 1.5),
  absolute('1M routes, cold', 'ours, stream', 'rss', 100, 'MB', 'peak'),
  ratio('100k routes, warm', 'ours, columns', 1.3),
  ratio('1M routes, cold', 'ours, columns', 1.3),
  ...['ours', 'ours, stream', 'ours, columns'].map((contestant) => ({
    goal: `mixed routes to uniform ones: ${contestant}`,
    most: 1.4,
    unit: 'x',
    value: ({ of }) => {
      const mixed = of('100k mixed routes, warm', contestant)?.ratio;
      const uniform = of('100k routes, warm', contestant)?.ratio;
      return mixed === undefined || uniform === undefined ? undefined : mixed / uniform;
    },
  })),
  ...['100k routes, warm', '1M routes, cold'].map((title) => ({
    goal: `${title}: ours to Rust's rtnetlink`,
    most: 1,
    unit: 'x',
    // Where it takes part, see README.md.
    optional: true,
    value: ({ of }) => {
      const us = of(title, 'ours')?.ratio;
      const rust = of(title, 'Rust')?.ratio;
      return us === undefined || rust === undefined ? undefined : us / rust;
    },
  })),
  ratio('1k routes, warm', 'ours', 3),
  absolute('1k routes, cold', 'ours', 'cpuMs', 8, 'ms', 'CPU'),
  ratio('1001 links, warm', 'ours', 2),
  absolute('1001 links, cold', 'ours', 'cpuMs', 45, 'ms', 'CPU'),
  {
    goal: 'get a link by name: ours, p50',
    most: 2,
    unit: 'x',
    value: ({ of }) => {
      const us = of('get a link by name', 'ours')?.p50;
      const limit = of('get a link by name', 'C')?.p50;
      return us === undefined || limit === undefined ? undefined : us / limit;
    },
  },
  ...['add', 'del'].flatMap((verb) => [
    ratio(`${verb}-batch`, 'ours', 1.15),
    ratio(`${verb}-seq`, 'ours', 1.65),
    ratio(`${verb}-window`, 'ours', 1.65),
  ]),
  ratio('200k events, 4 MiB buffer', 'ours', 2),
  absolute('200k events, 4 MiB buffer', 'ours', 'lost', 0, '', 'not received'),
  absolute('200k events, default buffer', 'ours', 'missing', 0, '', 'neither received nor counted as dropped'),
  absolute('200k events, 4 MiB buffer', 'ours, filter', 'n', 0, '', 'unrelated events that came'),
  {
    goal: 'filtered to unfiltered events',
    most: 0.1,
    unit: 'x',
    value: ({ of }) => {
      const filtered = of('200k events, 4 MiB buffer', 'ours, filter')?.cpuMs;
      const all = of('200k events, 4 MiB buffer', 'ours')?.cpuMs;
      return filtered === undefined || all === undefined ? undefined : filtered / all;
    },
  },
  ...[
    ['wholeMs', 20, 'ms'],
    ['rss', 8, 'MB'],
  ].map(([key, most, unit]) => ({
    goal: `start to the first links: more than node alone, ${unit}`,
    most,
    unit,
    value: ({ of }) => {
      const us = of('start to the first links', 'ours')?.[key];
      const node = of('start to the first links', 'node alone')?.[key];
      return us === undefined || node === undefined ? undefined : us - node;
    },
  })),
  {
    goal: 'cost a route, 1k to 1M, largest to smallest',
    most: 1.3,
    unit: 'x',
    value: ({ of }) => {
      const each = ['1k', '10k', '100k', '1M'].map((size) => of(`${size} routes, warm`, 'ours')?.each);
      return each.includes(undefined) ? undefined : Math.max(...each) / Math.min(...each);
    },
  },
];

/** Each goal with what was reached: `met` is undefined where nothing was measured, unless that is `optional`. */
export function judge(runs) {
  return GOALS.flatMap(({ goal, most, unit, value, optional }) => {
    const values = runs.map((of) => value({ of })).filter((v) => v !== undefined);
    const reached = values.length === runs.length ? Math.max(...values) : undefined;
    if (optional && values.length === 0) return [];
    return { goal, most, unit, reached, met: reached === undefined ? undefined : reached <= most };
  });
}
