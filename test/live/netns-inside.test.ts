/** Parameters of a namespace, programs in it, and that nobody else is touched. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { InputError, NetNS, netns } from 'tsroute2';

// Emulated machines are slow.
t.setTimeout(300_000);

/** Namespaces of a test's own, gone at its end. */
async function made<const T extends readonly string[]>(t: Test, ...list: T): Promise<T> {
  for (const name of list) {
    await netns.create(name);
    t.teardown(() => netns.remove(name));
  }
  return list;
}

/** What somebody else reads inside. */
const seen = (name: string, key: string): string =>
  execFileSync('ip', ['netns', 'exec', name, 'cat', `/proc/sys/${key}`], { encoding: 'utf8' }).replace(/\n$/, '');
const here = (key: string): string => readFileSync(`/proc/sys/${key}`, 'utf8').replace(/\n$/, '');

t.test('a parameter that is set in one namespace is untouched in the others', async (t) => {
  const [a, b] = await made(t, 'sysa', 'sysb');
  const keys = { 'net.ipv4.ip_forward': 'net/ipv4/ip_forward', 'net.core.somaxconn': 'net/core/somaxconn' };
  for (const [key, file] of Object.entries(keys)) {
    const before = { host: here(file), b: seen(b, file) };
    const wanted = before.b === '1' ? '0' : '1';
    t.equal(await netns.sysctl(a, key), seen(a, file));
    t.equal(await netns.sysctl(a, key, wanted), undefined);
    t.equal(seen(a, file), wanted);
    t.equal(await netns.sysctl(a, key), wanted);
    t.same({ host: here(file), b: seen(b, file) }, before);
    t.equal(await netns.sysctl(b, key), before.b);
  }
  // What others set, we see.
  execFileSync('ip', ['netns', 'exec', b, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
  t.equal(await netns.sysctl(b, 'net.ipv4.ip_forward'), '1');
});

t.test('values of all sorts', async (t) => {
  const [name] = await made(t, 'sysv');
  const forward = 'net.ipv4.ip_forward';
  for (const [value, read] of [
    [1, '1'],
    [0n, '0'],
    [true, '1'],
    [false, '0'],
    ['1', '1'],
  ] as const) {
    await netns.sysctl(name, forward, value);
    t.equal(seen(name, 'net/ipv4/ip_forward'), read);
  }
  await netns.sysctl(name, 'net.ipv4.tcp_rmem', '4096 131072 6291456');
  t.equal(await netns.sysctl(name, 'net.ipv4.tcp_rmem'), '4096\t131072\t6291456');
  await netns.sysctl(name, 'net.ipv4.ip_local_reserved_ports', '80,443,8000-8100');
  t.equal(seen(name, 'net/ipv4/ip_local_reserved_ports'), '80,443,8000-8100');
  await netns.sysctl(name, 'net.ipv4.ip_local_reserved_ports', '');
  t.equal(await netns.sysctl(name, 'net.ipv4.ip_local_reserved_ports'), '');
  const failure = { syscall: 'write', path: '/proc/sys/net/ipv4/ip_forward', code: 'EINVAL', errno: -22 };
  await t.rejects(netns.sysctl(name, forward, 'x'), failure);
  await t.rejects(netns.sysctl(name, forward, '1 1'), failure, 'more than is taken');
  await t.rejects(netns.sysctl(name, 'net.ipv4.none'), { code: 'ENOENT', syscall: 'open' });
  await t.rejects(netns.sysctl(name, 'net.ipv4'), { code: 'EISDIR', syscall: 'read' });
  await t.rejects(netns.sysctl('missing', forward), { code: 'ENOENT', syscall: 'open', path: '/run/netns/missing' });
  const refusal = { name: 'InputError', code: 'ERR_INVALID_VALUE', field: 'value' };
  const before = seen(name, 'net/ipv4/ip_forward');
  for (const value of [undefined, null, 1.5, Number.NaN, '1\n2', 'a\0', {}, [1], Symbol('x')] as never[])
    await t.rejects(netns.sysctl(name, forward, value), refusal);
  t.equal(seen(name, 'net/ipv4/ip_forward'), before);
});

t.test('keys with dots, keys with slashes, names of interfaces with dots', async (t) => {
  const [name] = await made(t, 'sysk');
  const ns = new NetNS(name);
  t.teardown(() => ns.close());
  await ns.link('add', { ifname: 'eth0.1', kind: 'veth', peer: 'plain' });
  const file = 'net/ipv4/conf/eth0.1/forwarding';
  await netns.sysctl(name, 'net.ipv4.conf.eth0/1.forwarding', 1);
  t.equal(seen(name, file), '1');
  await netns.sysctl(name, file, 0);
  t.equal(seen(name, file), '0');
  t.equal(await netns.sysctl(name, 'net.ipv4.conf.eth0/1.forwarding'), '0');
  // Where a dot separates, it is not part of a name; the kernel has no interface "eth0" here.
  await t.rejects(netns.sysctl(name, 'net.ipv4.conf.eth0.1.forwarding'), { code: 'ENOENT' });
  t.equal(await netns.sysctl(name, 'net/ipv4/conf/plain/forwarding'), seen(name, 'net/ipv4/conf/plain/forwarding'));
});

t.test('hostile keys are refused', async (t) => {
  const [name] = await made(t, 'sysh');
  for (const key of [
    '',
    'net',
    'net/',
    '/net/ipv4/ip_forward',
    '/proc/sys/net/ipv4/ip_forward',
    '../kernel/hostname',
    'net/../kernel/hostname',
    'net/./ipv4/ip_forward',
    'net//ipv4/ip_forward',
    'net/ipv4/..',
    'net.//.kernel.hostname',
    'net./.ipv4',
    'net..ipv4',
    '.net.ipv4',
    'net.ipv4.ip_forward.',
    'net.ipv4.ip_forward\0',
    'kernel.hostname',
    'kernel/hostname',
    'kernel.panic',
    'network.x',
    'fs.file-max',
    `net.${'x'.repeat(256)}`,
    'net.\ud800',
    undefined,
    null,
    7,
    ['net'],
  ] as string[]) {
    const refusal = { name: 'InputError', code: 'ERR_INVALID_VALUE', field: 'key' };
    await t.rejects(netns.sysctl(name, key), refusal, JSON.stringify(key)?.slice(0, 40));
    await t.rejects(netns.sysctl(name, key, 1), refusal);
  }
});

t.test('a program runs in the namespace', async (t) => {
  const [name] = await made(t, 'prog');
  const inside = `net:[${statSync(`/run/netns/${name}`).ino}]`;
  const own = readlinkSync('/proc/self/ns/net');
  const child = netns.spawn(name, 'readlink', ['/proc/self/ns/net']);
  t.equal((await text(child.stdout)).trim(), inside);
  t.not(inside, own);
  t.equal(readlinkSync('/proc/self/ns/net'), own);
  t.equal(readlinkSync('/proc/thread-self/ns/net'), own);

  const run = async (cmd: string, args: string[] = [], options: object = {}) => {
    const child = netns.spawn(name, cmd, args, options);
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const status = child.exitCode ?? (await new Promise((resolve) => child.on('close', resolve)));
    return { status, out, err };
  };
  // Arguments arrive as they are.
  const odd = ['-c', 'a b', '', '--', '$(id)', "'", '*'];
  t.same(await run(process.execPath, ['-p', 'JSON.stringify(process.argv.slice(1))', '--', ...odd]), {
    status: 0,
    out: `${JSON.stringify(odd)}\n`,
    err: '',
  });
  t.match(await run('sh', ['-c', 'exit 7']), { status: 7 });
  t.match(await run('/no/such/program'), { status: 127, err: /no\/such\/program/ });
  t.same(await run('pwd', [], { cwd: '/proc/sys' }), { status: 0, out: '/proc/sys\n', err: '' });
  t.match(await run('sh', ['-c', 'echo $WHAT'], { env: { PATH: process.env.PATH, WHAT: 'x' } }), { out: 'x\n' });
  // The shell runs inside, and the words are for it alone.
  t.match(await run('readlink', ['/proc/$$/ns/net', '&&', 'echo', 'done'], { shell: true }), {
    out: `${inside}\ndone\n`,
  });
  t.match(await run('readlink /proc/self/ns/net; echo $0', [], { shell: '/bin/sh' }), {
    out: `${inside}\n/bin/sh\n`,
  });
  const killed = netns.spawn(name, 'sleep', ['100'], { stdio: 'ignore' });
  t.ok(killed.kill('SIGTERM'));
  t.same(await new Promise((resolve) => killed.on('exit', (...all) => resolve(all))), [null, 'SIGTERM']);
});

t.test('a program as another user', { skip: mapped() ? false : 'there is no other user here' }, async (t) => {
  const [name] = await made(t, 'user');
  const child = netns.spawn(name, 'sh', ['-c', 'id -u; id -g; id -G; readlink /proc/self/ns/net'], {
    uid: 65534,
    gid: 65533,
  });
  t.equal(await text(child.stdout), `65534\n65533\n65533\nnet:[${statSync(`/run/netns/${name}`).ino}]\n`);
});

/** Whether user 65534 exists in this user namespace. */
function mapped(): boolean {
  return readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .some((line) => {
      const [first, , count] = line.trim().split(/\s+/).map(Number);
      return first! <= 65534 && first! + count! > 65534;
    });
}

t.test('what cannot be started is refused', async (t) => {
  const [name] = await made(t, 'nope');
  t.throws(() => netns.spawn('missing', 'true'), { code: 'ENOENT', path: '/run/netns/missing' });
  for (const cmd of ['', 'a\0', undefined, null, 7, ['sh']] as never[])
    t.throws(() => netns.spawn(name, cmd), { name: 'InputError', field: 'cmd' });
  for (const args of ['-c', [7], [undefined], ['a\0'], {}, null] as never[])
    t.throws(() => netns.spawn(name, 'true', args), { name: 'InputError', field: 'args' });
  t.throws(() => netns.spawn(name, 'true', [], null as never), InputError);
  t.throws(() => netns.spawn(name, 'true', [], { argv0: 'x' }), { name: 'InputError', field: 'options.argv0' });
  t.throws(() => netns.spawn(name, 'true', [], { uid: -1 }), { name: 'InputError', field: 'options.uid' });
  t.throws(() => netns.spawn(name, 'true', [], { gid: 0.5 }), { name: 'InputError', field: 'options.gid' });
  // Without nsenter the child says so.
  const child = netns.spawn(name, 'true', [], { env: { PATH: '/none' } });
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.on('error', resolve));
  t.match(error, { code: 'ENOENT', message: /nsenter/ });
});

t.test('no thread of this process has moved', async (t) => {
  const own = readlinkSync('/proc/self/ns/net');
  const tasks = spawnSync('sh', ['-c', `readlink /proc/${process.pid}/task/*/ns/net`], { encoding: 'utf8' });
  t.same(new Set(tasks.stdout.trim().split('\n')), new Set([own]));
});
