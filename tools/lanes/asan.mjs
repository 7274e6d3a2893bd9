/** Tests of the addon under the sanitizers, one test a file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isolated, liveObstacle } from './launch.mjs';
import { root, run, tail } from './run.mjs';
import { sourceOf } from './tap.mjs';

export async function asan() {
  if (!existsSync(join(root, 'tools/asan.sh'))) return { obstacle: 'tools/asan.sh is not there' };
  const obstacle = await liveObstacle();
  if (obstacle) return { obstacle };
  const [command, ...args] = [...isolated(), 'sh', 'tools/asan.sh'];
  const { code, out, err, timedOut } = await run(command, args, { timeout: 1_200_000 });
  const report = timedOut ? 'hung' : tail(out + err, 40);
  const tests = [...out.matchAll(/^asan: (\S+) (passed|failed)$/gm)].map(([, file, status]) => {
    return { file: sourceOf(file.replace(/^\.build\//, '')), name: 'under the sanitizers', status, detail: report };
  });
  // A build that failed, or a sanitizer that reported something although every test passed.
  if (code !== 0 && !tests.some((t) => t.status === 'failed')) {
    tests.push({ file: 'tools/asan.sh', name: 'no report', status: 'failed', detail: report });
  }
  return { what: `tests of the addon and a soak, ASan and UBSan, ${tests.length} files`, tests };
}
