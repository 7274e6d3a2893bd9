/**
 * Runs compiled test files one after another in this process as one TAP stream; the lane decides how the process is
 * launched. One process for many files keeps a lane short where starting a process is slow (a guest without KVM).
 * Arguments: test files.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

for (const file of process.argv.slice(2)) {
  t.comment(`file: ${file}`);
  try {
    await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    t.fail(`${file} could not be loaded`, error);
  }
}
// Files set how long each may take; the last one's word would hold for all of them together.
t.setTimeout(1000 * (Number(process.env.TAP_TIMEOUT) || 2_480));
