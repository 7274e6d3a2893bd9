/** Files of names: order, folders, comments, what is no entry; and words that go in. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { NameFile } from '../../src/index.js';
import { named, realms } from '../../src/iproute/name-files.js';

t.test('a file, its folder, and a later folder that overrules', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'tsroute2-names-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const [first, second] = [join(root, 'usr'), join(root, 'etc')];
  for (const folder of [first, second]) mkdirSync(join(folder, 'rt_tables.d'), { recursive: true });
  writeFileSync(
    join(first, 'rt_tables'),
    '#\n# comment\n254\tmain\n 0x10  hexadecimal # why\n100 vpn\nname 5\n-1 below\n7\n999999 much\n',
  );
  writeFileSync(join(first, 'rt_tables.d', 'a.conf'), '101 first\n');
  writeFileSync(join(first, 'rt_tables.d', 'a.txt'), '102 not-read\n');
  writeFileSync(join(second, 'rt_tables'), '200 vpn\n254 principal\n');
  writeFileSync(join(second, 'rt_tables.d', 'b.conf'), '103 last\n');
  const file = new NameFile('rt_tables', 0xffff, [first, second]);
  t.equal(file.number('hexadecimal'), 16);
  t.equal(file.number('vpn'), 200, 'the later folder');
  t.equal(file.name(254), 'principal');
  t.equal(file.number('main'), 254, 'an earlier name is still understood');
  t.equal(file.number('first'), 101);
  t.equal(file.number('last'), 103);
  for (const name of ['not-read', 'name', 'below', 'much', 'nobody', '#']) t.equal(file.number(name), undefined, name);
  t.equal(file.name(5), 5, 'a number without a name');
  writeFileSync(join(second, 'rt_tables'), '201 vpn\n');
  t.equal(file.number('vpn'), 200, 'read once');
  file.reload();
  t.equal(file.number('vpn'), 201, 'until it is told');
  t.same(new NameFile('rt_tables', 9, [join(root, 'nowhere')]).entries(), [], 'no files: no names');
  const spec = Object.freeze({ table: 'vpn', protocol: 'static', scope: 5 });
  const keys = [
    ['table', file, { main: 254 }],
    ['protocol', file, {}],
  ] as const;
  t.same(named(spec, keys), { table: 201, protocol: 'static', scope: 5 });
  const known = { table: 'main' };
  t.equal(named(known, keys), known, "the kernel's own words are left alone");
});

t.test('realms', async (t) => {
  t.equal(realms(7), 7);
  t.equal(realms('7'), 7);
  t.equal(realms('3/7'), (3 << 16) | 7);
  t.equal(realms('65535/1'), 0xffff0001);
  for (const bad of ['', '1/2/3', '1/', 'nobody-knows', 65536, -1, 1.5, null, '65536'])
    t.throws(() => realms(bad), { name: 'InputError', field: 'realms' });
});
