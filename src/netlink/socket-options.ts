/** Options of a socket: what they may be, and what they do to it. */
import { constants, openSync } from 'node:fs';
import { InputError, show } from '../codec/errors.js';
import { openNative } from '../transport/native.js';
import type { OpenTransport, Transport } from '../transport/transport.js';
import { SO_RCVBUF, SO_RCVBUFFORCE, SOL_SOCKET } from './options.js';
import { checkTimeout } from './pending.js';
import { DEFAULT_TIMEOUT } from './session.js';

export interface SocketOptions {
  /** Namespace to open the socket in: a name below /run/netns, a path, or an open file descriptor. */
  netns?: string | number | undefined;
  /** Receive buffer in bytes; the kernel doubles it. Default: the system's (net.core.rmem_default). */
  rcvbuf?: number | undefined;
  /** Kernel-side checks and filters of dumps (NETLINK_GET_STRICT_CHK, Linux 4.20). Default true; older kernels go on without. */
  strictCheck?: boolean | undefined;
  /** Milliseconds without anything from the kernel after which a call fails. Default 30,000; 0: never. */
  timeout?: number | undefined;
  /** Opens sockets; default: the native addon. */
  transport?: OpenTransport | undefined;
}

const SOCKET_OPTIONS = new Set(['netns', 'rcvbuf', 'strictCheck', 'timeout', 'transport', 'groups']);

/** Path of a namespace: a name is looked up in /run/netns, as `ip netns` does. */
export function netnsPath(netns: unknown): string {
  if (typeof netns !== 'string')
    throw new InputError('ERR_INVALID_VALUE', 'netns', `expected a name, a path or a descriptor, got ${show(netns)}`);
  const path = netns.includes('/');
  if (
    netns === '' ||
    netns === '.' ||
    netns === '..' ||
    netns.includes('\0') ||
    (!path && Buffer.byteLength(netns) > 255)
  ) {
    throw new InputError('ERR_INVALID_VALUE', 'netns', `${show(netns)} is not the name of a namespace`);
  }
  return path ? netns : `/run/netns/${netns}`;
}

/** A descriptor of our own for a namespace. Throws what opening gives. */
export function holdNamespace(place: string | number): number {
  // A path may lead to a FIFO, at which opening would wait.
  const path = typeof place === 'number' ? `/proc/self/fd/${place}` : place;
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Asks for a receive buffer of `bytes`: beyond the system's limit where the process may, else up to it. */
export function setReceiveBuffer(transport: Transport, bytes: number): void {
  if (transport.setOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes) < 0) transport.setOption(SOL_SOCKET, SO_RCVBUF, bytes);
}

/** Refuses a receive buffer that is no number of bytes. */
export function checkReceiveBuffer(bytes: unknown): void {
  if (
    bytes !== undefined &&
    !(typeof bytes === 'number' && Number.isInteger(bytes) && bytes > 0 && bytes <= 0x7fffffff)
  )
    throw new InputError('ERR_INVALID_VALUE', 'rcvbuf', `expected bytes, got ${show(bytes)}`);
}

interface Checked {
  netns: string | number | undefined;
  rcvbuf: number | undefined;
  strictCheck: boolean;
  timeout: number;
  transport: OpenTransport;
}

/** The options with their defaults. Throws InputError for what cannot be one. */
export function checkSocketOptions(options: SocketOptions): Checked {
  if (typeof options !== 'object' || options === null)
    throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
  for (const key of Object.keys(options))
    if (!SOCKET_OPTIONS.has(key)) throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown option');
  const { netns, rcvbuf, strictCheck = true, timeout = DEFAULT_TIMEOUT, transport = openNative } = options;
  checkTimeout(timeout);
  checkReceiveBuffer(rcvbuf);
  if (typeof strictCheck !== 'boolean')
    throw new InputError('ERR_INVALID_VALUE', 'strictCheck', `expected true or false, got ${show(strictCheck)}`);
  if (typeof transport !== 'function')
    throw new InputError('ERR_INVALID_VALUE', 'transport', `expected a function that opens, got ${show(transport)}`);
  if (typeof netns === 'number' && !(Number.isInteger(netns) && netns >= 0))
    throw new InputError('ERR_INVALID_VALUE', 'netns', `expected a descriptor, got ${netns}`);
  return { netns, rcvbuf, strictCheck, timeout, transport };
}
