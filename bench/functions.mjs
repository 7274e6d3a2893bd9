/**
 * Where the instructions of a hot loop go, by function: `node bench/functions.mjs LOOP [COUNT]`, with a loop of
 * test/cost/loops.ts, and how many functions to list. Valgrind says which instructions were run, V8 says what it compiled
 * where (`--perf-basic-prof`). Needs valgrind, and `npm run build`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , wanted = '', count = '20'] = process.argv;
const built = fileURLToPath(new URL('../.build/test/', import.meta.url));
const { counting } = await import(join(built, 'cost/counting.js'));
const folder = mkdtempSync(join(tmpdir(), 'tsroute2-functions-'));

/** Runs all loops; returns what they printed, and the process's number. */
function counted() {
  const args = counting(`${folder}/out`, ['--dump-instr=yes'], ['--perf-basic-prof']);
  // V8 leaves a log where it runs.
  const child = spawn('valgrind', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (text) => (printed += text));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve({ printed, pid: child.pid }) : reject(new Error(`status ${code}`)),
    );
  });
}

/** What is where, as V8 says: later code may have taken the place of earlier. */
function codeMap(file) {
  const all = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => /^([0-9a-f]+) ([0-9a-f]+) (.*)$/.exec(line))
    .filter((found) => found !== null)
    .map(([, start, size, name]) => ({ start: Number.parseInt(start, 16), size: Number.parseInt(size, 16), name }));
  return (address) => all.findLast(({ start, size }) => address >= start && address < start + size)?.name;
}

/** Instructions by address, and by the functions that valgrind knows: lines of the format of callgrind. */
function instructions(file) {
  const found = new Map();
  const names = new Map();
  let address = 0;
  let name = '';
  let called = false;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const fn = /^fn=(\(\d+\))(?: (.*))?$/.exec(line);
    if (fn !== null) {
      if (fn[2] !== undefined) names.set(fn[1], fn[2]);
      name = names.get(fn[1]) ?? '?';
    }
    const cost = /^(0x[0-9a-f]+|[+-]\d+|\*) \S+ (\d+)$/.exec(line);
    if (cost !== null) {
      if (cost[1].startsWith('0x')) address = Number.parseInt(cost[1], 16);
      else if (cost[1] !== '*') address += Number(cost[1]);
      // The line after a call is what was called.
      if (!called) {
        const before = found.get(address);
        found.set(address, { name, cost: (before?.cost ?? 0) + Number(cost[2]) });
      }
    }
    called = line.startsWith('calls=');
  }
  return found;
}

try {
  const { printed, pid } = await counted();
  const map = `/tmp/perf-${pid}.map`;
  const nameAt = codeMap(map);
  rmSync(map);
  const loops = printed.trim().split('\n');
  const at = loops.findIndex((line) => line.startsWith(`${wanted}: `));
  if (at < 0) throw new Error(`there is no loop ${wanted}, but ${loops.map((line) => line.split(':')[0]).join(', ')}`);
  const sums = new Map();
  for (const [address, { name, cost }] of instructions(`${folder}/out.${3 * at + 3}`)) {
    const key = nameAt(address) ?? name;
    sums.set(key, (sums.get(key) ?? 0) + cost);
  }
  // The second of the two that are counted: twice as many rounds.
  const rounds = 2 * Number(loops[at].split(': ')[1]);
  for (const [name, cost] of [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(count)))
    console.log((cost / rounds).toFixed(1).padStart(10), name);
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true });
}
