/**
 * Descriptors on their way from a proxy to the caller of a request. The acknowledgement carries a cookie that stands for
 * one, so that it comes to whom it belongs; one that nobody takes is closed.
 */
import { LITTLE } from '../codec/bytes.js';
import { nativeCall } from '../transport/native.js';

const waiting = new Map<number, number>();
let last = 0;
/** Cookies of the kernel have other lengths, or another start. */
const MARK = 0x7473_7232;

/** The cookie that stands for a descriptor from now on. */
export function cookieOf(fd: number): Uint8Array {
  last = (last + 1) >>> 0;
  waiting.set(last, fd);
  const cookie = new Uint8Array(8);
  const view = new DataView(cookie.buffer);
  view.setUint32(0, MARK, LITTLE);
  view.setUint32(4, last, LITTLE);
  return cookie;
}

function take(cookie: Uint8Array | undefined, first: '' | 'close'): number | undefined {
  if (cookie?.length !== 8) return undefined;
  const view = new DataView(cookie.buffer, cookie.byteOffset);
  const key = view.getUint32(4, LITTLE);
  const fd = view.getUint32(0, LITTLE) === MARK ? waiting.get(key) : undefined;
  waiting.delete(key);
  if (fd !== undefined) nativeCall({ call: 'release', number: fd, first }, false);
  return fd;
}

/** The descriptor that a cookie stands for, once. */
export const takeDescriptor = (cookie: Uint8Array | undefined): number | undefined => take(cookie, '');

/** Whether the descriptor of a cookie of `cookieOf` has not been taken. */
export const isWaiting = (cookie: Uint8Array): boolean =>
  waiting.has(new DataView(cookie.buffer, cookie.byteOffset).getUint32(4, LITTLE));

/** Closes the descriptor that a cookie stands for, if nobody took it. */
export function dropDescriptor(cookie: Uint8Array): void {
  take(cookie, 'close');
}
