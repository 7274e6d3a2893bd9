/** Named namespaces: made, listed, removed; by us and by `ip netns`, in both directions. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { InputError, NetNS, netns } from 'tsroute2';
import { emulated } from './emulated.js';

// Emulated machines are slow.
t.setTimeout(300_000);

const FOLDER = '/run/netns';
const PACKAGE = JSON.stringify(import.meta.resolve('tsroute2'));
const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
const listed = (): string[] =>
  ip('netns', 'list')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0]!)
    .sort();
const linkOf = (pid: number): string => readlinkSync(`/proc/${pid}/ns/net`);

/** Names of a test's own, which are gone at its end. */
function names<const T extends readonly string[]>(t: Test, ...list: T): T {
  t.teardown(() => {
    for (const name of list) if (existsSync(`${FOLDER}/${name}`)) spawnSync('ip', ['netns', 'del', name]);
  });
  return list;
}

/** Runs a module in a mount namespace of its own with an empty /run, after a preparation by the shell. */
function elsewhere(module: string, prepare = 'true', how: string[] = [], unshare = ['-m']) {
  const shell = `mount -t tmpfs tmpfs /run; ${prepare}; exec "$@"`;
  const command = [...unshare, 'sh', '-c', shell, 'sh', ...how, process.execPath, '--input-type=module', '-e', module];
  const { status, stdout, stderr } = spawnSync('unshare', command, { encoding: 'utf8', timeout: 200_000 });
  return { status, stdout, stderr };
}

t.test('made by us, and ip knows it', async (t) => {
  const [name] = names(t, 'ours');
  t.notOk(netns.exists(name));
  await netns.create(name);
  t.ok(netns.exists(name));
  t.ok(netns.list().includes(name));
  t.same(listed(), netns.list());
  const inside = ip('netns', 'exec', name, 'readlink', '/proc/self/ns/net').trim();
  t.equal(inside, `net:[${statSync(`${FOLDER}/${name}`).ino}]`);
  t.not(inside, linkOf(process.pid));
  t.match(JSON.parse(ip('-n', name, '-j', 'link')), [{ ifname: 'lo', operstate: 'DOWN' }]);
  t.equal(JSON.parse(ip('-n', name, '-j', 'link')).length, 1);
  await t.rejects(netns.create(name), { code: 'EEXIST', errno: -17, syscall: 'open', path: `${FOLDER}/${name}` });
  t.equal(ip('netns', 'exec', name, 'readlink', '/proc/self/ns/net').trim(), inside, 'still the same');
  ip('netns', 'del', name);
  t.notOk(netns.exists(name));
});

t.test('made by ip, and we know it', async (t) => {
  const [name] = names(t, 'theirs');
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
  t.ok(netns.list().includes(name));
  const ns = new NetNS(name);
  t.same((await ns.getLinks()).map(({ ifname }) => ifname).sort(), ['lo', 'v0', 'v1']);
  await t.rejects(netns.create(name), { code: 'EEXIST' });
  await ns.close();
  await netns.remove(name);
  t.notOk(existsSync(`${FOLDER}/${name}`));
  t.notOk(listed().includes(name));
  await t.rejects(netns.remove(name), { code: 'ENOENT', errno: -2, syscall: 'umount2', path: `${FOLDER}/${name}` });
});

t.test('the folder is a shared mount, once, however many start it', async (t) => {
  // Two processes of ours, each making four at a time, and eight of ip, where /run/netns is not there yet.
  const ours = `import { netns } from ${PACKAGE};
    await Promise.all(process.argv.slice(1).map((name) => netns.create(name)));`;
  const theirs = `for i in 1 2; do
      "$0" --input-type=module -e "$1" ours-$i-1 ours-$i-2 ours-$i-3 ours-$i-4 & pids="$pids $!"
      for k in 1 2 3 4; do ip netns add theirs-$i-$k & pids="$pids $!"; done
    done
    status=0
    for pid in $pids; do wait $pid || status=1; done
    cat /proc/self/mountinfo
    exit $status`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `mount -t tmpfs tmpfs /run; ${theirs}`, process.execPath, ours],
    { encoding: 'utf8', timeout: 200_000 },
  );
  t.equal(status, 0, stderr);
  // Mounts by parent: below the new /run, for what the machine has there is only covered.
  const mounts = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const run = mounts.findLast(([, , , , point]) => point === '/run')?.[0];
  const folders = mounts.filter(([, parent]) => parent === run);
  t.same(
    folders.map(([, , , , point]) => point),
    [FOLDER],
  );
  t.match(folders[0]?.[6], /^shared:\d+$/);
  const points = mounts.filter(([, parent]) => parent === folders[0]?.[0]).map(([, , , , point]) => point);
  t.equal(points.length, 16);
  t.equal(new Set(points).size, 16, 'each is mounted once');
});

