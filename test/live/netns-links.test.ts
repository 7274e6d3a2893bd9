/** Links between namespaces: moved, or made with one end elsewhere; the namespace given by name, path, descriptor, process. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { IPRoute, NetNS, netns } from 'tsroute2';

// Emulated machines are slow.
t.setTimeout(300_000);

/** A named namespace in which a process lives, a descriptor of it, and an IPRoute there and here. */
async function lab(t: Test, name: string) {
  const there = new NetNS(name, { create: true });
  const here = new IPRoute();
  const fd = openSync(`/run/netns/${name}`, 'r');
  const inhabitant = netns.spawn(name, 'sleep', ['100'], { stdio: 'ignore' });
  t.teardown(async () => {
    const gone = new Promise((resolve) => inhabitant.on('exit', resolve));
    inhabitant.kill('SIGKILL');
    await gone;
    closeSync(fd);
    await there.remove();
    await here.close();
  });
  const pid = inhabitant.pid!;
  for (let i = 0; i < 1000 && (await netns.pids(name))[0] !== pid; i++) await sleep(10);
  t.same(await netns.pids(name), [pid]);
  return { there, here, fd, pid };
}

const namesIn = (name: string): string[] =>
  (JSON.parse(execFileSync('ip', ['-n', name, '-j', 'link'], { encoding: 'utf8' })) as { ifname: string }[])
    .map(({ ifname }) => ifname)
    .sort();
const fds = () => readdirSync('/proc/self/fd').length;

t.test('a link is moved', async (t) => {
  const { here, there, fd, pid } = await lab(t, 'move');
  const own = openSync('/proc/self/ns/net', 'r');
  t.teardown(() => closeSync(own));
  const before = fds();
  for (const [where, ifname] of [
    [{ netns: 'move' }, 'byname'],
    [{ netns: '/run/netns/move' }, 'bypath'],
    [{ netns: fd }, 'byfd'],
    [{ netNsFd: fd }, 'bynetnsfd'],
    [{ netNsPid: pid }, 'bypid'],
  ] as const) {
    await here.link('add', { ifname, kind: 'veth', peer: `${ifname}-p` });
    t.teardown(() => here.link('del', { ifname: `${ifname}-p` }).catch(() => {}));
    await here.link('set', { dev: ifname, ...where });
    t.same(await here.linkLookup({ ifname }), [], `${ifname} has left`);
    t.ok(namesIn('move').includes(ifname), 'and arrived');
    // Back again, under another name, which is given at once.
    await there.link('set', { dev: ifname, netns: own, ifname: `${ifname}-b` });
    t.match(await here.link('get', { ifname: `${ifname}-b` }), { linkinfo: { kind: 'veth' } });
    t.notOk(namesIn('move').includes(ifname));
  }
  // In a batch the namespace is opened when it is sent, and closed.
  const batch = here.batch();
  for (const ifname of ['b1', 'b2']) batch.link('add', { ifname, kind: 'veth', peer: `${ifname}-p`, netns: 'move' });
  await batch.commit();
  t.ok(['b1', 'b2'].every((name) => namesIn('move').includes(name)));
  t.equal(fds(), before, 'no descriptor is left open');
});

t.test('a veth is made with its other end elsewhere', async (t) => {
  const { here, there, fd, pid } = await lab(t, 'peer');
  const before = fds();
  for (const [where, ifname] of [
    [{ netns: 'peer' }, 'n'],
    [{ netns: '/run/netns/peer' }, 'p'],
    [{ netns: fd }, 'f'],
    [{ netNsFd: fd }, 'g'],
    [{ netNsPid: pid }, 'i'],
  ] as const) {
    const made = await here.link('add', {
      ifname: `v${ifname}`,
      kind: 'veth',
      peer: { ifname: `w${ifname}`, ...where },
    });
    t.teardown(() => here.link('del', { ifname: `v${ifname}` }).catch(() => {}));
    t.ok(namesIn('peer').includes(`w${ifname}`));
    t.same(await here.linkLookup({ ifname: `w${ifname}` }), []);
    const peer = await there.link('get', { dev: `w${ifname}` });
    t.equal(made.object?.link, peer.index, 'each knows the other one s index');
  }
  t.equal(fds(), before, 'no descriptor is left open');
});

