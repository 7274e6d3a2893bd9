/** Families by name: looked up once, found again under another number, named when they are not there. Against a scripted kernel. */
import t from 'tap';
import {
  attr,
  defineFamily,
  GENL_OP,
  GenericNetlink,
  genlGet,
  genlMessage,
  genlmsg,
  genlSet,
  mptcp_pm,
  names,
  nest,
  nlctrl,
  struct,
  u32,
} from '../../src/index.js';
import { answer, done, Kernel, message } from '../genl/kernel.js';
import { rows } from '../rtnl/tlv.js';
import { done as endOf, Script } from './script.js';

const limits = (type: number, seq: number, flags = 0): Buffer =>
  message(type, flags, seq, Buffer.from('06010000 08000200 03000000 08000300 02000000'.replaceAll(' ', ''), 'hex'));

t.test('a family is looked up once', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const known = await genl.getFamily('mptcp_pm');
  t.match(known, { familyId: kernel.family, familyName: 'mptcp_pm', version: 1, hdrsize: 0 });
  t.equal(known.ops.length, 11);
  t.same(names(GENL_OP, known.ops[0]!.flags), ['CMD_CAP_DO', 'CMD_CAP_HASPOL', 'UNS_ADMIN_PERM']);
  t.same(
    known.mcastGroups.map(({ name }) => name),
    ['mptcp_pm_cmds', 'mptcp_pm_events'],
  );
  t.equal(await genl.getFamily('mptcp_pm'), known, 'by name');
  t.equal(await genl.getFamily(kernel.family), known, 'by number');
  t.equal(await genl.getFamily(mptcp_pm), known, 'by declaration');
  await genl.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS');
  t.equal(kernel.lookups, 1);
  t.equal((await genl.getFamily('mptcp_pm', { fresh: true })).familyId, kernel.family);
  t.equal(kernel.lookups, 2, 'asked again when that is wanted');
  t.match(await genl.getFamily('nlctrl'), { familyId: 16, ops: [{ id: 3 }, { id: 10 }] });
  await genl.close();
  t.equal(kernel.open, 0);
});

t.test('a module that was loaded again has another number', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  await genl.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS');
  kernel.family = 77;
  t.same(await genl.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS'), { warnings: [] });
  t.same(
    kernel.commands.map((data) => data.readUInt16LE(4)).slice(1),
    [28, 77],
    'the old number, and then the new one',
  );
  t.equal(kernel.lookups, 2);
  kernel.family = 78;
  t.same(await genl.dump(mptcp_pm, 'MPTCP_PM_CMD_GET_ADDR'), [], 'a dump');
  kernel.play = (sent, type) => (type === 78 && sent[16] === 2 ? [answer(sent, 2)] : undefined);
  const before = kernel.commands.length;
  await t.rejects(genl.request(mptcp_pm, 'MPTCP_PM_CMD_DEL_ADDR', { addr: { id: 1 } }), {
    code: 'ENOENT',
    op: 'MPTCP_PM_CMD_DEL_ADDR',
  });
  t.equal(kernel.commands.length, before + 1, 'ENOENT of the command itself: not sent again');
  kernel.play = undefined;
  kernel.family = 0;
  await t.rejects(genl.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS'), {
    code: 'ENOENT',
    op: 'CTRL_CMD_GETFAMILY',
    message: /there is no generic netlink family "mptcp_pm"/,
  });
  kernel.family = 79;
  t.same(await genl.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS'), { warnings: [] }, 'found when it is back');
  await genl.close();
});

t.test('a lookup that was given up changes nothing', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const known = await genl.getFamily(mptcp_pm);
  const signal = AbortSignal.abort(new Error('enough'));
  await t.rejects(genl.getFamily(mptcp_pm, { fresh: true, signal }), /enough/);
  t.equal(await genl.getFamily(mptcp_pm), known);
  t.equal(kernel.lookups, 1);
  await genl.close();
  await t.rejects(genl.getFamily(mptcp_pm, { fresh: true }), { name: 'ClosedError' });
  t.throws(() => new GenericNetlink({ groups: [1], transport: kernel.transport } as never), {
    name: 'InputError',
    code: 'ERR_UNKNOWN_KEY',
    field: 'groups',
  });
  t.equal(kernel.open, 0);
});

t.test('an unknown family is named, with its module where that is known', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const wrong = (family: string) =>
    genl.getFamily(family).then(
      () => '',
      ({ message }: Error) => message,
    );
  t.equal(
    await wrong('nosuch'),
    'ENOENT: there is no generic netlink family "nosuch" in this namespace (CTRL_CMD_GETFAMILY)',
  );
  t.match(await wrong('wireguard'), /the kernel module wireguard has it/);
  t.match(await wrong('nl80211'), /cfg80211/);
  const mine = defineFamily({ name: 'mine', version: 1, module: 'my_module', ops: {} });
  await t.rejects(genl.getFamily(mine), { message: /the kernel module my_module has it/ });
  await t.rejects(genl.policy('nosuch'), { message: /family "nosuch"/ });
  await genl.close();
});

