/** How processes end that have everything open: at once, with the right status, and nothing is left. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { IPRoute, netns } from 'tsroute2';
import { emulated } from './emulated.js';

t.setTimeout(900_000);
/** A process that has not ended by then hangs. */
const HANGS = emulated ? 200_000 : 30_000;
const script = fileURLToPath(new URL('./ends-child.js', import.meta.url));
let made = 0;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
  /** Milliseconds from what ends it to its end. */
  ms: number;
}

/** Starts the child; when it is ready, `then` is done to it. */
function run(name: string, way: string, then?: (pid: number) => unknown): Promise<Ended & { pid: number }> {
  const child = spawn(process.execPath, [script, name, way], { stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = child.pid!;
  return new Promise((resolve, reject) => {
    let [out, err, began] = ['', '', performance.now()];
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`it hangs; it said ${out}${err}`));
    }, HANGS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!out.includes('ready') && text.includes('ready')) {
        began = performance.now();
        then?.(pid);
      }
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('close', (code, signal) => {
      clearTimeout(late);
      resolve({ code, signal, out, err, ms: performance.now() - began, pid });
    });
  });
}

/** A namespace with a table that takes several turns to read; removed in the end. */
async function home(t: Test): Promise<string> {
  const name = `ends-${process.pid}-${made++}`;
  await netns.create(name);
  t.teardown(() => netns.remove(name));
  const ipr = new IPRoute({ netns: name });
  await ipr.link('set', { dev: 'lo', state: 'up' });
  const batch = ipr.batch();
  for (let i = 0; i < 6000; i++) batch.route('add', { dst: `10.0.${i >> 8}.${i & 255}/32`, dev: 'lo' });
  await batch.commit();
  await ipr.close();
  return name;
}

/** What can be left of a process: links and sockets of the namespace, members of it, names of others. */
function surroundings(name: string): Record<string, unknown> {
  const say = (...[command = '', ...args]: string[]) => execFileSync(command, args, { encoding: 'utf8' });
  const sockets = say('nsenter', `--net=/run/netns/${name}`, 'cat', '/proc/net/netlink').split('\n');
  return {
    links: say('ip', '-n', name, '-br', 'link'),
    // Protocol and port; what the kernel itself has is of port 0.
    sockets: sockets.map((line) => line.trim().split(/ +/).slice(1, 3).join(' ')).filter((one) => / [1-9]/.test(one)),
    members: say('ip', 'netns', 'pids', name),
    names: readdirSync('/run/netns').filter((one) => one.startsWith(name)),
  };
}

/** Sockets are closed when their process is gone, or a moment later. */
async function clean(name: string, before: object): Promise<unknown> {
  let now = surroundings(name);
  for (let i = 0; i < 200 && JSON.stringify(now) !== JSON.stringify(before); i++) {
    await sleep(10);
    now = surroundings(name);
  }
  return now;
}

t.test('with everything open: signals, exceptions, exit', async (t) => {
  const name = await home(t);
  const before = surroundings(name);
  t.same(before.sockets, []);
  const took: string[] = [];
  const ends = async (way: string, expected: object, then?: (pid: number) => unknown) => {
    const ended = await run(name, way, then);
    t.match(ended, expected, way);
    t.same(await clean(name, before), before, `${way}: nothing is left`);
    t.notOk(existsSync(`/proc/${ended.pid}`));
    took.push(`${way} ${Math.round(ended.ms)} ms`);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const) {
    let open: string[] = [];
    await ends('a signal', { code: null, signal, err: '' }, (pid) => {
      // The kernel's list of sockets may pass over some while others come and go.
      for (let i = 0; i < 20 && open.length < 10; i++) open = surroundings(name).sockets as string[];
      process.kill(pid, signal);
    });
    t.ok(open.length >= 10, 'they were open');
  }
  await ends('a handler that closes', { code: 0, out: /closed/, err: '' }, (pid) => process.kill(pid, 'SIGTERM'));
  for (const way of ['exit', 'exit in an event', 'exit in a callback of a proxy', 'exit in the rows of a list'])
    await ends(way, { code: 7, signal: null, err: '' });
  await ends('exception', { code: 1, signal: null, err: /nobody catches this/ });
  await ends('refusal that nobody catches', { code: 1, signal: null, err: /NetlinkError.*ENODEV/s });
  t.comment(`figure: ${took.join(', ')}`);
});

t.test('what nobody waits for keeps no process alive; a monitor that is waited for does', async (t) => {
  const name = await home(t);
  const before = surroundings(name);
  t.match(await run(name, 'idle'), { code: 0, signal: null, out: '', err: '' });
  t.same(await clean(name, before), before);
  const add = () => execFileSync('ip', ['-n', name, 'addr', 'add', '192.0.2.1/32', 'dev', 'lo']);
  // Long enough for a process to end that nothing keeps alive.
  const waiting = await run(name, 'waiting', () => setTimeout(add, emulated ? 3000 : 500));
  t.match(waiting, { code: 0, signal: null, out: 'ready\nRTM_NEWADDR\n', err: '' });
});

t.test('killed while it makes and removes namespaces: what is left can be removed', async (t) => {
  const name = await home(t);
  for (let i = 0; i < (emulated ? 2 : 10); i++) {
    const signal = i % 2 === 0 ? 'SIGTERM' : 'SIGKILL';
    const ended = await run(name, 'namespaces', (pid) => setTimeout(() => process.kill(pid, signal), 7 * i));
    t.match(ended, { code: null, signal, err: '' });
    const left = netns.list().filter((one) => one.startsWith(`${name}-`));
    // As with `ip netns`: the one that it was at.
    t.ok(left.length <= 1, `${left}`);
    for (const one of left) await netns.remove(one);
    t.same(surroundings(name).names, [name]);
  }
});
