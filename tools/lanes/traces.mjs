/** Where live lanes leave what TSROUTE2_TRACE recorded: `npm run coverage -- --collect` reads all of it. */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const folder = join(root, '.build/coverage');

/** A file for a new trace. */
export function freshTrace(name) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.trace`);
  rmSync(file, { force: true });
  return file;
}

/** Takes over a trace from elsewhere, if it was made. */
export function keepTrace(name, from) {
  if (existsSync(from)) copyFileSync(from, freshTrace(name));
}