t.test('answers: an object, consent, both, neither', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  kernel.play = (sent, type, cmd) =>
    type === kernel.family && cmd === 6 ? [limits(type, sent.readUInt32LE(8)), answer(sent, 0)] : undefined;
  t.same(await genl.request(mptcp_pm, 'MPTCP_PM_CMD_GET_LIMITS'), { rcvAddAddrs: 3, subflows: 2 });
  t.same([...kernel.commands[0]!.subarray(16, 20)], [6, 1, 0, 0], 'command and version');
  t.equal(kernel.commands[0]!.readUInt16LE(6), 5, 'REQUEST and ACK');
  kernel.play = undefined;
  await t.rejects(genl.request(mptcp_pm, 'MPTCP_PM_CMD_GET_LIMITS'), /consented, but sent no object/);
  const made = genlMessage<{ index?: number }, { index?: number }>({
    name: 'made',
    prefix: 'MADE',
    table: { index: attr(1, u32) },
  });
  const maker = defineFamily({ name: 'mptcp_pm', version: 3, ops: { MADE_CMD_NEW: genlSet(9, made) } });
  kernel.play = (sent, type, cmd) =>
    cmd === 9
      ? [message(type, 0, sent.readUInt32LE(8), Buffer.from([9, 1, 0, 0, 8, 0, 1, 0, 5, 0, 0, 0])), answer(sent, 0)]
      : undefined;
  t.same(await genl.request(maker, 'MADE_CMD_NEW', { index: 4 }), { object: { index: 5 }, warnings: [] });
  t.same([...kernel.commands.at(-1)!.subarray(16)], [9, 3, 0, 0, 8, 0, 1, 0, 4, 0, 0, 0]);
  await genl.close();
});

t.test('a header of the family’s own', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const def = genlMessage<{ dpIfindex: number; port?: number }, { dpIfindex?: number; port?: number }>({
    name: 'ovs',
    prefix: 'OVS',
    header: struct((r) => ({ dpIfindex: r.s32(4) }), 8),
    table: { port: attr(1, u32) },
  });
  const ovs = defineFamily({ name: 'mptcp_pm', version: 2, ops: { OVS_GET: genlGet(3, def) } });
  kernel.play = (sent, type, cmd) =>
    cmd === 3 && type !== 16 ? [message(type, 0, sent.readUInt32LE(8), sent.subarray(16)), answer(sent, 0)] : undefined;
  t.same(await genl.request(ovs, 'OVS_GET', { dpIfindex: -2, port: 7 }), { dpIfindex: -2, port: 7 });
  t.same([...kernel.commands[0]!.subarray(16)], [3, 2, 0, 0, 0xfe, 0xff, 0xff, 0xff, 8, 0, 1, 0, 7, 0, 0, 0]);
  await genl.close();
});

t.test('dumps and streams give rows of the family alone', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  kernel.play = (sent, type, cmd) => {
    const seq = sent.readUInt32LE(8);
    return cmd === 6 && type !== 16
      ? [limits(type, seq, 2), limits(99, seq, 2), Buffer.concat([limits(type, seq, 2), done(seq)])]
      : undefined;
  };
  const lister = defineFamily({
    name: 'mptcp_pm',
    version: 1,
    ops: { GET: genlGet(6, mptcp_pm.spec.ops.MPTCP_PM_CMD_GET_LIMITS.request) },
  });
  const row = { rcvAddAddrs: 3, subflows: 2 };
  t.same(await genl.dump(lister, 'GET'), [row, row]);
  const seen = [];
  for await (const one of genl.stream(lister, 'GET')) seen.push(one);
  t.same(seen, [row, row]);
  await genl.close();
});

t.test('events: by name, raw, broken', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const monitor = await genl.monitor({ family: mptcp_pm, groups: ['mptcp_pm_events'] });
  const group = (await genl.getFamily('mptcp_pm')).mcastGroups[1]!.id;
  t.same(kernel.joined, [group]);
  const recordedEvents = rows('genl').filter(({ direction }) => direction === 'event');
  const closed = Buffer.from(recordedEvents.find(({ type }) => type === 'MPTCP_EVENT_CLOSED')!.hex, 'hex');
  closed.writeUInt16LE(kernel.family, 4);
  kernel.notify(
    closed,
    message(kernel.family, 0, 0, Buffer.from([99, 1, 0, 0])),
    message(kernel.family, 0, 0, Buffer.from([3])),
    message(55, 0, 0, Buffer.from([3, 1, 0, 0])),
  );
  const events = [];
  for await (const event of monitor) if (events.push(event) === 4) break;
  t.match(events, [
    {
      type: 'message',
      op: 'MPTCP_EVENT_CLOSED',
      value: { token: closed.readUInt32LE(24) },
      header: { type: kernel.family },
    },
    { type: 'raw' },
    { type: 'error', error: { name: 'DecodeError' } },
    { type: 'raw', header: { type: 55 } },
  ]);
  t.ok(monitor.closed);
  const signal = AbortSignal.abort(new Error('enough'));
  await t.rejects(genl.monitor({ family: mptcp_pm, groups: ['mptcp_pm_events'], signal }), /enough/);
  await genl.close();
  t.equal(kernel.open, 0);
});

