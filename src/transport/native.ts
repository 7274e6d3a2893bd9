/**
 * The typed declaration of the native addon, which implements Transport over an AF_NETLINK socket.
 * The only place of the project that loads native code.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getSystemErrorMap } from 'node:util';
import type { OpenTransport, Transport } from './transport.js';

const NAME = 'tsroute2';

/**
 * What `native/socket.cc` exports. A wrong type of an argument throws a TypeError (`ERR_INVALID_ARG_TYPE`), an area or
 * `meta` without room for one datagram a RangeError (`ERR_OUT_OF_RANGE`), a failed call `[errno, syscall, path?]`.
 * Once closed, everything that returns a number returns -EBADF (`exchange` also sets `meta` to [EBADF, 0]) and only
 * `watch(callback)` throws. The sender's port id in `meta` is 32 bits without sign: read it as `meta[i] >>> 0`.
 */
interface Addon {
  readonly Socket: new (protocol: number, netns?: string | number) => NativeSocket;
  readonly call: (
    call: number,
    number: number,
    first: string,
    second: string,
    data: string,
    later: boolean,
  ) => string | Promise<string>;
}

interface NativeSocket
  extends Omit<Transport, 'send' | 'sendLater' | 'receive' | 'exchange' | 'watch' | 'join' | 'leave' | 'fd'> {
  fd: number;
  /** Null in the place of the data: it only receives; in that of the area: it only sends. */
  readonly transfer: (
    data: Uint8Array | null,
    area: Uint8Array | null,
    meta?: Int32Array,
    reserve?: number,
    budgetUs?: number,
  ) => number;
  watch(onReadable: (() => void) | null): void;
}

/** Numbers of the system calls that Node.js has no function for; the same as in native/netns.cc. */
const CALL = { mount: 0, mountNew: 1, unmount: 2, lock: 3, file: 4, tun: 5, ioctl: 6, send: 7, release: 8 } as const;

/** A system call for the addon to make, on a native thread of its own that ends with it. */
export type NativeCall =
  /** mount(2): `first` on `second`, `number` the flags. With `mountNew` the thread makes itself a network namespace before. */
  | { call: 'mount' | 'mountNew'; number: number; first: string; second: string }
  /** umount2(2): `first`, `number` the flags. */
  | { call: 'unmount'; number: number; first: string }
  /** flock(2) of descriptor `number`, exclusive; EAGAIN when another holds the lock. */
  | { call: 'lock'; number: number }
  /** Inside the network namespace at path `first`, writes `data` to the file `second`, or without data reads it. */
  | { call: 'file'; first: string; second: string; data?: string }
  /**
   * Opens the tun device file `second` inside the namespace at path `first` (empty: this one) and has it be the device
   * that is called `data` (TUNSETIFF), with flags `number`. Gives the descriptor and the name that the kernel gave. Until it
   * is released it is closed when this thread of Node.js ends, however that ends.
   */
  | { call: 'tun'; number: number; first: string; second: string; data: string }
  /** ioctl(2) of descriptor `number`: request `first`, with `second` as the value; both are numbers as text. */
  | { call: 'ioctl'; number: number; first: string; second: string }
  /** send(2) to the netlink socket `number`: `first`, bytes in hexadecimal. */
  | { call: 'send'; number: number; first: string }
  /** Descriptor `number`, which `tun` gave, is the caller's from now on; or it is closed. */
  | { call: 'release'; number: number; first: '' | 'close' };

let addon: Addon | undefined;
let Socket: (new (protocol: number, netns?: string | number) => Transport) | undefined;

const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_DROP_MEMBERSHIP = 2;

const argument = (message: string): TypeError =>
  Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });

/** A failed call as an Error with `code`, `errno` (negative), `syscall` and, when there is one, `path`. */
function failure(reason: unknown, place?: unknown): unknown {
  if (!Array.isArray(reason)) return reason;
  const [number, syscall, at] = reason as [number, string, string?];
  const path = at ?? (typeof place === 'string' && (syscall === 'open' || syscall === 'setns') ? place : undefined);
  const [code, text] = getSystemErrorMap().get(-number) ?? [`Unknown system error ${-number}`, 'unknown error'];
  const error = new Error(`${code}: ${text}, ${syscall}${path === undefined ? '' : ` '${path}'`}`);
  return Object.assign(error, { errno: -number, code, syscall, ...(path !== undefined && { path }) });
}

