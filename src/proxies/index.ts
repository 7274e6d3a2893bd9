/** Which requests about links are for other programs than the kernel. */
import type { BuiltIn } from '../netlink/proxy.js';
import { typeOf } from '../netlink/wire.js';
import { RTM } from '../rtnl/constants.js';
import { about } from './kind-of.js';
import { KINDS } from './kinds.js';
import { deleteBridge, deleteLink, makeBridge, ovsIsHere, setMaster } from './ovs.js';
import { endTeamd, startTeamd } from './teamd.js';
import { assertTun, makeTuntap } from './tuntap.js';

export { type ProxiedKind, readAs } from './kinds.js';

const { RTM_NEWLINK, RTM_DELLINK, RTM_SETLINK } = RTM;

/** Whether messages of a type may be for one of the proxies. */
export const mayConcern = (type: number): boolean =>
  type === RTM_NEWLINK || type === RTM_DELLINK || type === RTM_SETLINK;

/** Whether a request may be: by its kind; and where there is Open vSwitch, each that deletes a link or sets its master. */
export const isProxied = (kind: string | undefined, deletesOrEnslaves: boolean): boolean =>
  (kind !== undefined && KINDS.has(kind)) || (deletesOrEnslaves && ovsIsHere());

const MAKING = new Map<string, ReturnType<BuiltIn>>([
  ['tuntap', makeTuntap],
  ['openvswitch', makeBridge],
  ['ovs-bridge', makeBridge],
  ['teamd', startTeamd],
]);

/** Deletes a link that is to be a tun device. */
const deleteTuntap: ReturnType<BuiltIn> = async (data, context) => {
  await assertTun(context);
  // A bridge of ovs-vswitchd that forwards itself is one.
  return ovsIsHere() ? deleteLink(data, context) : { verdict: 'forward', data };
};
const DELETING = new Map<string, ReturnType<BuiltIn>>([
  ['tuntap', deleteTuntap],
  ['openvswitch', deleteBridge],
  ['ovs-bridge', deleteBridge],
  ['teamd', endTeamd],
]);

/** Whether another program than the kernel deletes links of a kind. */
export const endsElsewhere = (kind: unknown): boolean => DELETING.has(kind as string);
const IFINFO_END = 32;

/** Chooses by kind, and where there is Open vSwitch by master. */
export const builtIn: BuiltIn = (message) => {
  const type = typeOf(message);
  if (!mayConcern(type) || message.length < IFINFO_END) return undefined;
  // Messages of bridges about their ports have the same type, and are the kernel's.
  if (message[16] !== 0) return undefined;
  const { kind, master } = about(message);
  if (type === RTM_DELLINK) return kind === undefined ? (ovsIsHere() ? deleteLink : undefined) : DELETING.get(kind);
  const making = kind === undefined ? undefined : MAKING.get(kind);
  return making ?? (master !== undefined && ovsIsHere() ? setMaster : undefined);
};
