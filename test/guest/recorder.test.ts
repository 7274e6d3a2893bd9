/** What strace recorded of a scene is what nlmon saw: two recorders that share nothing but the kernel. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// Emulated, a command takes half a second.
t.setTimeout(600_000);

const tool = fileURLToPath(new URL('../../tools/capture/main.js', import.meta.url));

/** Small scenes that have dumps, refusals, names to look up and several sockets. */
const SCENES = [
  { area: 'links', scene: 'altname', commands: 9 },
  { area: 'routes', scene: 'route show', commands: 10 },
  { area: 'routes', scene: 'events', commands: 10 },
] as const;

for (const { area, scene, commands } of SCENES) {
  t.test(`${area}, ${scene}`, async (t) => {
    const args = [tool, '--twice', '--area', area, '--scene', scene];
    const { stdout: out, stderr, status, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    t.equal(status, 0, `ended with ${status ?? signal}: ${stderr.slice(-2000)}`);
    const found = /: (\d+) commands, (\d+) datagrams, the same to both recorders$/m.exec(out);
    t.ok(found, out);
    t.ok(Number(found?.[1]) >= commands, `${found?.[1]} commands`);
    // A request and an answer at least.
    t.ok(Number(found?.[2]) >= 2 * commands, `${found?.[2]} datagrams`);
    t.comment(`figure: ${area}, ${scene}: ${found?.[2]} datagrams of ${found?.[1]} commands, equal byte for byte`);
  });
}
