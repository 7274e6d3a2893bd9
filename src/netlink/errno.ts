/** Names of errno values, as Linux has them. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const names = new Map<number, string>();
for (const [name, value] of Object.entries(constants.errno)) names.set(value, name);
// Numbers with two names: the one that kernel sources and manual pages of netlink use.
names.set(95, 'EOPNOTSUPP');
names.set(11, 'EAGAIN');
// Internal to the kernel, but some subsystems let it out.
names.set(524, 'ENOTSUPP');

export const EAGAIN = 11;
export const ENOENT = 2;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENOPROTOOPT = 92;
export const ENOBUFS = 105;

/** `EEXIST` for 17; `E999` for a number without a name. Takes either sign. */
export function errnoName(errno: number): string {
  const value = Math.abs(errno);
  return names.get(value) ?? `E${value}`;
}

/** What an errno means, in few words; undefined where Node has none. Takes either sign. */
export function errnoText(errno: number): string | undefined {
  return getSystemErrorMap().get(-Math.abs(errno))?.[1];
}
