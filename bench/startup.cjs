'use strict';

/**
 * The start of a program: `node bench/startup.cjs startup` loads the library and lists the links, and
 * `node bench/startup.cjs nothing` does neither, to compare with. Nothing else is loaded, and one JSON line printed as the
 * other contestants do.
 */
const { readFileSync, writeSync } = require('node:fs');

const [, , workload] = process.argv;
const began = process.hrtime.bigint();
const before = process.cpuUsage();

function report(n) {
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { user, system } = process.cpuUsage(before);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1]);
  writeSync(1, `${JSON.stringify({ n, seconds, cpu_seconds: (user + system) / 1e6, peak_rss_kb: peak })}\n`);
  process.exit(0);
}

if (workload === 'nothing') report(1);
else {
  const { IPRoute } = require('tsroute2');
  new IPRoute().getLinks().then(({ length }) => report(length));
}
