/**
 * Bridges of Open vSwitch with the real daemons: their own database and run directory, in a namespace of their own,
 * forwarding in user space. `ovs-vsctl` and `ip` are the witnesses.
 */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type BatchError, InputError, IPRoute, NetlinkError, netns, ProgramError, RawIPRoute } from 'tsroute2';

t.setTimeout(300_000);

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const program = (name: string) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].map((d) => join(d, name)).find((f) => existsSync(f));

/** Why the daemons cannot run here. */
function missing(): string | undefined {
  for (const name of ['ovs-vsctl', 'ovs-vswitchd', 'ovsdb-server', 'ovsdb-tool'])
    if (program(name) === undefined) return `${name} is not installed`;
  if (!existsSync(SCHEMA)) return `${SCHEMA} is missing`;
  try {
    // The bridge itself is a tap device where ovs-vswitchd forwards.
    closeSync(openSync('/dev/net/tun', 'r+'));
  } catch {
    return '/dev/net/tun cannot be opened here';
  }
  return undefined;
}
const why = missing();
const options = why === undefined ? {} : { skip: why };

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await end;
  clearTimeout(late);
}

let count = 0;

async function started(t: Test) {
  const name = `proxy-ovs-${process.pid}-${count++}`;
  const dir = mkdtempSync(join(tmpdir(), 'tsroute2-ovs-'));
  const before = process.env.OVS_RUNDIR;
  const children: ChildProcess[] = [];
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  t.teardown(async () => {
    await ipr.close();
    for (const child of children.reverse()) await ended(child);
    if (before === undefined) delete process.env.OVS_RUNDIR;
    else process.env.OVS_RUNDIR = before;
    await netns.remove(name);
    rmSync(dir, { recursive: true, force: true });
  });
  process.env.OVS_RUNDIR = dir;
  const db = join(dir, 'db.sock');
  execFileSync('ovsdb-tool', ['create', join(dir, 'conf.db'), SCHEMA]);
  const spawn = (command: string, ...args: string[]) =>
    children.push(netns.spawn(name, program(command)!, args, { stdio: 'ignore' }));
  const until = async (file: string) => {
    for (let i = 0; i < 500 && !existsSync(file); i++) await sleep(20);
  };
  spawn('ovsdb-server', join(dir, 'conf.db'), `--remote=punix:${db}`, `--unixctl=${join(dir, 'ovsdb.ctl')}`);
  await until(db);
  const vsctl = (...args: string[]) =>
    execFileSync('ovs-vsctl', ['--timeout=20', ...args], { encoding: 'utf8' }).trim();
  vsctl('--no-wait', 'init');
  const control = join(dir, 'vswitchd.ctl');
  spawn('ovs-vswitchd', `unix:${db}`, `--unixctl=${control}`, '--disable-system');
  await until(control);
  const ip = (...args: string[]): Record<string, never>[] =>
    JSON.parse(execFileSync('ip', ['-n', name, '-j', '-d', ...args], { encoding: 'utf8' }));
  return { name, ipr, ip, vsctl };
}

t.test('bridges and their ports', options, async (t) => {
  const { name, ipr, ip, vsctl } = await started(t);
  const netdev = { datapathType: 'netdev' };
  const { object } = await ipr.link('add', {
    ifname: 'br0',
    kind: 'openvswitch',
    openvswitch: { ...netdev, failMode: 'secure' },
    mtu: 1400,
    state: 'up',
  });
  t.equal(object?.ifname, 'br0');
  t.equal(vsctl('list-br'), 'br0');
  t.equal(vsctl('get', 'bridge', 'br0', 'datapath_type'), 'netdev');
  t.equal(vsctl('get', 'bridge', 'br0', 'fail_mode'), 'secure');
  t.match(ip('link', 'show', 'br0'), [{ ifindex: object?.index, mtu: 1400 }] as never);

  // Ports: of links that are there, of links that are made, one and several at a time, out again.
  await ipr.link('add', { ifname: 'v0', kind: 'veth', peer: 'v1' });
  await ipr.link('set', { dev: 'v0', master: 'br0', state: 'up' });
  t.equal(vsctl('list-ports', 'br0'), 'v0');
  t.ok((ip('link', 'show', 'v0')[0]!.flags as unknown as string[]).includes('UP'));
  await ipr.link('add', { ifname: 'w0', kind: 'veth', peer: 'w1', master: 'br0', mtu: 1300 });
  t.equal(vsctl('port-to-br', 'w0'), 'br0');
  t.match(ip('link', 'show', 'w0'), [{ mtu: 1300 }]);
  await ipr.link('set', { dev: 'v0', master: null });
  t.equal(vsctl('list-ports', 'br0'), 'w0');
  const batch = ipr.batch();
  batch.link('add', { ifname: 'br1', kind: 'ovs-bridge', 'ovs-bridge': netdev });
  batch.link('set', { dev: 'v0', master: 'br1' });
  batch.link('add', { ifname: 'br1', kind: 'ovs-bridge', 'ovs-bridge': netdev });
  batch.link('add', { ifname: 'kbr', kind: 'bridge' });
  batch.link('set', { dev: 'v1', master: 'kbr' });
  const error = (await batch.commit().catch((reason: unknown) => reason)) as BatchError;
  t.same(
    error.results.map(({ error }) => (error as NetlinkError | null)?.code ?? null),
    [null, null, 'EEXIST', null, null],
  );
  t.equal(vsctl('port-to-br', 'v0'), 'br1');
  t.match(ip('link', 'show', 'v1'), [{ master: 'kbr' }], 'a bridge of the kernel is the kernel’s');
  await ipr.link('set', { dev: 'v1', master: null });
  t.equal('master' in ip('link', 'show', 'v1')[0]!, false);

  await t.rejects(ipr.link('add', { ifname: 'br0', kind: 'openvswitch' }), { code: 'EEXIST', name: 'NetlinkError' });
  await ipr.link('replace', { ifname: 'br0', kind: 'openvswitch', txqlen: 555 });
  t.match(ip('link', 'show', 'br0'), [{ txqlen: 555 }]);
  await t.rejects(ipr.link('del', { ifname: 'v0', kind: 'openvswitch' }), { name: 'NetlinkError', code: 'ENODEV' });
  await ipr.link('del', { dev: 'br0' });
  await ipr.link('del', { ifname: 'br1', kind: 'openvswitch' });
  t.equal(vsctl('list-br'), '');
  await ipr.link('del', { dev: 'kbr' });
  await t.rejects(ipr.link('del', { dev: object!.index! }), { code: 'ENODEV' });
  const raw = new RawIPRoute({ netns: name });
  await t.rejects(raw.link('add', { ifname: 'br9', kind: 'openvswitch' }), { name: 'NetlinkError' } as never);
  await raw.close();
  t.same(
    ip('link')
      .map(({ ifname }) => ifname)
      .sort(),
    ['lo', 'ovs-netdev', 'v0', 'v1', 'w0', 'w1'].filter(
      (n) => n !== 'ovs-netdev' || ip('link').some((l) => l.ifname === n),
    ),
  );
});

