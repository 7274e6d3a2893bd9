/** Programs inside a namespace. */
import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnOptionsWithoutStdio,
} from 'node:child_process';
import { statSync } from 'node:fs';
import { InputError, show } from '../codec/errors.js';
import { isRec } from '../codec/write.js';
import { fileOf } from './names.js';

/**
 * Starts a program in a namespace, by way of `nsenter` (util-linux): arguments, options and result are those of
 * `spawn` of `node:child_process`. Only the network namespace changes; unlike `ip netns exec` neither /sys nor
 * /etc/netns is mounted anew. Options `uid` and `gid` hold for the program inside.
 *
 * Throws InputError, and when there is no such namespace an Error with `code: 'ENOENT'`. A program that is not there
 * ends with status 127; without `nsenter` the child emits an error.
 */
export function spawn(
  name: string,
  cmd: string,
  args?: readonly string[],
  options?: SpawnOptionsWithoutStdio,
): ChildProcessWithoutNullStreams;
export function spawn(name: string, cmd: string, args: readonly string[], options: SpawnOptions): ChildProcess;
export function spawn(
  name: string,
  cmd: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): ChildProcess {
  const file = fileOf(name);
  if (typeof cmd !== 'string' || cmd === '' || cmd.includes('\0'))
    throw new InputError('ERR_INVALID_VALUE', 'cmd', `expected the name of a program, got ${show(cmd)}`);
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string' && !arg.includes('\0')))
    throw new InputError('ERR_INVALID_VALUE', 'args', 'expected an array of texts without null bytes');
  if (!isRec(options as unknown))
    throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
  if (options.argv0 !== undefined)
    throw new InputError('ERR_INVALID_VALUE', 'options.argv0', 'cannot be passed through nsenter');
  // Through the namespace's file rather than its name being looked up later: a missing one is an error of this call.
  statSync(file);
  const { shell, uid, gid, ...rest } = options;
  const inside = [`--net=${file}`];
  // Whoever enters needs the rights of now, so nsenter gives them up afterwards.
  for (const [option, id] of [
    ['setuid', uid],
    ['setgid', gid],
  ] as const) {
    if (id === undefined) continue;
    if (!Number.isInteger(id) || id < 0 || id > 0xffffffff)
      throw new InputError('ERR_INVALID_VALUE', `options.${option.slice(3)}`, `expected an id, got ${show(id)}`);
    inside.push(`--${option}=${id}`);
  }
  // The shell, too, runs inside, and never sees the words for nsenter.
  const program =
    shell === undefined || shell === false
      ? [cmd, ...args]
      : [shell === true ? '/bin/sh' : shell, '-c', [cmd, ...args].join(' ')];
  // Few programs start others: the module is loaded when one does.
  return process.getBuiltinModule('node:child_process').spawn('nsenter', [...inside, '--', ...program], rest);
}
