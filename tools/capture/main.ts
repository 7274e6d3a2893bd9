// Records iproute2's requests and the kernel's answers into test/golden. See test/golden/README.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scenes } from './commands.js';
import { differences, distinct, numbered, type Row, readRows, writeRows } from './row.js';
import { runScene, type SceneResult } from './run-scene.js';
import type { Area, Scene } from './scene.js';

const AREAS: Area[] = ['links', 'addrs', 'routes', 'nexthops', 'mdb', 'vlans', 'errors'];
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const replayLibrary = `${here}replay.so`;
const sceneId = (scene: Scene): string => `${scene.area}/${scene.name}`;

const { values } = parseArgs({
  options: {
    area: { type: 'string' },
    scene: { type: 'string' },
    check: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    inside: { type: 'string' },
  },
});

if (values.inside !== undefined) {
  const scene = scenes.find((s) => sceneId(s) === values.inside);
  if (!scene) throw new Error(`no scene ${values.inside}`);
  process.stdout.write(JSON.stringify(runScene(scene, replayLibrary)));
} else {
  buildReplay();
  process.exitCode = captureAreas();
}

function captureAreas(): number {
  let changes = 0;
  for (const area of AREAS.filter((a) => values.area === undefined || a === values.area)) {
    const chosen = scenes.filter((s) => s.area === area && (values.scene === undefined || s.name === values.scene));
    const rows: Row[] = [];
    for (const scene of chosen) {
      const result = inNamespaces(scene);
      rows.push(...result.rows);
      console.log(`${area} / ${scene.name}: ${result.rows.length} rows`);
      for (const r of result.refused)
        console.log(`  refused${r.sent ? '' : ' by iproute2'}: ${r.command}: ${r.answer}`);
    }
    const file = `${root}test/golden/${area}.json`;
    // One scene alone takes the place of its rows and leaves the others.
    const { scene: only } = values;
    const others =
      only === undefined || values.check ? [] : readRows(file).filter((row) => !row.name.startsWith(`${only}: `));
    const kept = numbered(distinct([...others, ...rows]));
    if (values.check) {
      const found = differences(readRows(file), kept);
      changes += found.length;
      for (const line of found) console.log(`  ${line}`);
    } else if (chosen.length > 0) writeRows(file, kept, values.fresh && only === undefined);
    console.log(`${area}: ${kept.length} rows, ${others.length + rows.length - kept.length} repetitions left out`);
  }
  return changes > 0 ? 1 : 0;
}

// A process of its own per scene: when it ends, for whatever reason, the kernel removes the namespaces and all in them.
function inNamespaces(scene: Scene): SceneResult {
  const isolate = ['-n', '-m', '-p', '-f', '--mount-proc', '--kill-child', '--propagation', 'private'];
  const self = [process.execPath, fileURLToPath(import.meta.url), '--inside', sceneId(scene)];
  const run = spawnSync('unshare', [...isolate, ...self], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`scene ${scene.name} ended with ${run.status ?? run.signal}`);
  return JSON.parse(run.stdout) as SceneResult;
}

function buildReplay(): void {
  const source = `${root}tools/capture/replay.c`;
  const built = statSync(replayLibrary, { throwIfNoEntry: false });
  if (built && built.mtimeMs >= (statSync(source, { throwIfNoEntry: false })?.mtimeMs ?? 0)) return;
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', replayLibrary, source, '-ldl']);
}
