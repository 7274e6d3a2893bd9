#!/usr/bin/env node
/**
 * `npm run bench`: us against the kernel's limit, asked from C, against iproute2, and whatever peers are there. Everybody
 * takes turns (A B C A B C ...), each run is a new process, the tables hold medians. Trust ratios within one run only.
 *
 * Usage, as root: npm run bench [-- --only WORDS] [--rounds 9] [--goals] [--peer NAME=COMMAND] [--list] [--results FILE]
 *   --only    scenes or workloads whose name has one of these words (comma separated), or has all of it
 *   --goals   two complete runs, of which the worse counts; exits 1 when a goal is missed
 *   --peer    a program that takes the same workloads (README.md of this folder), for instance in another language
 * Results: tables on stdout, and FILE (.build/bench/results.json) with commit, versions and load. Before routes are timed,
 * 1,000 of them must say what `ip -j -d` says.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge } from './goals.mjs';
import { installedPeers } from './peers.mjs';
import { LIMIT, SCENES } from './scenes.mjs';
import { goalsTable, workloadTable } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const RESULTS = join(root, '.build/bench/results.json');

/** What was asked for. An option that there is none of ends the process. */
function options() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '9' },
        goals: { type: 'boolean', default: false },
        peer: { type: 'string', multiple: true, default: [] },
        list: { type: 'boolean', default: false },
        results: { type: 'string', default: RESULTS },
      },
    }).values;
  } catch ({ message }) {
    console.error(message);
    process.exit(2);
  }
}
const values = options();

const NAMES = SCENES.flatMap(({ name, workloads }) => [name, ...workloads.map(({ title }) => title)]);
const isName = (word) => word !== '' && NAMES.some((name) => name.includes(word));
/** What names are chosen by; most have commas themselves. Without it all are. */
const words = isName(values.only) ? [values.only] : values.only?.split(',');

/** Scenes with the workloads that were asked for. */
function chosen() {
  const wanted = (text) => words === undefined || words.some((word) => text.includes(word));
  return SCENES.map((scene) => ({
    ...scene,
    workloads: wanted(scene.name) ? scene.workloads : scene.workloads.filter(({ title }) => wanted(title)),
  })).filter(({ workloads }) => workloads.length > 0);
}

const output = (command, ...args) => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', cwd: root });
  return status === 0 ? stdout.trim() : undefined;
};

/** A contestant did not do what was expected: told without a stack. */
class Failure extends Error {}

/** Under what circumstances figures came about. */
function circumstances() {
  return {
    commit: output('git', 'rev-parse', 'HEAD'),
    changed: (output('git', 'status', '--porcelain') ?? '') !== '',
    when: new Date().toISOString(),
    kernel: release(),
    processor: cpus()[0]?.model,
    processors: cpus().length,
    node: process.version,
    ip: output('ip', '-V'),
    load: loadavg(),
    rounds: Number(values.rounds),
  };
}

const peers = values.peer.map((text) => {
  const at = text.indexOf('=');
  return { name: text.slice(0, at), command: text.slice(at + 1).split(' ') };
});

/** One scene, in a network namespace of its own that goes with the process. */
function run(scene) {
  const input = JSON.stringify({ scene, rounds: Number(values.rounds), peers });
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--net', '--mount', process.execPath, join(here, 'scene.mjs')],
    { input, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Failure(`${scene.name}: ${stderr.trim()}`);
  if (stderr !== '') process.stderr.write(stderr);
  return JSON.parse(stdout);
}

function complete() {
  const results = [];
  for (const scene of chosen()) {
    for (const result of run(scene)) {
      results.push(result);
      console.log(workloadTable(result));
    }
  }
  return results;
}

/** What is wrong with the options, before anything is measured. */
function refused() {
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) return `--rounds ${values.rounds}: expected a number from 1 on`;
  if (values.only === '') return '--only: expected words; --list names scenes and workloads';
  const none = words?.find((word) => !isName(word));
  if (none !== undefined) return `--only ${none}: there is no such scene or workload; --list names them`;
  for (const peer of values.peer) if (!/^[^=]+=./.test(peer)) return `--peer ${peer}: expected NAME=COMMAND`;
  for (const { name, command } of peers)
    if (spawnSync('sh', ['-c', 'command -v "$0"', command[0]]).status !== 0)
      return `--peer ${name}: there is no program ${command[0]}`;
  if (values.results !== RESULTS && !existsSync(dirname(values.results)))
    return `--results ${values.results}: there is no such folder`;
  if (existsSync(values.results) && !statSync(values.results).isFile())
    return `--results ${values.results}: that is no file`;
  return undefined;
}

function main() {
  if (values.list) {
    for (const { name, workloads } of chosen())
      console.log(`${name}: ${workloads.map(({ title }) => title).join('; ')}`);
    return 0;
  }
  const wrong = refused();
  if (wrong !== undefined) {
    console.error(wrong);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    console.error('network namespaces and large buffers need root');
    return 2;
  }
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('there is no dist: npm run build');
  mkdirSync(dirname(LIMIT), { recursive: true });
  execFileSync('gcc', ['-O2', '-Wall', '-o', LIMIT, join(here, 'limit.c')], { stdio: 'inherit' });
  // Whoever was named is taken rather than ours of that name.
  peers.push(...installedPeers().filter(({ name }) => !peers.some((peer) => peer.name === name)));
  const about = circumstances();
  const runs = Array.from({ length: values.goals ? 2 : 1 }, complete);
  const find = (results) => (title, name) =>
    results.find((result) => result.title === title)?.contestants.find((contestant) => contestant.name === name);
  const goals = judge(runs.map(find));
  const load = [about.load, loadavg()];
  writeFileSync(values.results, `${JSON.stringify({ ...about, load, runs, goals }, null, 1)}\n`);
  console.log(goalsTable(goals));
  console.log(
    `\n${about.commit?.slice(0, 10)}${about.changed ? ' and changes' : ''}, Linux ${about.kernel}, Node.js ${about.node}, ` +
      `${about.processors} processors, load ${load.map(([one]) => one.toFixed(1)).join(' to ')}, ${values.rounds} rounds`,
  );
  return values.goals && goals.some(({ met }) => met !== true) ? 1 : 0;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
