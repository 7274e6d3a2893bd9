#!/usr/bin/env node
/**
 * The live suite in the virtual machine.
 *
 * Usage: npm run test:vm [-- --suite SUITE ...] (bookworm and trixie-backports unless named)
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../lanes/run.mjs';
import { vmLanes } from '../lanes/vm.mjs';

const { values } = parseArgs({ options: { suite: { type: 'string', multiple: true } } });
const suites = vmLanes.map((l) => l.suite);
const unknown = (values.suite ?? []).filter((s) => !suites.includes(s));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(', ')}; there are ${suites.join(', ')}`);
  process.exit(2);
}
const wanted = vmLanes.filter((l) => (values.suite ? values.suite.includes(l.suite) : !l.extra));
const args = [join(root, 'tools/lanes/main.mjs'), '--lane', wanted.map((l) => l.name).join(',')];
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
