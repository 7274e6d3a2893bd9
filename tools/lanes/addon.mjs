/** Builds the addon when it is not there or older than its sources; npm's install step builds it the first time. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, tail } from './run.mjs';

const release = join(root, 'build/Release');
const built = existsSync(release) ? readdirSync(release).filter((f) => f.endsWith('.node')) : [];
const sources = [join(root, 'binding.gyp'), ...readdirSync(join(root, 'native')).map((f) => join(root, 'native', f))];
const newest = Math.max(...sources.map((f) => statSync(f).mtimeMs));

if (built.length === 0 || built.some((f) => statSync(join(release, f)).mtimeMs < newest)) {
  const command = existsSync(join(root, 'build/Makefile')) ? 'build' : 'rebuild';
  const { code, out, err } = await run(process.execPath, ['node_modules/node-gyp/bin/node-gyp.js', command]);
  if (code !== 0) console.error(tail(out + err, 60));
  process.exitCode = code === 0 ? 0 : 1;
}
