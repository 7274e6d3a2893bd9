/** Importing the library compiles no table; a call compiles the tables that it needs, and no others. */
import t from 'tap';

t.test('tables are compiled on first use', async (t) => {
  const { Table } = await import('../../src/codec/table.js');
  const compiled: string[] = [];
  const { compile } = Table.prototype;
  Table.prototype.compile = function () {
    compiled.push(this.prefix);
    return compile.call(this);
  };
  t.teardown(() => {
    Table.prototype.compile = compile;
  });
  const { IPRoute } = await import('../../src/index.js');
  t.same(compiled, [], 'none by the import');

  const { FakeKernel } = await import('../../src/testing/index.js');
  const ipr = new IPRoute({ transport: new FakeKernel().open });
  t.teardown(() => ipr.close());
  t.same(compiled, [], 'none by a socket');
  await ipr.getRoutes({ family: 'inet' });
  t.same(compiled, ['RTA'], 'one by a list of routes, of a kernel that has none');
  await ipr.getLinks();
  // What the kernel says of lo, the empty nests of Linux 6.x among it; no kind of link.
  t.same(compiled.slice(1), ['IFLA', 'IFLA_XDP', 'AF', 'IFLA_INET', 'IFLA_INET6', 'DEVLINK_ATTR', 'DPLL_A_PIN']);
});
