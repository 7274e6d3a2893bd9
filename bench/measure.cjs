'use strict';

/** What contestants in JavaScript measure with: one JSON line, CPU time of all threads, the largest resident size. */
const { readFileSync, writeSync } = require('node:fs');

let began = 0n;
let cpuBefore = process.cpuUsage();

const env = (name, otherwise) => process.env[name] ?? otherwise;

function start() {
  cpuBefore = process.cpuUsage();
  began = process.hrtime.bigint();
}

const since = (time) => Number(process.hrtime.bigint() - time) / 1e9;

/** Prints the result of `n` items; CPU time is divided by `times` when they were done that often. */
function report(n, seconds = since(began), more = {}, times = 1) {
  const { user, system } = process.cpuUsage(cpuBefore);
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1];
  const result = { n, seconds, cpu_seconds: (user + system) / 1e6 / times, peak_rss_kb: Number(peak), ...more };
  // Not by the console, which is made at its first use.
  writeSync(1, `${JSON.stringify(result)}\n`);
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** ITER dumps; of more than one the first warms up. `keepStart`: the time since the last `start` counts. */
async function dumps(read, keepStart = false) {
  const times = Number(env('ITER', 1));
  const took = [];
  let rows = null;
  if (times > 1) await read();
  if (!keepStart) start();
  for (let i = 0; i < Math.max(1, times - 1); i++) {
    rows = null;
    const before = process.hrtime.bigint();
    rows = await read();
    took.push(since(before));
  }
  report(rows.length, keepStart ? since(began) : median(took), {}, took.length);
}

/** `n` calls, one after the other. */
async function latency(n, call) {
  const took = new Float64Array(n);
  start();
  for (let i = 0; i < n; i++) {
    const before = process.hrtime.bigint();
    await call(i);
    took[i] = Number(process.hrtime.bigint() - before) / 1e3;
  }
  const seconds = since(began);
  took.sort();
  report(n, seconds, { p50_us: took[n >> 1], p99_us: took[Math.floor(n * 0.99)] });
}

/**
 * Counts events until the standard input ends and nothing more comes. `subscribe(onEvents, onOverrun)` resolves when it
 * listens, to the receive buffer that the kernel says it has.
 */
async function events(subscribe) {
  let n = 0;
  let overruns = 0;
  let dropped = 0;
  let first = 0n;
  let last = 0n;
  const rcvbuf = await subscribe(
    (count) => {
      last = process.hrtime.bigint();
      first ||= last;
      n += count;
    },
    (lost = 0) => {
      overruns++;
      dropped += lost;
    },
  );
  process.stdin.resume();
  process.stderr.write('READY\n');
  start();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  for (let before = -1; before !== n + overruns; ) {
    before = n + overruns;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  report(n, Number(last - first) / 1e9 || 1e-9, { overruns, dropped, rcvbuf });
  process.exit(0);
}

module.exports = { env, start, report, dumps, latency, events };
