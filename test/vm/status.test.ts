/** What `npm run vm` reports of a command and of a machine that end badly: status, output, the end of the console. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// Each start takes some seconds, more on a busy machine.
t.setTimeout(300_000);

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Ended {
  code: number | null;
  out: string;
  err: string;
  seconds: number;
}

/** Runs vm.sh; a shell command that is one argument. */
function vm(options: readonly string[], command: string): Promise<Ended> {
  const started = Date.now();
  const args = [join(root, 'tools/vm/vm.sh'), '--memory', '1024', ...options, '--', 'sh', '-c', command];
  const child = spawn('bash', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, out, err, seconds: (Date.now() - started) / 1000 })),
  );
}

t.test('a command: its status and both outputs; one that fails also the end of the console', async (t) => {
  const dir = join(root, '.build/vm');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'status-console');
  const { code, out, err } = await vm(
    ['--console', file],
    `echo "it's out"; echo err >&2; echo '<1>said by the kernel' >/dev/kmsg; no-such-program; echo $?; exit 7`,
  );
  t.equal(code, 7);
  t.equal(out, "it's out\n127\n");
  t.match(err, /^err\n.*no-such-program: not found\n/s);
  t.match(err, /vm: the command ended with 7; the end of its console:\n.*said by the kernel\n/s);
  t.match(readFileSync(file, 'utf8'), /said by the kernel/);
});

t.test('a missing program: 127', async (t) => {
  const { code, out, err } = await vm([], 'exec no-such-program');
  t.equal(code, 127);
  t.equal(out, '');
  t.match(err, /no-such-program: not found/);
});

t.test('a panic: 125, and its words', async (t) => {
  const { code, out, err } = await vm([], 'echo before; sleep 1; echo c >/proc/sysrq-trigger; echo after');
  t.equal(code, 125);
  t.equal(out, 'before\n', 'what was written until then has arrived');
  t.match(
    err,
    /vm: the machine ended without a status; the end of its console:\n.*vm: the kernel said: .*sysrq triggered crash\n/s,
  );
});

t.test('a machine that is switched off: 125', async (t) => {
  const { code, err } = await vm([], 'echo o >/proc/sysrq-trigger; sleep 60');
  t.equal(code, 125);
  t.match(err, /vm: the machine ended without a status/);
});

t.test('a hang: 124 after the time allowed, and the end of the console', async (t) => {
  const { code, out, err, seconds } = await vm(
    ['--timeout', '25'],
    `echo started; echo '<1>said before it hung' >/dev/kmsg; trap '' TERM INT HUP; while :; do sleep 100; done`,
  );
  t.equal(code, 124);
  t.equal(out, 'started\n');
  t.match(err, /vm: the machine was stopped after 25 s; the end of its console:\n.*said before it hung/s);
  t.ok(seconds < 60, `ended after ${seconds} s`);
});

t.test('a machine that cannot be started: 125, and why', async (t) => {
  const { code, err } = await vm(['--cpus', '100000'], 'true');
  t.equal(code, 125);
  t.match(err, /qemu-system-x86_64: .*CPUs/);
});
