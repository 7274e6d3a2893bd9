/** The native tests under the sanitizers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { liveObstacle } from './launch.mjs';
import { root, run, tail } from './run.mjs';
import { collector } from './tap.mjs';

export async function asan() {
  if (!existsSync(join(root, 'tools/asan.sh'))) return { obstacle: 'tools/asan.sh is not there' };
  const obstacle = await liveObstacle();
  if (obstacle) return { obstacle };
  const { code, out, err, timedOut } = await run('bash', ['tools/asan.sh'], { timeout: 1_200_000 });
  const tests = [];
  if (/^TAP version/m.test(out)) {
    const tap = collector();
    tap.write(out.slice(out.search(/^TAP version/m)));
    tests.push(...tap.end().tests);
  }
  const detail = timedOut ? 'hung' : tail(out + err, 40);
  tests.push({ file: 'tools/asan.sh', name: 'no report', status: code === 0 ? 'passed' : 'failed', detail });
  return { what: 'native tests, ASan and UBSan', tests };
}
