/** A transport that answers as a test says, byte for byte; messages are made by hand. */
import type { Transport } from '../../src/transport/transport.js';

export const EAGAIN = 11;
export const ENOBUFS = 105;

/** A netlink message in host order (little endian, as the machines that run this). */
export function msg(type: number, flags: number, seq: number, payload: readonly number[] = [], pid = 0): Uint8Array {
  const bytes = new Uint8Array(16 + ((payload.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 16 + payload.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  view.setUint32(12, pid, true);
  bytes.set(payload, 16);
  return bytes;
}

export const le32 = (value: number): number[] => [
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  (value >> 24) & 255,
];

/** NLMSG_ERROR with errno (0: an acknowledgement), the request's header, and attributes when there are some. */
export const answer = (seq: number, errno: number, attrs: readonly number[] = []): Uint8Array =>
  msg(2, attrs.length > 0 ? 0x300 : 0x100, seq, [...le32(-errno), ...msg(16, 5, seq), ...attrs]);

/** RTM_NEWLINK of an index with a name. */
export const newLink = (seq: number, index: number, name: string, flags = 0): Uint8Array => {
  const text = [...Buffer.from(`${name}\0`)];
  return msg(16, flags, seq, [0, 0, 1, 0, ...le32(index), 0, 0, 0, 0, 0, 0, 0, 0, 4 + text.length, 0, 3, 0, ...text]);
};

export const done = (seq: number, errno = 0, flags = 2): Uint8Array => msg(3, flags, seq, le32(-errno));

/** What one receive gives: datagrams (the sender's port id may be given), and why it stopped. */
export interface Given {
  datagrams: (Uint8Array[] | { from: number; messages: Uint8Array[] })[];
  why?: number;
}

/** Answers the n-th exchange or receive by `play(n, request)`; undefined means nothing and EAGAIN. */
export class Script implements Transport {
  readonly protocol = 0;
  readonly portid = 7;
  readonly fd = -1;
  readonly sent: Uint8Array[] = [];
  closed = false;
  dropped = 0;
  #turn = 0;
  #watcher: (() => void) | null = null;

  constructor(
    private readonly play: (turn: number, request: Uint8Array | undefined, seq: number) => Given | undefined,
  ) {}

  /** Sequence number of the last request. */
  get seq(): number {
    const last = this.sent.at(-1);
    return last === undefined ? 0 : new DataView(last.buffer, last.byteOffset).getUint32(8, true);
  }

  send(data: Uint8Array): number {
    this.sent.push(data.slice());
    return data.length;
  }

  exchange(data: Uint8Array, area: Uint8Array, meta: Int32Array): number {
    this.send(data);
    this.#fill(area, meta, data);
    return data.length;
  }

  receive(area: Uint8Array, meta: Int32Array): number {
    return this.#fill(area, meta, undefined);
  }

  #fill(area: Uint8Array, meta: Int32Array, request: Uint8Array | undefined): number {
    const given = this.play(this.#turn++, request, this.seq) ?? { datagrams: [] };
    let at = 0;
    given.datagrams.forEach((datagram, i) => {
      const { from, messages } = Array.isArray(datagram) ? { from: 0, messages: datagram } : datagram;
      const start = at;
      for (const message of messages) {
        area.set(message, at);
        at += (message.length + 3) & ~3;
      }
      meta.set([start, at - start, from, -1], 2 + 4 * i);
      at = (at + 7) & ~7;
    });
    meta[0] = given.why ?? EAGAIN;
    meta[1] = given.datagrams.length;
    return given.datagrams.length;
  }

  /** Says that there is something to read, as the event loop would. */
  readable(): void {
    this.#watcher?.();
  }

  watch(onReadable: (() => void) | null): void {
    this.#watcher = onReadable;
  }
  get watched(): boolean {
    return this.#watcher !== null;
  }
  /** Whether it keeps the process alive while it is watched. */
  held = true;
  ref(): void {
    this.held = true;
  }
  unref(): void {
    this.held = false;
  }
  join(): number {
    return 0;
  }
  leave(): number {
    return 0;
  }
  setOption(): number {
    return 0;
  }
  getOption(): number {
    return 212_992;
  }
  drops(): number {
    return this.dropped;
  }
  close(): void {
    this.closed = true;
    this.#watcher = null;
  }
}