t.test('what cannot be', options, async (t) => {
  const { ipr, ip, vsctl } = await started(t);
  const failed = async (call: Promise<unknown>) => call.catch((error: unknown) => error) as Promise<ProgramError>;
  const bad = await failed(
    ipr.link('add', {
      ifname: 'br0',
      kind: 'openvswitch',
      openvswitch: { datapathType: 'netdev', failMode: 'no; no' },
    }),
  );
  t.type(bad, ProgramError);
  t.match(bad, { code: 'ERR_PROGRAM_FAILED', program: 'ovs-vsctl', status: 1, stderr: /allowed values/ });
  t.equal(vsctl('list-br'), '', 'nothing of it was done');
  const refused = await failed(
    ipr.link('add', { ifname: 'br0', kind: 'openvswitch', openvswitch: { datapathType: 'netdev' }, mtu: 5 }),
  );
  t.type(refused, NetlinkError);
  t.equal(vsctl('list-br'), '', 'a bridge whose options the kernel refuses is deleted');
  t.type(await failed(ipr.link('add', { kind: 'openvswitch' })), InputError);
  t.type(await failed(ipr.link('add', { ifname: 'br0', kind: 'openvswitch', index: 9 })), InputError);
  // A namespace where ovs-vswitchd is not.
  const other = `proxy-other-${process.pid}`;
  await netns.create(other);
  const elsewhere = new IPRoute({ netns: other });
  try {
    const lost = await failed(
      elsewhere.link('add', { ifname: 'br7', kind: 'openvswitch', openvswitch: { datapathType: 'netdev' } }),
    );
    t.match(lost, { name: 'NetlinkError', code: 'ENODEV', message: /not the one of this socket/ });
    t.equal(vsctl('list-br'), '');
  } finally {
    await elsewhere.close();
    await netns.remove(other);
  }
  t.ok(ip('link').length >= 1);
});

t.test('the programs are not installed', async (t) => {
  const name = `proxy-none-${process.pid}`;
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  const path = process.env.PATH;
  const empty = mkdtempSync(join(tmpdir(), 'tsroute2-none-'));
  try {
    process.env.PATH = empty;
    const error = (await ipr
      .link('add', { ifname: 'br0', kind: 'openvswitch' })
      .catch((e: unknown) => e)) as ProgramError;
    t.type(error, ProgramError);
    t.match(error, { code: 'ERR_PROGRAM_MISSING', program: 'ovs-vsctl', message: /openvswitch-switch/ });
    const team = (await ipr.link('add', { ifname: 't0', kind: 'teamd' }).catch((e: unknown) => e)) as ProgramError;
    t.match(team, { code: 'ERR_PROGRAM_MISSING', message: /is not installed/ });
    await t.rejects(ipr.link('add', { ifname: 't0', kind: 'teamd', teamd: { config: '{' } }), {
      name: 'InputError',
      field: 'teamd.config',
    } as never);
  } finally {
    process.env.PATH = path;
    await ipr.close();
    await netns.remove(name);
    rmSync(empty, { recursive: true });
  }
});
