/** Which requests about links are for other programs than the kernel. */
import type { BuiltIn } from '../netlink/proxy.js';
import { typeOf } from '../netlink/wire.js';
import { RTM } from '../rtnl/constants.js';
import { about } from './kind-of.js';
import { KINDS } from './kinds.js';
import { makeTuntap } from './tuntap.js';

const { RTM_NEWLINK, RTM_DELLINK, RTM_SETLINK } = RTM;

/** Whether messages of a type may be for one of the proxies. */
export const mayConcern = (type: number): boolean =>
  type === RTM_NEWLINK || type === RTM_DELLINK || type === RTM_SETLINK;

/** Whether links of a kind are made by another program than the kernel. */
export const isProxied = (kind: string | undefined): boolean => kind !== undefined && KINDS.has(kind);

/** Chooses by kind. */
export const builtIn: BuiltIn = (message) => {
  if (typeOf(message) !== RTM_NEWLINK) return undefined;
  return about(message).kind === 'tuntap' ? makeTuntap : undefined;
};
