/** Bridges of Open vSwitch, by ovs-vsctl: `kind: 'openvswitch'`, and links that such a bridge is the master of. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../codec/errors.js';
import { EEXIST, ENODEV } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import type { BuiltInContext, SendVerdict } from '../netlink/proxy.js';
import { ProgramError, run } from './program.js';
import { LinkRequest } from './request.js';

const PROGRAM = { command: 'ovs-vsctl', hint: 'it is part of Open vSwitch (on Debian the package openvswitch-switch)' };
/** Seconds that ovs-vsctl waits for ovs-vswitchd to do what it was told. */
const WAIT = '--timeout=20';
/** What ovs-vsctl br-exists says by its status. */
const NO_BRIDGE = 2;
/** What it says of a port that it does not know. */
const NO_PORT = 1;

/** Whether there is a database of Open vSwitch here: only then links may be bridges or ports of one. */
export const ovsIsHere = (): boolean => existsSync(join(process.env.OVS_RUNDIR || '/var/run/openvswitch', 'db.sock'));

const vsctl = (args: readonly string[], allowed: readonly number[] = []) => run(PROGRAM, [WAIT, ...args], { allowed });

const isBridge = async (name: string): Promise<boolean> => (await vsctl(['br-exists', name], [NO_BRIDGE])).status === 0;

/** Makes a bridge, and hands the rest of the message to the kernel. */
export async function makeBridge(_data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const link = new LinkRequest(context);
  const { value, exclusive, seq } = link;
  const { ifname, linkinfo } = value;
  if (!link.creates)
    throw new InputError('ERR_INVALID_VALUE', 'kind', 'options of a bridge of Open vSwitch are set when it is made');
  if (ifname === undefined) throw new InputError('ERR_MISSING_KEY', 'ifname', 'is needed: the name of the bridge');
  if (value.index > 0)
    throw new InputError('ERR_INVALID_VALUE', 'index', 'of a bridge of Open vSwitch cannot be chosen');
  const { datapathType, failMode } = linkinfo?.openvswitch ?? linkinfo?.['ovs-bridge'] ?? {};
  const there = await isBridge(ifname);
  if (there && exclusive) throw new NetlinkError({ errno: EEXIST, op: 'RTM_NEWLINK', seq, syscall: PROGRAM.command });
  const options = [
    ...(datapathType === undefined ? [] : [`datapath_type=${quoted(datapathType)}`]),
    ...(failMode === undefined ? [] : [`fail_mode=${quoted(failMode)}`]),
  ];
  await vsctl([
    ...['--may-exist', 'add-br', ifname],
    ...(options.length === 0 ? [] : ['--', 'set', 'bridge', ifname, ...options]),
  ]);
  try {
    await link.pass(['linkinfo'], {}, false);
  } catch (error) {
    if (!there) await vsctl(['--if-exists', 'del-br', ifname]);
    if (!(error instanceof NetlinkError && error.errno === -ENODEV)) throw error;
    const reason = 'ovs-vswitchd made it in a network namespace that is not the one of this socket';
    throw new NetlinkError({ errno: ENODEV, op: 'RTM_NEWLINK', seq, syscall: PROGRAM.command, reason });
  }
  return link.consent(ifname);
}

/** As a value in the language of ovs-vsctl. */
const quoted = (text: string): string => JSON.stringify(text);

/** Deletes a link: a bridge of Open vSwitch by ovs-vsctl, everything else as it is. */
export async function deleteLink(data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const link = new LinkRequest(context);
  const found = await link.selected().catch(() => undefined);
  // The kernel says what is wrong with it.
  if (found?.ifname === undefined || !(await isBridge(found.ifname))) return { verdict: 'forward', data };
  await vsctl(['--if-exists', 'del-br', found.ifname]);
  return { verdict: 'return' };
}

/** A link whose master is set: it may be, or cease to be, the port of a bridge of Open vSwitch. */
export async function setMaster(data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const link = new LinkRequest(context);
  const { master } = link.value;
  const bridge = master ? (await link.link({ index: master }).catch(() => undefined))?.ifname : undefined;
  if (bridge !== undefined) {
    if (!(await isBridge(bridge))) return { verdict: 'forward', data };
    const making = link.creates;
    await link.pass(['master'], {}, making);
    const name = await portName(link);
    try {
      await vsctl(['--may-exist', 'add-port', bridge, name]);
    } catch (error) {
      if (making && link.exclusive) await link.remove(name);
      throw error;
    }
    return link.consent(name);
  }
  if (master !== 0 || link.creates) return { verdict: 'forward', data };
  const name = await portName(link).catch(() => undefined);
  if (name === undefined) return { verdict: 'forward', data };
  const { status, out } = await vsctl(['port-to-br', name], [NO_PORT]);
  if (status !== 0) return { verdict: 'forward', data };
  await vsctl(['--if-exists', 'del-port', out.trim(), name]);
  await link.pass(['master'], {}, false);
  return link.consent(name);
}

const portName = async (link: LinkRequest): Promise<string> => (await link.selected()).ifname!;

/** Deletes a bridge that is named as one: where there is none it is an error. */
export async function deleteBridge(_data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const link = new LinkRequest(context);
  const { ifname } = await link.selected();
  if (ifname === undefined) throw new InputError('ERR_MISSING_KEY', 'ifname', 'is needed: the name of the bridge');
  try {
    await vsctl(['del-br', ifname]);
  } catch (error) {
    if (!(error instanceof ProgramError) || !/no bridge named/.test(error.stderr)) throw error;
    const reason = 'it is no bridge of Open vSwitch';
    throw new NetlinkError({ errno: ENODEV, op: 'RTM_DELLINK', seq: link.seq, syscall: PROGRAM.command, reason });
  }
  return { verdict: 'return' };
}
