/** Making and removing named namespaces, as `ip netns` does: a namespace has a name as long as it is mounted on a file. */
import { closeSync, constants, mkdirSync, openSync, rmdirSync, statfsSync, unlinkSync } from 'node:fs';
import type { NativeCall } from '../transport/native.js';
import { FOLDER, fileOf, fileOfProcess } from './names.js';
import type { Steps } from './steps.js';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY } = constants;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 0x100000;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;
/** f_type of the files that are namespaces. */
const NSFS_MAGIC = 0x6e736673;

/** How often, and after how many milliseconds, what another process is doing is looked at again. */
const TRIES = 200;
const PAUSE = 10;
/** Of a lock that others hold: ten seconds. */
const LOCK_TRIES = 1000;

/** The `code` of an error, if it has one. */
export const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** Marks mounts below the folder as shared. Returns whether it could: the folder must be there, and be a mount itself. */
function* shared(): Steps<boolean> {
  try {
    yield { call: 'mount', number: MS_SHARED | MS_REC, first: 'none', second: FOLDER };
    return true;
  } catch (error) {
    if (codeOf(error) === 'EINVAL' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Waits for the lock that `ip netns` takes as well. The kernel gives it back when the descriptor is closed. */
function* lock(fd: number): Steps<void> {
  for (let tries = 1; ; tries++) {
    try {
      yield { call: 'lock', number: fd };
      return;
    } catch (error) {
      // A filesystem without locks: `ip netns` goes on without one, too.
      if (codeOf(error) !== 'EAGAIN') return;
      if (tries === LOCK_TRIES) throw Object.assign(error as Error, { path: FOLDER });
    }
    yield PAUSE;
  }
}

/**
 * Has mounts in the folder reach other mount namespaces, so that a namespace that is removed in one goes everywhere.
 * The folder must be a mount for that. Two processes that both made it one would stack mounts, hence the lock.
 */
function* shareFolder(): Steps<void> {
  if (yield* shared()) return;
  const made = mkdirSync(FOLDER, { recursive: true, mode: 0o755 }) !== undefined;
  try {
    const fd = openSync(FOLDER, O_RDONLY | O_DIRECTORY);
    try {
      yield* lock(fd);
      if (yield* shared()) return;
      yield { call: 'mount', number: MS_BIND | MS_REC, first: FOLDER, second: FOLDER };
      yield { call: 'mount', number: MS_SHARED | MS_REC, first: 'none', second: FOLDER };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (made) attempt(() => rmdirSync(FOLDER));
    throw error;
  }
}

/** For what may fail without anybody being worse off. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The error that led here says more.
  }
}

/** Makes the file of a name, and has `call` mount something on it. */
function* name(file: string, call: NativeCall): Steps<void> {
  yield* shareFolder();
  // Whoever makes the file has the name: of several at once, one.
  closeSync(openSync(file, O_RDONLY | O_CREAT | O_EXCL, 0));
  try {
    yield call;
  } catch (error) {
    attempt(() => unlinkSync(file));
    throw error;
  }
}

/** A new namespace with a name. */
export function* make(netns: string): Steps<void> {
  const file = fileOf(netns);
  yield* name(file, { call: 'mountNew', number: MS_BIND, first: '/proc/thread-self/ns/net', second: file });
}

/** A name for the namespace of a process. */
export function* makeOf(netns: string, pid: number): Steps<void> {
  const file = fileOf(netns);
  const source = fileOfProcess(pid);
  statfsSync(source);
  yield* name(file, { call: 'mount', number: MS_BIND, first: source, second: file });
}

/** A namespace with this name, whoever made it. Returns whether it is a new one. */
export function* makeSure(netns: string): Steps<boolean> {
  try {
    yield* make(netns);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // Who has just made the file may not have mounted the namespace yet. What else is wrong, opening will say.
  for (let tries = 0; tries < TRIES && kindOf(fileOf(netns)) !== NSFS_MAGIC; tries++) yield PAUSE;
  return false;
}

function kindOf(file: string): number {
  try {
    return statfsSync(file).type;
  } catch {
    return NSFS_MAGIC;
  }
}

/** Takes the name from a namespace, which ends when nothing else holds it. */
export function* unmake(netns: string): Steps<void> {
  const file = fileOf(netns);
  try {
    yield { call: 'unmount', number: MNT_DETACH | UMOUNT_NOFOLLOW, first: file };
  } catch (error) {
    // A file on which nothing is mounted: left over from a creator that died.
    if (codeOf(error) !== 'EINVAL') throw error;
  }
  unlinkSync(file);
}
