/**
 * Our side of the benchmark: `node bench/contestant.js <workload>` runs one workload in the network namespace that it is
 * started in and prints one JSON line. MEASURE may name another measuring module; VARIANT chooses another way of reading
 * (stream, views, columns), a monitor that filters, or writes in a process that has written before (hot). Only public
 * names of the package are used.
 */
import { createRequire } from 'node:module';

const m = createRequire(import.meta.url)(process.env.MEASURE ?? './measure.cjs');
const workload = process.argv[2] ?? '';
const variant = process.env.VARIANT ?? '';
// The start includes loading the library; startup.cjs does the same by `require`.
if (workload === 'startup') m.start();
const { IPRoute } = await import('tsroute2');
const ipr = new IPRoute();

const N = Number(m.env('N', workload === 'get-link' ? 10_000 : 100_000));
const IFACE = m.env('IFACE', 'v0');
const GW = m.env('GW', '10.255.0.2');
const FILTER = m.env('FAMILY', '2') === '0' ? {} : { family: 'inet' };

/** Rows that are read and let go, counted. */
async function streamed() {
  let length = 0;
  for await (const batch of ipr.routes(FILTER).batches()) length += batch.length;
  return { length };
}

/** Of each row one attribute is looked at. */
async function viewed() {
  let length = 0;
  for await (const batch of ipr.routeViews(FILTER).batches()) for (const view of batch) if (view.oif !== 0) length++;
  return { length };
}

const READ = {
  '': () => ipr.getRoutes(FILTER),
  stream: streamed,
  views: viewed,
  columns: () => ipr.getRouteColumns(FILTER),
};

/** The routes of the write workloads: /24 networks through one gateway, metric 100. */
async function specs() {
  const [oif] = await ipr.linkLookup({ ifname: IFACE });
  return (i) => {
    const v = 0x10000000 + i * 256;
    return { dst: `${v >>> 24}.${(v >>> 16) & 255}.${(v >>> 8) & 255}.0/24`, gateway: GW, oif, priority: 100 };
  };
}

/** Changes `n` routes, from `first` on. */
async function change(cmd, mode, spec, first, n) {
  if (mode === 'seq') for (let i = 0; i < n; i++) await ipr.route(cmd, spec(first + i));
  else {
    // Portions, as a program would that makes them as it goes.
    for (let i = 0; i < n; ) {
      const batch = ipr.batch();
      for (let k = 0; k < 10_000 && i < n; k++, i++) batch.route(cmd, spec(first + i));
      await batch.commit({ acks: mode === 'window' ? 'each' : 'last' });
    }
  }
}

async function writes(cmd, mode) {
  const spec = await specs();
  // A process that has done this before: with other routes.
  if (variant === 'hot') for (const before of ['add', 'del', 'add', 'del']) await change(before, mode, spec, N, 20_000);
  m.start();
  await change(cmd, mode, spec, 0, N);
  m.report(N);
}

async function events() {
  await m.events(async (onEvents, onOverrun) => {
    const monitor = ipr.monitor({
      groups: ['ipv4-route'],
      ...(variant === 'filter' ? { filter: { table: 4242 } } : {}),
      ...(process.env.RCVBUF ? { rcvbuf: Number(process.env.RCVBUF) } : {}),
    });
    (async () => {
      for await (const batch of monitor.batches()) {
        let got = 0;
        for (const event of batch) {
          if (event.type === 'overrun') onOverrun(event.dropped);
          else got++;
        }
        if (got > 0) onEvents(got);
      }
    })();
    return monitor.rcvbuf;
  });
}

const VARIANTS = {
  'dump-routes': ['stream', 'views', 'columns'],
  events: ['filter'],
  'add-batch': ['hot'],
  'del-batch': ['hot'],
};
if (variant !== '' && !VARIANTS[workload]?.includes(variant)) process.exit(3);
switch (workload) {
  case 'dump-routes':
    await m.dumps(READ[variant]);
    break;
  case 'dump-links':
    await m.dumps(() => ipr.getLinks());
    break;
  case 'startup':
    await m.dumps(() => ipr.getLinks(), true);
    break;
  case 'get-link':
    await m.latency(N, () => ipr.link('get', { ifname: IFACE }));
    break;
  case 'events':
    await events();
    break;
  default: {
    const [, cmd, mode] = /^(add|del)-(seq|batch|window)$/.exec(workload) ?? process.exit(3);
    await writes(cmd, mode);
  }
}
if (workload !== 'events') process.exit(0);
