/** Numbers of namespaces: set, asked for, listed, told of; and what `ip netns` says to them. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import t, { type Test } from 'tap';
import { InputError, NetNS, netns } from 'tsroute2';

// Emulated machines are slow.
t.setTimeout(300_000);

/** Two namespaces; numbers are those of the first, so that others do not matter. */
async function lab(t: Test, name: string, ...others: string[]) {
  const ns = new NetNS(name, { create: true });
  for (const other of others) await netns.create(other);
  t.teardown(async () => {
    await ns.remove();
    for (const other of others) if (netns.exists(other)) await netns.remove(other);
  });
  const witness = () =>
    (
      JSON.parse(execFileSync('ip', ['-n', name, '-j', 'netns', 'list-id'], { encoding: 'utf8' }) || '[]') as {
        nsid: number;
        name?: string;
      }[]
    ).sort((a, b) => a.nsid - b.nsid);
  return { ns, witness };
}

t.test('set, get, dump; by name, path, descriptor, process, number', async (t) => {
  const { ns, witness } = await lab(t, 'nsid', 'nsid-a', 'nsid-b', 'nsid-c', 'nsid-d');
  const fd = openSync('/run/netns/nsid-c', 'r');
  t.teardown(() => closeSync(fd));
  const inhabitant = netns.spawn('nsid-d', 'cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => inhabitant.kill());
  inhabitant.stdin!.write('there\n');
  await new Promise((resolve) => inhabitant.stdout!.once('data', resolve));

  t.match(await ns.nsid('get', { netns: 'nsid-a' }), { nsid: -1 });
  t.same(await ns.nsid('dump'), []);
  t.match((await ns.nsid('set', { netns: 'nsid-a', nsid: 7 })).object, { nsid: 7 });
  t.match((await ns.nsid('set', { netns: '/run/netns/nsid-b', nsid: 0x7fffffff })).object, { nsid: 0x7fffffff });
  t.match((await ns.nsid('set', { netns: fd, nsid: 'auto' })).object, { nsid: 0 });
  t.match((await ns.nsid('set', { pid: inhabitant.pid!, nsid: 9 }, { echo: false })).object, undefined);
  const expected = [
    { nsid: 0, name: 'nsid-c' },
    { nsid: 7, name: 'nsid-a' },
    { nsid: 9, name: 'nsid-d' },
    { nsid: 0x7fffffff, name: 'nsid-b' },
  ];
  t.same(witness(), expected);
  const numbers = (await ns.getNsids()).map(({ nsid }) => nsid!).sort((a, b) => a - b);
  t.same(
    numbers,
    expected.map(({ nsid }) => nsid),
  );
  const streamed: unknown[] = [];
  for await (const { nsid } of ns.nsids({ nsid: (value) => value! > 7 })) streamed.push(nsid);
  t.same(streamed.length, 2);
  for (const { nsid, name } of expected) {
    t.match(await ns.nsid('get', { netns: name }), { nsid });
    t.match(await ns.nsid('get', { nsid }), { nsid });
  }
  t.match(await ns.nsid('get', { netns: fd }), { nsid: 0 });
  t.match(await ns.nsid('get', { pid: inhabitant.pid! }), { nsid: 9 });
  // What ip sets, we see.
  execFileSync('ip', ['-n', 'nsid-a', 'netns', 'set', 'nsid-b', '3']);
  t.match(await ns.nsid('get', { netns: 'nsid-b', targetNsid: 7 }), { nsid: 3, currentNsid: 0x7fffffff });
  t.match(await ns.nsid('dump', { targetNsid: 7 }), [{ nsid: 3, currentNsid: 0x7fffffff }]);
  await t.rejects(ns.nsid('get', { nsid: 4711 }), { code: 'ENOENT', op: 'RTM_GETNSID', attribute: 'nsid' });
  await t.rejects(ns.nsid('set', { netns: 'nsid-a', nsid: 8 }), { code: 'EEXIST', attribute: 'fd' });
  await t.rejects(ns.nsid('set', { netns: 'nsid', nsid: 7 }), { code: 'EEXIST', attribute: 'nsid' });
  t.same(witness(), expected);
});

t.test('in a batch, and as link messages have it', async (t) => {
  const { ns, witness } = await lab(t, 'nsidl', 'nsidl-a', 'nsidl-b');
  await ns.batch().nsid('set', { netns: 'nsidl-a', nsid: 5 }).nsid('set', { netns: 'nsidl-b', nsid: 6 }).commit();
  t.same(witness(), [
    { nsid: 5, name: 'nsidl-a' },
    { nsid: 6, name: 'nsidl-b' },
  ]);
  await ns.link('add', { ifname: 'v0', kind: 'veth', peer: { ifname: 'v1', netns: 'nsidl-b' } });
  t.match(await ns.link('get', { dev: 'v0' }), { linkNetnsid: 6 });
});

t.test('events', async (t) => {
  const { ns } = await lab(t, 'nside', 'nside-a');
  const events = ns.monitor({ groups: ['nsid'] });
  await ns.nsid('set', { netns: 'nside-a', nsid: 5 });
  const now = await ns.nsid('get', { netns: 'nside-a' });
  const first = (await events.next()).value;
  t.match(first, { type: 'message', op: 'RTM_NEWNSID' });
  t.same(first?.type === 'message' && first.value, now, 'the object as it is at that moment');
  await netns.remove('nside-a');
  t.match((await events.next()).value, { type: 'message', op: 'RTM_DELNSID', value: { nsid: 5 } });
  t.same(await ns.nsid('dump'), [], 'the number goes with the namespace');
});

t.test('what is no request is refused', async (t) => {
  const { ns } = await lab(t, 'nsidr', 'nsidr-a');
  const bad: [string, unknown, string][] = [
    ['get', {}, 'netns'],
    ['get', { netns: undefined }, 'netns'],
    ['get', { netns: 'nsidr-a', pid: 1 }, 'pid'],
    ['get', { netns: 'nsidr-a', nsid: 1 }, 'nsid'],
    ['get', { netns: '..' }, 'netns'],
    ['get', { netns: 'nowhere' }, 'netns'],
    ['get', { netns: 1 }, 'netns'],
    ['get', { nsid: -1 }, 'nsid'],
    ['get', { nsid: 'auto' }, 'nsid'],
    ['get', { nsid: 2 ** 31 }, 'nsid'],
    ['get', { nsid: 1, targetNsid: -1 }, 'targetNsid'],
    ['get', { name: 'x' }, 'name'],
    ['get', null, 'nsid'],
    ['set', { nsid: 1 }, 'netns'],
    ['set', { netns: 'nsidr-a' }, 'nsid'],
    ['set', { netns: 'nsidr-a', nsid: undefined }, 'nsid'],
    ['set', { netns: 'nsidr-a', nsid: -1 }, 'nsid'],
    ['set', { netns: 'nsidr-a', nsid: 1.5 }, 'nsid'],
    ['set', { netns: 'nsidr-a', nsid: '1' }, 'nsid'],
    ['set', { netns: 'nsidr-a', nsid: 1, targetNsid: 1 }, 'targetNsid'],
    ['set', { pid: 0, nsid: 1 }, 'pid'],
    ['set', { pid: '1', nsid: 1 }, 'pid'],
    ['dump', { targetNsid: undefined }, 'targetNsid'],
    ['dump', { nsid: undefined }, 'nsid'],
    ['dump', { mtu: 1 }, 'mtu'],
    ['del', { nsid: 1 }, 'command'],
    ['add', { netns: 'nsidr-a', nsid: 1 }, 'command'],
  ];
  for (const [cmd, spec, field] of bad)
    await t.rejects(
      ns.nsid(cmd as 'get', spec as never),
      { name: 'InputError', field },
      `${cmd} ${JSON.stringify(spec)}`,
    );
  t.throws(() => ns.batch().nsid('set', { netns: 'nsidr-a' } as never), InputError);
  t.same(await ns.nsid('dump'), []);
  // There is no verb to delete, because the kernel has none.
  await t.rejects(ns.nlmRequest(new Uint8Array(4), 89, 4), { code: 'EOPNOTSUPP' });
});