t.test('of many that make the same name, one succeeds', async (t) => {
  const [name] = names(t, 'race');
  const results = await Promise.allSettled(Array.from({ length: 16 }, () => netns.create(name)));
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const result of results) if (result.status === 'rejected') t.equal(result.reason.code, 'EEXIST');
  const ns = new NetNS(name);
  t.equal((await ns.getLinks()).length, 1);
  await ns.remove();
  t.notOk(netns.exists(name));
});

t.test('hostile names are refused before anything happens', async (t) => {
  const state = () => [existsSync(FOLDER) && readdirSync(FOLDER), readFileSync('/proc/self/mountinfo', 'utf8')];
  const before = state();
  const bad: unknown[] = ['', '.', '..', '/', '../x', 'a/b', '/run/netns/x', 'a\0b', 'x'.repeat(256), 'é'.repeat(128)];
  bad.push('x'.repeat(300), '\ud800', undefined, null, 7, {}, ['x'], Buffer.from('x'));
  const refusal = { name: 'InputError', code: 'ERR_INVALID_VALUE', field: 'netns' };
  for (const name of bad as string[]) {
    await t.rejects(netns.create(name), refusal, `create ${JSON.stringify(name)?.slice(0, 40)}`);
    await t.rejects(netns.remove(name), refusal);
    await t.rejects(netns.attach(name, process.pid), refusal);
    await t.rejects(netns.pids(name), refusal);
    await t.rejects(netns.sysctl(name, 'net.ipv4.ip_forward'), refusal);
    t.throws(() => netns.exists(name), refusal);
    t.throws(() => netns.spawn(name, 'true'), refusal);
    t.throws(() => new NetNS(name), refusal);
    t.throws(() => new NetNS(name, { create: true }), refusal);
  }
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31, '1', undefined] as number[]) {
    await t.rejects(netns.attach('hostile', pid), { name: 'InputError', field: 'pid' });
    await t.rejects(netns.identify(pid), { name: 'InputError', field: 'pid' });
  }
  t.same(state(), before);
  // What `ip netns` takes, we take.
  for (const name of names(t, 'x'.repeat(255), 'é'.repeat(127), 'with space', '-n', '...', "'$(id)'")) {
    await netns.create(name);
    t.ok(netns.list().includes(name));
    await netns.remove(name);
  }
});

t.test('a failed creation leaves nothing behind', async (t) => {
  const before = netns.list();
  await t.rejects(netns.attach('failed', 0x7fffffff), { code: 'ENOENT' });
  t.same(netns.list(), before);
  const script = `import { netns } from ${PACKAGE};
    import { existsSync, readdirSync } from 'node:fs';
    try { await netns.create('failed') } catch (e) { console.log(e.code, e.syscall, e.path) }
    console.log(existsSync('/run/netns') ? readdirSync('/run/netns').length : 'none');`;
  // Without CAP_SYS_ADMIN: the folder goes again when it was not there before.
  const drop = ['setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin'];
  t.match(elsewhere(script, 'true', drop), { stdout: 'EPERM mount /run/netns\nnone\n', stderr: '' });
  t.match(elsewhere(script, 'mkdir /run/netns', drop), { stdout: 'EPERM mount /run/netns\n0\n', stderr: '' });
  // When all is there but the namespace: the user has as many as he may.
  const limit = 'echo 0 >/proc/sys/user/max_net_namespaces';
  const limited = elsewhere(script, limit, [], ['-Um', '--map-root-user']);
  t.match(limited, { stdout: 'ENOSPC unshare undefined\n0\n', stderr: '' });
});

