/** Many namespaces in one process: no process is made for them, no program is started, and nothing is left. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { emulated } from './emulated.js';
import { type Served, serve } from './two-hundred.js';

// Emulated machines are slow.
t.setTimeout(600_000);
const MANY = emulated ? 40 : 200;

function judge(t: Test, { before, open, after, links, spaces, left }: Served): void {
  t.equal(links.length, MANY);
  links.forEach(({ index, name, all }, i) => {
    if (name !== `v${i}` || index === undefined || all !== 3) t.fail(`namespace ${i}: ${JSON.stringify(links[i])}`);
  });
  t.ok(open.fds >= before.fds + MANY, 'they were all open at once');
  t.equal(open.threads, before.threads, 'without a thread for each');
  t.equal(spaces, 1, 'no thread of the process stayed in another namespace');
  t.same(after, before, 'descriptors and threads are as before');
  t.same(left, []);
}

t.test('200 namespaces at once, 40 where the processor is emulated', async (t) => {
  const began = performance.now();
  judge(t, await serve(MANY));
  t.comment(
    `figure: ${MANY} namespaces made, used and removed in ${((performance.now() - began) / 1000).toFixed(2)} s`,
  );
});

const strace = spawnSync('strace', ['-V']).status === 0 ? false : 'strace is not installed';

t.test('they take no process and no program, as strace sees it', { skip: strace, timeout: 500_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tsroute2-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const script = fileURLToPath(new URL('./two-hundred.js', import.meta.url));
  const calls = 'clone,clone3,fork,vfork,execve,execveat,unshare,setns,mount,umount2';
  const args = ['-f', '--seccomp-bpf', '-e', `trace=${calls}`, '-e', 'signal=none', '-o', log];
  const child = spawn('strace', [...args, process.execPath, script, String(MANY)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 400_000,
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  t.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
  judge(t, JSON.parse(out));
  const lines = readFileSync(log, 'utf8').split('\n');
  // A call that another thread interrupts is printed in two halves; its arguments are in the first.
  const made = (name: string) => lines.filter((line) => new RegExp(`^\\d+ +${name}\\(`).test(line));
  t.same(['fork', 'vfork', 'execveat'].map(made), [[], [], []], 'no process');
  const clones = [...made('clone'), ...made('clone3')];
  t.same(
    clones.filter((line) => !line.includes('CLONE_THREAD')),
    [],
    'only threads',
  );
  t.equal(made('execve').length, 1, 'no program but Node.js itself');
  // That it saw what there is to see.
  t.ok(made('unshare').length >= MANY, 'a namespace each');
  t.ok(made('setns').length >= MANY, 'a visit each');
  t.ok(clones.length >= 2 * MANY, 'by a thread each');
  const main = /^(\d+) /.exec(made('execve')[0]!)?.[1];
  t.same(
    [...made('unshare'), ...made('setns')].filter((line) => line.startsWith(`${main} `)),
    [],
    'not by the main one',
  );
  t.comment(`figure: ${clones.length} threads, 0 processes for ${MANY} namespaces`);
});
