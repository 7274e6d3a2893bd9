/** Names of namespaces, and where `ip netns` keeps them. */
import { InputError, show } from '../codec/errors.js';
import { netnsPath } from '../netlink/socket-options.js';

/** Folder of the named namespaces, one file each. */
export const FOLDER = '/run/netns';

/** The file of a name. Refuses what `ip netns` refuses, and names that would not come back as they were given. */
export function fileOf(name: unknown): string {
  if (typeof name !== 'string' || name.includes('/') || /\p{Surrogate}/u.test(name))
    throw new InputError('ERR_INVALID_VALUE', 'netns', `${show(name)} is not the name of a namespace`);
  return netnsPath(name);
}

/** The file of a process's network namespace. */
export function fileOfProcess(pid: unknown): string {
  if (typeof pid !== 'number' || !Number.isInteger(pid))
    throw new InputError('ERR_INVALID_VALUE', 'pid', `expected the id of a process, got ${show(pid)}`);
  if (pid < 1 || pid > 0x7fffffff)
    throw new InputError('ERR_OUT_OF_RANGE', 'pid', `${pid} is no process: their ids count from 1`);
  return `/proc/${pid}/ns/net`;
}
