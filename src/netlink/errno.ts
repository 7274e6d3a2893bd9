/** Names of errno values, as Linux has them. */
import { getSystemErrorMap } from 'node:util';

let names: Map<number, string> | undefined;
/** Node.js makes this map anew at each call. */
let texts: ReturnType<typeof getSystemErrorMap> | undefined;

/** Made at the first error: Node.js loads a module for it. */
function allNames(): Map<number, string> {
  const { errno } = process.getBuiltinModule('node:os').constants;
  const all = new Map<number, string>();
  for (const [name, value] of Object.entries(errno)) all.set(value, name);
  // Numbers with two names: the one that kernel sources and manual pages of netlink use.
  all.set(95, 'EOPNOTSUPP');
  all.set(11, 'EAGAIN');
  // Internal to the kernel, but some subsystems let it out.
  all.set(524, 'ENOTSUPP');
  return all;
}

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
  names ??= allNames();
  return names.get(value) ?? `E${value}`;
}

/** What an errno means, in few words; undefined where Node has none. Takes either sign. */
export function errnoText(errno: number): string | undefined {
  texts ??= getSystemErrorMap();
  return texts.get(-Math.abs(errno))?.[1];
}
