// Records iproute2's requests and the kernel's answers into test/golden. See test/golden/README.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scenes } from './commands.js';
import { disagreements, recordTwice } from './nlmon.js';
import { differences, distinct, numbered, type Row, readRows, writeRows } from './row.js';
import { runScene, type SceneResult } from './run-scene.js';
import { AREAS, type Scene } from './scene.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const replayLibrary = `${here}replay.so`;
const recorder = `${here}nlmon`;
const inGuest = process.env.TSROUTE2_VM !== undefined;
const sceneId = (scene: Scene): string => `${scene.area}/${scene.name}`;

const { values } = parseArgs({
  options: {
    area: { type: 'string' },
    scene: { type: 'string' },
    check: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    inside: { type: 'string' },
  },
});

if (values.inside !== undefined) {
  const scene = scenes.find((s) => sceneId(s) === values.inside);
  if (!scene) throw new Error(`no scene ${values.inside}`);
  if (scene.guestOnly && !inGuest) throw new Error(`${values.inside} is for the virtual machine only`);
  process.stdout.write(JSON.stringify(values.twice ? await twice(scene) : runScene(scene, replayLibrary)));
} else if (values.twice) {
  compile('nlmon.c', recorder);
  process.exitCode = compareRecorders();
} else {
  compile('replay.c', replayLibrary, '-shared', '-fPIC', '-ldl');
  process.exitCode = captureAreas();
}

interface Comparison {
  commands: number;
  datagrams: number;
  differences: string[];
}

async function twice(scene: Scene): Promise<Comparison> {
  const recorded = await recordTwice(scene, recorder);
  return {
    commands: recorded.length,
    datagrams: recorded.reduce((sum, { nlmon }) => sum + nlmon.length, 0),
    differences: recorded.flatMap(disagreements),
  };
}

/** What strace recorded against what nlmon saw; nothing is written. */
function compareRecorders(): number {
  let different = 0;
  for (const scene of scenes.filter(wanted)) {
    const { commands, datagrams, differences } = inNamespaces<Comparison>(scene);
    for (const line of differences) console.log(`  ${line}`);
    const verdict = differences.length === 0 ? 'the same to both recorders' : `${differences.length} differences`;
    console.log(`${scene.area} / ${scene.name}: ${commands} commands, ${datagrams} datagrams, ${verdict}`);
    different += differences.length;
  }
  return different > 0 ? 1 : 0;
}

/** Scenes that were asked for: by name, or those of the areas that are for this machine. */
function wanted(scene: Scene): boolean {
  if (values.area !== undefined && scene.area !== values.area) return false;
  return values.scene === undefined ? (scene.guestOnly ?? false) === inGuest : scene.name === values.scene;
}

function captureAreas(): number {
  let changes = 0;
  for (const area of AREAS.filter((a) => values.area === undefined || a === values.area)) {
    const chosen = scenes.filter((s) => s.area === area && wanted(s));
    const rows: Row[] = [];
    for (const scene of chosen) {
      const result = inNamespaces<SceneResult>(scene);
      rows.push(...result.rows);
      console.log(`${area} / ${scene.name}: ${result.rows.length} rows`);
      for (const r of result.refused)
        console.log(`  refused${r.sent ? '' : ' by iproute2'}: ${r.command}: ${r.answer}`);
    }
    const file = `${root}test/golden/${area}.json`;
    // What is captured takes the place of its rows and leaves those of other scenes.
    const of = (list: Scene[]) => (row: Row) => list.some((s) => row.name.startsWith(`${s.name}: `));
    const rest = scenes.filter((s) => s.area === area && !chosen.includes(s));
    const others = values.check ? [] : readRows(file).filter(of(rest));
    const kept = numbered(distinct([...others, ...rows]));
    if (values.check) {
      const found = differences(readRows(file).filter(of(chosen)), kept);
      changes += found.length;
      for (const line of found) console.log(`  ${line}`);
    } else if (chosen.length > 0) writeRows(file, kept, values.fresh && rest.length === 0);
    console.log(`${area}: ${kept.length} rows, ${others.length + rows.length - kept.length} repetitions left out`);
  }
  return changes > 0 ? 1 : 0;
}

// A process of its own per scene: when it ends, for whatever reason, the kernel removes the namespaces and all in them.
function inNamespaces<T>(scene: Scene): T {
  const isolate = ['-n', '-m', '-p', '-f', '--mount-proc', '--kill-child', '--propagation', 'private'];
  const self = [process.execPath, fileURLToPath(import.meta.url), '--inside', sceneId(scene)];
  if (values.twice) self.push('--twice');
  const run = spawnSync('unshare', [...isolate, ...self], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`scene ${scene.name} ended with ${run.status ?? run.signal}`);
  return JSON.parse(run.stdout) as T;
}

function compile(source: string, target: string, ...flags: string[]): void {
  const file = `${root}tools/capture/${source}`;
  const built = statSync(target, { throwIfNoEntry: false });
  if (built && built.mtimeMs >= (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)) return;
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', target, file, ...flags]);
}
