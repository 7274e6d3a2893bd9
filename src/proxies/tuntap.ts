/** `kind: 'tuntap'`: tun and tap devices, which are made by ioctl on a file, not by a message. */
import { InputError, show } from '../codec/errors.js';
import { NetlinkError } from '../netlink/errors.js';
import type { BuiltInContext, SendVerdict } from '../netlink/proxy.js';
import { type NativeCall, nativeCall } from '../transport/native.js';
import type { TuntapData } from './kinds.js';
import { LinkRequest } from './request.js';

const FILE = '/dev/net/tun';
/** IFF_* of linux/if_tun.h. */
const IFF = { tun: 0x1, tap: 0x2, multiQueue: 0x100, noPi: 0x1000, vnetHdr: 0x4000, exclusive: 0x8000 };
const EXISTS = 17;

/** Requests of ioctl with an integer: _IOW('T', number, int). */
function request(number: number): string {
  // Three bits of direction where others have two.
  const wide = ['mips', 'mipsel', 'ppc', 'ppc64'].includes(process.arch);
  return String((wide ? 0x8004_5400 : 0x4004_5400) + number);
}
const TUNSETPERSIST = request(203);
const TUNSETOWNER = request(204);
const TUNSETGROUP = request(206);

/** The flags of struct ifreq. Throws InputError. */
function flagsOf({ mode, pi, vnetHdr, multiQueue }: TuntapData, exclusive: boolean): number {
  if (mode === undefined) throw new InputError('ERR_MISSING_KEY', 'tuntap.mode', 'is needed: tun or tap');
  if (mode !== 'tun' && mode !== 'tap')
    throw new InputError('ERR_INVALID_VALUE', 'tuntap.mode', `expected tun or tap, got ${show(mode)}`);
  return (
    IFF[mode] |
    (pi ? 0 : IFF.noPi) |
    (vnetHdr ? IFF.vnetHdr : 0) |
    (multiQueue ? IFF.multiQueue : 0) |
    (exclusive ? IFF.exclusive : 0)
  );
}

/** What a call to the file failed with, as an error of the request. */
function refused(error: unknown, seq: number, exclusive: boolean): unknown {
  const { errno, code, syscall, path } = error as NodeJS.ErrnoException;
  if (error instanceof NetlinkError || errno === undefined || syscall === undefined) return error;
  const of = { op: 'RTM_NEWLINK', seq, syscall };
  // TUNSETIFF has another word for what is there already.
  if (code === 'EBUSY' && exclusive) return new NetlinkError({ ...of, errno: EXISTS });
  const missing = path === FILE && ['ENOENT', 'ENODEV', 'ENXIO'].includes(code ?? '');
  const reason = missing ? `${FILE} is missing, or the kernel has no tun devices` : undefined;
  return new NetlinkError({ ...of, errno, reason });
}

const close = (fd: number): string => nativeCall({ call: 'release', number: fd, first: 'close' }, false);

/** Makes the device, and hands the rest of the message to the kernel. */
export async function makeTuntap(_data: Uint8Array, context: BuiltInContext): Promise<SendVerdict> {
  const link = new LinkRequest(context);
  const { value, exclusive } = link;
  const data = value.linkinfo?.tuntap ?? {};
  if (!link.creates)
    throw new InputError('ERR_INVALID_VALUE', 'tuntap', 'is for making a device: what is there cannot be changed');
  if (value.index > 0) throw new InputError('ERR_INVALID_VALUE', 'index', 'of a tun device cannot be chosen');
  const { owner, group, persist = true } = data;
  const flags = flagsOf(data, exclusive);
  const call = (step: NativeCall): Promise<string> => nativeCall(step, true);
  let fd = -1;
  let ifname = '';
  try {
    const made = await call({
      call: 'tun',
      number: flags,
      first: context.place,
      second: FILE,
      data: value.ifname ?? '',
    });
    fd = Number(made.slice(0, made.indexOf(' ')));
    ifname = made.slice(made.indexOf(' ') + 1);
    const set = (first: string, second: number) => call({ call: 'ioctl', number: fd, first, second: String(second) });
    if (owner !== undefined) await set(TUNSETOWNER, owner);
    if (group !== undefined) await set(TUNSETGROUP, group);
    // Now it has a name, and options that are of no kernel's table.
    await link.pass(['linkinfo'], { ifname }, false);
    // Last, so that a device that was refused on the way is gone with its descriptor.
    if (persist) await set(TUNSETPERSIST, 1);
    else return await link.consent(ifname, fd);
  } catch (error) {
    if (fd >= 0) close(fd);
    throw refused(error, link.seq, exclusive);
  }
  close(fd);
  return link.consent(ifname);
}

/** Refuses a request about a link that is there and no tun device. Of one that is not there the kernel says so. */
export async function assertTun(context: BuiltInContext): Promise<void> {
  const found = await new LinkRequest(context).selected().catch(() => undefined);
  const kind = found?.linkinfo?.kind;
  if (found !== undefined && kind !== 'tun')
    throw new InputError('ERR_CONFLICT', 'kind', `${show(found.ifname)} is of kind ${show(kind)}, no tun device`);
}
