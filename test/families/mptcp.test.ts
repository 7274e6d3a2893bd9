/** Multipath TCP: our requests against those of `ip mptcp`, attribute by attribute; and calls that must be refused. */
import t from 'tap';
import { GenericNetlink, InputError, MPTCP, mptcp_pm, NetlinkError, nlctrl } from '../../src/index.js';
import { answer, Kernel } from '../genl/kernel.js';
import { lines, rows, type Shape } from '../rtnl/tlv.js';

// biome-ignore lint/suspicious/noExplicitAny: the point of the second table is what types would refuse
type Call = (mptcp: any) => unknown;

const add =
  (spec: object): Call =>
  (m) =>
    m.endpoint('add', spec);

/** What `ip` was told, and what we are told for the same. */
const SAME: Readonly<Record<string, Call>> = {
  'ip mptcp endpoint add 10.0.0.1': add({ address: '10.0.0.1' }),
  'ip mptcp endpoint add 10.0.0.1 subflow': add({ address: '10.0.0.1', flags: ['subflow'] }),
  'ip mptcp endpoint add 10.0.0.1 signal': add({ addr4: '10.0.0.1', flags: 'signal' }),
  'ip mptcp endpoint add 10.0.0.1 subflow backup': add({ address: '10.0.0.1', flags: 6 }),
  'ip mptcp endpoint add 10.0.0.1 subflow fullmesh': add({ address: '10.0.0.1', flags: ['subflow', 'fullmesh'] }),
  'ip mptcp endpoint add 10.0.0.1 subflow backup fullmesh': add({
    address: '10.0.0.1',
    flags: ['subflow', 'backup', 'fullmesh'],
  }),
  'ip mptcp endpoint add 10.0.0.1 signal subflow': add({ address: '10.0.0.1', flags: ['signal', 'subflow'] }),
  'ip mptcp endpoint add 10.0.0.1 dev v0 subflow': add({ address: '10.0.0.1', dev: 3, flags: ['subflow'] }),
  'ip mptcp endpoint add 10.0.0.1 id 200 subflow': add({ address: '10.0.0.1', id: 200, flags: ['subflow'] }),
  'ip mptcp endpoint add 10.0.0.1 port 8443 signal': add({ address: '10.0.0.1', port: 8443, flags: ['signal'] }),
  'ip mptcp endpoint add 2001:db8::1 dev v0 id 7 signal': add({
    address: '2001:db8::1',
    ifIdx: 3,
    id: 7,
    flags: ['signal'],
  }),
  'ip mptcp endpoint add 2001:db8::1 port 65535 signal': add({ addr6: '2001:db8::1', port: 65535, flags: ['signal'] }),
  'ip mptcp endpoint change id 5 backup': (m) => m.endpoint('change', { id: 5, flags: ['backup'] }),
  'ip mptcp endpoint change id 5 nobackup fullmesh': (m) => m.endpoint('set', { id: 5, flags: ['fullmesh'] }),
  'ip mptcp endpoint change 10.0.0.1 nofullmesh': (m) => m.endpoint('set', { address: '10.0.0.1', flags: 0 }),
  'ip mptcp endpoint delete id 9': (m) => m.endpoint('del', { id: 9 }),
  'ip mptcp endpoint flush': (m) => m.endpoint('flush', { all: true }),
  'ip -j mptcp endpoint show': (m) => m.endpoint('show'),
  'ip -j mptcp endpoint show id 9': (m) => m.endpoint('get', { id: 9 }),
  'ip mptcp limits show': (m) => m.limits('show'),
  'ip mptcp limits set subflows 4 add_addr_accepted 3': (m) => m.limits('set', { subflows: 4, rcvAddAddrs: 3 }),
  'ip mptcp limits set subflows 0': (m) => m.limits('set', { subflows: 0 }),
  'ip mptcp limits set add_addr_accepted 8': (m) => m.limits('set', { rcvAddAddrs: 8 }),
};

/** Command and version, then the attributes. A flags attribute of 0 says what its absence says. */
const SHAPE: Shape = {
  header: 4,
  nests: { 1: { same: { 6: (data) => (data.readUInt32LE() === 0 ? undefined : data.toString('hex')) } } },
};

