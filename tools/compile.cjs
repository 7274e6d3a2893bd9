'use strict';

// Keeps what V8 compiles of the library, so that programs start in half the time: see src/load.cjs. The functions that a
// program mostly calls first are run, against the kernel in memory, so that they are among it.

const { load, keep } = require('../dist/load.cjs');

const BUNDLE = 'index.cjs';

async function use() {
  const { FakeKernel } = load('testing.cjs');
  const { IPRoute } = load(BUNDLE);
  const ipr = new IPRoute({ transport: new FakeKernel().open });
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1', state: 'up' });
  await ipr.addr('add', { dev: 'v0', address: '192.0.2.1/24' });
  await ipr.route('add', { dst: '198.51.100.0/24', gateway: '192.0.2.2' });
  await Promise.all([ipr.getLinks(), ipr.getAddr(), ipr.getRoutes(), ipr.getRules(), ipr.getNeighbours()]);
  await ipr.link('get', { dev: 'v0' });
  await ipr.close();
  // The real one as well, where there is any: it is only read.
  await (async () => new IPRoute().getLinks())().catch(() => {});
}

use().then(() => keep(BUNDLE));
