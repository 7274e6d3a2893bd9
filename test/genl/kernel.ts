/** A kernel made of recorded answers: it knows families by what nlctrl said of them, and consents to everything else. */
import { GenericNetlink, MPTCP, type OpenTransport, type SocketOptions, type Transport } from '../../src/index.js';
import { rows } from '../rtnl/tlv.js';

const EAGAIN = 11;
const CAPPED = 0x100;
const TLVS = 0x200;

/** What nlctrl said of a family, recorded from the kernel. */
export function recorded(command: string): Buffer {
  const row = rows('genl').find(({ name }) => name === `families: ${command} / reply`);
  if (row === undefined) throw new Error(`no row of ${command}`);
  return Buffer.from(row.hex, 'hex');
}

/** A message with another sequence number. */
export function numbered(message: Uint8Array, seq: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt32LE(seq, 8);
  return copy;
}

/** A whole message. */
export function message(type: number, flags: number, seq: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + payload.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt32LE(seq, 8);
  return Buffer.concat([head, payload, Buffer.alloc((4 - (payload.length & 3)) & 3)]);
}

/** NLMSG_ERROR with an errno (0: consent) for the request at the start of `sent`, with words where there are some. */
export function answer(sent: Buffer, errno: number, text?: string): Buffer {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(-errno, 0);
  sent.copy(payload, 4, 0, 16);
  if (text === undefined) return message(2, CAPPED, sent.readUInt32LE(8), payload);
  const words = Buffer.alloc((4 + text.length + 1 + 3) & ~3);
  words.writeUInt16LE(4 + text.length + 1, 0);
  words.writeUInt16LE(1, 2);
  words.write(text, 4);
  return message(2, CAPPED | TLVS, sent.readUInt32LE(8), Buffer.concat([payload, words]));
}

export const done = (seq: number): Buffer => message(3, 2, seq, Buffer.alloc(4));

/** Answers what was sent with the messages of one datagram each; undefined leaves it to the default. */
export type Play = (sent: Buffer, type: number, cmd: number) => Buffer[] | undefined;

export class Kernel {
  /** Every datagram that was sent, over all sockets, with the protocol. */
  readonly sent: { protocol: number; data: Buffer }[] = [];
  /** Groups that were joined. */
  readonly joined: number[] = [];
  /** Sockets that are open now. */
  open = 0;
  /** Comes before the default answers. */
  play: Play | undefined;
  /** Number of mptcp_pm; 0: there is no such family. */
  family = recorded('genl ctrl get name mptcp_pm').readUInt16LE(20 + 4 + 12 + 4);
  #events: { area: Buffer[]; wake: (() => void) | null }[] = [];
  dropped = 0;

  /** Requests to nlctrl. */
  get lookups(): number {
    return this.sent.filter(({ data }) => data.readUInt16LE(4) === 16 && data[16] === 3).length;
  }

  /** Requests to families. */
  get commands(): Buffer[] {
    return this.sent
      .filter(({ protocol, data }) => protocol === 16 && data.readUInt16LE(4) !== 16)
      .map(({ data }) => data);
  }

  /** What nlctrl says of mptcp_pm now. */
  described(seq: number): Buffer {
    const found = numbered(recorded('genl ctrl get name mptcp_pm'), seq);
    found.writeUInt16LE(this.family, 20 + 4 + 12 + 4);
    return found;
  }

  #answers(sent: Buffer): Buffer[] {
    const type = sent.readUInt16LE(4);
    const seq = sent.readUInt32LE(8);
    const played = this.play?.(sent, type, sent[16]!);
    if (played !== undefined) return played;
    if (type === 16 && sent[16] === 3) {
      const name = sent.includes('nlctrl') ? 'nlctrl' : 'mptcp_pm';
      if (name === 'nlctrl') return [numbered(recorded('genl ctrl get id 16'), seq), answer(sent, 0)];
      const known = this.family !== 0 && sent.includes('mptcp_pm');
      return known ? [this.described(seq), answer(sent, 0)] : [answer(sent, 2)];
    }
    if (type !== this.family && type !== 16) return [answer(sent, 2)];
    return [(sent.readUInt16LE(6) & 0x300) === 0x300 ? done(seq) : answer(sent, 0)];
  }

  /** Sends messages to every socket that listens, one datagram each. */
  notify(...messages: Buffer[]): void {
    for (const one of this.#events) one.area.push(...messages);
    for (const one of this.#events) one.wake?.();
  }

  readonly transport: OpenTransport = (protocol): Transport => {
    this.open++;
    let closed = false;
    const portid = 1000 + this.open;
    const mine: { area: Buffer[]; wake: (() => void) | null } = { area: [], wake: null };
    const give = (datagrams: readonly Buffer[], area: Uint8Array, meta: Int32Array): number => {
      let at = 0;
      datagrams.forEach((datagram, i) => {
        area.set(datagram, at);
        meta.set([at, datagram.length, 0, -1], 2 + 4 * i);
        at = (at + datagram.length + 7) & ~7;
      });
      meta.set([EAGAIN, datagrams.length]);
      return datagrams.length;
    };
    return {
      protocol,
      portid,
      fd: -1,
      send: (data) => data.length,
      receive: (area, meta) => give(mine.area.splice(0), area, meta),
      exchange: (data, area, meta) => {
        const sent = Buffer.from(data);
        this.sent.push({ protocol, data: sent });
        const answers = this.#answers(sent).map((one) => Buffer.from(one));
        for (const one of answers) one.writeUInt32LE(portid, 12);
        give(answers, area, meta);
        return data.length;
      },
      watch: (onReadable) => {
        mine.wake = onReadable;
      },
      ref() {},
      unref() {},
      join: (group) => {
        this.joined.push(group);
        if (!this.#events.includes(mine)) this.#events.push(mine);
        return 0;
      },
      leave: () => 0,
      setOption: () => 0,
      getOption: () => 212992,
      drops: () => this.dropped,
      close: () => {
        if (!closed) this.open--;
        closed = true;
      },
    };
  };

  generic(options: SocketOptions = {}): GenericNetlink {
    return new GenericNetlink({ ...options, transport: this.transport });
  }

  mptcp(): MPTCP {
    return new MPTCP({ transport: this.transport });
  }
}
