/** Families of the running kernel against what `genl` prints of them, and what the kernel says of mistakes. */
import { execFileSync, spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import {
  attr,
  type Ctrl,
  defineFamily,
  GenericNetlink,
  type GenlFamily,
  genlGet,
  genlMessage,
  NetlinkError,
  nlctrl,
  u16,
} from 'tsroute2';
import { familyText, policyLine } from '../witness/genl.js';

// Emulated machines are slow.
t.setTimeout(300_000);

const print = (...args: string[]): string =>
  execFileSync('genl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What `genl` prints of families, one array of lines each. */
const printed = (text: string): string[][] =>
  text
    .split(/\n(?=Name: )/)
    .map((block) => block.trim().split(/\s*\n\s*/))
    .filter(([name]) => name !== '');

t.test('genl ctrl list: every family, its commands and its groups', async (t) => {
  const genl = new GenericNetlink();
  t.teardown(() => genl.close());
  const families = await genl.families();
  t.same(families.map(familyText), printed(print('ctrl', 'list')));
  t.ok(families.length >= 2, `${families.length} families`);
  let ops = 0;
  for (const family of families) {
    t.same(await genl.getFamily(family.familyName, { fresh: true }), family, family.familyName);
    t.same(await genl.getFamily(family.familyId, { fresh: true }), family);
    t.same(printed(print('ctrl', 'get', 'name', family.familyName)), [familyText(family)]);
    ops += family.ops.length;
  }
  t.comment(`figure: ${families.length} families, ${ops} commands`);
});

/** iproute2 7.2 forgets the comma in a range. */
const joined = (line: string): string => line.replace(/(?<=range:\[[^\],]*),/, '');

t.test('genl ctrl policy: every rule of every family', async (t) => {
  const genl = new GenericNetlink();
  t.teardown(() => genl.close());
  let rules = 0;
  for (const { familyName, familyId } of await genl.families()) {
    const { status, stdout } = spawnSync('genl', ['ctrl', 'policy', 'name', familyName], { encoding: 'utf8' });
    const rows: Ctrl[] = [];
    try {
      rows.push(...(await genl.dump(nlctrl, 'CTRL_CMD_GETPOLICY', { familyId })));
    } catch (error) {
      // No policy at all.
      t.match(error, { name: 'NetlinkError', code: 'ENODATA' }, familyName);
      t.same(await genl.policy(familyName), {});
      continue;
    }
    t.equal(status, 0, familyName);
    t.same(
      rows.map(policyLine).map(joined),
      stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [joined(line.trim())])),
      familyName,
    );
    rules += rows.length;
    // A family that is declared has names.
    if (familyName !== 'nlctrl') await commands(t, genl, familyName, rows);
  }
  t.comment(`figure: ${rules} messages of policies`);
});

/** Numbers of policies differ between answers; commands that take nothing have an empty list or none. */
const comparable = (rules: unknown): unknown =>
  JSON.parse(
    JSON.stringify(rules, (key, value: unknown) =>
      key === 'policy' || ((key === 'do' || key === 'dump') && Object.keys(value as object).length === 0)
        ? undefined
        : typeof value === 'bigint'
          ? String(value)
          : value,
    ),
  );

/** The policies of a family put together, against its commands. */
async function commands(t: Test, genl: GenericNetlink, name: string, rows: readonly Ctrl[]): Promise<void> {
  const policy = await genl.policy(name);
  const family: GenlFamily = await genl.getFamily(name);
  const described = rows.filter(({ opPolicy }) => opPolicy !== undefined).length;
  t.equal(Object.keys(policy).length, described, `${name}: every command that has a policy`);
  for (const [cmd, { do: one, dump: list }] of Object.entries(policy)) {
    const op = family.ops.find(({ id }) => String(id) === cmd);
    t.ok(op, `${name}: ${cmd} is a command`);
    if (op === undefined) continue;
    t.ok(one === undefined || (op.flags & 2) !== 0, `${name}: ${cmd} can be done`);
    t.ok(list === undefined || (op.flags & 4) !== 0, `${name}: ${cmd} can be dumped`);
    t.same(comparable((await genl.policy(name, op.id))[cmd]), comparable(policy[cmd]), `${name}: ${cmd} alone`);
  }
}

t.test('a declared family has its keys in the policy', async (t) => {
  const genl = new GenericNetlink();
  t.teardown(() => genl.close());
  const policy = await genl.policy(nlctrl);
  t.match(policy.CTRL_CMD_GETFAMILY?.do?.familyName, { id: 2, type: 'nul_string', maxLength: 15 });
  t.match(policy.CTRL_CMD_GETFAMILY?.do?.familyId, { id: 1, type: 'u16', min: 0, max: 65535 });
  t.match(policy.CTRL_CMD_GETPOLICY?.dump?.op, { id: 10, type: 'u32', max: 0xffffffff });
});

