/** The tour and the examples, as a user starts them: status, what they print, and that nothing is left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { test } from 'tap';
import { IPRoute } from 'tsroute2';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
/** A guest without KVM takes long to start a process. */
const LIMIT = 300_000;
t.setTimeout(900_000);
const privileged = process.getuid?.() === 0;
const needsRoot = { timeout: LIMIT, ...(privileged ? {} : { skip: 'needs root to make network namespaces' }) };

interface Ended {
  status: number | null;
  out: string;
  err: string;
}

/** Starts an example; `seen` is told of its output as it comes. */
function start(
  file: string,
  args: string[] = [],
  options: {
    unshare?: boolean;
    env?: NodeJS.ProcessEnv;
    node?: string[];
    seen?: (out: string, child: ChildProcess) => void;
  } = {},
): Promise<Ended> {
  const command = [process.execPath, ...(options.node ?? []), examples + file, ...args];
  if (options.unshare) command.unshift('unshare', '-n');
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      timeout: LIMIT,
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      options.seen?.(out, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out, err }));
  });
}

/** What a run could have left here: links of this namespace, and named namespaces. */
async function surroundings(): Promise<unknown> {
  const ipr = new IPRoute();
  try {
    const links = await ipr.getLinks();
    const named = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
    return { links: links.map(({ ifname }) => ifname), named };
  } finally {
    await ipr.close();
  }
}

/** Processes below one, as long as it lives. */
function descendants(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const children = text === '' ? [] : text.split(' ').map(Number);
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

const EXPECTED: readonly (readonly [file: string, args: string[], out: RegExp])[] = [
  ['list-links.js', [], /^lo +down +- /m],
  ['veth-bridge.js', [], /^v1 is a port of br0, path cost \d+$/m],
  [
    'namespaces.js',
    [],
    /^left: eth0 has 10\.0\.0\.1, forwarding on\nright: eth0 has 10\.0\.0\.2, forwarding off\nright: default via 10\.0\.0\.1 dev eth0 proto static$/m,
  ],
  ['vxlan.js', [], /with index \d+ and id 42\nrefused EINVAL because of linkinfo\.vxlan\.portRange/],
  ['batch-routes.js', [], /^message 256 failed: ENETUNREACH gateway\n256 routes via 192\.0\.2\.2$/m],
  ['monitor.js', ['1'], /^$/],
  [
    'policy-routing.js',
    [],
    /\{\} goes by 192\.0\.2\.1\n.*192\.0\.2\.10"\} goes by 192\.0\.2\.1\n.*198\.51\.100\.10"\} goes by 198\.51\.100\.1\n.*"mark":2\} goes by 198\.51\.100\.1\n3 rules deleted$/m,
  ],
  [
    'vxlan-pair.js',
    [],
    /^02:00:00:00:42:02 is at 192\.0\.2\.2\n(.*\n)*10\.42\.0\.2 answered in [\d.]+ ms\nthrough the tunnel$/m,
  ],
  [
    'ecmp-nexthop.js',
    [],
    /^10\.0\.7\.0\/24 by 192\.0\.2\.2 weight 1, 192\.0\.2\.3 weight 3\n.*192\.0\.2\.9 weight 3\n100 routes by 192\.0\.2\.9$/m,
  ],
  [
    'bridge-vlans.js',
    [],
    /^this kernel has no VLAN filtering of bridges$|^access: 10 pvid untagged\ntrunk: 10, 20-29\nblocking: 25-29$/m,
  ],
];

for (const [file, args, expected] of EXPECTED) {
  test(`example ${file}`, needsRoot, async (t) => {
    const { status, out, err } = await start(file, args, { unshare: true });
    t.equal(status, 0);
    t.equal(err, '');
    t.match(out, expected);
  });
}

test('the tour', needsRoot, async (t) => {
  const before = await surroundings();
  const { status, out, err } = await start('tour.js');
  if (!t.equal(status, 0) || !t.equal(err, '')) return t.comment(out + err);
  for (const heading of [
    'Links of this machine',
    '1. Links',
    '2. Addresses',
    '3. Routes',
    '4. Refused',
    '5. Many',
    '6. Everything removed',
  ]) {
    t.match(out, heading);
  }
  t.match(out, /event {2}RTM_NEWLINK +v0 veth down/, 'events are printed');
  t.match(out, /EINVAL +linkinfo\.vxlan\.df +kernel/, 'a refusal names its attribute');
  t.match(out, /routes accepted in .* 1000\n/);
  t.match(out, /Everything removed[\s\S]*? 1 {2}lo[^\n]*\n\n/, 'only lo is left');
  t.notMatch(out, '\x1b', 'no colours in a pipe');
  t.same(await surroundings(), before, 'nothing is left here');
});

test('the tour, interrupted in the middle', needsRoot, async (t) => {
  const before = await surroundings();
  let alive: number[] = [];
  const { status, out, err } = await start('tour.js', [], {
    seen(text, child) {
      if (alive.length > 0 || !text.includes('2. Addresses')) return;
      alive = descendants(child.pid!);
      child.kill('SIGINT');
    },
  });
  if (!t.equal(status, 130)) return t.comment(out + err);
  t.match(out, 'Nothing is left behind');
  t.notMatch(out, 'Everything removed');
  t.not(alive.length, 0, 'the part in the namespace was running');
  t.same(
    alive.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
    'its process has gone, and the namespace with it',
  );
  t.same(await surroundings(), before, 'nothing is left here');
});

test('the tour without unshare names what is missing and reads', { timeout: LIMIT }, async (t) => {
  const { status, out } = await start('tour.js', [], { env: { PATH: '/nonexistent' } });
  t.equal(status, 0);
  t.match(out, 'Links of this machine');
  t.match(out, 'unshare is not installed');
});

/** In the reading part: hangs where no signal and no timer reaches it, as in a system call. In the first: cannot kill it. */
const HANG = `
import { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
ChildProcess.prototype.kill = () => true;
if (process.argv.includes('--reading')) {
  const { send } = process;
  process.send = (message, done) => send.call(process, message, () => {
    writeFileSync(process.env.HANG_FILE, String(process.pid));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250000);
    done();
  });
}`;

test('the tour says so when the kernel hangs, and ends', { timeout: LIMIT }, async (t) => {
  // Not t.testdir(): an ordinary user may not write in the tree.
  const dir = mkdtempSync(join(tmpdir(), 'tsroute2-tour-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'pid');
  const began = performance.now();
  const { status, out } = await start('tour.js', ['--limit', '500'], {
    node: ['--import', `data:text/javascript,${encodeURIComponent(HANG)}`],
    env: { HANG_FILE: file },
  });
  const hanging = Number(readFileSync(file, 'utf8'));
  t.equal(status, 1);
  t.match(out, 'the kernel does not answer');
  t.ok(performance.now() - began < 200_000, 'without waiting for what hangs');
  t.ok(existsSync(`/proc/${hanging}`), 'which still did');
  process.kill(hanging, 'SIGKILL');
});
