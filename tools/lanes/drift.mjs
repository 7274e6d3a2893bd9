/** The tables against the newest headers; against the specs of netlink too when TSROUTE2_SPECS says where they are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, succeeds, tail } from './run.mjs';

const file = 'tools/drift/main.ts';

export async function drift() {
  if (process.platform !== 'linux') return { obstacle: 'not Linux' };
  if (!existsSync('/usr/bin/apt-get')) return { obstacle: 'no apt-get to fetch the newest headers with' };
  if (!(await succeeds('gcc', '--version'))) return { obstacle: 'no gcc to read headers with' };
  const { code, out, err } = await run(process.execPath, [join(root, '.build/tools/drift/main.js')]);
  const status = code === 0 ? 'passed' : 'failed';
  const detail = tail(err || out, 60);
  const [what = 'headers'] = out.split('\n').filter((line) => line.startsWith('headers '));
  return {
    what: what.replace(/,$/, ''),
    note: process.env.TSROUTE2_SPECS
      ? undefined
      : 'NO SPECS: types are those kept in tools/drift/facts.json (TSROUTE2_SPECS)',
    tests: [{ file, name: 'tables and headers agree', status, detail }],
  };
}
