/** Objects that no kernel sends back are not asked for: an error before anything is sent. */
import t from 'tap';
import type { Call } from './calls.js';
import { refused } from './refused.js';

const echo = { echo: true };
const lladdr = '02:00:00:00:00:01';
const group = { dev: 1, port: 2, grp: '239.1.1.1' };
const calls: readonly Call[] = [
  (i) => i.neigh('add', { dev: 1, dst: '10.0.0.2', lladdr }, echo),
  (i) => i.neigh('del', { dev: 1, dst: '10.0.0.2' }, echo),
  (i) => i.fdb('add', { dev: 1, lladdr }, echo),
  (i) => i.fdb('flush', { dev: 1 }, echo),
  (i) => i.mdb('add', group, echo),
  (i) => i.mdb('flush', { dev: 1 }, echo),
  (i) => i.addrlabel('add', { address: '2001:db8::/32', label: 5 }, echo),
  (i) => i.ntable('set', { name: 'arp_cache', gcInterval: 5 }, echo),
  (i) => i.stats('set', { dev: 1, l3Stats: true }, echo),
  (i) => i.brport('set', { dev: 1, cost: 5 }, echo),
  (i) => i.vlanFilter('add', { dev: 1, vlanInfo: { vid: 5 } }, echo),
  (i) => i.vlandb('add', { dev: 1, vid: 5 }, echo),
  (i) => i.vlanGlobal('set', { dev: 1, vid: 5, msti: 1 }, echo),
  (i) => i.vni('add', { dev: 1, vni: 5 }, echo),
];

t.test('changes that are not echoed', async (t) => {
  for (const call of calls)
    t.match(await refused(call), { found: { code: 'ERR_INVALID_VALUE', field: 'echo' }, sent: 0 }, `${call}`);
});

t.test('echo: false is what they do', async (t) => {
  t.match(await refused((i) => i.neigh('add', { dev: 1, dst: '10.0.0.2', lladdr }, { echo: false })), {
    found: 'nothing was thrown',
    sent: 1,
  });
});

t.test('a batch has no objects', async (t) => {
  for (const key of ['echo', 'onInterrupted'])
    t.match(
      await refused((i) =>
        i
          .batch()
          .link('set', { dev: 1, state: 'up' })
          .commit({ [key]: true }),
      ),
      {
        found: { code: 'ERR_UNKNOWN_KEY', field: `options.${key}` },
        sent: 0,
      },
    );
});
