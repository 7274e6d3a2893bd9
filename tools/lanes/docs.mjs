/** Runs the documentation: every ts and js block of README.md and docs/*.md is a module of its own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isolated, liveObstacle } from './launch.mjs';
import { root, run, tail } from './run.mjs';
import { compilers } from './toolchains.mjs';

const FENCE = /^( *)```(ts|js|typescript|javascript)\b([^\n]*)\n([\s\S]*?)^\1```/gm;

/** What a block finds in its namespace: `eth0` with an address and a gateway to talk about. Kept in step with CONTRIBUTING.md. */
const WORLD = [
  'ip link set lo up',
  'ip link add eth0 type veth peer name eth0-far',
  'ip link set eth0 up',
  'ip link set eth0-far up',
  'ip addr add 192.0.2.1/24 dev eth0',
  'exec "$@"',
].join(' && ');

/** Blocks of one page: `{ page, line, lang, run, code }`. A fence marked `no-run` is compiled only. */
function blocksOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(FENCE)].map((m) => {
    const line = text.slice(0, m.index).split('\n').length + 1;
    const code = m[4].replaceAll(new RegExp(`^${m[1]}`, 'gm'), '');
    return { page, line, lang: m[2].startsWith('j') ? 'js' : 'ts', run: !/\bno-run\b/.test(m[3]), code };
  });
}

/** Where a block is written. A TypeScript block is a module even if it imports nothing. */
function fileOf(block) {
  const stem = `${block.page.replaceAll(/\W+/g, '-')}-${block.line}`;
  if (block.lang === 'ts') return `${stem}.mts`;
  return /\brequire\(/.test(block.code) ? `${stem}.cjs` : `${stem}.mjs`;
}

export async function docs() {
  const dir = join(root, '.build/docs');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const listed = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true }) : [];
  const pages = [
    'README.md',
    ...listed
      .filter((f) => f.endsWith('.md'))
      .sort()
      .map((f) => `docs/${f}`),
  ];
  const blocks = pages.filter((p) => existsSync(join(root, p))).flatMap(blocksOf);
  for (const b of blocks) writeFileSync(join(dir, fileOf(b)), `${b.code}${b.lang === 'ts' ? '\nexport {};\n' : ''}`);
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      rootDir: '.',
      outDir: 'out',
      incremental: false,
      tsBuildInfoFile: null,
      allowJs: true,
      checkJs: false,
    },
    include: ['*.mts', '*.mjs', '*.cjs'],
    exclude: [],
  };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const [node, tsc] = compilers()['TypeScript 7'];
  const compiled = blocks.length > 0 ? (await run(node, [tsc, '-p', dir])).out : '';
  const obstacle = await liveObstacle();
  const tests = [];
  for (const b of blocks) tests.push(await judge(b, compiled, obstacle, dir));
  if (compiled !== '' && !tests.some((t) => t.status === 'failed')) {
    tests.push({ file: 'docs', name: 'compile', status: 'failed', detail: tail(compiled) });
  }
  const ran = blocks.filter((b) => b.run).length;
  return { what: `${blocks.length} code blocks compiled, ${ran} run`, tests };
}

async function judge(block, compiled, obstacle, dir) {
  const file = fileOf(block);
  const test = { file: block.page, name: `block at line ${block.line}` };
  // Errors name the extracted file; its line 1 is the line after the fence.
  const errors = compiled.split('\n').filter((l) => l.includes(`${file}(`));
  if (errors.length > 0) {
    const there = errors.map((l) =>
      l.replace(/^.*?\((\d+),/, (_, n) => `${block.page} (${Number(n) + block.line - 1},`),
    );
    return { ...test, status: 'failed', detail: there.join('\n') };
  }
  if (!block.run) return { ...test, status: 'passed' };
  if (obstacle) return { ...test, status: 'skipped', reason: obstacle };
  const script = join(dir, 'out', file.replace(/mts$/, 'mjs'));
  const [command, ...args] = [
    ...isolated(),
    'sh',
    '-ec',
    WORLD,
    'sh',
    process.execPath,
    '--enable-source-maps',
    script,
  ];
  const { code, out, err, timedOut } = await run(command, args, { timeout: 120_000 });
  if (code === 0) return { ...test, status: 'passed' };
  return { ...test, status: 'failed', detail: `${timedOut ? 'hung' : `ended with ${code}`}\n${tail(out + err, 20)}` };
}
