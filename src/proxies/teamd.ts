/** `kind: 'teamd'`: a team device that the daemon teamd makes and runs. Ports come and go by `master`, as everywhere. */
import { InputError } from '../codec/errors.js';
import { EEXIST } from '../netlink/errno.js';
import { NetlinkError } from '../netlink/errors.js';
import type { BuiltInContext, SendVerdict } from '../netlink/proxy.js';
import type { TeamdData } from './kinds.js';
import { run } from './program.js';
import { LinkRequest } from './request.js';

const hint = 'it is part of libteam (on Debian the package libteam-utils)';
const TEAMD = { command: 'teamd', hint };

/** The configuration as teamd takes it. Throws InputError. */
function configOf(device: string, { runner = 'activebackup', linkWatch = 'ethtool', config }: TeamdData): string {
  if (config === undefined)
    return JSON.stringify({ device, runner: { name: runner }, link_watch: { name: linkWatch } });
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch (cause) {
    throw new InputError('ERR_INVALID_VALUE', 'teamd.config', `is no JSON: ${(cause as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new InputError('ERR_INVALID_VALUE', 'teamd.config', 'expected an object in JSON');
  return JSON.stringify({ ...parsed, device });
}

/** Starts the daemon, which makes the device, and hands the rest of the message to the kernel. */
export async function startTeamd(_data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const link = new LinkRequest(context);
  const { ifname, linkinfo, index } = link.value;
  if (!link.creates)
    throw new InputError('ERR_INVALID_VALUE', 'kind', 'options of teamd are set when the device is made');
  if (ifname === undefined) throw new InputError('ERR_MISSING_KEY', 'ifname', 'is needed: the name of the device');
  if (index > 0) throw new InputError('ERR_INVALID_VALUE', 'index', 'of a device of teamd cannot be chosen');
  const { place } = context;
  const config = configOf(ifname, linkinfo?.teamd ?? {});
  if (link.exclusive && (await link.exists(ifname)))
    throw new NetlinkError({ errno: EEXIST, op: 'RTM_NEWLINK', seq: link.seq, syscall: TEAMD.command });
  // It becomes a daemon when the device is there, and its first process ends.
  await run(TEAMD, ['-d', ...(link.exclusive ? [] : ['-r']), '-t', ifname, '-c', config], { place });
  try {
    await link.pass(['linkinfo'], {}, false);
  } catch (error) {
    await run(TEAMD, ['-k', '-t', ifname], { place });
    throw error;
  }
  return link.consent(ifname);
}

/** Ends the daemon, which deletes the device. */
export async function endTeamd(_data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const { ifname } = await new LinkRequest(context).selected();
  await run(TEAMD, ['-k', '-t', ifname!], { place: context.place });
  return { verdict: 'return' };
}