t.test('attach, identify, pids', async (t) => {
  const [one, two, made] = names(t, 'att1', 'att2', 'att3');
  const other = spawn('unshare', ['-n', 'sleep', '100'], { stdio: 'ignore' });
  t.teardown(() => other.kill());
  const pid = other.pid!;
  for (let i = 0; i < 1000 && linkOf(pid) === linkOf(process.pid); i++) await sleep(10);
  t.same(await netns.identify(pid), []);
  await netns.attach(one, pid);
  ip('netns', 'attach', two, String(pid));
  t.same(await netns.identify(pid), [one, two]);
  t.ok([one, two].includes(ip('netns', 'identify', String(pid)).trim() as never), 'ip says the first that it finds');
  t.same(await netns.pids(one), [pid]);
  t.equal(ip('netns', 'pids', two).trim(), String(pid));
  await netns.create(made);
  t.same(await netns.pids(made), []);
  t.same(await netns.identify(process.pid), []);
  await t.rejects(netns.attach(one, pid), { code: 'EEXIST' });
  await t.rejects(netns.identify(0x7fffffff), { code: 'ENOENT', path: '/proc/2147483647/ns/net' });
  await t.rejects(netns.pids('nowhere'), { code: 'ENOENT', path: `${FOLDER}/nowhere` });
  await netns.remove(one);
  t.same(await netns.identify(pid), [two], 'the other name stays');
});

t.test('a name that is no namespace', async (t) => {
  const [name, link] = names(t, 'stale', 'symlink');
  await netns.create(name);
  await netns.remove(name);
  writeFileSync(`${FOLDER}/${name}`, '');
  t.throws(() => new NetNS(name), { code: 'EINVAL', syscall: 'setns' });
  await t.rejects(netns.create(name), { code: 'EEXIST' });
  await netns.remove(name);
  t.notOk(existsSync(`${FOLDER}/${name}`), 'as with ip, it can be removed');
  // A symbolic link is removed itself; what it leads to stays mounted.
  await netns.create(name);
  symlinkSync(`${FOLDER}/${name}`, `${FOLDER}/${link}`);
  const { ino } = statSync(`${FOLDER}/${name}`);
  await netns.remove(link);
  t.notOk(existsSync(`${FOLDER}/${link}`));
  t.equal(statSync(`${FOLDER}/${name}`).ino, ino);
});

t.test('NetNS', async (t) => {
  const [name] = names(t, 'klass');
  t.throws(() => new NetNS(name), { code: 'ENOENT', syscall: 'open', path: `${FOLDER}/${name}` });
  t.throws(() => new NetNS(name, { create: 1 as never }), { name: 'InputError', field: 'create' });
  t.throws(() => new NetNS(name, { netns: 'x' } as never), { name: 'InputError', field: 'netns' });
  t.throws(() => new NetNS(name, null as never), InputError);
  t.throws(() => new NetNS(name, { create: true, timeout: -1 }), { name: 'InputError', field: 'timeout' });
  t.notOk(netns.exists(name), 'what was made for one that could not be opened is gone');
  const ns = new NetNS(name, { create: true, groups: ['link'] });
  const again = new NetNS(name, { create: true });
  t.equal(ns.netns, name);
  await ns.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
  t.match(await again.link('get', { dev: 'v0' }), { ifname: 'v0' }, 'both are in the same');
  t.match(JSON.parse(ip('-n', name, '-j', 'link', 'show', 'v0')), [{ ifname: 'v0' }]);
  await again.close();
  await ns.remove();
  t.ok(ns.closed);
  t.notOk(netns.exists(name));
  await t.rejects(ns.getLinks(), { name: 'ClosedError' });
  await t.rejects(ns.remove(), { code: 'ENOENT' });
});

t.test('a namespace without its name lives on as long as it is held', async (t) => {
  const [name] = names(t, 'held');
  const ns = new NetNS(name, { create: true });
  await ns.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
  await netns.remove(name);
  await netns.create(name);
  const fresh = new NetNS(name);
  t.equal((await ns.getLinks()).length, 3);
  t.equal((await fresh.getLinks()).length, 1, 'the name means another one now');
  await ns.close();
  await fresh.remove();
});

t.test('a lock that somebody else holds is waited for, the event loop goes on', async (t) => {
  const script = `import { netns } from ${PACKAGE};
    const began = performance.now();
    let turns = 0;
    setInterval(() => turns++, 5).unref();
    await netns.create('waited');
    console.log(performance.now() - began > 250, turns > 1, netns.list().join());`;
  const { stdout, stderr } = elsewhere(
    script,
    `mkdir /run/netns; flock /run/netns sleep ${emulated ? 4 : 1.5} & until ! flock -n /run/netns true; do :; done`,
  );
  t.match({ stdout, stderr }, { stdout: 'true true waited\n', stderr: '' });
});