t.test('what is not there', async (t) => {
  const genl = new GenericNetlink();
  t.teardown(() => genl.close());
  const refused = async (call: Promise<unknown>): Promise<NetlinkError> => {
    const error = await call.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (error instanceof NetlinkError) return error;
    throw error ?? new Error('nothing was refused');
  };
  t.match(await refused(genl.getFamily('nosuchfamily')), {
    code: 'ENOENT',
    op: 'CTRL_CMD_GETFAMILY',
    message: /there is no generic netlink family "nosuchfamily"/,
  });
  t.match(await refused(genl.getFamily(1023)), { code: 'ENOENT', message: /family 1023/ });
  t.match(await refused(genl.policy('nlctrl', 99)), { code: 'ENOENT', op: 'CTRL_CMD_GETPOLICY' });
  const absent = genlMessage<{ one?: number }, { one?: number }>({
    name: 'm',
    prefix: 'M',
    table: { one: attr(1, u16) },
  });
  const more = defineFamily({ name: 'nlctrl', version: 2, ops: { CTRL_CMD_NOSUCH: genlGet(77, absent) } });
  t.match(await refused(genl.request(more, 'CTRL_CMD_NOSUCH')), { code: 'EOPNOTSUPP', op: 'CTRL_CMD_NOSUCH' });
  const wide = defineFamily({ name: 'nlctrl', version: 2, ops: { CTRL_CMD_GETFAMILY: genlGet(3, absent) } });
  const error = await refused(
    genl.request(wide, 'CTRL_CMD_GETFAMILY', { unknown: [{ type: 1, data: new Uint8Array(1) }] } as never),
  );
  t.match(error, { code: 'ERANGE', attribute: 'one', attributeSource: 'kernel' }, 'an attribute of the wrong width');
  t.equal(error.policy?.type, 3, 'NL_ATTR_TYPE_U16');
});

t.test('many at once, and a stream that is left', async (t) => {
  const genl = new GenericNetlink();
  t.teardown(() => genl.close());
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => genl.request(nlctrl, 'CTRL_CMD_GETFAMILY', { familyName: 'nlctrl' })),
  );
  t.ok(answers.every(({ familyId }) => familyId === 16));
  for await (const { familyName } of genl.stream(nlctrl, 'CTRL_CMD_GETFAMILY')) {
    t.equal(familyName, 'nlctrl');
    break;
  }
  t.ok((await genl.families()).length > 1);
});

t.test('a module that is unloaded and loaded again', async (t) => {
  const loaded = process.env.TSROUTE2_VM !== undefined && spawnSync('modprobe', ['fou']).status === 0;
  if (!loaded) {
    t.plan(0, 'modules are loaded and unloaded in the virtual machine only');
    return;
  }
  const genl = new GenericNetlink();
  t.teardown(async () => {
    await genl.close();
    spawnSync('rmmod', ['fou']);
  });
  const port = genlMessage<{ port?: number }, { port?: number }>({
    name: 'fou',
    prefix: 'FOU_ATTR',
    table: { port: attr(1, u16) },
  });
  const fou = defineFamily({ name: 'fou', version: 1, ops: { FOU_CMD_GET: genlGet(3, port, 'dump') } });
  const events = await genl.monitor({ family: nlctrl, groups: ['notify'] });
  t.same(await genl.dump(fou, 'FOU_CMD_GET'), []);
  const { familyId } = await genl.getFamily('fou');
  execFileSync('rmmod', ['fou']);
  t.match((await events.next()).value, { op: 'CTRL_CMD_DELFAMILY', value: { familyName: 'fou', familyId } });
  await t.rejects(genl.dump(fou, 'FOU_CMD_GET'), { code: 'ENOENT', message: /"fou".* the kernel module fou has it/ });
  execFileSync('modprobe', ['fou']);
  t.same(await genl.dump(fou, 'FOU_CMD_GET'), [], 'found again');
  const now = (await genl.getFamily('fou')).familyId;
  t.not(now, familyId, `${familyId} is ${now} now`);
  t.match((await events.next()).value, { op: 'CTRL_CMD_NEWFAMILY', value: { familyName: 'fou', familyId: now } });
  events.close();
  // Without anybody who listens, the number is remembered until the kernel does not know it.
  execFileSync('rmmod', ['fou']);
  execFileSync('modprobe', ['fou']);
  t.same(await genl.dump(fou, 'FOU_CMD_GET'), []);
  t.not((await genl.getFamily('fou')).familyId, now);
});
