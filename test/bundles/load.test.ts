/** How the package is loaded: what was compiled beforehand is used, and only for what it was compiled of. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';

const root = join(fileURLToPath(import.meta.url), '../../../..');
const run = promisify(execFile);

/** A copy of the package as it is installed, but for the addon. */
function copy(t: Test): string {
  const to = mkdtempSync(join(tmpdir(), 'tsroute2-load-'));
  t.teardown(() => rmSync(to, { recursive: true }));
  for (const path of ['package.json', 'dist', 'tools/compile.cjs'])
    cpSync(join(root, path), join(to, path), { recursive: true });
  return to;
}

/** What a program in the package prints; `flags` are of Node.js. */
const node = (dir: string, program: string, ...flags: string[]) => under(process.execPath, dir, program, ...flags);

async function under(binary: string, dir: string, program: string, ...flags: string[]): Promise<unknown> {
  const { stdout } = await run(binary, [...flags, '--input-type=module', '-e', program], { cwd: dir });
  return JSON.parse(stdout);
}

const PROGRAM = `
  import { createRequire } from 'node:module';
  import { IPRoute } from 'tsroute2';
  import { FakeKernel } from 'tsroute2/testing';
  const { wasKept } = createRequire(process.cwd() + '/x')('./dist/load.cjs');
  const ipr = new IPRoute({ transport: new FakeKernel().open });
  const { code } = await ipr.link('add', { ifname: 'b0', kind: 'bridge', nonsense: 1 }).catch((error) => error);
  console.log(JSON.stringify([wasKept('index.cjs'), (await ipr.getLinks()).map(({ ifname }) => ifname), code]));
  await ipr.close();
`;

t.test('what was compiled beforehand', async (t) => {
  const dir = copy(t);
  const fine = [['lo'], 'ERR_UNKNOWN_KEY'];
  t.same(await node(dir, PROGRAM), [false, ...fine], 'without it');
  await run(process.execPath, ['tools/compile.cjs'], { cwd: dir });
  t.same(await node(dir, PROGRAM), [true, ...fine], 'it is used');
  t.same(await node(dir, PROGRAM, '--no-opt'), [false, ...fine], 'other flags of Node.js');
  t.same(await node(dir, PROGRAM, '--disallow-code-generation-from-strings'), [false, ...fine]);
  const kept = join(dir, 'build/compiled/index.cjs');
  const good = readFileSync(kept);
  writeFileSync(kept, good.subarray(0, good.length >> 1));
  t.same(await node(dir, PROGRAM), [false, ...fine], 'half of it');
  writeFileSync(kept, Buffer.alloc(0));
  t.same(await node(dir, PROGRAM), [false, ...fine], 'nothing in it');
  writeFileSync(kept, good);
  t.same(await node(dir, PROGRAM), [true, ...fine]);

  const moved = join(dir, 'moved');
  for (const part of ['package.json', 'dist', 'build'])
    cpSync(join(dir, part), join(moved, part), { recursive: true, preserveTimestamps: true });
  t.same(await node(moved, PROGRAM), [false, ...fine], 'another place, which stack traces would not show');

  // Another release may have the same version of V8, and yet be crashed by it.
  const other = join(dir, 'node');
  copyFileSync(process.execPath, other);
  t.same(await under(other, dir, PROGRAM), [false, ...fine], 'another Node.js');

  const file = join(dir, 'dist/code/index.cjs');
  const { mtime } = statSync(file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('ERR_UNKNOWN_KEY', 'ERR_CHANGED_KEY'));
  utimesSync(file, mtime, new Date(mtime.getTime() + 2000));
  t.same(await node(dir, PROGRAM), [false, ['lo'], 'ERR_CHANGED_KEY'], 'a bundle of the same length');
});

/** What a start waits for, beside the package's own. */
t.test('modules of Node.js are loaded when they are used', async (t) => {
  const program = `
    const before = new Set(process.moduleLoadList);
    const { IPRoute } = require('./dist/index.cjs');
    const ipr = new IPRoute();
    ipr.getLinks().then(() => ipr.link('get', { index: 1 })).then(({ ifname }) => {
      const loaded = process.moduleLoadList.filter((name) => !before.has(name) && name.startsWith('NativeModule'));
      console.log(JSON.stringify([ifname, ...loaded]));
    });
  `;
  const { stdout } = await run(process.execPath, ['-e', program], { cwd: root });
  t.same(JSON.parse(stdout), ['lo', 'NativeModule vm'], 'one for the bundle, none for the first requests');
});

t.test('an import makes no attribute', async (t) => {
  const dir = copy(t);
  const file = join(dir, 'dist/code/index.cjs');
  const text = readFileSync(file, 'utf8');
  const counted = text.replace(
    'const attr = (id, type, kernel) => ({',
    '$&\n\t_: (globalThis.made = (globalThis.made ?? 0) + 1),',
  );
  t.not(counted, text, 'attributes are counted');
  writeFileSync(file, counted);
  const [atImport, used, most] = (await node(
    dir,
    `
      await import('tsroute2');
      const atImport = globalThis.made ?? 0;
      const { IPRoute } = await import('tsroute2');
      const { FakeKernel } = await import('tsroute2/testing');
      const ipr = new IPRoute({ transport: new FakeKernel().open });
      await ipr.getLinks();
      const used = globalThis.made;
      await Promise.all([ipr.getRoutes(), ipr.getRules(), ipr.getAddr()]);
      console.log(JSON.stringify([atImport, used, globalThis.made]));
      await ipr.close();
    `,
  )) as number[];
  t.equal(atImport, 0);
  t.ok(used! > 60 && used! < 400, `links make theirs: ${used}`);
  t.ok(most! > used!, `and others others: ${most}`);
});

t.test('each way of loading has the same', async (t) => {
  const load = async (path: string) => (await import(pathToFileURL(join(root, path)).href)) as object;
  const names = async (path: string) => Object.keys(await load(path));
  for (const entry of ['index.js', 'testing.js']) {
    const public_ = await names(`dist/${entry}`);
    t.ok(public_.length > 0);
    t.same(await names(`dist/esm/${entry}`), public_);
    const given = createRequire(import.meta.url)(join(root, `dist/${entry.replace('.js', '.cjs')}`)) as object;
    t.same(Object.keys(given).sort(), public_, 'by require');
    for (const [name, value] of Object.entries(await load(`dist/${entry}`)))
      t.equal(given[name as keyof typeof given], value, name);
    t.same(await names(`.build/src/${entry === 'index.js' ? entry : 'testing/index.js'}`), public_);
  }
  const esm = PROGRAM.replace("'tsroute2'", "'./dist/esm/index.js'")
    .replace("'tsroute2/testing'", "'./dist/esm/testing.js'")
    .replace("wasKept('index.cjs')", 'null');
  const dir = copy(t);
  writeFileSync(join(dir, 'program.mjs'), esm);
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: dir });
  t.same(JSON.parse(stdout), [null, ['lo'], 'ERR_UNKNOWN_KEY'], 'the bundle for programs that are bundled themselves');
  t.notMatch(readFileSync(join(root, 'dist/code/index.cjs'), 'utf8'), /[\u0080-\uffff]/, 'one byte a letter');
});
