/** The tests that run on both kernels (test/live/both-kernels.test.ts), on the fake one alone: no privilege is needed. */
import t from 'tap';
import type { Part } from '../live/both.js';
import { onFake } from '../live/both-fake.js';
import { parts } from '../live/both-parts.js';

t.test('every area is there', async (t) => {
  const areas: Part['area'][] = ['link', 'addr', 'route', 'rule', 'neigh', 'fdb', 'nexthop'];
  for (const area of areas)
    t.ok(
      parts.some((part) => part.area === area),
      area,
    );
});

for (const part of parts) {
  t.test(`${part.area}: ${part.name}`, async (t) => {
    const log = await onFake(part);
    t.ok(log.length >= 5, `${log.length} sights`);
    t.ok(
      log.some((line) => /"done"|rows: [1-9]|RTM_/.test(line)),
      'some of it works',
    );
    t.same(log, await onFake(part), 'and again the same');
  });
}
