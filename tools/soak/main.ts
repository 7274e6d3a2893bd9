/**
 * Opens, uses, fails, aborts and closes sockets, namespaces, monitors and workers, and looks what is left of them. Status 1
 * when something is, or when memory grows by more than 1 KB a cycle. Runs in namespaces of its own.
 *
 * Usage: npm run soak [-- OPTION...]
 *   --cycles N    cycles of all kinds, in an order that the seed decides (10,000)
 *   --workers N   worker threads that are terminated in the middle of cycles (500)
 *   --sockets N   sockets open at once (2,000)
 *   --minutes M   nothing more is begun after that time (10)
 *   --seed S      another order (1)
 *   --kind WORDS  only the kinds of cycles with these words in their name
 *   --asan        with the addon under AddressSanitizer and UBSan; memory is not judged then (1,000 cycles, 60 workers)
 *   --json        prints what was found as JSON, for tests
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { problems, table } from './report.js';
import { soak } from './soak.js';

/** Has Node.js keep little garbage, whose room would grow for a while; a leak grows as it does. */
const FRUGAL = '--max-semi-space-size=1';

const { values } = parseArgs({
  // tools/asan.sh runs files without arguments.
  args: [...process.argv.slice(2), ...(process.env.TSROUTE2_SOAK?.split('\n') ?? [])],
  options: {
    cycles: { type: 'string' },
    workers: { type: 'string' },
    sockets: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    kind: { type: 'string' },
    asan: { type: 'boolean' },
    json: { type: 'boolean' },
    inside: { type: 'boolean' },
    'no-memory': { type: 'boolean' },
  },
});

function number(name: 'cycles' | 'workers' | 'sockets' | 'minutes' | 'seed', usual: number): number {
  const value = Number(values[name] ?? usual);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${name} takes a number`);
}

const options = {
  cycles: number('cycles', values.asan ? 1000 : 10_000),
  workers: number('workers', values.asan ? 60 : 500),
  sockets: number('sockets', 2000),
  seed: number('seed', 1),
  ms: number('minutes', 10) * 60_000,
  kind: values.kind ?? '',
};

/** The same in network and mount namespaces of its own, with an empty /run. */
function outside(): number {
  const { ms, ...rest } = options;
  const given = Object.entries({ ...rest, minutes: ms / 60_000 }).map(([name, value]) => `--${name}=${value}`);
  const args = ['--inside', ...given, ...(values.json ? ['--json'] : []), ...(values.asan ? ['--no-memory'] : [])];
  const script = fileURLToPath(import.meta.url);
  const asan = fileURLToPath(new URL('../../../tools/asan.sh', import.meta.url));
  const command = values.asan ? ['sh', asan, script] : [process.execPath, FRUGAL, script, ...args];
  const unshare = process.getuid?.() === 0 ? ['-nm'] : ['-Urnm'];
  const env = { ...process.env, ...(values.asan && { TSROUTE2_SOAK: args.join('\n') }) };
  const inner = ['sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh', ...command];
  const { status, error } = spawnSync('unshare', [...unshare, ...inner], { stdio: 'inherit', env });
  if (error !== undefined) throw error;
  return status ?? 1;
}

async function inside(): Promise<number> {
  const began = performance.now();
  const found = await soak(options);
  const wrong = problems(found, options, values['no-memory'] !== true);
  if (values.json) console.log(JSON.stringify({ ...found, problems: wrong }));
  else console.log(table(found, (performance.now() - began) / 1000));
  for (const problem of wrong) console.error(problem);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = values.inside ? await inside() : outside();
