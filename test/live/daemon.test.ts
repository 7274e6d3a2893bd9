/** The daemon of the examples as a process, in a namespace of its own; `ip` says what became of its route. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { IPRoute, netns } from 'tsroute2';
import { emulated } from './emulated.js';

t.setTimeout(600_000);

const DAEMON = fileURLToPath(new URL('../../examples/daemon.js', import.meta.url));
const DST = '10.0.0.0/8';
const FLOOD = emulated ? 300 : 3000;
let names = 0;

async function until(is: () => boolean): Promise<boolean> {
  for (let i = 0; i < (emulated ? 600 : 1500); i++, await sleep(emulated ? 200 : 20)) if (is()) return true;
  return false;
}

/** A namespace with eth0 and its address, a program `ip` that is told what to do there, and daemons. */
async function machine(t: Test) {
  const name = `daemon-${++names}`;
  await netns.create(name);
  await netns.sysctl(name, 'net.ipv6.conf.default.disable_ipv6', 1);
  const batch = spawn('ip', ['-n', name, '-force', '-batch', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const children: ChildProcess[] = [];
  const ipr = new IPRoute({ netns: name });
  t.teardown(async () => {
    for (const child of children) child.kill('SIGKILL');
    batch.stdin.end();
    await once(batch, 'close');
    await ipr.close();
    await netns.remove(name);
  });
  /** Has `ip` do all this, in order; resolves when the last was done. */
  let marks = 0;
  const ip = async (...lines: string[]): Promise<void> => {
    const mark = `mark${++marks % 10}`;
    // A name of lo as the last word: it is there when everything before is done.
    batch.stdin.write([...lines, `link property add dev lo altname ${mark}`, ''].join('\n'));
    for (let i = 0; i < 6000; i++, await sleep(5))
      if ((await ipr.linkLookup({ altIfname: mark })).length > 0) {
        await ipr.link('property_del', { dev: 'lo', altIfname: mark });
        return;
      }
    throw new Error(`ip did not do ${lines.length} things`);
  };
  await ip('link set lo up', 'link add eth0 type bridge', 'link set eth0 up', 'addr add 192.0.2.1/24 dev eth0');
  /** What `ip` says of the route. */
  const said = (): string =>
    execFileSync('ip', ['-n', name, 'route', 'show', DST], { encoding: 'utf8' })
      .trim()
      .replaceAll(/ (?= |linkdown)|linkdown/g, '');
  const start = (...args: string[]) => {
    const command = [DAEMON, '--netns', name, '--dst', DST, '--gateway', '192.0.2.2', '--dev', 'eth0', ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const run = { child, out: '', err: '', ended: once(child, 'close') as Promise<[number | null, string | null]> };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      run.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      run.err += text;
    });
    return run;
  };
  /** Lines that a daemon has said so far, and whether there are more such lines than before. */
  const lines = (run: { out: string }, line: RegExp): number => run.out.split('\n').filter((l) => line.test(l)).length;
  return { name, ip, said, start, lines };
}

const OURS = `${DST} via 192.0.2.2 dev eth0 proto static`;
const PUT = /^10\.0\.0\.0\/8 is in place$/;

t.test('it puts its route back, and takes it away at the end', async (t) => {
  const { ip, said, start, lines } = await machine(t);
  const run = start('--remove');
  t.ok(await until(() => lines(run, PUT) === 1), 'it is there');
  t.equal(said(), OURS);
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['deleted', `route del ${DST}`],
    ['replaced', `route replace ${DST} via 192.0.2.3`],
    ['the link was down', 'link set eth0 down', 'link set eth0 up'],
    ['the address was away', 'addr del 192.0.2.1/24 dev eth0', 'addr add 192.0.2.1/24 dev eth0'],
    [
      'another link of the name',
      'link del eth0',
      'link add eth0 type bridge',
      'addr add 192.0.2.1/24 dev eth0',
      'link set eth0 up',
    ],
    [
      'a link of another kind',
      'link del eth0',
      'link add v0 up type veth peer eth0',
      'addr add 192.0.2.1/24 dev eth0',
      'link set eth0 up',
    ],
  ];
  for (const [what, ...commands] of steps) {
    const before = lines(run, /: (added|updated)$/);
    await ip(...commands);
    t.ok(
      await until(() => lines(run, /: (added|updated)$/) > before && PUT.test(run.out.trim().split('\n').at(-1)!)),
      what,
    );
    t.equal(said(), OURS);
  }
  run.child.kill('SIGTERM');
  t.same(await run.ended, [0, null], 'it ends with 0');
  t.equal(run.err, '');
  t.ok(run.out.endsWith(`${DST}: removed\nstopped\n`));
  t.equal(said(), '', 'nothing is left');
});

