/** Bad input about next hops and bridges' tables: refused with a code and the path of the key, before anything is sent. */
import t from 'tap';
import { groups, ports, vlans } from './bad-bridges.js';
import { nexthops } from './bad-nexthops.js';
import { dangerousBridge } from './dangerous-bridge.js';
import { refused } from './refused.js';

for (const [area, cases] of Object.entries({
  'next hops': nexthops,
  'ports of bridges': ports,
  'VLANs of bridges': vlans,
  'multicast groups': groups,
})) {
  t.test(`${area}: ${cases.length} calls are refused, and nothing is sent`, async (t) => {
    for (const [what, call, code, field] of cases)
      t.same(await refused(call), { found: { code, field }, sent: 0, opened: 0, leaked: 0 }, what);
  });
}

for (const [area, cases] of Object.entries(dangerousBridge)) {
  t.test(`${area}: ${cases.length} dangerous calls are refused, and nothing is sent`, async (t) => {
    for (const [what, call, code, field] of cases)
      t.same(await refused(call), { found: { code, field }, sent: 0, opened: 0, leaked: 0 }, what);
  });
}

t.test('at least 50 dangerous calls', async (t) => {
  t.ok(Object.values(dangerousBridge).flat().length >= 50);
});
