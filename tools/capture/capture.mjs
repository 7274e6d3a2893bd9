#!/usr/bin/env node
/**
 * Builds and runs the capture tool (tools/capture/main.ts, test/golden/README.md), here or in a Debian kernel.
 *
 * Usage: npm run capture -- [--suite SUITE] [--kernel VERSION] [OPTION OF THE TOOL ...]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../lanes/run.mjs';

const rest = process.argv.slice(2);
const machine = [];
for (const option of ['--suite', '--kernel']) {
  const at = rest.indexOf(option);
  if (at >= 0) machine.push(...rest.splice(at, 2));
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: root });
  if (error) throw error;
  return status ?? 1;
}

const tool = [process.execPath, '.build/tools/capture/main.js', ...rest];
if (run(process.execPath, 'tools/build.mjs') !== 0) process.exitCode = 1;
else if (machine.length === 0) process.exitCode = run(...tool);
else {
  const golden = join(root, 'test/golden');
  const options = [...machine, '--cwd', root, '--rw', golden, '--timeout', '3600', '--'];
  process.exitCode = run('bash', join(root, 'tools/vm/vm.sh'), ...options, ...tool);
}
