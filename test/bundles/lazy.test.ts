/** Importing the library compiles no table; a call compiles the tables that it needs, and no others. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// In a process of its own: other tests compile tables as well, and not only while they run.
const child = fileURLToPath(new URL('./lazy-child.js', import.meta.url));

t.test('tables are compiled on first use', async (t) => {
  const { imported, opened, routes, links } = JSON.parse(
    execFileSync(process.execPath, [child], { encoding: 'utf8', timeout: 60_000 }),
  );
  t.same(imported, [], 'none by the import');
  t.same(opened, [], 'none by a socket');
  t.same(routes, ['RTA'], 'one by a list of routes, of a kernel that has none');
  // What the kernel says of lo, the empty nests of Linux 6.x among it; no kind of link.
  t.same(links, ['IFLA', 'IFLA_XDP', 'AF', 'IFLA_INET', 'IFLA_INET6', 'DEVLINK_ATTR', 'DPLL_A_PIN']);
});
