/** Request bytes, meta readers and network namespaces for the transport's tests: made by hand, so that no codec is needed. */

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { META_HEAD, META_STRIDE, type Transport } from '../../src/transport/transport.js';

export const NLM_F_REQUEST = 1;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWROUTE = 24;
export const RTM_GETROUTE = 26;
export const RTNLGRP_LINK = 1;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SOL_NETLINK = 270;
export const EAGAIN = 11;
export const EBADF = 9;
export const EINVAL = 22;
export const ENOBUFS = 105;

/** Whether namespaces can be made here. */
export const privileged = process.getuid?.() === 0;
export const skipUnprivileged = privileged ? {} : { skip: 'needs root to make network namespaces' };

/** A netlink message: header and the body that GETLINK and GETROUTE take. */
function message(type: number, flags: number, seq: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  bytes.set(body, 16);
  return bytes;
}

export function getLink(index: number, seq = 1): Uint8Array {
  const body = new Uint8Array(16);
  new DataView(body.buffer).setInt32(4, index, true);
  return message(RTM_GETLINK, NLM_F_REQUEST, seq, body);
}

export function dumpLinks(seq = 1): Uint8Array {
  return message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, seq, new Uint8Array(16));
}

export function dumpRoutes(seq = 1): Uint8Array {
  return message(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, seq, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}

export interface Datagram {
  offset: number;
  length: number;
  portid: number;
  nsid: number;
}

/** Receive area and meta, as a session holds them. */
export class Inbox {
  readonly area: Uint8Array;
  readonly meta: Int32Array;
  constructor(size = 1 << 20, datagrams = 1024) {
    this.area = new Uint8Array(size);
    this.meta = new Int32Array(META_HEAD + META_STRIDE * datagrams);
  }
  get reason(): number {
    return this.meta[0] ?? -1;
  }
  get datagrams(): Datagram[] {
    return Array.from({ length: this.meta[1] ?? 0 }, (_, i) => {
      const at = META_HEAD + META_STRIDE * i;
      const [offset = -1, length = -1, portid = -1, nsid = -2] = this.meta.subarray(at, at + META_STRIDE);
      return { offset, length, portid, nsid };
    });
  }
  /** Type, sequence number and first body words of every message. */
  get messages(): { type: number; seq: number; index: number }[] {
    const view = new DataView(this.area.buffer);
    const found = [];
    for (const { offset, length } of this.datagrams) {
      const end = Math.min(offset + length, this.area.length);
      for (let at = offset; at + 16 <= end; ) {
        const type = view.getUint16(at + 4, true);
        const index = at + 24 <= end ? view.getInt32(at + 20, true) : 0;
        found.push({ type, seq: view.getUint32(at + 8, true), index });
        at += (Math.max(view.getUint32(at, true), 16) + 3) & ~3;
      }
    }
    return found;
  }
}

/** Interface indexes that the socket's namespace has. */
export function indexes(transport: Transport): number[] {
  const inbox = new Inbox();
  const found: number[] = [];
  transport.send(dumpLinks());
  do {
    transport.receive(inbox.area, inbox.meta, 65536, 1e6);
    for (const { type, index } of inbox.messages) if (type === RTM_NEWLINK) found.push(index);
  } while (inbox.reason === 0);
  return found;
}

export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/** Runs a script of `ip -batch` in a namespace. */
export function ipBatch(netns: string, lines: string[]): void {
  execFileSync('ip', ['-n', netns, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

let made = 0;

/** A named namespace of this test's own, with its loopback up; removed when the test ends, however it ends. */
export function makeNetns(t: Test): { name: string; path: string } {
  const name = `tsr2-${process.pid}-${made++}`;
  ip('netns', 'add', name);
  t.teardown(() => ip('netns', 'del', name));
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return { name, path: `/run/netns/${name}` };
}

export { calmThreads, threadCount } from '../live/threads.js';

export const fdCount = (): number => readdirSync('/proc/self/fd').length;

/** Threads that Node.js starts with the first work for its pool, whenever that comes. */
export const POOL = 4;

/** Waits until `done` holds; false when it did not within the time. */
export async function until(done: () => boolean, ms = 10_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (done()) return true;
    await sleep(5);
  }
  return done();
}
