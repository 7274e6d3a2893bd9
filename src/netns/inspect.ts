/** Which namespaces have names, and who is in them. */
// Not `node:fs/promises`, which would be loaded with this: here it is when it is first used.
import { lstatSync, promises, readdirSync } from 'node:fs';
import { codeOf } from './make.js';
import { FOLDER, fileOf, fileOfProcess } from './names.js';

/** Files that are looked at side by side. */
const AT_ONCE = 32;

/** Names of all named namespaces, sorted: what is in /run/netns. */
export function list(): string[] {
  try {
    return readdirSync(FOLDER).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Whether there is a namespace with this name. Throws InputError for what cannot be a name. */
export function exists(name: string): boolean {
  return lstatSync(fileOf(name), { throwIfNoEntry: false }) !== undefined;
}

type Id = string | undefined;

/** What two files of one namespace have in common. */
async function idOf(file: string): Promise<string> {
  const { dev, ino } = await promises.stat(file);
  return `${dev}:${ino}`;
}

/** The keys whose file is the namespace `id`. Files that are gone, or closed to this user, are not. */
async function same<K>(keys: readonly K[], file: (key: K) => string, id: string): Promise<K[]> {
  const found: K[] = [];
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const some = keys.slice(i, i + AT_ONCE);
    const ids = await Promise.all(some.map((key): Promise<Id> => idOf(file(key)).catch(() => undefined)));
    found.push(...some.filter((_, k) => ids[k] === id));
  }
  return found;
}

/** Names of the network namespace that a process is in, sorted; none when it has no name. */
export async function identify(pid: number): Promise<string[]> {
  const id = await idOf(fileOfProcess(pid));
  return same(list(), (name) => `${FOLDER}/${name}`, id);
}

/** Ids of the processes that are in a namespace, ascending: of those that this user may look at. */
export async function pids(name: string): Promise<number[]> {
  const id = await idOf(fileOf(name));
  const all = (await promises.readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  return same(
    all.sort((a, b) => a - b),
    fileOfProcess,
    id,
  );
}
