/** Compile-time tests: test/types must compile (with its expected errors), test/consumer under three compilers. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, tail } from './run.mjs';
import { compilers } from './toolchains.mjs';

/** Goal for a consumer's compile; where the machine is busy, so many times what a program without the library takes. */
const GOAL_MS = 5_000;
const SHARE = 2.5;

/** A consumer project in `dir` that sees `target` as its installed tsroute2. */
export function consumerProject(dir, target) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(dir, 'node_modules/@types'), { recursive: true });
  cpSync(join(root, 'test/consumer'), dir, { recursive: true });
  if (target) symlinkSync(target, join(dir, 'node_modules/tsroute2'));
  symlinkSync(join(root, 'node_modules/@types/node'), join(dir, 'node_modules/@types/node'));
}

/** Milliseconds for a program that uses Node.js alone. */
async function compileBare(compiler, dir) {
  const bare = `${dir}-bare`;
  rmSync(bare, { recursive: true, force: true });
  mkdirSync(bare, { recursive: true });
  for (const file of ['tsconfig.json', 'package.json']) cpSync(join(dir, file), join(bare, file));
  symlinkSync(join(dir, 'node_modules'), join(bare, 'node_modules'));
  writeFileSync(join(bare, 'index.ts'), "import { release } from 'node:os';\nconsole.log(release());\n");
  return (await run(compiler[0], [...compiler.slice(1), '--noEmit', '-p', bare], { cwd: bare })).ms;
}

/** Compiles the consumer project in `dir` with one compiler: one test and its figure. */
export async function compileConsumer(name, compiler, dir) {
  const test = { file: 'test/consumer/index.ts', name };
  if (!compiler) return { test: { ...test, status: 'skipped', reason: `${name} is not installed` }, figure: null };
  const { code, out, err, ms } = await run(compiler[0], [...compiler.slice(1), '--noEmit', '-p', dir], { cwd: dir });
  const figure = { name, text: `consumer project compiled in ${(ms / 1000).toFixed(2)} s (goal ${GOAL_MS / 1000} s)` };
  // On a busy machine everything takes longer: then the same project without the library is the measure.
  if (code === 0 && ms > GOAL_MS) {
    const bare = await compileBare(compiler, dir);
    figure.text += `, ${(bare / 1000).toFixed(2)} s without the library`;
    if (ms > SHARE * bare) return { test: { ...test, status: 'failed', detail: figure.text }, figure };
  } else if (code !== 0) return { test: { ...test, status: 'failed', detail: tail(out + err) }, figure };
  return { test: { ...test, status: 'passed' }, figure };
}

async function cases() {
  const dir = join(root, 'test/types');
  if (!existsSync(join(dir, 'tsconfig.json'))) return { tests: [], figures: [] };
  const files = readdirSync(dir, { recursive: true }).filter((f) => f.endsWith('.ts'));
  const count = (f) => readFileSync(join(dir, f), 'utf8').split(/^\s*\/\/ @ts-expect-error/m).length - 1;
  const total = files.reduce((n, f) => n + count(f), 0);
  const [node, tsc] = compilers()['TypeScript 7'];
  const { code, out, err } = await run(node, [tsc, '--noEmit', '-p', dir]);
  const output = out + err;
  // The compiler names the file of each error; the others are fine.
  const tests = files.map((f) => {
    const wrong = output.split('\n').filter((l) => l.startsWith(`test/types/${f}(`));
    const status = wrong.length > 0 ? 'failed' : 'passed';
    return {
      file: `test/types/${f}`,
      name: `compiles with ${count(f)} expected errors`,
      status,
      detail: wrong.join('\n'),
    };
  });
  if (code !== 0 && !tests.some((t) => t.status === 'failed')) {
    tests.push({ file: 'test/types/tsconfig.json', name: 'compiles', status: 'failed', detail: tail(output) });
  }
  return { tests, figures: [{ name: 'test/types', text: `${total} expected errors in ${files.length} files` }] };
}

export async function types() {
  const { tests, figures } = await cases();
  const dir = join(root, '.build/consumer');
  consumerProject(dir, root);
  for (const [name, compiler] of Object.entries(compilers())) {
    const { test, figure } = await compileConsumer(name, compiler, dir);
    tests.push(test);
    if (figure) figures.push(figure);
  }
  return { what: 'type cases, consumer project', tests, figures };
}
