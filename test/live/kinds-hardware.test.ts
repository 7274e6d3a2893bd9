/**
 * Kinds that stand on hardware, with what the kernel has in its place: a CAN controller on a serial line, a radio in
 * memory. Both appear in the first namespace of a machine, so only the virtual machine is touched.
 */
import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ARPHRD, CAN_CTRLMODE, IPRoute, type LinkRow, names } from 'tsroute2';

// A guest without KVM is slow.
t.setTimeout(300_000);

const FIRST = '/proc/1/ns/net';
const stock = process.env.TSROUTE2_VM !== undefined;

interface Printed {
  linkinfo: { info_kind: string; info_data?: Record<string, unknown> };
}
const printed = (name: string): Printed =>
  (
    JSON.parse(
      execFileSync('nsenter', [`--net=${FIRST}`, 'ip', '-j', '-d', 'link', 'show', name], { encoding: 'utf8' }),
    ) as Printed[]
  )[0]!;

/** The first link of which something holds, once it is there. */
async function appears(ipr: IPRoute, wanted: (link: LinkRow) => boolean): Promise<LinkRow> {
  // An emulated processor that has other work takes its time.
  for (let tries = 0; tries < 600; tries++) {
    const [link] = await ipr.getLinks(wanted);
    if (link !== undefined) return link;
    await sleep(100);
  }
  throw new Error('the link did not appear');
}

function first(t: Test): IPRoute {
  const ipr = new IPRoute({ netns: FIRST });
  t.teardown(() => ipr.close());
  return ipr;
}

/** A pseudo terminal with the line discipline of slcan, until its input ends. */
const SLCAN = `
import fcntl, os, pty, struct, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
fcntl.ioctl(slave, 0x5423, struct.pack('i', 17))
sys.stdin.read()
`;

t.test('can', async (t) => {
  if (!stock) {
    t.pass('can', { skip: 'only in the virtual machine' });
    return;
  }
  execFileSync('modprobe', ['slcan']);
  const ipr = first(t);
  const line = spawn('python3', ['-c', SLCAN], { stdio: ['pipe', 'inherit', 'inherit'] });
  t.teardown(() => {
    line.stdin.end();
  });
  const { index, ifname } = await appears(ipr, (link) => link.type === ARPHRD.can && link.linkinfo?.kind === 'can');
  await ipr.link('set', { index, kind: 'can', can: { bittiming: { bitrate: 500_000 } } });
  const { linkinfo } = await ipr.link('get', { index });
  const { linkinfo: theirs } = printed(ifname ?? '');
  t.equal(theirs.info_kind, 'can');
  // iproute2 6.1 has the bit rate beside the nest, newer ones in it.
  const data = theirs.info_data as Record<string, unknown> & { bittiming?: Record<string, unknown> };
  t.equal(linkinfo?.can?.bittiming?.bitrate, 500_000, 'set');
  t.equal(data.bittiming?.bitrate ?? data.bittiming_bitrate, 500_000, `ip agrees: ${JSON.stringify(data)}`);
  t.equal(linkinfo?.can?.state, data.state, 'state');
  t.equal(linkinfo?.can?.restartMs, data.restart_ms, 'restart');
  t.same(linkinfo?.can?.bitrateConst, data.bitrate_const, 'bit rates that it has');
  t.equal(linkinfo?.can?.clock?.freq, data.clock, 'clock');
  t.same(names(CAN_CTRLMODE, linkinfo?.can?.ctrlmodeExt?.supported ?? 0), ['listenonly'], 'modes that it has');
  t.same(data.ctrlmode_supported, ['LISTEN-ONLY'], 'modes of ip');
  await ipr.link('set', { index, kind: 'can', can: { ctrlmode: { mask: 'listenonly', flags: 'listenonly' } } });
  t.same(
    (printed(ifname ?? '').linkinfo.info_data as { ctrlmode?: string[] }).ctrlmode,
    ['LISTEN-ONLY'],
    'a mode, as ip prints it',
  );
  const set = (await ipr.link('get', { index })).linkinfo?.can?.ctrlmode?.flags ?? 0;
  t.same(names(CAN_CTRLMODE, set), ['listenonly'], 'and as we read it');
  t.equal(linkinfo?.can && 'unknown' in linkinfo.can, false, 'nothing unknown');
  t.ok((linkinfo?.can?.bitrateConst?.length ?? 0) > 3, `${linkinfo?.can?.bitrateConst}`);
  await t.rejects(ipr.link('set', { index, kind: 'can', can: { bittiming: { bitrate: 500_001 } } }), {
    code: 'EINVAL',
  });
});

t.test('lowpan', async (t) => {
  if (!stock) {
    t.pass('lowpan', { skip: 'only in the virtual machine' });
    return;
  }
  execFileSync('modprobe', ['-a', 'mac802154_hwsim', 'ieee802154_6lowpan']);
  const ipr = first(t);
  const { index } = await appears(ipr, (link) => link.type === ARPHRD.ieee802154);
  const { object } = await ipr.link('add', { ifname: 'lp0', kind: 'lowpan', link: index, lowpan: {} });
  t.match(object, { ifname: 'lp0', type: ARPHRD['6lowpan'], link: index, linkinfo: { kind: 'lowpan' } });
  t.equal(printed('lp0').linkinfo.info_kind, 'lowpan');
  await ipr.link('del', { ifname: 'lp0' });
});
