/** Named network namespaces, compatible with `ip netns`. */
import { make, makeOf, unmake } from './make.js';
import { runLater } from './steps.js';

export { exists, identify, list, pids } from './inspect.js';
export { spawn } from './spawn.js';
export { type SysctlValue, sysctl } from './sysctl.js';

/**
 * Makes a namespace with a name, in which there is only `lo`, down: `ip netns add`. Needs CAP_SYS_ADMIN.
 * Rejects with `code: 'EEXIST'` when the name is taken; of several that make the same one at once, one succeeds.
 */
export async function create(name: string): Promise<void> {
  await runLater(make(name));
}

/** Gives a name to the network namespace that a process is in: `ip netns attach`. */
export async function attach(name: string, pid: number): Promise<void> {
  await runLater(makeOf(name, pid));
}

/**
 * Takes the name from a namespace: `ip netns del`. It ends, with its links, when no process, socket or other name
 * holds it any more. Rejects with `code: 'ENOENT'` when there is none.
 */
export async function remove(name: string): Promise<void> {
  await runLater(unmake(name));
}