t.test('the same requests as ip mptcp', async (t) => {
  const recorded = rows('genl').filter(
    ({ direction, family, refused }) => direction === 'request' && family === 'mptcp_pm' && refused === undefined,
  ) as (ReturnType<typeof rows>[number] & { command: string })[];
  const seen = new Set<string>();
  for (const row of recorded) {
    const call = SAME[row.command];
    if (call === undefined) continue;
    seen.add(row.command);
    const kernel = new Kernel();
    const mptcp = kernel.mptcp();
    await Promise.resolve(call(mptcp)).catch((error: unknown) => {
      // The scripted kernel has nothing to show.
      if (!/sent no object/.test(String(error))) throw error;
    });
    const [ours] = kernel.commands;
    const theirs = Buffer.from(row.hex, 'hex');
    t.same(lines(ours!.subarray(16), SHAPE), lines(theirs.subarray(16), SHAPE), row.command);
    await mptcp.close();
  }
  t.same(
    Object.keys(SAME).filter((command) => !seen.has(command)),
    [],
    'all were recorded',
  );
});

const UNKNOWN = 'ERR_UNKNOWN_KEY';
const INVALID = 'ERR_INVALID_VALUE';
const RANGE = 'ERR_OUT_OF_RANGE';
const MISSING = 'ERR_MISSING_KEY';
const CONFLICT = 'ERR_CONFLICT';
const UNDEFINED = 'ERR_UNDEFINED_SELECTOR';

const endpoint =
  (cmd: unknown, spec?: unknown, ...more: unknown[]): Call =>
  (m) =>
    m.endpoint(cmd, spec, ...more);
const limits =
  (cmd: unknown, spec?: unknown, ...more: unknown[]): Call =>
  (m) =>
    m.limits(cmd, spec, ...more);
const request =
  (family: unknown, op: unknown, spec?: unknown, ...more: unknown[]): Call =>
  (m) =>
    m.request(family, op, spec, ...more);
const at = '10.0.0.1';

