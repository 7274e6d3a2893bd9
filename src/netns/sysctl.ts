/** Kernel parameters of a namespace: `sysctl net.*`. */
import { InputError, show } from '../codec/errors.js';
import { nativeCall } from '../transport/native.js';
import { fileOf } from './names.js';

/** What a parameter can be set to; true and false are 1 and 0. */
export type SysctlValue = string | number | bigint | boolean;

/**
 * The file of a key. As with sysctl(8) the first separator decides: with dots between the words, a slash stands for a
 * dot in a word (`net.ipv4.conf.eth0/1.forwarding`); with slashes, dots are dots (`net/ipv4/conf/eth0.1/forwarding`).
 */
export function fileOfKey(key: unknown): string {
  const refuse = (reason: string) => new InputError('ERR_INVALID_VALUE', 'key', `${show(key)} ${reason}`);
  if (typeof key !== 'string' || key.includes('\0') || /\p{Surrogate}/u.test(key)) throw refuse('is not a key');
  const dotted = /[./]/.exec(key)?.[0] === '.';
  const words = dotted ? key.split('.').map((word) => word.replaceAll('/', '.')) : key.split('/');
  if (words.some((word) => word === '' || word === '.' || word === '..' || Buffer.byteLength(word) > 255))
    throw refuse('is not a key');
  if (words[0] !== 'net' || words.length < 2) throw refuse('is not of a network namespace: those begin with net');
  return `/proc/sys/${words.join('/')}`;
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
  if (typeof value === 'string' && !/[\0\n]/.test(value)) return value;
  throw new InputError(
    'ERR_INVALID_VALUE',
    'value',
    `expected a line of text, a whole number or a boolean, got ${show(value)}`,
  );
}

/**
 * A kernel parameter of a namespace, such as `net.ipv4.ip_forward`. Without `value` resolves to its text, else sets it.
 * Other namespaces are not touched; keys that do not begin with `net` are refused, because they are the whole machine's.
 * A missing key gives an Error with `code: 'ENOENT'`, a value that the kernel does not take `EINVAL`.
 */
export async function sysctl(name: string, key: string): Promise<string>;
export async function sysctl(name: string, key: string, value: SysctlValue): Promise<void>;
export async function sysctl(name: string, key: string, ...values: unknown[]): Promise<unknown> {
  const call = { call: 'file', first: fileOf(name), second: fileOfKey(key) } as const;
  // A value that a program failed to find must not turn writing into reading.
  if (values.length > 0) {
    await nativeCall({ ...call, data: `${textOf(values[0])}\n` }, true);
    return undefined;
  }
  return (await nativeCall(call, true)).replace(/\n$/, '');
}
