/** What is measured: scenes (a network namespace each) with workloads, and who takes part in them. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
export const LIMIT = join(root, '.build/bench/limit');
const START = join(here, 'startup.cjs');

const VETH = [
  'link set lo up',
  'link add v0 type veth peer name v1',
  'link set v0 up',
  'link set v1 up',
  'addr add 10.255.0.1/16 dev v0',
];
const ENV = { IFACE: 'v0', GW: '10.255.0.2' };
/** Ours has 4 MiB unless told otherwise; the system's default is asked for as half of what it is: the kernel doubles. */
const DEFAULT_BUFFER = Math.ceil(Number(readFileSync('/proc/sys/net/core/rmem_default', 'utf8')) / 2);

const c = (name, ...args) => ({ name, command: [LIMIT, ...args] });
const ours = (workload, variant = '') => ({
  name: variant === '' ? 'ours' : `ours, ${variant}`,
  command: [process.execPath, join(here, 'contestant.js'), workload],
  env: variant === '' ? {} : { VARIANT: variant },
});
const python = (workload) => ({
  name: 'pyroute2',
  command: ['/usr/bin/python3', join(here, 'peers/pyroute2_peer.py'), workload],
  needs: 'pyroute2',
  rounds: 3,
});
const ip = (...args) => ({ name: 'ip -j', command: ['ip', '-j', '-d', ...args], measure: 'process' });

/** How often a process has read before: not at all, until most is compiled, long since. */
const temperature = (iter) => (iter === 1 ? 'cold' : iter < 100 ? 'warm' : 'hot');

/** Dumps of routes; `iter` of 1 is a new process, whose first call is measured. */
function routes(label, iter, more = {}, others = []) {
  return {
    title: `${label} routes, ${temperature(iter)}`,
    env: { ITER: iter, ...more },
    limit: 'C, receive only',
    contestants: [
      c('C, receive only', 'recv-routes'),
      c('C', 'decode-routes'),
      ours('dump-routes'),
      ours('dump-routes', 'stream'),
      ours('dump-routes', 'views'),
      ours('dump-routes', 'columns'),
      ...others,
    ],
    peer: 'dump-routes',
  };
}

const filled = (n) => [[LIMIT, 'add-batch', { N: n }]];

const write = (workload, others = []) => ({
  title: workload,
  env: { N: 100_000 },
  limit: 'C',
  contestants: [
    c('C', workload),
    ours(workload),
    ...(workload.endsWith('batch') ? [ours(workload, 'hot')] : []),
    ...others,
  ],
  peer: workload,
});

const events = (title, rcvbuf, contestants) => ({
  title: `200k events, ${title}`,
  env: rcvbuf === 0 ? {} : { RCVBUF: rcvbuf },
  limit: 'C',
  burst: [LIMIT, 'burst'],
  contestants,
});

export const SCENES = [
  ...[
    ['1k', 1000, 51],
    ['10k', 10_000, 11],
  ].map(([label, n, iter]) => ({
    name: `routes-${label}`,
    ip: VETH,
    fill: filled(n),
    check: true,
    workloads: [
      ...(n === 1000 ? [routes(label, 1, {}, [ip('route', 'show', 'table', 'all')])] : []),
      routes(label, iter, {}, n === 1000 ? [python('dump-routes')] : []),
      ...(n === 1000 ? [routes(label, 501)] : []),
    ],
  })),
  {
    name: 'routes-100k',
    ip: VETH,
    fill: filled(100_000),
    check: true,
    workloads: [routes('100k', 1, {}, [ip('route', 'show', 'table', 'all')]), routes('100k', 6)],
  },
  { name: 'routes-1m', ip: VETH, fill: filled(1_000_000), big: true, workloads: [routes('1M', 1), routes('1M', 3)] },
  {
    name: 'routes-mixed',
    ip: VETH,
    fill: [[LIMIT, 'mixed', { N: 100_000 }]],
    check: true,
    workloads: [routes('100k mixed', 6, { FAMILY: 0 })],
  },
  {
    name: 'links',
    ip: [
      'link set lo up',
      ...Array.from({ length: 500 }, (_, i) => [
        `link add p${i}a type veth peer name p${i}b`,
        `link set p${i}a up`,
        `link set p${i}b up`,
      ]).flat(),
    ],
    settle: 2500,
    check: true,
    workloads: [1, 11, 101].map((iter) => ({
      title: `1001 links, ${temperature(iter)}`,
      env: { ITER: iter },
      limit: 'C, receive only',
      contestants: [
        c('C, receive only', 'recv-links'),
        c('C', 'decode-links'),
        ours('dump-links'),
        ...(iter === 1 ? [ip('link')] : iter === 11 ? [python('dump-links')] : []),
      ],
      peer: 'dump-links',
    })),
  },
  {
    name: 'requests',
    ip: VETH,
    workloads: [
      {
        title: 'get a link by name',
        env: { N: 10_000 },
        limit: 'C',
        contestants: [c('C', 'get-link'), ours('get-link'), { ...python('get-link'), env: { N: 1000 } }],
        peer: 'get-link',
      },
      {
        title: 'start to the first links',
        env: { ITER: 1 },
        limit: 'node alone',
        // Each is short, and varies.
        repeat: 3,
        whole: true,
        contestants: [
          { name: 'node alone', command: [process.execPath, START, 'nothing'] },
          { name: 'ours', command: [process.execPath, START, 'startup'] },
          { ...ours('startup'), name: 'ours, import' },
          python('startup'),
        ],
        peer: 'startup',
      },
    ],
  },
  {
    name: 'writes',
    ip: VETH,
    workloads: ['seq', 'batch', 'window'].flatMap((mode) => [write(`add-${mode}`), write(`del-${mode}`)]),
  },
  {
    name: 'events',
    ip: VETH,
    workloads: [
      events('4 MiB buffer', 4 << 20, [c('C', 'events'), ours('events'), ours('events', 'filter')]),
      events('default buffer', DEFAULT_BUFFER, [c('C', 'events'), ours('events')]),
    ],
  },
].map((scene) => ({ ...scene, env: ENV }));
