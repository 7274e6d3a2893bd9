/** A transport that answers each message as a test says, when it is sent; what was not read waits, as in a socket. */

import type { Test } from 'tap';
import { IPRoute } from '../../src/iproute/iproute.js';
import { systemError } from '../../src/netlink/errors.js';
import { META_HEAD, META_STRIDE } from '../../src/transport/transport.js';
import { answer, done, EAGAIN, newLink, Script } from './script.js';

export const NEWLINK = 16;
export const DELLINK = 17;
export const GETLINK = 18;
export const ACK = 4;
const EBADF = 9;

export interface Asked {
  bytes: Uint8Array;
  type: number;
  flags: number;
  seq: number;
}

export const header = (bytes: Uint8Array): Asked => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, type: view.getUint16(4, true), flags: view.getUint16(6, true), seq: view.getUint32(8, true) };
};

/** The messages of a datagram. */
export function split(data: Uint8Array): Asked[] {
  const list: Asked[] = [];
  for (let p = 0; p + 16 <= data.length; ) {
    const length = new DataView(data.buffer, data.byteOffset).getUint32(p, true);
    list.push(header(data.slice(p, p + length)));
    p += (length + 3) & ~3;
  }
  return list;
}

export class Kernel extends Script {
  /** Every message that reached it. */
  readonly asked: Asked[] = [];
  /** One entry a datagram that was sent: the types in it. */
  readonly datagrams: number[][] = [];
  readonly #queue: Uint8Array[][] = [];
  refusal = 0;
  #watch: (() => void) | null = null;

  constructor(private readonly reply: (asked: Asked) => Uint8Array[]) {
    super(() => undefined);
  }

  override send(data: Uint8Array): number {
    if (this.closed) return -EBADF;
    if (this.refusal < 0) return this.refusal;
    const messages = split(data);
    this.asked.push(...messages);
    this.datagrams.push(messages.map(({ type }) => type));
    for (const asked of messages) {
      const reply = this.reply(asked);
      // An answer has the port of who asked.
      for (const one of reply) new DataView(one.buffer).setUint32(12, this.portid, true);
      if (reply.length > 0) this.#queue.push(reply);
    }
    this.#poke();
    return data.length;
  }

  override exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array): number {
    const sent = this.send(data);
    if (sent >= 0) this.receive(area, meta);
    return sent;
  }

  override receive(area: Uint8Array, meta: Int32Array): number {
    if (this.closed) {
      meta[0] = EBADF;
      meta[1] = 0;
      return 0;
    }
    let at = 0;
    let count = 0;
    for (const messages of this.#queue.splice(0)) {
      const start = at;
      for (const message of messages) {
        area.set(message, at);
        at += (message.length + 3) & ~3;
      }
      meta.set([start, at - start, 0, -1], META_HEAD + META_STRIDE * count++);
      at = (at + 7) & ~7;
    }
    meta[0] = EAGAIN;
    meta[1] = count;
    return count;
  }

  /** Something comes by itself. */
  notify(...messages: Uint8Array[]): void {
    this.#queue.push(messages);
    this.#poke();
  }

  /** Tells whoever watches, as long as there is something to read. */
  #poke(): void {
    setImmediate(() => {
      if (this.#queue.length === 0 || this.#watch === null) return;
      this.#watch();
      this.#poke();
    });
  }

  override watch(onReadable: (() => void) | null): void {
    if (this.closed && onReadable !== null) throw systemError('watch', EBADF);
    this.#watch = onReadable;
    this.#poke();
  }
}

/** Refuses to delete, gives a link for every other question, and consents to the rest. */
export function consent({ type, flags, seq }: Asked): Uint8Array[] {
  if (type === DELLINK) return [answer(seq, 19)];
  if (type === GETLINK && (flags & 0x300) === 0x300)
    return [newLink(seq, 1, 'lo', 2), newLink(seq, 2, 'e0', 2), done(seq)];
  if (type === GETLINK) return [newLink(seq, 2, 'e0')];
  return (flags & ACK) !== 0 ? [answer(seq, 0)] : [];
}

/** An IPRoute over a kernel of its own; lists and bypassing sockets have others. */
export function opened(t: Test, reply = consent, Route: typeof IPRoute = IPRoute) {
  const kernels: Kernel[] = [];
  const ipr = new Route({
    timeout: 1000,
    transport: () => {
      const kernel = new Kernel(reply);
      kernels.push(kernel);
      return kernel;
    },
  });
  t.teardown(() => ipr.close());
  return { ipr, kernel: kernels[0]!, kernels };
}