t.test('a family that nlctrl says is gone is looked up again', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  await genl.getFamily(mptcp_pm);
  const monitor = await genl.monitor({ family: nlctrl, groups: ['notify'] });
  const before = kernel.lookups;
  kernel.notify(Object.assign(kernel.described(0), { 16: 2 }));
  const { value } = await monitor.next();
  t.match(value, { op: 'CTRL_CMD_DELFAMILY', value: { familyName: 'mptcp_pm', familyId: kernel.family } });
  kernel.family = 80;
  await genl.request(mptcp_pm, 'MPTCP_PM_CMD_FLUSH_ADDRS');
  t.equal(kernel.lookups, before + 1);
  t.same(
    kernel.commands.map((data) => data.readUInt16LE(4)),
    [80],
    'nothing went to the old number',
  );
  await genl.close();
});

t.test('names of interfaces are looked up by rtnetlink', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const link = Buffer.alloc(16);
  link.writeInt32LE(42, 4);
  kernel.play = (sent, type) => (type === 18 ? [message(16, 0, sent.readUInt32LE(8), link)] : undefined);
  const addr = { family: 2, addr4: '10.0.0.1', ifIdx: 'eth0' };
  await genl.request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { addr });
  t.same(
    kernel.sent.map(({ protocol }) => protocol),
    [16, 0, 16],
    'the family, the interface, the command',
  );
  t.ok(kernel.sent[1]!.data.includes('eth0\0'));
  t.equal(kernel.commands[0]!.readUInt32LE(kernel.commands[0]!.length - 4), 42, 'the index is in its place');
  kernel.play = (sent, type) => (type === 18 ? [answer(sent, 19)] : undefined);
  await t.rejects(genl.request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { addr }), {
    code: 'ENODEV',
    message: /there is no interface "eth0"/,
  });
  t.equal(kernel.commands.length, 1);
  await genl.close();
  t.equal(kernel.open, 0, 'the other socket is closed as well');
  await t.rejects(genl.request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { addr }), { name: 'ClosedError' });
  t.equal(kernel.open, 0);
});

