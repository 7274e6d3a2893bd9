/** `kind: 'tuntap'`: devices made by ioctl, as `ip tuntap` and `ip -d link` see them. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import t, { type Test } from 'tap';
import { InputError, IPRoute, NetlinkError, netns, RawIPRoute } from 'tsroute2';

/** Whether the device file is there, and open to the user of the test. */
function usable(): boolean {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return true;
  } catch {
    return false;
  }
}
const options = usable() ? {} : { skip: '/dev/net/tun cannot be opened here' };
let count = 0;

async function inside(t: Test) {
  const name = `proxy-tun-${process.pid}-${count++}`;
  await netns.create(name);
  const ipr = new IPRoute({ netns: name });
  t.teardown(async () => {
    await ipr.close();
    await netns.remove(name);
  });
  const ip = (...args: string[]): Record<string, never>[] =>
    JSON.parse(execFileSync('ip', ['-n', name, '-j', '-d', ...args], { encoding: 'utf8' }));
  return { name, ipr, ip };
}

/** Descriptors of tun devices that this process has. */
const descriptors = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === '/dev/net/tun';
    } catch {
      return false;
    }
  });

t.test('every option', options, async (t) => {
  const { ipr, ip } = await inside(t);
  const before = descriptors();
  const { object, fd } = await ipr.link('add', {
    ifname: 'tap0',
    kind: 'tuntap',
    tuntap: { mode: 'tap', owner: 1234, group: 5678, multiQueue: true, vnetHdr: true, pi: true },
    mtu: 1400,
    address: '02:00:00:00:00:07',
    state: 'up',
  });
  t.equal(fd, undefined);
  t.match(object, { ifname: 'tap0', mtu: 1400, address: '02:00:00:00:00:07', linkinfo: { kind: 'tun' } });
  t.same(object?.linkinfo?.tun, {
    owner: 1234,
    group: 5678,
    type: 'tap',
    pi: true,
    vnetHdr: true,
    persist: true,
    multiQueue: true,
    numQueues: 0,
    numDisabledQueues: 0,
  });
  const [seen] = ip('link', 'show', 'tap0') as unknown as { linkinfo: { info_data: object } }[];
  t.match(seen, { mtu: 1400, address: '02:00:00:00:00:07' } as never);
  t.match(seen?.linkinfo.info_data, {
    type: 'tap',
    pi: true,
    vnet_hdr: true,
    multi_queue: true,
    persist: true,
    user: '1234',
    group: '5678',
  });
  await ipr.link('add', { ifname: 'tun0', kind: 'tuntap', tuntap: { mode: 'tun' } });
  const [plain] = ip('link', 'show', 'tun0') as unknown as { linkinfo: { info_data: object } }[];
  t.match(plain?.linkinfo.info_data, { type: 'tun', pi: false, vnet_hdr: false, persist: true });
  t.notOk('user' in plain!.linkinfo.info_data);
  const named = await ipr.link('add', { kind: 'tuntap', tuntap: { mode: 'tap' } });
  t.match(named.object?.ifname, /^tap\d+$/, 'the kernel names it');
  t.same(await ipr.link('add', { ifname: 'q0', kind: 'tuntap', tuntap: { mode: 'tap' } }, { echo: false }), {
    warnings: [],
  });
  await ipr.link('replace', { ifname: 'q0', kind: 'tuntap', tuntap: { mode: 'tap' }, mtu: 1300 });
  t.match(ip('link', 'show', 'q0'), [{ mtu: 1300 }]);
  await ipr.link('del', { ifname: 'q0' });
  t.same(
    ip('link')
      .map(({ ifname }) => ifname)
      .sort(),
    ['lo', 'tap0', named.object?.ifname, 'tun0'].sort(),
  );
  t.same(descriptors(), before, 'nothing stays open');
});

