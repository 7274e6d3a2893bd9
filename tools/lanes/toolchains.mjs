/** Other Node.js versions and compilers, installed by setup.mjs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { executable } from './launch.mjs';
import { root, run } from './run.mjs';

const lanes = join(root, 'tools/lanes');

/** Path of the binary of a major version for this machine, or null. */
export function toolchainNode(major) {
  const path = join(lanes, `nodes/node_modules/node${major}-${process.arch}/bin/node`);
  return process.platform === 'linux' && executable(path) ? path : null;
}

export async function nodeVersion(node) {
  return (await run(node, ['-v'])).out.trim().slice(1);
}

/** Command line of the TypeScript compilers by name; null where one is not installed. */
export function compilers() {
  const at = (path) => (existsSync(path) ? [process.execPath, path] : null);
  return {
    'TypeScript 5.9': at(join(lanes, 'compilers/node_modules/typescript59/bin/tsc')),
    'TypeScript 6': at(join(lanes, 'compilers/node_modules/typescript/bin/tsc')),
    'TypeScript 7': at(join(root, 'node_modules/typescript/bin/tsc')),
  };
}
