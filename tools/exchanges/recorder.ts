/** Records exchanges with the kernel: requests, the messages that answered each, and what monitors were told. */
import { onlyWhole } from '../../src/netlink/wire.js';
import { openNative } from '../../src/transport/native.js';
import { META_HEAD, META_STRIDE, type OpenTransport, type Transport } from '../../src/transport/transport.js';

/** One exchange, as it is committed. */
export interface Exchange {
  /** Scene and step, unique within the file. */
  name: string;
  /** Who made the request: `tsroute2` or the version of iproute2. */
  by: string;
  /** What was called or run. */
  command: string;
  /** Whose answer it is: `Linux 6.18`. */
  source: string;
  /** Namespace, where it is not the scene's own. */
  netns?: string;
  /** Socket options that shape answers; those of tsroute2 where it is missing. */
  options?: { capAck: boolean; extAck: boolean; strict: boolean };
  /** Descriptors of namespaces in the request, and what they are of. */
  fds?: Record<string, string>;
  /** The request, with its header. */
  request: string;
  /** Messages that came back, in order. */
  replies: string[];
  /** Messages to a monitor of all groups since the exchange before, by namespace, in order. */
  events?: Record<string, string[]>;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The messages in `bytes`, each with its header. */
export function messagesOf(bytes: Uint8Array): Uint8Array[] {
  const list = onlyWhole(bytes);
  if (list === undefined) throw new Error('a message is longer than its datagram');
  return list;
}

function received(area: Uint8Array, meta: Int32Array): string[] {
  const list: string[] = [];
  for (let i = 0, m = META_HEAD; i < meta[1]!; i++, m += META_STRIDE)
    list.push(...messagesOf(area.subarray(meta[m]!, meta[m]! + meta[m + 1]!)).map(hex));
  return list;
}

/** What was sent and what came, one after the other. */
export type Talk = { request: string; replies: string[] }[];

/** A transport over the kernel that notes what goes through it. */
export function noting(talk: Talk): OpenTransport {
  return (protocol, options) => {
    const inner = openNative(protocol, options);
    let current: Talk[number] | undefined;
    const sent = (data: Uint8Array): void => {
      for (const message of messagesOf(data)) {
        current = { request: hex(message), replies: [] };
        talk.push(current);
      }
    };
    const came = (area: Uint8Array, meta: Int32Array): void => {
      current?.replies.push(...received(area, meta));
    };
    const own: Partial<Transport> = {
      send(data) {
        sent(data);
        return inner.send(data);
      },
      receive(area, meta, reserve, budgetUs) {
        const count = inner.receive(area, meta, reserve, budgetUs);
        came(area, meta);
        return count;
      },
      exchange(data, area, meta, reserve, budgetUs) {
        sent(data);
        const result = inner.exchange(data, area, meta, reserve, budgetUs);
        if (result >= 0) came(area, meta);
        return result;
      },
    };
    return new Proxy(inner, {
      get(target, key) {
        const mine = own[key as keyof Transport];
        if (mine !== undefined) return mine;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
}

/** Groups of rtnetlink that the fake kernel knows. */
export const GROUPS = [1, 3, 5, 7, 8, 9, 11, 19, 32] as const;

const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;

/** A socket in all groups, whose queue is taken when it is asked for. */
export class Listener {
  readonly #transport: Transport;
  readonly #area = new Uint8Array(1 << 20);
  readonly #meta = new Int32Array(META_HEAD + META_STRIDE * 1024);

  constructor(netns?: string) {
    this.#transport = openNative(0, netns === undefined ? {} : { netns });
    this.#transport.setOption(SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20);
    for (const group of GROUPS) this.#transport.join(group);
  }

  take(): string[] {
    const list: string[] = [];
    do {
      this.#transport.receive(this.#area, this.#meta, 1 << 19, 5000);
      list.push(...received(this.#area, this.#meta));
    } while (this.#meta[0] === 0);
    return list;
  }

  close(): void {
    this.#transport.close();
  }
}