t.test('the open descriptor', options, async (t) => {
  const { ipr, ip } = await inside(t);
  const { fd, object } = await ipr.link('add', {
    ifname: 'tap1',
    kind: 'tuntap',
    tuntap: { mode: 'tap', persist: false },
    state: 'up',
    address: '02:00:00:00:00:01',
  });
  t.equal(object?.ifname, 'tap1');
  t.type(fd, 'number');
  const counted = async () => (await ipr.link('get', { dev: 'tap1' })).stats64?.rxPackets;
  const packets = await counted();
  // An ARP request, as if it came from the wire.
  const frame = Buffer.alloc(60);
  frame.fill(0xff, 0, 6);
  frame.write('020000000002', 6, 'hex');
  frame.writeUInt16BE(0x0806, 12);
  t.equal(writeSync(fd!, frame), 60);
  t.equal(await counted(), Number(packets) + 1, 'what is written is received by the device');
  const read = Buffer.alloc(2048);
  let got = 0;
  for (let i = 0; i < 100 && got === 0; i++) {
    try {
      got = readSync(fd!, read);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  t.ok(got >= 14, 'what the device sends is read');
  closeSync(fd!);
  t.same(
    ip('link').map(({ ifname }) => ifname),
    ['lo'],
    'it is gone with its descriptor',
  );
});

t.test('what cannot be: a typed error, and nothing is left', options, async (t) => {
  const { name, ipr, ip } = await inside(t);
  const before = descriptors();
  const refusedInput = async (spec: object, field: string) => {
    const error = await ipr.link('add', { ifname: 'x0', kind: 'tuntap', ...spec } as never).catch((e: unknown) => e);
    t.type(error, InputError);
    t.equal((error as InputError).field, field);
  };
  await refusedInput({}, 'tuntap.mode');
  await refusedInput({ tuntap: { mode: 'tun', index: 7 } }, 'tuntap.index');
  await refusedInput({ tuntap: { mode: 'tup' } }, 'tuntap.mode');
  await refusedInput({ tuntap: { mode: 'tun' }, index: 77 }, 'index');
  await ipr.link('add', { ifname: 't0', kind: 'tuntap', tuntap: { mode: 'tun' } });
  const refused = async (call: Promise<unknown>, match: object) => {
    const error = await call.catch((e: unknown) => e);
    t.type(error, NetlinkError);
    t.match(error, match);
  };
  await refused(ipr.link('add', { ifname: 't0', kind: 'tuntap', tuntap: { mode: 'tun' } }), {
    code: 'EEXIST',
    op: 'RTM_NEWLINK',
  });
  await refused(ipr.link('add', { ifname: 'lo', kind: 'tuntap', tuntap: { mode: 'tun' } }), { code: 'EEXIST' });
  await refused(ipr.link('replace', { ifname: 't0', kind: 'tuntap', tuntap: { mode: 'tap' } }), { code: 'EINVAL' });
  await refused(ipr.link('add', { ifname: 'm0', kind: 'tuntap', tuntap: { mode: 'tap' }, mtu: 5 }), { code: 'EINVAL' });
  await t.rejects(ipr.link('set', { ifname: 't0', kind: 'tuntap', tuntap: { owner: 5 } }), {
    name: 'InputError',
    field: 'tuntap',
  } as never);
  const raw = new RawIPRoute({ netns: name });
  await refused(raw.link('add', { ifname: 'r0', kind: 'tuntap', tuntap: { mode: 'tun' } }), { code: 'EOPNOTSUPP' });
  await raw.close();
  t.same(
    ip('link').map(({ ifname }) => ifname),
    ['lo', 't0'],
  );
  t.same(descriptors(), before);
});

t.test('ensured, read, and gone again', options, async (t) => {
  const { ipr, ip } = await inside(t);
  const before = descriptors();
  const tuntap = { mode: 'tap', owner: 1234, group: 5678, pi: false, vnetHdr: true, multiQueue: true } as const;
  const spec = { ifname: 'ty', kind: 'tuntap', tuntap } as const;
  const conflict = (field: string) => ({ name: 'InputError', code: 'ERR_CONFLICT', field });
  t.equal(await ipr.ensure('link', spec), 'added');
  t.equal(await ipr.ensure('link', spec), 'unchanged');
  t.equal(await ipr.ensure('link', { ...spec, tuntap: { mode: 'tap' as const, persist: true } }), 'unchanged');
  t.equal(await ipr.ensure('link', { ifname: 'ty', linkinfo: { kind: 'tuntap', tuntap } } as never), 'unchanged');
  t.equal(await ipr.ensure('link', { ...spec, mtu: 1300, state: 'up' }), 'updated', 'the rest is brought in line');
  t.match(ip('link', 'show', 'ty'), [{ mtu: 1300, linkinfo: { info_data: { type: 'tap' } } }]);
  t.equal(await ipr.ensure('link', { ...spec, mtu: 1300, state: 'up' }), 'unchanged');
  const others = { mode: 'tun', owner: 1, group: 1, pi: true, vnetHdr: false, multiQueue: false } as const;
  for (const [key, value] of Object.entries(others)) {
    const other = { ...spec, tuntap: { ...tuntap, [key]: value } } as never;
    await t.rejects(ipr.ensure('link', other), conflict(`tuntap.${key}`), key);
  }
  const inner = ipr.ensure('link', { ifname: 'ty', linkinfo: { kind: 'tuntap', tuntap: { mode: 'tun' } } });
  await t.rejects(inner, conflict('linkinfo.tuntap.mode'));
  const fleeting = ipr.ensure('link', { ...spec, ifname: 'tz', tuntap: { mode: 'tun' as const, persist: false } });
  await t.rejects(fleeting, conflict('tuntap.persist'), 'nobody would have its descriptor');
  await ipr.link('add', { ifname: 'b0', kind: 'bridge' });
  await t.rejects(ipr.ensure('link', { ...spec, ifname: 'b0' }), conflict('kind'));

  t.same(
    (await ipr.getLinks({ kind: 'tun' })).map(({ ifname }) => ifname),
    ['ty'],
  );
  const unread = { name: 'InputError', code: 'ERR_INVALID_VALUE', message: /"tun"/ };
  await t.rejects(ipr.getLinks({ kind: 'tuntap' }), { ...unread, field: 'kind' } as never);
  await t.rejects(ipr.linkLookup({ kind: 'tuntap' }), { ...unread, field: 'kind' } as never);
  await t.rejects(ipr.getLinks({ 'linkinfo.kind': 'tuntap' }), { ...unread, field: 'linkinfo.kind' } as never);
  await t.rejects(ipr.getLinks({ kind: 'teamd' }), { field: 'kind', message: /"team"/ } as never);

  const names = () =>
    ip('link')
      .map(({ ifname }) => String(ifname))
      .sort();
  await t.rejects(ipr.link('del', { dev: 'b0', kind: 'tuntap' }), conflict('kind'));
  await t.rejects(ipr.ensureGone('link', { ifname: 'b0', kind: 'tuntap' }), conflict('kind'));
  t.same(names(), ['b0', 'lo', 'ty'], 'another kind stays');
  t.equal(await ipr.ensureGone('link', { ifname: 'ty', kind: 'tuntap' }), true);
  t.equal(await ipr.ensureGone('link', { ifname: 'ty', kind: 'tuntap' }), false);
  await ipr.ensure('link', { ifname: 'tx', kind: 'tuntap', tuntap: { mode: 'tun' } });
  await ipr.link('del', { dev: 'tx', kind: 'tuntap' });
  await t.rejects(ipr.link('del', { dev: 'tx', kind: 'tuntap' }), { code: 'ENODEV' });
  t.same(names(), ['b0', 'lo']);
  t.same(descriptors(), before);
});

t.test('batches, raw messages, a callback before', options, async (t) => {
  const { ipr, ip } = await inside(t);
  const batch = ipr.batch();
  batch.link('add', { ifname: 'b0', kind: 'bridge' });
  batch.link('add', { ifname: 't0', kind: 'tuntap', tuntap: { mode: 'tap' }, master: 'b0' });
  batch.link('add', { ifname: 'lo', kind: 'tuntap', tuntap: { mode: 'tap' } });
  batch.link('set', { dev: 't0', state: 'up' });
  const { results } = await batch.commit({ partial: true });
  t.same(
    results.map(({ error }) => (error as NetlinkError | null)?.code ?? null),
    [null, null, 'EEXIST', null],
  );
  t.match(ip('link', 'show', 't0'), [{ master: 'b0' }]);
  const { ifinfmsg } = await import('tsroute2');
  const value = { ifname: 't1', linkinfo: { kind: 'tuntap', tuntap: { mode: 'tun' } } };
  await ipr.nlmRequest({ def: ifinfmsg.def, value }, 16, 0x604);
  t.equal(ip('link', 'show', 't1').length, 1);
  ipr.sproxy.set('RTM_NEWLINK', (data) => {
    const m = new ifinfmsg(data).decode();
    m.value.mtu = 1234;
    return { verdict: 'forward', data: m.reset().encode().buf };
  });
  await ipr.link('add', { ifname: 't2', kind: 'tuntap', tuntap: { mode: 'tun' } });
  t.match(ip('link', 'show', 't2'), [{ mtu: 1234 }], 'the program’s callback comes first');
});

t.test('a descriptor that nobody waits for any more is closed', options, async (t) => {
  const { ipr } = await inside(t);
  const before = descriptors();
  for (let i = 0; i < 8; i++) {
    const stop = new AbortController();
    const made = ipr.link(
      'add',
      { ifname: `a${i}`, kind: 'tuntap', tuntap: { mode: 'tap', persist: false } },
      { signal: stop.signal },
    );
    for (let turns = 0; turns < i; turns++) await new Promise(setImmediate);
    stop.abort();
    const { fd } = await made.catch(() => ({ fd: undefined }));
    if (fd !== undefined) closeSync(fd);
  }
  // Requests are carried out in turn, those given up among them: with the answer to this all have ended.
  await ipr.link('get', { ifname: 'lo' });
  t.same(descriptors(), before, 'also while the socket is open');
  const last = ipr.link('add', { ifname: 'z', kind: 'tuntap', tuntap: { mode: 'tap', persist: false } });
  await new Promise(setImmediate);
  await ipr.close();
  await t.rejects(last, { code: 'ERR_NETLINK_CLOSED' });
  // Whether it was opened before or after that, it is gone soon, and for good.
  for (let i = 0, calm = 0; i < 200 && calm < 20; i++) {
    calm = descriptors().length > before.length ? 0 : calm + 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.same(descriptors(), before);
});
