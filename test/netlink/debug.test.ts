/** NLDEBUG=1: one line a message, decoded, for generic netlink as for rtnetlink. A program of its own, since it is read once. */
import { spawnSync } from 'node:child_process';
import t from 'tap';

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** What a program writes to stderr. */
function lines(level: string): string[] {
  const code = `
    const { Kernel, message } = await import(${here('../genl/kernel.js')});
    const { IPRoute, mptcp_pm, nlctrl } = await import(${here('../../src/index.js')});
    const kernel = new Kernel();
    const genl = kernel.generic();
    await genl.request(mptcp_pm, 'MPTCP_PM_CMD_ADD_ADDR', { addr: { family: 2, addr4: '10.0.0.1', flags: ['subflow'] } });
    await genl.dump(mptcp_pm, 'MPTCP_PM_CMD_GET_ADDR');
    const events = await genl.monitor({ family: mptcp_pm, groups: ['mptcp_pm_events'] });
    kernel.notify(message(kernel.family, 0, 0, Buffer.from([3, 1, 0, 0, 8, 0, 1, 0, 5, 0, 0, 0])));
    await events.next();
    const ipr = new IPRoute({ transport: kernel.transport });
    await ipr.link('set', { index: 1, mtu: 1400 }).catch(() => {});
    await ipr.close();
    await genl.close();`;
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, NLDEBUG: level },
  });
  if (status !== 0) throw new Error(stderr);
  return stderr.split('\n').filter((line) => line.startsWith('nl '));
}

t.test('one line a message', async (t) => {
  const found = lines('1').map((line) => line.replace(/seq \d+ pid \d+ ?/, ''));
  const has = (line: string) => t.ok(found.includes(line), line);
  has('nl > CTRL_CMD_GETFAMILY flags 0x5 {"familyName":"mptcp_pm"}');
  has('nl > MPTCP_PM_CMD_ADD_ADDR flags 0x5 {"addr":{"family":2,"addr4":"10.0.0.1","flags":2}}');
  has('nl > MPTCP_PM_CMD_GET_ADDR flags 0x301 {}');
  has('nl < MPTCP_EVENT_CLOSED flags 0x0 {"token":5}');
  t.ok(
    found.some((line) => /^nl < CTRL_CMD_NEWFAMILY flags 0x0 \{"familyName":"mptcp_pm","familyId":28,/.test(line)),
    'an answer has its own name',
  );
  t.ok(
    found.some((line) => /^nl > RTM_NEWLINK flags 0x5 \{.*"mtu":1400/.test(line)),
    'the same number is a link to rtnetlink',
  );
});

t.test('nothing unless it is asked for, bytes when they are', async (t) => {
  t.same(lines('0'), []);
  t.ok(lines('hex').some((line) => /^nl > [0-9a-f]{40,}$/.test(line)));
});
