import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const root = process.cwd();

/** A package of this test's own, unbuilt, and a PATH that has node and nothing else. */
function makePackage(t: Test): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-install-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['native', 'binding.gyp', 'package.json', 'tools/install.cjs']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'bin');
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, 'node'));
  return { folder, path };
}

function install(folder: string, path: string, ...nodeArgs: string[]) {
  const env = { PATH: path, HOME: folder };
  return spawnSync(process.execPath, [...nodeArgs, join(folder, 'tools/install.cjs')], { encoding: 'utf8', env });
}

t.test('names every missing tool and what to install', async (t) => {
  const { folder, path } = makePackage(t);
  const all = install(folder, path);
  t.equal(all.status, 1);
  t.match(all.stderr, /missing: python3, make, g\+\+\n.*apt-get install python3 make g\+\+\n.*npm rebuild tsroute2/);
  writeFileSync(join(path, 'make'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('/bin/sh', join(path, 'sh'));
  t.match(install(folder, path).stderr, /missing: python3, g\+\+\n/);
});

t.test('does nothing on another platform', async (t) => {
  const { folder, path } = makePackage(t);
  const preload = join(folder, 'darwin.cjs');
  writeFileSync(preload, "Object.defineProperty(process, 'platform', { value: 'darwin' });");
  t.match(install(folder, path, '--require', preload), { status: 0, stdout: '', stderr: '' });
});

t.test('keeps a build that loads and is newer than its sources', async (t) => {
  const { folder, path } = makePackage(t);
  const release = join(folder, 'build/Release');
  mkdirSync(release, { recursive: true });
  const addon = join(release, 'tsroute2.node');
  cpSync(join(root, 'build/Release/tsroute2.node'), addon);
  t.match(install(folder, path), { status: 0, stdout: '', stderr: '' });

  utimesSync(join(folder, 'native/socket.cc'), new Date(), new Date(Date.now() + 5000));
  t.equal(install(folder, path).status, 1, 'a newer source is built');
  utimesSync(join(folder, 'native/socket.cc'), new Date(0), new Date(0));
  t.equal(install(folder, path).status, 0);
  writeFileSync(addon, 'not an addon');
  t.equal(install(folder, path).status, 1, 'a file that does not load is built again');
});
