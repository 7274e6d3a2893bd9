/**
 * Records what the kernel answers, for the fake kernel to be compared with (docs/testing.md).
 *
 * Usage: node .build/tools/exchanges/main.js [--scene NAME] [--to FOLDER]
 *
 * Needs root, strace and iproute2. Each scene runs in a network and a mount namespace of its own, which end with it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quiet, Stage } from './scene.js';
import { scenes } from './scenes/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const source = `Linux ${release().split('.').slice(0, 2).join('.')}`;

const { values } = parseArgs({
  options: { scene: { type: 'string' }, to: { type: 'string' }, inside: { type: 'boolean' } },
});
const folder = values.to ?? join(root, 'test/testing/exchanges');

/** Already alone in its namespaces. */
async function inside(name: string): Promise<void> {
  const scene = scenes.find((s) => s.name === name);
  if (scene === undefined) throw new Error(`there is no scene ${name}`);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  execFileSync('mount', ['-t', 'sysfs', 'sysfs', '/sys']);
  quiet();
  const stage = new Stage(name, source);
  try {
    await scene.run(stage);
  } finally {
    await stage.close();
  }
  const rows = stage.rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
  writeFileSync(join(folder, `${name}.json`), `[\n${rows}\n]\n`);
  console.log(`${name}: ${stage.rows.length} exchanges`);
}

if (values.inside) await inside(values.scene ?? '');
else {
  for (const { name } of scenes) {
    if (values.scene !== undefined && values.scene !== name) continue;
    const self = [process.execPath, fileURLToPath(import.meta.url), '--inside', '--scene', name, '--to', folder];
    const { status } = spawnSync('unshare', ['-nm', ...self], { stdio: 'inherit', timeout: 300_000 });
    if (status !== 0) {
      process.exitCode = 1;
      break;
    }
  }
}
