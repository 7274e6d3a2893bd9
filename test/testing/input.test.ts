/** Bad input of the fake kernel is refused, by the name of the field. */
import t from 'tap';
import { IPRoute } from 'tsroute2';
import { FakeKernel, type FakeKernelOptions, type Fault } from 'tsroute2/testing';

const OPTIONS: readonly (readonly [options: unknown, field: string])[] = [
  [null, 'options'],
  [{ dumpByte: 1 }, 'dumpByte'],
  [{ dumpBytes: 0 }, 'dumpBytes'],
  [{ dumpBytes: '1' }, 'dumpBytes'],
  [{ chaos: 7 }, 'chaos'],
  [{ chaos: {} }, 'chaos.seed'],
  [{ chaos: { seed: 1, rates: 1 } }, 'chaos.rates'],
  [{ chaos: { seed: 1, rate: 2 } }, 'chaos.rate'],
  [{ chaos: { seed: 1, kinds: [] } }, 'chaos.kinds'],
  [{ chaos: { seed: 1, kinds: ['alter'] } }, 'chaos.kinds'],
];
const FAULTS: readonly (readonly [fault: unknown, field: string])[] = [
  [undefined, 'fault'],
  [{}, 'kind'],
  [{ kind: 'errors' }, 'kind'],
  [{ kind: 'error' }, 'errno'],
  [{ kind: 'error', errno: -5 }, 'errno'],
  [{ kind: 'error', errno: 5000 }, 'errno'],
  [{ kind: 'done-error', errno: 4096 }, 'errno'],
  [{ kind: 'delay', ms: 2 ** 31 }, 'ms'],
  [{ kind: 'split', type: 1 << 16 }, 'type'],
  [{ kind: 'error', errno: 5, words: 5 }, 'words'],
  [{ kind: 'alter' }, 'alter'],
  [{ kind: 'alter', alter: 1 }, 'alter'],
  [{ kind: 'split', ms: 1 }, 'ms'],
  [{ kind: 'split', times: 0 }, 'times'],
  [{ kind: 'split', after: -1 }, 'after'],
  [{ kind: 'split', type: 3 }, 'type'],
  [{ kind: 'delay' }, 'ms'],
  [{ kind: 'truncate' }, 'bytes'],
  [{ kind: 'lost', datagram: 0 }, 'datagram'],
];

t.test('options', async (t) => {
  for (const [options, field] of OPTIONS)
    t.throws(
      () => new FakeKernel(options as FakeKernelOptions),
      { name: 'InputError', field },
      JSON.stringify(options),
    );
});

t.test('faults', async (t) => {
  const kernel = new FakeKernel();
  for (const [fault, field] of FAULTS)
    t.throws(() => kernel.fault(fault as Fault), { name: 'InputError', field }, JSON.stringify(fault) ?? 'undefined');
});

t.test('names and descriptors of namespaces', async (t) => {
  const kernel = new FakeKernel();
  for (const name of ['a/b', '/run/netns/a', '.', '..', '', 'a\0b', 'x'.repeat(256), 5, undefined, null, {}])
    t.throws(() => kernel.addNetns(name as string), { name: 'InputError', field: 'name' }, String(name));
  const fd = kernel.addNetns('a b');
  t.throws(() => kernel.addNetns('a b'), { code: 'EEXIST' });
  for (const bad of [-1, 1.5, '5', undefined])
    t.throws(() => kernel.aliasNetns(bad as number, 'a b'), { name: 'InputError', field: 'fd' }, String(bad));
  t.throws(() => kernel.aliasNetns(fd + 1, 'none'), { code: 'ENOENT' });
});

t.test('there is no cache thread', async (t) => {
  const ipr = new IPRoute({ transport: new FakeKernel().open });
  t.teardown(() => ipr.close());
  t.throws(() => ipr.bind({ groups: ['link'], async: true }), { name: 'InputError', field: 'async' });
});