const BAD: readonly (readonly [call: Call, code: string, field: string])[] = [
  [endpoint('ad', { address: at }), INVALID, 'command'],
  [endpoint(undefined), INVALID, 'command'],
  [endpoint('add'), MISSING, 'address'],
  [endpoint('add', { id: 1 }), MISSING, 'address'],
  [endpoint('add', null), INVALID, 'endpoint'],
  [endpoint('add', [at]), INVALID, 'endpoint'],
  [endpoint('add', { address: '10.0.0' }), INVALID, 'address'],
  [endpoint('add', { address: '10.0.0.1/24' }), INVALID, 'address'],
  [endpoint('add', { address: 167772161 }), INVALID, 'address'],
  [endpoint('add', { address: '' }), INVALID, 'address'],
  [endpoint('add', { addr4: '::1' }), INVALID, 'addr4'],
  [endpoint('add', { addr6: at }), INVALID, 'addr6'],
  [endpoint('add', { address: at, addr4: at }), CONFLICT, 'addr4'],
  [endpoint('add', { addr4: at, addr6: '::1' }), CONFLICT, 'addr6'],
  [endpoint('add', { address: at, family: 10 }), CONFLICT, 'family'],
  [endpoint('add', { address: at, dev: 1, ifIdx: 1 }), CONFLICT, 'dev'],
  [endpoint('add', { address: at, dev: '' }), INVALID, 'dev'],
  [endpoint('add', { address: at, dev: -1 }), RANGE, 'dev'],
  [endpoint('add', { address: at, dev: 1.5 }), INVALID, 'dev'],
  [endpoint('add', { address: at, id: 256 }), RANGE, 'id'],
  [endpoint('add', { address: at, id: '1' }), INVALID, 'id'],
  [endpoint('add', { address: at, port: 65536 }), RANGE, 'port'],
  [endpoint('add', { address: at, port: -1 }), RANGE, 'port'],
  [endpoint('add', { address: at, flags: 'backups' }), INVALID, 'flags'],
  [endpoint('add', { address: at, flags: ['signal', 'x'] }), INVALID, 'flags[1]'],
  [endpoint('add', { address: at, flags: -1 }), RANGE, 'flags'],
  [endpoint('add', { address: at, prot: 5 }), UNKNOWN, 'prot'],
  [endpoint('add', { address: at }, { timeout: -1 }), INVALID, 'timeout'],
  [endpoint('add', { address: at }, { tiemout: 1 }), UNKNOWN, 'options.tiemout'],
  [endpoint('del'), MISSING, 'id'],
  [endpoint('del', { address: at }), MISSING, 'id'],
  [endpoint('del', { id: undefined }), UNDEFINED, 'id'],
  [endpoint('del', { id: 1, address: undefined }), UNDEFINED, 'address'],
  [endpoint('del', { id: 0 }), MISSING, 'address'],
  [endpoint('del', { id: 300 }), RANGE, 'id'],
  [endpoint('del', { id: 1, flags: 1 }), UNKNOWN, 'flags'],
  [endpoint('del', { id: 1, address: at }), CONFLICT, 'address'],
  [endpoint('del', { id: 1, addr6: '::1' }), CONFLICT, 'addr6'],
  [endpoint('del', null), INVALID, 'filter'],
  [endpoint('set', { flags: 4 }), MISSING, 'id'],
  [endpoint('set', { id: 1 }), MISSING, 'flags'],
  [endpoint('set', { id: 1, address: at, flags: 4 }), CONFLICT, 'id'],
  [endpoint('set', { id: 1, port: 5, flags: 4 }), CONFLICT, 'port'],
  [endpoint('set', { address: at, dev: 'lo', flags: 4 }), CONFLICT, 'dev'],
  [endpoint('set', { id: 1, flags: ['signal'] }), CONFLICT, 'flags'],
  [endpoint('set', { id: 1, flags: -1 }), RANGE, 'flags'],
  [endpoint('set', { id: undefined, flags: 4 }), UNDEFINED, 'id'],
  [endpoint('change', { id: 1, flags: undefined }), UNDEFINED, 'flags'],
  [endpoint('flush'), MISSING, 'all'],
  [endpoint('flush', {}), MISSING, 'all'],
  [endpoint('flush', { all: false }), MISSING, 'all'],
  [endpoint('flush', { all: undefined }), UNDEFINED, 'all'],
  [endpoint('flush', { all: true, id: 1 }), UNKNOWN, 'id'],
  [endpoint('get'), MISSING, 'id'],
  [endpoint('get', { id: undefined }), UNDEFINED, 'id'],
  [endpoint('get', { address: at }), UNKNOWN, 'address'],
  [endpoint('show', { ip: at }), UNKNOWN, 'ip'],
  [endpoint('show', { address: 'x' }), INVALID, 'address'],
  [endpoint('show', { flags: 'signal' }), INVALID, 'flags'],
  [endpoint('show', { id: undefined }), UNDEFINED, 'id'],
  [limits('sett', {}), INVALID, 'command'],
  [limits('set'), MISSING, 'subflows'],
  [limits('set', { subflows: undefined }), UNDEFINED, 'subflows'],
  [limits('set', { subflows: -1 }), RANGE, 'subflows'],
  [limits('set', { addAddrAccepted: 1 }), UNKNOWN, 'addAddrAccepted'],
  [limits('show', { subflows: 1 }), UNKNOWN, 'subflows'],
  [(m) => m.announce({ token: 1, id: 2 }), MISSING, 'address'],
  [(m) => m.announce({ token: undefined, id: 2, address: at }), UNDEFINED, 'token'],
  [(m) => m.announce({ token: -1, id: 2, address: at }), RANGE, 'token'],
  [(m) => m.remove({ token: 1 }), MISSING, 'id'],
  [(m) => m.remove({ token: 1, id: 1, x: 1 }), UNKNOWN, 'x'],
  [(m) => m.remove({ token: 1, id: 256 }), RANGE, 'id'],
  [(m) => m.subflow('make', { token: 1, local: {}, remote: {} }), INVALID, 'command'],
  [(m) => m.subflow('create', { token: 1, local: { address: at } }), MISSING, 'remote'],
  [(m) => m.subflow('create', { token: 1, local: { address: 'x' }, remote: {} }), INVALID, 'local.address'],
  [(m) => m.subflow('destroy', { token: 1, local: {}, remote: { port: 70000 } }), RANGE, 'remote.port'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADR'), INVALID, 'op'],
  [request(mptcp_pm, 'toString'), INVALID, 'op'],
  [request(mptcp_pm, 1), INVALID, 'op'],
  [request(mptcp_pm, undefined), INVALID, 'op'],
  [request('mptcp_pm', 'MPTCP_PM_CMD_ADD_ADDR'), INVALID, 'family'],
  [request(undefined, 'MPTCP_PM_CMD_ADD_ADDR'), INVALID, 'family'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { adr: {} }), UNKNOWN, 'adr'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { addr: 1 }), INVALID, 'addr'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { addr: { addr4: '10.1' } }), INVALID, 'addr.addr4'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_SET_LIMITS', { subflows: 2 ** 32 }), RANGE, 'subflows'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_GET_LIMITS', 5), INVALID, ''],
  [request(nlctrl, 'CTRL_CMD_GETPOLICY', {}), INVALID, 'op'],
  [request(nlctrl, 'CTRL_CMD_GETFAMILY', { familyName: 'sixteen-letters-' }), RANGE, 'familyName'],
  [request(nlctrl, 'CTRL_CMD_GETFAMILY', { familyName: 'a\0b' }), INVALID, 'familyName'],
  [request(mptcp_pm, 'MPTCP_PM_CMD_GET_LIMITS', {}, { onInterrupted: 'x' }), INVALID, 'onInterrupted'],
  [(m) => m.dump(mptcp_pm, 'MPTCP_PM_CMD_GET_LIMITS'), INVALID, 'op'],
  [(m) => m.stream(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR'), INVALID, 'op'],
  [(m) => m.stream(mptcp_pm, 'MPTCP_PM_CMD_GET_ADDR', { x: 1 }), UNKNOWN, 'x'],
  [(m) => m.dump(mptcp_pm, 'MPTCP_PM_CMD_GET_ADDR', {}, { signal: 1 }), INVALID, 'signal'],
  [(m) => m.getFamily(''), INVALID, 'family'],
  [(m) => m.getFamily(15), INVALID, 'family'],
  [(m) => m.getFamily(70000), INVALID, 'family'],
  [(m) => m.getFamily(undefined), INVALID, 'family'],
  [(m) => m.getFamily('a-name-that-is-too-long'), RANGE, 'familyName'],
  [(m) => m.getFamily('nlctrl', { freshh: true }), UNKNOWN, 'options.freshh'],
  [(m) => m.policy({}), INVALID, 'family'],
  [(m) => m.policy(mptcp_pm, 'NOPE'), INVALID, 'op'],
  [(m) => m.policy('mptcp_pm', 'NOPE'), INVALID, 'op'],
  [(m) => m.policy('mptcp_pm', -1), RANGE, 'op'],
  [(m) => m.monitor(), MISSING, 'groups'],
  [(m) => m.monitor({ family: mptcp_pm }), MISSING, 'groups'],
  [(m) => m.monitor({ family: mptcp_pm, groups: [] }), MISSING, 'groups'],
  [(m) => m.monitor({ family: mptcp_pm, groups: ['mptcp_pm_event'] }), INVALID, 'groups'],
  [(m) => m.monitor({ family: mptcp_pm, groups: [5] }), INVALID, 'groups'],
  [(m) => m.monitor({ family: 'nlctrl', groups: ['notfy'] }), INVALID, 'groups'],
  [(m) => m.monitor({ family: 5, groups: ['x'] }), INVALID, 'family'],
  [(m) => m.monitor({ groups: ['x'] }), INVALID, 'family'],
  [(m) => m.monitor({ family: nlctrl, groups: ['notify'], rcvbuf: 0 }), INVALID, 'rcvbuf'],
  [(m) => m.monitor({ family: nlctrl, groups: ['notify'], rcvbuff: 1 }), UNKNOWN, 'rcvbuff'],
  [(m) => m.monitor({ family: nlctrl, groups: ['notify'], signal: {} }), INVALID, 'signal'],
  [(m) => m.events({ group: 1 }), UNKNOWN, 'group'],
  [(m) => m.join('', 'x'), INVALID, 'family'],
  [(m) => m.join(mptcp_pm, 'x'), INVALID, 'groups'],
  [(m) => m.bind('mptcp_pm'), INVALID, 'message'],
  [(m) => m.bind({ groups: ['x'] }), INVALID, 'groups'],
  [(m) => m.bind(undefined), INVALID, 'groups'],
];

t.test(`${BAD.length} calls are refused, and nothing is sent`, async (t) => {
  for (const [call, code, field] of BAD) {
    const kernel = new Kernel();
    const mptcp = kernel.mptcp();
    let found: unknown = 'nothing was thrown';
    try {
      await call(mptcp);
    } catch (error) {
      found = error instanceof InputError ? { code: error.code, field: error.field } : error;
    }
    t.same(found, { code, field }, String(call).replaceAll(/\s+/g, ' '));
    t.equal(kernel.sent.length, 0);
    t.equal(kernel.open, 1);
    await mptcp.close();
  }
});

t.test('mistakes are explained', async (t) => {
  const mptcp = new Kernel().mptcp();
  const words = async (call: Call): Promise<string> => {
    try {
      await call(mptcp);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  t.match(await words(request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADR')), /did you mean "MPTCP_PM_CMD_ADD_ADDR"/);
  t.match(await words(request(nlctrl, 'CTRL_CMD_GETPOLICY')), /ask by dump or stream/);
  t.match(await words((m) => m.dump(mptcp_pm, 'MPTCP_PM_CMD_SET_LIMITS')), /ask by request/);
  t.match(
    await words((m) => m.monitor({ family: mptcp_pm, groups: ['mptcp_pm_event'] })),
    /did you mean "mptcp_pm_events"\?\); it has mptcp_pm_cmds, mptcp_pm_events/,
  );
  t.match(await words(endpoint('add', { address: at, prot: 5 })), /did you mean "port"/);
  await mptcp.close();
});

t.test('words without an offset name what they can only mean', async (t) => {
  const kernel = new Kernel();
  const mptcp = kernel.mptcp();
  const refused = async (text: string, call: Promise<unknown>): Promise<unknown[]> => {
    const error = await call.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(error instanceof NetlinkError)) throw error ?? new Error('nothing was refused');
    return [error.kernelMessage === text, error.attribute, error.attributeSource];
  };
  let text = 'limit greater than maximum (8)';
  kernel.play = (sent, type) => (type === kernel.family ? [answer(sent, 22, text)] : undefined);
  t.same(await refused(text, mptcp.limits('set', { subflows: 9 })), [true, 'subflows', 'inferred']);
  t.same(await refused(text, mptcp.limits('set', { rcvAddAddrs: 9 })), [true, 'rcvAddAddrs', 'inferred']);
  t.same(await refused(text, mptcp.limits('set', { rcvAddAddrs: 9, subflows: 1 })), [true, undefined, undefined]);
  text = 'address not found';
  t.same(await refused(text, mptcp.endpoint('del', { id: 9 })), [true, 'addr', 'inferred']);
  text = 'something else';
  t.same(await refused(text, mptcp.endpoint('del', { id: 9 })), [true, undefined, undefined]);
  await mptcp.close();
});

t.test('what is good is sent', async (t) => {
  const kernel = new Kernel();
  const mptcp = kernel.mptcp();
  t.ok(mptcp instanceof GenericNetlink && mptcp instanceof MPTCP);
  await mptcp.announce({ token: 0x01020304, id: 2, address: at, port: 80 });
  await mptcp.remove({ token: 5, id: 2 });
  await mptcp.subflow('create', { token: 5, local: { id: 1, address: at }, remote: { address: '10.0.0.2', port: 80 } });
  await mptcp.subflow('destroy', {
    token: 5,
    local: { address: '::1', port: 9 },
    remote: { address: '::2', port: 80 },
  });
  t.same(
    kernel.commands.map((data) => data[16]),
    [8, 9, 10, 11],
  );
  t.same(lines(kernel.commands[1]!.subarray(16), { header: 4 }), ['header=09010000', '4=05000000', '5=02']);
  await mptcp.close();
});