t.test('a number is a descriptor, and the error says so', async (t) => {
  const { here, pid } = await lab(t, 'number');
  const hint = { name: 'InputError', code: 'ERR_INVALID_VALUE', message: /descriptor.*netNsPid/ };
  await here.link('add', { ifname: 'num0', kind: 'veth', peer: 'num1' });
  t.teardown(() => here.link('del', { ifname: 'num0' }));
  const file = openSync('/dev/null', 'r');
  t.teardown(() => closeSync(file));
  // A process whose id is no descriptor here; one whose id is; a file that is no namespace.
  for (const wrong of [pid, 1, file]) {
    await t.rejects(here.link('set', { dev: 'num0', netns: wrong }), { ...hint, field: 'netns' });
    await t.rejects(here.link('add', { ifname: 'num2', kind: 'veth', peer: { ifname: 'num3', netns: wrong } }), {
      ...hint,
      field: 'peer.netns',
    });
  }
  await t.rejects(here.link('set', { dev: 'num0', netns: 'nowhere' }), { name: 'InputError', field: 'netns' });
  await t.rejects(here.link('set', { dev: 'num0', netNsPid: 0x7fffffff }), { code: 'ESRCH' });
  t.equal((await here.linkLookup({ ifname: 'num0' })).length, 1);
  t.same(await here.linkLookup({ ifname: 'num2' }), []);
});

t.test('a pair between two namespaces, up, with addresses, and packets on it', async (t) => {
  const [a, b] = [new NetNS('pair-a', { create: true }), new NetNS('pair-b', { create: true })];
  t.teardown(async () => {
    await a.remove();
    await b.remove();
  });
  await a.link('add', { ifname: 'v0', kind: 'veth', peer: { ifname: 'v0', netns: 'pair-b' }, state: 'up' });
  await b.link('set', { dev: 'v0', state: 'up' });
  await a.addr('add', { dev: 'v0', address: '192.0.2.1/30' });
  await b.addr('add', { dev: 'v0', address: '192.0.2.2/30' });
  // A UDP echo from one to the other: the first reply shows both directions.
  const source = `import { createSocket } from 'node:dgram';
    const socket = createSocket('udp4');`;
  const node = (name: string, module: string) =>
    netns.spawn(name, process.execPath, ['--input-type=module', '-e', source + module]);
  const server = node(
    'pair-b',
    `socket.on('message', (m, from) => socket.send(m + '!', from.port, from.address)).bind(7, '192.0.2.2', () => console.log('up'));`,
  );
  t.teardown(() => server.kill());
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const client = node(
    'pair-a',
    `socket.on('message', (m) => { console.log(String(m)); process.exit() });
     setInterval(() => socket.send('hello', 7, '192.0.2.2'), 200); setTimeout(() => process.exit(1), 60_000);`,
  );
  const [answer] = await new Promise<Buffer[]>((resolve) => client.stdout.once('data', (...all) => resolve(all)));
  t.equal(String(answer), 'hello!\n');
  t.not(readlinkSync(`/proc/${server.pid}/ns/net`), readlinkSync('/proc/self/ns/net'));
});

t.test('what is asked of a process that has ended', async (t) => {
  const here = new IPRoute();
  t.teardown(() => here.close());
  const child = spawn('true');
  await new Promise((resolve) => child.on('close', resolve));
  await t.rejects(
    here.link('add', { ifname: 'gone0', kind: 'veth', peer: { ifname: 'gone1', netNsPid: child.pid! } }),
    { code: 'ESRCH', op: 'RTM_NEWLINK' },
  );
  await t.rejects(netns.attach('gone', child.pid!), { code: 'ENOENT' });
  t.notOk(netns.exists('gone'));
});
