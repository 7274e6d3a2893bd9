/** The second part: changes, in a namespace where only this process lives. */
import { InputError, IPRoute, NetlinkError } from 'tsroute2';
import { Events } from './events.js';
import { type Call, type Cell, code, heading, line, say, since, table } from './print.js';
import { addrTable, linkTable, namesOf, routeTable } from './rows.js';

/** Routes of the batch. */
const MANY = 1000;

class Tour {
  readonly ipr = new IPRoute();
  readonly events = new Events(this.ipr);

  /** Makes a change. It is shown first, as it is written here; below it the events that it causes. */
  async change(call: Call): Promise<void> {
    code(call);
    await call(this.ipr);
    await this.events.settle();
  }
}

async function links(tour: Tour): Promise<void> {
  heading('1. Links');
  say('A virtual cable, a bridge with one end of the cable as its port, and a VXLAN tunnel as another port.');
  await tour.change((ipr) => ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' }));
  await tour.change((ipr) =>
    ipr.link('add', { ifname: 'br0', kind: 'bridge', bridge: { stpState: 0, ageingTime: 60_000 } }),
  );
  await tour.change((ipr) => ipr.link('set', { dev: 'v1', master: 'br0', state: 'up' }));
  await tour.change((ipr) =>
    ipr.link('add', { ifname: 'vx42', kind: 'vxlan', vxlan: { id: 42, group: '192.0.2.7', port: 4789, link: 'v0' } }),
  );
  await tour.change((ipr) => ipr.link('set', { dev: 'vx42', master: 'br0', mtu: 1450, state: 'up' }));
  await tour.change((ipr) => ipr.link('set', { dev: 'v0', state: 'up' }));
  await tour.change((ipr) => ipr.link('set', { dev: 'br0', state: 'up' }));
  line();
  say('The kernel has now:');
  linkTable(await tour.ipr.getLinks());
}

async function addresses(tour: Tour): Promise<void> {
  heading('2. Addresses');
  await tour.change((ipr) => ipr.addr('add', { dev: 'v0', address: '192.0.2.1/24' }));
  await tour.change((ipr) => ipr.addr('add', { dev: 'v0', address: '2001:db8::1/64', flags: ['nodad'] }));
  addrTable(await tour.ipr.getAddr({ dev: 'v0' }), namesOf(await tour.ipr.getLinks()));
}

async function routes(tour: Tour): Promise<void> {
  heading('3. Routes');
  await tour.change((ipr) => ipr.route('add', { dst: 'default', gateway: '192.0.2.254' }));
  await tour.change((ipr) =>
    ipr.route('add', { dst: '198.51.100.0/24', gateway: '192.0.2.2', metrics: { mtu: 1400 } }),
  );
  await tour.change((ipr) =>
    ipr.route('add', {
      dst: '203.0.113.0/24',
      multipath: [{ gateway: '192.0.2.3' }, { gateway: '192.0.2.4', weight: 3 }],
    }),
  );
  await tour.change((ipr) => ipr.route('add', { dst: '2001:db8:1::/48', gateway: '2001:db8::2' }));
  const known = namesOf(await tour.ipr.getLinks());
  routeTable(await tour.ipr.getRoutes({ table: 'main', protocol: 'static' }), known);
  line();
  say('Which way does a packet go?');
  const get = (ipr: IPRoute) => ipr.route('get', { dst: '198.51.100.7' });
  code(get);
  routeTable([await get(tour.ipr)], known);
}

/** Makes a request that must fail, and tells what its error says. */
async function refused({ ipr }: Tour, call: Call): Promise<Cell[]> {
  code(call);
  try {
    await call(ipr);
  } catch (error) {
    if (error instanceof InputError) return [error.code, error.field, 'before sending', error.reason];
    if (!(error instanceof NetlinkError)) throw error;
    const words = error.kernelMessage ?? error.message.replace(/^\w+: /, '');
    return [error.code, error.attribute, error.attributeSource, words];
  }
  throw new Error(`${call} was expected to fail`);
}

async function refusals(tour: Tour): Promise<void> {
  heading('4. Refused requests');
  say('An error names the attribute that it is about.');
  const rows = [
    // TypeScript would have said so; the cast is what a program in JavaScript does.
    await refused(tour, (ipr) => ipr.link('set', { dev: 'v0', mut: 1400 } as { dev: string })),
    await refused(tour, (ipr) => ipr.link('add', { ifname: 'vx43', kind: 'vxlan', vxlan: { id: 43, df: 9 } })),
    await refused(tour, (ipr) => ipr.route('add', { dst: '198.18.0.0/15', gateway: '10.99.99.99' })),
    await refused(tour, (ipr) => ipr.link('add', { ifname: 'br0', kind: 'bridge' })),
  ];
  await tour.events.settle();
  line();
  table(['CODE', 'ATTRIBUTE', 'FOUND BY', 'REASON'], rows);
}

async function batch({ ipr, events }: Tour): Promise<void> {
  heading('5. Many at once');
  say(`A batch packs messages into few system calls. Here: ${MANY} routes, while the monitor counts.`);
  const many = ipr.batch();
  for (let i = 0; i < MANY; i++) many.route('add', { dst: `10.${i >> 8}.${i & 255}.0/24`, gateway: '192.0.2.5' });
  events.silent = true;
  const before = events.routes;
  const start = performance.now();
  const { results } = await many.commit();
  const took = since(start);
  await events.settle();
  events.silent = false;
  const reading = performance.now();
  const { length } = await ipr.getRoutes({ gateway: '192.0.2.5' });
  table(
    ['WHAT', 'COUNT'],
    [
      [`routes accepted in ${took}`, results.length],
      ['events of new routes', events.routes - before],
      ['events lost', events.lost],
      [`routes via 192.0.2.5, read in ${since(reading)}`, length],
    ],
  );
}

async function removal(tour: Tour): Promise<void> {
  heading('6. Everything removed');
  tour.events.silent = true;
  const gone = tour.ipr.batch();
  const made = await tour.ipr.getLinks(({ linkinfo }) => linkinfo !== undefined);
  // The youngest first: a link takes those above it along, and one end of a veth the other.
  for (const { index } of made.filter(({ ifname }) => ifname !== 'v1').reverse()) gone.link('del', { index });
  say(`A batch of ${gone.length} times link('del'):`);
  await gone.commit();
  await tour.events.settle();
  linkTable(await tour.ipr.getLinks());
  line();
  say('The namespace goes with this process. The machine itself was only read.');
}

export async function stops(): Promise<void> {
  const tour = new Tour();
  try {
    for (const stop of [links, addresses, routes, refusals, batch, removal]) await stop(tour);
  } finally {
    await tour.events.close();
    await tour.ipr.close();
  }
}
