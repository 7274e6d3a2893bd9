/** Runs one scene in the namespace that it is started in: reads it from stdin, prints its figures as JSON. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT = 600_000;
/** Events of a burst: so many routes come, and go. */
const BURST = 200_000;
const { scene, rounds, peers } = JSON.parse(readFileSync(0, 'utf8'));

/** A contestant did not do what was expected: told without a stack. */
class Failure extends Error {}
process.on('uncaughtException', (error) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exit(1);
});

const environment = (...more) => ({ ...process.env, ...Object.assign({}, scene.env, ...more) });

function must(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 30, ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Whether what a contestant needs is on this machine. */
const there = ({ needs }) =>
  needs !== 'pyroute2' || spawnSync('/usr/bin/python3', ['-c', 'import pyroute2'], { stdio: 'ignore' }).status === 0;

/** The figures in the last line of what a contestant printed. */
function figures(out, command, workload) {
  const line = out.trim().split('\n').at(-1);
  try {
    return JSON.parse(line);
  } catch {
    throw new Failure(`${command}, ${workload}: expected a line of JSON at the end, got ${line.slice(0, 80)}`);
  }
}

/** CPU seconds of children that ended, in steps of 10 ms. */
function childrenCpu() {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** One run of a contestant: its own figures, and the time of the whole process. */
function once({ command: [command, ...args], env, measure }, workload) {
  const before = process.hrtime.bigint();
  const cpu = childrenCpu();
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: environment(workload.env, env),
    maxBuffer: 1 << 30,
    timeout: TIMEOUT,
  });
  const seconds = Number(process.hrtime.bigint() - before) / 1e9;
  if (result.status === 3) return null;
  if (result.status !== 0)
    throw new Failure(
      `${command} ${args.join(' ')}: ${result.error?.message ?? `status ${result.status}`} ${result.stderr}`,
    );
  if (measure === 'process')
    return { n: JSON.parse(result.stdout).length, seconds, cpu_seconds: childrenCpu() - cpu, whole: seconds };
  return { ...figures(result.stdout, command, args.join(' ')), whole: seconds };
}

/** A listener, and the events that it listens to. */
async function listen({ command: [command, ...args], env }, workload) {
  const child = spawn(command, args, { env: environment(workload.env, env), stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([new Promise((resolve) => child.stderr.once('data', resolve)), ended]);
  must(workload.burst[0], workload.burst.slice(1), { env: environment({ N: BURST / 2 }) });
  child.stdin.end();
  const timer = setTimeout(() => child.kill(), 60_000);
  const code = await ended;
  clearTimeout(timer);
  if (code !== 0) throw new Failure(`${command} ${args.join(' ')} ended with ${code}`);
  const result = figures(out, command, args.join(' '));
  return { ...result, lost: BURST - result.n, missing: BURST - result.n - (result.dropped ?? 0) };
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

/** The figures of a contestant. What only receives counts nothing: then there were `rows`. */
function summary(name, results, limits, rows) {
  const each = ({ cpu_seconds, n }) => cpu_seconds / (n || rows);
  const of = (key) => results.map((result) => result[key]).filter((value) => value !== undefined);
  const n = median(of('n'));
  const cpu = median(of('cpu_seconds'));
  const optional = (key, factor = 1) => (of(key).length === 0 ? undefined : median(of(key)) * factor);
  return {
    name,
    n,
    cpuMs: cpu * 1e3,
    each: (cpu * 1e6) / (n || rows),
    // Of each round, then the median: what slows the machine for a while slows neighbours alike.
    ratio: median(results.map((result, round) => each(result) / each(limits[round]))),
    wallMs: optional('seconds', 1e3),
    wholeMs: optional('whole', 1e3),
    rss: optional('peak_rss_kb', 1 / 1024),
    p50: optional('p50_us'),
    missing: of('missing').length === 0 ? undefined : Math.max(...of('missing')),
    lost: of('lost').length === 0 ? undefined : Math.max(...of('lost')),
    dropped: optional('dropped'),
    rcvbuf: optional('rcvbuf'),
    runs: results.length,
  };
}

async function measure(workload) {
  const extra = peers.map((peer) => ({ ...peer, command: [...peer.command, workload.peer] }));
  const all = [...workload.contestants, ...(workload.peer === undefined ? [] : extra)].filter(there);
  const results = new Map(all.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds * (workload.repeat ?? 1); round++) {
    for (const contestant of all) {
      if (contestant.rounds <= round) continue;
      // What was added must go, whoever added it; one that has no such workload (null) did nothing.
      const undo = /^(add|del)-/.exec(workload.title)?.[1];
      if (undo === 'del') fill();
      const result = workload.burst ? await listen(contestant, workload) : once(contestant, workload);
      if (undo === 'add' ? result !== null : undo === 'del' && result === null) empty();
      if (result !== null) results.get(contestant.name).push(result);
    }
  }
  const rows = workload.burst ? BURST : Math.max(...[...results.values()].flat().map(({ n }) => n), 1);
  const found = [...results].filter(([, list]) => list.length > 0);
  const contestants = found.map(([name, list]) => summary(name, list, results.get(workload.limit), rows));
  return { title: workload.title, limit: workload.limit, whole: workload.whole === true, contestants };
}

const [limitCommand] = scene.workloads.flatMap(({ contestants }) => contestants.map(({ command }) => command[0]));
const fill = () => must(limitCommand, ['add-batch'], { env: environment({ N: 100_000 }) });
const empty = () => must(limitCommand, ['del-batch'], { env: environment({ N: 100_000 }) });

must('ip', ['-batch', '-'], { input: `${scene.ip.join('\n')}\n` });
for (const [command, workload, env] of scene.fill ?? []) must(command, [workload], { env: environment(env) });
await sleep(scene.settle ?? 100);
const checked = scene.check
  ? must(process.execPath, [new URL('./check.mjs', import.meta.url).pathname]).trim()
  : undefined;
const results = [];
for (const workload of scene.workloads) results.push({ ...(await measure(workload)), checked });
console.log(JSON.stringify(results));
