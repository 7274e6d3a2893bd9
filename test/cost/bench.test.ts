/** The benchmark itself: it runs, what it measures was checked, and a goal that is missed is told. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

t.setTimeout(300_000);

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Figure {
  name: string;
  ratio: number;
  cpuMs: number;
  n: number;
  dropped?: number;
  missing?: number;
  rcvbuf?: number;
}
interface Results {
  commit: string;
  node: string;
  kernel: string;
  load: number[][];
  runs: { title: string; checked?: string; contestants: Figure[] }[][];
  goals: { goal: string; most: number; reached?: number; met?: boolean }[];
}

const skip = process.getuid?.() === 0 ? false : 'namespaces and large buffers need root';

const run = (args: readonly string[]): Promise<{ status: number; out: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['bench/main.mjs', ...args], { cwd: root }, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code), out: out + err }),
    );
  });

/** Runs some of it; its status, and what it wrote. */
async function bench(...args: string[]): Promise<{ status: number; out: string; results: Results }> {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-bench-'));
  try {
    const file = join(folder, 'results.json');
    const { status, out } = await run(['--results', file, ...args]);
    return { status, out, results: JSON.parse(readFileSync(file, 'utf8')) as Results };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

t.test('one round: rows agree with ip before they are timed, and what was measured is kept', { skip }, async (t) => {
  const { status, out, results } = await bench('--only', '1k routes', '--rounds', '1');
  t.equal(status, 0);
  if (status !== 0) t.comment(out);
  t.match(results, { node: process.version, kernel: /^\d+\.\d+/, commit: /^[0-9a-f]{40}$/ });
  t.equal(results.load.length, 2);
  for (const title of ['1k routes, cold', '1k routes, warm']) {
    const workload = results.runs[0]!.find((w) => w.title === title)!;
    t.match(workload.checked, /^100\d routes and 3 links agree$/, title);
    const found = new Map(workload.contestants.map((c) => [c.name, c]));
    for (const name of ['ours', 'ours, stream', 'ours, columns']) {
      t.equal(found.get(name)?.n, found.get('C')?.n, `${title}: ${name} has read what C has`);
      t.ok(found.get(name)!.ratio > 1, `${name} takes longer than to receive`);
    }
    t.equal(found.get('C, receive only')?.ratio, 1);
    t.ok(out.includes(`### ${title}`), `a table of ${title}`);
  }
});

t.test('events: the default buffer is that of the system, as the kernel says', { skip }, async (t) => {
  const { status, out, results } = await bench('--only', '200k events, default buffer', '--rounds', '1');
  t.equal(status, 0);
  const [events] = results.runs[0]!;
  const room = Number(readFileSync('/proc/sys/net/core/rmem_default', 'utf8'));
  t.strictSame(
    events!.contestants.map(({ name, rcvbuf }) => [name, rcvbuf]),
    [
      ['C', room],
      ['ours', room],
    ],
  );
  t.match(out, new RegExp(`^\\| ours \\|.* ${room} \\|$`, 'm'), 'printed');
  const { n, dropped, missing } = events!.contestants[1]!;
  t.equal(n + dropped!, 200_000, `${n} received, ${dropped} dropped`);
  t.equal(missing, 0);
});

t.test('wrong options are refused before anything is measured', async (t) => {
  for (const [args, words] of [
    [['--rounds', '0'], '--rounds 0'],
    [['--rounds', 'x'], '--rounds x'],
    [['--only', 'nothing of this name'], 'no such scene'],
    [['--only', '1k routes,nothing of this name'], '--only nothing of this name: there is no such'],
    [['--only', ''], 'expected words'],
    [['--peer', '/bin/true'], 'NAME=COMMAND'],
    [['--peer', 'Other=/no/such --flag'], '--peer Other: there is no program /no/such'],
    [['--results', '/tmp'], 'that is no file'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--results', '/nowhere/at/all/file'], 'no such folder'],
  ] as const) {
    const { status, out } = await run(args);
    t.equal(status, 2, args.join(' '));
    t.match(out, words);
  }
});

t.test('a whole name chooses one, a peer that does not print figures is named', { skip }, async (t) => {
  const { status, out } = await run(['--only', '1k routes, cold', '--list']);
  t.equal(status, 0);
  t.match(out, /^\S.*: 1k routes, cold\n$/);
  const peer = await run(['--only', '1k routes, cold', '--rounds', '1', '--peer', 'Other=echo no figures']);
  t.equal(peer.status, 2);
  t.match(peer.out, 'echo, no figures dump-routes: expected a line of JSON at the end, got no figures dump-routes\n');
  t.notMatch(peer.out, /^ +at /m, 'no stack');
});

t.test('goals that are not measured are not met', { skip }, async (t) => {
  const { status, results } = await bench('--only', '1k routes', '--rounds', '1', '--goals');
  t.equal(status, 1);
  t.equal(results.runs.length, 2);
  t.ok(results.goals.length >= 28, `${results.goals.length} goals`);
  const measured = results.goals.filter(({ met }) => met !== undefined);
  t.same(
    measured.map(({ goal }) => goal),
    ['1k routes, warm: ours', '1k routes, cold: ours, CPU'],
  );
  for (const { goal, most, reached, met } of measured) {
    t.equal(met, reached! <= most, goal);
    // The worse of two runs.
    const [title] = goal.split(': ');
    const ours = results.runs.map(
      (run) => run.find((w) => w.title === title)!.contestants.find((c) => c.name === 'ours')!,
    );
    t.equal(reached, Math.max(...ours.map((c) => (goal.endsWith('CPU') ? c.cpuMs : c.ratio))), goal);
  }
});

t.test('the codec by itself: every message that there are golden rows of', async (t) => {
  const out = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [join(root, '.build/bench/codec.js'), '1'], (error, out) =>
      error === null ? resolve(out) : reject(error),
    );
  });
  const lines = out.trim().split('\n').slice(2);
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  const names = cells.map(([, name]) => name);
  for (const name of ['ifinfmsg', 'ifaddrmsg', 'rtmsg', 'ndmsg', 'fibmsg', 'nhmsg', 'mdbmsg', 'brvlanmsg'])
    t.ok(names.includes(name), name);
  for (const [, name, ...numbers] of cells) {
    const [rows, bytes, read, view] = numbers.map(Number);
    t.ok(rows! > 0 && bytes! > 0 && read! > 0 && view! > 0, `${name}: ${numbers.join(' ')}`);
  }
});
