/** The package as a user gets it: packed, installed in an empty directory, and the live suite run against that. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liveObstacle, runLive, testFiles } from './launch.mjs';
import { rescued } from './rescue.mjs';
import { root, run, tail } from './run.mjs';
import { compilers } from './toolchains.mjs';
import { compileConsumer } from './types.mjs';

function size(dir) {
  const files = readdirSync(dir, { recursive: true }).map((f) => statSync(join(dir, f)));
  return files.reduce((n, s) => n + (s.isFile() ? s.size : 0), 0);
}

/** One step as a test. */
async function step(tests, name, command, args, options) {
  const result = await run(command, args, options);
  const status = result.code === 0 ? 'passed' : 'failed';
  tests.push({ file: 'tools/lanes/packed.mjs', name, status, detail: tail(result.out + result.err) });
  return result.code === 0 ? result : null;
}

const IMPORT = "import * as m from 'tsroute2'; if (Object.keys(m).length === 0) throw new Error('exports nothing')";
const REQUIRE = "const m = require('tsroute2'); if (Object.keys(m).length === 0) throw new Error('exports nothing')";

/** Installs the tarball into `dir` as a consumer would, with its install script and without development dependencies. */
async function install(dir, tests) {
  // dist/ was built a moment ago; the prepare script would only do it again.
  const pack = await step(tests, 'npm pack', 'npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', dir]);
  if (!pack) return null;
  const [info] = JSON.parse(pack.out);
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${info.filename}`];
  if (!(await step(tests, 'npm install of the tarball', 'npm', args, { cwd: dir }))) return null;
  return info;
}

async function use(dir, tests, figures) {
  const node = process.execPath;
  await step(tests, 'import', node, ['--input-type=module', '-e', IMPORT], { cwd: dir });
  await step(tests, 'require', node, ['--input-type=commonjs', '-e', REQUIRE], { cwd: dir });
  cpSync(join(root, 'test/consumer'), join(dir, 'src'), { recursive: true });
  mkdirSync(join(dir, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types/node'), join(dir, 'node_modules/@types/node'));
  const { test, figure } = await compileConsumer('TypeScript 7', compilers()['TypeScript 7'], join(dir, 'src'));
  tests.push(test);
  figures.push({ ...figure, text: `${figure.text}, from the tarball` });
}

/**
 * The compiled live tests, the examples and the soak that they start, and the data that they read, in the same places as
 * in the checkout but next to the installed package, so that `tsroute2` is the installed one. Nothing of src/ is there.
 */
async function suite(dir) {
  for (const part of ['test', 'examples', 'tools/soak'])
    cpSync(join(root, '.build', part), join(dir, '.build', part), { recursive: true });
  const data = (path) => statSync(path).isDirectory() || path.endsWith('.json');
  for (const part of ['golden', 'witness']) {
    const from = join(root, 'test', part);
    if (existsSync(from)) cpSync(from, join(dir, 'test', part), { recursive: true, filter: data });
  }
  cpSync(join(root, 'docs/from-ip.md'), join(dir, 'docs/from-ip.md'));
  for (const name of ['tap', 'fast-check']) {
    if (!existsSync(join(dir, 'node_modules', name)))
      symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  }
  const base = join(dir, '.build');
  const files = testFiles('live', base);
  return { files, ...(await runLive(files, { wrap: 'isolated', cwd: base, log: 'packed' })) };
}

export async function packed() {
  const obstacle = rescued ? null : await liveObstacle();
  if (obstacle) return { obstacle };
  const dir = mkdtempSync(join(tmpdir(), 'tsroute2-packed-'));
  const tests = [];
  const figures = [];
  try {
    const info = await install(dir, tests);
    if (!info) return { what: 'npm pack and install', tests };
    const installed = readdirSync(join(dir, 'node_modules')).length;
    const kib = (n) => `${Math.round(n / 1024)} KiB`;
    const text = `${kib(info.size)} packed, ${info.files.length} files, ${kib(info.unpackedSize)} unpacked; ${installed} packages installed, ${kib(size(join(dir, 'node_modules')))}`;
    figures.push({ name: 'package', text });
    await use(dir, tests, figures);
    const result = await suite(dir);
    const what = `installed tarball, live suite, ${result.files.length} files`;
    return { what, files: result.files, tests: [...tests, ...result.tests], figures: [...figures, ...result.figures] };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
