/** Namespaces that a request is about. */
import { accessSync, statfsSync } from 'node:fs';
import { InputError, show } from '../codec/errors.js';
import { netnsPath } from '../netlink/socket-options.js';

/** f_type of files that are namespaces. */
const NSFS_MAGIC = 0x6e736673;

/** A namespace as the message takes it: a descriptor that is open, or the path of one that is there. */
export function namespace(netns: unknown, field: string): number | string {
  try {
    if (typeof netns !== 'number') {
      const path = netnsPath(netns);
      accessSync(path);
      return path;
    }
    if (!Number.isInteger(netns) || netns < 0 || netns > 0x7fffffff)
      throw new InputError('ERR_INVALID_VALUE', field, `expected a descriptor, got ${netns}`);
    if (statfsSync(`/proc/self/fd/${netns}`).type !== NSFS_MAGIC) throw new Error('it is open, but no namespace');
    return netns;
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.code, field, error.reason);
    const pid = typeof netns === 'number' ? '; a number is a descriptor, for a process there is netNsPid' : '';
    throw new InputError(
      'ERR_INVALID_VALUE',
      field,
      `cannot open the namespace ${show(netns)}: ${(error as Error).message}${pid}`,
    );
  }
}