/** What of Transport needs no system call of its own. */
function withTransport(Base: Addon['Socket']): NonNullable<typeof Socket> {
  /** Memberships are socket options whose value is the group, 32 bits without sign. */
  const bits = (group: number): number => {
    if (Number.isInteger(group) && group >= 0 && group <= 0xffffffff) return group | 0;
    throw argument('group must be an unsigned integer');
  };
  return class Socket extends Base implements Transport {
    constructor(protocol: number, netns?: string | number) {
      if (typeof netns === 'string' && (netns === '' || netns.includes('\0')))
        throw argument('netns must be a path without null bytes, and not empty');
      try {
        super(protocol, netns);
      } catch (reason) {
        throw failure(reason, netns);
      }
    }
    send(data: Uint8Array): number {
      if (data === null) throw argument('expected data (Uint8Array)');
      return this.transfer(data, null);
    }
    receive(area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
      if (area === null) throw argument('expected area (Uint8Array)');
      return this.transfer(null, area, meta, reserve, budgetUs);
    }
    exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array, reserve: number, budgetUs: number): number {
      if (data === null || area === null) throw argument('expected data and area (Uint8Array)');
      return this.transfer(data, area, meta, reserve, budgetUs);
    }
    async sendLater(data: Uint8Array): Promise<number> {
      const first = Buffer.from(data.buffer, data.byteOffset, data.length).toString('hex');
      await nativeCall({ call: 'send', number: this.fd, first }, true);
      return data.length;
    }
    override watch(onReadable: (() => void) | null): void {
      if (onReadable !== null && onReadable !== undefined && typeof onReadable !== 'function')
        throw argument('onReadable must be a function or null');
      try {
        super.watch(onReadable);
      } catch (reason) {
        throw failure(reason);
      }
    }
    join(group: number): number {
      return this.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, bits(group));
    }
    leave(group: number): number {
      return this.setOption(SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, bits(group));
    }
  };
}

/** The nearest ancestor folder of this module that is this package: it differs between sources, bundle and tarball. */
function packageRoot(): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    try {
      // Asked first: an exception takes longer.
      const manifest: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
      if ((manifest as { name?: unknown } | null)?.name === NAME) return folder;
    } catch {
      // Not one that can be read: look further up.
    }
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function codedError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}

/** What finds packages: a module that Node.js need not load where the addon is in its usual place. */
const requirer = (): NodeJS.Require => process.getBuiltinModule('node:module').createRequire(import.meta.url);

/** Opens an addon, as `require` does once it knows the file. */
function opened(file: string): Addon {
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports as Addon;
}

function load(): Addon {
  if (process.platform !== 'linux') {
    throw codedError(
      'ERR_UNSUPPORTED_PLATFORM',
      `${NAME} opens netlink sockets on Linux only, not on ${process.platform}`,
    );
  }
  try {
    // Another build of the addon, for instance the one of tools/asan.sh: an absolute path of a .node file.
    const override = process.env.TSROUTE2_ADDON;
    if (override) return opened(override);
    // A program may have bundled this file into its own: then the package is where that program's imports find it.
    const root = packageRoot() ?? dirname(requirer().resolve(`${NAME}/package.json`));
    // Where node-gyp builds it. To ask `bindings`, which looks everywhere, takes longer than to open it (measured).
    const usual = join(root, 'build/Release', `${NAME}.node`);
    if (existsSync(usual)) return opened(usual);
    const bindings = requirer()('bindings') as (options: { bindings: string; module_root: string }) => Addon;
    return bindings({ bindings: NAME, module_root: root });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError(
      'ERR_ADDON_UNAVAILABLE',
      `the native addon of ${NAME} could not be loaded; build it with \`npm rebuild ${NAME}\` (needs python3, make and g++): ${reason}`,
      cause,
    );
  }
}

/**
 * Opens a netlink socket of the kernel, in the process's network namespace or in `options.netns`, without moving any
 * thread of the program. Loads the addon when first called; the environment variable `TSROUTE2_ADDON` may name another
 * build of it.
 *
 * Errors carry `code`, `errno` (negative), `syscall` ('open', 'setns', 'socket', 'bind') and `path` when it is about one;
 * `ERR_UNSUPPORTED_PLATFORM` on another system than Linux, `ERR_ADDON_UNAVAILABLE` (with the cause) when it is not built.
 */
export const openNative: OpenTransport = (protocol, options) => {
  addon ??= load();
  Socket ??= withTransport(addon.Socket);
  return new Socket(protocol, options?.netns);
};

/**
 * Makes a system call. Gives what was read, else an empty string. With `later` the event loop goes on meanwhile, and
 * the result is a promise. Errors carry `code`, `errno` (negative), `syscall` and `path`.
 */
export function nativeCall(step: NativeCall, later: true): Promise<string>;
export function nativeCall(step: NativeCall, later: false): string;
export function nativeCall(step: NativeCall, later: boolean): string | Promise<string> {
  addon ??= load();
  const { call, number = 0, first = '', second = '', data = '' } = step as NativeCall & Record<string, never>;
  try {
    const given = addon.call(CALL[call], number, first, second, data, later);
    return typeof given === 'string' ? given : given.catch((reason: unknown) => Promise.reject(failure(reason)));
  } catch (reason) {
    throw failure(reason);
  }
}