t.test('policies: nests, limits, recursion, commands that can only be dumped', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  const w = (parts: (number | string)[]) =>
    Buffer.from(
      parts
        .map((p) => (typeof p === 'number' ? Buffer.from(Uint32Array.of(p).buffer).toString('hex') : p))
        .join('')
        .replaceAll(' ', ''),
      'hex',
    );
  const head = '0a020000 06000100 1c000000';
  const pieces = [
    // op 1: do 0, dump 1; then one whose command the kernel does not say.
    w([head, '18000980 14000180 08000100', 0, '08000200', 1]),
    w([head, '10000980 0c000080 08000200', 1]),
    // policy 0, attribute 1: a nest of policy 1; attribute 2: u64 up to 2^64-1.
    w([head, '1c000880 18000080 14000180 08000100', 13, '08000800', 1]),
    w([head, '2c000880 28000080 24000280 0c000400', 0, 0, '0c000500', 0xffffffff, 0xffffffff, '08000100', 5]),
    // policy 1, attribute 3: policy 0 again; attribute 4: s64 with limits, attribute 5 of a type to come.
    w([head, '1c000880 18000180 14000380 08000100', 14, '08000800', 0]),
    w([head, '2c000880 28000180 24000480 0c000200', 0, 0x80000000, '0c000300', 7, 0, '08000100', 9]),
    w([head, '14000880 10000180 0c000580 08000100', 99]),
    w([head, '20000880 1c000180 18000680 0c000c00', 3, 0, '08000100', 4]),
  ];
  kernel.play = (sent, type, cmd) => {
    const seq = sent.readUInt32LE(8);
    if (type !== 16 || cmd !== 10) return undefined;
    return [...pieces.map((piece) => message(16, 2, seq, piece)), done(seq)];
  };
  const inner = {
    '3': { id: 3, type: 'nested_array', policy: 0 },
    '4': { id: 4, type: 's64', min: -(2n ** 63n), max: 7 },
    '5': { id: 5, type: 99 },
    '6': { id: 6, type: 'u32', mask: 3 },
  };
  const outer = {
    '1': { id: 1, type: 'nested', policy: 1, nested: inner },
    '2': { id: 2, type: 'u64', min: 0, max: 2n ** 64n - 1n },
  };
  const deeper = {
    ...inner,
    '3': { ...inner['3'], nested: { '1': { id: 1, type: 'nested', policy: 1 }, '2': outer['2'] } },
  };
  // mptcp_pm has no command that can only be dumped, so nobody can say which one the second is.
  t.same(await genl.policy('mptcp_pm'), { '0': { dump: deeper }, '1': { do: outer, dump: deeper } });
  const leaf = nest<object>('B', { number: attr(4, u32) });
  const table = { a: attr(1, leaf), big: attr(2, u32) } as const;
  const def = genlMessage<object, object>({ name: 'x', prefix: 'A', table });
  const mine = defineFamily({ name: 'mptcp_pm', version: 1, ops: { ONE: genlGet(1, def) } });
  const named = await genl.policy(mine, 'ONE');
  t.same(Object.keys(named.ONE!.do!), ['a', 'big'], 'keys of the table');
  t.same(Object.keys(named.ONE!.do!.a!.nested!), ['3', 'number', '5', '6'].sort(), 'in nests as well');
  t.equal(kernel.sent.at(-1)!.data.readUInt16LE(4), 16);
  // A family whose one command can only be dumped: nlctrl's own, of which the recorded answer says so.
  kernel.play = (sent, type, cmd) => {
    const seq = sent.readUInt32LE(8);
    if (type !== 16 || cmd !== 10) return undefined;
    return [message(16, 2, seq, pieces[1]!), message(16, 2, seq, pieces[6]!), done(seq)];
  };
  t.same(await genl.policy('nlctrl'), { CTRL_CMD_GETPOLICY: { dump: { maxattr: { id: 5, type: 99 } } } });
  kernel.play = (sent, type, cmd) => (type === 16 && cmd === 10 ? [answer(sent, 61)] : undefined);
  t.same(await genl.policy('mptcp_pm'), {}, 'ENODATA: it has none');
  await genl.close();
});

t.test('message classes of one’s own, as in pyroute2', async (t) => {
  const kernel = new Kernel();
  const genl = kernel.generic();
  class mymsg extends genlmsg<{ cmd: number; version: number; subflows?: number; rcvAddAddrs?: number }>({
    name: 'mymsg',
    prefix: 'MY',
    table: { rcvAddAddrs: attr(2, u32), subflows: attr(3, u32) },
  }) {}
  const { familyId } = await genl.bind('mptcp_pm', mymsg, { groups: ['mptcp_pm_cmds'] });
  t.equal(familyId, kernel.family);
  t.same(kernel.joined, [(await genl.getFamily('mptcp_pm')).mcastGroups[0]!.id]);
  kernel.play = (sent, type, cmd) =>
    type === familyId && cmd === 6 ? [limits(type, sent.readUInt32LE(8))] : undefined;
  const [reply] = await genl.nlmRequest(new mymsg({ cmd: 6, version: 1 }), familyId);
  t.match(reply, { op: 'mptcp_pm', value: { cmd: 6, version: 1, rcvAddAddrs: 3, subflows: 2 } });
  const next = genl.get();
  kernel.notify(limits(familyId, 0));
  t.match(await next, { op: 'mptcp_pm', value: { subflows: 2 } });
  await genl.join(mptcp_pm, 'mptcp_pm_events');
  t.equal(kernel.joined.length, 2);
  await t.rejects(genl.bind('mptcp_pm', {} as never), { code: 'ERR_INVALID_VALUE', field: 'message' });
  await t.rejects(genl.bind('mptcp_pm', mymsg, { groups: ['nope'] }), { code: 'ERR_INVALID_VALUE', field: 'groups' });
  await genl.close();
});

t.test('a raw change is not sent again after an overrun, a raw dump is', async (t) => {
  const ENOBUFS = 105;
  const script = new Script((turn) => ({ datagrams: [], why: turn === 0 ? ENOBUFS : 11 }));
  const genl = new GenericNetlink({ transport: () => script });
  await t.rejects(genl.nlmRequest(new Uint8Array([1, 1, 0, 0]), 28, 0x4), { name: 'OutcomeUnknownError' });
  t.equal(script.sent.length, 1);
  await genl.close();
  const other = new Script((turn, _request, seq) =>
    turn === 0 ? { datagrams: [], why: ENOBUFS } : turn === 1 ? undefined : { datagrams: [[endOf(seq)]] },
  );
  const reader = new GenericNetlink({ transport: () => other });
  t.same(await reader.nlmRequest(new Uint8Array([3, 1, 0, 0]), 16, 0x300), []);
  t.equal(other.sent.length, 2);
  await reader.close();
});