t.test('events are lost while it cannot read them', async (t) => {
  const { ip, said, start, lines } = await machine(t);
  const run = start('--rcvbuf', '4096');
  t.ok(await until(() => lines(run, PUT) === 1));
  run.child.kill('SIGSTOP');
  const flood = Array.from({ length: FLOOD }, (_, i) => `route add 172.16.${(i >> 8) & 15}.${i & 255} dev eth0`);
  await ip(...flood, `route del ${DST}`);
  t.equal(said(), '', 'nobody puts it back');
  run.child.kill('SIGCONT');
  t.ok(await until(() => lines(run, PUT) === 2), 'it comes back');
  t.equal(said(), OURS);
  const lost = Number(/^(\d+) events lost: reading again$/m.exec(run.out)?.[1]);
  t.ok(lost > FLOOD / 2, `${lost} of ${FLOOD + 1} events were lost, and it said so`);
  t.equal(lines(run, /: added$/), 2, 'added twice');
  run.child.kill('SIGINT');
  t.same(await run.ended, [0, null]);
  t.equal(said(), OURS, 'without --remove it stays');
});

t.test('SIGTERM while everything is in motion', async (t) => {
  const { ip, said, start, lines } = await machine(t);
  const run = start('--remove', '--rcvbuf', '16384');
  t.ok(await until(() => lines(run, PUT) === 1));
  let ended = false;
  void run.ended.then(() => {
    ended = true;
  });
  const round = [`route del ${DST}`, 'link set eth0 down', 'link set eth0 up'];
  const busy = (async () => {
    for (let i = 0; i < 1000 && !ended; i++) {
      await ip(...round, ...round, ...round, ...round, ...round);
      // An emulated processor would never come to the end of an attempt.
      if (emulated) await sleep(2000);
    }
  })();
  t.ok(await until(() => lines(run, PUT) > 3), 'it puts its route back now and then');
  t.notOk(ended);
  // Two that are there at once: when it has done all, Node.js takes its handlers back, and a later one is as without them.
  for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGCONT'] as const) run.child.kill(signal);
  t.same(await run.ended, [0, null], 'it ends with 0, however often it is told to');
  await busy;
  t.equal(run.err, '');
  t.equal(said(), '', 'nothing is left');
  t.ok(run.out.endsWith('stopped\n'));
});

t.test('what it waits for does not keep it, nor take time', async (t) => {
  const { ip, start, lines, name } = await machine(t);
  await ip('link del eth0');
  const run = start('--remove');
  t.ok(await until(() => lines(run, /^eth0 is not there: waiting$/) === 1));
  const { child } = run;
  const spent = (): number =>
    readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .slice(11, 13)
      .map(Number)
      .reduce((a, b) => a + b);
  await sleep(500);
  const before = spent();
  await sleep(1000);
  t.ok(spent() - before <= (emulated ? 60 : 10), `${spent() - before} ticks of processor time in a second of waiting`);
  // A route that cannot be had: its gateway is nowhere.
  await ip('link add eth0 type bridge', 'link set eth0 up');
  t.ok(await until(() => lines(run, /ENETUNREACH/) === 1));
  child.kill('SIGTERM');
  t.same(await run.ended, [0, null]);
  t.equal(lines(run, /: (added|updated)$/), 0, name);
});

t.test('what it is told wrongly', async (t) => {
  const { start } = await machine(t);
  const run = start('--table', 'none');
  t.same(await run.ended, [1, null]);
  t.match(run.err, /table/);
});
